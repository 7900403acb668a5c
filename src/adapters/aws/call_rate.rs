//! What a deployment costs in calls, before it begins.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use super::monitor::MOST_ALARMS;
use super::router::rules::is_listener;
use super::sdk::Operation;
use super::service::Realisation;
use super::tasks::REUSES;
use crate::model::AlarmName;
use crate::model::Baseline;
use crate::model::GateKind;
use crate::model::Limits;
use crate::model::Plan;

/// Tasks that are listed and described at once.
const PAGE: u32 = 100;

/// Looks that come sooner than the poll after each write, by the engine's pace: at 2, 4, 7, 12 and 21 s, where the
/// poll alone looks at 10 and 20 s.
const SOONER: f64 = 3.0;

/// How many calls a deployment makes.
///
/// One look at the world every [`poll`](Limits::poll): the service or the pair in one call, a call for the
/// targets of each group, one for the rules and one for the listeners, and every seventh look the tasks, listed
/// and described. With each look every gate is asked: a hundred alarms in a call, and a call for each gate
/// that reads metrics. After a write looks come quicker. Deployments that share an [`Aws`](super::Aws) share calls,
/// and need fewer each.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CallRate {
    /// Calls of each operation with one look, on average.
    pub per_look: BTreeMap<Operation, f64>,
    /// Looks an hour while nothing changes.
    pub looks_per_hour: f64,
}

impl CallRate {
    /// Of this plan for a service that is so.
    pub fn of(plan: &Plan, baseline: &Baseline, limits: &Limits) -> Self {
        let per_look = per_look(plan, baseline).into_iter().filter(|(_, calls)| *calls > 0.0);
        let looks_per_hour = 3600.0 / limits.poll.as_secs_f64().max(0.001);
        Self { per_look: per_look.collect(), looks_per_hour }
    }

    /// Calls an hour of each operation, by its name, while nothing changes.
    pub fn per_hour(&self) -> BTreeMap<String, f64> {
        let named = |(operation, calls): (&Operation, &f64)| {
            (operation.name().to_owned(), calls * self.looks_per_hour)
        };
        self.per_look.iter().map(named).collect()
    }

    /// All reads of a deployment that takes so long and writes so often.
    pub fn reads(&self, took: Duration, writes: u32) -> f64 {
        let each: f64 = self.per_look.values().sum();
        let looks = self.looks_per_hour * took.as_secs_f64() / 3600.0;
        each * (looks + SOONER * f64::from(writes))
    }
}

/// The calls of one look and of the gates that are asked with it.
fn per_look(plan: &Plan, baseline: &Baseline) -> [(Operation, f64); 8] {
    let realisation = Realisation::of(baseline);
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let groups = [&baseline.stable_group, &baseline.candidate_group].into_iter().flatten().count();
    // where there is no second group no weight is set, and no rule is looked at
    let routes = baseline.rules.iter().chain(&baseline.test_rule);
    let routes: Vec<_> = routes.filter(|_| baseline.candidate_group.is_some()).collect();
    let listeners = routes.iter().filter(|route| is_listener(route)).count();
    let rules = routes.len() - listeners;
    // both roles are there
    let (services, roles) = match realisation {
        Realisation::TaskSets => (1, 2),
        Realisation::Pair => (2, 1),
        Realisation::InPlace => (1, 1),
    };
    let pages = (baseline.desired * roles).div_ceil(PAGE).max(1);
    let lists = f64::from(services * pages) / f64::from(REUSES + 1);
    let asked: Vec<&GateKind> = plan
        .gates
        .iter()
        .flat_map(|gate| gate.kind.leaves().into_iter().map(|(_, kind)| kind))
        .collect();
    let alarms: BTreeSet<&AlarmName> =
        asked.iter().filter_map(|kind| alarms(kind)).flatten().collect();
    let metrics = asked.iter().filter(|kind| kind.reads_metrics()).count();
    [
        (Operation::DescribeServices, 1.0),
        (Operation::DescribeTargetHealth, count(groups)),
        (Operation::DescribeRules, count(rules.min(1))),
        (Operation::DescribeListeners, count(listeners.min(1))),
        (Operation::ListTasks, lists),
        (Operation::DescribeTasks, lists),
        (Operation::DescribeAlarms, count(alarms.len().div_ceil(MOST_ALARMS))),
        (Operation::GetMetricData, count(metrics)),
    ]
}

fn alarms(kind: &GateKind) -> Option<&[AlarmName]> {
    match kind {
        GateKind::Alarms { names, .. } => Some(names),
        _ => None,
    }
}
