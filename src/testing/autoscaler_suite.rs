//! What every autoscaler must keep.

use std::time::Duration;

use super::violation::Violation;
use crate::model::ScalableTarget;
use crate::model::ScalingPlan;
use crate::model::ScalingPolicy;
use crate::model::Subject;
use crate::model::Suspension;
use crate::model::Topology;
use crate::ports::Autoscaler;
use crate::ports::Clock;

const LOOK: Duration = Duration::from_secs(5);

/// Checks an autoscaler against the contract of [`Autoscaler`].
///
/// `subject` names a service with a scalable target, and its baseline holds no plan for it; at the end
/// every target is as it was. `patience` is how long any one change may take to be seen.
pub async fn autoscaler_suite(
    autoscaler: &dyn Autoscaler,
    clock: &dyn Clock,
    subject: &Subject,
    topology: &Topology,
    patience: Duration,
) -> Result<(), Violation> {
    let rule = "what there is is found, in the same order at every read";
    let found = autoscaler.targets(&subject.service, topology).await?;
    if found.is_empty() {
        return Err(Violation::new(rule, "the service has no scalable target"));
    }
    let again = autoscaler.targets(&subject.service, topology).await?;
    Violation::unless_equal(rule, &again, &found)?;
    let rule = "a target that does not exist is absent";
    let alone = Topology { pair: Some("no-such-service".to_owned()), ..topology.clone() };
    let seen = autoscaler.targets(&subject.service, &alone).await?;
    let own = |target: &&ScalableTarget| target.service == *subject.service.service;
    Violation::unless_equal(rule, &seen, &found.iter().filter(own).cloned().collect())?;

    let mut subject = subject.clone();
    subject.baseline.scaling = Some(ScalingPlan::new(found.clone(), ScalingPolicy::Leave, None));
    let suite = Suite { autoscaler, clock, subject: &subject, patience };
    suite.see("the targets of the baseline are observed", &found).await?;
    suite.set(&held(&found, Suspension::ALL)).await?;
    let scale_in = Suspension { scale_in: true, ..Suspension::default() };
    suite.set(&held(&found, scale_in)).await?;
    suite.set(&found).await
}

/// The same targets, suspended so and with no least number of tasks.
fn held(found: &[ScalableTarget], suspended: Suspension) -> Vec<ScalableTarget> {
    let held = |target: &ScalableTarget| ScalableTarget { minimum: 0, suspended, ..target.clone() };
    found.iter().map(held).collect()
}

struct Suite<'a> {
    autoscaler: &'a dyn Autoscaler,
    clock: &'a dyn Clock,
    subject: &'a Subject,
    patience: Duration,
}

impl Suite<'_> {
    async fn see(&self, rule: &'static str, wanted: &[ScalableTarget]) -> Result<(), Violation> {
        let begun = self.clock.elapsed();
        loop {
            let seen = self.autoscaler.observe(self.subject).await?;
            if seen == wanted {
                return Ok(());
            }
            if self.clock.elapsed().since(begun) > self.patience {
                return Violation::unless_equal(rule, &seen, &wanted.to_vec());
            }
            self.clock.sleep(LOOK).await;
        }
    }

    async fn set(&self, targets: &[ScalableTarget]) -> Result<(), Violation> {
        self.autoscaler.register(self.subject, targets).await?;
        self.autoscaler.register(self.subject, targets).await?;
        self.see("register sets bounds and suspension of every target", targets).await
    }
}
