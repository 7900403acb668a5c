//! The world: one service of one account, and time.

use std::collections::BTreeMap;

use super::api_error::ApiError;
use super::call::Call;
use super::exposure::Exposure;
use super::fault::FaultKind;
use super::ledger::Actor;
use super::ledger::LedgerEntry;
use super::scenario::Scenario;
use super::state::State;
use crate::model::Elapsed;
use crate::model::Timestamp;

/// One service of one account, passive: it changes only by [`call`](Self::call) and as time passes.
#[derive(Debug)]
pub struct World {
    pub(super) scenario: Scenario,
    pub(super) now: Elapsed,
    pub(super) wall_jump_ms: i64,
    pub(super) state: State,
    pub(super) exposure: Vec<Exposure>,
    pub(super) unserved_micro: u64,
    pub(super) ledger: Vec<LedgerEntry>,
    pub(super) counts: BTreeMap<(FaultKind, String), u64>,
    pub(super) label: String,
}

impl World {
    /// When the simulation begins, by AWS's clock: 2026-11-21T00:00:00Z.
    pub const BEGINS: Timestamp = Timestamp::from_millis(1_795_219_200_000);

    /// The world that a scenario describes.
    pub fn new(_scenario: Scenario) -> Self {
        todo!()
    }

    /// Time since the beginning.
    pub const fn now(&self) -> Elapsed {
        self.now
    }

    /// AWS's clock.
    pub fn aws_wall(&self) -> Timestamp {
        Timestamp::from_millis(
            Self::BEGINS
                .as_millis()
                .saturating_add(self.now.as_millis()),
        )
    }

    /// Our processes' wall clock, which may have jumped.
    pub fn process_wall(&self) -> Timestamp {
        let millis = self
            .aws_wall()
            .as_millis()
            .saturating_add_signed(self.wall_jump_ms);
        Timestamp::from_millis(millis)
    }

    /// A call that is answered at once and never fails by chance.
    pub fn call(&mut self, _actor: &Actor, _call: &Call) -> Result<(), ApiError> {
        todo!()
    }

    /// When something happens next by itself; none if nothing ever does.
    pub fn next_event(&self) -> Option<Elapsed> {
        todo!()
    }

    /// Lets the next event happen if it is due by `limit`, and answers whether one was; if none is,
    /// time moves to `limit`.
    pub fn step(&mut self, _limit: Elapsed) -> bool {
        todo!()
    }

    /// Lets time pass up to `to`, with everything that happens until then.
    pub fn advance(&mut self, to: Elapsed) {
        while self.step(to) {}
    }

    /// The truth about everything the API can show.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// How many production requests each revision has served, in the order of their first sight.
    pub fn exposure(&self) -> &[Exposure] {
        &self.exposure
    }

    /// Production requests for which there was no target at all.
    pub const fn unserved(&self) -> u64 {
        self.unserved_micro / super::exposure::MICRO
    }

    /// Every call that changes something, in the order of sending.
    pub fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    /// Says what a harness wants faults to be counted under from now on, such as a stage.
    pub fn set_label(&mut self, label: &str) {
        if self.label != label {
            label.clone_into(&mut self.label);
        }
    }

    /// How often each fault was injected, by the label that was set at the time.
    pub const fn fault_counts(&self) -> &BTreeMap<(FaultKind, String), u64> {
        &self.counts
    }
}
