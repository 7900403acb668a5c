//! When a comparison passes and fails.

use serde::Deserialize;
use serde::Serialize;

use super::super::judge::Judge;
use super::super::judge::Judgement;
use super::comparing::Comparing;
use super::grid::Grid;
use super::look::Sight;
use super::metric_rules::told;
use super::reading::Reading;
use super::sides::Sides;
use crate::analysis::Comparison;
use crate::analysis::Judgement as Joint;
use crate::analysis::ShareAnswer;
use crate::analysis::ShareCheck;
use crate::model::AnalysisRule;
use crate::model::BothBad;
use crate::model::Bound;
use crate::model::Finding;
use crate::model::Finite;
use crate::model::Measure;
use crate::model::MetricQuery;
use crate::model::Proof;
use crate::model::Timestamp;
use crate::model::Verdict;
use crate::model::Weight;
use crate::ports::MetricWindow;

/// When a comparison passes and fails.
#[derive(Debug)]
pub(crate) struct AnalysisRules {
    rule: AnalysisRule,
    sides: Sides,
}

/// What is carried from one look to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Memory(Option<Comparing>);

/// What is read for one answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Input {
    /// Whom the evidence is about.
    pub(super) revision: String,
    /// AWS's time of the answer; nothing where there was none.
    pub(super) at: Timestamp,
    /// The weight at the last look, where all rules agree and clients do not stick to a group.
    pub(super) weight: Option<Weight>,
    /// The request counts.
    pub(super) sight: Sight,
}

impl Input {
    /// Whether it adds nothing to what was read before it: to judge it too would change neither what is
    /// remembered nor what was said.
    pub(super) fn repeats(&self, before: &Self) -> bool {
        (&self.revision, self.weight, &self.sight)
            == (&before.revision, before.weight, &before.sight)
    }
}

impl Memory {
    pub(super) const fn has_begun(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn window(&self, grid: Grid, wall: Timestamp) -> MetricWindow {
        self.0.as_ref().map_or_else(
            || super::periods::Periods::default().window(grid, wall),
            |comparing| comparing.window(grid, wall),
        )
    }

    pub(super) fn covered(&self) -> Option<(Timestamp, Timestamp)> {
        self.0.as_ref().and_then(Comparing::covered)
    }
}

impl AnalysisRules {
    pub(crate) fn new(rule: AnalysisRule) -> Self {
        let sides = Sides::new(&rule);
        Self { rule, sides }
    }

    pub(super) const fn grid(&self) -> Grid {
        Grid { period: self.rule.period, settle: self.rule.settle }
    }

    pub(super) fn queries(&self) -> &[MetricQuery] {
        self.sides.queries()
    }

    fn take(&self, memory: &mut Memory, input: &Input, reading: &Reading) -> Result<(), String> {
        let invalid = |error: crate::analysis::InvalidSettings| error.to_string();
        let comparing = match memory.0.take() {
            Some(comparing) => comparing,
            None => Comparing::new(&self.rule, &input.revision).map_err(invalid)?,
        };
        let comparing = memory.0.insert(comparing);
        let grid = self.grid();
        comparing.take_shares(&self.sides, grid, reading, (input.at, input.weight));
        match comparing.take(&self.rule, &self.sides, grid, reading) {
            Some(missing) => Err(missing),
            None => Ok(()),
        }
    }

    /// What is shown before a period was compared.
    fn nothing(&self, revision: &str) -> Option<Proof> {
        proof(&Comparing::new(&self.rule, revision).ok()?)
    }
}

fn worse(names: &[String]) -> Verdict {
    Verdict::Fail(format!("the candidate is worse than stable: {}", names.join(", ")))
}

fn verdict(comparing: &Comparing, both_bad: BothBad, seen: Result<(), String>) -> Verdict {
    let harmful = comparing.joint.harmful();
    match (comparing.joint.judgement(), seen) {
        (Joint::Harm(names), _) => worse(&names),
        (Joint::CommonCause(_), _) if both_bad == BothBad::Rollback && !harmful.is_empty() => {
            worse(&harmful)
        }
        (_, Err(why)) => Verdict::Inconclusive(why),
        (Joint::CommonCause(names), Ok(())) => {
            let names = names.join(", ");
            let cause =
                format!("both sides are bad, so the cause is not the candidate's alone: {names}");
            Verdict::Inconclusive(if harmful.is_empty() {
                cause
            } else {
                let harmful = harmful.join(", ");
                format!("{cause}; the candidate suffers more: {harmful}")
            })
        }
        (Joint::Safe | Joint::Insufficient, Ok(())) => split(comparing).unwrap_or(Verdict::Pass),
    }
}

/// What is shown, by the metric that decides it. While both sides are bad nobody is safe.
fn proof(comparing: &Comparing) -> Option<Proof> {
    let proofs = comparing.joint.comparisons().iter().filter_map(|comparison| {
        let finding = comparison.finding();
        let (log_e, process) = match finding {
            Finding::Harm => (comparison.harm().highest(), comparison.harm()),
            Finding::Safe | Finding::Insufficient => (comparison.safe().log_e(), comparison.safe()),
        };
        let needed = Finite::new(process.test().threshold()).ok()?;
        Some(Proof { finding, log_e: Finite::new(log_e).ok()?, needed })
    });
    let least = proofs.reduce(Proof::least)?;
    let is_common = matches!(comparing.joint.judgement(), Joint::CommonCause(_));
    Some(if is_common && least.finding == Finding::Safe {
        Proof { finding: Finding::Insufficient, ..least }
    } else {
        least
    })
}

/// Whether the traffic is split otherwise than the weight says.
fn split(comparing: &Comparing) -> Option<Verdict> {
    let share = comparing.share.as_ref()?;
    let observed = percent(share)?;
    let configured = share.configured();
    (share.answer() == ShareAnswer::Disagrees).then(|| {
        Verdict::Inconclusive(format!(
            "the candidate got {observed:.1} % of the requests, and its weight is {configured}"
        ))
    })
}

fn percent(share: &ShareCheck) -> Option<f64> {
    share.observed().map(|observed| observed * 100.0)
}

fn measures(comparing: &Comparing) -> Vec<Measure> {
    let mut measures = Vec::new();
    for comparison in comparing.joint.comparisons() {
        measures.extend(measures_of(comparison));
    }
    if let Some(share) = &comparing.share
        && let Some(observed) = percent(share).and_then(|observed| Finite::new(observed).ok())
    {
        measures.push(Measure::new("candidate's share of requests in percent", observed));
        let weight = f64::from(share.configured().as_permille()) / 10.0;
        let weight = Finite::new(weight).unwrap_or_default();
        measures.push(Measure::new("candidate's weight in percent", weight));
    }
    for periods in &comparing.periods {
        measures.extend(told(periods, 0));
    }
    measures
}

/// The evidence of one metric, with what it shows so far.
fn measures_of(comparison: &Comparison) -> impl Iterator<Item = Measure> {
    let name = &comparison.metric().name;
    let finding = comparison.finding();
    let number = |what: String, number: f64| Some(Measure::new(what, Finite::new(number).ok()?));
    let below = |measure: Measure, bound: f64| match Finite::new(bound) {
        Ok(bound) => measure.bounded(Bound::Below(bound)),
        Err(_) => measure,
    };
    let (harm, safe) = (comparison.harm(), comparison.safe());
    let ratios = comparison.ratios();
    let harmful = number(format!("{name} ({finding}): ln E of harm"), harm.log_e());
    let periods = u32::try_from(harm.periods()).unwrap_or(u32::MAX);
    [
        harmful.map(|measure| below(measure, harm.test().threshold())),
        number(format!("{name}: ln E of safety"), safe.log_e())
            .map(|measure| below(measure, safe.test().threshold())),
        Some(Measure::new(format!("{name}: periods compared"), periods.into())),
        number(format!("{name}: ratio to stable at least"), ratios.low),
        ratios.high.and_then(|high| number(format!("{name}: ratio to stable at most"), high)),
    ]
    .into_iter()
    .flatten()
}

fn turns(comparing: &Comparing, verdict: &Verdict, proof: Option<Proof>) -> String {
    match verdict {
        Verdict::Pass => {
            let is_safe = proof.is_some_and(|proof| proof.finding == Finding::Safe);
            let so_far = if is_safe { "safe so far" } else { "insufficient evidence so far" };
            format!("{so_far}; ln E of harm at its bound")
        }
        Verdict::Fail(_) => "nothing: harm, once shown, stays shown".to_owned(),
        Verdict::Inconclusive(_) if comparing.joint.harmful().is_empty() => {
            "a complete period of both sides that shows neither".to_owned()
        }
        Verdict::Inconclusive(_) => {
            "evidence that takes the harm back; it fails if that still stands when the sides are no \
             longer both bad"
                .to_owned()
        }
    }
}

impl Judge for AnalysisRules {
    type Input = Input;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, input: &Input) -> Judgement {
        // evidence about another revision is none about this one
        if memory.0.as_ref().is_some_and(|comparing| comparing.revision != input.revision) {
            *memory = Memory::default();
        }
        let seen = match &input.sight {
            Sight::Idle => Ok(()),
            Sight::Unread(why) => Err(why.clone()),
            Sight::Read(reading) => self.take(memory, input, reading),
        };
        let is_idle = input.sight == Sight::Idle;
        let is_read = !is_idle && seen.is_ok();
        let Some(comparing) = &mut memory.0 else {
            let turns = Some("compared while both sides have traffic".to_owned());
            let verdict = seen.map_or_else(Verdict::Inconclusive, |()| Verdict::Pass);
            let proof = if is_idle { None } else { self.nothing(&input.revision) };
            return Judgement { proof, turns, ..Judgement::of(verdict) };
        };
        let harmful = comparing.joint.harmful();
        let (verdict, proof) = match (is_idle, harmful.is_empty()) {
            // what was shown before says nothing of the time in which nothing is compared
            (true, true) => (Verdict::Pass, None),
            (true, false) => (worse(&harmful), proof(comparing)),
            (false, _) => (verdict(comparing, self.rule.both_bad, seen), proof(comparing)),
        };
        if is_read && matches!(verdict, Verdict::Inconclusive(_)) {
            comparing.pass_over();
        }
        let turns = Some(turns(comparing, &verdict, proof));
        Judgement { verdict, proof, measures: measures(comparing).into(), turns }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::judge::written;
    use super::super::reading::Row;
    use super::*;

    /// A look at this minute and second: minute `n` has `n` bad requests of both, and one is missing.
    fn look(minute: u64, second: u64) -> Input {
        let at = |minute: u64| Timestamp::from_millis(minute * 60_000);
        let row = |n: u32| Row {
            begin: at(n.into()),
            values: [900, n, 0, 100, n, 0].map(|value| Some(Finite::from(value))).into(),
        };
        let last = u32::try_from(minute).unwrap() - 1;
        let rows = (last - 5..=last).filter(|n| *n != 25).map(row);
        let (open, closed) = (at(minute), at(minute - 2));
        Input {
            revision: "web:8".to_owned(),
            at: Timestamp::from_millis(open.as_millis() + second * 1000),
            weight: Weight::percent(10).ok(),
            sight: Sight::Read(Reading { open, closed, rows: rows.collect() }),
        }
    }

    #[test]
    fn a_look_that_shows_the_same_changes_neither_the_memory_nor_the_answer() {
        let rule = json!({
            "preset": "default", "alpha": null, "harm_ratio": null, "safe_ratio": null,
            "metrics": [{
                "name": "errors", "source": "errors", "more_is_better": false,
                "budget": 1.0, "objective": 0.5,
            }],
            "share_tolerance": 0.1, "period": 60_000, "settle": 120_000,
        });
        let rules = AnalysisRules::new(serde_json::from_value(rule).unwrap());
        let mut memory = Memory::default();
        let mut answers = Vec::new();
        for minute in 10..40 {
            let first = look(minute, 0);
            let judgement = rules.judge(&mut memory, &first);
            let before = written(&memory);
            for second in [10, 20] {
                let again = look(minute, second);
                assert!(again.repeats(&first) && !again.repeats(&look(minute + 1, 0)));
                assert_eq!(rules.judge(&mut memory, &again), judgement, "minute {minute}");
                assert_eq!(written(&memory), before, "minute {minute}");
            }
            answers.push(judgement.verdict);
        }
        assert!(answers.iter().any(Verdict::is_pass) && !answers.iter().all(Verdict::is_pass));
    }
}
