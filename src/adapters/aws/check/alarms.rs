//! What may be wrong with alarms.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::monitor::Alarm;
use super::finding::Finding;
use super::late::late;
use super::plan_facts::PlanFacts;
use crate::model::AlarmName;
use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::Inconclusive;
use crate::model::InsufficientData;
use crate::ports::AlarmState;

/// The alarms that a plan names, and what is known of them.
#[derive(Debug)]
pub(super) struct Alarms<'a> {
    pub(super) plan: PlanFacts<'a>,
    pub(super) read: &'a BTreeMap<AlarmName, Alarm>,
    /// Stable's and the candidate's target group, by the value of their dimension; none without two.
    pub(super) groups: Option<[String; 2]>,
    /// How long the load balancer takes to follow new weights.
    pub(super) propagation: Duration,
}

impl Alarms<'_> {
    /// What may be wrong with them.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        for gate in &self.plan.0.gates {
            for (part, kind) in gate.kind.leaves() {
                let GateKind::Alarms { names, accept_red_at_start, insufficient_data } = kind
                else {
                    continue;
                };
                for name in names {
                    let accepted = accept_red_at_start.is_some();
                    found.extend(self.alarm(name, accepted, *insufficient_data));
                }
                found.extend(self.late(gate, names));
                found.extend(self.blind(gate, part.is_some(), names));
            }
        }
        if !self.plan.has_alarms() {
            let what = "no alarm watches the deployment";
            let fix =
                "only the health of targets and tasks stops it; give alarms on errors and latency";
            found.push(Finding::info("gates", what, fix));
        }
        // an alarm may be named by several gates
        let mut once: Vec<Finding> = Vec::new();
        found.retain(|finding| {
            !once.contains(finding) && {
                once.push(finding.clone());
                true
            }
        });
        found
    }

    /// Whether an alarm watches stable's target group and not the candidate's, so that it is only observed.
    fn is_of_stable(&self, alarm: &Alarm) -> bool {
        let watched = &alarm.reading.target_groups;
        self.groups.as_ref().is_some_and(|[stable, candidate]| {
            watched.contains(stable) && !watched.contains(candidate)
        })
    }

    /// A gate, or a part of one, that never has an answer, since it watches nothing of the candidate.
    fn blind(&self, gate: &GateSpec, is_part: bool, names: &[AlarmName]) -> Option<Finding> {
        let of_stable = |name| self.read.get(name).is_some_and(|alarm| self.is_of_stable(alarm));
        let acts =
            gate.mode != GateMode::ObserveOnly && gate.inconclusive != Inconclusive::Continue;
        names.iter().all(of_stable).then(|| {
            let place = format!("gate {}", gate.id);
            let what = "its alarms watch stable's target group alone, so it can never pass";
            let fix =
                "name the alarms of both groups: a deployment is judged by its own candidate's";
            if acts && !is_part {
                Finding::error(&place, what, fix)
            } else {
                Finding::warning(&place, what, fix)
            }
        })
    }

    /// What is so with one alarm now.
    fn alarm(
        &self,
        name: &AlarmName,
        accepted: bool,
        insufficient_data: InsufficientData,
    ) -> Vec<Finding> {
        let place = format!("alarm {name}");
        let Some(alarm) = self.read.get(name) else {
            let what = "it does not exist in this account and Region";
            let fix = "make it or correct the name; composite alarms need \
                       `cloudwatch:DescribeAlarms` on `*`";
            return vec![Finding::error(&place, what, fix)];
        };
        let mut found = Vec::new();
        if alarm.reading.state == AlarmState::Alarm {
            found.push(if accepted {
                let what = "it is in ALARM; the spec accepts that";
                Finding::warning(&place, what, "it is overlooked until it has been quiet once")
            } else {
                let what = "it is in ALARM before anything was deployed";
                let fix = "wait until it is quiet, or give `accept_red_at_start` with the reason";
                Finding::error(&place, what, fix)
            });
        }
        // of stable's alarm nothing else counts
        if self.is_of_stable(alarm) {
            return found;
        }
        if let Some(trouble) = &alarm.reading.evaluation {
            let what =
                format!("CloudWatch cannot evaluate it ({trouble}), so its state says nothing");
            found.push(Finding::error(&place, what, "mend its metrics or its query"));
        }
        found.extend(self.without_data(&place, alarm, insufficient_data));
        found
    }

    /// What is so with an alarm that has no data, or will have none while all is well.
    fn without_data(
        &self,
        place: &str,
        alarm: &Alarm,
        insufficient_data: InsufficientData,
    ) -> Option<Finding> {
        let is_without = alarm.reading.state == AlarmState::InsufficientData;
        let what = match &alarm.sparse {
            Some(metric) => format!(
                "{metric} has data only where there is something to count, and missing data are \
                 `missing`: it has INSUFFICIENT_DATA while all is well, and can neither pass nor fail"
            ),
            None if is_without => {
                "it has INSUFFICIENT_DATA, so it can neither pass nor fail".to_owned()
            }
            None => return None,
        };
        if alarm.latency.is_none() {
            // other alarms or a query say what it is
            let fix = "wait until it has been evaluated, or mend what it rests on";
            return Some(Finding::warning(place, what, fix));
        }
        let proves_nothing = if alarm.reading.balancers.is_empty() {
            Some("it watches something else than a load balancer")
        } else if self.groups.is_none() {
            Some("the candidate has no target group of its own")
        } else {
            None
        };
        let not_breaching = "treat missing data as `notBreaching`";
        match (insufficient_data, proves_nothing) {
            (InsufficientData::OkWithTraffic, None) => None,
            (InsufficientData::OkWithTraffic, Some(why)) => {
                let what = format!("{what}; `ok_with_traffic` does not help, since {why}");
                Some(Finding::warning(place, what, not_breaching))
            }
            (_, None) => {
                let fix = format!(
                    "{not_breaching}, or give its gate `insufficient_data: ok_with_traffic`"
                );
                Some(Finding::warning(place, what, fix))
            }
            (_, Some(_)) => Some(Finding::warning(place, what, not_breaching)),
        }
    }

    /// The alarms of a gate that can fire only after some bake that they are to watch.
    fn late(&self, gate: &GateSpec, names: &[AlarmName]) -> Vec<Finding> {
        if gate.mode == GateMode::ObserveOnly {
            return Vec::new();
        }
        let bakes = self.plan.bakes_under(gate);
        let late = names.iter().filter_map(|name| {
            let alarm = self.read.get(name).filter(|alarm| !self.is_of_stable(alarm))?;
            late(name, alarm.latency?, self.propagation, &bakes)
        });
        late.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use crate::model::GateId;
    use crate::model::Plan;
    use crate::model::Step;
    use crate::model::Timestamp;
    use crate::model::Weight;
    use crate::ports::AlarmReading;

    const STABLE: &str = "targetgroup/blue/1";
    const CANDIDATE: &str = "targetgroup/green/2";

    fn name() -> AlarmName {
        AlarmName::new("5xx").unwrap()
    }

    fn plan(lasts: u64, accept_red_at_start: Option<&str>, policy: InsufficientData) -> Plan {
        let gate = GateSpec {
            id: GateId::new("errors").unwrap(),
            kind: GateKind::Alarms {
                names: vec![name()],
                accept_red_at_start: accept_red_at_start.map(str::to_owned),
                insufficient_data: policy,
            },
            mode: GateMode::Blocking,
            inconclusive: Inconclusive::Rollback,
            always: true,
        };
        let bake = |secs| Step::Bake { duration: Duration::from_secs(secs), gates: vec![] };
        // before the shift nothing can fire
        let steps = vec![bake(1), Step::Shift { weight: Weight::FULL }, bake(lasts)];
        let strategy = "x".to_owned();
        Plan { strategy, steps, gates: vec![gate], hooks: vec![], notes: vec![] }
    }

    const INCONCLUSIVE: InsufficientData = InsufficientData::Inconclusive;
    const OK_WITH_TRAFFIC: InsufficientData = InsufficientData::OkWithTraffic;

    fn alarm(state: AlarmState) -> Alarm {
        let reading = AlarmReading {
            name: name(),
            state,
            transitioned_at: Timestamp::default(),
            evaluation: None,
            configuration: 0,
            target_groups: vec![CANDIDATE.to_owned()],
            balancers: vec!["app/web/1".to_owned()],
        };
        Alarm { reading, latency: Some(Duration::from_secs(180)), sparse: None }
    }

    fn found(plan: &Plan, alarm: Option<Alarm>) -> Vec<Finding> {
        let read = alarm.into_iter().map(|alarm| (name(), alarm)).collect();
        let groups = Some([STABLE.to_owned(), CANDIDATE.to_owned()]);
        let propagation = Duration::from_secs(60);
        Alarms { plan: PlanFacts(plan), read: &read, groups, propagation }.findings()
    }

    fn only(plan: &Plan, alarm: Option<Alarm>, level: Level, words: &str) {
        let found = found(plan, alarm);
        let [finding] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!(finding.level, level, "{finding}");
        assert!(finding.to_string().contains(words), "{finding}");
    }

    #[test]
    fn every_state_of_an_alarm_is_judged() {
        let long = plan(600, None, INCONCLUSIVE);
        assert_eq!(found(&long, Some(alarm(AlarmState::Ok))), []);
        only(&long, None, Level::Error, "does not exist");
        only(&long, Some(alarm(AlarmState::Alarm)), Level::Error, "before anything");
        let accepted = plan(600, Some("fixes it"), INCONCLUSIVE);
        only(&accepted, Some(alarm(AlarmState::Alarm)), Level::Warning, "accepts that");
        let mut trouble = alarm(AlarmState::Ok);
        trouble.reading.evaluation = Some("EVALUATION_ERROR".to_owned());
        only(&long, Some(trouble), Level::Error, "EVALUATION_ERROR");
        let without = Plan { gates: vec![], ..long };
        only(&without, None, Level::Info, "no alarm");
    }

    #[test]
    fn an_alarm_that_has_no_data_while_all_is_well_is_named_with_both_ways_out() {
        let both = "treat missing data as `notBreaching`, or give its gate `insufficient_data: \
                    ok_with_traffic`";
        let sparse = |state| {
            let sparse = Some("HTTPCode_Target_5XX_Count".to_owned());
            Some(Alarm { sparse, ..alarm(state) })
        };
        let long = plan(600, None, INCONCLUSIVE);
        only(&long, sparse(AlarmState::Ok), Level::Warning, both);
        only(
            &long,
            sparse(AlarmState::InsufficientData),
            Level::Warning,
            "HTTPCode_Target_5XX_Count",
        );
        only(&long, Some(alarm(AlarmState::InsufficientData)), Level::Warning, both);
        let proved = plan(600, None, OK_WITH_TRAFFIC);
        assert_eq!(found(&proved, sparse(AlarmState::InsufficientData)), []);
        let mut elsewhere = alarm(AlarmState::InsufficientData);
        elsewhere.reading.balancers.clear();
        only(&proved, Some(elsewhere), Level::Warning, "`ok_with_traffic` does not help");
        let composite = Alarm { latency: None, ..alarm(AlarmState::InsufficientData) };
        only(&long, Some(composite.clone()), Level::Warning, "wait until it has been evaluated");
        only(&proved, Some(composite), Level::Warning, "wait until it has been evaluated");
    }

    #[test]
    fn of_stables_alarm_only_red_is_told_and_alone_it_watches_nothing() {
        let of_stable = |state| {
            let mut alarm = Alarm { sparse: Some("x".to_owned()), ..alarm(state) };
            alarm.reading.target_groups = vec![STABLE.to_owned()];
            alarm
        };
        let long = plan(600, None, INCONCLUSIVE);
        only(&long, Some(of_stable(AlarmState::InsufficientData)), Level::Error, "can never pass");
        let mut both = plan(10, None, INCONCLUSIVE);
        let blue = AlarmName::new("blue").unwrap();
        if let GateKind::Alarms { names, .. } = &mut both.gates[0].kind {
            names.insert(0, blue.clone());
        }
        let read = BTreeMap::from([
            (blue, of_stable(AlarmState::InsufficientData)),
            (name(), alarm(AlarmState::Ok)),
        ]);
        let groups = Some([STABLE.to_owned(), CANDIDATE.to_owned()]);
        let propagation = Duration::ZERO;
        let alarms = Alarms { plan: PlanFacts(&both), read: &read, groups, propagation };
        let found = alarms.findings();
        let [late] = found.as_slice() else { panic!("{found:#?}") };
        assert!(late.to_string().starts_with("warning: alarm 5xx: it fires 5m"), "{late}");
    }

    #[test]
    fn a_bake_with_traffic_that_ends_before_an_alarm_can_fire_is_warned_of() {
        let short = plan(359, None, INCONCLUSIVE);
        only(&short, Some(alarm(AlarmState::Ok)), Level::Warning, "step 3 bakes only 5m 59s");
        assert_eq!(found(&plan(360, None, INCONCLUSIVE), Some(alarm(AlarmState::Ok))), []);
        let mut unwatched = plan(60, None, INCONCLUSIVE);
        unwatched.gates[0].always = false;
        assert_eq!(found(&unwatched, Some(alarm(AlarmState::Ok))), []);
        unwatched.gates[0].mode = GateMode::ObserveOnly;
        unwatched.gates[0].always = true;
        assert_eq!(found(&unwatched, Some(alarm(AlarmState::Ok))), []);
    }

    #[test]
    fn where_no_warning_is_let_pass_it_is_an_error() {
        let short = found(&plan(60, None, INCONCLUSIVE), Some(alarm(AlarmState::Ok)));
        let strict: Vec<Level> = short.into_iter().map(|it| it.strict().level).collect();
        assert_eq!(strict, [Level::Error]);
        assert_eq!(Level::Info.strict(), Level::Info);
    }
}
