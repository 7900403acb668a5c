//! A service.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::names;
use super::rolling::Breaker;
use super::rolling::Rolling;
use super::scenario::Controller;
use super::service_deployment::ServiceDeployment;
use super::service_deployment::ServiceRevision;
use super::service_event::ServiceEvent;
use super::settings::Settings;
use super::stopped_task::StoppedTask;
use super::task::Task;
use super::task_set::TaskSet;
use crate::model::Elapsed;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::ServiceState;

/// How many events a service keeps.
const EVENTS: usize = 100;

/// A service with its task sets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Service {
    /// Cluster and name.
    pub id: ServiceId,
    /// Its controller.
    pub controller: Controller,
    /// Its status.
    pub status: ServiceState,
    /// Its desired count.
    pub desired: u32,
    /// Its primary task set's number.
    pub primary: Option<u32>,
    /// Its task sets, oldest first.
    pub sets: Vec<TaskSet>,
    /// What the `ECS` controller is at; none while it is at rest, or with `EXTERNAL`.
    pub rolling: Option<Rolling>,
    /// The target group that its `loadBalancers` name, an index into
    /// [`State::groups`](super::State). With `EXTERNAL`, task sets name their own.
    pub group: Option<usize>,
    /// `containerPort` of its `loadBalancers`.
    pub port: u16,
    /// What its creator and later updates gave (`deploymentConfiguration`, `networkConfiguration`,
    /// `loadBalancers` and so on).
    pub settings: Settings,
    /// When it was created.
    pub created_at: Elapsed,
    /// What it said of itself, oldest first; the last hundred.
    pub events: VecDeque<ServiceEvent>,
    /// Its service deployments, oldest first.
    pub deployments: Vec<ServiceDeployment>,
    /// Its service revisions, oldest first.
    pub revisions: Vec<ServiceRevision>,
    /// Tasks that stopped within the last hour, oldest first.
    pub stopped: VecDeque<Arc<StoppedTask>>,
    /// How long failing checks of a new task are ignored; none for the scenario's own time.
    pub(super) grace: Option<Duration>,
    /// The token that it was created with.
    pub(super) token: Option<String>,
    /// Whether it was in a steady state when last looked at.
    pub(super) steady: bool,
}

impl Service {
    /// A service without tasks.
    pub(super) fn new(id: ServiceId, controller: Controller, desired: u32) -> Self {
        Self {
            id,
            controller,
            status: ServiceState::Active,
            desired,
            primary: None,
            sets: Vec::new(),
            rolling: None,
            group: None,
            port: 80,
            settings: Settings::default(),
            created_at: Elapsed::default(),
            events: VecDeque::new(),
            deployments: Vec::new(),
            revisions: Vec::new(),
            stopped: VecDeque::new(),
            grace: None,
            token: None,
            steady: true,
        }
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        names::ecs_arn("service", &format!("{}/{}", self.id.cluster, self.id.service))
    }

    /// The task set with this number.
    pub fn set(&self, number: u32) -> Option<&TaskSet> {
        self.sets.iter().find(|set| set.number == number)
    }

    /// The task set that carries this external id.
    pub fn set_of(&self, external_id: &str) -> Option<&TaskSet> {
        self.sets.iter().find(|set| set.external_id.as_deref() == Some(external_id))
    }

    /// The service deployment that a deployment belongs to, be it its beginning or its way back.
    pub fn deployment_of(&self, set: u32) -> Option<&ServiceDeployment> {
        let back = |deployment: &ServiceDeployment| {
            deployment.way_back.as_ref().is_some_and(|back| back.set == set)
        };
        self.deployments.iter().rfind(|deployment| deployment.set == set || back(deployment))
    }

    /// What its primary task set or deployment runs.
    pub fn primary_revision(&self) -> Option<&Revision> {
        let primary = self.primary.and_then(|number| self.set(number));
        primary.map(|set| &set.revision)
    }

    /// Tasks of all its sets.
    pub fn tasks(&self) -> impl Iterator<Item = (&TaskSet, &Task)> {
        self.sets.iter().flat_map(|set| set.tasks.iter().map(move |task| (set, task)))
    }

    /// A member of its `deploymentConfiguration`.
    pub fn configured(&self, name: &str) -> Option<&Value> {
        self.settings.get("deploymentConfiguration")?.get(name)
    }

    /// `minimumHealthyPercent`. 100.
    pub fn minimum_healthy_percent(&self) -> u32 {
        self.percent("minimumHealthyPercent", 100)
    }

    /// `maximumPercent`. 200.
    pub fn maximum_percent(&self) -> u32 {
        self.percent("maximumPercent", 200)
    }

    fn percent(&self, name: &str, unless: u32) -> u32 {
        let given = self.configured(name).and_then(Value::as_u64);
        given.and_then(|percent| u32::try_from(percent).ok()).unwrap_or(unless)
    }

    /// What its deployment circuit breaker does.
    pub fn breaker(&self) -> Breaker {
        let member = |name| {
            let breaker = self.configured("deploymentCircuitBreaker");
            breaker.and_then(|breaker| breaker.get(name)).and_then(Value::as_bool) == Some(true)
        };
        match (member("enable"), member("rollback")) {
            (false, _) => Breaker::Disabled,
            (true, false) => Breaker::Fails,
            (true, true) => Breaker::GoesBack,
        }
    }

    /// Whether all its tasks are as they should be, and nothing of old is left.
    pub(super) fn is_steady(&self) -> bool {
        let settled = |set: &TaskSet| set.is_steady() && set.tasks.len() == live(set);
        let ongoing = self
            .rolling
            .as_ref()
            .is_some_and(|rolling| rolling.state == super::rolling::RollingState::InProgress);
        !ongoing && self.status == ServiceState::Active && self.sets.iter().all(settled)
    }

    /// Says something.
    pub(super) fn say(&mut self, number: u64, at: Elapsed, what: &str) {
        let message = format!("(service {}) {what}", self.id.service).into();
        self.events.push_back(ServiceEvent { number, at, message });
        if self.events.len() > EVENTS {
            self.events.pop_front();
        }
    }

    /// Keeps a stopped task for its hour.
    pub(super) fn bury(&mut self, task: StoppedTask) {
        let now = task.at;
        while self.stopped.front().is_some_and(|old| now.since(old.at) > StoppedTask::KEPT) {
            self.stopped.pop_front();
        }
        self.stopped.push_back(Arc::new(task));
    }
}

fn live(set: &TaskSet) -> usize {
    set.tasks.iter().filter(|task| task.is_live()).count()
}
