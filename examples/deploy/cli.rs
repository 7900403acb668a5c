//! What can be asked for on the command line.

use std::path::PathBuf;

use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

/// Deploys an ECS service of a simulated cloud. Without a command: a demonstration of a healthy
/// blue/green deployment and of a bad canary that is rolled back.
#[derive(Debug, Parser)]
#[command(name = "deploy", after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes:
  0  successful
  1  anything else
  2  bad usage or a bad spec
  3  rolled back: stable serves everything again
  4  an operator is needed: the rollback failed
  5  stopped where it was: refused, superseded, or the service is gone";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what a spec would do, and do nothing
    Plan {
        /// The spec, a YAML file
        spec: PathBuf,
        /// Print the plan as JSON
        #[arg(long)]
        json: bool,
    },
    /// Carry a spec out on the simulated cloud
    Run(Run),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// The spec, a YAML file
    pub(crate) spec: PathBuf,
    /// The seed of everything that happens by chance in the simulated cloud
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Something that goes wrong; may be given more than once
    #[arg(long = "fault", value_enum, value_name = "KIND")]
    pub(crate) faults: Vec<Fault>,
    /// Simulated seconds per real second, or `max` [default: 120 on a terminal, else max]
    #[arg(long, value_parser = pace)]
    pub(crate) speed: Option<Pace>,
    /// Give every approval that the plan waits for
    #[arg(long)]
    pub(crate) approve: bool,
    /// Print one event a line as JSON, and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

/// How fast simulated time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// So many simulated seconds per real second.
    Times(u32),
    /// As fast as the machine can.
    Max,
}

fn pace(text: &str) -> Result<Pace, String> {
    match text {
        "max" => Ok(Pace::Max),
        _ => match text.parse() {
            Ok(times) if times > 0 => Ok(Pace::Times(times)),
            _ => {
                Err("give a whole number of simulated seconds per real second, or `max`".to_owned())
            }
        },
    }
}

/// What can go wrong in the simulated cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// The cloud refuses one call in twenty: too many requests
    Throttling,
    /// One call in twenty is never answered: applied or not, nobody knows
    Timeouts,
    /// Three writes in ten are not answered and take effect up to a minute later
    LateEffects,
    /// The candidate's tasks start and die
    CrashLoop,
    /// The candidate fails some of its requests, and the alarms of the spec see it
    BadCandidate,
    /// There is no room for new tasks
    NoCapacity,
    /// Someone else sets the weights of the rules while the deployment runs
    Drift,
    /// Autoscaling changes the desired count while the deployment runs
    Autoscaling,
    /// An alarm of the spec is red before the deployment starts
    RedAlarm,
    /// Someone deletes the service while the deployment runs
    ServiceGone,
}
