//! What a probe asks the candidate, and what it expects.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::http::HttpEndpoint;
use super::http::HttpMethod;
use super::time::as_millis;

/// HTTP requests to the candidate through the test listener, and what their answers must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs build it over `Probe::new`")]
pub struct Probe {
    /// The address, which the test listener must lead to the candidate.
    pub endpoint: HttpEndpoint,
    /// How it is asked.
    pub method: HttpMethod,
    /// What is sent along.
    pub body: Option<String>,
    /// The status codes that are right; any of them.
    pub statuses: Vec<StatusRange>,
    /// What the body must contain.
    pub contains: Option<String>,
    /// What the body, as JSON, must say.
    pub fields: Vec<FieldCheck>,
    /// The longest that an answer may take.
    #[serde(with = "as_millis")]
    pub latency: Duration,
    /// How long the test listener must have led to the candidate before it is asked: until the load
    /// balancer follows, the old revision answers.
    #[serde(with = "as_millis")]
    pub settle: Duration,
    /// How many requests each look sends, one after the other.
    pub requests: u32,
    /// How many of them may fail.
    pub failures: u32,
    /// This many failed looks in a row are a failure; fewer are inconclusive.
    pub in_a_row: u32,
}

/// Status codes from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "two ends by definition")]
pub struct StatusRange {
    /// The lowest.
    pub from: u16,
    /// The highest.
    pub to: u16,
}

/// What one field of a JSON body must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs build it")]
pub struct FieldCheck {
    /// Where it is, as a JSON pointer: `/status`, `/checks/0/ok`.
    pub pointer: String,
    /// What it must equal.
    pub equals: serde_json::Value,
}

impl Probe {
    /// The longest that one look may take, with every request as slow as it may be.
    pub const LONGEST_LOOK: Duration = Duration::from_secs(15);

    /// One `GET` a look that any 2xx within the endpoint's timeout answers, a minute after the test
    /// listener was switched; three failed looks in a row are a failure.
    pub fn new(endpoint: HttpEndpoint) -> Self {
        Self {
            method: HttpMethod::Get,
            body: None,
            statuses: vec![StatusRange { from: 200, to: 299 }],
            contains: None,
            fields: Vec::new(),
            latency: endpoint.timeout,
            settle: Duration::from_secs(60),
            requests: 1,
            failures: 0,
            in_a_row: 3,
            endpoint,
        }
    }

    /// What is wrong with it, if anything: the field, and what would be right.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let longest = self.endpoint.timeout.saturating_mul(self.requests);
        if self.requests == 0 {
            return Some(("requests", "is 0; give 1 or more".to_owned()));
        }
        if self.failures >= self.requests {
            let (failures, requests) = (self.failures, self.requests);
            let why = format!(
                "is {failures} of {requests} requests, so none of them would matter; give fewer"
            );
            return Some(("failures", why));
        }
        if self.in_a_row == 0 {
            return Some(("in_a_row", "is 0; give 1 or more".to_owned()));
        }
        if self.endpoint.timeout.is_zero() || longest > Self::LONGEST_LOOK {
            let why = format!(
                "is {} ms for each of {} requests; one look may take {} s in all, so give less, and more \
                 than nothing",
                self.endpoint.timeout.as_millis(),
                self.requests,
                Self::LONGEST_LOOK.as_secs()
            );
            return Some(("timeout", why));
        }
        if self.statuses.is_empty() || self.statuses.iter().any(|range| range.from > range.to) {
            return Some((
                "status",
                "is a range without a number; give `200` or `200-299`".to_owned(),
            ));
        }
        let pointer = self.fields.iter().find(|check| !check.pointer.starts_with('/'));
        pointer.map(|check| {
            let why =
                format!("is `{}`, no JSON pointer; give one such as `/status`", check.pointer);
            ("json", why)
        })
    }
}

impl fmt::Display for StatusRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to {
            write!(f, "{}", self.from)
        } else {
            write!(f, "{}-{}", self.from, self.to)
        }
    }
}
