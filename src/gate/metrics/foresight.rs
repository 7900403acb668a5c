//! What the comparisons of a plan can see of a bad revision, before it begins.

use std::fmt;

use serde::Serialize;

use super::comparing::compared;
use crate::analysis::InvalidSettings;
use crate::analysis::Settings;
use crate::analysis::Shortcoming;
use crate::analysis::Sight;
use crate::analysis::Terms;
use crate::analysis::load;
use crate::model::AnalysisRule;
use crate::model::AnalysisSource;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::Limits;
use crate::model::Load;
use crate::model::Plan;
use crate::model::Step;

/// What the comparisons of a plan can see of a bad revision, before it begins.
///
/// Only gates that compare candidate with stable are looked at: what an alarm or a threshold sees depends on
/// numbers that a plan does not know.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Foresight {
    /// What the service serves.
    pub load: Load,
    /// The ratio of error rates that every watched step is expected to see.
    pub expected: f64,
    /// What each gate sees by each metric whose usual rate is the load's share of bad requests.
    pub watches: Vec<Watch>,
    /// What is compared besides, as `gate, metric`: its usual rate is not known, so nothing is said of it.
    pub unknown: Vec<String>,
    /// The probability, at most, that a healthy revision is rolled back by the comparisons together: the sum
    /// of what those promise that roll back.
    pub blames_healthy: f64,
    /// Where nothing compares: what a comparison of errors with the default preset would see.
    pub would_see: Option<Sight>,
}

/// What one gate sees by one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Watch {
    /// The gate, or the part of one.
    pub gate: GateId,
    /// What it compares.
    pub metric: String,
    /// Whether what it finds rolls back by itself: it blocks, and no other part can outvote it.
    pub rolls_back: bool,
    /// What it sees.
    pub sight: Sight,
}

/// An analysis of a plan.
struct Analysis<'a> {
    gate: &'a GateId,
    rule: &'a AnalysisRule,
    rolls_back: bool,
}

impl Foresight {
    /// What the comparisons of `plan` see under this load. `expected` is the ratio of error rates, above 1, that
    /// every step that they watch should see.
    ///
    /// # Errors
    ///
    /// A gate whose settings promise nothing.
    pub fn of(
        plan: &Plan,
        limits: &Limits,
        load: Load,
        expected: f64,
    ) -> Result<Self, InvalidSettings> {
        let sight = |terms, watched: &dyn Fn(usize) -> bool| {
            Sight::of(plan, limits, terms, load, expected, watched)
        };
        let (mut watches, mut unknown, mut blames_healthy) = (Vec::new(), Vec::new(), 0.0);
        let mut compares = false;
        for spec in &plan.gates {
            for Analysis { gate, rule, rolls_back } in analyses(spec) {
                compares = true;
                for (metric, told) in rule.metrics.iter().zip(compared(rule)) {
                    let settings = told.settings.with_budget(told.budget);
                    settings.check()?;
                    blames_healthy += if rolls_back { settings.alpha } else { 0.0 };
                    if metric.source != AnalysisSource::Errors || metric.more_is_better {
                        unknown.push(format!("{gate}, {}", metric.name));
                        continue;
                    }
                    let terms = Terms { settings, period: rule.period, settle: rule.settle };
                    let sight = sight(terms, &|step| is_watched(plan, spec, step))?;
                    let (gate, metric) = (gate.clone(), metric.name.clone());
                    watches.push(Watch { gate, metric, rolls_back, sight });
                }
            }
        }
        let would_see = || sight(Terms::of_minutes(Settings::default()), &|_| true);
        let would_see = if compares { None } else { Some(would_see()?) };
        Ok(Self { load, expected, watches, unknown, blames_healthy, would_see })
    }

    /// The steps that cannot see what they are expected to see, by whom and with what would: a plan that claims to
    /// watch and does not.
    pub fn shortcomings(&self) -> Vec<(&Watch, Shortcoming)> {
        let of = |watch: &'_ Watch| watch.sight.shortcomings();
        let each = self.watches.iter().map(|watch| (watch, of(watch)));
        each.flat_map(|(watch, found)| found.into_iter().map(move |one| (watch, one))).collect()
    }

    /// The same in words; where nothing compares, of what a comparison would see.
    pub(crate) fn told_shortcomings(&self) -> impl Iterator<Item = String> {
        let found = self.shortcomings().into_iter();
        let told = found.map(|(watch, shortcoming)| format!("gate {}: {shortcoming}", watch.gate));
        let would = self.would_see.iter().flat_map(Sight::shortcomings);
        told.chain(would.map(|shortcoming| format!("a comparison, too: {shortcoming}")))
    }
}

/// Whether a gate watches the bake with this index.
fn is_watched(plan: &Plan, spec: &GateSpec, step: usize) -> bool {
    let named = |step: &Step| match step {
        Step::Bake { gates, .. } => gates.contains(&spec.id),
        Step::Scale { .. }
        | Step::TestTraffic
        | Step::Shift { .. }
        | Step::Approval { .. }
        | Step::Roll { .. }
        | Step::Delegate { .. } => false,
    };
    spec.always || plan.steps.get(step).is_some_and(named)
}

/// The analyses that a gate is or is made of.
fn analyses(spec: &GateSpec) -> Vec<Analysis<'_>> {
    let mut found = Vec::new();
    let blocks = spec.mode == GateMode::Blocking;
    gather(&spec.id, &spec.kind, blocks, GateKind::DEEPEST, &mut found);
    found
}

fn gather<'a>(
    gate: &'a GateId,
    kind: &'a GateKind,
    rolls_back: bool,
    depth: usize,
    found: &mut Vec<Analysis<'a>>,
) {
    let (parts, alone) = match kind {
        GateKind::Analysis(rule) => {
            found.push(Analysis { gate, rule, rolls_back });
            return;
        }
        GateKind::All(parts) => (parts, true),
        GateKind::Any(parts) => (parts, parts.len() == 1),
        _ => return,
    };
    let Some(depth) = depth.checked_sub(1) else { return };
    for part in parts {
        gather(&part.id, &part.kind, rolls_back && alone, depth, found);
    }
}

impl fmt::Display for Foresight {
    /// The load and what each comparison sees; what falls short is not said.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "at {}:", load(self.load))?;
        if let Some(sight) = &self.would_see {
            writeln!(
                f,
                "no gate compares the candidate with stable: only what alarms, thresholds and targets"
            )?;
            writeln!(f, "show rolls back. A gate `analysis: default` would see:\n{sight}")?;
            for shortcoming in sight.shortcomings() {
                writeln!(f, "  and not enough: {shortcoming}")?;
            }
            return Ok(());
        }
        for Watch { gate, metric, rolls_back, sight } in &self.watches {
            let acts = if *rolls_back { "" } else { ", which does not roll back by itself" };
            write!(f, "gate {gate}, {metric}{acts}:\n{sight}")?;
        }
        for unknown in &self.unknown {
            writeln!(f, "gate {unknown}: nothing is known of how often it is bad anyway")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::AnalysisMetric;
    use crate::model::BothBad;
    use crate::model::Finite;
    use crate::model::GatePart;
    use crate::model::Inconclusive;
    use crate::model::Insufficient;
    use crate::model::Preset;
    use crate::model::Weight;

    fn id(id: &str) -> GateId {
        GateId::new(id).unwrap()
    }

    fn metric(name: &str, source: AnalysisSource, budget: f64) -> AnalysisMetric {
        let budget = Finite::new(budget).unwrap();
        AnalysisMetric {
            name: name.to_owned(),
            source,
            more_is_better: false,
            budget,
            objective: None,
        }
    }

    fn analysis() -> GateKind {
        let slow = AnalysisSource::Slow { than: Duration::from_millis(500) };
        GateKind::Analysis(AnalysisRule {
            preset: Preset::Default,
            alpha: Finite::new(0.02).ok(),
            harm_ratio: None,
            safe_ratio: None,
            metrics: vec![
                metric("errors", AnalysisSource::Errors, 0.75),
                metric("slow", slow, 0.25),
            ],
            share_tolerance: None,
            period: Duration::from_mins(1),
            settle: Duration::from_mins(2),
            advance_early: None,
            insufficient: Insufficient::default(),
            both_bad: BothBad::default(),
        })
    }

    fn gate(kind: GateKind) -> GateSpec {
        let limit = Duration::from_mins(30);
        GateSpec {
            id: id("canary"),
            kind,
            mode: GateMode::Blocking,
            inconclusive: Inconclusive::Hold { limit },
            always: true,
        }
    }

    /// 10 % for so many minutes, and once more, where the gate may be named.
    fn plan(gates: Vec<GateSpec>, minutes: u64) -> Plan {
        let weight = Weight::percent(10).unwrap();
        let bake = |gates| Step::Bake { duration: Duration::from_mins(minutes), gates };
        let steps = vec![Step::Shift { weight }, bake(Vec::new()), bake(vec![id("canary")])];
        let strategy = "steps".to_owned();
        Plan { strategy, steps, gates, hooks: Vec::new(), notes: Vec::new() }
    }

    fn foresee(gates: Vec<GateSpec>, minutes: u64) -> Foresight {
        let load = Load::new(200.0, 0.001).unwrap();
        Foresight::of(&plan(gates, minutes), &Limits::default(), load, 5.0).unwrap()
    }

    fn steps(foresight: &Foresight) -> Vec<usize> {
        let watches = foresight.watches.iter();
        watches.flat_map(|watch| watch.sight.steps.iter().map(|step| step.step)).collect()
    }

    #[test]
    fn each_metric_sees_by_its_part_of_the_gate_s_own_settings() {
        let seen = foresee(vec![gate(analysis())], 15);
        assert_eq!(steps(&seen), [1, 2]);
        assert!((seen.watches[0].sight.terms.settings.alpha - 0.015).abs() < 1e-12);
        assert!((seen.blames_healthy - 0.02).abs() < 1e-12);
        assert_eq!(seen.unknown, ["canary, slow"]);
        assert!(seen.watches[0].rolls_back && seen.would_see.is_none());
        assert!(seen.shortcomings().is_empty(), "{seen}");
    }

    #[test]
    fn only_bakes_that_a_gate_watches_count_and_each_short_one_is_a_warning() {
        let seen = foresee(vec![GateSpec { always: false, ..gate(analysis()) }], 1);
        assert_eq!(steps(&seen), [2]);
        let found = seen.shortcomings();
        let found: Vec<_> =
            found.iter().map(|(watch, short)| (watch.gate.as_str(), short.step)).collect();
        assert_eq!(found, [("canary", 2)]);
        let told: Vec<String> = seen.told_shortcomings().collect();
        assert!(told[0].starts_with("gate canary: step 3: 10 % for 1m cannot see"), "{told:?}");
    }

    #[test]
    fn what_cannot_roll_back_by_itself_blames_nobody() {
        let part = |name: &str, kind| GatePart { id: id(name), kind };
        let any = GateKind::Any(vec![part("one", analysis()), part("other", GateKind::Custom)]);
        let all = |kind| GateKind::All(vec![part("one", kind), part("other", GateKind::Custom)]);
        let held = GateSpec { mode: GateMode::HoldOnly, ..gate(analysis()) };
        for spec in [gate(any.clone()), gate(all(any)), held] {
            let seen = foresee(vec![spec], 15);
            assert!(!seen.watches[0].rolls_back && seen.blames_healthy == 0.0, "{seen}");
            assert!(seen.to_string().contains("does not roll back by itself"), "{seen}");
        }
        let seen = foresee(vec![gate(all(analysis()))], 15);
        assert!(seen.watches[0].rolls_back && seen.watches[0].gate == id("one"), "{seen}");
    }

    #[test]
    fn where_nothing_compares_that_is_said_and_nothing_falls_short() {
        let seen = foresee(vec![gate(GateKind::Custom)], 1);
        assert!(seen.watches.is_empty() && seen.shortcomings().is_empty());
        assert_eq!(seen.would_see.as_ref().map(|sight| sight.steps.len()), Some(2));
        let told = seen.to_string();
        assert!(
            told.contains("no gate compares") && told.contains("and not enough: step 2"),
            "{told}"
        );
        assert_eq!(seen.told_shortcomings().count(), 2);
    }
}
