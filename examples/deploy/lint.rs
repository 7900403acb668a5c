//! What is found wrong with a job before it starts, and what that means.

use std::cmp::Reverse;
use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use cutover::adapters::aws::Finding;
use cutover::adapters::aws::Level;
use cutover::analysis::Shortcoming;
use cutover::gate::Foresight;
use cutover::gate::Watch;
use cutover::model::Load;
use cutover::model::Plan;
use cutover::model::Revision;

use crate::job::Job;
use crate::site::Site;

/// What is found wrong with a job, worst first. Every warning that `check`, `plan` and `run` know of comes
/// through here; whoever has another one adds it to [`Lint::of_plan`], and to [`Lint::of_job`] if a start
/// is to heed it.
#[derive(Debug)]
pub(crate) struct Lint {
    findings: Vec<Finding>,
    /// Whether one of them forbids the start even where warnings are let pass.
    is_grave: bool,
}

impl Lint {
    fn new(mut findings: Vec<Finding>, strict: bool) -> Self {
        findings.sort_by_key(|finding| Reverse(finding.level));
        let is_grave = findings.iter().any(|finding| finding.level == Level::Error);
        let heeded = |finding: Finding| if strict { finding.strict() } else { finding };
        Self { findings: findings.into_iter().map(heeded).collect(), is_grave }
    }

    /// What stands in a job's way. Without a candidate only what is there already is checked; without a load
    /// nothing is said of what comparisons see.
    pub(crate) fn of_job(
        site: &mut Site,
        job: &Job,
        (candidate, plan): (Option<&Revision>, &Plan),
        load: Option<Load>,
        strict: bool,
    ) -> Result<Self, Box<dyn Error>> {
        let (aws, limits) = (site.aws.clone(), job.spec.limits());
        let check = aws.check(job.spec.service(), &job.topology, candidate, plan, limits);
        let mut findings = site.block_on(check)?;
        findings.extend(unseen(job, plan, load)?);
        Ok(Self::new(findings, strict))
    }

    /// What a plan would not see.
    pub(crate) fn of_plan(
        site: &mut Site,
        job: &Job,
        plan: &Plan,
        load: Option<Load>,
        strict: bool,
    ) -> Result<Self, Box<dyn Error>> {
        let (aws, limits) = (site.aws.clone(), job.spec.limits());
        let check = aws.check_alarms(job.spec.service(), &job.topology, plan, limits);
        let mut findings = site.block_on(check)?;
        findings.extend(unseen(job, plan, load)?);
        Ok(Self::new(findings, strict))
    }

    /// How many there are, and how many of them forbid the start.
    pub(crate) fn count(&self) -> (usize, usize) {
        let errors = self.findings.iter().filter(|finding| finding.level == Level::Error);
        (self.findings.len(), errors.count())
    }

    /// Whether one of them forbids the start.
    pub(crate) fn forbids(&self) -> bool {
        self.count().1 > 0
    }

    /// How a command ends that starts nothing for them.
    pub(crate) fn refusal(&self) -> ExitCode {
        // what only `--strict` forbids is as good as a bad spec
        ExitCode::from(if self.is_grave { 5 } else { 2 })
    }
}

/// The steps whose comparisons see less than they should, where the load is known.
fn unseen(job: &Job, plan: &Plan, load: Option<Load>) -> Result<Vec<Finding>, Box<dyn Error>> {
    let Some(load) = load else { return Ok(Vec::new()) };
    let foresight = Foresight::of(plan, job.spec.limits(), load, job.spec.sees().get())?;
    let finding = |(watch, short): (&Watch, Shortcoming)| {
        let what = format!("step {}: {}", short.step + 1, short.what);
        Finding::warning(&format!("gate {}", watch.gate), what, short.fix)
    };
    Ok(foresight.shortcomings().into_iter().map(finding).collect())
}

impl fmt::Display for Lint {
    /// One line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}
