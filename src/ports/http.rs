//! HTTP calls as a port.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::call_error::CallError;
use crate::model::HttpEndpoint;
use crate::model::HttpMethod;

/// One request. What is secret in it is named and not held.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "gates outside this crate build it")]
pub struct HttpRequest {
    /// How.
    pub method: HttpMethod,
    /// Whom, with which headers, and for how long.
    pub endpoint: HttpEndpoint,
    /// What is sent, if anything.
    pub body: Option<String>,
}

/// One answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever implements the port builds it")]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The body, [`LONGEST_BODY`](Self::LONGEST_BODY) bytes of it at most.
    pub body: Vec<u8>,
    /// Whether there was more.
    pub truncated: bool,
    /// From sending to the last byte that was read.
    pub latency: Duration,
}

impl HttpResponse {
    /// How much of a body is read, in bytes.
    pub const LONGEST_BODY: usize = 64 * 1024;
}

/// Whom gates call over HTTP.
///
/// # Contract
///
/// - One attempt, within the endpoint's timeout. A redirect is an answer and is not followed.
/// - A header whose value comes from the environment is filled in here, from this process's own, and goes
///   nowhere else: not into an error, not into a log.
/// - `NotSent` means that no byte reached the other side; whatever happened afterwards is `Ambiguous`,
///   silence included. `Invalid` means that it can never be sent.
/// - Errors name neither the query of the URL nor what a header holds.
#[async_trait]
pub trait Http: fmt::Debug + Send + Sync {
    /// Whether such a request could be sent from here: its scheme, its headers, its variables. Calls
    /// nobody.
    fn check(&self, request: &HttpRequest) -> Result<(), CallError>;

    /// Sends it and waits for the answer.
    async fn call(&self, request: &HttpRequest) -> Result<HttpResponse, CallError>;
}
