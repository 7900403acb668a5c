//! One process of ours: a deployer over watched ports, and what starts or takes up the deployment.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use cutover::Deployer;
use cutover::DeploymentHandle;
use cutover::DeploymentRequest;
use cutover::Error;
use cutover::Event;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::revision;
use cutover::api::Ports;
use cutover::gate::Gate;
use cutover::gate::GateContext;
use cutover::model::DeploymentId;
use cutover::model::Evaluation;
use cutover::model::Evidence;
use cutover::model::HolderId;
use cutover::model::HookAction;
use cutover::model::HookKey;
use cutover::model::Topology;
use cutover::model::Verdict;
use cutover::ports::Clock;
use cutover::ports::Retry;
use futures_core::Stream;
use futures_util::FutureExt;
use futures_util::StreamExt;

use crate::case::AnswerCase;
use crate::case::AskCase;
use crate::case::Case;
use crate::case::CustomCase;
use crate::faulty_store::Disk;
use crate::faulty_store::FaultyStore;
use crate::history::Log;
use crate::history::open;
use crate::mishap::Operation;
use crate::probe::Probe;
use crate::probe::ProbedFleet;
use crate::probe::ProbedMonitor;
use crate::probe::ProbedRouter;
use crate::restless::WatchedClock;
use crate::scene;

/// What panics of gates and hooks say, so that they are told from real ones.
pub(crate) const SIMULATED: &str = "a simulated panic";

/// What became of a process's attempt.
#[derive(Default)]
pub(crate) struct Slot {
    pub handle: Option<DeploymentHandle>,
    pub events: Option<Pin<Box<dyn Stream<Item = Event> + Send>>>,
    /// How it ended, as the handle told.
    pub ended: bool,
    /// Why it did not start.
    pub refused: Option<String>,
}

/// What a process is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Starts the deployment.
    Start,
    /// Takes it up.
    Resume,
    /// Tries once to start the same deployment again.
    Rival,
}

/// One process of ours.
pub(crate) struct Process {
    pub cloud: Cloud,
    pub slot: Arc<Mutex<Slot>>,
    pub ear: Ear,
}

/// Hears what one process tells, as soon as it is told.
#[derive(Clone)]
pub(crate) struct Ear {
    cloud: Cloud,
    number: u32,
    slot: Arc<Mutex<Slot>>,
    log: Log,
}

impl Ear {
    /// Takes over what was told since the last time.
    pub(crate) fn hear(&self) {
        let mut slot = open(&self.slot);
        let mut news = false;
        while let Some(events) = slot.events.as_mut() {
            match events.next().now_or_never() {
                Some(Some(event)) => {
                    news = true;
                    open(&self.log).tell(self.number, event);
                }
                Some(None) => slot.events = None,
                None => break,
            }
        }
        if news {
            let mut log = open(&self.log);
            self.cloud.with(|world| {
                world.set_label(log.label());
                let heard = log.labels.len();
                log.calls.resize(heard, world.calls_sent());
            });
        }
    }
}

/// The deployment's id.
pub(crate) fn deployment() -> DeploymentId {
    DeploymentId::new("d-1").unwrap()
}

impl Process {
    /// Starts a process with an errand.
    pub(crate) fn begin(
        cloud: &Cloud,
        number: u32,
        case: &Arc<Case>,
        disk: &Arc<Disk>,
        log: &Log,
        errand: Errand,
    ) -> Self {
        let cloud = cloud.process(&format!("process-{number}"));
        let slot = Arc::new(Mutex::new(Slot::default()));
        let ear =
            Ear { cloud: cloud.clone(), number, slot: Arc::clone(&slot), log: Arc::clone(log) };
        let probe = Probe::new(cloud.clone(), Arc::clone(log), number, ear.clone());
        let deployer = deployer(&cloud, &probe, number, case, disk);
        let host = Host {
            deployer,
            case: Arc::clone(case),
            slot: Arc::clone(&slot),
            clock: cloud.clock(),
            log: Arc::clone(log),
            topology: case.door.topology(&cloud),
        };
        cloud.spawner().spawn(Box::pin(host.run(errand)));
        Self { cloud, slot, ear }
    }

    /// Asks for something, if there is a handle to ask.
    pub(crate) fn operate(&self, operation: Operation, log: &Log) {
        let Some(handle) = open(&self.slot).handle.clone() else { return };
        let log = Arc::clone(log);
        self.cloud.spawner().spawn(Box::pin(async move {
            let result = match operation {
                Operation::Pause => handle.pause().await,
                Operation::Continue => handle.continue_().await,
                Operation::Approve => handle.approve().await,
                Operation::Promote => handle.promote().await,
                Operation::Abort => handle.abort().await,
                Operation::Rollback => handle.rollback().await,
            };
            if let Err(error) = result {
                open(&log).texts.push(error.to_string());
            }
        }));
    }
}

fn deployer(
    cloud: &Cloud,
    probe: &Probe,
    number: u32,
    case: &Arc<Case>,
    disk: &Arc<Disk>,
) -> Deployer {
    let clock: Arc<dyn Clock> = WatchedClock::new(cloud.clock());
    let opened = case.door.open(cloud);
    let router = || -> Arc<dyn cutover::ports::Router> {
        Arc::new(ProbedRouter(probe.clone(), Arc::clone(&opened.router)))
    };
    let ports = Ports {
        fleet: Arc::new(ProbedFleet(probe.clone(), Arc::clone(&opened.fleet))),
        router: case.world.load_balancer.then(router),
        autoscaler: None,
        monitor: Arc::new(ProbedMonitor(probe.clone(), Arc::clone(&opened.monitor))),
        http: Some(cloud.http()),
        clock: Arc::clone(&clock),
        store: Arc::new(FaultyStore::new(disk, Arc::clone(&clock))),
        spawn: cloud.spawner(),
    };
    let holder = HolderId::new(format!("process-{number}")).unwrap();
    let mut builder = Deployer::builder(ports).holder(holder);
    for (index, gate) in case.gates.iter().enumerate() {
        if let AskCase::Custom(custom) = gate.asks {
            let gate = ScriptedGate { custom, clock: Arc::clone(&clock) };
            builder = builder.gate(scene::gate_id(index), Arc::new(gate));
        }
    }
    for (index, hook) in case.hooks.iter().enumerate() {
        let (clock, hook) = (Arc::clone(&clock), hook.clone());
        builder = builder.hook(scene::hook_id(index), move |_: HookKey| {
            let sleep = clock.sleep(scene::seconds(hook.takes));
            let answer = hook.answer;
            async move {
                sleep.await;
                match answer {
                    AnswerCase::Continue => HookAction::Continue,
                    AnswerCase::Rollback => HookAction::Rollback,
                    AnswerCase::Panic => panic!("{SIMULATED}"),
                    AnswerCase::Hang => pending().await,
                }
            }
        });
    }
    builder.build().unwrap()
}

/// A gate of the application's own, as the case says.
#[derive(Debug)]
struct ScriptedGate {
    custom: CustomCase,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Gate for ScriptedGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let now = self.clock.elapsed();
        let second = now.as_millis() / 1000;
        let within = |from: u32, to: u32| (u64::from(from)..u64::from(to)).contains(&second);
        let verdict = match self.custom {
            CustomCase::FailsFrom(from) if second >= u64::from(from) => {
                Verdict::Fail("the script says so".to_owned())
            }
            CustomCase::Unclear(from, to) if within(from, to) => {
                Verdict::Inconclusive("the script says so".to_owned())
            }
            CustomCase::Hangs(from, to) if within(from, to) => pending().await,
            CustomCase::Panics(from, to) if within(from, to) => panic!("{SIMULATED}"),
            _ => Verdict::Pass,
        };
        let mut evidence = Evidence::at(now);
        if let Some(previous) = context.previous
            && now.since(previous) <= context.max_gap
        {
            evidence.covers.from = previous;
        }
        Evaluation::new(verdict, evidence, context.memory.clone())
    }
}

/// What a process runs.
struct Host {
    deployer: Deployer,
    case: Arc<Case>,
    slot: Arc<Mutex<Slot>>,
    clock: Arc<dyn Clock>,
    log: Log,
    topology: Topology,
}

impl Host {
    async fn run(self, errand: Errand) {
        let mut errand = errand;
        loop {
            let attempt = match errand {
                Errand::Start | Errand::Rival => self.start().await,
                Errand::Resume => self.deployer.resume(&deployment()).await,
            };
            match attempt {
                Ok(handle) => {
                    if self.watch(handle).await {
                        return;
                    }
                    errand = Errand::Resume;
                }
                Err(error) => {
                    open(&self.log).texts.push(error.to_string());
                    let Some(next) = next(&error, errand) else {
                        open(&self.slot).refused = Some(describe(&error));
                        return;
                    };
                    errand = next;
                }
            }
            self.clock.sleep(scene::seconds(10)).await;
        }
    }

    async fn start(&self) -> Result<DeploymentHandle, Error> {
        let strategy = scene::strategy(&self.case.strategy);
        let service = cutover::model::ServiceId::new("prod", "web").unwrap();
        let mut request =
            DeploymentRequest::new(deployment(), service, revision(2), strategy.as_ref())
                .limits(scene::limits(&self.case.limits))
                .topology(self.topology.clone());
        for gate in scene::gates(&self.case) {
            request = request.gate(gate);
        }
        for hook in scene::hooks(&self.case) {
            request = request.hook(hook);
        }
        self.deployer.start(request).await
    }

    /// Watches until the deployment ends, or until it is left; answers whether it has ended.
    async fn watch(&self, handle: DeploymentHandle) -> bool {
        {
            let mut slot = open(&self.slot);
            slot.events = Some(Box::pin(handle.events()));
            slot.handle = Some(handle.clone());
        }
        match handle.wait().await {
            Ok(ending) => {
                open(&self.slot).ended = true;
                let mut log = open(&self.log);
                log.end(Some(ending));
                true
            }
            Err(error) => {
                open(&self.log).texts.push(error.to_string());
                false
            }
        }
    }
}

/// What to try after this error; none: it is final.
fn next(error: &Error, errand: Errand) -> Option<Errand> {
    if errand == Errand::Rival {
        return None;
    }
    let again = error.retry() != Retry::Never;
    match error {
        Error::Duplicate { .. } | Error::Unfinished { .. } => Some(Errand::Resume),
        Error::Unknown { .. } => Some(Errand::Start),
        Error::Unreadable { .. } | Error::Store(_) | Error::AlreadyRunning { .. } => {
            again.then_some(errand)
        }
        _ => None,
    }
}

fn describe(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
