//! What a spec would do, would meet and needs: nothing is changed.

use std::error::Error;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use cutover::api::Planned;
use cutover::model::Plan;
use cutover::simulate::Prospect;
use cutover::store::MemoryStore;
use serde::Serialize;

use crate::cli::JobArgs;
use crate::job::Job;
use crate::lint::Lint;
use crate::paint::Paint;
use crate::patience::patiently;
use crate::plan as table;
use crate::prospect;
use crate::registry::deployer;
use crate::simulated;
use crate::site::Site;
use crate::traffic_args::TrafficArgs;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    prospect: &'a Prospect,
}

/// Prints the plan, what is to be expected of it and what it would not see.
pub(crate) fn plan(
    args: &JobArgs,
    traffic: &TrafficArgs,
    json: bool,
    strict: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    let (mut site, job) = open(args)?;
    prospect::live(&mut site, traffic)?;
    let planned = planned(&mut site, &job)?;
    let known = prospect::known(&mut site, &job, &planned, traffic)?;
    let lint = Lint::of_plan(&mut site, &job, &planned.plan, known.load, strict)?;
    let (prospect, unsimulated) = prospect::prospect(&job, &planned, known)?;
    if json {
        let told = Told { plan: &planned.plan, prospect: &prospect };
        writeln!(io::stdout().lock(), "{}", serde_json::to_string_pretty(&told)?)?;
        write!(io::stderr().lock(), "{lint}")?;
    } else {
        let paint = Paint::new(io::stdout().is_terminal());
        table::print(&planned.plan, &planned.shape, job.spec.limits(), paint)?;
        let mut out = io::stdout().lock();
        write!(out, "\n{prospect}")?;
        if let Some(why) = unsimulated {
            writeln!(out, "it cannot be simulated: {why}")?;
        }
        if prospect.foresight.is_none() {
            writeln!(out, "{}", prospect::UNKNOWN)?;
        }
        write!(out, "{lint}")?;
    }
    Ok(if strict && lint.forbids() { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// Prints what stands in the way; exits 2 where something forbids the start.
pub(crate) fn check(
    args: &JobArgs,
    traffic: &TrafficArgs,
    strict: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    let (mut site, job) = open(args)?;
    prospect::live(&mut site, traffic)?;
    let planned = planned(&mut site, &job)?;
    let known = prospect::known(&mut site, &job, &planned, traffic)?;
    let candidate = job.is_registered().then_some(&planned.shape.candidate);
    let lint = Lint::of_job(&mut site, &job, (candidate, &planned.plan), known.load, strict)?;
    let (all, errors) = lint.count();
    let all = format!("{all} finding{}", if all == 1 { "" } else { "s" });
    writeln!(io::stdout().lock(), "{lint}{all}, {errors} of them forbid the start")?;
    Ok(if lint.forbids() { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// Prints the least policy.
pub(crate) fn iam(args: &JobArgs) -> Result<(), Box<dyn Error>> {
    let (mut site, job) = open(args)?;
    let planned = planned(&mut site, &job)?;
    let (aws, registers) = (site.aws.clone(), !job.is_registered());
    let (service, topology) = (job.spec.service(), &job.topology);
    let clock = Arc::clone(&site.clock);
    let ask = || aws.policy(service, topology, &planned.plan, registers);
    let policy = site.block_on(patiently(&*clock, ask))??;
    writeln!(io::stdout().lock(), "{policy}")?;
    Ok(())
}

fn open(args: &JobArgs) -> Result<(Site, Job), Box<dyn Error>> {
    let mut job = Job::load(&args.spec)?;
    let site = simulated::site(&mut job, &args.place, false)?;
    Ok((site, job))
}

/// What a job would do, as far as that is known without registering anything.
pub(crate) fn planned(site: &mut Site, job: &Job) -> Result<Planned, Box<dyn Error>> {
    let deployer = deployer(site.ports(Arc::new(MemoryStore::new())), job)?;
    let (fleet, clock) = (site.aws.fleet(), Arc::clone(&site.clock));
    let (service, topology) = (job.spec.service(), &job.topology);
    let read = || fleet.baseline(service, topology);
    let baseline = site.block_on(patiently(&*clock, read))??;
    let candidate = job.foreseen(baseline.stable_revision.as_ref())?;
    let request = job.request(job.id(&candidate, &[])?, candidate);
    Ok(site.block_on(deployer.plan(&request))??)
}
