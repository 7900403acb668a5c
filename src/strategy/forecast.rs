//! What a plan will do, before it does it.

use std::fmt;
use std::time::Duration;

use crate::model::Capacity;
use crate::model::GateId;
use crate::model::Human;
use crate::model::Limits;
use crate::model::Plan;
use crate::model::RoleCount;
use crate::model::RollBounds;
use crate::model::ServiceShape;
use crate::model::Share;
use crate::model::Step;
use crate::model::Weight;
use crate::model::carried;
use crate::model::next_capacity;

/// What a plan will do to a service, step by step, if all goes well: weights, tasks, times, writes.
///
/// The earliest times count bakes, and the ten minutes after a shift that a Network Load Balancer takes, as
/// if tasks were healthy at once; where an analysis may end a bake early, its least time. The latest add to every step its longest wait: the progress deadline where tasks or traffic
/// move, the hold limit where gates watch, the timeout of an approval, that of an unproven bake too. A step that makes progress
/// again and again, or a paused one, may take longer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forecast {
    /// What is deployed by which strategy, in one line.
    pub title: String,
    /// One line a step.
    pub steps: Vec<ForecastStep>,
    /// When the final bake is over at the earliest.
    pub earliest: Duration,
    /// When it is over, or the deployment has turned back, at the latest.
    pub latest: Duration,
    /// The most tasks there are at any time.
    pub peak_tasks: u32,
    /// How many of those are above the desired count.
    pub peak_extra: u32,
    /// The fewest writes it takes, promotion and the removal of stable included.
    pub writes: u32,
    /// The plan's notes.
    pub notes: Vec<String>,
}

/// One step of a [`Forecast`]; counts and weight are those in force at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForecastStep {
    /// What it does.
    pub text: String,
    /// The candidate's production weight.
    pub weight: Weight,
    /// Stable's tasks.
    pub stable_tasks: u32,
    /// The candidate's tasks.
    pub candidate_tasks: u32,
    /// When it ends at the earliest, from the start of the deployment.
    pub earliest: Duration,
    /// When it ends at the latest.
    pub latest: Duration,
}

impl Forecast {
    /// Works out what `plan` does to a service of this shape.
    pub fn of(plan: &Plan, shape: &ServiceShape, limits: &Limits) -> Self {
        let mut walk = Walk::start(shape, limits);
        let mut steps = Vec::new();
        for (index, step) in plan.steps.iter().enumerate() {
            walk.take(step, plan.early_end(index), plan.longest_approval(index));
            steps.push(ForecastStep {
                text: text(plan, index, step),
                weight: plan.weight_after(index),
                stable_tasks: walk.stable,
                candidate_tasks: walk.candidate,
                earliest: walk.earliest,
                latest: walk.latest,
            });
        }
        let from = shape.stable.as_ref().map(|stable| format!("{stable} → ")).unwrap_or_default();
        Self {
            title: format!(
                "{} of {}: {from}{}, desired {}",
                plan.strategy, shape.service, shape.candidate, shape.desired
            ),
            steps,
            earliest: walk.earliest,
            latest: walk.latest,
            peak_tasks: walk.peak,
            peak_extra: walk.peak.saturating_sub(shape.desired),
            writes: walk.writes + closing_writes(plan, shape),
            notes: plan.notes.clone(),
        }
    }
}

/// The step in words, with the gates that watch it alone and from when on it may be over.
fn text(plan: &Plan, index: usize, step: &Step) -> String {
    match step {
        Step::Bake { gates, .. } => {
            let early = plan.early_end(index);
            let early = early.map(|after| format!(", {} at least once shown safe", Human(after)));
            let gates: Vec<&str> = gates.iter().map(GateId::as_str).collect();
            let watch =
                (!gates.is_empty()).then(|| format!(", watched by {}", gates.join(" and ")));
            [Some(step.to_string()), early, watch].into_iter().flatten().collect()
        }
        Step::Scale { .. }
        | Step::TestTraffic
        | Step::Shift { .. }
        | Step::Approval { .. }
        | Step::Roll { .. }
        | Step::Delegate { .. } => step.to_string(),
    }
}

/// Promotion and the removal of stable. What is delegated needs neither.
fn closing_writes(plan: &Plan, shape: &ServiceShape) -> u32 {
    match (plan.delegation(), &shape.stable) {
        (Some(_), _) => 0,
        (None, None) => 1,
        (None, Some(_)) => 2,
    }
}

struct Walk<'a> {
    shape: &'a ServiceShape,
    limits: &'a Limits,
    stable: u32,
    candidate: u32,
    peak: u32,
    writes: u32,
    earliest: Duration,
    latest: Duration,
}

impl<'a> Walk<'a> {
    fn start(shape: &'a ServiceShape, limits: &'a Limits) -> Self {
        let stable = if shape.stable.is_some() { shape.desired } else { 0 };
        let (earliest, latest) = (Duration::ZERO, Duration::ZERO);
        Self { shape, limits, stable, candidate: 0, peak: stable, writes: 0, earliest, latest }
    }

    /// Takes a step: a bake may be over earlier, and may wait for an approval so long beyond its time.
    fn take(&mut self, step: &Step, early: Option<Duration>, approval: Duration) {
        match step {
            Step::Scale { share } => self.scale(*share),
            Step::TestTraffic | Step::Shift { .. } => self.shift(),
            Step::Bake { duration, .. } => {
                self.pass(early.unwrap_or(*duration), duration.saturating_add(approval));
            }
            Step::Approval { timeout, .. } => self.pass(Duration::ZERO, *timeout),
            Step::Roll { minimum_healthy_percent, maximum_percent } => self.roll(RollBounds {
                minimum_healthy_percent: *minimum_healthy_percent,
                maximum_percent: *maximum_percent,
            }),
            Step::Delegate { minimum_healthy_percent, maximum_percent } => {
                self.delegate(RollBounds {
                    minimum_healthy_percent: *minimum_healthy_percent,
                    maximum_percent: *maximum_percent,
                });
            }
        }
    }

    fn scale(&mut self, share: Share) {
        let tasks = share.of(self.shape.desired);
        // Launching a candidate of no tasks is a write too.
        self.writes += u32::from(self.writes == 0 || tasks != self.candidate);
        self.set(Capacity { growing: tasks, shrinking: self.stable });
        self.pass(Duration::ZERO, self.limits.progress_deadline);
    }

    fn shift(&mut self) {
        self.writes += 1;
        // what comes after waits only for a load balancer that says how late it is
        let latest = self.limits.propagation.max(self.shape.propagation);
        self.pass(self.shape.propagation, latest.saturating_add(self.limits.progress_deadline));
    }

    /// The roll's own cycles, each task healthy as soon as it is wanted.
    fn roll(&mut self, bounds: RollBounds) {
        let settled = |tasks| RoleCount { target: tasks, present: tasks, healthy: tasks };
        let desired = self.shape.desired;
        let mut carried_before = Weight::ZERO;
        self.writes += u32::from(desired == 0);
        loop {
            let next =
                next_capacity(bounds, desired, settled(self.candidate), settled(self.stable));
            let (grew, shrank) = (next.growing != self.candidate, next.shrinking != self.stable);
            if !grew && !shrank {
                break;
            }
            // Tasks start beside those that are still stopping.
            self.peak = self.peak.max(next.growing.saturating_add(self.stable));
            self.writes += u32::from(grew) + u32::from(shrank);
            self.set(next);
            self.pass(Duration::ZERO, self.limits.progress_deadline);
            let percent = bounds.minimum_healthy_percent.min(100);
            let carries = carried(next.growing, desired, percent);
            if carries > carried_before && self.shape.router {
                self.shift();
            }
            carried_before = carries;
        }
    }

    fn delegate(&mut self, bounds: RollBounds) {
        self.writes += 1;
        self.peak = self.peak.max(bounds.maximum(self.shape.desired));
        self.set(Capacity { growing: self.shape.desired, shrinking: 0 });
        self.pass(Duration::ZERO, self.limits.progress_deadline);
    }

    fn set(&mut self, capacity: Capacity) {
        self.candidate = capacity.growing;
        self.stable = capacity.shrinking;
        self.peak = self.peak.max(self.candidate.saturating_add(self.stable));
    }

    fn pass(&mut self, earliest: Duration, latest: Duration) {
        self.earliest = self.earliest.saturating_add(earliest);
        let latest = self.latest.saturating_add(latest).saturating_add(self.limits.hold_limit);
        self.latest = self.limits.deadline.map_or(latest, |deadline| latest.min(deadline));
    }
}

const HEADINGS: [&str; 7] = ["#", "step", "weight", "stable", "candidate", "earliest", "latest"];

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.steps.iter().enumerate().map(|(index, step)| {
            [
                (index + 1).to_string(),
                step.text.clone(),
                step.weight.to_string(),
                step.stable_tasks.to_string(),
                step.candidate_tasks.to_string(),
                Human(step.earliest).to_string(),
                Human(step.latest).to_string(),
            ]
        });
        let rows: Vec<[String; 7]> =
            [HEADINGS.map(str::to_owned)].into_iter().chain(rows).collect();
        let widths = rows.iter().fold([0; 7], |mut widths: [usize; 7], row| {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
            widths
        });
        writeln!(f, "{}", self.title)?;
        for row in &rows {
            let [number, text, figures @ ..] = row;
            let [first, second, others @ ..] = widths;
            write!(f, "  {number:>first$}  {text:<second$}")?;
            for (cell, width) in figures.iter().zip(others) {
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)?;
        }
        let (earliest, latest) = (Human(self.earliest), Human(self.latest));
        writeln!(
            f,
            "at least {earliest}, at most {latest}; at most {} tasks ({} above desired); at least {} writes",
            self.peak_tasks, self.peak_extra, self.writes
        )?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::blue_green::BlueGreen;
    use super::super::canary::Canary;
    use super::super::contract::Strategy;
    use super::super::fixture::shape;
    use super::super::rolling::Rolling;
    use super::*;
    use crate::model::AdvanceEarly;
    use crate::model::AnalysisRule;
    use crate::model::BothBad;
    use crate::model::GateKind;
    use crate::model::GateMode;
    use crate::model::GateSpec;
    use crate::model::HookAction;
    use crate::model::Inconclusive;
    use crate::model::Insufficient;
    use crate::model::Preset;

    fn analysis(id: &str, after: Option<u64>, insufficient: Insufficient) -> GateSpec {
        let minute = Duration::from_mins(1);
        GateSpec {
            id: GateId::new(id).unwrap(),
            kind: GateKind::Analysis(AnalysisRule {
                preset: Preset::Default,
                alpha: None,
                harm_ratio: None,
                safe_ratio: None,
                metrics: Vec::new(),
                share_tolerance: None,
                period: minute,
                settle: minute,
                advance_early: after
                    .map(|after| AdvanceEarly { after: Duration::from_mins(after) }),
                insufficient,
                both_bad: BothBad::Hold,
            }),
            mode: GateMode::Blocking,
            inconclusive: Inconclusive::Wait,
            always: true,
        }
    }

    fn forecast(strategy: &dyn Strategy, shape: &ServiceShape) -> Forecast {
        Forecast::of(&strategy.plan(shape).unwrap(), shape, &Limits::default())
    }

    #[test]
    fn a_canary_reads_as_a_table() {
        let wanted = "\
canary of shop/web: web:7 → web:8, desired 4
  #  step                                     weight  stable  candidate  earliest  latest
  1  scale the candidate to 100 % of desired     0 %       4          4        0s     45m
  2  shift 10 % of production traffic           10 %       4          4        0s  1h 31m
  3  bake 5m                                    10 %       4          4        5m   2h 6m
  4  shift 100 % of production traffic         100 %       4          4        5m  2h 52m
  5  bake 5m                                   100 %       4          4       10m  3h 27m
at least 10m, at most 3h 27m; at most 8 tasks (4 above desired); at least 5 writes
";
        assert_eq!(forecast(&Canary::default(), &shape(4)).to_string(), wanted);
    }

    #[test]
    fn a_roll_is_worked_out_by_its_own_arithmetic() {
        let rolling =
            Rolling { minimum_healthy_percent: 50, maximum_percent: 100, bake: Duration::ZERO };
        let roll = forecast(&rolling, &shape(4));
        // stable 2, candidate 2 + shift (at 50 % two carry everything), stable 0, candidate 4; promote,
        // retire
        assert_eq!((roll.writes, roll.peak_tasks, roll.peak_extra), (7, 4, 0));
        assert_eq!((roll.steps[0].stable_tasks, roll.steps[0].candidate_tasks), (0, 4));
        assert_eq!(roll.steps[0].weight, Weight::FULL);
        assert_eq!(roll.earliest, Duration::ZERO);
        let fast = forecast(&Rolling::default(), &shape(4));
        assert_eq!((fast.writes, fast.peak_tasks, fast.peak_extra), (5, 8, 4));
    }

    #[test]
    fn every_strategy_ends_with_the_candidate_alone_in_charge() {
        let single = ServiceShape { two_roles: false, router: false, ..shape(5) };
        let handed = forecast(&Rolling::default(), &single);
        assert_eq!((handed.writes, handed.peak_tasks), (1, 10));
        let first = ServiceShape { stable: None, ..shape(5) };
        let first = forecast(&BlueGreen::default(), &first);
        assert_eq!((first.writes, first.peak_tasks, first.peak_extra), (2, 5, 0));
        let nothing = forecast(&BlueGreen::default(), &shape(0));
        assert_eq!((nothing.writes, nothing.peak_tasks), (4, 0));
        assert_eq!(forecast(&Rolling::default(), &shape(0)).writes, 3);
    }

    #[test]
    fn a_bake_names_the_gates_that_watch_it_alone() {
        let gates = ["smoke", "load"].map(|id| GateId::new(id).unwrap()).to_vec();
        let watched = Step::Bake { duration: Duration::from_secs(90), gates };
        let plan = Canary::default().plan(&shape(4)).unwrap();
        assert_eq!(text(&plan, 2, &watched), "bake 1m 30s, watched by smoke and load");
    }

    #[test]
    fn a_bake_that_may_end_early_is_over_sooner_and_one_that_may_wait_for_a_person_later() {
        let plan = Canary::default().plan(&shape(4)).unwrap();
        let usual = Forecast::of(&plan, &shape(4), &Limits::default());
        let early = analysis("after", Some(2), Insufficient::Advance);
        let timeout = Duration::from_mins(30);
        let default = HookAction::Rollback;
        let asks = analysis("asks", Some(3), Insufficient::Approval { timeout, default });
        let watched = Plan { gates: vec![early, asks], ..plan };
        let forecast = Forecast::of(&watched, &shape(4), &Limits::default());
        // the longest minimum counts, and the final bake takes its time
        assert_eq!(forecast.steps[2].text, "bake 5m, 3m at least once shown safe");
        assert_eq!(forecast.steps[4].text, "bake 5m");
        assert_eq!(forecast.earliest, usual.earliest.saturating_sub(Duration::from_mins(2)));
        assert_eq!(forecast.latest, usual.latest.saturating_add(timeout));
    }

    #[test]
    fn the_deadline_of_the_whole_deployment_bounds_the_latest_end() {
        let limits = Limits { deadline: Some(Duration::from_mins(20)), ..Limits::default() };
        let plan = Canary::default().plan(&shape(4)).unwrap();
        assert_eq!(Forecast::of(&plan, &shape(4), &limits).latest, Duration::from_mins(20));
    }
}
