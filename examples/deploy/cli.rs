//! What can be asked for on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;
use cutover::model::DeploymentId;

use crate::simulate_args::SimulateArgs;
use crate::traffic_args::TrafficArgs;

/// Deploys an ECS service. Without a command: a demonstration, on a simulated cloud, of a healthy
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
  2  bad usage, a bad spec, a finding of `check` that forbids the start, or a warning with `--strict`
  3  rolled back: stable serves everything again
  4  an operator is needed: the rollback failed
  5  stopped where it was, or not started: refused, superseded, or the service is gone";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what a spec would do, and do nothing
    Plan {
        #[command(flatten)]
        job: JobArgs,
        #[command(flatten)]
        traffic: TrafficArgs,
        /// Print the plan and what is to be expected of it as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        heed: Heed,
    },
    /// Look for what would go wrong, and do nothing
    Check {
        #[command(flatten)]
        job: JobArgs,
        #[command(flatten)]
        traffic: TrafficArgs,
        #[command(flatten)]
        heed: Heed,
    },
    /// Print the least IAM policy that a spec needs
    Iam {
        #[command(flatten)]
        job: JobArgs,
    },
    /// Try a spec many times on a simulated cloud, in worlds where this or that goes wrong
    Simulate(SimulateArgs),
    /// Say which task sets dead deployments of a spec's service left behind, and delete them
    Clean(Clean),
    /// Carry a spec out, or go on with the deployment of its service that is unfinished
    Run(Run),
    /// Go on with a deployment whose process died
    Resume {
        /// Which; the only unfinished one when left out
        id: Option<DeploymentId>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        state: State,
        #[command(flatten)]
        show: Show,
    },
    /// List every deployment in the state directory
    List {
        #[command(flatten)]
        state: State,
    },
    /// Say where a deployment is, who drives it, what it waits for and what its gates say
    Status(Told),
    /// Say why each of its decisions was made, why it waits now and what would change that
    Why(Told),
    /// Roll a deployment back where anything was changed, else stop it
    Abort(Known),
    /// Go back to stable
    Rollback(Known),
    /// Take no further step until `continue`
    Pause(Known),
    /// Go on after `pause`
    Continue(Known),
    /// Give the approval that a deployment waits for
    Approve(Known),
    /// Skip the bakes and approvals that are left
    Promote(Known),
    /// Stop every deployment of the state directory until `go`: none starts, none takes a further step
    /// forward; rollbacks go on
    Stop(Stop),
    /// Let every deployment go on after `stop`
    Go(Go),
    /// Be a cloud: answer any AWS client on this machine from a simulated world
    Local(Local),
}

/// A deployment that the state directory knows.
#[derive(Debug, Args)]
pub(crate) struct Known {
    /// Which
    pub(crate) id: DeploymentId,
    #[command(flatten)]
    pub(crate) state: State,
}

/// What is to be told of a deployment, and how.
#[derive(Debug, Args)]
pub(crate) struct Told {
    #[command(flatten)]
    pub(crate) known: Known,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// Why; it is recorded, and told to whoever waits
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) go: Go,
}

#[derive(Debug, Args)]
pub(crate) struct Go {
    /// Who says so [default: this user]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) state: State,
}

/// A spec, and where it is meant for.
#[derive(Debug, Args)]
pub(crate) struct JobArgs {
    /// The spec, a YAML or JSON file
    pub(crate) spec: PathBuf,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// What of the findings about a spec is heeded.
#[derive(Debug, Args)]
pub(crate) struct Heed {
    /// Take every warning for an error: exit 2, and start nothing
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) job: JobArgs,
    #[command(flatten)]
    pub(crate) heed: Heed,
    #[command(flatten)]
    pub(crate) state: State,
    #[command(flatten)]
    pub(crate) show: Show,
}

/// Where: AWS, whatever answers at an address, or a simulated cloud in this process.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Another address than AWS's own, for every service; `AWS_ENDPOINT_URL` is honoured too
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// The profile of the AWS configuration
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The AWS Region
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// A simulated cloud in this process: no account, no network, no record is kept
    #[arg(long, conflicts_with_all = ["endpoint_url", "profile", "region"])]
    pub(crate) simulated: bool,
    /// What the simulated cloud holds [default: `pair` where the spec names one, else `task-sets`]
    #[arg(long, value_enum, requires = "simulated", value_name = "KIND")]
    pub(crate) scenario: Option<Scene>,
    /// The seed of everything that happens by chance in the simulated cloud
    #[arg(long, default_value_t = 1, requires = "simulated", value_name = "N")]
    pub(crate) seed: u64,
    /// Something that goes wrong in the simulated cloud; may be given more than once
    #[arg(long = "fault", value_enum, requires = "simulated", value_name = "KIND")]
    pub(crate) faults: Vec<Fault>,
    /// Simulated seconds per real second, or `max` [default: 120 on a terminal, else max]
    #[arg(long, value_parser = pace, requires = "simulated")]
    pub(crate) speed: Option<Pace>,
}

/// Where records are kept.
#[derive(Debug, Args)]
pub(crate) struct State {
    /// The directory of the records [default: `cutover` in the user's state directory]
    #[arg(long = "state", value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
}

/// What is shown, and what is answered without asking.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Give every approval that the plan waits for
    #[arg(long)]
    pub(crate) approve: bool,
    /// Print one event a line as JSON, and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Clean {
    #[command(flatten)]
    pub(crate) job: JobArgs,
    #[command(flatten)]
    pub(crate) state: State,
    /// Delete them; without this nothing is changed
    #[arg(long)]
    pub(crate) yes: bool,
    /// Count those in of which no record here tells: nobody drives their deployments elsewhere
    #[arg(long)]
    pub(crate) unrecorded: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Local {
    /// Where to listen; port 0 takes a free one, which is printed
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// What is there at the beginning
    #[arg(long, value_enum, default_value_t = Scene::TaskSets)]
    pub(crate) scenario: Scene,
    /// Simulated seconds per real second
    #[arg(long, default_value_t = 1.0, value_name = "N")]
    pub(crate) speed: f64,
    /// The seed of everything that happens by chance
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
}

/// What a simulated cloud holds at the beginning. Behind a load balancer, but for the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scene {
    /// Nothing at all
    Empty,
    /// A service with the `EXTERNAL` controller, deployed by task sets
    TaskSets,
    /// Two services with the `ECS` controller that take turns
    Pair,
    /// One service with the `ECS` controller, updated in place
    Rolling,
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
