//! One change of weights over all rules: read, compare, write, read back.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::Action;

use super::super::sdk::Operation;
use super::balancer::Balancer;
use super::forward::Forward;
use super::forward::Split;
use super::forward::rewritten;
use super::rules;
use super::rules::Rules;
use super::rules::is_listener;
use crate::model::ListenerRuleArn;
use crate::model::RawWeights;
use crate::model::TargetGroupArn;
use crate::model::Weight;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::WriteError;

/// How long a rule that shows something else is left alone before it is read once more.
const AGAIN: Duration = Duration::from_millis(500);

/// The two groups of a subject.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Groups<'a> {
    pub(crate) stable: &'a TargetGroupArn,
    pub(crate) candidate: &'a TargetGroupArn,
    /// Whether there is no stable side yet, so that a rule may do without its group.
    pub(crate) first: bool,
}

impl Groups<'_> {
    /// What a rule is to the two.
    pub(crate) fn split(self, actions: &[Action]) -> Split {
        let forward = Forward::of(actions);
        forward.map_or(Split::Foreign, |forward| forward.split(self.stable, self.candidate))
    }

    /// The candidate's share of a rule; none where the rule is not about the two.
    pub(crate) fn share(self, actions: &[Action]) -> Option<Weight> {
        match self.split(actions) {
            // the rule serves nobody
            Split::Pair(RawWeights { stable: 0, candidate: 0 }) | Split::Foreign => None,
            Split::Pair(weights) => Some(weights.share()),
            Split::StableOnly => Some(Weight::ZERO),
            Split::CandidateOnly => self.first.then_some(Weight::FULL),
        }
    }
}

/// A rule that is to be written.
#[derive(Debug)]
pub(super) struct Write {
    pub(crate) rule: ListenerRuleArn,
    before: Vec<Action>,
    after: Vec<Action>,
}

/// The operation that changes this rule.
pub(crate) fn operation(rule: &ListenerRuleArn) -> &'static str {
    let listener = is_listener(rule);
    if listener { Operation::ModifyListener.name() } else { Operation::ModifyRule.name() }
}

/// What to write so that these rules give the candidate this share; `settled` tells which need no
/// write if they show it. Refused as a whole where one is missing or somebody else's: nothing has been
/// written then.
pub(crate) fn plan(
    read: &Rules,
    wanted: &[ListenerRuleArn],
    groups: Groups<'_>,
    share: Weight,
    settled: impl Fn(&ListenerRuleArn) -> bool,
) -> Result<Vec<Write>, WriteError> {
    let refused = |rule: &ListenerRuleArn, class, why: &str| {
        WriteError::Rejected(CallError::new(operation(rule), class, format!("{rule} {why}")))
    };
    let raw = RawWeights::from(share);
    let weights = [(groups.stable, raw.stable), (groups.candidate, raw.candidate)];
    let mut writes = Vec::new();
    for rule in wanted {
        let before =
            read.get(rule).ok_or_else(|| refused(rule, ErrorClass::Gone, "is not there"))?;
        let split = groups.split(before);
        if matches!(split, Split::Foreign | Split::CandidateOnly) {
            let why = "does not forward to exactly the two target groups";
            return Err(refused(rule, ErrorClass::Conflict, why));
        }
        // the candidate is to be in the rule even at weight 0: else its targets are not checked
        let shows = split != Split::StableOnly && groups.share(before) == Some(share);
        if !(shows && settled(rule)) {
            let after = rewritten(before, &weights);
            writes.push(Write { rule: rule.clone(), before: before.clone(), after });
        }
    }
    Ok(writes)
}

/// Writes them all, also past one that fails, and reads them back. Answers which of them show the
/// share.
pub(super) async fn carry_out(
    balancer: &Balancer,
    writes: Vec<Write>,
    groups: Groups<'_>,
    share: Weight,
) -> Result<Vec<ListenerRuleArn>, WriteError> {
    let (count, mut written, mut failed) = (writes.len(), BTreeMap::new(), None);
    for write in writes {
        let answer = rules::write(balancer, &write.rule, write.after).await;
        match answer {
            Ok(answer) => {
                let confirmed = answer.is_some_and(|actions| groups.share(&actions) == Some(share));
                written.insert(write.rule, (write.before, confirmed));
            }
            // the one that leaves open what was done says most
            Err(error) if error.class == ErrorClass::Ambiguous => failed = Some(error),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    let Some(error) = failed else {
        return read_back(balancer, &written, groups, share).await;
    };
    if written.is_empty() {
        return Err(error.into());
    }
    let message = format!("{} of {count} rules were written: {}", written.len(), error.message);
    Err(WriteError::Unknown(CallError::new(error.operation, ErrorClass::Ambiguous, message)))
}

/// What was confirmed by the write's own answer may still read as before; anything else is not ours.
async fn read_back(
    balancer: &Balancer,
    written: &BTreeMap<ListenerRuleArn, (Vec<Action>, bool)>,
    groups: Groups<'_>,
    share: Weight,
) -> Result<Vec<ListenerRuleArn>, WriteError> {
    let arns: Vec<ListenerRuleArn> = written.keys().cloned().collect();
    let mut again = false;
    loop {
        // every write was answered; the next look will show what this one could not
        let Ok(read) = rules::read(balancer, &arns).await else {
            return Ok(Vec::new());
        };
        let shows = |rule: &ListenerRuleArn| {
            read.get(rule).and_then(|actions| groups.share(actions)) == Some(share)
        };
        let old = |rule: &ListenerRuleArn, before: &Vec<Action>| read.get(rule) == Some(before);
        let wrong = written.iter().find(|(rule, (before, confirmed))| {
            !(shows(rule) || (*confirmed && old(rule, before)))
        });
        let Some((rule, _)) = wrong else {
            return Ok(arns.into_iter().filter(shows).collect());
        };
        if again {
            let message = format!("{rule} was written but shows something else");
            let error = CallError::new(operation(rule), ErrorClass::Ambiguous, message);
            return Err(WriteError::Unknown(error));
        }
        again = true;
        balancer.calls().clock().sleep(AGAIN).await;
    }
}
