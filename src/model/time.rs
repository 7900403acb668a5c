//! Three kinds of time that must not be mixed, and none that is read here.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

macro_rules! points {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The point so many milliseconds after the origin.
            pub const fn from_millis(millis: u64) -> Self {
                Self(millis)
            }

            /// Milliseconds since the origin.
            pub const fn as_millis(self) -> u64 {
                self.0
            }

            /// The span since `earlier`; zero where `earlier` is in fact later.
            pub const fn since(self, earlier: Self) -> Duration {
                Duration::from_millis(self.0.saturating_sub(earlier.0))
            }

            /// The point `span` later; the last one there is where that is too far.
            #[must_use]
            pub fn after(self, span: Duration) -> Self {
                Self(self.0.saturating_add(millis(span)))
            }
        }
    )*};
}

points! {
    /// Wall-clock milliseconds since 1970. A label, and the measure of the overall deadline; never of
    /// a bake. AWS's own timestamps have this type too and are compared only with each other.
    Timestamp;
    /// Milliseconds on this process's steady clock, suspend included. Means nothing in another
    /// process, so it is never stored.
    Elapsed;
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T01:02:03.004Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0 / 86_400_000, self.0 % 86_400_000);
        let (year, month, day) = civil(days);
        let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
        let (second, milli) = (rest / 1_000 % 60, rest % 1_000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// Year, month and day of a day count since 1970 (Hinnant's `civil_from_days`, for 1970 and later).
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// Both clocks at one moment, as every input of the engine carries them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "two clocks by definition")]
pub struct Now {
    /// The wall clock.
    pub wall: Timestamp,
    /// The steady clock.
    pub elapsed: Elapsed,
}

/// A stretch of this process's time, both ends included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two ends by definition")]
pub struct Span {
    /// Its beginning.
    pub from: Elapsed,
    /// Its end; before `from` means empty.
    pub to: Elapsed,
}

impl Span {
    /// The stretch that lies in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Its length; zero when empty.
    pub const fn length(self) -> Duration {
        self.to.since(self.from)
    }
}

/// Durations are stored as whole milliseconds.
pub(crate) mod as_millis {
    use std::time::Duration;

    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serializer;

    pub(crate) fn serialize<S: Serializer>(span: &Duration, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_u64(super::millis(*span))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
        u64::deserialize(input).map(Duration::from_millis)
    }
}

/// The same where there may be none.
pub(crate) mod as_optional_millis {
    use std::time::Duration;

    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serialize;
    use serde::Serializer;

    #[expect(clippy::ref_option, reason = "the shape that serde asks for")]
    pub(crate) fn serialize<S: Serializer>(
        span: &Option<Duration>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        span.map(super::millis).serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        input: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(input)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_prints_as_rfc_3339() {
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(951_782_400_000).to_string(), "2000-02-29T00:00:00.000Z");
        assert_eq!(
            Timestamp::from_millis(1_795_222_923_004).to_string(),
            "2026-11-21T01:02:03.004Z"
        );
    }

    #[test]
    fn spans_never_run_backwards() {
        let at = Elapsed::from_millis;
        assert_eq!(at(3).since(at(5)), Duration::ZERO);
        assert_eq!(at(5).after(Duration::MAX), at(u64::MAX));
        let (a, b) = (Span { from: at(0), to: at(10) }, Span { from: at(20), to: at(30) });
        assert_eq!(a.intersection(b).length(), Duration::ZERO);
    }
}
