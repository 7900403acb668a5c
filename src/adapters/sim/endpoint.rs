//! Others that answer HTTP requests.

use std::time::Duration;

/// Someone who answers HTTP requests.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// Where, up to the query.
    pub url: String,
    /// What is answered, one after the other; the last one again and again.
    pub answers: Vec<HttpAnswer>,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpAnswer {
    /// It is answered.
    Status {
        /// The status code.
        status: u16,
        /// The body.
        body: String,
        /// How long that takes.
        latency: Duration,
    },
    /// Nobody listens.
    Refused,
    /// No answer ever comes.
    Hang,
}

impl Endpoint {
    /// An endpoint that answers so, one after the other; the last one again and again.
    pub fn new(url: impl Into<String>, answers: impl IntoIterator<Item = HttpAnswer>) -> Self {
        Self { url: url.into(), answers: answers.into_iter().collect() }
    }
}

impl HttpAnswer {
    /// An answer after 50 ms.
    pub fn status(status: u16, body: impl Into<String>) -> Self {
        Self::Status { status, body: body.into(), latency: Duration::from_millis(50) }
    }
}
