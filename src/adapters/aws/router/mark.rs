//! Who writes a rule, as its tags say.

use std::fmt;

use aws_sdk_elasticloadbalancingv2::types::Tag;

use crate::model::DeploymentId;
use crate::model::FencingToken;

const DEPLOYMENT: &str = "cutover:deployment";
const TOKEN: &str = "cutover:token";

/// The deployment that last wrote a rule, and its writer's fencing token: zero before the first shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    deployment: String,
    token: FencingToken,
}

impl Mark {
    pub(crate) fn new(deployment: &DeploymentId, token: FencingToken) -> Self {
        // what AWS does not take in a tag is written as `_`
        let allowed = |c: char| c.is_alphanumeric() || " +-=._:/@".contains(c);
        let deployment = deployment.as_str().chars();
        let deployment = deployment.map(|c| if allowed(c) { c } else { '_' }).collect();
        Self { deployment, token }
    }

    /// The mark among a rule's tags, if there is one.
    pub(crate) fn of(tags: &[Tag]) -> Option<Self> {
        let value =
            |key: &str| tags.iter().find(|tag| tag.key.as_deref() == Some(key))?.value.as_deref();
        let deployment = value(DEPLOYMENT)?.to_owned();
        let token = value(TOKEN).and_then(|token| token.parse().ok()).unwrap_or(0);
        Some(Self { deployment, token: FencingToken::new(token) })
    }

    pub(crate) fn tags(&self) -> [Tag; 2] {
        [(DEPLOYMENT, self.deployment.clone()), (TOKEN, self.token.to_string())]
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
    }

    /// What this mark, found on a rule, is to a writer who would make `ours`. `before` is what the
    /// writer found there when it started: whoever made that is done.
    pub(super) fn claim(&self, ours: &Self, before: Option<&Self>) -> Claim {
        if self == ours {
            return Claim::Ours;
        }
        let done = before == Some(self) && self.deployment != ours.deployment;
        if self.token > ours.token && !done { Claim::Taken } else { Claim::Free }
    }

    /// Whether this is of the same deployment.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.deployment == other.deployment
    }
}

/// What a mark is to a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// The writer's own.
    Ours,
    /// Nobody's who is still there.
    Free,
    /// Of somebody who has a later lease.
    Taken,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "deployment {} with token {}", self.deployment, self.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(deployment: &str, token: u64) -> Mark {
        Mark::new(&DeploymentId::new(deployment).unwrap(), FencingToken::new(token))
    }

    #[test]
    fn a_mark_is_read_back_as_it_was_written() {
        let made = mark("web 2026-11-21 #7", 41);
        assert_eq!(Mark::of(&made.tags()), Some(made.clone()));
        assert_eq!(made.deployment, "web 2026-11-21 _7");
        assert_eq!(Mark::of(&[Tag::builder().key("team").value("web").build()]), None);
    }

    #[test]
    fn a_later_lease_has_the_rule_unless_it_was_over_when_the_writer_came() {
        let ours = mark("a", 7);
        assert_eq!(ours.claim(&ours, None), Claim::Ours);
        assert_eq!(mark("a", 6).claim(&ours, None), Claim::Free);
        assert_eq!(mark("a", 8).claim(&ours, None), Claim::Taken);
        assert_eq!(mark("a", 8).claim(&ours, Some(&mark("a", 8))), Claim::Taken);
        assert_eq!(mark("b", 3).claim(&ours, None), Claim::Free);
        assert_eq!(mark("b", 8).claim(&ours, None), Claim::Taken);
        // records kept elsewhere count from one again
        assert_eq!(mark("b", 8).claim(&ours, Some(&mark("b", 8))), Claim::Free);
    }
}
