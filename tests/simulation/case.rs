//! One deployment to simulate, as plain data: what a failure prints and what is replayed.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::door::Door;
use crate::mishap::ActionCase;
use crate::mishap::CrashCase;
use crate::mishap::FaultsCase;
use crate::mishap::Operation;
use crate::mishap::StoreCase;

/// One deployment to simulate, with everything that happens to it. All times in whole seconds since
/// the beginning of the simulation, unless a name says otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Case {
    /// All chance inside the simulated cloud and the faulty store.
    pub seed: u64,
    /// How the processes reach the cloud.
    pub door: Door,
    pub world: WorldCase,
    pub strategy: StrategyCase,
    pub gates: Vec<GateCase>,
    pub hooks: Vec<HookCase>,
    pub limits: LimitsCase,
    pub faults: FaultsCase,
    pub store: StoreCase,
    /// What others do.
    pub actions: Vec<(u32, ActionCase)>,
    /// When the process that drives is killed, and when another takes over.
    pub crashes: Vec<CrashCase>,
    /// What an operator asks for.
    pub operators: Vec<(u32, Operation)>,
    /// Further attempts to start the same deployment from another process.
    pub rivals: Vec<u32>,
    /// From here on nothing goes wrong any more, and the deployment must come to an ending.
    pub calm_from: u32,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            seed: 1,
            door: Door::Ports,
            world: WorldCase::default(),
            strategy: StrategyCase::BlueGreen { bake: 60, test: false },
            gates: Vec::new(),
            hooks: Vec::new(),
            limits: LimitsCase::default(),
            faults: FaultsCase::default(),
            store: StoreCase::default(),
            actions: Vec::new(),
            crashes: Vec::new(),
            operators: Vec::new(),
            rivals: Vec::new(),
            calm_from: 600,
        }
    }
}

impl Case {
    /// The case as one line of JSON, without what is as in the default.
    pub(crate) fn to_line(&self) -> String {
        let all = |case: &Self| serde_json::to_value(case).unwrap();
        let mut value = all(self);
        thin(&mut value, &all(&Self::default()));
        value.to_string()
    }

    /// Reads such a line.
    pub(crate) fn from_line(line: &str) -> Self {
        serde_json::from_str(line).unwrap()
    }

    /// Whether anybody takes over after every crash.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.crashes.iter().any(|crash| crash.back_after.is_none())
    }
}

fn thin(value: &mut Value, default: &Value) {
    let (Value::Object(fields), Value::Object(defaults)) = (value, default) else { return };
    let mut kept = Map::new();
    for (name, mut field) in std::mem::take(fields) {
        let usual = defaults.get(&name);
        if usual == Some(&field) {
            continue;
        }
        // only structs with a default of their own may be thinned
        if let ("world" | "limits" | "faults" | "store", Some(usual)) = (name.as_str(), usual) {
            thin(&mut field, usual);
        }
        kept.insert(name, field);
    }
    *fields = kept;
}

/// The account before the first call.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of a scenario")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WorldCase {
    pub desired: u32,
    /// Whether something serves already.
    pub stable: bool,
    pub load_balancer: bool,
    pub rules: u32,
    pub test_rule: bool,
    pub stickiness: u32,
    pub deregistration: u32,
    /// Requests per second; none at all where zero.
    pub rps: u32,
    /// The longest start of a task.
    pub start: u32,
    /// The longest that the load balancer takes to follow a rule.
    pub propagation: u32,
    pub candidate: CandidateCase,
    /// Whether ECS rolls by itself (controller `ECS`).
    pub ecs: bool,
    pub alarms: Vec<AlarmCase>,
}

impl Default for WorldCase {
    fn default() -> Self {
        Self {
            desired: 2,
            stable: true,
            load_balancer: true,
            rules: 1,
            test_rule: false,
            stickiness: 0,
            deregistration: 10,
            rps: 20,
            start: 20,
            propagation: 10,
            candidate: CandidateCase::Healthy,
            ecs: false,
            alarms: Vec::new(),
        }
    }
}

/// What becomes of the candidate's tasks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum CandidateCase {
    Healthy,
    /// Per mille of requests that fail.
    Erring(u32),
    /// Milliseconds at the 99th percentile.
    Slow(u32),
    FailsToStart,
    ImagePullError,
    CrashesAfter(u32),
    NeverHealthy,
    UnhealthyAfter(u32),
}

/// One alarm. Alarm `i` is named `alarm-i`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlarmCase {
    pub watches: WatchCase,
    pub missing: MissingCase,
    pub begins: StateCase,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum WatchCase {
    Errors,
    Latency,
    Unserved,
    /// Any of the alarms before it.
    Composite,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum MissingCase {
    Breaching,
    NotBreaching,
    Ignore,
    Missing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StateCase {
    Ok,
    Alarm,
    Insufficient,
}

/// How the candidate takes over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum StrategyCase {
    BlueGreen { bake: u32, test: bool },
    AllAtOnce { bake: u32 },
    Canary { permille: u32, bake: u32, last: u32 },
    Linear { permille: u32, interval: u32, last: u32 },
    Rolling { minimum: u32, maximum: u32, bake: u32 },
    Steps(Vec<StepCase>),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum StepCase {
    Scale(u32),
    TestTraffic,
    Shift(u32),
    Bake(u32),
    /// A time-out, and whether it goes on by default.
    Approval(u32, bool),
}

/// One gate. Gate `i` is named `gate-i`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GateCase {
    pub asks: AskCase,
    pub mode: ModeCase,
    pub policy: PolicyCase,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum AskCase {
    /// These alarms by number; one that is not in the world does not exist. With a reason why a red
    /// one is accepted at the start, or without.
    Alarms(Vec<u32>, bool),
    /// A gate of the application's own.
    Custom(CustomCase),
    /// The comparison with stable, which may end a bake after so much watched time.
    Analysis(u32),
}

/// What a gate of the application's own answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum CustomCase {
    Passes,
    FailsFrom(u32),
    /// Cannot tell in this span.
    Unclear(u32, u32),
    /// Does not answer in this span.
    Hangs(u32, u32),
    /// Panics in this span.
    Panics(u32, u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ModeCase {
    Blocking,
    HoldOnly,
    ObserveOnly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PolicyCase {
    Hold(u32),
    Rollback,
    Continue,
}

/// One hook. Hook `i` is named `hook-i`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HookCase {
    /// Indexes into ECS's list of stages.
    pub stages: Vec<usize>,
    pub takes: u32,
    pub answer: AnswerCase,
    pub timeout: u32,
    /// Whether it goes on by default.
    pub go_on: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AnswerCase {
    Continue,
    Rollback,
    Panic,
    Hang,
}

/// The engine's limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitsCase {
    pub poll: u32,
    pub freshness: u32,
    pub max_gap: u32,
    pub settle: u32,
    pub propagation: u32,
    pub progress: u32,
    pub hold: u32,
    pub rollback: u32,
    /// None where zero.
    pub deadline: u32,
    pub checkpoint: u32,
}

impl Default for LimitsCase {
    fn default() -> Self {
        Self {
            poll: 10,
            freshness: 30,
            max_gap: 60,
            settle: 60,
            propagation: 20,
            progress: 240,
            hold: 180,
            rollback: 600,
            deadline: 0,
            checkpoint: 30,
        }
    }
}
