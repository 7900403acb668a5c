//! What becomes of an answer.

use super::wire_answer::WireAnswer;

/// What becomes of an answer on its way.
#[derive(Debug)]
pub(super) enum Delivery {
    /// It arrives.
    Whole(WireAnswer),
    /// The connection breaks in its middle.
    Cut(WireAnswer),
    /// No connection comes about.
    Refused,
    /// The connection breaks before it.
    Reset,
    /// The caller has waited long enough.
    TimedOut,
    /// There is none.
    Never,
}
