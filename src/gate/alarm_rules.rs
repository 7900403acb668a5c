//! When alarms pass and fail.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::alarm_input::Input;
use super::judge::Judge;
use super::judge::Judgement;
use super::metrics::Traffic;
use crate::model::AlarmName;
use crate::model::InsufficientData;
use crate::model::Measure;
use crate::model::Timestamp;
use crate::model::Verdict;
use crate::ports::AlarmReading;
use crate::ports::AlarmState;
use crate::ports::AlarmTransition;

/// What was seen of one alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// AWS's time of its last change of state.
    pub(super) transitioned_at: Timestamp,
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

/// What is carried from one look to the next.
pub(super) type Memory = BTreeMap<AlarmName, Seen>;

/// When alarms pass and fail.
#[derive(Debug)]
pub(super) struct AlarmRules {
    pub(super) names: Vec<AlarmName>,
    accepts_red_at_start: bool,
    pub(super) insufficient_data: InsufficientData,
}

impl AlarmRules {
    pub(super) const fn new(
        names: Vec<AlarmName>,
        accepts_red_at_start: bool,
        insufficient_data: InsufficientData,
    ) -> Self {
        Self { names, accepts_red_at_start, insufficient_data }
    }

    /// What is remembered of a look at these alarms before the deployment begins.
    pub(super) fn begun(names: &[AlarmName], readings: &[AlarmReading]) -> Memory {
        let named = readings.iter().filter(|reading| names.contains(&reading.name));
        named.map(|reading| (reading.name.clone(), Seen::of(reading))).collect()
    }

    /// Whether the candidate's requests are asked for, because of this alarm.
    pub(super) fn wants_traffic(&self, reading: &AlarmReading) -> bool {
        !self.insufficient_data.is_inconclusive()
            && reading.state == AlarmState::InsufficientData
            && reading.evaluation.is_none()
            && !reading.balancers.is_empty()
    }

    /// Whether the history of an alarm is asked for, that was last known as this.
    pub(super) fn wants_history(&self, reading: &AlarmReading, seen: &Seen) -> bool {
        seen.transitioned_at != reading.transitioned_at && !self.is_red(reading, seen.was_quiet)
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
        let trouble = edited(reading, known.as_ref()).or_else(|| self.silent(reading, input));
        let proved = reading.state == AlarmState::InsufficientData
            && trouble.is_none()
            && input.traffic.as_ref().is_some_and(|traffic| !traffic.is_idle());
        remember(reading, was_quiet || proved, known, memory);
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

    /// Why an alarm says nothing, if so.
    fn silent(&self, reading: &AlarmReading, input: &Input) -> Option<String> {
        if reading.state != AlarmState::InsufficientData {
            return None;
        }
        let why = format!("alarm `{}` has INSUFFICIENT_DATA", reading.name);
        match self.insufficient_data {
            InsufficientData::OkWithTraffic => {
                input.doubt(reading).map(|doubt| format!("{why}, and {doubt}"))
            }
            InsufficientData::Inconclusive => Some(why),
        }
    }
}

/// Why the state of an alarm is not to be believed, if so.
fn edited(reading: &AlarmReading, known: Option<&Seen>) -> Option<String> {
    let name = &reading.name;
    if let Some(trouble) = &reading.evaluation {
        return Some(format!("alarm `{name}` is not evaluated: {trouble}"));
    }
    let edited = known.is_some_and(|seen| seen.configuration != reading.configuration);
    edited.then(|| format!("alarm `{name}` was edited since the start"))
}

fn remember(reading: &AlarmReading, was_quiet: bool, known: Option<Seen>, memory: &mut Memory) {
    let mut seen = Seen::of(reading);
    seen.was_quiet |= was_quiet;
    // It is held against what it watched at the start for as long as it lives.
    seen.configuration = known.map_or(seen.configuration, |known| known.configuration);
    memory.insert(reading.name.clone(), seen);
}

/// Takes note of an alarm of stable's target group, whose state says nothing of the candidate. Somebody may
/// have turned it there meanwhile: that is no answer.
fn observe(reading: &AlarmReading, memory: &mut Memory) -> Option<String> {
    let known = memory.get(&reading.name).cloned();
    let evaluated = AlarmReading { evaluation: None, ..reading.clone() };
    let edited = edited(&evaluated, known.as_ref());
    remember(reading, known.as_ref().is_some_and(|seen| seen.was_quiet), known, memory);
    edited
}

impl Judge for AlarmRules {
    type Input = Input;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, input: &Input) -> Judgement {
        if let Err(why) = &input.alarms {
            return Judgement::of(Verdict::Inconclusive(why.clone()));
        }
        let (mut unsure, mut sick, mut is_watched) = (None, 0_u32, false);
        for name in &self.names {
            let trouble = match input.reading(name) {
                Some(reading) if input.is_of_stable(reading) => {
                    sick += u32::from(reading.state == AlarmState::Alarm);
                    observe(reading, memory)
                }
                Some(reading) => {
                    is_watched = true;
                    match self.judge_one(reading, memory, input) {
                        Verdict::Pass => None,
                        Verdict::Fail(why) => return Judgement::of(Verdict::Fail(why)),
                        Verdict::Inconclusive(why) => Some(why),
                    }
                }
                None => {
                    is_watched = true;
                    Some(format!("alarm `{name}` does not exist"))
                }
            };
            unsure = unsure.or(trouble);
        }
        if !is_watched {
            let alone = "all its alarms watch stable's target group alone";
            unsure = unsure.or_else(|| Some(alone.to_owned()));
        }
        let mut measures = Vec::new();
        if sick > 0 {
            let what = "alarms of stable's target group in ALARM, only observed";
            measures.push(Measure::new(what, sick.into()));
        }
        measures.extend(input.traffic.iter().flat_map(Traffic::measures));
        let verdict = unsure.map_or(Verdict::Pass, Verdict::Inconclusive);
        Judgement { measures: measures.into(), ..Judgement::of(verdict) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLUE: &str = "targetgroup/blue/1";
    const GREEN: &str = "targetgroup/green/2";
    const BALANCER: &str = "app/web/1";

    fn name(name: &str) -> AlarmName {
        AlarmName::new(name).unwrap()
    }

    fn reading(of: &str, state: AlarmState, groups: &[&str]) -> AlarmReading {
        AlarmReading {
            name: name(of),
            state,
            transitioned_at: Timestamp::from_millis(1_000),
            evaluation: None,
            configuration: 7,
            target_groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            balancers: vec![BALANCER.to_owned()],
        }
    }

    fn input(alarms: Vec<AlarmReading>, traffic: Option<Traffic>) -> Input {
        let groups = [BLUE, GREEN].map(|group| Some(group.to_owned()));
        Input { alarms: Ok(alarms), histories: BTreeMap::new(), groups, traffic }
    }

    fn rules(names: &[&str], policy: InsufficientData) -> AlarmRules {
        AlarmRules::new(names.iter().map(|it| name(it)).collect(), false, policy)
    }

    fn idle() -> Traffic {
        Traffic::Idle { balancer: BALANCER.to_owned() }
    }

    fn said(rules: &AlarmRules, input: &Input) -> String {
        rules.judge(&mut Memory::new(), input).verdict.to_string()
    }

    #[test]
    fn only_an_alarm_of_the_candidate_or_its_load_balancer_is_quiet_without_data() {
        let rules = rules(&["a"], InsufficientData::OkWithTraffic);
        let none = AlarmState::InsufficientData;
        let asks = |reading: AlarmReading| said(&rules, &input(vec![reading], Some(idle())));
        assert_eq!(asks(reading("a", none, &[GREEN])), "pass");
        assert_eq!(asks(reading("a", none, &[BLUE, GREEN])), "pass");
        assert_eq!(asks(reading("a", none, &[])), "pass");
        let other = asks(reading("a", none, &["targetgroup/other/3"]));
        assert!(other.ends_with("it does not watch the candidate's target group"), "{other}");
        let mut elsewhere = reading("a", none, &[]);
        elsewhere.balancers = vec!["app/other/9".to_owned()];
        let elsewhere = asks(elsewhere);
        assert!(elsewhere.ends_with("it watches something else than `app/web/1`"), "{elsewhere}");
        let mut own = reading("a", none, &[]);
        own.balancers.clear();
        assert!(!rules.wants_traffic(&own));
        let own = said(&rules, &input(vec![own], None));
        assert!(own.ends_with("it watches more than a load balancer"), "{own}");
    }

    #[test]
    fn an_alarm_that_cannot_be_evaluated_or_was_edited_is_not_proved() {
        let rules = rules(&["a"], InsufficientData::OkWithTraffic);
        let mut broken = reading("a", AlarmState::InsufficientData, &[GREEN]);
        broken.evaluation = Some("EVALUATION_ERROR".to_owned());
        assert!(!rules.wants_traffic(&broken));
        let broken = said(&rules, &input(vec![broken], Some(idle())));
        assert!(broken.contains("is not evaluated"), "{broken}");
        let before = reading("a", AlarmState::InsufficientData, &[GREEN]);
        let mut memory = AlarmRules::begun(&rules.names, std::slice::from_ref(&before));
        let now = AlarmReading { configuration: 8, ..before };
        let edited = rules.judge(&mut memory, &input(vec![now], Some(idle()))).verdict;
        assert!(edited.to_string().contains("was edited since the start"), "{edited}");
    }

    #[test]
    fn stables_alarm_is_observed_whatever_its_state_until_it_is_turned_on_the_candidate() {
        let rules = rules(&["blue", "green"], InsufficientData::Inconclusive);
        let green = || reading("green", AlarmState::Ok, &[GREEN]);
        let mut memory = Memory::new();
        for state in [AlarmState::Ok, AlarmState::InsufficientData, AlarmState::Alarm] {
            let blue = AlarmReading {
                evaluation: Some("EVALUATION_ERROR".to_owned()),
                ..reading("blue", state, &[BLUE])
            };
            let judged = rules.judge(&mut memory, &input(vec![blue, green()], None));
            assert_eq!(judged.verdict, Verdict::Pass, "{state:?}");
            assert_eq!(judged.measures.len(), usize::from(state == AlarmState::Alarm));
        }
        for groups in [[GREEN], [BLUE]] {
            let blue =
                AlarmReading { configuration: 8, ..reading("blue", AlarmState::Ok, &groups) };
            let edited = rules.judge(&mut memory.clone(), &input(vec![blue, green()], None));
            let edited = edited.verdict.to_string();
            assert!(edited.contains("alarm `blue` was edited since the start"), "{edited}");
        }
        let alone = vec![reading("blue", AlarmState::Ok, &[BLUE])];
        let missing = said(&rules, &input(alone.clone(), None));
        assert!(missing.contains("alarm `green` does not exist"), "{missing}");
        let only = AlarmRules { names: vec![name("blue")], ..rules };
        let alone = said(&only, &input(alone, None));
        assert!(alone.contains("all its alarms watch stable's target group alone"), "{alone}");
    }

    #[test]
    fn red_that_was_accepted_counts_once_requests_have_proved_the_alarm_quiet() {
        let policy = InsufficientData::OkWithTraffic;
        let rules = AlarmRules::new(vec![name("a")], true, policy);
        let at = |state, millis| AlarmReading {
            transitioned_at: Timestamp::from_millis(millis),
            ..reading("a", state, &[GREEN])
        };
        let counted = Traffic::Counted {
            balancer: BALANCER.to_owned(),
            until: Timestamp::from_millis(600_000),
            minutes: vec![Some(1.into()); 3],
        };
        for (traffic, wanted) in
            [(Some(idle()), "pass"), (Some(counted), "fail: alarm `a` is in ALARM")]
        {
            let mut memory = Memory::new();
            let red = input(vec![at(AlarmState::Alarm, 1)], None);
            assert_eq!(rules.judge(&mut memory, &red).verdict, Verdict::Pass);
            let mut without = input(vec![at(AlarmState::InsufficientData, 2)], traffic);
            without.histories.insert(name("a"), Ok(Vec::new()));
            assert_eq!(rules.judge(&mut memory, &without).verdict, Verdict::Pass);
            let mut red = input(vec![at(AlarmState::Alarm, 3)], None);
            red.histories.insert(name("a"), Ok(Vec::new()));
            assert_eq!(rules.judge(&mut memory, &red).verdict.to_string(), wanted);
        }
    }

    #[test]
    fn data_that_come_are_no_flicker_and_a_history_that_cannot_be_read_is_no_answer() {
        let rules = rules(&["a"], InsufficientData::Inconclusive);
        let before = reading("a", AlarmState::InsufficientData, &[GREEN]);
        let seen = AlarmRules::begun(&rules.names, &[before]);
        let at = Timestamp::from_millis(9_000);
        let ok = AlarmReading { transitioned_at: at, ..reading("a", AlarmState::Ok, &[GREEN]) };
        let judge = |history: Option<Result<Vec<AlarmTransition>, String>>| {
            let (mut memory, mut input) = (seen.clone(), input(vec![ok.clone()], None));
            assert!(rules.wants_history(&ok, &seen[&name("a")]));
            input.histories.extend(history.map(|history| (name("a"), history)));
            (rules.judge(&mut memory, &input).verdict.to_string(), memory == seen)
        };
        let came = AlarmTransition { at, to: AlarmState::Ok };
        assert_eq!(judge(Some(Ok(vec![came]))), ("pass".to_owned(), false));
        let red = AlarmTransition { at, to: AlarmState::Alarm };
        let flicker = "fail: alarm `a` was in ALARM between two looks".to_owned();
        assert_eq!(judge(Some(Ok(vec![red, came]))), (flicker, true));
        // what could not be read is asked for again
        let unread = judge(Some(Err("throttled".to_owned())));
        assert_eq!(unread, ("inconclusive: throttled".to_owned(), true));
        let unasked = "inconclusive: the history of alarm `a` was not read".to_owned();
        assert_eq!(judge(None), (unasked, true));
    }
}
