//! Rule 10 (design, sections 4 and 7; reliability S12, F-111 to F-114, F-118): no data is never good
//! news. Nothing goes forward while an alarm that may stop the deployment is in `ALARM`, and, unless
//! the policy says `continue`, while it cannot be told. A flicker between two looks counts too.

use cutover::adapters::sim::World;
use cutover::model::Intent;

use crate::history::History;
use crate::history::Millis;

use super::Invariant;

/// Nothing goes forward against an alarm.
#[derive(Debug, Default)]
pub(crate) struct AlarmsBlock {
    seen: usize,
    highest: u16,
    committed: bool,
}

impl AlarmsBlock {
    fn quiet(history: &History, at: Millis, what: &str) -> Result<(), String> {
        let blind = history.terms.blind;
        for wanted in &history.terms.alarms {
            let Some(track) = history.alarms.get(&wanted.name) else { continue };
            if wanted.accepted && !track.was_quiet {
                continue;
            }
            let long = |since: Option<Millis>| since.filter(|since| since + blind <= at);
            if let Some(since) = long(track.red) {
                return Err(format!(
                    "{what} at {at} ms although {} is red since {since} ms",
                    wanted.name
                ));
            }
            if let Some(since) = long(track.bad).filter(|_| wanted.strict) {
                return Err(format!(
                    "{what} at {at} ms although {} cannot be told since {since} ms",
                    wanted.name
                ));
            }
        }
        Ok(())
    }

    fn flickers(world: &World, history: &History, at: Millis) -> Result<(), String> {
        let Some(began) = history.stored.first().map(|stored| stored.at) else { return Ok(()) };
        for wanted in history.terms.alarms.iter().filter(|wanted| !wanted.accepted) {
            let exists = world.state().alarms.iter().any(|alarm| alarm.name == wanted.name);
            let track = history.alarms.get(&wanted.name).filter(|_| exists);
            let red = track.and_then(|track| {
                track.reds.iter().find(|red| **red > began && **red + history.terms.blind <= at)
            });
            if let Some(red) = red {
                return Err(format!("committed although {} turned red at {red} ms", wanted.name));
            }
        }
        Ok(())
    }
}

impl Invariant for AlarmsBlock {
    fn rule(&self) -> &'static str {
        "rule 10: no data is never good news"
    }

    fn check(&mut self, world: &World, history: &History) -> Result<(), String> {
        while let Some(write) = history.writes.get(self.seen) {
            self.seen += 1;
            let Intent::Shift { weight } = &write.intent else { continue };
            let weight = weight.as_permille();
            if weight > self.highest && !history.is_back(write.sent) {
                self.highest = weight;
                Self::quiet(history, write.sent, "the candidate gets more traffic")?;
            }
        }
        if let (Some(at), false) = (history.committed, self.committed) {
            self.committed = true;
            Self::quiet(history, at, "the deployment is committed")?;
            Self::flickers(world, history, at)?;
        }
        Ok(())
    }
}
