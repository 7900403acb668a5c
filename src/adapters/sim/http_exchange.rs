//! HTTP requests that were sent.

use super::endpoint::HttpAnswer;
use super::ledger::Actor;
use crate::model::Elapsed;
use crate::model::HttpMethod;

/// A request that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpExchange {
    /// When.
    pub at: Elapsed,
    /// By whom.
    pub actor: Actor,
    /// How.
    pub method: HttpMethod,
    /// To whom.
    pub url: String,
    /// Its headers, with what is secret.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Option<String>,
    /// What came of it.
    pub answer: HttpAnswer,
}
