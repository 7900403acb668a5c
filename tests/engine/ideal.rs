//! A world without delays or faults, and a rig that drives an engine through it one input at a time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::time::Duration;

use cutover::engine::{Edge, Engine, Input, Output, Target, rollback_plan};
use cutover::gate::target_health;
use cutover::model::*;

use super::metrics::Metrics;

/// A service that does at once what it is told.
#[derive(Debug, Clone)]
pub(crate) struct Ideal {
    pub(crate) subject: Subject,
    pub(crate) desired: u32,
    pub(crate) stable: Option<u32>,
    pub(crate) candidate: Option<u32>,
    pub(crate) weight: Weight,
    pub(crate) test: Role,
    pub(crate) primary: Primary,
    pub(crate) foreign: Vec<TaskSetId>,
    pub(crate) service: ServiceState,
    /// Healthy candidate tasks, where they are not all healthy.
    pub(crate) healthy: Option<u32>,
    pub(crate) failed: u32,
    pub(crate) scaling: Vec<ScalableTarget>,
    /// Writes are acknowledged and do nothing.
    pub(crate) deaf: bool,
    pub(crate) metrics: Metrics,
}

pub(crate) fn revision(number: u32) -> Revision {
    let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{number}");
    Revision::new(arn.parse().unwrap())
}

impl Ideal {
    pub(crate) fn new(desired: u32, first: bool) -> Self {
        let group = |name: &str| {
            let arn = format!(
                "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{name}/0123456789abcdef"
            );
            Some(arn.parse().unwrap())
        };
        let rule = |name: &str| {
            let arn = format!(
                "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/1/2/{name}"
            );
            arn.parse::<ListenerRuleArn>().unwrap()
        };
        let baseline = Baseline {
            candidate: None,
            scaling: None,
            desired,
            scheduling: Scheduling::Replica,
            two_roles: true,
            stable: (!first).then(|| TaskSetId::new("ecs-svc/1").unwrap()),
            stable_revision: (!first).then(|| revision(1)),
            others: Vec::new(),
            stable_group: group("blue"),
            candidate_group: group("green"),
            rules: vec![rule("a")],
            test_rule: Some(rule("t")),
            stickiness: Duration::ZERO,
            deregistration_delay: Duration::from_secs(30),
            propagation: Duration::ZERO,
            first: None,
        };
        let subject = Subject {
            deployment: DeploymentId::new("d-1").unwrap(),
            service: ServiceId::new("cluster", "web").unwrap(),
            candidate: revision(2),
            baseline,
        };
        Self {
            subject,
            desired,
            stable: (!first).then_some(desired),
            candidate: None,
            weight: Weight::ZERO,
            test: Role::Stable,
            primary: if first { Primary::None } else { Primary::Role(Role::Stable) },
            foreign: Vec::new(),
            service: ServiceState::Active,
            healthy: None,
            failed: 0,
            scaling: Vec::new(),
            deaf: false,
            metrics: Metrics::default(),
        }
    }

    pub(crate) fn shape(&self) -> ServiceShape {
        ServiceShape {
            service: self.subject.service.clone(),
            desired: self.desired,
            stable: self.subject.baseline.stable_revision.clone(),
            stable_task_set: self.subject.baseline.stable.clone(),
            candidate: self.subject.candidate.clone(),
            two_roles: true,
            router: true,
            test_traffic: true,
            scheduling: Scheduling::Replica,
            propagation: Duration::ZERO,
        }
    }

    fn role(&self, id: &str, number: u32, tasks: u32, healthy: u32) -> RoleObservation {
        RoleObservation {
            task_set: TaskSetId::new(id).unwrap(),
            revision: revision(number),
            target: tasks,
            pending: 0,
            running: tasks,
            healthy,
            draining: false,
            failed: if number == 2 { self.failed } else { 0 },
            failures: Vec::new(),
            zones: BTreeMap::new(),
            troubles: Vec::new(),
        }
    }

    pub(crate) fn observe(&self) -> Observation {
        let candidate = self
            .candidate
            .map(|n| self.role("ecs-svc/2", 2, n, self.healthy.map_or(n, |h| h.min(n))));
        let rules = self.subject.baseline.rules.iter().map(|rule| RuleObservation {
            rule: rule.clone(),
            candidate: self.weight,
            foreign: false,
        });
        Observation {
            fleet: FleetObservation {
                service: self.service,
                desired: self.desired,
                stable: self.stable.map(|n| self.role("ecs-svc/1", 1, n, n)),
                candidate,
                primary: self.primary,
                foreign: self.foreign.clone(),
                delegated: None,
            },
            router: Some(RouterObservation { rules: rules.collect(), test: Some(self.test) }),
            scaling: self.scaling.clone(),
        }
    }

    pub(crate) fn apply(&mut self, intent: &Intent) {
        if self.deaf {
            return;
        }
        match intent {
            Intent::Launch { tasks } | Intent::Scale { role: Role::Candidate, tasks } => {
                self.candidate = Some(*tasks);
            }
            Intent::Scale { role: Role::Stable, tasks } => self.stable = Some(*tasks),
            Intent::Shift { weight } => self.weight = *weight,
            Intent::RouteTest { role } => self.test = *role,
            Intent::Promote => self.primary = Primary::Role(Role::Candidate),
            Intent::Retire { role: Role::Stable } => self.stable = None,
            Intent::Retire { role: Role::Candidate } => self.candidate = None,
            Intent::Autoscale { targets } => self.scaling.clone_from(targets),
            Intent::Delegate { .. } => {}
        }
    }
}

/// Drives an engine through an ideal world.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) engine: Engine,
    pub(crate) world: Ideal,
    pub(crate) now: Now,
    pub(crate) verdicts: BTreeMap<GateId, Verdict>,
    /// What gates that compare show.
    pub(crate) proofs: BTreeMap<GateId, Proof>,
    pub(crate) hook_says: HookAction,
    pub(crate) events: Vec<EventKind>,
    pub(crate) edges: BTreeSet<Edge>,
    pub(crate) writes: Vec<Intent>,
    /// When requests were counted.
    pub(crate) counts: Vec<Elapsed>,
    /// Every input with its time, as it was fed.
    pub(crate) inputs_fed: Vec<(Now, Input)>,
    /// Puts that are answered "unknown" before one succeeds.
    pub(crate) lost_puts: u32,
    /// Puts are not answered at all.
    pub(crate) store_is_silent: bool,
    /// Nothing can be seen.
    pub(crate) blind: bool,
    /// Hooks are not answered here, going that way.
    pub(crate) holds: Option<(Direction, Stage)>,
    /// The hook that is not answered.
    pub(crate) held: Option<HookKey>,
    inputs: VecDeque<Input>,
    at: (Direction, Stage),
}

pub(crate) fn record(world: &Ideal, mut plan: Plan, limits: Limits) -> Record {
    plan.gates.push(target_health(&plan, &limits).unwrap());
    let rollback = rollback_plan(&plan, &world.subject.baseline);
    let header =
        Header::new(world.subject.clone(), plan, rollback, limits, Timestamp::from_millis(0));
    Record::new(header, FencingToken::new(1), State::default())
}

impl Rig {
    pub(crate) fn new(world: Ideal, plan: Plan, limits: Limits) -> Self {
        let record = record(&world, plan, limits);
        Self::resumed(world, record, FencingToken::new(1), Now::default())
    }

    /// Takes a record up at `now`.
    pub(crate) fn resumed(world: Ideal, record: Record, token: FencingToken, now: Now) -> Self {
        let engine = Engine::restore(record, token, now);
        let at = (engine.state().direction, engine.state().stage);
        Self {
            engine,
            world,
            now,
            verdicts: BTreeMap::new(),
            proofs: BTreeMap::new(),
            hook_says: HookAction::Continue,
            events: Vec::new(),
            edges: BTreeSet::new(),
            writes: Vec::new(),
            counts: Vec::new(),
            inputs_fed: Vec::new(),
            lost_puts: 0,
            store_is_silent: false,
            blind: false,
            holds: None,
            held: None,
            inputs: VecDeque::from([Input::Tick]),
            at,
        }
    }

    /// Feeds one input and drains, answering every command for later.
    pub(crate) fn feed(&mut self, input: Input) -> Option<Elapsed> {
        self.inputs_fed.push((self.now, input.clone()));
        self.engine.handle(self.now, input);
        let mut persists = false;
        loop {
            match self.engine.poll_output() {
                Output::Persist => {
                    persists = true;
                    self.put();
                }
                Output::Emit(event) => self.note(event.kind),
                Output::Execute(command) => {
                    if let (true, Command::Write { intent, .. }) = (persists, &command) {
                        let lowers = matches!(intent, Intent::Shift { weight } if *weight <= self.world.weight);
                        assert!(lowers, "a drain that persists wrote {intent}");
                    }
                    self.answer(command);
                }
                Output::WaitUntil(wake) => return wake,
            }
        }
    }

    fn put(&mut self) {
        if self.store_is_silent {
            return;
        }
        if self.lost_puts > 0 {
            self.lost_puts -= 1;
            self.inputs.push_back(Input::PersistUnknown);
        } else {
            self.inputs.push_back(Input::Persisted);
        }
    }

    fn answer(&mut self, command: Command) {
        let input = match command {
            Command::Observe if self.blind => Input::Blind("no answer".to_owned()),
            Command::Observe => Input::Observed(self.world.observe().into()),
            Command::Count { role, known } => {
                self.counts.push(self.now.elapsed);
                let requests = self.world.metrics.count(known, self.now.wall);
                Input::Counted { role, requests }
            }
            Command::Evaluate { gate } => {
                let (spec, memory, previous) = self.engine.gate(gate).unwrap();
                let from = previous.unwrap_or(self.now.elapsed);
                let verdict = self.verdicts.get(&spec.id).cloned().unwrap_or(Verdict::Pass);
                let mut evidence = Evidence::at(self.now.elapsed);
                evidence.covers.from = from;
                let mut evaluation = Evaluation::new(verdict, evidence, memory.clone());
                evaluation.proof = self.proofs.get(&spec.id).copied();
                Input::Evaluated { gate, evaluation }
            }
            Command::RunHook { key } if self.holds == Some((key.direction, key.stage)) => {
                self.held = Some(key);
                return;
            }
            Command::RunHook { key } => {
                Input::HookAnswered { key, result: HookResult::Answered(self.hook_says) }
            }
            Command::Write { seq, intent, .. } => {
                self.world.apply(&intent);
                self.writes.push(intent);
                Input::CallDone { seq, outcome: Outcome::Applied }
            }
        };
        self.inputs.push_back(input);
    }

    fn note(&mut self, kind: EventKind) {
        let (direction, from) = self.at;
        let to = match &kind {
            EventKind::Stage { direction: now, stage, .. } => {
                let to = match (now, self.engine.state().committed) {
                    (Direction::Forward, true) => None,
                    _ if *now != direction => None,
                    _ => Some(Target::Stage(*stage)),
                };
                self.at = (*now, *stage);
                to
            }
            EventKind::Committed => Some(Target::Commit),
            EventKind::RollbackStarted { .. } => Some(Target::Rollback),
            EventKind::Finished { status: Status::Stopped, .. } => Some(Target::Stopped),
            EventKind::Finished { .. } => Some(Target::End),
            _ => None,
        };
        if let Some(to) = to {
            self.edges.insert(edge(direction, from, to));
        }
        self.events.push(kind);
    }

    /// Answers what is asked, then lets time jump to the next wake-up; once.
    pub(crate) fn step(&mut self) -> bool {
        let wake = match self.inputs.pop_front() {
            Some(input) => {
                self.feed(input);
                return true;
            }
            None => self.feed(Input::Tick),
        };
        if !self.inputs.is_empty() {
            return true;
        }
        match wake {
            Some(wake) if wake.as_millis() < u64::MAX => {
                let gone = wake.since(self.now.elapsed);
                self.now = Now { wall: self.now.wall.after(gone), elapsed: wake };
                self.inputs.push_back(Input::Tick);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Runs until `until` holds; panics when that never happens.
    pub(crate) fn run_until(&mut self, until: impl Fn(&Self) -> bool) {
        for _ in 0..200_000 {
            if until(self) {
                return;
            }
            if !self.step() {
                break;
            }
        }
        assert!(
            until(self),
            "never reached; at {:?}, {:?}",
            self.engine.state(),
            self.events.last()
        );
    }

    /// Runs until the deployment reaches this stage going forward, at any step.
    pub(crate) fn run_to(&mut self, stage: Stage) {
        self.run_until(|rig| {
            rig.engine.state().stage == stage || rig.engine.state().ending.is_some()
        });
    }

    /// Runs to the end.
    pub(crate) fn finish(&mut self) -> Ending {
        self.run_until(|rig| rig.engine.has_ended());
        self.engine.state().ending.clone().unwrap()
    }
}

/// An edge, as the table lists it.
pub(crate) fn edge(direction: Direction, from: Stage, to: Target) -> Edge {
    let all = cutover::engine::edges();
    let found =
        all.into_iter().find(|edge| (edge.direction, edge.from, edge.to) == (direction, from, to));
    found.unwrap_or_else(|| panic!("{direction} {from} -> {to:?} is not in the table"))
}
