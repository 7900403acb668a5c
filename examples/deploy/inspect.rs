//! What a spec would do, would meet and needs: nothing is changed.

use std::error::Error;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use cutover::api::Planned;
use cutover::store::MemoryStore;

use crate::cli::JobArgs;
use crate::job::Job;
use crate::lint::Lint;
use crate::paint::Paint;
use crate::patience::patiently;
use crate::plan as table;
use crate::registry::deployer;
use crate::simulated;
use crate::site::Site;

/// Prints the plan, and what it would not see.
pub(crate) fn plan(args: &JobArgs, json: bool, strict: bool) -> Result<ExitCode, Box<dyn Error>> {
    let (mut site, job) = open(args)?;
    let planned = planned(&mut site, &job)?;
    let lint = Lint::of_plan(&mut site, &job, &planned.plan, strict)?;
    if json {
        writeln!(io::stdout().lock(), "{}", serde_json::to_string_pretty(&planned.plan)?)?;
        write!(io::stderr().lock(), "{lint}")?;
    } else {
        let paint = Paint::new(io::stdout().is_terminal());
        table::print(&planned.plan, &planned.shape, job.spec.limits(), paint)?;
        write!(io::stdout().lock(), "{lint}")?;
    }
    Ok(if strict && lint.forbids() { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// Prints what stands in the way; exits 2 where something forbids the start.
pub(crate) fn check(args: &JobArgs, strict: bool) -> Result<ExitCode, Box<dyn Error>> {
    let (mut site, job) = open(args)?;
    let planned = planned(&mut site, &job)?;
    let candidate = job.is_registered().then_some(&planned.shape.candidate);
    let lint = Lint::of_job(&mut site, &job, candidate, &planned.plan, strict)?;
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
