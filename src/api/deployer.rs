//! Starting and resuming deployments.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use tracing::Instrument;

use super::check_gates::check_gates;
use super::check_gates::check_metrics;
use super::deployment_status::DeploymentStatus;
use super::error::Error;
use super::handle::DeploymentHandle;
use super::patience::patiently;
use super::planned::Planned;
use super::prepare::check_names;
use super::prepare::plan;
use super::prepare::read_baseline;
use super::prepare::shape;
use super::request::DeploymentRequest;
use crate::driver::Driver;
use crate::driver::Finish;
use crate::driver::Hook;
use crate::driver::Keeper;
use crate::driver::Registry;
use crate::driver::in_time;
use crate::engine::Engine;
use crate::engine::Input;
use crate::engine::last_progress;
use crate::engine::rollback_plan;
use crate::gate::Gate;
use crate::model::DeploymentId;
use crate::model::GateId;
use crate::model::GateMemory;
use crate::model::Header;
use crate::model::HolderId;
use crate::model::HookId;
use crate::model::Now;
use crate::model::Operator;
use crate::model::Record;
use crate::model::ServiceId;
use crate::model::State;
use crate::model::StopOrder;
use crate::model::Subject;
use crate::ports::CallError;
use crate::ports::Ports;
use crate::ports::StoredRequest;
use crate::ports::Summary;
use crate::record::LeaseTerms;
use crate::record::decode;

/// Starts and resumes deployments of any number of services, one at a time for each service.
#[derive(Debug, Clone)]
pub struct Deployer {
    pub(super) ports: Ports,
    registry: Registry,
    holder: HolderId,
    terms: LeaseTerms,
    driven: Arc<Mutex<BTreeMap<ServiceId, DeploymentId>>>,
    asked: Arc<AtomicU64>,
}

/// Collects what a [`Deployer`] needs.
#[derive(Debug)]
pub struct DeployerBuilder {
    ports: Ports,
    registry: Registry,
    holder: Option<HolderId>,
    terms: LeaseTerms,
}

impl DeployerBuilder {
    /// Registers a custom gate under an id.
    #[must_use]
    pub fn gate(mut self, id: GateId, gate: Arc<dyn Gate>) -> Self {
        self.registry.gates.insert(id, gate);
        self
    }

    /// Registers a hook's code under an id.
    #[must_use]
    pub fn hook(mut self, id: HookId, hook: impl Hook + 'static) -> Self {
        self.registry.hooks.insert(id, Arc::new(hook));
        self
    }

    /// Names this process in leases, for people. Must differ between processes that share a store.
    #[must_use]
    pub fn holder(mut self, holder: HolderId) -> Self {
        self.holder = Some(holder);
        self
    }

    /// Sets the times of leases.
    #[must_use]
    pub const fn lease(mut self, terms: LeaseTerms) -> Self {
        self.terms = terms;
        self
    }

    /// The deployer. Without a holder of its own, this process is named by its number and the time.
    pub fn build(self) -> Result<Deployer, Error> {
        let Self { ports, registry, holder, terms } = self;
        let holder = if let Some(holder) = holder {
            holder
        } else {
            let (process, now) = (std::process::id(), ports.clock.wall());
            HolderId::new(format!("process {process} since {now}")).map_err(Error::Name)?
        };
        let driven = Arc::new(Mutex::new(BTreeMap::new()));
        Ok(Deployer { ports, registry, holder, terms, driven, asked: Arc::default() })
    }
}

/// Marks a service as driven in this process for as long as its driver lives.
#[derive(Debug)]
struct Driven {
    services: Arc<Mutex<BTreeMap<ServiceId, DeploymentId>>>,
    service: ServiceId,
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.service);
    }
}

impl Deployer {
    /// Begins a deployer over these ports.
    pub fn builder(ports: Ports) -> DeployerBuilder {
        let (registry, terms) = (Registry::default(), LeaseTerms::default());
        DeployerBuilder { ports, registry, holder: None, terms }
    }

    /// What a request would do. Reads only, and again for a while, as [`start`](Self::start) does.
    pub async fn plan(&self, request: &DeploymentRequest<'_>) -> Result<Planned, Error> {
        let prepared = patiently(&*self.ports.clock, || self.prepare(request)).await;
        prepared.map(|(planned, _)| planned)
    }

    /// What a request would do, and what its gates know before it begins.
    async fn prepare(
        &self,
        request: &DeploymentRequest<'_>,
    ) -> Result<(Planned, BTreeMap<GateId, GateMemory>), Error> {
        let baseline = read_baseline(&self.ports, &request.service, &request.topology).await?;
        let shape = shape(request, &baseline);
        let plan = plan(request, &shape)?;
        check_gates(&self.ports, &plan, &baseline)?;
        check_metrics(request, &baseline, &plan)?;
        let memories = check_names(&self.ports, &self.registry, &plan).await?;
        Ok((Planned { plan, shape, baseline }, memories))
    }

    /// Starts a deployment. It is driven in the background; the handle watches and steers it.
    ///
    /// One look may lack something, be old or fail. Before it is refused for what was read, the world is
    /// looked at again: what three looks, five seconds apart, do not mend is refused with the reason; where
    /// it cannot be read or is not at rest, after 100 seconds.
    pub async fn start(&self, request: DeploymentRequest<'_>) -> Result<DeploymentHandle, Error> {
        let driven = self.claim(&request.service, &request.id)?;
        let (record, keeper) =
            patiently(&*self.ports.clock, || self.begin(request.clone())).await?;
        Ok(self.drive(record, None, keeper, driven))
    }

    /// Takes the lease and makes the record; the lease is given back where that is refused.
    async fn begin(&self, request: DeploymentRequest<'_>) -> Result<(Record, Keeper), Error> {
        let (id, service) = (request.id.clone(), request.service.clone());
        self.may_start(&service, &id).await?;
        let keeper = self.lease(&service, &id, false).await?;
        // Only under the lease does nobody else change what is read; taking it may have lasted.
        let planned = match self.may_start(&service, &id).await {
            Ok(()) => self.prepare(&request).await,
            Err(refusal) => Err(refusal),
        };
        let (Planned { plan, baseline, .. }, memories) = match planned {
            Ok(planned) => planned,
            Err(refusal) => {
                keeper.release().await;
                return Err(refusal);
            }
        };
        let rollback = rollback_plan(&plan, &baseline);
        let subject = Subject { deployment: id, service, candidate: request.revision, baseline };
        let created = self.ports.clock.wall();
        let header = Header::new(subject, plan, rollback, request.limits, created);
        let state = State { memories, ..State::default() };
        Ok((Record::new(header, keeper.token(), state), keeper))
    }

    /// Takes up a deployment whose process died, or that was left. Waits until the lease of whoever
    /// drove it is over. A deployment that has ended is only told how.
    pub async fn resume(&self, deployment: &DeploymentId) -> Result<DeploymentHandle, Error> {
        let record = self.read(deployment).await?;
        let service = record.header.subject.service.clone();
        if let Some(handle) = ended(&record) {
            return Ok(handle);
        }
        let driven = self.claim(&service, deployment)?;
        let keeper = self.lease(&service, deployment, true).await?;
        // Whoever held the lease may have written until it was over.
        let record = self.read(deployment).await?;
        if let Some(handle) = ended(&record) {
            keeper.release().await;
            return Ok(handle);
        }
        // A switch that cannot be read holds nothing up here: the driver reads it at every look.
        let turns = self.turns().await.unwrap_or_default();
        let stop = StopOrder::in_force(&turns).cloned();
        Ok(self.drive(record, stop, keeper, driven))
    }

    /// Every deployment in the store.
    pub async fn list(&self) -> Result<Vec<Summary>, Error> {
        self.store("store:List", self.ports.store.list()).await
    }

    /// Where a deployment is by its record, whoever drives it. Takes no lease.
    pub async fn status(&self, deployment: &DeploymentId) -> Result<DeploymentStatus, Error> {
        let record = self.read(deployment).await?;
        let service = &record.header.subject.service;
        let lease = self.store("store:Lease", self.ports.store.lease(service)).await?;
        let drives = lease.filter(|lease| lease.deployment == *deployment);
        let requests = self.store("store:Asked", self.ports.store.asked(deployment)).await?;
        let (progress, holder) = (last_progress(&record), drives.and_then(|lease| lease.holder));
        Ok(DeploymentStatus { progress, holder, record, requests })
    }

    /// Asks something of a deployment that another process drives, or will. Its driver answers at its
    /// next look at the service; [`status`](Self::status) tells what, under the nonce of the request
    /// that is returned. To make sure after an error that says nothing of the outcome, look there too.
    pub async fn request(
        &self,
        deployment: &DeploymentId,
        operator: Operator,
    ) -> Result<StoredRequest, Error> {
        let progress = last_progress(&self.read(deployment).await?);
        if progress.status.is_ended() {
            let why = "the deployment has ended; start a new one".to_owned();
            return Err(Error::RequestRefused { request: operator, why });
        }
        let (now, nth) = (self.ports.clock.wall(), self.asked.fetch_add(1, Ordering::Relaxed));
        let nonce = format!("{}/{}/{}/{nth}", self.holder, std::process::id(), now.as_millis());
        let (by, step) = (Some(self.holder.clone()), progress.step);
        let request = StoredRequest { nonce, operator, by, step, answer: None };
        let ask = self.ports.store.ask(deployment, request.clone());
        self.store("store:Ask", ask).await?;
        Ok(request)
    }

    /// Stops every deployment of this store, in every process, until [`go`](Self::go): new ones are refused
    /// with the reason, running ones take no further step forward from their next look at the store on. A
    /// rollback is never held up.
    pub async fn stop(
        &self,
        by: impl Into<String> + Send,
        reason: impl Into<String> + Send,
    ) -> Result<StopOrder, Error> {
        self.turn(by.into(), Some(reason.into())).await
    }

    /// Lets every deployment of this store go on.
    pub async fn go(&self, by: impl Into<String> + Send) -> Result<StopOrder, Error> {
        self.turn(by.into(), None).await
    }

    async fn turn(&self, by: String, reason: Option<String>) -> Result<StopOrder, Error> {
        let order = StopOrder { at: self.ports.clock.wall(), by, reason };
        self.store("store:Turn", self.ports.store.turn(order.clone())).await?;
        Ok(order)
    }

    /// Who stopped every deployment and let it go, when and why, the latest last. What is in force is
    /// [`StopOrder::in_force`].
    pub async fn turns(&self) -> Result<Vec<StopOrder>, Error> {
        self.store("store:Turns", self.ports.store.turns()).await
    }

    fn claim(&self, service: &ServiceId, deployment: &DeploymentId) -> Result<Driven, Error> {
        let mut services = self.driven.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(driven) = services.get(service) {
            let (service, deployment) = (service.clone(), driven.clone());
            return Err(Error::AlreadyRunning { service, holder: None, deployment });
        }
        services.insert(service.clone(), deployment.clone());
        Ok(Driven { services: Arc::clone(&self.driven), service: service.clone() })
    }

    async fn may_start(&self, service: &ServiceId, id: &DeploymentId) -> Result<(), Error> {
        if let Some(order) = StopOrder::in_force(&self.turns().await?) {
            return Err(Error::Stopped { order: order.clone() });
        }
        for known in self.list().await? {
            if known.deployment == *id {
                return Err(Error::Duplicate { deployment: known.deployment });
            }
            if known.service == *service && !known.status.is_ended() {
                // Whoever drives it now is the better answer.
                let lease = self.store("store:Lease", self.ports.store.lease(service)).await?;
                let drives = lease.filter(|lease| lease.deployment == known.deployment);
                let holder = drives.and_then(|lease| lease.holder);
                let (service, deployment) = (known.service, known.deployment);
                return Err(match holder {
                    Some(_) => Error::AlreadyRunning { service, holder, deployment },
                    None => Error::Unfinished { service, deployment },
                });
            }
        }
        Ok(())
    }

    async fn lease(
        &self,
        service: &ServiceId,
        deployment: &DeploymentId,
        patient: bool,
    ) -> Result<Keeper, Error> {
        let (store, clock) = (Arc::clone(&self.ports.store), Arc::clone(&self.ports.clock));
        let holder = self.holder.clone();
        Keeper::acquire(
            store,
            clock,
            service.clone(),
            deployment.clone(),
            holder,
            self.terms,
            patient,
        )
        .await
        .map_err(|error| Error::acquire(service.clone(), error))
    }

    async fn store<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, CallError>> + Send,
    ) -> Result<T, Error> {
        in_time(&*self.ports.clock, operation, call).await.map_err(Error::Store)
    }

    async fn read(&self, deployment: &DeploymentId) -> Result<Record, Error> {
        let stored = self.store("store:Read", self.ports.store.read(deployment)).await?;
        let unknown = || Error::Unknown { deployment: deployment.clone() };
        let stored = stored.ok_or_else(unknown)?;
        decode(&stored.body)
            .map_err(|source| Error::Record { deployment: deployment.clone(), source })
    }

    fn drive(
        &self,
        record: Record,
        stop: Option<StopOrder>,
        keeper: Keeper,
        driven: Driven,
    ) -> DeploymentHandle {
        let subject = &record.header.subject;
        let span = tracing::info_span!(
            "deployment",
            deployment = %subject.deployment,
            service = %subject.service,
            revision = %subject.candidate,
            token = %keeper.token(),
        );
        let id = subject.deployment.clone();
        let now = self.ports.clock.now();
        let mut engine = Engine::restore(record, keeper.token(), now);
        engine.handle(now, Input::Stop(stop));
        let (handle, link) = DeploymentHandle::new(id, engine.progress());
        let driver = Driver::new(self.ports.clone(), self.registry.clone(), engine, keeper, link);
        let task = async move {
            let (link, finish) = Box::pin(driver.run()).await;
            // Whoever hears of the end may start the next one at once.
            drop(driven);
            link.conclude(finish);
        };
        self.ports.spawn.spawn(Box::pin(task.instrument(span)));
        handle
    }
}

/// A handle that only tells how a deployment ended.
fn ended(record: &Record) -> Option<DeploymentHandle> {
    let engine = Engine::restore(record.clone(), record.token, Now::default());
    let ending = engine.state().ending.clone()?;
    let id = record.header.subject.deployment.clone();
    let (handle, link) = DeploymentHandle::new(id, engine.progress());
    link.conclude(Finish::Ended(ending));
    Some(handle)
}
