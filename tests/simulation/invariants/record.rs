//! The record (design, section 3; reliability J1 to J5, S16): bounded in size, readable, and replaying
//! it makes every decision again.

use cutover::adapters::sim::World;

use crate::history::History;

use super::Invariant;

const LARGEST: usize = 256 * 1024;

/// The record is sound.
#[derive(Debug, Default)]
pub(crate) struct SoundRecord {
    seen: usize,
}

impl Invariant for SoundRecord {
    fn rule(&self) -> &'static str {
        "the record is bounded, readable, replays and judges again"
    }

    fn check(&mut self, _world: &World, history: &History) -> Result<(), String> {
        while let Some(stored) = history.stored.get(self.seen) {
            self.seen += 1;
            if stored.size > LARGEST {
                return Err(format!("the record has {} bytes", stored.size));
            }
        }
        Ok(())
    }

    fn finish(&mut self, world: &World, history: &History) -> Result<(), String> {
        self.check(world, history)?;
        if history.body.is_empty() {
            return Ok(());
        }
        let record = cutover::record::decode(&history.body)
            .map_err(|error| format!("the stored record cannot be read: {error}"))?;
        cutover::engine::replay(&record)
            .map_err(|error| format!("the stored record does not replay: {error:?}"))?;
        cutover::gate::rejudge(&record)
            .map(|_| ())
            .map_err(|error| format!("a recorded answer is given differently now: {error}"))
    }
}
