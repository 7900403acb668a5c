//! The gate that is always on: whether the candidate's targets carry what they are given.

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;

use super::contract::Gate;
use super::contract::GateContext;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateMemory;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::Inconclusive;
use crate::model::InvalidId;
use crate::model::Limits;
use crate::model::Observation;
use crate::model::Plan;
use crate::model::Role;
use crate::model::RouterObservation;
use crate::model::Span;
use crate::model::Verdict;
use crate::model::Weight;
use crate::model::needed;

/// The id of the target-health gate.
pub const TARGET_HEALTH: &str = "target-health";

/// Unhealthy reads in a row that are a failure and no flicker.
const UNHEALTHY_READS: u32 = 3;

/// The target-health gate as every plan gets it.
pub fn target_health(plan: &Plan, limits: &Limits) -> Result<GateSpec, InvalidId> {
    let minimum_healthy_percent = plan.roll().map_or(100, |(minimum, _)| minimum.min(100));
    Ok(GateSpec {
        id: GateId::new(TARGET_HEALTH)?,
        kind: GateKind::TargetHealth { unhealthy_reads: UNHEALTHY_READS, minimum_healthy_percent },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: limits.hold_limit },
        always: true,
    })
}

/// Compares the candidate's healthy targets with what its weight needs.
///
/// Too few for a read or two is inconclusive (M of N); too few again and again is a failure. Tasks
/// that are missing only because the desired count has just been raised are inconclusive, never a
/// failure: they have not had time to start.
#[derive(Debug, Clone, Copy)]
pub struct TargetHealthGate {
    unhealthy_reads: u32,
    minimum_healthy_percent: u32,
}

/// What is carried from one evaluation to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// Unhealthy reads in a row.
    unhealthy: u32,
    /// The largest need that has been met so far.
    met: u32,
    /// Whether the last read found too few.
    short: bool,
}

impl TargetHealthGate {
    /// A gate that fails after so many unhealthy reads in a row.
    pub const fn new(unhealthy_reads: u32, minimum_healthy_percent: u32) -> Self {
        Self { unhealthy_reads, minimum_healthy_percent }
    }

    fn judge(self, world: &Observation, is_first: bool, memory: &mut Memory) -> Verdict {
        let weight = load(world);
        let desired = world.fleet.desired;
        let need = needed(weight, desired, self.minimum_healthy_percent);
        let healthy = world.healthy(Role::Candidate);
        if healthy >= need {
            *memory = Memory { unhealthy: 0, met: need, short: false };
            return Verdict::Pass;
        }
        // A first deployment's group has the traffic before it has a task; nothing has served yet.
        if is_first && memory.met == 0 {
            return Verdict::Pass;
        }
        memory.short = true;
        let counts = format!("{healthy} healthy, {weight} of {desired} desired needs {need}");
        if healthy >= memory.met && memory.met > 0 {
            memory.unhealthy = 0;
            return Verdict::Inconclusive(format!("{counts}: more tasks are wanted than before"));
        }
        memory.unhealthy = memory.unhealthy.saturating_add(1);
        if memory.unhealthy >= self.unhealthy_reads {
            return Verdict::Fail(format!("{counts}, {} reads in a row", memory.unhealthy));
        }
        Verdict::Inconclusive(counts)
    }
}

/// The candidate's share of the load: its weight, or, where nothing is weighted, everything once stable
/// has no tasks.
fn load(world: &Observation) -> Weight {
    let weighted = world.router.as_ref().filter(|_| world.fleet.delegated.is_none());
    let replaced = world.fleet.stable.as_ref().is_none_or(|stable| stable.target == 0);
    let alone =
        if replaced && world.fleet.candidate.is_some() { Weight::FULL } else { Weight::ZERO };
    weighted.map_or(alone, RouterObservation::highest)
}

#[async_trait]
impl Gate for TargetHealthGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let read_at = context.observed_at;
        let Some(world) = context.observation else {
            let verdict = Verdict::Inconclusive("the world cannot be read".to_owned());
            let memory = context.memory.clone();
            return Evaluation { verdict, evidence: Evidence::at(read_at), memory };
        };
        let mut memory: Memory = serde_json::from_str(&context.memory.0).unwrap_or_default();
        let was_short = memory.short;
        let is_first = context.subject.baseline.stable.is_none();
        let verdict = self.judge(world, is_first, &mut memory);
        let mut evidence = Evidence::at(read_at);
        // A point sample speaks for the time since the last good one only where the gap is small and
        // nothing bad was seen in between.
        if let Some(previous) = context.previous.filter(|_| !was_short)
            && read_at.since(previous) <= context.max_gap
        {
            evidence.covers = Span { from: previous, to: read_at };
        }
        let memory = GateMemory(serde_json::to_string(&memory).unwrap_or_default());
        Evaluation { verdict, evidence, memory }
    }
}
