//! Application Auto Scaling of a service's desired count, around a deployment.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// What is suspended of a scalable target (`SuspendedState`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "AWS has three")]
pub struct Suspension {
    /// `DynamicScalingInSuspended`.
    pub scale_in: bool,
    /// `DynamicScalingOutSuspended`.
    pub scale_out: bool,
    /// `ScheduledScalingSuspended`.
    pub scheduled: bool,
}

impl Suspension {
    /// Everything is suspended.
    pub const ALL: Self = Self { scale_in: true, scale_out: true, scheduled: true };
}

/// One service's scalable target: the bounds of its desired count, and what is suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "whoever implements the port builds it")]
pub struct ScalableTarget {
    /// The service's name within its cluster.
    pub service: String,
    /// `MinCapacity`.
    pub minimum: u32,
    /// `MaxCapacity`.
    pub maximum: u32,
    /// What is suspended.
    pub suspended: Suspension,
}

impl fmt::Display for ScalableTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, minimum, maximum, suspended } = self;
        write!(f, "{service} {minimum} to {maximum}")?;
        let parts = [
            (suspended.scale_in, "in"),
            (suspended.scale_out, "out"),
            (suspended.scheduled, "scheduled"),
        ];
        let parts: Vec<&str> = parts.iter().filter(|part| part.0).map(|part| part.1).collect();
        if parts.is_empty() { Ok(()) } else { write!(f, ", suspended: {}", parts.join(", ")) }
    }
}

/// What a deployment does with autoscaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScalingPolicy {
    /// Nothing: the desired count may move at any time, and the deployment follows it.
    Leave,
    /// Suspends scaling in while the deployment runs; scaling out goes on.
    SuspendScaleIn,
    /// Suspends everything while the deployment runs.
    Suspend,
}

/// What the scalable targets are in the three times of a deployment. Recorded before the first write,
/// so that whoever resumes restores what was found and not what was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "three lists of the same targets")]
pub struct ScalingPlan {
    /// As found; a rollback goes back to it.
    pub found: Vec<ScalableTarget>,
    /// While the deployment runs.
    pub held: Vec<ScalableTarget>,
    /// After a success: as found, but the two services of a pair have changed places.
    pub kept: Vec<ScalableTarget>,
}

impl ScalingPlan {
    /// The plan for what was found. `stable` and `candidate` name the services of a pair.
    #[must_use]
    pub fn new(
        found: Vec<ScalableTarget>,
        policy: ScalingPolicy,
        pair: Option<(&str, &str)>,
    ) -> Self {
        let held = found.iter().map(|target| hold(target, policy, pair)).collect();
        let kept = found.iter().map(|target| keep(target, &found, pair)).collect();
        Self { found, held, kept }
    }
}

fn hold(
    target: &ScalableTarget,
    policy: ScalingPolicy,
    pair: Option<(&str, &str)>,
) -> ScalableTarget {
    let mut held = target.clone();
    match policy {
        ScalingPolicy::Leave => {}
        ScalingPolicy::SuspendScaleIn => held.suspended.scale_in = true,
        ScalingPolicy::Suspend => held.suspended = Suspension::ALL,
    }
    // Autoscaling lifts an idle service up to its minimum as soon as it looks at it.
    if pair.is_some_and(|(_, candidate)| candidate == target.service) {
        held.minimum = 0;
    }
    held
}

fn keep(
    target: &ScalableTarget,
    found: &[ScalableTarget],
    pair: Option<(&str, &str)>,
) -> ScalableTarget {
    let other = pair.and_then(|(stable, candidate)| {
        let other = if target.service == stable { candidate } else { stable };
        found.iter().find(|known| known.service == other)
    });
    match other {
        Some(other) => ScalableTarget { service: target.service.clone(), ..other.clone() },
        None => target.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(service: &str, minimum: u32) -> ScalableTarget {
        let suspended = Suspension { scheduled: minimum == 0, ..Suspension::default() };
        ScalableTarget { service: service.to_owned(), minimum, maximum: 10, suspended }
    }

    #[test]
    fn everything_that_was_found_comes_back_after_a_rollback() {
        let found = vec![target("web", 2)];
        let plan = ScalingPlan::new(found.clone(), ScalingPolicy::Suspend, None);
        assert_eq!((&plan.found, &plan.kept), (&found, &found));
        assert_eq!(plan.held[0].suspended, Suspension::ALL);
        assert_eq!(plan.held[0].to_string(), "web 2 to 10, suspended: in, out, scheduled");
    }

    #[test]
    fn the_idle_service_of_a_pair_may_be_empty_and_the_two_change_places_at_the_end() {
        let found = vec![target("blue", 2), target("green", 3)];
        let pair = Some(("blue", "green"));
        let plan = ScalingPlan::new(found, ScalingPolicy::SuspendScaleIn, pair);
        let minima = |targets: &[ScalableTarget]| [targets[0].minimum, targets[1].minimum];
        assert_eq!((minima(&plan.held), minima(&plan.kept)), ([2, 0], [3, 2]));
        assert!(plan.held.iter().all(|held| held.suspended.scale_in && !held.suspended.scale_out));
    }
}
