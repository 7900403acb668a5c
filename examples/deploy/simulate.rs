//! What-if: specs, run many times in the simulated cloud against named worlds.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::path::Path;

use cutover::simulate::Outcomes;
use cutover::simulate::Setting;
use cutover::simulate::SimulateError;
use cutover::simulate::Trial;
use cutover::simulate::simulate;
use cutover::spec::DeploymentSpec;
use serde::Serialize;

use crate::figures::decimal;
use crate::job::BadSpec;
use crate::outcomes_table::beside;
use crate::outcomes_table::one_world;
use crate::paint::Paint;
use crate::simulate_args::SimulateArgs;

/// What came of one spec.
#[derive(Debug, Serialize)]
pub(crate) struct Tried {
    pub(crate) spec: String,
    pub(crate) outcomes: Vec<Outcomes>,
}

/// Everything, for `--json`.
#[derive(Debug, Serialize)]
struct Everything<'a> {
    setting: &'a Setting,
    specs: &'a [Tried],
}

/// Tries specs in worlds and prints what came of it.
pub(crate) fn run(args: &SimulateArgs) -> Result<(), Box<dyn Error>> {
    let trials: Result<Vec<(&Path, Trial)>, BadSpec> =
        args.specs().map(|path| Ok((path, trial(path)?))).collect();
    let trials = trials?;
    // side by side in the same worlds: those of the first
    let first = trials.first().map(|(_, trial)| trial.setting.clone());
    let setting = args.setting(&first.unwrap_or_default());
    let mut all = Vec::new();
    for (path, trial) in trials {
        let trial = trial.with_setting(setting.clone());
        let try_in = |world| simulate(&trial, world, args.runs, args.seed);
        let outcomes: Result<Vec<_>, SimulateError> =
            args.worlds().into_iter().map(try_in).collect();
        let outcomes = outcomes.map_err(|error| refused(path, error))?;
        all.push(Tried { spec: path.display().to_string(), outcomes });
    }
    let mut out = io::stdout().lock();
    if args.json {
        let everything = Everything { setting: &setting, specs: &all };
        writeln!(out, "{}", serde_json::to_string_pretty(&everything)?)?;
        return Ok(());
    }
    let paint = Paint::new(out.is_terminal());
    out.write_all(report(args, &setting, &all, paint)?.as_bytes())?;
    Ok(())
}

/// A plan that a service so set refuses is the caller's to mend.
fn refused(path: &Path, error: SimulateError) -> Box<dyn Error> {
    match error {
        SimulateError::Plan(inner) => {
            let mut why = inner.to_string();
            let mut cause = inner.source();
            while let Some(inner) = cause {
                why = format!("{why}: {inner}");
                cause = inner.source();
            }
            BadSpec(format!("{}: {why}", path.display())).into()
        }
        other => other.into(),
    }
}

fn trial(path: &Path) -> Result<Trial, BadSpec> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| BadSpec(format!("{name}: {error}")))?;
    let spec = DeploymentSpec::parse(&text, &name).map_err(|error| BadSpec(error.to_string()))?;
    Ok(Trial::of(&spec))
}

fn report(
    args: &SimulateArgs,
    setting: &Setting,
    all: &[Tried],
    paint: Paint,
) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "assumed: {} tasks, {} requests a second, {} % of them fail anyway, alarms are red while more than {} % \
         of the candidate's requests fail within a minute",
        setting.desired,
        decimal(setting.milli_rps, 3),
        decimal(u64::from(setting.error_ppm), 4),
        decimal(setting.alarm_permille, 1),
    )?;
    writeln!(
        text,
        "(--desired, --rps, --error-rate and --alarm-above say otherwise); {} runs a world, seeds from {}\n",
        args.runs, args.seed
    )?;
    match all {
        [only] => {
            writeln!(text, "{}\n", paint.bold(&only.spec))?;
            for outcomes in &only.outcomes {
                one_world(&mut text, outcomes, |world, seed| args.replay(world, seed), paint)?;
            }
        }
        several => {
            for (nth, tried) in several.iter().enumerate() {
                writeln!(text, "({})  {}", nth + 1, paint.bold(&tried.spec))?;
            }
            writeln!(text)?;
            for nth in 0..args.worlds().len() {
                let same: Vec<&Outcomes> =
                    several.iter().filter_map(|tried| tried.outcomes.get(nth)).collect();
                beside(&mut text, &same, paint)?;
            }
        }
    }
    Ok(text)
}
