//! A deployment with gates from a spec, and what became of it.

use std::sync::Arc;
use std::time::Duration;

use cutover::Deployer;
use cutover::DeploymentRequest;
use cutover::Error;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::gate::rejudge;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::Event;
use cutover::model::EventKind;
use cutover::model::GateReading;
use cutover::model::Record;
use cutover::model::Status;
use cutover::model::Verdict;
use cutover::ports::Store;
use cutover::spec::DeploymentSpec;
use cutover::store::MemoryStore;
use futures_util::StreamExt;

/// What became of a deployment.
pub(crate) struct Done {
    pub(crate) ending: Ending,
    pub(crate) record: Record,
    pub(crate) events: Vec<Event>,
    pub(crate) size: usize,
}

/// A spec with this strategy and these gates.
pub(crate) fn spec(strategy: &str, gates: &str) -> DeploymentSpec {
    let text = format!(
        "service: {{cluster: prod, name: web}}
revision: {{task_definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2'}}
strategy: {strategy}
gates: {gates}
"
    );
    DeploymentSpec::parse(&text, "gates.yaml").unwrap_or_else(|error| panic!("{error}"))
}

fn id() -> DeploymentId {
    DeploymentId::new("d-1").unwrap()
}

/// Runs a deployment to its end; its process dies and is followed by another at these times.
pub(crate) fn deploy(scenario: Scenario, spec: &DeploymentSpec, deaths: &[Duration]) -> Done {
    Account::new(scenario).deploy((&id(), 2), spec, deaths)
}

/// A cloud in which one deployment follows another.
pub(crate) struct Account {
    cloud: Cloud,
    executor: Executor,
}

impl Account {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let cloud = Cloud::new(scenario);
        let executor = Executor::new(&cloud);
        Self { cloud, executor }
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, span: Duration) {
        let clock = self.cloud.clock();
        self.executor.block_on(async move { clock.sleep(span).await }).unwrap();
    }

    /// Deploys this revision as `deploy` does.
    pub(crate) fn deploy(
        &mut self,
        (id, number): (&DeploymentId, u32),
        spec: &DeploymentSpec,
        deaths: &[Duration],
    ) -> Done {
        let store = Arc::new(MemoryStore::new());
        let service = self.cloud.with(|world| world.state().home().id.clone());
        let mut events = Vec::new();
        for (process_number, lives) in deaths.iter().map(Some).chain([None]).enumerate() {
            let process = self.cloud.process(&format!("{id}-p{process_number}"));
            let deployer =
                Deployer::builder(process.ports(Arc::clone(&store) as _)).build().unwrap();
            let (strategy, clock, service) = (spec.strategy(), process.clock(), service.clone());
            let life = async {
                let handle = if process_number == 0 {
                    let (id, to) = (id.clone(), revision(number));
                    let mut request = DeploymentRequest::new(id, service, to, &*strategy);
                    for gate in spec.gates() {
                        request = request.gate(gate.clone());
                    }
                    deployer.start(request).await.unwrap()
                } else {
                    deployer.resume(id).await.unwrap()
                };
                match lives {
                    Some(lives) => {
                        clock.sleep(*lives).await;
                        Vec::new()
                    }
                    None => handle.events().collect::<Vec<Event>>().await,
                }
            };
            events.extend(self.executor.block_on(life).unwrap());
            self.executor.kill_process(&process);
        }
        let reader = Arc::clone(&store);
        let read = async move { reader.read(id).await.unwrap().unwrap() };
        let body = self.executor.block_on(read).unwrap().body;
        let record = cutover::record::decode(&body).unwrap();
        assert!(rejudge(&record).unwrap() > 0);
        cutover::engine::replay(&record).unwrap();
        let ended = events.iter().rev().find_map(|event| match &event.kind {
            EventKind::Finished { ending, .. } => Some(ending.clone()),
            _ => None,
        });
        Done { ending: ended.unwrap(), record, events, size: body.len() }
    }
}

/// Why a deployment with these gates does not start.
pub(crate) fn refusal(scenario: Scenario, spec: &DeploymentSpec) -> String {
    let cloud = Cloud::new(scenario);
    let mut executor = Executor::new(&cloud);
    let ports = cloud.process("p").ports(Arc::new(MemoryStore::new()) as _);
    let deployer = Deployer::builder(ports).build().unwrap();
    let service = cloud.with(|world| world.state().home().id.clone());
    let error = executor.block_on(async {
        let strategy = spec.strategy();
        let mut request = DeploymentRequest::new(id(), service, revision(2), &*strategy);
        for gate in spec.gates() {
            request = request.gate(gate.clone());
        }
        deployer.plan(&request).await.unwrap_err()
    });
    let Error::UnusableGate { field, why, .. } = error.unwrap() else { panic!("another error") };
    format!("{field}: {why}")
}

impl Done {
    pub(crate) fn status(&self) -> Status {
        self.ending.status()
    }

    /// Every answer of a gate that was told, in order.
    pub(crate) fn told(&self, gate: &str) -> Vec<Verdict> {
        let of = |event: &Event| match &event.kind {
            EventKind::Gate { gate: of, verdict } if of.as_str() == gate => Some(verdict.clone()),
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    /// Every recorded reading of a gate, in order.
    pub(crate) fn readings(&self, gate: &str) -> Vec<GateReading> {
        let all = self.record.entries.iter().flat_map(|entry| &entry.facts.gates);
        all.filter(|reading| reading.gate.as_str() == gate).cloned().collect()
    }

    /// The last recorded number of a gate under this name.
    pub(crate) fn measure(&self, gate: &str, what: &str) -> Option<f64> {
        let readings = self.readings(gate);
        let mut measures = readings.iter().flat_map(|reading| &reading.grounds.measures);
        measures.rfind(|measure| measure.what == what).map(|measure| measure.value.get())
    }

    /// How long the deployment took.
    pub(crate) fn took(&self) -> Duration {
        let at = |event: Option<&Event>| event.map(|event| event.at).unwrap_or_default();
        at(self.events.last()).since(at(self.events.first()))
    }
}
