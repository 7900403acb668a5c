//! Where every scenario is played: a simulated cloud, processes that come and go, and what was seen.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::LedgerEntry;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Stopped;
use cutover::adapters::sim::TaskSet;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::World;
use cutover::adapters::sim::revision;
use cutover::gate::rejudge;
use cutover::model::*;
use cutover::ports::Store;
use cutover::record::decode;
use cutover::spec::DeploymentSpec;
use cutover::strategy::Strategy;
use cutover::{DeploymentHandle, DeploymentRequest, Error};
use futures_util::StreamExt;

use crate::base;
use crate::base::Rig;

/// Nothing takes longer.
const DAY: Elapsed = Elapsed::from_millis(86_400_000);

/// What is to be deployed, and how.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) id: &'static str,
    pub(crate) revision: u32,
    pub(crate) strategy: Arc<dyn Strategy>,
    pub(crate) gates: Vec<GateSpec>,
    pub(crate) limits: Limits,
}

impl Job {
    /// Revision 2, by this strategy.
    pub(crate) fn new(strategy: impl Strategy + 'static) -> Self {
        let strategy = Arc::new(strategy);
        Self { id: "d-1", revision: 2, strategy, gates: Vec::new(), limits: Limits::default() }
    }

    /// Revision 2, by a strategy and gates in the words of a spec.
    pub(crate) fn of_spec(strategy: &str, gates: &str) -> Self {
        let text = format!(
            "service: {{cluster: prod, name: web}}
revision: {{task_definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2'}}
strategy: {strategy}
gates: {gates}
"
        );
        let spec = DeploymentSpec::parse(&text, "scenario.yaml").unwrap();
        let (strategy, gates) = (spec.strategy().into(), spec.gates().to_vec());
        Self { id: "d-1", revision: 2, strategy, gates, limits: spec.limits().clone() }
    }

    /// The same with one more gate that blocks, and holds for so long at most.
    pub(crate) fn gate(mut self, kind: GateKind, hold: Duration) -> Self {
        let id = GateId::new(format!("gate-{}", self.gates.len())).unwrap();
        let inconclusive = Inconclusive::Hold { limit: hold };
        self.gates.push(GateSpec {
            id,
            kind,
            mode: GateMode::Blocking,
            inconclusive,
            always: true,
        });
        self
    }

    fn id(&self) -> DeploymentId {
        DeploymentId::new(self.id).unwrap()
    }

    fn request(&self, service: ServiceId) -> DeploymentRequest<'_> {
        let request = base::request(self.id, service, self.revision, &*self.strategy);
        let request = request.limits(self.limits.clone());
        self.gates.iter().cloned().fold(request, DeploymentRequest::gate)
    }
}

/// What became of a deployment.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) handle: Option<DeploymentHandle>,
    pub(crate) refused: Option<String>,
    pub(crate) events: Vec<EventKind>,
    pub(crate) ending: Option<Ending>,
}

impl Told {
    /// Why it turned back, if it did.
    pub(crate) fn cause(&self) -> Option<RollbackCause> {
        self.events.iter().rev().find_map(|event| match event {
            EventKind::RollbackStarted { cause } => Some(cause.clone()),
            _ => None,
        })
    }

    /// Every answer of a gate that was told, in order.
    pub(crate) fn verdicts(&self, gate: &str) -> Vec<Verdict> {
        let told = self.events.iter().filter_map(|event| match event {
            EventKind::Gate { gate: of, verdict } if of.as_str() == gate => Some(verdict.clone()),
            _ => None,
        });
        told.collect()
    }
}

/// The stage.
pub(crate) struct Stage {
    rig: Rig,
}

impl Stage {
    pub(crate) fn new(scenario: Scenario) -> Self {
        Self { rig: Rig::new(scenario) }
    }

    /// A process that takes the deployment up, or starts it where nobody has yet.
    pub(crate) fn begin(&self, name: &str, job: &Job) -> (Cloud, Arc<Mutex<Told>>) {
        let (deployer, cloud) = self.rig.deployer(name);
        let told = Arc::<Mutex<Told>>::default();
        let (job, heard) = (job.clone(), Arc::clone(&told));
        let service = self.rig.service();
        cloud.spawner().spawn(Box::pin(async move {
            let begun = match deployer.resume(&job.id()).await {
                Err(Error::Unknown { .. }) => deployer.start(job.request(service)).await,
                other => other,
            };
            let handle = match begun {
                Ok(handle) => handle,
                Err(error) => {
                    heard.lock().unwrap().refused = Some(error.to_string());
                    return;
                }
            };
            heard.lock().unwrap().handle = Some(handle.clone());
            let mut events = Box::pin(handle.events());
            while let Some(event) = events.next().await {
                heard.lock().unwrap().events.push(event.kind);
            }
            heard.lock().unwrap().ending = handle.wait().await.ok();
        }));
        (cloud, told)
    }

    /// Looks at the truth.
    pub(crate) fn see<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        self.rig.cloud.with(|world| look(world))
    }

    /// Ends a process at once, as `SIGKILL` does.
    pub(crate) fn kill(&mut self, process: &Cloud) {
        assert!(self.rig.executor.kill_process(process) > 0, "it ran");
    }

    /// Lets time pass until this is so; it must become so.
    pub(crate) fn until(&mut self, what: &str, mut is_so: impl FnMut(&World) -> bool) {
        let stopped = self.rig.executor.run_until(DAY, &mut |world| {
            if is_so(world) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(stopped, Stopped::Broken, "it never came to this: {what}");
    }

    /// Lets so much time pass.
    pub(crate) fn pass(&mut self, span: Duration) {
        let until = self.see(World::now).after(span);
        self.rig.executor.run_until(until, &mut |_| ControlFlow::Continue(()));
    }

    /// Asks something of a running deployment, as an operator would.
    pub(crate) fn ask<F>(&self, told: &Arc<Mutex<Told>>, what: impl FnOnce(DeploymentHandle) -> F)
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let asked = what(told.lock().unwrap().handle.clone().unwrap());
        self.rig.cloud.spawner().spawn(Box::pin(async move { asked.await.unwrap() }));
    }

    /// Lets time pass until everything has ended, looking at the truth after every event.
    pub(crate) fn finish_watched(
        &mut self,
        told: &Arc<Mutex<Told>>,
        mut look: impl FnMut(&World),
    ) -> Ending {
        let stopped = self.rig.executor.run_until(DAY, &mut |world| {
            look(world);
            ControlFlow::Continue(())
        });
        assert_eq!(stopped, Stopped::Finished, "it never ended");
        let mut told = told.lock().unwrap();
        if let Some(cause) = told.cause() {
            println!("it turned back: {cause}");
        }
        told.ending.take().unwrap()
    }

    /// Lets time pass until everything has ended.
    pub(crate) fn finish(&mut self, told: &Arc<Mutex<Told>>) -> Ending {
        self.finish_watched(told, |_| {})
    }

    /// Nobody was turned away for want of a target.
    pub(crate) fn assert_everybody_was_served(&self) {
        assert_eq!(self.see(World::unserved), 0, "requests for which there was no target");
    }

    /// What is recorded. From it every answer of a gate must come out again.
    pub(crate) fn record(&mut self, job: &Job) -> Record {
        let (store, id) = (Arc::clone(&self.rig.store), job.id());
        let read = async move { store.read(&id).await.unwrap().unwrap() };
        let record = decode(&self.rig.executor.block_on(read).unwrap().body).unwrap();
        rejudge(&record).unwrap();
        record
    }

    /// Every answer of a gate that is recorded, with what it was worked out from.
    pub(crate) fn readings(&mut self, job: &Job, gate: &str) -> Vec<GateReading> {
        let all = self.record(job).entries.into_iter().flat_map(|entry| entry.facts.gates);
        all.filter(|reading| reading.gate.as_str() == gate).collect()
    }

    /// What our processes wrote that took effect, in order.
    pub(crate) fn written(&self) -> Vec<LedgerEntry> {
        let ours = |entry: &&LedgerEntry| entry.actor.is_ours() && entry.effective_at.is_some();
        self.see(|world| world.ledger().iter().filter(ours).cloned().collect())
    }
}

/// The candidate's share of production traffic as the load balancer really sends it, in per mille: the
/// most of any rule.
pub(crate) fn sent_to(world: &World, colour: Colour) -> u64 {
    let rules = world.state().production_rules();
    rules.map(|rule| rule.data_permille(colour.index())).max().unwrap_or(0)
}

/// Healthy targets of a group.
pub(crate) fn healthy(world: &World, colour: Colour) -> u32 {
    world.state().healthy_targets(colour.index())
}

/// Live tasks of a revision.
pub(crate) fn live(world: &World, number: u32) -> u32 {
    let sets = world.state().sets().filter(|set| set.revision == revision(number));
    sets.map(TaskSet::live).sum()
}

pub(crate) fn name(name: &str) -> AlarmName {
    AlarmName::new(name).unwrap()
}

/// An alarm on the candidate's errors.
pub(crate) fn alarm(label: &str) -> AlarmSpec {
    AlarmSpec::errors(name(label), Colour::Green, 50)
}

/// A gate over alarms.
pub(crate) fn alarms(labels: &[&str]) -> GateKind {
    let names = labels.iter().map(|label| name(label)).collect();
    GateKind::Alarms {
        names,
        accept_red_at_start: None,
        insufficient_data: InsufficientData::default(),
    }
}

/// The last number under this name behind the answers of a gate.
pub(crate) fn measure(readings: &[GateReading], what: &str) -> Option<f64> {
    let mut measures = readings.iter().flat_map(|reading| &reading.grounds.measures);
    measures.rfind(|measure| measure.what == what).map(|measure| measure.value.get())
}

/// 200 requests a second, of which each revision fails so many per million.
pub(crate) fn failing(seed: u64, stable_ppm: u32, candidate_ppm: u32) -> Scenario {
    let behaves = |ppm| Behaviour::healthy().with_error_ppm(ppm);
    Scenario::new(seed)
        .with_traffic(Traffic::per_second(200))
        .with_behaviour(revision(1), behaves(stable_ppm))
        .with_behaviour(revision(2), behaves(candidate_ppm))
}

pub(crate) fn at(seconds: u64, action: Action) -> (Elapsed, Action) {
    (Elapsed::from_millis(seconds * 1000), action)
}

pub(crate) const fn success() -> Ending {
    Ending::Successful { leftovers: Vec::new() }
}

pub(crate) const fn back() -> Ending {
    Ending::RollbackSuccessful { leftovers: Vec::new() }
}
