//! What a comparison can see, before it begins.

use serde::Serialize;

use crate::model::Weight;

use super::first_passage::FirstPassage;
use super::likelihood::Split;
use super::likelihood::log_mixture;
use super::poisson::BadRequests;
use super::ratio_test::RatioTest;
use super::ratio_test::Side;
use super::settings::InvalidSettings;
use super::settings::Settings;

/// The largest ratio that is looked for.
const LARGEST: f64 = 1000.0;

/// Longer than any deployment, in minutes: a year.
const FOREVER: u32 = 525_600;

/// A service's traffic while a candidate has a weight.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "plans build it")]
pub struct ExpectedTraffic {
    /// Requests a minute, of both sides.
    pub requests_per_minute: f64,
    /// The rate at which a healthy side's requests go badly, above 0 and below 1.
    pub base_rate: f64,
    /// The candidate's share.
    pub weight: Weight,
}

/// Requests that a bad candidate serves before it is rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExpectedExposure {
    /// All of them.
    pub requests: f64,
    /// Those that go badly.
    pub failed: f64,
    /// Those that go badly and would not have with stable: the harm.
    pub excess: f64,
}

/// What a comparison in periods of one minute can see of a candidate that is worse by some ratio.
///
/// Bad requests are Poisson, so a period's evidence for an alternative ratio has a known mean and variance, the
/// cap included, and the time until the sum of many periods reaches `ln(1/α)` is inverse Gaussian. The alternatives
/// share the evidence: the barrier is where their weighted mean gets on average, between `ln(1/α)` (then a cap of
/// `K` takes `K` periods) and `ln(1/α) + ln 8`. A test holds it to simulated canaries.
#[derive(Debug, Clone, Copy)]
pub struct Detectability {
    settings: Settings,
    test: RatioTest,
    traffic: ExpectedTraffic,
}

impl Detectability {
    /// For these settings (with the metric's own part of α) and this traffic.
    pub fn new(settings: Settings, traffic: ExpectedTraffic) -> Result<Self, InvalidSettings> {
        settings.check()?;
        let ExpectedTraffic { requests_per_minute, base_rate, .. } = traffic;
        if !(base_rate > 0.0 && base_rate < 1.0) {
            return Err(InvalidSettings::Share(base_rate));
        }
        if !(0.0..=1e9).contains(&requests_per_minute) {
            return Err(InvalidSettings::Share(requests_per_minute));
        }
        let Settings { alpha, harm_ratio, cap, .. } = settings;
        let test = RatioTest { side: Side::Harm, ratio: harm_ratio, level: alpha, cap };
        Ok(Self { settings, test, traffic })
    }

    /// The same at another weight.
    #[must_use]
    pub const fn at(self, weight: Weight) -> Self {
        Self { traffic: ExpectedTraffic { weight, ..self.traffic }, ..self }
    }

    /// The probability, at most, that a healthy candidate is rolled back, in however long a time: α.
    pub const fn blames_healthy(&self) -> f64 {
        self.settings.alpha
    }

    /// Bad requests of both sides that have to be seen, without a cap:
    /// `(ln(1/α) + ln 8) / KL(θ(r) ‖ θ(r₀))`. None where the ratio is not above the accepted one, or one side
    /// serves nothing.
    pub fn errors_needed(&self, ratio: f64) -> Option<f64> {
        let split = self.split()?;
        if !self.is_worse(ratio) {
            return None;
        }
        let theta = split.theta(ratio);
        let one = Split { candidate: theta, all: 1.0, share: split.share };
        let divergence = one.log_ratio(ratio, self.test.ratio);
        (divergence > 0.0).then(|| (self.test.threshold() + libm::log(8.0)) / divergence)
    }

    /// The mean minutes until a candidate worse by `ratio` is found. None where it never is on average.
    pub fn mean_minutes(&self, ratio: f64) -> Option<f64> {
        let passages = self.passages(ratio)?;
        let finds = passages.iter().filter(|passage| passage.drift > 0.0);
        let mean =
            finds.map(|passage| passage.barrier / passage.drift).fold(f64::INFINITY, f64::min);
        // it is found at the end of a period, half of one late on average
        (mean <= f64::from(FOREVER)).then_some((mean + 0.5).max(f64::from(self.fewest())))
    }

    /// The whole minutes within which a candidate worse by `ratio` is found with this probability. None where
    /// a year does not do.
    pub fn minutes(&self, ratio: f64, probability: f64) -> Option<u32> {
        let passages = self.passages(ratio)?;
        let enough = |minutes: u32| self.by(&passages, minutes) >= probability;
        if !enough(FOREVER) {
            return None;
        }
        let (mut low, mut high) = (0, FOREVER);
        while high - low > 1 {
            let middle = u32::midpoint(low, high);
            if enough(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }

    /// The probability that a candidate worse by `ratio` is found within so many minutes.
    pub fn power(&self, ratio: f64, minutes: u32) -> f64 {
        self.passages(ratio).map_or(0.0, |passages| self.by(&passages, minutes))
    }

    /// The smallest ratio that is found with this probability within so many minutes. None where not even a
    /// thousandfold one is.
    pub fn smallest_ratio(&self, minutes: u32, probability: f64) -> Option<f64> {
        let largest = LARGEST.min(1.0 / self.traffic.base_rate);
        let enough = |log: f64| self.power(libm::exp(log), minutes) >= probability;
        let (mut low, mut high) = (libm::log(self.test.ratio), libm::log(largest));
        if low >= high || !enough(high) {
            return None;
        }
        for _ in 0..24 {
            let middle = f64::midpoint(low, high);
            if enough(middle) { high = middle } else { low = middle }
        }
        Some(libm::exp(high))
    }

    /// What a candidate worse by `ratio` serves on average until it is rolled back, `delay` minutes after its
    /// last period: late metrics, and the way back.
    pub fn exposure(&self, ratio: f64, delay: f64) -> Option<ExpectedExposure> {
        let minutes = self.mean_minutes(ratio)? + delay;
        let requests = self.traffic.requests_per_minute * self.share() * minutes;
        let stable = requests * self.traffic.base_rate;
        let failed = (stable * ratio).min(requests);
        Some(ExpectedExposure { requests, failed, excess: failed - stable })
    }

    /// The weight, at most half, that does the least expected harm among those at which a candidate worse by
    /// `ratio` is found with this probability within so many minutes. None where no weight does.
    pub fn least_harmful_weight(
        &self,
        ratio: f64,
        minutes: u32,
        probability: f64,
        delay: f64,
    ) -> Option<Weight> {
        let finds =
            |permille: u64| self.at(Weight::at_most(permille)).power(ratio, minutes) >= probability;
        let (mut low, mut high) = (0, 500);
        if !finds(high) {
            return None;
        }
        while high - low > 1 {
            let middle = u64::midpoint(low, high);
            if finds(middle) { high = middle } else { low = middle }
        }
        // a larger weight is quicker, and now and then so much quicker that it harms less
        let larger =
            (0..24).map(|step| high + (500 - high) * step / 24).filter(|weight| finds(*weight));
        let harm = |weight: Weight| {
            self.at(weight).exposure(ratio, delay).map_or(f64::INFINITY, |exposure| exposure.excess)
        };
        larger.map(Weight::at_most).min_by(|left, right| harm(*left).total_cmp(&harm(*right)))
    }

    fn share(&self) -> f64 {
        f64::from(self.traffic.weight.as_permille()) / 1000.0
    }

    fn is_worse(&self, ratio: f64) -> bool {
        ratio > self.test.ratio && ratio <= LARGEST
    }

    /// The periods that a decision takes at least.
    fn fewest(&self) -> u32 {
        self.test.cap.unwrap_or(1)
    }

    /// Nothing yet, at this weight; none where one side serves nothing.
    fn split(&self) -> Option<Split> {
        let share = self.share();
        let served = share > 0.0 && share < 1.0 && self.traffic.requests_per_minute > 0.0;
        served.then_some(Split { candidate: 0.0, all: 0.0, share })
    }

    /// How the evidence for each alternative grows when the candidate is worse by `ratio`.
    fn passages(&self, ratio: f64) -> Option<Vec<FirstPassage>> {
        let Split { share, .. } = self.split()?;
        if !self.is_worse(ratio) {
            return None;
        }
        let ExpectedTraffic { requests_per_minute, base_rate, .. } = self.traffic;
        let bad = requests_per_minute * base_rate;
        let law = BadRequests::expected(
            (bad * ratio).min(requests_per_minute) * share,
            bad * (1.0 - share),
        );
        let moments = self.test.alternatives().map(|(alternative, weight)| {
            let earned = |candidate: f64| {
                Split { candidate, all: 1.0, share }.log_ratio(alternative, self.test.ratio)
            };
            (weight, law.capped(earned(1.0), -earned(0.0), self.test.most()))
        });
        let moments: Vec<(f64, (f64, f64))> = moments.collect();
        let fastest =
            moments.iter().map(|(_, (drift, _))| *drift).fold(f64::NEG_INFINITY, f64::max);
        let periods = self.on_average(&moments, fastest);
        let passages = moments.into_iter().map(|(weight, (drift, variance))| {
            let alone = self.test.threshold() - libm::log(weight);
            // the others help the fastest
            let helped = drift > 0.0 && drift >= fastest;
            let barrier = if helped { alone.min(drift * periods) } else { alone };
            FirstPassage { drift, variance, barrier }
        });
        Some(passages.collect())
    }

    /// The periods after which evidence that grows by its mean refutes; infinite where it never does.
    fn on_average(&self, moments: &[(f64, (f64, f64))], fastest: f64) -> f64 {
        let log_e = |periods: f64| {
            log_mixture(moments.iter().map(|(weight, (drift, _))| (*weight, drift * periods)))
        };
        if fastest <= 0.0 {
            return f64::INFINITY;
        }
        let (mut low, mut high) = (0.0, (self.test.threshold() + libm::log(8.0)) / fastest);
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if log_e(middle) >= self.test.threshold() { high = middle } else { low = middle }
        }
        // a hair less, so that capped periods reach exactly what they sum to
        high * (1.0 - 1e-6)
    }

    /// The probability that the evidence for one of the alternatives has grown enough; never before the
    /// fewest periods.
    fn by(&self, passages: &[FirstPassage], minutes: u32) -> f64 {
        if minutes < self.fewest() {
            return 0.0;
        }
        passages.iter().map(|passage| passage.by(minutes.into())).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Preset;

    fn at(preset: Preset, rps: f64, permille: u64, base_rate: f64) -> Detectability {
        let traffic = ExpectedTraffic {
            requests_per_minute: rps * 60.0,
            base_rate,
            weight: Weight::at_most(permille),
        };
        Detectability::new(Settings::preset(preset), traffic).unwrap()
    }

    #[test]
    fn the_errors_needed_take_as_long_as_published() {
        const RATIOS: [f64; 5] = [2.0, 3.0, 5.0, 10.0, 50.0];
        let rows: [(f64, u64, f64, [f64; 5]); 8] = [
            (5.0, 100, 0.001, [660.0, 201.0, 67.0, 21.0, 2.5]),
            (20.0, 50, 0.001, [308.0, 93.0, 30.0, 9.0, 1.0]),
            (20.0, 100, 0.001, [165.0, 50.0, 17.0, 5.0, 0.6]),
            (20.0, 250, 0.001, [82.0, 26.0, 9.0, 2.9, 0.4]),
            (200.0, 10, 0.001, [146.0, 44.0, 14.0, 4.1, 0.4]),
            (200.0, 100, 0.001, [16.5, 5.0, 1.7, 0.5, 0.1]),
            (200.0, 100, 0.0001, [165.0, 50.0, 17.0, 5.0, 0.6]),
            (2000.0, 10, 0.001, [14.6, 4.4, 1.4, 0.4, 0.04]),
        ];
        for (rps, permille, base, published) in rows {
            let strict = at(Preset::Strict, rps, permille, base);
            for (ratio, published) in RATIOS.into_iter().zip(published) {
                let share = strict.share();
                let errors_a_minute = rps * 60.0 * base * ((1.0 - share) + share * ratio);
                let minutes = strict.errors_needed(ratio).unwrap() / errors_a_minute;
                // published to one decimal, to whole minutes or to two digits
                let whole =
                    libm::rint(published) >= published && libm::rint(published) <= published;
                let rounding: f64 = if whole { 0.51 } else { 0.051 };
                let near = (minutes - published).abs() <= rounding.max(published * 0.001);
                assert!(near, "{rps} rps, {permille} ‰, ×{ratio}: {minutes} is not {published}");
            }
        }
    }

    #[test]
    fn a_cap_takes_its_periods_and_a_margin_more_errors() {
        let presets = [Preset::Strict, Preset::Default, Preset::Noisy];
        let bad = presets.map(|preset| at(preset, 2000.0, 100, 0.001).minutes(50.0, 0.9).unwrap());
        assert_eq!(bad, [1, 3, 5]);
        let needed = presets.map(|preset| at(preset, 20.0, 100, 0.001).errors_needed(3.0).unwrap());
        assert!(needed.is_sorted(), "{needed:?}");
    }

    #[test]
    fn the_smallest_ratio_is_the_one_that_is_found() {
        let default = at(Preset::Default, 200.0, 100, 0.001);
        let ratio = default.smallest_ratio(30, 0.8).unwrap();
        assert!((default.power(ratio, 30) - 0.8).abs() < 1e-3);
        assert!(default.minutes(ratio * 1.001, 0.8).unwrap() <= 30);
        assert!(default.power(1.25, 10_000) == 0.0 && default.mean_minutes(1.2).is_none());
        // two minutes are fewer than the cap takes, five are just enough for `noisy`
        assert_eq!(default.smallest_ratio(2, 0.8), None);
        let noisy = at(Preset::Noisy, 200.0, 100, 0.001);
        assert!(noisy.smallest_ratio(4, 0.8).is_none() && noisy.smallest_ratio(5, 0.8).is_some());
        let (small, large) =
            (at(Preset::Default, 20.0, 10, 0.001), at(Preset::Default, 20.0, 120, 0.001));
        let (small, large) =
            (small.smallest_ratio(5, 0.8).unwrap(), large.smallest_ratio(5, 0.8).unwrap());
        assert!(small > 2.0 * large, "{small} {large}");
    }

    #[test]
    fn what_a_bad_candidate_serves_follows_from_the_time() {
        let default = at(Preset::Default, 200.0, 100, 0.001);
        let exposure = default.exposure(5.0, 3.0).unwrap();
        let minutes = default.mean_minutes(5.0).unwrap() + 3.0;
        assert!((exposure.requests - 1200.0 * minutes).abs() < 1e-6);
        assert!((exposure.failed - exposure.requests * 0.005).abs() < 1e-6);
        assert!((exposure.excess - exposure.requests * 0.004).abs() < 1e-6);
        assert!((default.blames_healthy() - 0.01).abs() < 1e-12);
    }

    #[test]
    fn the_least_harmful_weight_finds_in_time_and_no_other_harms_less() {
        let default = at(Preset::Default, 20.0, 10, 0.001);
        let best = default.least_harmful_weight(5.0, 20, 0.8, 3.0).unwrap();
        assert!(default.power(5.0, 20) < 0.8, "the present one is too small");
        let harm = |weight| default.at(weight).exposure(5.0, 3.0).unwrap().excess;
        assert!(default.at(best).power(5.0, 20) >= 0.8);
        for permille in (10..=500).step_by(10).map(Weight::at_most) {
            let finds = default.at(permille).power(5.0, 20) >= 0.8;
            assert!(
                !finds || harm(permille) > harm(best) * 0.99,
                "{permille} harms less than {best}"
            );
        }
        assert_eq!(default.least_harmful_weight(1.3, 5, 0.8, 3.0), None);
    }

    #[test]
    fn traffic_that_cannot_be_is_refused_and_none_finds_nothing() {
        let traffic = ExpectedTraffic {
            requests_per_minute: 0.0,
            base_rate: 0.001,
            weight: Weight::at_most(100),
        };
        let none = Detectability::new(Settings::default(), traffic).unwrap();
        assert!(none.mean_minutes(5.0).is_none() && none.power(5.0, 1000) == 0.0);
        for bad in [
            ExpectedTraffic { base_rate: 0.0, ..traffic },
            ExpectedTraffic { base_rate: f64::NAN, ..traffic },
            ExpectedTraffic { requests_per_minute: -1.0, ..traffic },
            ExpectedTraffic { requests_per_minute: f64::INFINITY, ..traffic },
        ] {
            assert!(Detectability::new(Settings::default(), bad).is_err());
        }
    }
}
