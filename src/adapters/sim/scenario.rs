//! A simulated account before the first call, and what will happen to it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::action::Action;
use super::alarm_spec::AlarmSpec;
use super::behaviour::Behaviour;
use super::chance::Chance;
use super::endpoint::Endpoint;
use super::fault::FaultRates;
use super::fault::Faults;
use super::fault::ScheduledFault;
use super::names;
use super::timing::Timing;
use super::traffic::Traffic;
use crate::model::Elapsed;
use crate::model::Revision;
use crate::model::ScalableTarget;
use crate::model::ScalePercent;
use crate::model::ServiceId;

/// A service's deployment controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Controller {
    /// `EXTERNAL`: task sets, created by the caller.
    External,
    /// `CODE_DEPLOY`: CodeDeploy would make its task sets; nobody does here.
    CodeDeploy,
    /// `ECS`: ECS's own rolling update with its circuit breaker.
    Ecs,
}

/// A simulated account before the first call, and what will happen to it. Plain data: set any field,
/// or use the methods.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each says of another thing whether it is there")]
pub struct Scenario {
    /// All chance comes from this number.
    pub seed: u64,
    /// Whether the account holds a service from the start. Yes.
    pub home: bool,
    /// The service. `prod/web`.
    pub service: ServiceId,
    /// Its controller. `EXTERNAL`.
    pub controller: Controller,
    /// Its desired count. 4.
    pub desired: u32,
    /// What serves when the simulation begins; none before a first deployment. Revision 1.
    pub stable: Option<Revision>,
    /// How revisions behave; those not listed are healthy.
    pub behaviours: Vec<(Revision, Behaviour)>,
    /// Whether there is a load balancer. Yes.
    pub load_balancer: bool,
    /// How many production rules forward to the two groups. 1.
    pub production_rules: u32,
    /// Whether there is a test rule. No.
    pub test_rule: bool,
    /// Whether the production rules name the green group from the start, at weight 0. Yes.
    pub green_attached: bool,
    /// How long a client sticks to a group; zero without stickiness. Zero.
    pub stickiness: Duration,
    /// The share of clients, in per mille, that keep the cookie. 500.
    pub sticky_permille: u32,
    /// How long a deregistered target goes on draining. 30 s (AWS's default is 300 s).
    pub deregistration_delay: Duration,
    /// How many requests arrive. 20 per second.
    pub traffic: Traffic,
    /// What of the requests is left to chance. Nothing: every minute has exactly its share of failures.
    pub chance: Option<Chance>,
    /// Alarms. None.
    pub alarms: Vec<AlarmSpec>,
    /// How long things take.
    pub timing: Timing,
    /// What goes wrong with calls. Nothing.
    pub faults: Faults,
    /// What others do, and when. Nothing.
    pub actions: Vec<(Elapsed, Action)>,
    /// Task sets of others that are there from the start.
    pub extra_task_sets: Vec<(Revision, ScalePercent)>,
    /// What autoscaling may do with services of the cluster. Nothing.
    pub scalable_targets: Vec<ScalableTarget>,
    /// Scheme, host and port under which the test listener is reached. `http://test.web.example`.
    pub test_origins: Vec<String>,
    /// Who else answers HTTP requests. Nobody.
    pub endpoints: Vec<Endpoint>,
    /// The environment of our processes, for headers that are secret. Empty.
    pub environment: BTreeMap<String, String>,
}

impl Scenario {
    /// Where the test listener is reached.
    pub const TEST_LISTENER: &str = "http://test.web.example";

    /// Four healthy tasks of revision 1 behind a load balancer with one rule, 20 requests per second.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            home: true,
            service: names::service(),
            controller: Controller::External,
            desired: 4,
            stable: Some(names::revision(1)),
            behaviours: Vec::new(),
            load_balancer: true,
            production_rules: 1,
            test_rule: false,
            green_attached: true,
            stickiness: Duration::ZERO,
            sticky_permille: 500,
            deregistration_delay: Duration::from_secs(30),
            traffic: Traffic::per_second(20),
            chance: None,
            alarms: Vec::new(),
            timing: Timing::default(),
            faults: Faults::default(),
            actions: Vec::new(),
            extra_task_sets: Vec::new(),
            scalable_targets: Vec::new(),
            test_origins: vec![Self::TEST_LISTENER.to_owned()],
            endpoints: Vec::new(),
            environment: BTreeMap::new(),
        }
    }

    /// An account without a service and without a load balancer, to be filled by calls.
    pub fn empty(seed: u64) -> Self {
        let mut empty = Self::new(seed).without_stable().without_load_balancer();
        empty.home = false;
        empty.traffic = Traffic::None;
        empty
    }

    /// Sets the desired count.
    #[must_use]
    pub const fn with_desired(mut self, desired: u32) -> Self {
        self.desired = desired;
        self
    }

    /// Nothing serves yet: a first deployment.
    #[must_use]
    pub fn without_stable(mut self) -> Self {
        self.stable = None;
        self
    }

    /// Says what serves when the simulation begins.
    #[must_use]
    pub fn with_stable(mut self, revision: Revision) -> Self {
        self.stable = Some(revision);
        self
    }

    /// Says how a revision behaves.
    #[must_use]
    pub fn with_behaviour(mut self, revision: Revision, behaviour: Behaviour) -> Self {
        self.behaviours.retain(|(of, _)| *of != revision);
        self.behaviours.push((revision, behaviour));
        self
    }

    /// Takes the load balancer away.
    #[must_use]
    pub const fn without_load_balancer(mut self) -> Self {
        self.load_balancer = false;
        self
    }

    /// Sets how many production rules there are.
    #[must_use]
    pub const fn with_production_rules(mut self, rules: u32) -> Self {
        self.production_rules = rules;
        self
    }

    /// Adds a test rule.
    #[must_use]
    pub const fn with_test_rule(mut self) -> Self {
        self.test_rule = true;
        self
    }

    /// Sets how long a client sticks to a group.
    #[must_use]
    pub const fn with_stickiness(mut self, stickiness: Duration) -> Self {
        self.stickiness = stickiness;
        self
    }

    /// Sets the deregistration delay.
    #[must_use]
    pub const fn with_deregistration_delay(mut self, delay: Duration) -> Self {
        self.deregistration_delay = delay;
        self
    }

    /// Sets the traffic.
    #[must_use]
    pub const fn with_traffic(mut self, traffic: Traffic) -> Self {
        self.traffic = traffic;
        self
    }

    /// Leaves the failures of requests to chance.
    #[must_use]
    pub const fn with_chance(mut self, chance: Chance) -> Self {
        self.chance = Some(chance);
        self
    }

    /// Adds an alarm.
    #[must_use]
    pub fn with_alarm(mut self, alarm: AlarmSpec) -> Self {
        self.alarms.push(alarm);
        self
    }

    /// Sets how long things take.
    #[must_use]
    pub const fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Adds a fault for one certain call.
    #[must_use]
    pub fn with_fault(mut self, fault: ScheduledFault) -> Self {
        self.faults.scheduled.push(fault);
        self
    }

    /// Sets how often calls fail by chance, and from when on they no longer do.
    #[must_use]
    pub fn with_fault_rates(mut self, rates: FaultRates, stop_at: Option<Elapsed>) -> Self {
        self.faults.rates = rates;
        self.faults.stop_at = stop_at;
        self
    }

    /// Lets something happen at this time.
    #[must_use]
    pub fn with_action(mut self, at: Elapsed, action: Action) -> Self {
        self.actions.push((at, action));
        self
    }

    /// Adds a task set of someone else that is there from the start.
    #[must_use]
    pub fn with_extra_task_set(mut self, revision: Revision, scale: ScalePercent) -> Self {
        self.extra_task_sets.push((revision, scale));
        self
    }

    /// Lets autoscaling set the desired count of a service in the cluster: of the scenario's own, or of
    /// one that is made later.
    #[must_use]
    pub fn with_scalable_target(mut self, target: ScalableTarget) -> Self {
        self.scalable_targets.push(target);
        self
    }

    /// Lets the test listener be reached under this scheme, host and port too.
    #[must_use]
    pub fn with_test_origin(mut self, origin: impl Into<String>) -> Self {
        self.test_origins.push(origin.into());
        self
    }

    /// Lets someone answer HTTP requests.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.push(endpoint);
        self
    }

    /// Sets an environment variable of our processes.
    #[must_use]
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Says which controller the service has.
    #[must_use]
    pub const fn with_controller(mut self, controller: Controller) -> Self {
        self.controller = controller;
        self
    }
}
