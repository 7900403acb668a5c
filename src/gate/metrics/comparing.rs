//! A comparison under way.

use serde::Deserialize;
use serde::Serialize;

use super::grid::Grid;
use super::periods::Periods;
use super::reading::Reading;
use super::reading::Row;
use super::sides::Sides;
use super::weights::Weights;
use crate::analysis::Better;
use crate::analysis::InvalidSettings;
use crate::analysis::JointAnalysis;
use crate::analysis::MetricSettings;
use crate::analysis::Settings;
use crate::analysis::ShareCheck;
use crate::analysis::ShareSettings;
use crate::model::AnalysisRule;
use crate::model::Finite;
use crate::model::Timestamp;
use crate::model::Weight;
use crate::ports::MetricWindow;

/// Complete periods in a row without requests of a side that are no accident of little traffic.
const BLACKOUT: u32 = 3;

/// A comparison under way: the evidence about one revision.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Comparing {
    /// Whom the evidence is about.
    pub(super) revision: String,
    /// How far each metric has been judged.
    pub(super) periods: Vec<Periods>,
    /// The evidence.
    pub(super) joint: JointAnalysis,
    /// How far the split of traffic has been judged.
    shares: Periods,
    /// What is known of the split.
    pub(super) share: Option<ShareCheck>,
    weights: Weights,
    /// The end of the last periods that say nothing of the candidate: no bake is spoken for by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mute: Option<Timestamp>,
}

/// What a rule compares, each with the numbers of its preset where the rule has none of its own.
pub(super) fn compared(rule: &AnalysisRule) -> Vec<MetricSettings> {
    let given = |own: Option<Finite>, preset: f64| own.map_or(preset, Finite::get);
    let preset = Settings::preset(rule.preset);
    let settings = Settings {
        alpha: given(rule.alpha, preset.alpha),
        harm_ratio: given(rule.harm_ratio, preset.harm_ratio),
        safe_ratio: given(rule.safe_ratio, preset.safe_ratio),
        ..preset
    };
    let metrics = rule.metrics.iter().map(|metric| MetricSettings {
        name: metric.name.clone(),
        better: if metric.more_is_better { Better::More } else { Better::Fewer },
        budget: metric.budget.get(),
        objective: metric.objective.map(Finite::get),
        settings,
    });
    metrics.collect()
}

impl Comparing {
    /// No evidence yet.
    pub(super) fn new(rule: &AnalysisRule, revision: &str) -> Result<Self, InvalidSettings> {
        let share = rule.share_tolerance.map(|tolerance| {
            ShareCheck::new(ShareSettings {
                tolerance: tolerance.get(),
                ..ShareSettings::default()
            })
        });
        Ok(Self {
            revision: revision.to_owned(),
            periods: vec![Periods::default(); rule.metrics.len()],
            joint: JointAnalysis::new(compared(rule))?,
            shares: Periods::default(),
            share: share.transpose()?,
            weights: Weights::default(),
            mute: None,
        })
    }

    /// What to ask for: everything that any of its metrics needs.
    pub(super) fn window(&self, grid: Grid, wall: Timestamp) -> MetricWindow {
        let all = self.periods.iter().map(|periods| periods.window(grid, wall));
        let both = |one: MetricWindow, other: MetricWindow| MetricWindow {
            from: one.from.min(other.from),
            to: one.to.max(other.to),
        };
        all.reduce(both).unwrap_or_else(|| self.shares.window(grid, wall))
    }

    /// The stretch that a bake may count: every metric has been judged, and says something of the candidate.
    pub(super) fn covered(&self) -> Option<(Timestamp, Timestamp)> {
        let (from, to) = self.judged()?;
        let from = self.mute.map_or(from, |mute| from.max(mute));
        Some((from, to)).filter(|(from, to)| from < to)
    }

    /// What was judged so far says nothing of the candidate.
    pub(super) fn pass_over(&mut self) {
        self.mute = self.judged().map(|(_, to)| to).or(self.mute);
    }

    /// The stretch for which every metric has been judged.
    fn judged(&self) -> Option<(Timestamp, Timestamp)> {
        let mut whole: Option<(Timestamp, Timestamp)> = None;
        for periods in &self.periods {
            let (from, to) = periods.covered()?;
            whole = Some(whole.map_or((from, to), |(first, last)| (first.max(from), last.min(to))));
        }
        whole.filter(|(from, to)| from < to)
    }

    /// Adds what is complete, and answers what is missing, if something is.
    pub(super) fn take(
        &mut self,
        rule: &AnalysisRule,
        sides: &Sides,
        grid: Grid,
        reading: &Reading,
    ) -> Option<String> {
        let mut missing = None;
        for (place, (metric, periods)) in rule.metrics.iter().zip(&mut self.periods).enumerate() {
            periods.begin(grid, reading);
            let counts = |row: &Row| sides.counts(place, row);
            let taken = periods.take(grid, reading, |row| matches!(counts(row), Some(Ok(_))));
            let mut trouble = None;
            for row in &taken.fresh {
                if let Some(Ok(counts)) = counts(row) {
                    let done = self.joint.observe(&metric.name, row.begin, &counts);
                    trouble = trouble.or_else(|| done.err().map(|error| error.to_string()));
                }
            }
            let next = periods.next().unwrap_or_default();
            let odd = reading.rows.iter().filter(|row| row.begin >= next).find_map(|row| {
                let error = counts(row)?.err()?;
                Some(format!("`{}` at {}: {error}", metric.name, row.begin))
            });
            let waits = (taken.waiting >= BLACKOUT).then(|| {
                let name = &metric.name;
                let waiting = taken.waiting;
                odd.unwrap_or_else(|| {
                    format!(
                        "`{name}`: {waiting} complete periods since {next} lack requests of a side"
                    )
                })
            });
            missing = missing.or(trouble).or(waits);
        }
        missing
    }

    /// Adds what complete periods say of the split, as far as their weight is known.
    pub(super) fn take_shares(
        &mut self,
        sides: &Sides,
        grid: Grid,
        reading: &Reading,
        (at, weight): (Timestamp, Option<Weight>),
    ) {
        self.weights.note(at, weight);
        let Some(share) = &mut self.share else { return };
        self.shares.begin(grid, reading);
        let taken = self.shares.take(grid, reading, |row| sides.requests(row).is_some());
        for row in &taken.fresh {
            let weight = self.weights.throughout(row.begin, row.begin.after(grid.period));
            if let (Some(weight), Some(counts)) = (weight, sides.requests(row)) {
                // counts without bad ones are always possible ones
                let _applied = share.observe(weight, &counts);
            }
        }
    }
}
