//! `CloudWatch` alarms as a gate, under `CloudWatch`'s own semantics.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::alarm_input::Input;
use super::alarm_rules::AlarmRules;
use super::alarm_rules::Memory;
use super::contract::Gate;
use super::contract::GateContext;
use super::judge::remembered;
use super::metrics::Traffic;
use crate::model::AlarmName;
use crate::model::Baseline;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::InsufficientData;
use crate::model::Span;
use crate::model::TargetGroupArn;
use crate::ports::Monitor;

/// Passes while every alarm is `OK`, and was between two looks.
///
/// - `ALARM` fails. So does an `ALARM` that came and went between two looks, whatever followed it: a new
///   transition makes the gate read the alarm's history. The first look is that before the start, so
///   what happens while nobody watches is found by whoever takes the deployment up.
/// - An alarm that watches stable's target group and not the candidate's is only observed: it neither
///   blames the candidate nor speaks for it, whatever its state. Red in it is counted among the measures.
///   (A hold would end in a rollback, which leads everybody back to where the errors are; and a stable
///   that has no traffic any more has no data.) So a service whose groups take turns names the alarms of
///   both, and each deployment is judged by those of its own candidate. A gate that has no other is
///   inconclusive.
/// - A name that does not exist, `INSUFFICIENT_DATA`, an evaluation error, a changed configuration and
///   a failing read are inconclusive.
/// - Under [`InsufficientData::OkWithTraffic`] an alarm without data is quiet where each of the last three
///   complete minutes has requests of the candidate, by metrics of the load balancer that the alarm
///   watches, and as long as the candidate has no weight. Without requests, without a target group of the
///   candidate's own, or where they cannot be read, it is inconclusive. Metrics are read only while an
///   alarm has no data: one metric a look.
/// - AWS's times are compared with AWS's times only; coverage is this process's own time between two
///   looks that saw the same last transition.
#[derive(Debug)]
pub struct AlarmGate {
    monitor: Arc<dyn Monitor>,
    rules: AlarmRules,
}

impl AlarmGate {
    /// A gate over these alarms. With `accepts_red_at_start`, one that is red when first seen is
    /// overlooked until it has been quiet once.
    pub fn new(
        monitor: Arc<dyn Monitor>,
        names: Vec<AlarmName>,
        accepts_red_at_start: bool,
    ) -> Self {
        let rules = AlarmRules::new(names, accepts_red_at_start, InsufficientData::default());
        Self { monitor, rules }
    }

    /// The same with another meaning of `INSUFFICIENT_DATA`.
    #[must_use]
    pub const fn insufficient_data(mut self, policy: InsufficientData) -> Self {
        self.rules.insufficient_data = policy;
        self
    }

    async fn read(&self, context: &GateContext<'_>, memory: &Memory) -> Input {
        let alarms = self.monitor.alarms(&self.rules.names).await;
        let Baseline { stable_group, candidate_group, .. } = &context.subject.baseline;
        let groups = [stable_group, candidate_group].map(|group| {
            let dimension = |group: &TargetGroupArn| group.dimension().to_owned();
            group.as_ref().map(dimension)
        });
        let alarms = alarms.map_err(|error| error.to_string());
        let mut input = Input { alarms, histories: BTreeMap::new(), groups, traffic: None };
        let (mut histories, mut traffic) = (BTreeMap::new(), None);
        let watched = input.alarms.iter().flatten().filter(|reading| !input.is_of_stable(reading));
        for reading in watched {
            let known = memory.get(&reading.name);
            if let Some(seen) = known.filter(|seen| self.rules.wants_history(reading, seen)) {
                let history = self.monitor.history(&reading.name, seen.transitioned_at).await;
                let history = history.map_err(|error| error.to_string());
                histories.insert(reading.name.clone(), history);
            }
            if traffic.is_none() && self.rules.wants_traffic(reading) {
                traffic = Some(Traffic::look(&*self.monitor, context).await);
            }
        }
        (input.histories, input.traffic) = (histories, traffic);
        input
    }
}

#[async_trait]
impl Gate for AlarmGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let read_at = context.now.elapsed;
        let mut memory = remembered::<AlarmRules>(&context);
        let before = memory.clone();
        let input = self.read(&context, &before).await;
        let judgement = memory.answer(&self.rules, &input);
        let mut evidence = Evidence::at(read_at);
        let watched = || memory.iter().filter(|(name, _)| !input.is_only_observed(name));
        evidence.source = watched().map(|(_, seen)| seen.transitioned_at).max();
        // An alarm speaks for the time between two looks that saw the same last transition.
        let unchanged = watched().all(|(name, seen)| {
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
