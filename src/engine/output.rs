//! What the engine asks for.

use crate::model::Command;
use crate::model::Elapsed;
use crate::model::Event;

/// One thing that the engine asks for.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must carry out every kind")]
pub enum Output {
    /// Write the record ([`Engine::record`](super::machine::Engine::record)) as it is now. Until this
    /// is answered nothing is written to the world but what lowers the candidate's weight.
    Persist,
    /// Do this; each is answered by one input.
    Execute(Command),
    /// Tell whoever watches.
    Emit(Event),
    /// The drain is complete: send the next input, at the latest a tick at this time. `None`: nothing
    /// happens here any more.
    WaitUntil(Option<Elapsed>),
}
