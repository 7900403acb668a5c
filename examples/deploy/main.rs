//! A command-line tool on the public API of `cutover`, for Amazon ECS and for simulated clouds.
//!
//! Start reading at `run.rs`: it starts a deployment, or goes on with one, and follows it to its end.

mod clean;
mod cli;
mod demo;
mod drive;
mod figures;
mod furnish;
mod inspect;
mod job;
mod lint;
mod live;
mod local;
mod outcome;
mod outcomes_table;
mod paint;
mod patience;
mod plan;
mod prospect;
mod records;
mod registry;
mod run;
mod simulate;
mod simulate_args;
mod simulated;
mod site;
mod summary;
mod traffic_args;
mod view;
mod words;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use cutover::model::Operator;

use crate::cli::Cli;
use crate::cli::Command;
use crate::cli::Known;
use crate::view::View;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        None => demo::demo(&mut View::for_stdout(false)).map(|()| ExitCode::SUCCESS),
        Some(Command::Plan { job, traffic, json, heed }) => {
            inspect::plan(&job, &traffic, json, heed.strict)
        }
        Some(Command::Check { job, traffic, heed }) => inspect::check(&job, &traffic, heed.strict),
        Some(Command::Iam { job }) => inspect::iam(&job).map(|()| ExitCode::SUCCESS),
        Some(Command::Simulate(args)) => simulate::run(&args).map(|()| ExitCode::SUCCESS),
        Some(Command::Clean(args)) => clean::clean(&args).map(|()| ExitCode::SUCCESS),
        Some(Command::Run(run)) => run::run(&run),
        Some(Command::Resume { id, place, state, show }) => {
            run::resume(id.as_ref(), &place, &state, &show)
        }
        Some(Command::List { state }) => records::list(&state).map(|()| ExitCode::SUCCESS),
        Some(Command::Status(told)) => records::status(&told).map(|()| ExitCode::SUCCESS),
        Some(Command::Why(told)) => records::why(&told),
        Some(Command::Abort(known)) => ask(&known, Operator::Abort),
        Some(Command::Rollback(known)) => ask(&known, Operator::Rollback),
        Some(Command::Pause(known)) => ask(&known, Operator::Pause),
        Some(Command::Continue(known)) => ask(&known, Operator::Continue),
        Some(Command::Approve(known)) => ask(&known, Operator::Approve),
        Some(Command::Promote(known)) => ask(&known, Operator::Promote),
        Some(Command::Stop(stop)) => records::stop(&stop).map(|()| ExitCode::SUCCESS),
        Some(Command::Go(go)) => records::go(&go).map(|()| ExitCode::SUCCESS),
        Some(Command::Local(local)) => local::serve(&local).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| outcome::failure(error.as_ref()))
}

fn ask(known: &Known, request: Operator) -> Result<ExitCode, Box<dyn Error>> {
    records::ask(known, request).map(|()| ExitCode::SUCCESS)
}
