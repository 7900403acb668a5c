//! Target groups.

use std::sync::Arc;

use super::group_settings::GroupSettings;
use super::target::Target;
use crate::model::Elapsed;
use crate::model::TargetGroupArn;

/// A target group. Its targets are the tasks of the task sets attached to it, and those that were
/// registered by hand.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: TargetGroupArn,
    /// Whether a rule names it, be it with weight 0: only then it is health-checked.
    pub attached: bool,
    /// Since when that is so.
    pub switched_at: Elapsed,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The load balancer whose rules name it, or did last: an index into
    /// [`State::balancers`](crate::adapters::sim::State).
    pub balancer: Option<usize>,
    /// Targets that were registered by hand.
    pub targets: Vec<Target>,
    pub(crate) settings: Arc<GroupSettings>,
}

impl TargetGroup {
    /// A group without targets that no rule names yet.
    pub(crate) fn new(arn: TargetGroupArn, settings: GroupSettings) -> Self {
        Self {
            arn,
            attached: false,
            switched_at: Elapsed::default(),
            deleted: false,
            balancer: None,
            targets: Vec::new(),
            settings: Arc::new(settings),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.dimension().split('/').nth(1).unwrap_or_default()
    }

    /// Its metric dimension `TargetGroup`: `targetgroup/<name>/<id>`.
    pub fn dimension(&self) -> &str {
        self.arn.as_str().rsplit(':').next().unwrap_or_default()
    }

    /// Whether that is this one.
    pub(crate) fn has_dimension(&self, dimension: &str) -> bool {
        self.arn.as_str().strip_suffix(dimension).is_some_and(|rest| rest.ends_with(':'))
    }
}
