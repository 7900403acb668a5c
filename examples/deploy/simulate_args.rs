//! What `simulate` is asked on the command line.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use cutover::simulate::NamedWorld;
use cutover::simulate::Setting;

use crate::figures::decimal;
use crate::figures::milli;
use crate::figures::permille;
use crate::figures::ppm;

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// The spec, a YAML or JSON file
    spec: PathBuf,
    /// A world to try it in; may be given more than once [default: every one]
    #[arg(long = "world", value_name = "NAME")]
    worlds: Vec<NamedWorld>,
    /// How often it is tried in each
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,
    /// The seed of the first run; the next ones have the next ones
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Another spec to put beside it; may be given more than once
    #[arg(long, value_name = "SPEC", num_args = 1..)]
    compare: Vec<PathBuf>,
    /// The desired count of the service [default: 10]
    #[arg(long, value_name = "N")]
    desired: Option<u32>,
    /// Requests a second [default: the `traffic` of SPEC, else 200]
    #[arg(long, value_name = "N", value_parser = milli)]
    rps: Option<u64>,
    /// The share of requests that fail in a healthy revision [default: the `traffic` of SPEC, else 0.1%]
    #[arg(long, value_name = "PERCENT", value_parser = ppm)]
    error_rate: Option<u32>,
    /// The share of failed requests above which the alarms of the spec are red [default: 5%]
    #[arg(long, value_name = "PERCENT", value_parser = permille)]
    alarm_above: Option<u64>,
    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl SimulateArgs {
    /// The spec, and those beside it.
    pub(crate) fn specs(&self) -> impl Iterator<Item = &Path> {
        [&self.spec].into_iter().chain(&self.compare).map(PathBuf::as_path)
    }

    pub(crate) fn worlds(&self) -> Vec<NamedWorld> {
        if self.worlds.is_empty() { NamedWorld::ALL.to_vec() } else { self.worlds.clone() }
    }

    /// What is given, over what the spec says and what is usual.
    pub(crate) fn setting(&self, usual: &Setting) -> Setting {
        Setting {
            desired: self.desired.unwrap_or(usual.desired),
            milli_rps: self.rps.unwrap_or(usual.milli_rps),
            error_ppm: self.error_rate.unwrap_or(usual.error_ppm),
            alarm_permille: self.alarm_above.unwrap_or(usual.alarm_permille),
            ..usual.clone()
        }
    }

    /// The line that shows one run again.
    pub(crate) fn replay(&self, world: NamedWorld, seed: u64) -> String {
        let spec = self.spec.display();
        let mut line = format!("deploy simulate {spec} --world {world} --seed {seed} --runs 1");
        let given = [
            ("desired", self.desired.map(|desired| desired.to_string())),
            ("rps", self.rps.map(|rps| decimal(rps, 3))),
            ("error-rate", self.error_rate.map(|ppm| decimal(u64::from(ppm), 4) + "%")),
            ("alarm-above", self.alarm_above.map(|permille| decimal(permille, 1) + "%")),
        ];
        for (name, value) in given {
            if let Some(value) = value {
                // writing to a text cannot fail
                let _written = write!(line, " --{name} {value}");
            }
        }
        line
    }
}
