//! Whom a webhook gate asks, and how patiently.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::http::HttpEndpoint;

/// A `POST` that says where the deployment is; the answer decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs build it over `Webhook::new`")]
pub struct Webhook {
    /// Whom.
    pub endpoint: HttpEndpoint,
    /// How many attempts one look makes, with growing pauses between them, while there is no answer or
    /// one that says to come back.
    pub attempts: u32,
    /// Whether a 4xx is a failure; else it is inconclusive as any other error. 408 and 429 never are.
    pub refusal_fails: bool,
}

impl Webhook {
    /// The longest that one look may take, with every attempt as slow as it may be.
    pub const LONGEST_LOOK: Duration = Duration::from_secs(15);
    /// The pause after the first attempt; each next one is twice as long.
    pub const FIRST_PAUSE: Duration = Duration::from_millis(500);

    /// Three attempts of the endpoint's timeout each; every error is inconclusive.
    pub const fn new(endpoint: HttpEndpoint) -> Self {
        Self { endpoint, attempts: 3, refusal_fails: false }
    }

    /// The pause after so many attempts.
    pub fn pause(attempts: u32) -> Duration {
        Self::FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)))
    }

    /// What is wrong with it, if anything: the field, and what would be right.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        if self.attempts == 0 {
            return Some(("attempts", "is 0; give 1 or more".to_owned()));
        }
        let pauses: Duration = (1..self.attempts.min(32)).map(Self::pause).sum();
        let longest = self.endpoint.timeout.saturating_mul(self.attempts).saturating_add(pauses);
        (self.endpoint.timeout.is_zero() || longest > Self::LONGEST_LOOK).then(|| {
            let why = format!(
                "is {} ms for each of {} attempts, {} ms with the pauses; one look may take {} s in all, \
                 so give less, and more than nothing",
                self.endpoint.timeout.as_millis(),
                self.attempts,
                longest.as_millis(),
                Self::LONGEST_LOOK.as_secs()
            );
            ("timeout", why)
        })
    }
}
