//! How many requests arrive.

use crate::model::Elapsed;

const DAY_MS: u64 = 86_400_000;

/// How many requests arrive, over all production rules together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Traffic {
    /// None at all.
    None,
    /// Always as many, in thousandths of a request per second.
    Constant {
        /// Thousandths of a request per second.
        milli_rps: u64,
    },
    /// A day that begins in its trough, rises evenly for twelve hours and falls evenly again.
    Day {
        /// Thousandths of a request per second in the trough.
        trough_milli_rps: u64,
        /// Thousandths of a request per second at the peak.
        peak_milli_rps: u64,
        /// Where in the day the simulation begins, in milliseconds.
        begins_at_ms: u64,
    },
    /// Always as many, but none at all at night.
    Nights {
        /// Thousandths of a request per second by day.
        milli_rps: u64,
        /// When the first night begins, in milliseconds from the beginning; every next one a day later.
        first_ms: u64,
        /// How long a night is, in milliseconds.
        lasts_ms: u64,
    },
}

impl Traffic {
    /// Always this many requests per second.
    pub const fn per_second(requests: u64) -> Self {
        Self::Constant { milli_rps: requests.saturating_mul(1000) }
    }

    /// Thousandths of a request per second at this time.
    pub fn milli_rps(self, at: Elapsed) -> u64 {
        match self {
            Self::None => 0,
            Self::Constant { milli_rps } => milli_rps,
            Self::Nights { milli_rps, first_ms, lasts_ms } => {
                let since = at.as_millis().checked_sub(first_ms);
                let is_night = since.is_some_and(|since| since % DAY_MS < lasts_ms);
                if is_night { 0 } else { milli_rps }
            }
            Self::Day { trough_milli_rps, peak_milli_rps, begins_at_ms } => {
                let of_day = at.as_millis().saturating_add(begins_at_ms) % DAY_MS;
                let rise = of_day.min(DAY_MS - of_day);
                let room = peak_milli_rps.saturating_sub(trough_milli_rps);
                let more = u128::from(room) * u128::from(rise) / u128::from(DAY_MS / 2);
                trough_milli_rps.saturating_add(u64::try_from(more).unwrap_or(room))
            }
        }
    }
}
