//! What a spec would do, would meet and needs: nothing is changed.

use std::error::Error;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use cutover::adapters::aws::Level;
use cutover::model::Revision;
use cutover::store::MemoryStore;

use crate::cli::JobArgs;
use crate::job::Job;
use crate::paint::Paint;
use crate::plan as table;
use crate::registry::deployer;
use crate::simulated;
use crate::site::Site;

/// Prints the plan.
pub(crate) fn plan(args: &JobArgs, json: bool) -> Result<(), Box<dyn Error>> {
    let job = Job::load(&args.spec)?;
    let mut site = simulated::site(&job, &args.place, false)?;
    let planned = planned(&mut site, &job)?;
    if json {
        writeln!(io::stdout().lock(), "{}", serde_json::to_string_pretty(&planned.plan)?)?;
        return Ok(());
    }
    let paint = Paint::new(io::stdout().is_terminal());
    Ok(table::print(&planned.plan, &planned.shape, job.spec.limits(), paint)?)
}

/// Prints what stands in the way; exits 2 where something forbids the start.
pub(crate) fn check(args: &JobArgs) -> Result<ExitCode, Box<dyn Error>> {
    let job = Job::load(&args.spec)?;
    let mut site = simulated::site(&job, &args.place, false)?;
    let planned = planned(&mut site, &job)?;
    let (aws, service) = (site.aws.clone(), job.spec.service());
    let topology = job.spec.topology();
    let findings = site.block_on(aws.check(
        service,
        topology,
        job.is_registered().then_some(&planned.shape.candidate),
        &planned.plan,
        job.spec.limits(),
    ))?;
    let mut out = io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    writeln!(out, "{} findings, {errors} of them forbid the start", findings.len())?;
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Prints the least policy.
pub(crate) fn iam(args: &JobArgs) -> Result<(), Box<dyn Error>> {
    let job = Job::load(&args.spec)?;
    let mut site = simulated::site(&job, &args.place, false)?;
    let planned = planned(&mut site, &job)?;
    let (aws, service) = (site.aws.clone(), job.spec.service());
    let topology = job.spec.topology();
    let registers = !job.is_registered();
    let policy = site.block_on(aws.policy(service, topology, &planned.plan, registers))??;
    writeln!(io::stdout().lock(), "{policy}")?;
    Ok(())
}

fn planned(site: &mut Site, job: &Job) -> Result<cutover::api::Planned, Box<dyn Error>> {
    let deployer = deployer(site.ports(Arc::new(MemoryStore::new())), job)?;
    let candidate = foreseen(site, job)?;
    let request = job.request(candidate)?;
    Ok(site.block_on(deployer.plan(&request))??)
}

/// The revision as far as it is known without registering anything.
fn foreseen(site: &mut Site, job: &Job) -> Result<Revision, Box<dyn Error>> {
    let (fleet, spec) = (site.aws.fleet(), &job.spec);
    let baseline = site.block_on(fleet.baseline(spec.service(), spec.topology()))??;
    job.foreseen(baseline.stable_revision.as_ref())
}
