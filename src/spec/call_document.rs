//! The gates of a spec that call over HTTP.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::model::FieldCheck;
use crate::model::HeaderValue;
use crate::model::HttpEndpoint;
use crate::model::HttpMethod;
use crate::model::HttpUrl;
use crate::model::Probe;
use crate::model::StatusRange;
use crate::model::Webhook;

use super::spec_error::shown;
use super::switch::Switch;
use super::time_span::TimeSpan;
use super::whole::Whole;

/// `text`, or `{env: NAME}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a header is text, or `{env: NAME}` for what is secret")]
enum HeaderDocument {
    Text(String),
    Environment(Variable),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    env: String,
}

fn headers(given: &BTreeMap<String, HeaderDocument>) -> BTreeMap<String, HeaderValue> {
    let header = |(name, value): (&String, &HeaderDocument)| {
        let value = match value {
            HeaderDocument::Text(text) => HeaderValue::Text(text.clone()),
            HeaderDocument::Environment(Variable { env }) => HeaderValue::Environment(env.clone()),
        };
        (name.clone(), value)
    };
    given.iter().map(header).collect()
}

/// `200`, or `200-299`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Status(StatusRange);

impl TryFrom<String> for Status {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (from, to) = text.split_once('-').unwrap_or((&text, &text));
        let code =
            |text: &str| text.trim().parse().ok().filter(|code: &u16| (100..=599).contains(code));
        match (code(from), code(to)) {
            (Some(from), Some(to)) if from <= to => Ok(Self(StatusRange { from, to })),
            _ => Err(format!("is {}; give a status such as `200`, or `200-299`", shown(&text))),
        }
    }
}

/// One status, or several.
#[derive(Debug, Clone)]
struct Statuses(Vec<Status>);

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(StatusesVisitor)
    }
}

struct StatusesVisitor;

impl<'de> Visitor<'de> for StatusesVisitor {
    type Value = Statuses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a status such as `200`, `200-299`, or a list of those")
    }

    fn visit_u64<E: Error>(self, status: u64) -> Result<Statuses, E> {
        self.visit_str(&status.to_string())
    }

    fn visit_i64<E: Error>(self, status: i64) -> Result<Statuses, E> {
        self.visit_str(&status.to_string())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Statuses, E> {
        Status::try_from(text.to_owned()).map(|one| Statuses(vec![one])).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut given: A) -> Result<Statuses, A::Error> {
        let mut several = Vec::new();
        while let Some(status) = given.next_element()? {
            several.push(status);
        }
        Ok(Statuses(several))
    }
}

const fn three_seconds() -> TimeSpan {
    TimeSpan(Duration::from_secs(3))
}

/// A probe as a spec gives it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProbeDocument {
    url: HttpUrl,
    #[serde(default)]
    method: HttpMethod,
    #[serde(default)]
    headers: BTreeMap<String, HeaderDocument>,
    body: Option<String>,
    status: Option<Statuses>,
    contains: Option<String>,
    #[serde(default)]
    json: BTreeMap<String, serde_json::Value>,
    #[serde(default = "three_seconds")]
    timeout: TimeSpan,
    latency: Option<TimeSpan>,
    settle: Option<TimeSpan>,
    requests: Option<Whole>,
    failures: Option<Whole>,
    in_a_row: Option<Whole>,
}

impl ProbeDocument {
    pub(super) fn probe(self) -> Probe {
        let endpoint = HttpEndpoint {
            headers: headers(&self.headers),
            timeout: self.timeout.0,
            ..HttpEndpoint::new(self.url)
        };
        let plain = Probe::new(endpoint);
        let statuses =
            self.status.map(|Statuses(given)| given.iter().map(|status| status.0).collect());
        let fields = self.json.into_iter();
        Probe {
            method: self.method,
            body: self.body,
            statuses: statuses.unwrap_or_else(|| plain.statuses.clone()),
            contains: self.contains,
            fields: fields.map(|(pointer, equals)| FieldCheck { pointer, equals }).collect(),
            latency: self.latency.map_or(plain.latency, |latency| latency.0),
            settle: self.settle.map_or(plain.settle, |settle| settle.0),
            requests: self.requests.map_or(plain.requests, |requests| requests.0),
            failures: self.failures.map_or(plain.failures, |failures| failures.0),
            in_a_row: self.in_a_row.map_or(plain.in_a_row, |looks| looks.0),
            ..plain
        }
    }
}

/// A webhook as a spec gives it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookDocument {
    url: HttpUrl,
    #[serde(default)]
    headers: BTreeMap<String, HeaderDocument>,
    #[serde(default = "three_seconds")]
    timeout: TimeSpan,
    attempts: Option<Whole>,
    #[serde(default)]
    refusal_fails: Switch,
}

impl WebhookDocument {
    pub(super) fn webhook(self) -> Webhook {
        let endpoint = HttpEndpoint {
            headers: headers(&self.headers),
            timeout: self.timeout.0,
            ..HttpEndpoint::new(self.url)
        };
        let plain = Webhook::new(endpoint);
        Webhook {
            attempts: self.attempts.map_or(plain.attempts, |attempts| attempts.0),
            refusal_fails: self.refusal_fails.0,
            ..plain
        }
    }
}
