//! What can go wrong between a client and AWS.

use serde::Deserialize;
use serde::Serialize;

/// What goes wrong with one request on the wire. As JSON: `{"kind": "slow", "milliseconds": 5000}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum WireFault {
    /// AWS asks to slow down, with the code that this API has for it. Not applied.
    Throttled,
    /// An error answer. Not applied.
    Error {
        /// The HTTP status.
        status: u16,
        /// AWS's code; without one the API's own for a server that is broken (500) or down (503).
        #[serde(default)]
        code: Option<String>,
    },
    /// The connection breaks before an answer. Not applied.
    Reset,
    /// The answer comes so much later. Applied at the usual time.
    Slow {
        /// Milliseconds of the world's time.
        milliseconds: u64,
    },
    /// Never answered. Not applied.
    Hang,
    /// Applied, and then the connection breaks before the answer.
    AnswerLost,
    /// Applied, and the connection breaks in the middle of the answer.
    Truncated,
    /// Applied, and something in between answers with a page of its own.
    Malformed,
}
