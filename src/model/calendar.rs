//! When a deployment may go forward: hours of the week, and freezes.

use jiff::civil;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Serialize;

use super::local_time::LocalTime;
use super::local_time::TimeOfDay;
use super::local_time::Weekday;
use super::local_time::ZoneName;
use super::time::Timestamp;

/// When a deployment may go forward, by the clocks of one time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs build it")]
pub struct Calendar {
    /// The time zone.
    pub zone: ZoneName,
    /// Hours of the week that are open; none means all.
    pub hours: Vec<Hours>,
    /// Times that are shut whatever the hours say.
    pub freezes: Vec<Freeze>,
}

/// Open hours of some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs build it")]
pub struct Hours {
    /// On which days they begin; none means every day.
    pub days: Vec<Weekday>,
    /// From when.
    pub from: TimeOfDay,
    /// To when, on the day after where that is not later than `from`.
    pub to: TimeOfDay,
}

/// A time that is shut, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs build it")]
pub struct Freeze {
    /// From when.
    pub from: LocalTime,
    /// To when, not included.
    pub to: LocalTime,
    /// Why, for people.
    pub reason: String,
}

/// What a calendar says at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "a gate's input")]
pub struct CalendarReading {
    /// Why it is shut; none while it is open.
    pub shut: Option<String>,
    /// Since when it is as it is; none where it was never otherwise lately.
    pub since: Option<Timestamp>,
    /// When that changes, on local clocks with their offset; none where it does not within a year or so.
    pub changes: Option<String>,
}

impl Hours {
    /// Begin and end of the hours that begin on this day, if any do, in milliseconds since 1970.
    fn on(&self, date: civil::Date, zone: &TimeZone) -> Option<(i64, i64)> {
        let begins = self.days.is_empty() || self.days.iter().any(|day| day.is(date.weekday()));
        let next = self.to <= self.from;
        let ends = if next { date.tomorrow().ok()? } else { date };
        let begin = instant(date.to_datetime(self.from.0), zone)?;
        begins.then_some((begin, instant(ends.to_datetime(self.to.0), zone)?))
    }
}

/// A time on local clocks in milliseconds since 1970. One that is skipped or comes twice is meant as most
/// calendars do: as if the clocks had not been changed yet.
fn instant(local: civil::DateTime, zone: &TimeZone) -> Option<i64> {
    zone.to_timestamp(local).ok().map(jiff::Timestamp::as_millisecond)
}

impl Calendar {
    /// What is wrong with it, if anything: the field, and what would be right.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        if self.hours.is_empty() && self.freezes.is_empty() {
            return Some(("hours", "is missing, and `freezes` too; give one at least".to_owned()));
        }
        let empty = self.freezes.iter().find(|freeze| freeze.to <= freeze.from)?;
        let why = format!("ends at {}, not after its begin {}", empty.to, empty.from);
        Some(("freezes", why))
    }

    /// What it says at this moment.
    pub fn at(&self, now: Timestamp) -> CalendarReading {
        let shut =
            |why: &str| CalendarReading { shut: Some(why.to_owned()), since: None, changes: None };
        let Some(zone) = self.zone.find() else {
            return shut("its time zone is unknown here");
        };
        let Ok(now) = i64::try_from(now.as_millis()) else { return shut("the clock is not set") };
        let edges = self.edges(now, &zone);
        let reason = self.shut_at(now, &zone);
        let same = |at: i64| self.shut_at(at, &zone).is_some() == reason.is_some();
        let last = edges.iter().rev().find(|edge| **edge <= now && !same(**edge - 1));
        let next = edges.iter().find(|edge| **edge > now && !same(**edge));
        let since = last.and_then(|edge| u64::try_from(*edge).ok()).map(Timestamp::from_millis);
        let changes = next.and_then(|edge| {
            let at = jiff::Timestamp::from_millisecond(*edge).ok()?.to_zoned(zone);
            Some(at.strftime("%a %Y-%m-%d %H:%M %:z").to_string())
        });
        CalendarReading { shut: reason, since, changes }
    }

    /// Why it is shut at this moment, if it is.
    fn shut_at(&self, at: i64, zone: &TimeZone) -> Option<String> {
        let frozen = self.freezes.iter().find(|freeze| {
            let (from, to) = (instant(freeze.from.0, zone), instant(freeze.to.0, zone));
            from.is_some_and(|from| from <= at) && to.is_some_and(|to| at < to)
        });
        if let Some(freeze) = frozen {
            return Some(format!("frozen: {}", freeze.reason));
        }
        let Some(date) = date(at, zone) else { return Some("the clock is not set".to_owned()) };
        // hours that began yesterday may go on
        let days = [date.yesterday().ok(), Some(date)];
        let open = self.hours.iter().any(|hours| {
            let spans = days.iter().flatten().filter_map(|day| hours.on(*day, zone));
            spans.into_iter().any(|(from, to)| from <= at && at < to)
        });
        (!open && !self.hours.is_empty()).then(|| "outside the hours".to_owned())
    }

    /// Every moment at which it may change, in order: around now, and around each freeze.
    fn edges(&self, now: i64, zone: &TimeZone) -> Vec<i64> {
        let freezes = self.freezes.iter().flat_map(|freeze| [freeze.from, freeze.to]);
        let mut edges: Vec<i64> = freezes.filter_map(|at| instant(at.0, zone)).collect();
        let around: Vec<i64> = edges.iter().copied().chain([now]).collect();
        for date in around.into_iter().filter_map(|at| date(at, zone)) {
            // the hours of a week come again
            let days =
                (-9..=9).filter_map(|days| date.checked_add(jiff::Span::new().days(days)).ok());
            for day in days {
                let spans = self.hours.iter().filter_map(|hours| hours.on(day, zone));
                edges.extend(spans.flat_map(|(from, to)| [from, to]));
            }
        }
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}

fn date(at: i64, zone: &TimeZone) -> Option<civil::Date> {
    let at = jiff::Timestamp::from_millisecond(at).ok()?;
    Some(at.to_zoned(zone.clone()).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> ZoneName {
        name.parse().unwrap()
    }

    fn hours(days: &[Weekday], from: &str, to: &str) -> Hours {
        Hours { days: days.to_vec(), from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn freeze(from: &str, to: &str) -> Freeze {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        Freeze { from, to, reason: "year-end".to_owned() }
    }

    /// What a calendar says at a moment in UTC.
    fn at(calendar: &Calendar, utc: &str) -> CalendarReading {
        let at: jiff::Timestamp = utc.parse().unwrap();
        calendar.at(Timestamp::from_millis(at.as_millisecond().try_into().unwrap()))
    }

    fn office() -> Calendar {
        let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        Calendar {
            zone: zone("Europe/Zurich"),
            hours: vec![hours(&days, "09:00", "17:00")],
            freezes: vec![freeze("2026-12-21", "2027-01-04")],
        }
    }

    #[test]
    fn office_hours_follow_the_clocks_of_the_zone() {
        let calendar = office();
        // Friday in winter: one hour ahead of UTC
        let open = at(&calendar, "2026-11-20T15:59:59Z");
        assert_eq!(open.shut, None);
        assert_eq!(open.changes.unwrap(), "Fri 2026-11-20 17:00 +01:00");
        let shut = at(&calendar, "2026-11-20T16:00:00Z");
        assert_eq!(shut.shut.unwrap(), "outside the hours");
        assert_eq!(shut.changes.unwrap(), "Mon 2026-11-23 09:00 +01:00");
        // in summer two
        assert!(at(&calendar, "2026-07-17T14:59:00Z").shut.is_none());
        assert!(at(&calendar, "2026-07-17T15:00:00Z").shut.is_some());
    }

    #[test]
    fn a_freeze_wins_over_the_hours_and_opens_with_them_again() {
        let calendar = office();
        let frozen = at(&calendar, "2026-12-21T10:00:00Z");
        assert_eq!(frozen.shut.unwrap(), "frozen: year-end");
        assert_eq!(frozen.changes.unwrap(), "Mon 2027-01-04 09:00 +01:00");
        let since: jiff::Timestamp = "2026-12-18T16:00:00Z".parse().unwrap();
        let since = u64::try_from(since.as_millisecond()).unwrap();
        assert_eq!(frozen.since, Some(Timestamp::from_millis(since)));
    }

    #[test]
    fn hours_over_midnight_belong_to_the_day_on_which_they_begin() {
        let night = Calendar {
            zone: zone("UTC"),
            hours: vec![hours(&[Weekday::Sat], "22:00", "06:00")],
            freezes: Vec::new(),
        };
        let open = |utc: &str| at(&night, utc).shut.is_none();
        assert!(open("2026-11-21T22:00:00Z") && open("2026-11-22T05:59:00Z"));
        assert!(!open("2026-11-21T05:00:00Z") && !open("2026-11-22T22:00:00Z"));
        let all = Calendar { hours: vec![hours(&[], "00:00", "24:00")], ..night };
        assert_eq!(at(&all, "2026-11-22T23:59:59Z").shut, None);
    }

    #[test]
    fn a_night_in_which_the_clocks_change_has_its_own_length() {
        let night = Calendar {
            zone: zone("Europe/Zurich"),
            hours: vec![hours(&[], "01:00", "04:00")],
            freezes: Vec::new(),
        };
        // 29 March 2026: two o'clock is skipped; 25 October: it comes twice
        for (day, wanted) in [("2026-03-29", 2), ("2026-10-25", 4), ("2026-11-15", 3)] {
            let date: civil::Date = day.parse().unwrap();
            let tz = TimeZone::get("Europe/Zurich").unwrap();
            let (from, to) = night.hours[0].on(date, &tz).unwrap();
            assert_eq!((to - from) / 3_600_000, wanted, "{day}");
        }
    }

    #[test]
    fn only_a_freeze_leaves_the_rest_of_time_open() {
        let calendar = Calendar {
            zone: zone("UTC"),
            hours: Vec::new(),
            freezes: vec![freeze("2026-12-20T18:00", "2027-01-02")],
        };
        assert_eq!(at(&calendar, "2026-12-20T17:59:00Z").shut, None);
        let frozen = at(&calendar, "2026-12-30T00:00:00Z");
        assert_eq!(frozen.changes.unwrap(), "Sat 2027-01-02 00:00 +00:00");
        let after = at(&calendar, "2027-06-01T00:00:00Z");
        assert_eq!((after.shut, after.changes), (None, None));
    }

    #[test]
    fn a_freeze_that_ends_before_it_begins_is_refused() {
        let same = Calendar { freezes: vec![freeze("2026-12-20", "2026-12-20")], ..office() };
        assert_eq!(same.fault().unwrap().0, "freezes");
    }

    #[test]
    fn a_calendar_is_stored_as_it_is_written() {
        let text = serde_json::to_string(&office()).unwrap();
        assert!(
            text.contains(r#""from":"09:00""#) && text.contains("2027-01-04T00:00:00"),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), office());
    }
}
