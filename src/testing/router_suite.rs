//! What every router must keep.

use std::time::Duration;

use super::violation::Violation;
use crate::model::FencingToken;
use crate::model::Role;
use crate::model::RouterObservation;
use crate::model::Subject;
use crate::model::Topology;
use crate::model::Weight;
use crate::ports::Clock;
use crate::ports::Router;
use crate::ports::Routes;

const LOOK: Duration = Duration::from_secs(5);

/// Checks a router against the contract of [`Router`].
///
/// `subject` names a service whose stable group has all the weight; at the end it has again. `patience`
/// is how long any one change may take to be seen.
pub async fn router_suite(
    router: &dyn Router,
    clock: &dyn Clock,
    subject: &Subject,
    topology: &Topology,
    patience: Duration,
) -> Result<(), Violation> {
    let suite = Suite { router, clock, subject, topology, patience };
    let before = suite.routes().await?;
    for weight in [0, 1, 125, 999, 1000, 500, 0].map(Weight::at_most) {
        suite.shift(weight).await?;
    }
    if subject.baseline.test_rule.is_some() {
        suite.route_test(Role::Candidate).await?;
        suite.route_test(Role::Stable).await?;
    }
    let rule = "stickiness and everything but the weights stay as they are";
    Violation::unless_equal(rule, &suite.routes().await?, &before)
}

struct Suite<'a> {
    router: &'a dyn Router,
    clock: &'a dyn Clock,
    subject: &'a Subject,
    topology: &'a Topology,
    patience: Duration,
}

impl Suite<'_> {
    async fn routes(&self) -> Result<Routes, Violation> {
        let rule = "routes are the service's as they are";
        let routes = self.router.routes(&self.subject.service, self.topology).await?;
        let routes = routes.ok_or_else(|| Violation::new(rule, "there are none"))?;
        let given = &self.subject.baseline;
        let groups = (Some(&routes.stable_group), Some(&routes.candidate_group));
        let wanted = (given.stable_group.as_ref(), given.candidate_group.as_ref());
        Violation::unless_equal(rule, &groups, &wanted)?;
        Violation::unless_equal(rule, &routes.rules, &given.rules)?;
        Violation::unless_equal(rule, &routes.test_rule, &given.test_rule)?;
        Ok(routes)
    }

    async fn until(
        &self,
        rule: &'static str,
        wanted: impl Fn(&RouterObservation) -> bool + Send,
    ) -> Result<RouterObservation, Violation> {
        let begun = self.clock.elapsed();
        loop {
            let seen = self.router.observe(self.subject).await?;
            if wanted(&seen) {
                return Ok(seen);
            }
            if self.clock.elapsed().since(begun) > self.patience {
                return Err(Violation::new(rule, format!("saw {seen:?}")));
            }
            self.clock.sleep(LOOK).await;
        }
    }

    async fn shift(&self, weight: Weight) -> Result<(), Violation> {
        self.router.shift(self.subject, weight, FencingToken::new(1)).await?;
        self.router.shift(self.subject, weight, FencingToken::new(1)).await?;
        let rule = "applied means that every rule has the weight";
        let seen = self.until(rule, |seen| seen.weight() == Some(weight)).await?;
        Violation::unless_equal(rule, &seen.rules.len(), &self.subject.baseline.rules.len())
    }

    async fn route_test(&self, role: Role) -> Result<(), Violation> {
        let production = self.router.observe(self.subject).await?.weight();
        self.router.route_test(self.subject, role).await?;
        let rule = "test traffic goes where it is sent";
        let seen = self.until(rule, |seen| seen.test == Some(role)).await?;
        let rule = "test traffic leaves production traffic alone";
        Violation::unless_equal(rule, &seen.weight(), &production)
    }
}
