//! Whether requests still reach the side that is to be removed.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::time::Timestamp;

/// What load balancer metrics say of the requests that still reach the side that is to be removed,
/// since its weight has been zero for as long as the load balancer takes to follow. All times are AWS's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Drain {
    /// Nothing so far.
    #[default]
    Untold,
    /// None did in enough complete minutes.
    Quiet {
        /// In how many, since the last request if there was one.
        minutes: u32,
        /// The end of the last of them.
        until: Timestamp,
    },
    /// Some did, and too few quiet minutes have followed.
    Busy {
        /// How many, in the last complete minute that had any.
        requests: u64,
        /// When that minute began.
        minute: Timestamp,
    },
    /// It cannot be told.
    Unknown {
        /// Why.
        why: String,
    },
}

impl Drain {
    /// Whether nothing was told so far.
    pub const fn is_untold(&self) -> bool {
        matches!(self, Self::Untold)
    }

    /// Whether requests were seen after which too few quiet minutes have followed.
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }
}

impl fmt::Display for Drain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untold => f.write_str("not counted yet"),
            Self::Quiet { minutes, until } => {
                write!(f, "none in {minutes} complete minutes until {}", time_of_day(*until))
            }
            Self::Busy { requests, minute } => {
                write!(f, "{requests} in the minute from {}", time_of_day(*minute))
            }
            Self::Unknown { why } => write!(f, "cannot be told: {why}"),
        }
    }
}

/// Hour and minute in UTC: `12:03Z`.
fn time_of_day(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{}Z", text.get(11..16).unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_many_and_when() {
        let minute = Timestamp::from_millis(1_795_222_980_000);
        let busy = Drain::Busy { requests: 12, minute };
        assert_eq!(busy.to_string(), "12 in the minute from 01:03Z");
        let quiet = Drain::Quiet { minutes: 2, until: minute };
        assert_eq!(quiet.to_string(), "none in 2 complete minutes until 01:03Z");
        let text = serde_json::to_string(&busy).unwrap();
        assert_eq!(serde_json::from_str::<Drain>(&text).unwrap(), busy);
    }
}
