//! Times by the clocks of one place.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Serialize;

/// The name of a time zone in the IANA database, which comes with this crate: `Europe/Zurich`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a week has seven days")]
#[expect(missing_docs, reason = "they say themselves")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// A time of day on local clocks: `09:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(pub(super) civil::Time);

/// A date and a time of day on local clocks: `2026-12-20T18:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(pub(super) civil::DateTime);

/// What cannot be a time zone, a time or a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is `{value}`; {fix}")]
#[non_exhaustive]
pub struct InvalidTime {
    /// What was given.
    pub value: String,
    /// What would be right.
    pub fix: &'static str,
}

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = InvalidTime;

            fn try_from(text: String) -> Result<Self, InvalidTime> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(this: $name) -> Self {
                this.to_string()
            }
        }
    )*};
}

as_text!(ZoneName, TimeOfDay, LocalTime);

fn invalid(value: &str, fix: &'static str) -> InvalidTime {
    InvalidTime { value: value.chars().take(40).collect(), fix }
}

impl FromStr for ZoneName {
    type Err = InvalidTime;

    fn from_str(name: &str) -> Result<Self, InvalidTime> {
        let fix = "give a time zone of the IANA database, such as `Europe/Zurich` or `UTC`";
        match TimeZone::get(name) {
            Ok(_) => Ok(Self(name.to_owned())),
            Err(_) => Err(invalid(name, fix)),
        }
    }
}

impl ZoneName {
    /// The zone; none where the database of this build does not know it.
    pub(super) fn find(&self) -> Option<TimeZone> {
        TimeZone::get(&self.0).ok()
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TimeOfDay {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let fix = "give hours and minutes such as `09:30`, or `24:00` for the end of a day";
        if text == "24:00" {
            return Ok(Self(civil::Time::midnight()));
        }
        let parsed = text.split_once(':').filter(|(hour, minute)| {
            let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            digits(hour) && digits(minute)
        });
        let parsed = parsed.and_then(|(hour, minute)| {
            civil::Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        });
        parsed.map(Self).ok_or_else(|| invalid(text, fix))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl FromStr for LocalTime {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let fix = "give a date such as `2026-12-20`, or with a time such as `2026-12-20T18:00`";
        // an offset would be overlooked: the zone is the calendar's
        let local = !text.ends_with('Z') && !text.contains(['+', '[']);
        text.parse().ok().filter(|_| local).map(Self).ok_or_else(|| invalid(text, fix))
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl LocalTime {
    /// The same time a day later; the last there is where that is too far.
    #[must_use]
    pub fn next_day(self) -> Self {
        Self(self.0.tomorrow().unwrap_or(civil::DateTime::MAX))
    }
}

impl Weekday {
    pub(super) const fn is(self, day: civil::Weekday) -> bool {
        matches!(
            (self, day),
            (Self::Mon, civil::Weekday::Monday)
                | (Self::Tue, civil::Weekday::Tuesday)
                | (Self::Wed, civil::Weekday::Wednesday)
                | (Self::Thu, civil::Weekday::Thursday)
                | (Self::Fri, civil::Weekday::Friday)
                | (Self::Sat, civil::Weekday::Saturday)
                | (Self::Sun, civil::Weekday::Sunday)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_zone_time_or_date_is_refused() {
        assert!("Europe/Atlantis".parse::<ZoneName>().is_err());
        for bad in ["9:00", "24:01", "09:60", "0900", "09:00:00", "noon", ""] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
        for bad in ["2026-13-01", "tomorrow", "2026-12-20T18:00Z", "2026-12-20T18:00+01:00"] {
            assert!(bad.parse::<LocalTime>().is_err(), "{bad}");
        }
    }
}
