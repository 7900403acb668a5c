//! What a plan can see of a bad revision, step by step.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::model::Human;
use crate::model::Limits;
use crate::model::Load;
use crate::model::Plan;
use crate::model::Step;
use crate::model::Weight;

use super::detectability::Detectability;
use super::detectability::ExpectedExposure;
use super::detectability::ExpectedTraffic;
use super::figures::percent;
use super::figures::short;
use super::settings::InvalidSettings;
use super::settings::Settings;

/// How sure one is to find what a step can see.
const PROBABILITY: f64 = 0.8;

/// The regressions that every step is held against.
const RATIOS: [f64; 3] = [2.0, 5.0, 50.0];

/// How candidate and stable are compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "whoever plans builds it")]
pub struct Terms {
    /// What is promised, with the metric's own part of α: the probability, at most, that a healthy revision is
    /// blamed.
    pub settings: Settings,
    /// The length of a period.
    #[serde(serialize_with = "crate::model::as_millis::serialize")]
    pub period: Duration,
    /// How long after its end a period may still change.
    #[serde(serialize_with = "crate::model::as_millis::serialize")]
    pub settle: Duration,
}

impl Terms {
    /// Periods of a minute that are settled two minutes later, as load balancers publish them.
    pub const fn of_minutes(settings: Settings) -> Self {
        Self { settings, period: Duration::from_mins(1), settle: Duration::from_mins(2) }
    }
}

/// What the comparison of candidate and stable can see of a bad revision, in every step of a plan in which
/// both have traffic for a time.
///
/// Times and exposure are those of [`Detectability`]; the evidence of earlier steps, which counts too, is left
/// out, so a later step sees rather more.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sight {
    /// What the service serves.
    pub load: Load,
    /// How it compares.
    pub terms: Terms,
    /// The ratio that every step is expected to see.
    pub expected: f64,
    /// The steps.
    pub steps: Vec<StepSight>,
}

/// One step in which both sides have traffic for a time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StepSight {
    /// The step's index.
    pub step: usize,
    /// The candidate's weight.
    pub weight: Weight,
    /// How long it bakes.
    #[serde(serialize_with = "crate::model::as_millis::serialize")]
    pub bake: Duration,
    /// The smallest ratio of error rates that is found within the step with a probability of 80 %; none where
    /// none is.
    pub smallest: Option<f64>,
    /// Requests that a healthy candidate serves in it.
    pub requests: f64,
    /// What bad candidates come to.
    pub regressions: Vec<Regression>,
    /// The probability, at most, that a healthy revision has been blamed by its end: α, which all steps
    /// together do not exceed.
    pub blames_healthy: f64,
    /// The weight at which the expected ratio is found in the same time with the least harm, where this one
    /// does not do.
    pub better_weight: Option<Weight>,
    /// How long it would have to bake to see the expected ratio at its own weight, where it does not; none
    /// where it sees it, and where a year does not do.
    #[serde(serialize_with = "crate::model::as_optional_millis::serialize")]
    pub longer_bake: Option<Duration>,
}

/// A candidate that is worse by some ratio, in one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Regression {
    /// Its error rate over stable's.
    pub ratio: f64,
    /// The probability that it is found within the step.
    pub found: f64,
    /// What it serves until it is rolled back; where it is not found on average, until the step is over.
    pub exposure: ExpectedExposure,
}

/// A step that cannot see what it is expected to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Shortcoming {
    /// The step's index.
    pub step: usize,
    /// What it can see.
    pub what: String,
    /// What would see more.
    pub fix: String,
}

impl fmt::Display for Shortcoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}: {}; {}", self.step + 1, self.what, self.fix)
    }
}

impl Sight {
    /// What a comparison by these terms sees of `plan` under this load, where every bake that is `watched` by its
    /// index is compared and `expected` is the ratio that each of them should see.
    ///
    /// # Errors
    ///
    /// Settings that promise nothing.
    pub fn of(
        plan: &Plan,
        limits: &Limits,
        terms: Terms,
        load: Load,
        expected: f64,
        watched: impl Fn(usize) -> bool,
    ) -> Result<Self, InvalidSettings> {
        let period = terms.period.as_secs_f64();
        let traffic = ExpectedTraffic {
            requests_per_minute: load.requests_per_second.get() * period,
            base_rate: load.error_rate.get(),
            weight: Weight::ZERO,
        };
        let any = Detectability::new(terms.settings, traffic)?;
        let late = (terms.settle + limits.poll + limits.propagation).as_secs_f64() / period;
        let steps = plan.steps.iter().enumerate().filter_map(|(step, kind)| {
            let weight = plan.weight_after(step);
            let Step::Bake { duration, .. } = kind else { return None };
            let both = weight != Weight::ZERO && weight != Weight::FULL && watched(step);
            let asked = Asked { sees: any.at(weight), traffic, late, expected };
            both.then(|| asked.step(step, *duration, weight, terms))
        });
        Ok(Self { load, terms, expected, steps: steps.collect() })
    }

    /// The steps that cannot see what they are expected to see, each with what would.
    pub fn shortcomings(&self) -> Vec<Shortcoming> {
        let short =
            |step: &&StepSight| step.smallest.is_none_or(|smallest| smallest > self.expected);
        self.steps.iter().filter(short).map(|step| self.shortcoming(step)).collect()
    }

    fn shortcoming(&self, step: &StepSight) -> Shortcoming {
        let StepSight { weight, bake, .. } = step;
        let sees = step.smallest.map_or_else(
            || "cannot see any regression".to_owned(),
            |smallest| format!("cannot see less than ×{}", short(smallest)),
        );
        let rps = short(self.load.requests_per_second.get());
        let what = format!("{weight} for {} {sees} at {rps} requests a second", Human(*bake));
        let expected = short(self.expected);
        let fix = match (step.better_weight, step.longer_bake) {
            (Some(better), _) => format!("{better} can see ×{expected}"),
            (None, Some(longer)) => {
                format!(
                    "no weight can see ×{expected} in that time; {weight} can in {}",
                    Human(longer)
                )
            }
            (None, None) => format!("no weight can see ×{expected} in that time"),
        };
        Shortcoming { step: step.step, what, fix }
    }
}

/// What is asked of every step.
struct Asked {
    sees: Detectability,
    traffic: ExpectedTraffic,
    /// Periods from the end of the last one that is needed until nothing is exposed any more.
    late: f64,
    expected: f64,
}

impl Asked {
    fn step(&self, step: usize, bake: Duration, weight: Weight, terms: Terms) -> StepSight {
        let Self { sees, traffic, late, expected } = self;
        let periods = bake.as_millis() / terms.period.as_millis().max(1);
        let periods = u32::try_from(periods).unwrap_or(u32::MAX);
        let share = f64::from(weight.as_permille()) / 1000.0;
        let each = traffic.requests_per_minute * share;
        let requests = each * bake.as_secs_f64() / terms.period.as_secs_f64();
        let regression = |ratio: f64| {
            let within = sees.mean_minutes(ratio).is_some_and(|mean| mean <= f64::from(periods));
            let until_found = sees.exposure(ratio, *late).filter(|_| within);
            let exposure = until_found.unwrap_or_else(|| {
                let stable = requests * traffic.base_rate;
                let failed = (stable * ratio).min(requests);
                ExpectedExposure { requests, failed, excess: failed - stable }
            });
            Regression { ratio, found: sees.power(ratio, periods), exposure }
        };
        let smallest = sees.smallest_ratio(periods, PROBABILITY);
        let falls_short = smallest.is_none_or(|smallest| smallest > *expected);
        let better = || sees.least_harmful_weight(*expected, periods, PROBABILITY, *late);
        let longer = || Some(terms.period * sees.minutes(*expected, PROBABILITY)?);
        StepSight {
            step,
            weight,
            bake,
            smallest,
            requests,
            regressions: RATIOS.map(regression).to_vec(),
            blames_healthy: sees.blames_healthy(),
            better_weight: if falls_short { better() } else { None },
            longer_bake: if falls_short { longer() } else { None },
        }
    }
}

impl fmt::Display for Sight {
    /// What every step sees, a line each and one a regression; the load is not said.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            let smallest = step.smallest.map_or_else(
                || "sees nothing".to_owned(),
                |smallest| format!("sees ×{} and more with 80 %", short(smallest)),
            );
            let blamed = percent(step.blames_healthy);
            writeln!(
                f,
                "  step {}: {} for {}: {smallest}; a healthy revision is blamed with {blamed} % at most and \
                 serves {:.0} requests",
                step.step + 1,
                step.weight,
                Human(step.bake),
                step.requests
            )?;
            for Regression { ratio, found, exposure } in &step.regressions {
                writeln!(
                    f,
                    "    ×{}: found with {:.0} %; {:.0} requests served, {:.0} of them bad",
                    short(*ratio),
                    found * 100.0,
                    exposure.requests,
                    exposure.failed
                )?;
            }
        }
        if self.steps.is_empty() {
            writeln!(
                f,
                "  sees nothing: in no step that it watches both revisions serve for a time"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GateId;

    fn plan(percent: u32, minutes: u64) -> Plan {
        let weight = Weight::percent(percent).unwrap();
        let bake = |minutes| Step::Bake {
            duration: Duration::from_secs(minutes * 60),
            gates: Vec::<GateId>::new(),
        };
        let all = Step::Shift { weight: Weight::FULL };
        Plan {
            strategy: "canary".to_owned(),
            steps: vec![Step::Shift { weight }, bake(minutes), all, bake(5)],
            gates: Vec::new(),
            hooks: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn sight(plan: &Plan, requests_per_second: f64) -> Sight {
        let load = Load::new(requests_per_second, 0.001).unwrap();
        let terms = Terms::of_minutes(Settings::default());
        Sight::of(plan, &Limits::default(), terms, load, 5.0, |_| true).unwrap()
    }

    #[test]
    fn only_a_step_in_which_both_serve_can_compare() {
        let sight = sight(&plan(10, 30), 200.0);
        let steps: Vec<usize> = sight.steps.iter().map(|step| step.step).collect();
        assert_eq!(steps, [1]);
        assert!(sight.shortcomings().is_empty(), "{sight}");
    }

    #[test]
    fn a_step_that_sees_too_little_is_named_with_the_weight_that_does_not() {
        let blind = sight(&plan(1, 30), 20.0);
        let said = blind.shortcomings();
        assert_eq!(said.len(), 1, "{blind}");
        let text = said[0].to_string();
        assert!(text.starts_with("step 2: 1 % for 30m cannot see less than ×"), "{text}");
        let better = blind.steps[0].better_weight.unwrap();
        assert!(text.ends_with(&format!("requests a second; {better} can see ×5")), "{text}");
        let percent = u32::from(better.as_permille()).div_ceil(10);
        assert!(sight(&plan(percent, 30), 20.0).shortcomings().is_empty(), "{text}");
    }

    #[test]
    fn where_no_weight_does_the_bake_is_told_that_does() {
        let blind = sight(&plan(1, 5), 20.0);
        let step = &blind.steps[0];
        // the ratio that was once said to be nine
        assert!((140.0..150.0).contains(&step.smallest.unwrap()), "{blind}");
        let (longer, text) = (step.longer_bake.unwrap(), blind.shortcomings()[0].to_string());
        assert!(text.ends_with(&format!("1 % can in {}", Human(longer))), "{text}");
        let minutes = longer.as_secs() / 60;
        assert!(sight(&plan(1, minutes), 20.0).shortcomings().is_empty(), "{text}");
        assert_eq!(sight(&plan(1, minutes - 1), 20.0).shortcomings().len(), 1);
    }

    #[test]
    fn a_longer_period_is_as_many_requests_and_fewer_decisions() {
        let (limits, load) = (Limits::default(), Load::new(200.0, 0.001).unwrap());
        let of = |minutes| {
            let period = Duration::from_mins(minutes);
            let terms = Terms { period, ..Terms::of_minutes(Settings::default()) };
            Sight::of(&plan(10, 14), &limits, terms, load, 5.0, |_| true).unwrap()
        };
        let (short, long) = (of(1), of(5));
        assert!((short.steps[0].requests - long.steps[0].requests).abs() < 1e-6);
        assert!(short.steps[0].smallest.is_some());
        // two periods are fewer than the cap of three takes
        assert_eq!(long.steps[0].smallest, None);
    }

    #[test]
    fn a_bake_that_is_not_watched_sees_nothing() {
        let terms = Terms::of_minutes(Settings::default());
        let load = Load::new(200.0, 0.001).unwrap();
        let none = Sight::of(&plan(10, 30), &Limits::default(), terms, load, 5.0, |step| step != 1);
        assert!(none.unwrap().to_string().contains("sees nothing"));
    }

    #[test]
    fn worse_is_found_sooner_and_serves_no_more() {
        let sight = sight(&plan(10, 30), 200.0);
        let regressions = &sight.steps[0].regressions;
        assert!(regressions.windows(2).all(|pair| pair[0].found <= pair[1].found), "{sight}");
        assert!(
            regressions
                .windows(2)
                .all(|pair| pair[0].exposure.requests >= pair[1].exposure.requests),
            "{sight}"
        );
    }
}
