//! The gate that is always on: whether the candidate's targets carry what they are given.

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;

use super::contract::Gate;
use super::contract::GateContext;
use super::judge::Judge;
use super::judge::Judgement;
use super::judge::remembered;
use super::load::load;
use crate::model::Bound;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::Inconclusive;
use crate::model::InvalidId;
use crate::model::Limits;
use crate::model::Measure;
use crate::model::Plan;
use crate::model::Role;
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
#[derive(Debug)]
pub struct TargetHealthGate {
    rules: TargetHealthRules,
}

/// When target health passes and fails.
#[derive(Debug)]
pub(super) struct TargetHealthRules {
    unhealthy_reads: u32,
    minimum_healthy_percent: u32,
}

/// What is carried from one evaluation to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Unhealthy reads in a row.
    unhealthy: u32,
    /// The largest need that has been met so far.
    met: u32,
    /// Whether the last read found too few.
    short: bool,
}

/// What is read for one answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    /// The counts; none while the world cannot be read.
    counts: Option<Counts>,
    /// Whether nothing served before this deployment.
    is_first: bool,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Counts {
    /// The candidate's share of the load.
    weight: Weight,
    /// Tasks that carry all of it.
    desired: u32,
    /// The candidate's healthy targets.
    healthy: u32,
}

impl TargetHealthGate {
    /// A gate that fails after so many unhealthy reads in a row.
    pub const fn new(unhealthy_reads: u32, minimum_healthy_percent: u32) -> Self {
        Self { rules: TargetHealthRules::new(unhealthy_reads, minimum_healthy_percent) }
    }
}

impl TargetHealthRules {
    pub(super) const fn new(unhealthy_reads: u32, minimum_healthy_percent: u32) -> Self {
        Self { unhealthy_reads, minimum_healthy_percent }
    }

    fn verdict(&self, counts: Counts, need: u32, is_first: bool, memory: &mut Memory) -> Verdict {
        let Counts { weight, desired, healthy } = counts;
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

impl Judge for TargetHealthRules {
    type Input = Input;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, input: &Input) -> Judgement {
        let Some(counts) = input.counts else {
            let why = "the world cannot be read".to_owned();
            return Judgement::of(Verdict::Inconclusive(why));
        };
        let need = needed(counts.weight, counts.desired, self.minimum_healthy_percent);
        let verdict = self.verdict(counts, need, input.is_first, memory);
        let bound = Bound::AtLeast(need.into());
        let healthy = Measure::new("healthy targets", counts.healthy.into()).bounded(bound);
        let reads = Measure::new("unhealthy reads in a row", memory.unhealthy.into())
            .bounded(Bound::Below(self.unhealthy_reads.into()));
        let turns = match &verdict {
            Verdict::Pass => {
                let (fewer, reads) = (need.saturating_sub(1), self.unhealthy_reads);
                (need > 0).then(|| format!("{fewer} or fewer healthy at {reads} looks in a row"))
            }
            Verdict::Fail(_) | Verdict::Inconclusive(_) => Some(format!("{need} healthy targets")),
        };
        Judgement { verdict, measures: vec![healthy, reads], turns }
    }
}

#[async_trait]
impl Gate for TargetHealthGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let read_at = context.observed_at;
        let counts = context.observation.map(|world| Counts {
            weight: load(world),
            desired: world.fleet.desired,
            healthy: world.healthy(Role::Candidate),
        });
        let input = Input { counts, is_first: context.subject.baseline.stable.is_none() };
        let mut memory: Memory = remembered::<TargetHealthRules>(&context);
        let was_short = memory.short;
        let judgement = self.rules.judge(&mut memory, &input);
        let mut evidence = Evidence::at(read_at);
        // A point sample speaks for the time since the last good one only where the gap is small and
        // nothing bad was seen in between.
        if let Some(previous) = context.previous.filter(|_| !was_short && counts.is_some())
            && read_at.since(previous) <= context.max_gap
        {
            evidence.covers = Span { from: previous, to: read_at };
        }
        judgement.evaluation::<TargetHealthRules>(evidence, &memory, &input)
    }
}
