//! A command-line tool on the public API of `cutover`, for the simulated cloud.
//!
//! Start reading at `drive.rs`: it starts a deployment and follows it to its end.

mod cli;
mod cloud;
mod demo;
mod drive;
mod job;
mod live;
mod outcome;
mod paint;
mod plan;
mod registry;
mod summary;
mod view;
mod words;

use std::error::Error;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use cutover::adapters::sim::Executor;
use cutover::strategy::Strategy;

use cli::Cli;
use cli::Command;
use cli::Fault;
use cli::Pace;
use cli::Run;
use job::BadSpec;
use job::Job;
use paint::Paint;
use view::View;

/// Simulated seconds per real second when someone watches.
const SPEED: Pace = Pace::Times(120);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => demo::demo(&mut View::for_stdout(false)).map(|()| ExitCode::SUCCESS),
        Some(Command::Plan { spec, json }) => plan(&spec, json).map(|()| ExitCode::SUCCESS),
        Some(Command::Run(run)) => deploy(&run),
    };
    done.unwrap_or_else(|error| outcome::failure(error.as_ref()))
}

fn plan(spec: &Path, json: bool) -> Result<(), Box<dyn Error>> {
    let job = Job::load(spec)?;
    let cloud = cloud::cloud(&job, 1, &[]);
    let deployer = registry::deployer(cloud::ports(&cloud), &job)?;
    let request = job.request();
    let planned = Executor::new(&cloud).block_on(deployer.plan(&request));
    let planned = planned.ok_or("the simulation came to a standstill")??;
    if json {
        writeln!(io::stdout().lock(), "{}", serde_json::to_string_pretty(&planned.plan)?)?;
        return Ok(());
    }
    let paint = Paint::new(io::stdout().is_terminal());
    Ok(plan::print(&planned.plan, &planned.shape, job.spec.limits(), paint)?)
}

fn deploy(run: &Run) -> Result<ExitCode, Box<dyn Error>> {
    let job = Job::load(&run.spec)?;
    let needs_alarm = [Fault::BadCandidate, Fault::RedAlarm].into_iter();
    if let Some(fault) =
        needs_alarm.filter(|_| job.alarms().is_empty()).find(|fault| run.faults.contains(fault))
    {
        return Err(BadSpec(format!("fault {fault:?} needs an alarm; name one in the spec")).into());
    }
    let mut view = View::for_stdout(run.json);
    let pace = run.speed.unwrap_or_else(|| if view.is_live() { SPEED } else { Pace::Max });
    view.begin(&format!("{} of {}: {}", job.name(), job.spec.service(), job.change()))?;
    let cloud = cloud::cloud(&job, run.seed, &run.faults);
    let summary = drive::drive(&cloud, &job, pace, run.approve, &mut view)?;
    view.end(&summary)?;
    Ok(outcome::exit_code(&summary.ending))
}
