//! Times as numbers.

use crate::model::Timestamp;

/// Seconds since 1970 with their milliseconds, as JSON and CBOR give a time.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 are exact in a double for longer than AWS will be"
)]
pub(super) fn seconds(at: Timestamp) -> f64 {
    at.as_millis() as f64 / 1000.0
}
