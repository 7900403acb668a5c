//! Listener rules as a [`Router`].

use std::time::Duration;

use async_trait::async_trait;

use super::answer::Answer;
use super::answer::RuleDescription;
use super::call::Call;
use super::gateway::Gateway;
use super::names;
use crate::model::FencingToken;
use crate::model::ListenerRuleArn;
use crate::model::RawWeights;
use crate::model::Role;
use crate::model::RouterObservation;
use crate::model::RuleObservation;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::TargetGroupArn;
use crate::model::Topology;
use crate::model::Weight;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Router;
use crate::ports::Routes;
use crate::ports::WriteError;

const DESCRIBE: &str = "elasticloadbalancing:DescribeRules";
const MODIFY: &str = "elasticloadbalancing:ModifyRule";

/// Listener rules as a [`Router`].
#[derive(Debug)]
pub(super) struct SimRouter {
    gateway: Gateway,
}

fn weight_of(rule: &RuleDescription, group: Option<&TargetGroupArn>) -> Option<u16> {
    rule.forward.iter().find(|(arn, _)| Some(arn) == group).map(|(_, weight)| *weight)
}

/// The raw weights of a rule that forwards to exactly the two groups, stable first.
fn pair(rule: &RuleDescription, subject: &Subject) -> Option<(u16, u16)> {
    let stable = weight_of(rule, subject.baseline.stable_group.as_ref())?;
    let candidate = weight_of(rule, subject.baseline.candidate_group.as_ref())?;
    (rule.forward.len() == 2).then_some((stable, candidate))
}

impl SimRouter {
    pub(super) const fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    async fn rules(&self, rules: Vec<ListenerRuleArn>) -> Result<Vec<RuleDescription>, CallError> {
        match self.gateway.call(Call::DescribeRules { rules }).await?.answer {
            Answer::Rules(rules) => Ok(rules),
            _ => Err(Gateway::unexpected(DESCRIBE)),
        }
    }

    /// What a rule is to become, everything else left as it is.
    fn rewritten(
        rule: &RuleDescription,
        subject: &Subject,
        weights: RawWeights,
    ) -> Result<Call, WriteError> {
        if pair(rule, subject).is_none() {
            let what = format!("{} does not forward to exactly the two groups", rule.arn);
            return Err(WriteError::Rejected(CallError::new(MODIFY, ErrorClass::Conflict, what)));
        }
        let forward = rule.forward.iter().map(|(arn, _)| {
            let is_candidate = Some(arn) == subject.baseline.candidate_group.as_ref();
            (arn.clone(), if is_candidate { weights.candidate } else { weights.stable })
        });
        let seconds = u32::try_from(rule.stickiness.as_secs()).ok();
        Ok(Call::ModifyRule {
            rule: rule.arn.clone(),
            forward: forward.collect(),
            stickiness_seconds: seconds.filter(|seconds| *seconds > 0),
        })
    }

    /// Writes every one of these rules. What an old read shows is no reason to leave one out.
    async fn write(
        &self,
        subject: &Subject,
        arns: &[ListenerRuleArn],
        weights: RawWeights,
    ) -> Result<(), WriteError> {
        let rules = self.rules(arns.to_vec()).await.map_err(WriteError::Rejected)?;
        let mut calls = Vec::with_capacity(arns.len());
        for arn in arns {
            let rule = rules.iter().find(|rule| rule.arn == *arn).ok_or_else(|| {
                let what = format!("{arn} is not there");
                WriteError::Rejected(CallError::new(DESCRIBE, ErrorClass::Gone, what))
            })?;
            calls.push(Self::rewritten(rule, subject, weights)?);
        }
        let count = calls.len();
        for (written, call) in calls.into_iter().enumerate() {
            let partial = match self.gateway.call(call).await {
                Ok(reply) => reply.partial && written + 1 < count,
                // "rejected" would mean that no rule was written
                Err(error) if written > 0 => return Err(WriteError::Unknown(error)),
                Err(error) => return Err(error.into()),
            };
            if partial {
                let what = format!("{} of {count} rules were written", written + 1);
                let error = CallError::new(MODIFY, ErrorClass::Ambiguous, what);
                return Err(WriteError::Unknown(error));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Router for SimRouter {
    async fn routes(
        &self,
        service: &ServiceId,
        _topology: &Topology,
    ) -> Result<Option<Routes>, CallError> {
        let (balanced, delay) = self
            .gateway
            .process()
            .with(|world| (world.scenario().load_balancer, world.scenario().deregistration_delay));
        if !balanced {
            return Ok(None);
        }
        let call = Call::DescribeServices { services: vec![service.clone()] };
        let serves = match self.gateway.call(call).await?.answer {
            Answer::Services(services) => {
                services.iter().flat_map(|service| &service.task_sets).any(|set| set.primary)
            }
            _ => return Err(Gateway::unexpected("ecs:DescribeServices")),
        };
        let rules = self.rules(Vec::new()).await?;
        let Some(first) = rules.iter().find(|rule| !rule.test) else {
            return Err(CallError::new(DESCRIBE, ErrorClass::Gone, "no production rule"));
        };
        let (blue, green) = (names::target_group("blue"), names::target_group("green"));
        let weight = |group| weight_of(first, Some(group)).unwrap_or(0);
        let (loaded, idle) =
            if weight(&green) > weight(&blue) { (green, blue) } else { (blue, green) };
        // where nothing serves yet, the first candidate takes the group that has the weight
        let (stable_group, candidate_group) = if serves { (loaded, idle) } else { (idle, loaded) };
        Ok(Some(Routes {
            stable_group,
            candidate_group,
            stickiness: first.stickiness,
            deregistration_delay: delay,
            propagation: Duration::ZERO,
            rules: rules.iter().filter(|rule| !rule.test).map(|rule| rule.arn.clone()).collect(),
            test_rule: rules.iter().find(|rule| rule.test).map(|rule| rule.arn.clone()),
        }))
    }

    async fn observe(&self, subject: &Subject) -> Result<RouterObservation, CallError> {
        let test = subject.baseline.test_rule.as_ref();
        let wanted = subject.baseline.rules.iter().chain(test).cloned().collect();
        let described = self.rules(wanted).await?;
        let find = |arn: &ListenerRuleArn| described.iter().find(|rule| rule.arn == *arn);
        let rules = subject.baseline.rules.iter().map(|arn| {
            let rule = find(arn);
            let weight = |group| rule.and_then(|rule| weight_of(rule, group)).unwrap_or(0);
            let stable = weight(subject.baseline.stable_group.as_ref());
            let candidate = weight(subject.baseline.candidate_group.as_ref());
            RuleObservation {
                rule: arn.clone(),
                candidate: RawWeights { stable, candidate }.share(),
                foreign: rule.and_then(|rule| pair(rule, subject)).is_none(),
            }
        });
        let to_candidate =
            |rule| weight_of(rule, subject.baseline.candidate_group.as_ref()).unwrap_or(0) > 0;
        Ok(RouterObservation {
            rules: rules.collect(),
            test: test
                .and_then(find)
                .map(|rule| if to_candidate(rule) { Role::Candidate } else { Role::Stable }),
        })
    }

    async fn shift(
        &self,
        subject: &Subject,
        candidate: Weight,
        _token: FencingToken,
    ) -> Result<(), WriteError> {
        self.write(subject, &subject.baseline.rules, candidate.into()).await
    }

    async fn route_test(&self, subject: &Subject, role: Role) -> Result<(), WriteError> {
        let Some(test) = subject.baseline.test_rule.clone() else {
            let error = CallError::new(MODIFY, ErrorClass::Invalid, "there is no test rule");
            return Err(WriteError::Rejected(error));
        };
        let candidate = if role == Role::Candidate { Weight::FULL } else { Weight::ZERO };
        self.write(subject, &[test], candidate.into()).await
    }
}
