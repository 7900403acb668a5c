//! The safety rules, one a file. Each is checked against the truth after every event of the world,
//! after every effect of a call and after every move of a driver.
//!
//! When rules collide, the earlier one wins: no secret leaks, never touch what is not ours, do not
//! send traffic to nothing, rollback is sticky, single writer, liveness.

use std::fmt;

use cutover::adapters::sim::World;

use crate::history::History;
use crate::history::Millis;

mod alarms_block;
mod bounds;
mod drained_late;
mod evidence;
mod foreign_edits;
mod healthy_targets;
mod intent_first;
mod one_writer;
mod read_back;
mod record;
mod rule_write;
mod secrets;
mod sticky;
mod terminal;
mod unreached;
mod valid_weights;

/// One rule.
pub(crate) trait Invariant {
    /// The rule in a few words.
    fn rule(&self) -> &'static str;

    /// Looks at what is new.
    fn check(&mut self, world: &World, history: &History) -> Result<(), String>;

    /// Looks once more when everything has come to rest.
    fn finish(&mut self, world: &World, history: &History) -> Result<(), String> {
        self.check(world, history)
    }
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub rule: &'static str,
    pub what: String,
    pub at: Millis,
}

impl Violation {
    /// The rule and what is wrong without its numbers: violations of one class have one cause, mostly.
    pub(crate) fn class(&self) -> String {
        let words: String = self.what.chars().filter(|c| !c.is_ascii_digit()).take(90).collect();
        format!("{} | {words}", self.rule)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} — at {} ms: {}", self.rule, self.at, self.what)
    }
}

/// Every rule.
pub(crate) fn all() -> Vec<Box<dyn Invariant + Send>> {
    vec![
        Box::<valid_weights::ValidWeights>::default(),
        Box::<read_back::ReadBack>::default(),
        Box::<healthy_targets::HealthyTargets>::default(),
        Box::<bounds::Bounds>::default(),
        Box::<drained_late::DrainedLate>::default(),
        Box::<evidence::FreshEvidence>::default(),
        Box::<sticky::Sticky>::default(),
        Box::<terminal::Terminal>::default(),
        Box::<one_writer::OneWriter>::default(),
        Box::<foreign_edits::ForeignEdits>::default(),
        Box::<alarms_block::AlarmsBlock>::default(),
        Box::<intent_first::IntentFirst>::default(),
        Box::<record::SoundRecord>::default(),
        Box::<secrets::NoSecrets>::default(),
    ]
}

/// Checks every rule.
pub(crate) fn check_all(
    rules: &mut [Box<dyn Invariant + Send>],
    world: &World,
    history: &History,
) -> Result<(), Violation> {
    for rule in rules {
        let at = history.now;
        rule.check(world, history).map_err(|what| Violation { rule: rule.rule(), what, at })?;
    }
    Ok(())
}

/// Checks every rule once more at the end.
pub(crate) fn finish_all(
    rules: &mut [Box<dyn Invariant + Send>],
    world: &World,
    history: &History,
) -> Result<(), Violation> {
    for rule in rules {
        let at = history.now;
        rule.finish(world, history).map_err(|what| Violation { rule: rule.rule(), what, at })?;
    }
    Ok(())
}
