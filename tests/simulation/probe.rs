//! The simulated cloud's ports, watched: what a driver reads and sends is noted before it goes on.
//! Every error carries a cause that holds a secret, as an SDK's does.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use cutover::adapters::sim::Cloud;
use cutover::model::AlarmName;
use cutover::model::Baseline;
use cutover::model::CallToken;
use cutover::model::FencingToken;
use cutover::model::FleetObservation;
use cutover::model::Intent;
use cutover::model::MetricQuery;
use cutover::model::Revision;
use cutover::model::Role;
use cutover::model::RouterObservation;
use cutover::model::ServiceId;
use cutover::model::Subject;
use cutover::model::TaskSetId;
use cutover::model::Timestamp;
use cutover::model::Topology;
use cutover::model::Weight;
use cutover::ports::AlarmReading;
use cutover::ports::AlarmTransition;
use cutover::ports::CallError;
use cutover::ports::Fleet;
use cutover::ports::MetricData;
use cutover::ports::MetricWindow;
use cutover::ports::Monitor;
use cutover::ports::Router;
use cutover::ports::Routes;
use cutover::ports::WriteError;

use crate::history::Answer;
use crate::history::Known;
use crate::history::Log;
use crate::history::Millis;
use crate::history::Read;
use crate::history::Write;
use crate::history::open;
use crate::process::Ear;

/// What must never be shown.
pub(crate) const CANARY: &str = "CANARY-7f3a9";

/// An error as an SDK might have it: with the request, secrets and all.
#[derive(Debug)]
struct Telling(&'static str);

impl fmt::Display for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "environment: SECRET={}", self.0)
    }
}

impl std::error::Error for Telling {}

/// Gives an error a cause that must not be shown.
pub(crate) fn telling(mut error: CallError) -> CallError {
    error.source = Some(Box::new(Telling(CANARY)));
    error
}

/// One process's watched ports.
#[derive(Clone)]
pub(crate) struct Probe {
    cloud: Cloud,
    log: Log,
    process: u32,
    ear: Ear,
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").field("process", &self.process).finish_non_exhaustive()
    }
}

impl Probe {
    /// Watches the ports of one process.
    pub(crate) fn new(cloud: Cloud, log: Log, process: u32, ear: Ear) -> Self {
        Self { cloud, log, process, ear }
    }

    /// The time; what was told before a call is heard before it.
    fn now(&self) -> Millis {
        self.ear.hear();
        self.cloud.with(|world| world.now().as_millis())
    }

    fn read<T>(
        &self,
        began: Millis,
        result: Result<T, CallError>,
        answer: impl FnOnce(&T) -> Option<Answer>,
    ) -> Result<T, CallError> {
        let answer = result.as_ref().map_or(Some(Answer::Failed), answer);
        if let Some(answer) = answer {
            open(&self.log).reads.push(Read { process: self.process, began, answer });
        }
        result.map_err(telling)
    }

    async fn write<T>(
        &self,
        intent: Intent,
        call: impl Future<Output = Result<T, WriteError>> + Send,
    ) -> Result<T, WriteError> {
        let sent = self.now();
        let index = {
            let mut log = open(&self.log);
            let sample = log.samples.len().saturating_sub(1);
            let process = self.process;
            log.writes.push(Write { process, sent, intent, answered: None, sample });
            log.writes.len() - 1
        };
        let result = call.await;
        let known = match &result {
            Ok(_) => Known::Applied,
            Err(WriteError::Rejected(_)) => Known::Rejected,
            Err(WriteError::Unknown(_)) => Known::Unknown,
        };
        let now = self.now();
        open(&self.log).writes[index].answered = Some((now, known));
        result.map_err(|error| match error {
            WriteError::Rejected(error) => WriteError::Rejected(telling(error)),
            WriteError::Unknown(error) => WriteError::Unknown(telling(error)),
        })
    }
}

/// The watched fleet.
#[derive(Debug)]
pub(crate) struct ProbedFleet(pub Probe, pub Arc<dyn Fleet>);

#[async_trait]
impl Fleet for ProbedFleet {
    async fn baseline(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Baseline, CallError> {
        let began = self.0.now();
        let result = self.1.baseline(service, topology).await;
        self.0.read(began, result, |_| None)
    }

    async fn observe(
        &self,
        subject: &Subject,
        delegation: Option<&TaskSetId>,
    ) -> Result<FleetObservation, CallError> {
        let began = self.0.now();
        let result = self.1.observe(subject, delegation).await;
        self.0.read(began, result, |seen| {
            let healthy = |role: &Option<_>| {
                role.as_ref().map_or(0, |role: &cutover::model::RoleObservation| role.healthy)
            };
            let healthy = [healthy(&seen.stable), healthy(&seen.candidate)];
            Some(Answer::Fleet { desired: seen.desired, healthy })
        })
    }

    async fn launch(
        &self,
        subject: &Subject,
        tasks: u32,
        token: &CallToken,
    ) -> Result<(), WriteError> {
        self.0.write(Intent::Launch { tasks }, self.1.launch(subject, tasks, token)).await
    }

    async fn scale(&self, subject: &Subject, role: Role, tasks: u32) -> Result<(), WriteError> {
        let intent = Intent::Scale { role, tasks };
        self.0.write(intent, self.1.scale(subject, role, tasks)).await
    }

    async fn promote(&self, subject: &Subject) -> Result<(), WriteError> {
        self.0.write(Intent::Promote, self.1.promote(subject)).await
    }

    async fn retire(&self, subject: &Subject, role: Role) -> Result<(), WriteError> {
        self.0.write(Intent::Retire { role }, self.1.retire(subject, role)).await
    }

    async fn delegate(
        &self,
        subject: &Subject,
        revision: &Revision,
        minimum_healthy_percent: u32,
        maximum_percent: u32,
    ) -> Result<TaskSetId, WriteError> {
        let intent = Intent::Delegate {
            revision: revision.clone(),
            minimum_healthy_percent,
            maximum_percent,
        };
        let call = self.1.delegate(subject, revision, minimum_healthy_percent, maximum_percent);
        self.0.write(intent, call).await
    }
}

/// The watched router.
#[derive(Debug)]
pub(crate) struct ProbedRouter(pub Probe, pub Arc<dyn Router>);

#[async_trait]
impl Router for ProbedRouter {
    async fn routes(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Option<Routes>, CallError> {
        let began = self.0.now();
        let result = self.1.routes(service, topology).await;
        self.0.read(began, result, |_| None)
    }

    async fn observe(&self, subject: &Subject) -> Result<RouterObservation, CallError> {
        let began = self.0.now();
        let result = self.1.observe(subject).await;
        self.0.read(began, result, |seen| {
            let first = seen.rules.first();
            let agree = first.filter(|first| {
                seen.rules.iter().all(|rule| !rule.foreign && rule.candidate == first.candidate)
            });
            Some(Answer::Router { weight: agree.map(|rule| rule.candidate.as_permille()) })
        })
    }

    async fn shift(
        &self,
        subject: &Subject,
        candidate: Weight,
        token: FencingToken,
    ) -> Result<(), WriteError> {
        let intent = Intent::Shift { weight: candidate };
        self.0.write(intent, self.1.shift(subject, candidate, token)).await
    }

    async fn route_test(&self, subject: &Subject, role: Role) -> Result<(), WriteError> {
        self.0.write(Intent::RouteTest { role }, self.1.route_test(subject, role)).await
    }
}

/// The watched monitor.
#[derive(Debug)]
pub(crate) struct ProbedMonitor(pub Probe, pub Arc<dyn Monitor>);

#[async_trait]
impl Monitor for ProbedMonitor {
    async fn alarms(&self, names: &[AlarmName]) -> Result<Vec<AlarmReading>, CallError> {
        let began = self.0.now();
        let result = self.1.alarms(names).await;
        self.0.read(began, result, |_| Some(Answer::Alarms))
    }

    async fn history(
        &self,
        name: &AlarmName,
        since: Timestamp,
    ) -> Result<Vec<AlarmTransition>, CallError> {
        let began = self.0.now();
        let result = self.1.history(name, since).await;
        self.0.read(began, result, |_| None)
    }

    async fn metrics(
        &self,
        queries: &[MetricQuery],
        window: MetricWindow,
    ) -> Result<MetricData, CallError> {
        let began = self.0.now();
        // it may never answer
        open(&self.0.log).uncounted.push(began);
        let result = self.1.metrics(queries, window).await;
        let is_whole = |data: &MetricData| data.series.iter().all(|it| it.incomplete.is_none());
        if result.as_ref().is_ok_and(is_whole) {
            let mut log = open(&self.0.log);
            log.uncounted.retain(|at| *at != began);
            log.counted.push(began);
        }
        self.0.read(began, result, |_| None)
    }
}
