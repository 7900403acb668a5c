//! What may be wrong with alarms.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::monitor::Alarm;
use super::finding::Finding;
use super::plan_facts::PlanFacts;
use crate::model::AlarmName;
use crate::model::GateKind;
use crate::ports::AlarmState;

/// How late `CloudWatch` shows what a load balancer saw: one to three minutes.
const PUBLISHED_AFTER: Duration = Duration::from_secs(120);

/// What may be wrong with the alarms that a plan names.
pub(crate) fn alarms(plan: PlanFacts<'_>, read: &BTreeMap<AlarmName, Alarm>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (_, kind) in plan.0.gates.iter().flat_map(|gate| gate.kind.leaves()) {
        if let GateKind::Alarms { names, accept_red_at_start } = kind {
            let accepted = accept_red_at_start.is_some();
            for name in names {
                found.extend(alarm(name, read.get(name), accepted, plan));
            }
        }
    }
    if !plan.has_alarms() {
        let what = "no alarm watches the deployment";
        let fix =
            "only the health of targets and tasks stops it; give alarms on errors and latency";
        found.push(Finding::info("gates", what, fix));
    }
    found
}

fn alarm(
    name: &AlarmName,
    alarm: Option<&Alarm>,
    accepted: bool,
    plan: PlanFacts<'_>,
) -> Vec<Finding> {
    let place = format!("alarm {name}");
    let Some(alarm) = alarm else {
        let what = "it does not exist in this account and Region";
        let fix =
            "make it or correct the name; composite alarms need `cloudwatch:DescribeAlarms` on `*`";
        return vec![Finding::error(&place, what, fix)];
    };
    let mut found = Vec::new();
    if let Some(trouble) = &alarm.reading.evaluation {
        let what = format!("CloudWatch cannot evaluate it ({trouble}), so its state says nothing");
        found.push(Finding::error(&place, what, "mend its metrics or its query"));
    }
    match alarm.reading.state {
        AlarmState::Ok => {}
        AlarmState::Alarm if accepted => {
            let what = "it is in ALARM; the spec accepts that";
            let fix = "it is overlooked until it has been quiet once";
            found.push(Finding::warning(&place, what, fix));
        }
        AlarmState::Alarm => {
            let what = "it is in ALARM before anything was deployed";
            let fix = "wait until it is quiet, or give `accept_red_at_start` with the reason";
            found.push(Finding::error(&place, what, fix));
        }
        AlarmState::InsufficientData => {
            let what = "it has no data, so it can neither pass nor fail";
            let fix = "send traffic, or treat missing data as `notBreaching`";
            found.push(Finding::warning(&place, what, fix));
        }
    }
    if let (Some(latency), Some(bake)) = (alarm.latency, plan.longest_bake()) {
        let seen = latency.saturating_add(PUBLISHED_AFTER);
        if bake < seen {
            let what = format!(
                "it fires {} s after a fault at the earliest, and no bake is longer than {} s",
                seen.as_secs(),
                bake.as_secs()
            );
            found.push(Finding::warning(&place, what, "bake longer, or shorten its periods"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use crate::model::GateId;
    use crate::model::GateMode;
    use crate::model::GateSpec;
    use crate::model::Inconclusive;
    use crate::model::Plan;
    use crate::model::Step;
    use crate::model::Timestamp;
    use crate::ports::AlarmReading;

    fn name() -> AlarmName {
        AlarmName::new("5xx").unwrap()
    }

    fn plan(bake: u64, accept_red_at_start: Option<&str>) -> Plan {
        let accept_red_at_start = accept_red_at_start.map(str::to_owned);
        let gate = GateSpec {
            id: GateId::new("errors").unwrap(),
            kind: GateKind::Alarms { names: vec![name()], accept_red_at_start },
            mode: GateMode::Blocking,
            inconclusive: Inconclusive::Rollback,
            always: true,
        };
        let bake = Step::Bake { duration: Duration::from_secs(bake), gates: vec![] };
        let strategy = "x".to_owned();
        Plan { strategy, steps: vec![bake], gates: vec![gate], hooks: vec![], notes: vec![] }
    }

    fn read(state: AlarmState, evaluation: Option<&str>) -> BTreeMap<AlarmName, Alarm> {
        let reading = AlarmReading {
            name: name(),
            state,
            transitioned_at: Timestamp::default(),
            evaluation: evaluation.map(str::to_owned),
            configuration: 0,
            target_groups: Vec::new(),
        };
        let latency = Some(Duration::from_secs(180));
        BTreeMap::from([(name(), Alarm { reading, latency })])
    }

    fn only(plan: &Plan, read: &BTreeMap<AlarmName, Alarm>, level: Level, words: &str) {
        let found = alarms(PlanFacts(plan), read);
        let [finding] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!(finding.level, level, "{finding}");
        assert!(finding.to_string().contains(words), "{finding}");
    }

    #[test]
    fn every_state_of_an_alarm_is_judged() {
        let long = plan(600, None);
        assert_eq!(alarms(PlanFacts(&long), &read(AlarmState::Ok, None)), []);
        only(&long, &BTreeMap::new(), Level::Error, "does not exist");
        only(&long, &read(AlarmState::Alarm, None), Level::Error, "before anything");
        let accepted = plan(600, Some("fixes it"));
        only(&accepted, &read(AlarmState::Alarm, None), Level::Warning, "accepts that");
        only(&long, &read(AlarmState::InsufficientData, None), Level::Warning, "no data");
        let trouble = read(AlarmState::Ok, Some("EVALUATION_ERROR"));
        only(&long, &trouble, Level::Error, "EVALUATION_ERROR");
    }

    #[test]
    fn a_bake_that_ends_before_an_alarm_can_fire_is_warned_of() {
        only(&plan(299, None), &read(AlarmState::Ok, None), Level::Warning, "300 s after");
        assert_eq!(alarms(PlanFacts(&plan(300, None)), &read(AlarmState::Ok, None)), []);
        let without = Plan { gates: vec![], ..plan(60, None) };
        only(&without, &BTreeMap::new(), Level::Info, "no alarm");
    }
}
