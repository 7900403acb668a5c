//! A deployment with gates from a spec, and what became of it.

use std::sync::Arc;
use std::time::Duration;

use cutover::DeploymentRequest;
use cutover::Error;
use cutover::adapters::sim::Scenario;
use cutover::gate::rejudge;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::Event;
use cutover::model::EventKind;
use cutover::model::GateReading;
use cutover::model::Proof;
use cutover::model::Record;
use cutover::model::RollbackCause;
use cutover::model::Status;
use cutover::model::Verdict;
use cutover::ports::Store;
use cutover::spec::DeploymentSpec;
use cutover::strategy::Strategy;
use futures_util::StreamExt;

use crate::base;

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

const ID: &str = "d-1";

/// The deployment that a spec asks for.
fn request<'a>(
    rig: &base::Rig,
    (id, revision): (&str, u32),
    spec: &DeploymentSpec,
    strategy: &'a dyn Strategy,
) -> DeploymentRequest<'a> {
    spec.gates()
        .iter()
        .cloned()
        .fold(base::request(id, rig.service(), revision, strategy), DeploymentRequest::gate)
}

/// Runs a deployment to its end; its process dies and is followed by another at these times.
pub(crate) fn deploy(scenario: Scenario, spec: &DeploymentSpec, deaths: &[Duration]) -> Done {
    Account::new(scenario).deploy((ID, 2), spec, deaths)
}

/// A cloud in which one deployment follows another.
pub(crate) struct Account {
    rig: base::Rig,
}

impl Account {
    pub(crate) fn new(scenario: Scenario) -> Self {
        Self { rig: base::Rig::new(scenario) }
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, span: Duration) {
        let clock = self.rig.cloud.clock();
        self.rig.executor.block_on(async move { clock.sleep(span).await }).unwrap();
    }

    /// Deploys this revision as `deploy` does.
    pub(crate) fn deploy(
        &mut self,
        (name, revision): (&str, u32),
        spec: &DeploymentSpec,
        deaths: &[Duration],
    ) -> Done {
        let (rig, strategy) = (&mut self.rig, spec.strategy());
        let id = DeploymentId::new(name).unwrap();
        let mut events = Vec::new();
        for (number, lives) in deaths.iter().map(Some).chain([None]).enumerate() {
            let (deployer, process) = rig.deployer(&format!("{name}-p{number}"));
            let request = request(rig, (name, revision), spec, &*strategy);
            let clock = process.clock();
            let life = async {
                let handle = if number == 0 {
                    deployer.start(request).await.unwrap()
                } else {
                    deployer.resume(&id).await.unwrap()
                };
                match lives {
                    Some(lives) => {
                        clock.sleep(*lives).await;
                        Vec::new()
                    }
                    None => handle.events().collect::<Vec<Event>>().await,
                }
            };
            events.extend(rig.executor.block_on(life).unwrap());
            rig.executor.kill_process(&process);
        }
        let reader = Arc::clone(&rig.store);
        let read = async move { reader.read(&id).await.unwrap().unwrap() };
        let body = rig.executor.block_on(read).unwrap().body;
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
    let mut rig = base::Rig::new(scenario);
    let (deployer, strategy) = (rig.deployer("p").0, spec.strategy());
    let request = request(&rig, (ID, 2), spec, &*strategy);
    let error = rig.executor.block_on(async { deployer.plan(&request).await.unwrap_err() });
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

    /// How much of each bake that compared was watched, how much it was to be, and what was shown.
    pub(crate) fn bakes(&self) -> Vec<(Duration, Duration, Proof)> {
        let of = |event: &Event| match event.kind {
            EventKind::BakeEnded { watched, bake, proof, .. } => Some((watched, bake, proof)),
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    /// How long after the beginning it turned back, if it did, and why.
    pub(crate) fn turned(&self) -> Option<(Duration, RollbackCause)> {
        let begun = self.events.first()?.at;
        self.events.iter().find_map(|event| match &event.kind {
            EventKind::RollbackStarted { cause } => Some((event.at.since(begun), cause.clone())),
            _ => None,
        })
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

    /// Every number of a gate under this name that was told, in order.
    pub(crate) fn shown(&self, gate: &str, what: &str) -> Vec<f64> {
        let progress = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Progress(progress) => Some(progress),
            _ => None,
        });
        let states = progress.flat_map(|progress| &progress.gates);
        let measures =
            states.filter(|state| state.gate.as_str() == gate).flat_map(|state| &state.measures);
        measures.filter(|measure| measure.what == what).map(|it| it.value.get()).collect()
    }

    /// How long the deployment took to its commit, or to its end where there was none.
    pub(crate) fn took(&self) -> Duration {
        let at = |event: Option<&Event>| event.map(|event| event.at).unwrap_or_default();
        let commit = self.events.iter().find(|event| event.kind == EventKind::Committed);
        at(commit.or_else(|| self.events.last())).since(at(self.events.first()))
    }
}
