//! What becomes of a candidate.

use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::AlarmName;
use cutover::model::Elapsed;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::Inconclusive;
use cutover::model::InsufficientData;

use super::realisation::Realisation;

/// What is wrong with the candidate, `web:2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Nothing,
    Errors,
    NeverHealthy,
    CrashLoop,
    NoCapacity,
}

fn alarm() -> AlarmName {
    AlarmName::new("errors").unwrap()
}

/// The gate that watches for errors.
pub(crate) fn gate() -> GateSpec {
    GateSpec {
        id: GateId::new("alarms").unwrap(),
        kind: GateKind::Alarms {
            names: vec![alarm()],
            accept_red_at_start: None,
            insufficient_data: InsufficientData::default(),
        },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: Duration::from_mins(30) },
        always: true,
    }
}

impl Trouble {
    pub(crate) const ALL: [Self; 5] =
        [Self::Nothing, Self::Errors, Self::NeverHealthy, Self::CrashLoop, Self::NoCapacity];

    /// A service with this trouble to come, and an alarm on the candidate's errors.
    pub(crate) fn scenario(self, realisation: Realisation) -> Scenario {
        let seen_at = match realisation {
            Realisation::TaskSets | Realisation::Pair => Colour::Green,
            Realisation::Single => Colour::Blue,
        };
        let scenario = realisation.of(Scenario::new(7));
        let scenario = scenario.with_alarm(AlarmSpec::errors(alarm(), seen_at, 100));
        let behaves = |behaviour| scenario.clone().with_behaviour(revision(2), behaviour);
        match self {
            Self::Nothing => scenario,
            Self::Errors => behaves(Behaviour::erring(500)),
            Self::NeverHealthy => behaves(Behaviour::doomed(Fate::NeverHealthy)),
            Self::CrashLoop => {
                let crash = Fate::CrashesAfter(Duration::from_secs(20));
                behaves(Behaviour::doomed(crash))
            }
            Self::NoCapacity => {
                let lasts = Duration::from_mins(30);
                scenario.with_action(Elapsed::from_millis(0), Action::NoCapacity { lasts })
            }
        }
    }
}
