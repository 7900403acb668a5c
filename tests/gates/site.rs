//! A deployment with gates on the simulated cloud.

use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::sim::{Cloud, Executor, Scenario};
use cutover::gate::{Gate, rejudge};
use cutover::model::*;
use cutover::ports::Store;
use cutover::record::decode;
use cutover::store::MemoryStore;
use cutover::strategy::{BlueGreen, Strategy};
use cutover::{Deployer, DeploymentRequest, Error};
use futures_util::StreamExt;

use crate::base;

/// One deployment and what is registered for it.
pub(crate) struct Site {
    pub(crate) cloud: Cloud,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) gates: Vec<GateSpec>,
    pub(crate) custom: Vec<(GateId, Arc<dyn Gate>)>,
    pub(crate) strategy: Box<dyn Strategy>,
}

/// How one went.
pub(crate) struct Story {
    pub(crate) ending: Ending,
    pub(crate) events: Vec<Event>,
    pub(crate) record: Record,
    /// When it ended.
    pub(crate) took: Duration,
}

impl Site {
    /// Blue/green with test traffic and a bake of five minutes.
    pub(crate) fn new(scenario: Scenario) -> Self {
        let cloud = Cloud::new(scenario.with_test_rule());
        let strategy = Box::new(BlueGreen { test_traffic: true, ..BlueGreen::default() });
        let store = Arc::new(MemoryStore::new());
        Self { cloud, store, gates: Vec::new(), custom: Vec::new(), strategy }
    }

    /// The same with a gate that always watches.
    pub(crate) fn gate(mut self, id: &str, kind: GateKind) -> Self {
        self.gates.push(gate(id, kind));
        self
    }

    /// The same with code of the application's own.
    pub(crate) fn code(mut self, id: &str, gate: impl Gate + 'static) -> Self {
        self.custom.push((GateId::new(id).unwrap(), Arc::new(gate)));
        self
    }

    pub(crate) fn deployer(&self, cloud: &Cloud) -> Deployer {
        let mut builder = Deployer::builder(cloud.ports(Arc::clone(&self.store) as _))
            .holder(HolderId::new("p1").unwrap());
        for (id, gate) in &self.custom {
            builder = builder.gate(id.clone(), Arc::clone(gate));
        }
        builder.build().unwrap()
    }

    pub(crate) fn request(&self) -> DeploymentRequest<'_> {
        let service = self.cloud.with(|world| world.state().home().id.clone());
        let request = base::request("d-1", service, 2, &*self.strategy);
        self.gates.iter().cloned().fold(request, DeploymentRequest::gate)
    }

    /// Deploys; a record of it must lead to the same answers again.
    pub(crate) fn deploy(self) -> Story {
        let cloud = self.cloud.process("p1");
        let (deployer, clock) = (self.deployer(&cloud), cloud.clock());
        let store = Arc::clone(&self.store);
        let request = self.request();
        let run = async move {
            let handle = deployer.start(request).await?;
            let events = handle.events();
            // who listens late misses some
            let (ending, events) =
                futures_util::future::join(handle.wait(), events.collect()).await;
            let ending = ending?;
            let took = Duration::from_millis(clock.elapsed().as_millis());
            let stored = store.read(&deployment()).await.unwrap().unwrap();
            Ok::<_, Error>(Story { ending, events, record: decode(&stored.body).unwrap(), took })
        };
        let story = run_on(&self.cloud, run).unwrap();
        rejudge(&story.record).unwrap();
        story
    }

    /// Is refused to start.
    pub(crate) fn refused(self, without_http: bool) -> String {
        let cloud = self.cloud.process("p1");
        let mut ports = cloud.ports(Arc::clone(&self.store) as _);
        if without_http {
            ports.http = None;
        }
        let deployer = Deployer::builder(ports).build().unwrap();
        let request = self.request();
        let planned = async move { deployer.plan(&request).await.map(drop) };
        run_on(&self.cloud, planned).unwrap_err().to_string()
    }
}

fn run_on<T: Send>(cloud: &Cloud, future: impl Future<Output = T> + Send) -> T {
    Executor::new(cloud).block_on(future).unwrap()
}

pub(crate) fn deployment() -> DeploymentId {
    DeploymentId::new("d-1").unwrap()
}

/// A gate that always watches, may roll back, and holds for ten minutes.
pub(crate) fn gate(id: &str, kind: GateKind) -> GateSpec {
    GateSpec {
        id: GateId::new(id).unwrap(),
        kind,
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: Duration::from_mins(10) },
        always: true,
    }
}

pub(crate) fn endpoint(url: &str) -> HttpEndpoint {
    HttpEndpoint::new(HttpUrl::new(url).unwrap())
}

impl Story {
    pub(crate) fn went_well(&self) -> bool {
        self.ending == Ending::Successful { leftovers: Vec::new() }
    }

    /// Why it turned back.
    pub(crate) fn cause(&self) -> String {
        let cause = self.events.iter().find_map(|event| match &event.kind {
            EventKind::RollbackStarted { cause } => Some(cause.to_string()),
            _ => None,
        });
        cause.unwrap_or_default()
    }

    /// Every answer of a gate that was told, in order.
    pub(crate) fn verdicts(&self, id: &str) -> Vec<Verdict> {
        let told = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Gate { gate, verdict } if gate.as_str() == id => Some(verdict.clone()),
            _ => None,
        });
        told.collect()
    }

    /// The last that is recorded of a gate.
    pub(crate) fn reading(&self, id: &str) -> GateReading {
        let entries = self.record.entries.iter().rev();
        let mut readings = entries.flat_map(|entry| &entry.facts.gates);
        readings.find(|reading| reading.gate.as_str() == id).unwrap().clone()
    }

    /// The highest weight that was ever written.
    pub(crate) fn peak(&self) -> Weight {
        let weights = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Writing { intent: Intent::Shift { weight } } => Some(*weight),
            _ => None,
        });
        weights.max().unwrap_or(Weight::ZERO)
    }
}
