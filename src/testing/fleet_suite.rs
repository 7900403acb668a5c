//! What every fleet must keep.

use std::time::Duration;

use super::violation::Violation;
use crate::model::CallToken;
use crate::model::FleetObservation;
use crate::model::Primary;
use crate::model::Role;
use crate::model::ServiceState;
use crate::model::Subject;
use crate::model::Topology;
use crate::ports::Clock;
use crate::ports::Fleet;

const LOOK: Duration = Duration::from_secs(5);

/// Checks a fleet against the contract of [`Fleet`].
///
/// `subject` names a service whose stable role is complete and healthy, with at least two desired
/// tasks, and a healthy revision. At the end the candidate is primary and stable is gone. `patience`
/// is how long any one change may take to be seen.
pub async fn fleet_suite(
    fleet: &dyn Fleet,
    clock: &dyn Clock,
    subject: &Subject,
    topology: &Topology,
    patience: Duration,
) -> Result<(), Violation> {
    let suite = Suite { fleet, clock, subject, topology, patience };
    suite.baseline().await?;
    suite.retire_nothing().await?;
    suite.launch_once().await?;
    suite.scale_absolutely().await?;
    suite.promote().await?;
    suite.retire_stable().await
}

struct Suite<'a> {
    fleet: &'a dyn Fleet,
    clock: &'a dyn Clock,
    subject: &'a Subject,
    topology: &'a Topology,
    patience: Duration,
}

impl Suite<'_> {
    /// Looks until what is seen is as wanted. Health is checked at every look.
    async fn until(
        &self,
        rule: &'static str,
        wanted: impl Fn(&FleetObservation) -> bool + Send,
    ) -> Result<FleetObservation, Violation> {
        let begun = self.clock.elapsed();
        loop {
            let seen = self.fleet.observe(self.subject, None).await?;
            for role in [&seen.stable, &seen.candidate].into_iter().flatten() {
                if role.healthy > role.running {
                    let what = format!("{} healthy of {} running", role.healthy, role.running);
                    return Err(Violation::new("running comes before healthy", what));
                }
            }
            if wanted(&seen) {
                return Ok(seen);
            }
            if self.clock.elapsed().since(begun) > self.patience {
                return Err(Violation::new(rule, format!("saw {seen:?}")));
            }
            self.clock.sleep(LOOK).await;
        }
    }

    async fn baseline(&self) -> Result<(), Violation> {
        let rule = "the baseline is the service as it is";
        let baseline = self.fleet.baseline(&self.subject.service, self.topology).await?;
        let given = &self.subject.baseline;
        Violation::unless_equal(rule, &baseline.stable, &given.stable)?;
        Violation::unless_equal(rule, &baseline.stable_revision, &given.stable_revision)?;
        Violation::unless_equal(rule, &baseline.desired, &given.desired)?;
        Violation::unless_equal(rule, &baseline.others, &given.others)?;
        let seen = self.fleet.observe(self.subject, None).await?;
        Violation::unless_equal(rule, &seen.service, &ServiceState::Active)?;
        Violation::unless_equal(rule, &seen.desired, &given.desired)?;
        Violation::unless_equal(rule, &seen.primary, &Primary::Role(Role::Stable))?;
        Violation::unless_equal(rule, &seen.foreign, &Vec::new())?;
        let healthy = seen.stable.map(|stable| stable.healthy);
        Violation::unless_equal(rule, &healthy, &Some(given.desired))?;
        Violation::unless_equal("nothing is there before it is made", &seen.candidate, &None)
    }

    async fn retire_nothing(&self) -> Result<(), Violation> {
        self.fleet.retire(self.subject, Role::Candidate).await?;
        Ok(())
    }

    async fn launch_once(&self) -> Result<(), Violation> {
        let rule = "a second launch with the same token creates nothing";
        let token = CallToken::derived(&self.subject.deployment, "launch");
        self.fleet.launch(self.subject, 1, &token).await?;
        self.fleet.launch(self.subject, 1, &token).await?;
        let seen = self
            .until("what was launched is found again by its deployment", |seen| {
                seen.candidate.as_ref().is_some_and(|candidate| candidate.healthy == 1)
            })
            .await?;
        Violation::unless_equal(rule, &seen.foreign, &Vec::new())?;
        let Some(candidate) = seen.candidate else { return Ok(()) };
        Violation::unless_equal(rule, &candidate.target, &1)?;
        Violation::unless_equal(rule, &candidate.running, &1)?;
        let revision = "the candidate runs the revision on trial";
        Violation::unless_equal(revision, &candidate.revision, &self.subject.candidate)
    }

    async fn scale_absolutely(&self) -> Result<(), Violation> {
        let rule = "scale takes a number of tasks and is absolute";
        let desired = self.subject.baseline.desired;
        for tasks in [desired, 1, desired.div_ceil(2), desired] {
            self.fleet.scale(self.subject, Role::Candidate, tasks).await?;
            self.fleet.scale(self.subject, Role::Candidate, tasks).await?;
            self.until(rule, |seen| {
                seen.candidate.as_ref().is_some_and(|candidate| {
                    candidate.target == tasks && candidate.healthy == tasks
                })
            })
            .await?;
        }
        let seen = self.fleet.observe(self.subject, None).await?;
        let stable = seen.stable.map(|stable| stable.target);
        Violation::unless_equal("scale leaves the other role alone", &stable, &Some(desired))
    }

    async fn promote(&self) -> Result<(), Violation> {
        self.fleet.promote(self.subject).await?;
        self.fleet.promote(self.subject).await?;
        let primary = Primary::Role(Role::Candidate);
        self.until("promote makes the candidate primary", |seen| seen.primary == primary).await?;
        Ok(())
    }

    async fn retire_stable(&self) -> Result<(), Violation> {
        self.fleet.retire(self.subject, Role::Stable).await?;
        self.fleet.retire(self.subject, Role::Stable).await?;
        let seen = self.until("a retired role goes", |seen| seen.stable.is_none()).await?;
        let healthy = seen.candidate.map(|candidate| candidate.healthy);
        let desired = Some(self.subject.baseline.desired);
        Violation::unless_equal("retire leaves the other role alone", &healthy, &desired)
    }
}
