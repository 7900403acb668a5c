//! The window of a spec.

use serde::Deserialize;

use crate::model::Calendar;
use crate::model::Freeze;
use crate::model::Hours;
use crate::model::LocalTime;
use crate::model::TimeOfDay;
use crate::model::Weekday;
use crate::model::ZoneName;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursDocument {
    #[serde(default)]
    days: Vec<Weekday>,
    from: TimeOfDay,
    to: TimeOfDay,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FreezeDocument {
    from: LocalTime,
    to: End,
    reason: String,
}

/// The end of a freeze; a date without a time is meant with all of its day.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct End(LocalTime);

impl TryFrom<String> for End {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let at: LocalTime =
            text.parse().map_err(|error: crate::model::InvalidTime| error.to_string())?;
        let is_date = !text.contains(['T', 't', ' ']);
        Ok(Self(if is_date { at.next_day() } else { at }))
    }
}

/// A window as a spec gives it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowDocument {
    zone: ZoneName,
    #[serde(default)]
    hours: Vec<HoursDocument>,
    #[serde(default)]
    freezes: Vec<FreezeDocument>,
}

impl WindowDocument {
    pub(super) fn calendar(self) -> Calendar {
        let hours = self.hours.into_iter();
        let freezes = self.freezes.into_iter();
        Calendar {
            zone: self.zone,
            hours: hours.map(|HoursDocument { days, from, to }| Hours { days, from, to }).collect(),
            freezes: freezes
                .map(|FreezeDocument { from, to, reason }| Freeze { from, to: to.0, reason })
                .collect(),
        }
    }
}
