//! The gate that is always on: whether the candidate's targets carry what they are given.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;

use super::contract::Gate;
use super::contract::GateContext;
use super::health_input::Counts;
use super::health_input::HealthInput;
use super::judge::Judge;
use super::judge::Judgement;
use super::judge::remembered;
use crate::model::Bound;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateMemory;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::HealthRule;
use crate::model::Inconclusive;
use crate::model::InvalidId;
use crate::model::Limits;
use crate::model::Measure;
use crate::model::Plan;
use crate::model::Span;
use crate::model::Verdict;
use crate::model::Weight;
use crate::model::needed;

/// The id of the target-health gate.
pub const TARGET_HEALTH: &str = "target-health";

/// Unhealthy looks that are a failure and no flicker, of so many last ones.
const UNHEALTHY_READS: u32 = 3;
const OF_READS: u32 = 5;

/// The target-health gate as every plan gets it.
pub fn target_health(plan: &Plan, limits: &Limits) -> Result<GateSpec, InvalidId> {
    let minimum_healthy_percent = plan.roll().map_or(100, |(minimum, _)| minimum.min(100));
    Ok(GateSpec {
        id: GateId::new(TARGET_HEALTH)?,
        kind: GateKind::TargetHealth(HealthRule {
            of_reads: OF_READS,
            minimum_healthy_percent,
            ..HealthRule::in_a_row(UNHEALTHY_READS)
        }),
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: limits.hold_limit },
        always: true,
    })
}

/// Compares the candidate's healthy targets with what its weight needs.
///
/// - Too few at a look or two is inconclusive; too few at M of the last N looks is a failure. With a
///   minimum for every Availability Zone, a zone with fewer is too few as well.
/// - Tasks that are missing only because the desired count has just been raised are inconclusive,
///   never a failure: they have not had time to start.
/// - Stable that lost healthy targets although it was not reduced is inconclusive: nothing that the
///   candidate did. Where both lost, the candidate is blamed only if it lost the greater share.
#[derive(Debug)]
pub struct TargetHealthGate {
    rules: TargetHealthRules,
    /// Mostly the next look shows the same.
    last: Mutex<Option<Last>>,
}

/// An answer, and all that it follows from.
#[derive(Debug)]
struct Last {
    before: GateMemory,
    input: HealthInput,
    /// Whether the look before it found too few.
    was_short: bool,
    evaluation: Evaluation,
}

/// When target health passes and fails.
#[derive(Debug)]
pub(super) struct TargetHealthRules(HealthRule);

/// What is carried from one evaluation to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    /// The last looks, a bit each, the last one lowest: 1 found too few.
    looks: u32,
    /// The largest need that has been met so far.
    met: u32,
    /// Whether the last look found too few, of either side.
    short: bool,
    /// How many of stable's targets were healthy while it was not reduced.
    stable: u32,
}

/// What stable lost although it was not reduced.
#[derive(Debug, Clone, Copy)]
struct Loss {
    /// How many were healthy before.
    had: u32,
    /// How many are.
    healthy: u32,
}

impl Loss {
    /// Whether the candidate, with so many healthy of so many needed, lost no greater share.
    fn explains(self, healthy: u32, need: u32) -> bool {
        let lost = u64::from(need.saturating_sub(healthy));
        let others = u64::from(self.had.saturating_sub(self.healthy));
        lost * u64::from(self.had) <= others * u64::from(need)
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { had, healthy } = self;
        write!(f, "stable lost capacity, not the candidate's doing: {healthy} healthy of {had}")
    }
}

impl TargetHealthGate {
    /// A gate under this rule.
    pub const fn new(rule: HealthRule) -> Self {
        Self { rules: TargetHealthRules::new(rule), last: Mutex::new(None) }
    }

    /// Answers to what was read, as of now.
    fn answer(&self, context: &GateContext<'_>, input: HealthInput) -> Last {
        let mut memory = remembered::<TargetHealthRules>(context);
        let was_short = memory.short;
        let judgement = memory.answer(&self.rules, &input);
        let evidence = Evidence::at(context.observed_at);
        let evaluation = judgement.evaluation::<TargetHealthRules>(evidence, &memory, &input);
        Last { before: context.memory.clone(), input, was_short, evaluation }
    }
}

impl TargetHealthRules {
    pub(super) const fn new(rule: HealthRule) -> Self {
        Self(rule)
    }

    /// How many of the looks that count found too few.
    fn unhealthy(&self, memory: &Memory) -> u32 {
        let window = u32::MAX >> HealthRule::MOST_READS.saturating_sub(self.0.window());
        (memory.looks & window).count_ones()
    }

    fn verdict(
        &self,
        counts: Counts,
        need: u32,
        input: &HealthInput,
        memory: &mut Memory,
    ) -> Verdict {
        let Counts { weight, desired, healthy } = counts;
        let loss = lost(input.stable, memory);
        let zone = self.short_zone(counts, input);
        memory.short = loss.is_some();
        if healthy >= need && zone.is_none() {
            memory.looks <<= 1;
            memory.met = need;
            return loss.map_or(Verdict::Pass, |loss| Verdict::Inconclusive(loss.to_string()));
        }
        // A first deployment's group has the traffic before it has a task; nothing has served yet.
        if input.is_first && memory.met == 0 {
            return Verdict::Pass;
        }
        memory.short = true;
        let mut said = format!("{healthy} healthy, {weight} of {desired} desired needs {need}");
        for more in zone.iter().chain(&input.troubles) {
            said.push_str("; ");
            said.push_str(more);
        }
        if let Some(loss) = loss.filter(|loss| loss.explains(healthy, need) && zone.is_none()) {
            return Verdict::Inconclusive(format!("{loss}; candidate: {said}"));
        }
        if healthy >= memory.met && memory.met > 0 && zone.is_none() {
            memory.looks <<= 1;
            return Verdict::Inconclusive(format!("{said}: more tasks are wanted than before"));
        }
        memory.looks = memory.looks << 1 | 1;
        let (unhealthy, window) = (self.unhealthy(memory), self.0.window());
        if unhealthy >= self.0.most() {
            return Verdict::Fail(format!("{said}; so at {unhealthy} of {window} looks"));
        }
        Verdict::Inconclusive(said)
    }

    /// What is wrong in a zone, if something is.
    fn short_zone(&self, counts: Counts, input: &HealthInput) -> Option<String> {
        let least = self.0.minimum_per_zone.filter(|_| counts.weight > Weight::ZERO)?;
        let zones = input.zones.as_ref()?;
        if zones.is_empty() {
            return Some("the zones of the candidate's tasks are not known".to_owned());
        }
        let (zone, healthy) = zones.iter().find(|(_, healthy)| **healthy < least)?;
        Some(format!("zone {zone} has {healthy} healthy and needs {least}"))
    }

    fn measures(
        &self,
        counts: Counts,
        need: u32,
        input: &HealthInput,
        memory: &Memory,
    ) -> Vec<Measure> {
        let bound = Bound::AtLeast(need.into());
        let window = self.0.window();
        let mut measures = vec![
            Measure::new("healthy targets", counts.healthy.into()).bounded(bound),
            Measure::new(format!("unhealthy looks of {window}"), self.unhealthy(memory).into())
                .bounded(Bound::Below(self.0.most().into())),
        ];
        if let Some([_, healthy]) = input.stable {
            let bound = Bound::AtLeast(memory.stable.into());
            measures.push(Measure::new("stable's healthy targets", healthy.into()).bounded(bound));
        }
        let least = self.0.minimum_per_zone.unwrap_or_default();
        for (zone, healthy) in input.zones.iter().flatten() {
            let bound = Bound::AtLeast(least.into());
            measures
                .push(Measure::new(format!("healthy in {zone}"), (*healthy).into()).bounded(bound));
        }
        measures
    }
}

/// What stable lost since it had the most, as far as it was not reduced.
fn lost(stable: Option<[u32; 2]>, memory: &mut Memory) -> Option<Loss> {
    let Some([target, healthy]) = stable else {
        memory.stable = 0;
        return None;
    };
    let had = memory.stable.min(target);
    memory.stable = had.max(healthy.min(target));
    (healthy < had).then_some(Loss { had, healthy })
}

impl Judge for TargetHealthRules {
    type Input = HealthInput;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, input: &HealthInput) -> Judgement {
        let Some(counts) = input.counts else {
            let why = "the world cannot be read".to_owned();
            return Judgement::of(Verdict::Inconclusive(why));
        };
        let need = needed(counts.weight, counts.desired, self.0.minimum_healthy_percent);
        let verdict = self.verdict(counts, need, input, memory);
        let measures = self.measures(counts, need, input, memory);
        let turns = match &verdict {
            Verdict::Pass => {
                let (fewer, most, window) =
                    (need.saturating_sub(1), self.0.most(), self.0.window());
                (need > 0).then(|| format!("{fewer} or fewer healthy at {most} of {window} looks"))
            }
            Verdict::Fail(_) | Verdict::Inconclusive(_) if counts.healthy >= need => {
                Some(format!("{} healthy targets of stable", memory.stable))
            }
            Verdict::Fail(_) | Verdict::Inconclusive(_) => Some(format!("{need} healthy targets")),
        };
        Judgement { verdict, proof: None, measures: measures.into(), turns }
    }
}

#[async_trait]
impl Gate for TargetHealthGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let read_at = context.observed_at;
        let is_first = context.subject.baseline.stable.is_none();
        let input = HealthInput::of(context.observation, is_first, &self.rules.0);
        let mut kept = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |last: &Last| last.before == *context.memory && last.input == input;
        let last = match kept.take().filter(same) {
            Some(last) => last,
            None => self.answer(&context, input),
        };
        let mut evidence = Evidence::at(read_at);
        // A point sample speaks for the time since the last good one only where the gap is small and
        // nothing bad was seen in between.
        if let Some(previous) =
            context.previous.filter(|_| !last.was_short && last.input.counts.is_some())
            && read_at.since(previous) <= context.max_gap
        {
            evidence.covers = Span { from: previous, to: read_at };
        }
        let evaluation = Evaluation { evidence, ..last.evaluation.clone() };
        *kept = Some(last);
        evaluation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> TargetHealthRules {
        TargetHealthRules::new(HealthRule { of_reads: 5, ..HealthRule::in_a_row(3) })
    }

    /// Half the weight of four desired: two are needed.
    fn look(healthy: u32, stable: Option<[u32; 2]>) -> HealthInput {
        let weight = Weight::permille(500).unwrap();
        let counts = Some(Counts { weight, desired: 4, healthy });
        HealthInput { counts, is_first: false, stable, zones: None, troubles: Vec::new() }
    }

    /// What each look says: pass, inconclusive or fail.
    fn said(rules: &TargetHealthRules, looks: &[HealthInput]) -> String {
        let mut memory = Memory::default();
        let words = looks.iter().map(|look| match rules.judge(&mut memory, look).verdict {
            Verdict::Pass => 'p',
            Verdict::Inconclusive(_) => 'i',
            Verdict::Fail(_) => 'f',
        });
        words.collect()
    }

    #[test]
    fn three_of_five_looks_fail_and_two_do_not() {
        let of = |healthy: &[u32]| -> Vec<HealthInput> {
            healthy.iter().map(|healthy| look(*healthy, None)).collect()
        };
        assert_eq!(said(&rules(), &of(&[2, 1, 2, 1, 2, 2, 1])), "pipippi");
        assert_eq!(said(&rules(), &of(&[2, 1, 2, 1, 1])), "pipif");
        assert_eq!(
            said(&rules(), &of(&[2, 1, 2, 2, 1, 2, 1])),
            "pippipi",
            "the oldest is forgotten"
        );
        let in_a_row = TargetHealthRules::new(HealthRule::in_a_row(2));
        assert_eq!(said(&in_a_row, &of(&[2, 1, 2, 1, 1])), "pipif");
    }

    #[test]
    fn what_stable_loses_is_not_blamed_on_the_candidate() {
        let of = |looks: &[(u32, u32)]| -> Vec<HealthInput> {
            looks.iter().map(|(healthy, stable)| look(*healthy, Some([4, *stable]))).collect()
        };
        let alone = of(&[(2, 4), (2, 3), (2, 3), (2, 3), (2, 3), (2, 4)]);
        assert_eq!(said(&rules(), &alone), "piiiip");
        let both = of(&[(2, 4), (1, 2), (1, 2), (1, 2), (1, 2), (1, 2)]);
        assert_eq!(said(&rules(), &both), "piiiii", "half of each: a common cause");
        let worse = of(&[(2, 4), (0, 3), (0, 3), (0, 3)]);
        assert_eq!(said(&rules(), &worse), "piif", "all of one, a quarter of the other");
        let mut memory = Memory::default();
        let looks = of(&[(2, 4), (2, 1)]);
        let last = looks.iter().map(|look| rules().judge(&mut memory, look)).last().unwrap();
        let why = "stable lost capacity, not the candidate's doing: 1 healthy of 4";
        assert_eq!(last.verdict, Verdict::Inconclusive(why.to_owned()));
        assert_eq!(last.turns.as_deref(), Some("4 healthy targets of stable"));
    }

    #[test]
    fn stable_that_is_scaled_in_has_lost_nothing() {
        let scaled =
            [look(2, Some([4, 4])), look(2, Some([3, 3])), look(2, None), look(2, Some([4, 3]))];
        assert_eq!(said(&rules(), &scaled), "pppp");
        let out = [look(2, Some([4, 4])), look(2, Some([6, 4])), look(2, Some([6, 6]))];
        assert_eq!(said(&rules(), &out), "ppp", "tasks that start are no loss");
    }

    #[test]
    fn a_zone_with_too_few_fails_where_zones_are_asked_for() {
        let rule = HealthRule { minimum_per_zone: Some(1), ..HealthRule::in_a_row(2) };
        let of = |zones: &[(&str, u32)]| {
            let zones = zones.iter().map(|(zone, healthy)| ((*zone).to_owned().into(), *healthy));
            HealthInput { zones: Some(zones.collect()), ..look(3, None) }
        };
        let rules = TargetHealthRules::new(rule);
        let good = || of(&[("a", 2), ("b", 1)]);
        let bad = || of(&[("a", 3), ("b", 0)]);
        assert_eq!(said(&rules, &[good(), bad(), good(), bad(), bad()]), "pipif");
        let mut memory = Memory::default();
        let judgement = rules.judge(&mut memory, &bad());
        let why = "3 healthy, 50 % of 4 desired needs 2; zone b has 0 healthy and needs 1";
        assert_eq!(judgement.verdict, Verdict::Inconclusive(why.to_owned()));
        assert_eq!(judgement.measures.last().unwrap().to_string(), "healthy in b 0 (at least 1)");
        assert_eq!(said(&rules, &[of(&[])]), "i", "no data is no good news");
    }
}
