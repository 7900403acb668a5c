//! `CloudWatch` alarms as a gate, under `CloudWatch`'s own semantics.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;

use super::contract::Gate;
use super::contract::GateContext;
use super::judge::Judge;
use super::judge::Judgement;
use super::judge::remembered;
use super::judge::written;
use crate::model::AlarmName;
use crate::model::Baseline;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::GateMemory;
use crate::model::Span;
use crate::model::Subject;
use crate::model::TargetGroupArn;
use crate::model::Timestamp;
use crate::model::Verdict;
use crate::ports::AlarmReading;
use crate::ports::AlarmState;
use crate::ports::AlarmTransition;
use crate::ports::Monitor;

/// Passes while every alarm is `OK`, and was between two looks.
///
/// - `ALARM` fails. So does an `ALARM` that came and went between two looks, whatever followed it: a new
///   transition makes the gate read the alarm's history. The first look is that before the start, so
///   what happens while nobody watches is found by whoever takes the deployment up.
/// - Red in an alarm that watches stable's target group alone is inconclusive: the cause is not the
///   candidate's.
/// - A name that does not exist, `INSUFFICIENT_DATA`, an evaluation error, a changed configuration and
///   a failing read are inconclusive.
/// - AWS's times are compared with AWS's times only; coverage is this process's own time between two
///   looks that saw the same last transition.
#[derive(Debug)]
pub struct AlarmGate {
    monitor: Arc<dyn Monitor>,
    rules: AlarmRules,
}

/// What was seen of one alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// AWS's time of its last change of state.
    transitioned_at: Timestamp,
    /// What it watched then.
    configuration: u64,
    /// Whether it has been quiet at any look, so that red counts.
    was_quiet: bool,
}

impl Seen {
    const fn of(reading: &AlarmReading) -> Self {
        Self {
            transitioned_at: reading.transitioned_at,
            configuration: reading.configuration,
            was_quiet: matches!(reading.state, AlarmState::Ok) && reading.evaluation.is_none(),
        }
    }
}

type Memory = BTreeMap<AlarmName, Seen>;

/// What is read for one answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    /// The alarms, or why they cannot be read.
    alarms: Result<Vec<AlarmReading>, String>,
    /// What became of those that have changed since they were last known, or why that cannot be read.
    histories: BTreeMap<AlarmName, Result<Vec<AlarmTransition>, String>>,
    /// Stable's and the candidate's target group, by the value of their dimension.
    #[serde(default)]
    groups: [Option<String>; 2],
}

impl Input {
    /// Whether an alarm watches stable's target group and not the candidate's.
    fn is_of_stable(&self, reading: &AlarmReading) -> bool {
        let [stable, candidate] = &self.groups;
        let watches = |group: &Option<String>| {
            group.as_ref().is_some_and(|group| reading.target_groups.contains(group))
        };
        // where there is no group of its own, the candidate is in stable's
        candidate.is_some() && watches(stable) && !watches(candidate)
    }
}

/// When alarms pass and fail.
#[derive(Debug)]
pub(super) struct AlarmRules {
    names: Vec<AlarmName>,
    accepts_red_at_start: bool,
}

impl AlarmGate {
    /// What a gate over these alarms remembers of a look at them before the deployment begins.
    pub(crate) fn begun(names: &[AlarmName], readings: &[AlarmReading]) -> GateMemory {
        let named = readings.iter().filter(|reading| names.contains(&reading.name));
        let memory: Memory =
            named.map(|reading| (reading.name.clone(), Seen::of(reading))).collect();
        GateMemory(written(&memory))
    }

    /// A gate over these alarms. With `accepts_red_at_start`, one that is red when first seen is
    /// overlooked until it has been quiet once.
    pub fn new(
        monitor: Arc<dyn Monitor>,
        names: Vec<AlarmName>,
        accepts_red_at_start: bool,
    ) -> Self {
        Self { monitor, rules: AlarmRules::new(names, accepts_red_at_start) }
    }

    async fn read(&self, subject: &Subject, memory: &Memory) -> Input {
        let mut histories = BTreeMap::new();
        let alarms = self.monitor.alarms(&self.rules.names).await;
        for reading in alarms.iter().flatten() {
            let known = memory.get(&reading.name);
            let changed = known.filter(|seen| seen.transitioned_at != reading.transitioned_at);
            if let Some(seen) = changed.filter(|seen| !self.rules.is_red(reading, seen.was_quiet)) {
                let history = self.monitor.history(&reading.name, seen.transitioned_at).await;
                let history = history.map_err(|error| error.to_string());
                histories.insert(reading.name.clone(), history);
            }
        }
        let Baseline { stable_group, candidate_group, .. } = &subject.baseline;
        let groups = [stable_group, candidate_group].map(|group| {
            let dimension = |group: &TargetGroupArn| group.dimension().to_owned();
            group.as_ref().map(dimension)
        });
        Input { alarms: alarms.map_err(|error| error.to_string()), histories, groups }
    }
}

impl AlarmRules {
    pub(super) const fn new(names: Vec<AlarmName>, accepts_red_at_start: bool) -> Self {
        Self { names, accepts_red_at_start }
    }

    fn judge_one(&self, reading: &AlarmReading, memory: &mut Memory, input: &Input) -> Verdict {
        let name = &reading.name;
        let known = memory.get(name).cloned();
        let mut was_quiet = known.as_ref().is_some_and(|seen| seen.was_quiet);
        // Red is no good news whatever else is wrong with the alarm, now or between two looks.
        if self.is_red(reading, was_quiet) {
            return Verdict::Fail(format!("alarm `{name}` is in ALARM"));
        }
        if known.as_ref().is_some_and(|seen| seen.transitioned_at != reading.transitioned_at) {
            // An unreadable history leaves the memory as it was, so that it is asked for again; a red
            // one too, so that the same flicker is found again after a crash.
            let verdict = self.between_looks(name, input.histories.get(name), &mut was_quiet);
            if !verdict.is_pass() {
                return verdict;
            }
        }
        let trouble = trouble(reading, known.as_ref());
        let mut seen = Seen::of(reading);
        seen.was_quiet |= was_quiet;
        // It is held against what it watched at the start for as long as it lives.
        seen.configuration = known.map_or(seen.configuration, |known| known.configuration);
        memory.insert(name.clone(), seen);
        trouble.map_or(Verdict::Pass, Verdict::Inconclusive)
    }

    /// Whether an alarm is red and that counts, if it has, or has not, been quiet.
    fn is_red(&self, reading: &AlarmReading, was_quiet: bool) -> bool {
        reading.state == AlarmState::Alarm && !self.overlooks(was_quiet)
    }

    /// Whether red is overlooked in an alarm that has, or has not, been quiet.
    const fn overlooks(&self, was_quiet: bool) -> bool {
        self.accepts_red_at_start && !was_quiet
    }

    /// Whether an alarm was red since its last known transition so that it counts; notes that it was
    /// quiet.
    fn between_looks(
        &self,
        name: &AlarmName,
        history: Option<&Result<Vec<AlarmTransition>, String>>,
        was_quiet: &mut bool,
    ) -> Verdict {
        let transitions = match history {
            Some(Ok(transitions)) => transitions,
            Some(Err(why)) => return Verdict::Inconclusive(why.clone()),
            None => {
                let why = format!("the history of alarm `{name}` was not read");
                return Verdict::Inconclusive(why);
            }
        };
        for change in transitions {
            match change.to {
                AlarmState::Alarm if !self.overlooks(*was_quiet) => {
                    let why = format!("alarm `{name}` was in ALARM between two looks");
                    return Verdict::Fail(why);
                }
                AlarmState::Ok => *was_quiet = true,
                AlarmState::Alarm | AlarmState::InsufficientData => {}
            }
        }
        Verdict::Pass
    }
}

/// What red in stable's own target group means: the candidate is not there, so it is not to blame. What is
/// over is told once.
fn not_the_candidates(why: &str, reading: &AlarmReading, memory: &mut Memory) -> Verdict {
    if reading.state != AlarmState::Alarm {
        let known = memory.get(&reading.name).map(|seen| seen.configuration);
        let mut seen = Seen::of(reading);
        seen.was_quiet = true;
        seen.configuration = known.unwrap_or(seen.configuration);
        memory.insert(reading.name.clone(), seen);
    }
    Verdict::Inconclusive(format!("{why}, but it watches stable's target group"))
}

/// Why nothing can be told by an alarm that is not red, if so.
fn trouble(reading: &AlarmReading, known: Option<&Seen>) -> Option<String> {
    let name = &reading.name;
    if let Some(trouble) = &reading.evaluation {
        return Some(format!("alarm `{name}` is not evaluated: {trouble}"));
    }
    if known.is_some_and(|seen| seen.configuration != reading.configuration) {
        return Some(format!("alarm `{name}` was edited since the start"));
    }
    let insufficient = reading.state == AlarmState::InsufficientData;
    insufficient.then(|| format!("alarm `{name}` has INSUFFICIENT_DATA"))
}

impl Judge for AlarmRules {
    type Input = Input;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, input: &Input) -> Judgement {
        let readings = match &input.alarms {
            Ok(readings) => readings,
            Err(why) => return Judgement::of(Verdict::Inconclusive(why.clone())),
        };
        let mut unsure = None;
        for name in &self.names {
            let verdict = match readings.iter().find(|reading| reading.name == *name) {
                Some(reading) => match self.judge_one(reading, memory, input) {
                    Verdict::Fail(why) if input.is_of_stable(reading) => {
                        not_the_candidates(&why, reading, memory)
                    }
                    verdict => verdict,
                },
                None => Verdict::Inconclusive(format!("alarm `{name}` does not exist")),
            };
            match verdict {
                Verdict::Pass => {}
                Verdict::Fail(why) => return Judgement::of(Verdict::Fail(why)),
                Verdict::Inconclusive(why) => unsure = unsure.or(Some(why)),
            }
        }
        Judgement::of(unsure.map_or(Verdict::Pass, Verdict::Inconclusive))
    }
}

#[async_trait]
impl Gate for AlarmGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let read_at = context.now.elapsed;
        let before: Memory = remembered::<AlarmRules>(&context);
        let input = self.read(context.subject, &before).await;
        let mut memory = before.clone();
        let judgement = self.rules.judge(&mut memory, &input);
        let mut evidence = Evidence::at(read_at);
        evidence.source = memory.values().map(|seen| seen.transitioned_at).max();
        // An alarm speaks for the time between two looks that saw the same last transition.
        let unchanged = memory.iter().all(|(name, seen)| {
            before.get(name).is_some_and(|known| known.transitioned_at == seen.transitioned_at)
        });
        if let Some(previous) = context.previous.filter(|_| unchanged)
            && read_at.since(previous) <= context.max_gap
        {
            evidence.covers = Span { from: previous, to: read_at };
        }
        judgement.evaluation::<AlarmRules>(evidence, &memory, &input)
    }
}
