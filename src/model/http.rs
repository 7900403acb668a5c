//! HTTP requests as data: where they go and what they carry.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::time::as_millis;

/// An `http` or `https` URL. It is recorded, so it must hold no secret: one with a user in it is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpUrl(String);

/// What is wrong with a URL. It does not repeat it: it may hold what it must not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no URL to call: {why}")]
#[non_exhaustive]
pub struct InvalidUrl {
    /// What is wrong, and what would be right.
    pub why: &'static str,
}

impl HttpUrl {
    /// Takes a URL after checking its form.
    pub fn new(url: impl Into<String>) -> Result<Self, InvalidUrl> {
        let url = url.into();
        let refused = |why| Err(InvalidUrl { why });
        if url.len() > 2048 {
            return refused("it is too long; 2048 bytes are the most");
        }
        if url.chars().any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii()) {
            return refused("it holds a character that a URL has to escape; escape it with `%`");
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            return refused("it has no scheme; begin it with `http://` or `https://`");
        };
        if !matches!(scheme, "http" | "https") {
            return refused("it has another scheme; begin it with `http://` or `https://`");
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.contains('@') {
            return refused(
                "it holds a user; give what is secret as a header from the environment",
            );
        }
        if host.is_empty() || host.starts_with(':') {
            return refused("it names no host; give one after the scheme");
        }
        Ok(Self(url))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it needs TLS.
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        let host = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0.get(host..).and_then(|rest| rest.find(['/', '?', '#']));
        end.and_then(|end| self.0.get(..host + end)).unwrap_or(&self.0)
    }

    /// Everything before the query, for messages.
    pub fn place(&self) -> &str {
        self.0.split(['?', '#']).next().unwrap_or_default()
    }
}

impl fmt::Display for HttpUrl {
    /// Without the query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.place())
    }
}

impl TryFrom<String> for HttpUrl {
    type Error = InvalidUrl;

    fn try_from(url: String) -> Result<Self, InvalidUrl> {
        Self::new(url)
    }
}

impl From<HttpUrl> for String {
    fn from(url: HttpUrl) -> Self {
        url.0
    }
}

/// How a request asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum HttpMethod {
    /// `GET`.
    #[default]
    Get,
    /// `POST`.
    Post,
}

impl HttpMethod {
    /// As it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HeaderValue {
    /// This. It is recorded.
    Text(String),
    /// What an environment variable of this name holds in the process that sends it. Only the name is
    /// recorded.
    Environment(String),
}

/// Whom a request goes to, and what it carries beside its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs build it")]
pub struct HttpEndpoint {
    /// Its address.
    pub url: HttpUrl,
    /// Headers by name.
    pub headers: BTreeMap<String, HeaderValue>,
    /// How long one attempt may take in all.
    #[serde(with = "as_millis")]
    pub timeout: Duration,
}

impl HttpEndpoint {
    /// This address without headers, and 3 s for an answer.
    pub const fn new(url: HttpUrl) -> Self {
        Self { url, headers: BTreeMap::new(), timeout: Duration::from_secs(3) }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: HeaderValue) -> Self {
        self.headers.insert(name.into(), value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_cannot_be_called_or_holds_a_user_is_refused_and_not_repeated() {
        for bad in [
            "web.example/x",
            "ftp://web.example",
            "http://",
            "http:///x",
            "https://:80/",
            "https://me:s3cret@web.example/",
            "http://web.example/a b",
        ] {
            let why = HttpUrl::new(bad).unwrap_err().to_string();
            assert!(!why.contains("s3cret"), "{why}");
        }
        let long = format!("http://web.example/{}", "x".repeat(2048));
        assert!(HttpUrl::new(long).is_err());
    }

    #[test]
    fn what_is_shown_of_a_url_ends_before_its_query() {
        let url = HttpUrl::new("https://web.example:8443/health?token=s3cret").unwrap();
        assert_eq!(url.to_string(), "https://web.example:8443/health");
        assert_eq!(url.origin(), "https://web.example:8443");
        assert!(url.is_secure());
        let bare = HttpUrl::new("http://web.example").unwrap();
        assert_eq!((bare.origin(), bare.place()), ("http://web.example", "http://web.example"));
    }
}
