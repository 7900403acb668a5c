//! Listener rules and default actions as a [`Router`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use async_trait::async_trait;

use super::super::sdk::Operation;
use super::super::service::ServiceReads;
use super::balancer::Balancer;
use super::claims::Claims;
use super::forward::Forward;
use super::forward::Split;
use super::routes::routes;
use super::rules;
use super::shift;
use super::shift::Groups;
use crate::model::FencingToken;
use crate::model::ListenerRuleArn;
use crate::model::RawWeights;
use crate::model::Role;
use crate::model::RouterObservation;
use crate::model::RuleObservation;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::Topology;
use crate::model::Weight;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Router;
use crate::ports::Routes;
use crate::ports::WriteError;

/// Listener rules and default actions as a [`Router`].
#[derive(Debug)]
pub(crate) struct AwsRouter {
    balancer: Balancer,
    services: Arc<ServiceReads>,
    claims: Claims,
    /// The weight that this process wrote to a rule and read back. Without it, one on its way may
    /// still come in.
    settled: Mutex<BTreeMap<ListenerRuleArn, Weight>>,
}

fn groups(subject: &Subject) -> Result<Groups<'_>, WriteError> {
    let baseline = &subject.baseline;
    match (&baseline.stable_group, &baseline.candidate_group) {
        (Some(stable), Some(candidate)) => {
            Ok(Groups { stable, candidate, first: baseline.stable.is_none() })
        }
        _ => Err(rejected(ErrorClass::Invalid, "the service has no two target groups")),
    }
}

fn rejected(class: ErrorClass, what: impl Into<String>) -> WriteError {
    WriteError::Rejected(CallError::new(Operation::ModifyRule.name(), class, what))
}

impl AwsRouter {
    pub(crate) fn new(balancer: Balancer, services: Arc<ServiceReads>) -> Self {
        Self { balancer, services, claims: Claims::default(), settled: Mutex::default() }
    }

    fn settled(&self) -> MutexGuard<'_, BTreeMap<ListenerRuleArn, Weight>> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the candidate's group with weight 0 to every rule that forwards to stable alone: a group
    /// that no rule names is not health-checked. Moves no traffic.
    ///
    /// Called before the candidate's first task starts. A half of it does no harm and is completed by
    /// the next call.
    pub(crate) async fn attach(&self, subject: &Subject) -> Result<(), WriteError> {
        if !subject.baseline.has_router() {
            return Ok(());
        }
        let (balancer, groups) = (self.balancer.change(), groups(subject)?);
        let arns = &subject.baseline.rules;
        let read = rules::read(&balancer, arns).await.map_err(WriteError::Rejected)?;
        let alone = |rule: &&ListenerRuleArn| {
            read.get(*rule).is_some_and(|actions| groups.split(actions) == Split::StableOnly)
        };
        let alone: Vec<ListenerRuleArn> = arns.iter().filter(alone).cloned().collect();
        self.claims.begin(&balancer, subject, arns).await;
        let writes = shift::plan(&read, &alone, groups, Weight::ZERO, |_| false)?;
        shift::carry_out(&balancer, writes, groups, Weight::ZERO).await?;
        Ok(())
    }
}

#[async_trait]
impl Router for AwsRouter {
    async fn routes(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Option<Routes>, CallError> {
        routes(&self.balancer.look(), &self.services, service, topology).await
    }

    async fn observe(&self, subject: &Subject) -> Result<RouterObservation, CallError> {
        let baseline = &subject.baseline;
        let Ok(groups) = groups(subject) else {
            return Ok(RouterObservation { rules: Vec::new(), test: None });
        };
        let wanted: Vec<ListenerRuleArn> =
            baseline.rules.iter().chain(&baseline.test_rule).cloned().collect();
        let read = rules::read(&self.balancer.look(), &wanted).await?;
        let rules = baseline.rules.iter().map(|rule| {
            let share = read.get(rule).and_then(|actions| groups.share(actions));
            // a rule that is no longer about the two still shows how much the candidate can have
            let shown = || {
                let forward = Forward::of(read.get(rule)?)?;
                let candidate = forward.weight(groups.candidate)?;
                let stable = forward.weight(groups.stable).unwrap_or(0);
                Some(RawWeights { stable, candidate }.share())
            };
            RuleObservation {
                rule: rule.clone(),
                candidate: share.or_else(shown).unwrap_or_default(),
                foreign: share.is_none(),
            }
        });
        let test = baseline.test_rule.as_ref().and_then(|test| read.get(test)).map(|actions| {
            let candidate = Forward::of(actions).and_then(|to| to.weight(groups.candidate));
            if candidate.unwrap_or(0) > 0 { Role::Candidate } else { Role::Stable }
        });
        Ok(RouterObservation { rules: rules.collect(), test })
    }

    async fn shift(
        &self,
        subject: &Subject,
        candidate: Weight,
        token: FencingToken,
    ) -> Result<(), WriteError> {
        let (balancer, groups) = (self.balancer.change(), groups(subject)?);
        let arns = &subject.baseline.rules;
        let read = rules::read(&balancer, arns).await.map_err(WriteError::Rejected)?;
        let settled = |rule: &ListenerRuleArn| self.settled().get(rule) == Some(&candidate);
        let writes = shift::plan(&read, arns, groups, candidate, settled)?;
        if writes.is_empty() {
            return Ok(());
        }
        self.claims.renew(&balancer, subject, arns, token).await?;
        self.settled().retain(|rule, _| writes.iter().all(|write| write.rule != *rule));
        let shown = shift::carry_out(&balancer, writes, groups, candidate).await?;
        self.settled().extend(shown.into_iter().map(|rule| (rule, candidate)));
        Ok(())
    }

    async fn route_test(&self, subject: &Subject, role: Role) -> Result<(), WriteError> {
        let Some(test) = subject.baseline.test_rule.as_ref() else {
            return Err(rejected(ErrorClass::Invalid, "there is no test rule"));
        };
        let (balancer, groups) = (self.balancer.change(), groups(subject)?);
        let share = if role == Role::Candidate { Weight::FULL } else { Weight::ZERO };
        let arns = std::slice::from_ref(test);
        let read = rules::read(&balancer, arns).await.map_err(WriteError::Rejected)?;
        let writes = shift::plan(&read, arns, groups, share, |_| false)?;
        shift::carry_out(&balancer, writes, groups, share).await?;
        Ok(())
    }
}
