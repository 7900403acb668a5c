//! Marks rules with who writes them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use super::super::sdk::Operation;
use super::balancer::Balancer;
use super::mark::Claim;
use super::mark::Mark;
use crate::model::FencingToken;
use crate::model::ListenerRuleArn;
use crate::model::Subject;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::WriteError;

type Marks = BTreeMap<ListenerRuleArn, Mark>;

/// Marks rules with the deployment and the fencing token of who writes them.
///
/// AWS compares nothing, so this only makes a second writer seen. Notes weigh less than traffic:
/// where they cannot be read or written, the write goes on.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// What was there when this process began with a rule.
    before: Mutex<Marks>,
}

impl Claims {
    fn before(&self) -> MutexGuard<'_, Marks> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a deployment: whatever mark is there is of one that is over.
    pub(crate) async fn begin(
        &self,
        balancer: &Balancer,
        subject: &Subject,
        rules: &[ListenerRuleArn],
    ) {
        let ours = Mark::new(&subject.deployment, FencingToken::default());
        let Some(found) = marks(balancer, rules).await else { return };
        // a mark of ours is there after a restart only, and stays
        let is_ours = |rule: &&ListenerRuleArn| found.get(*rule).is_some_and(|it| it.is_of(&ours));
        let free = rules.iter().filter(|rule| !is_ours(rule)).collect();
        self.before().extend(found.iter().map(|(rule, mark)| (rule.clone(), mark.clone())));
        make(balancer, free, &ours).await;
    }

    /// Refuses where somebody with a later lease has taken over a rule, and marks those that do not
    /// say who writes them now.
    pub(super) async fn renew(
        &self,
        balancer: &Balancer,
        subject: &Subject,
        rules: &[ListenerRuleArn],
        token: FencingToken,
    ) -> Result<(), WriteError> {
        let ours = Mark::new(&subject.deployment, token);
        let Some(found) = marks(balancer, rules).await else { return Ok(()) };
        let mut free = Vec::new();
        for rule in rules {
            let before = self.before().get(rule).cloned();
            let mark = found.get(rule);
            match mark.map_or(Claim::Free, |mark| mark.claim(&ours, before.as_ref())) {
                Claim::Ours => {}
                Claim::Free => free.push(rule),
                Claim::Taken => {
                    let who = mark.map(ToString::to_string).unwrap_or_default();
                    let operation = Operation::DescribeTags.name();
                    let what = format!("{rule} was taken over by {who}");
                    let error = CallError::new(operation, ErrorClass::Conflict, what);
                    return Err(WriteError::Rejected(error));
                }
            }
        }
        make(balancer, free, &ours).await;
        Ok(())
    }
}

async fn marks(balancer: &Balancer, rules: &[ListenerRuleArn]) -> Option<Marks> {
    let names: Vec<String> = rules.iter().map(|rule| rule.as_str().to_owned()).collect();
    let described = match balancer.tags(&names).await {
        Ok(described) => described,
        Err(error) => {
            tracing::warn!(%error, "the tags of the rules cannot be read");
            return None;
        }
    };
    let marks = described.into_iter().filter_map(|tags| {
        let rule = tags.resource_arn?.parse().ok()?;
        Some((rule, Mark::of(tags.tags.as_deref()?)?))
    });
    Some(marks.collect())
}

async fn make(balancer: &Balancer, rules: Vec<&ListenerRuleArn>, mark: &Mark) {
    if rules.is_empty() {
        return;
    }
    let names: Vec<String> = rules.iter().map(|rule| rule.as_str().to_owned()).collect();
    if let Err(error) = balancer.tag(&names, &mark.tags()).await {
        tracing::warn!(%error, "the rules cannot be tagged");
    }
}
