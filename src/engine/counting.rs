//! How far the count of the requests is that still reach the side that goes.

use crate::model::Elapsed;
use crate::model::Timestamp;

/// What this process has asked about the side that goes.
#[derive(Debug, Default)]
pub(super) struct Counting {
    /// When the count that has not been answered yet was asked for.
    pub(super) asked: Option<Elapsed>,
    /// When to ask again.
    pub(super) due: Elapsed,
    /// Minutes count that begin after this, by AWS's time: it answered then to what was asked when the
    /// weight had been zero for long enough.
    pub(super) since: Option<Timestamp>,
    /// When it answered last, by its own time.
    pub(super) seen: Option<Timestamp>,
}
