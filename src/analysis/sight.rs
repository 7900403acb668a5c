//! What a plan can see of a bad revision, step by step.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::model::Human;
use crate::model::Limits;
use crate::model::Plan;
use crate::model::Step;
use crate::model::Weight;

use super::detectability::Detectability;
use super::detectability::ExpectedExposure;
use super::detectability::ExpectedTraffic;
use super::settings::InvalidSettings;
use super::settings::Settings;

/// How sure one is to find what a step can see.
const PROBABILITY: f64 = 0.8;

/// The regressions that every step is held against.
const RATIOS: [f64; 3] = [2.0, 5.0, 50.0];

/// How long a metric's period may still change after its end.
const SETTLES: Duration = Duration::from_secs(120);

/// What a service serves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "whoever plans builds it")]
pub struct Load {
    /// Requests a second, of both sides.
    pub requests_per_second: f64,
    /// The share of them that goes badly with a healthy revision, above 0 and below 1.
    pub error_rate: f64,
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
    /// What the comparison promises: α among it, the probability at most that a healthy revision is blamed.
    pub settings: Settings,
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
    /// The weight at which the expected ratio is found in the same time with the least harm, where this one
    /// does not do.
    pub better_weight: Option<Weight>,
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

impl Sight {
    /// What a comparison with these settings sees of `plan` under this load.
    ///
    /// # Errors
    ///
    /// Settings that promise nothing, and a load that is none.
    pub fn of(
        plan: &Plan,
        limits: &Limits,
        settings: Settings,
        load: Load,
        expected: f64,
    ) -> Result<Self, InvalidSettings> {
        let requests_per_minute = load.requests_per_second * 60.0;
        let base_rate = load.error_rate;
        let traffic = ExpectedTraffic { requests_per_minute, base_rate, weight: Weight::ZERO };
        let any = Detectability::new(settings, traffic)?;
        let late = SETTLES + limits.poll + limits.propagation;
        let steps = plan.steps.iter().enumerate().filter_map(|(step, kind)| {
            let weight = plan.weight_after(step);
            let Step::Bake { duration, .. } = kind else { return None };
            let both = weight != Weight::ZERO && weight != Weight::FULL;
            both.then(|| {
                StepSight::of(step, *duration, &any.at(weight), traffic, weight, late, expected)
            })
        });
        Ok(Self { load, settings, expected, steps: steps.collect() })
    }

    /// The steps that cannot see what they are expected to see, each with what would.
    pub fn shortcomings(&self) -> Vec<String> {
        let short =
            |step: &&StepSight| step.smallest.is_none_or(|smallest| smallest > self.expected);
        self.steps.iter().filter(short).map(|step| self.shortcoming(step)).collect()
    }

    fn shortcoming(&self, step: &StepSight) -> String {
        let StepSight { weight, bake, .. } = step;
        let sees = step.smallest.map_or_else(
            || "cannot see any regression".to_owned(),
            |smallest| format!("cannot see less than ×{}", short(smallest)),
        );
        let better = step.better_weight.map_or_else(
            || format!("no weight sees ×{} in that time; bake longer", short(self.expected)),
            |better| format!("{better} can see ×{}", short(self.expected)),
        );
        let (step, rps) = (step.step + 1, short(self.load.requests_per_second));
        format!(
            "step {step}: {weight} for {} {sees} at {rps} requests a second; {better}",
            Human(*bake)
        )
    }
}

impl StepSight {
    fn of(
        step: usize,
        bake: Duration,
        sees: &Detectability,
        traffic: ExpectedTraffic,
        weight: Weight,
        late: Duration,
        expected: f64,
    ) -> Self {
        let minutes = u32::try_from(bake.as_secs() / 60).unwrap_or(u32::MAX);
        let share = f64::from(weight.as_permille()) / 1000.0;
        let requests = traffic.requests_per_minute * share * bake.as_secs_f64() / 60.0;
        let late = late.as_secs_f64() / 60.0;
        let regression = |ratio: f64| {
            let within = sees.mean_minutes(ratio).is_some_and(|mean| mean <= f64::from(minutes));
            let until_found = sees.exposure(ratio, late).filter(|_| within);
            let exposure = until_found.unwrap_or_else(|| {
                let stable = requests * traffic.base_rate;
                let failed = (stable * ratio).min(requests);
                ExpectedExposure { requests, failed, excess: failed - stable }
            });
            Regression { ratio, found: sees.power(ratio, minutes), exposure }
        };
        let smallest = sees.smallest_ratio(minutes, PROBABILITY);
        let falls_short = smallest.is_none_or(|smallest| smallest > expected);
        let better = || sees.least_harmful_weight(expected, minutes, PROBABILITY, late);
        Self {
            step,
            weight,
            bake,
            smallest,
            requests,
            regressions: RATIOS.map(regression).to_vec(),
            better_weight: if falls_short { better() } else { None },
        }
    }
}

/// Two digits, or all before the point.
fn short(number: f64) -> String {
    if number >= 10.0 {
        format!("{number:.0}")
    } else {
        trimmed(&format!("{number:.1}")).to_owned()
    }
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Load { requests_per_second, error_rate } = self.load;
        let percent = format!("{:.3}", error_rate * 100.0);
        let percent = trimmed(&percent);
        writeln!(
            f,
            "what a comparison sees at {} requests a second, {percent} % of them bad",
            short(requests_per_second)
        )?;
        for step in &self.steps {
            let smallest = step.smallest.map_or_else(
                || "nothing".to_owned(),
                |smallest| format!("×{} and more", short(smallest)),
            );
            writeln!(
                f,
                "  step {}: {} for {}: {smallest} (80 % sure); {:.0} requests",
                step.step + 1,
                step.weight,
                Human(step.bake),
                step.requests
            )?;
            for Regression { ratio, found, exposure } in &step.regressions {
                writeln!(
                    f,
                    "    ×{}: found with {:.0} %, {:.0} requests served, {:.0} of them bad",
                    short(*ratio),
                    found * 100.0,
                    exposure.requests,
                    exposure.failed
                )?;
            }
        }
        if self.steps.is_empty() {
            writeln!(f, "  nothing: in no step both revisions serve for a time")?;
        }
        for shortcoming in self.shortcomings() {
            writeln!(f, "  {shortcoming}")?;
        }
        let blamed = format!("{:.2}", self.settings.alpha * 100.0);
        let blamed = trimmed(&blamed);
        writeln!(f, "  a healthy revision is blamed with a probability of {blamed} % at most")
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
        let load = Load { requests_per_second, error_rate: 0.001 };
        Sight::of(plan, &Limits::default(), Settings::default(), load, 5.0).unwrap()
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
        let blind = sight(&plan(1, 10), 20.0);
        let said = blind.shortcomings();
        assert_eq!(said.len(), 1, "{blind}");
        let better = blind.steps[0].better_weight;
        assert!(said[0].starts_with("step 2: 1 % for 10m cannot see"), "{}", said[0]);
        let seen = better.map(|weight| {
            let percent = u32::from(weight.as_permille()).div_ceil(10);
            sight(&plan(percent, 10), 20.0).shortcomings()
        });
        assert!(seen.is_none_or(|left| left.is_empty()), "{said:?}");
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
