//! What a service served, as its load balancer counted it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::model::InvalidLoad;
use crate::model::Load;
use crate::model::Timestamp;

/// Minutes of the quietest hour.
const HOUR: usize = 60;

/// What a service served in a stretch of complete minutes, as its load balancer counted it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ObservedTraffic {
    /// The beginning of the first minute that has a datum.
    pub from: Timestamp,
    /// The end of the last complete minute.
    pub to: Timestamp,
    /// The mean over every minute that was read, those without requests included. Where no request failed
    /// it has one that did: where none ever fails nothing can be compared.
    pub load: Load,
    /// Requests of stable's group.
    pub requests: f64,
    /// Those of them that failed, and connections that it refused.
    pub failed: f64,
    /// Minutes that were read.
    pub minutes: u32,
    /// Those of them without a datum: load balancers publish none where nobody asks.
    pub silent: u32,
    /// The hour with the fewest requests, where an hour was read.
    pub quietest: Option<QuietestHour>,
    /// Minutes that could not be read, and are left out.
    pub unread: u32,
    /// Why.
    pub trouble: Vec<String>,
}

/// The hour with the fewest requests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct QuietestHour {
    /// Its beginning.
    pub from: Timestamp,
    /// Its mean.
    pub requests_per_second: f64,
}

/// What was counted in one minute.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Minute {
    /// Requests of stable's group, and of the other one.
    pub(super) requests: [f64; 2],
    /// Requests of stable's group that failed, and connections that it refused.
    pub(super) failed: f64,
}

/// What was read of a stretch of time.
#[derive(Debug, Default)]
pub(super) struct Minutes {
    /// Minutes with a datum, by their beginnings.
    counted: BTreeMap<Timestamp, Minute>,
    /// Stretches of which nothing is known, from their beginnings to their ends.
    unread: Vec<(Timestamp, Timestamp)>,
    trouble: Vec<String>,
}

impl Minutes {
    /// What was counted in the minute that begins then.
    pub(super) fn minute(&mut self, begin: Timestamp) -> &mut Minute {
        self.counted.entry(begin).or_default()
    }

    /// A stretch could not be read.
    pub(super) fn miss(&mut self, from: Timestamp, to: Timestamp, why: String) {
        self.unread.push((from, to));
        if !self.trouble.contains(&why) {
            self.trouble.push(why);
        }
    }

    /// Sums up what lies between the two. None where nothing was counted.
    pub(super) fn sum(
        self,
        (from, to): (Timestamp, Timestamp),
    ) -> Option<Result<ObservedTraffic, InvalidLoad>> {
        let Self { mut counted, unread, trouble } = self;
        counted.retain(|begin, _| (from..to).contains(begin));
        let from = *counted.keys().next()?;
        let is_unread = |at: Timestamp| unread.iter().any(|(from, to)| (*from..*to).contains(&at));
        let beginnings = (from.as_millis()..to.as_millis()).step_by(60_000);
        let minutes = beginnings.map(Timestamp::from_millis).map(|begin| {
            let counted = counted.get(&begin).map(|minute| minute.requests.iter().sum());
            (begin, if is_unread(begin) { None } else { Some(counted.unwrap_or(0.0)) })
        });
        let minutes: Vec<(Timestamp, Option<f64>)> = minutes.collect();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let read = number(minutes.iter().filter(|(_, requests)| requests.is_some()).count());
        let all: f64 = minutes.iter().filter_map(|(_, requests)| *requests).sum();
        let (asked, failed) = counted.values().fold((0.0, 0.0), |(asked, failed), minute| {
            let [stable, _] = minute.requests;
            // a refused connection may not be among the requests
            (asked + stable.max(minute.failed), failed + minute.failed)
        });
        let load = Load::new(all / (f64::from(read) * 60.0), failed.max(1.0) / asked);
        Some(load.map(|load| ObservedTraffic {
            from,
            to,
            load,
            requests: asked,
            failed,
            minutes: read,
            silent: read.saturating_sub(number(counted.len())),
            quietest: quietest(&minutes),
            unread: number(minutes.len()).saturating_sub(read),
            trouble,
        }))
    }
}

/// The hour with the fewest requests, among those of which every minute was read.
fn quietest(minutes: &[(Timestamp, Option<f64>)]) -> Option<QuietestHour> {
    let hours = minutes.windows(HOUR).filter_map(|hour| {
        let requests: Option<f64> = hour.iter().map(|(_, requests)| *requests).sum();
        let (from, _) = hour.first()?;
        Some(QuietestHour { from: *from, requests_per_second: requests? / 3600.0 })
    });
    hours.min_by(|one, other| one.requests_per_second.total_cmp(&other.requests_per_second))
}

impl fmt::Display for ObservedTraffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, load, requests, failed, minutes, silent, .. } = self;
        let rps = load.requests_per_second.get();
        write!(f, "observed from {from} to {to}: {rps:.1} requests a second in {minutes} minutes")?;
        if *silent > 0 {
            write!(f, ", {silent} of them without any")?;
        }
        write!(f, "; {failed:.0} of the {requests:.0} of stable's group were bad")?;
        if *failed < 1.0 {
            write!(f, ", which is taken as one")?;
        }
        if self.unread > 0 {
            let (unread, why) = (self.unread, self.trouble.join("; "));
            write!(f, "\npartial: {unread} minutes could not be read and are left out: {why}")?;
        }
        if let Some(QuietestHour { from, requests_per_second }) = self.quietest {
            write!(
                f,
                "\nthe quietest hour, from {from}: {requests_per_second:.1} requests a second"
            )?;
        }
        writeln!(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64) -> Timestamp {
        Timestamp::from_millis(minute * 60_000)
    }

    fn counted(minutes: impl Iterator<Item = (u64, f64)>) -> Minutes {
        let mut all = Minutes::default();
        for (minute, requests) in minutes {
            *all.minute(at(minute)) = Minute { requests: [requests, 0.0], failed: 0.0 };
        }
        all
    }

    #[test]
    fn the_mean_counts_minutes_without_requests_and_the_quietest_hour_is_found() {
        // two hours of 600 a minute around a night of two hours with 60, of which one minute is silent
        let day = (0..240).filter(|minute| *minute != 100);
        let mut all =
            counted(day.map(|minute| {
                (minute + 10, if (60..180).contains(&minute) { 60.0 } else { 600.0 })
            }));
        all.minute(at(20)).failed = 79.14;
        let seen = all.sum((at(0), at(250))).unwrap().unwrap();
        assert_eq!((seen.from, seen.to, seen.minutes, seen.silent), (at(10), at(250), 240, 1));
        let mean = (120.0 * 600.0 + 119.0 * 60.0) / (240.0 * 60.0);
        assert!((seen.load.requests_per_second.get() - mean).abs() < 1e-9);
        assert!((seen.load.error_rate.get() - 0.001).abs() < 1e-9, "{:?}", seen.load);
        let quietest = seen.quietest.unwrap();
        assert!((quietest.requests_per_second - 59.0 / 60.0).abs() < 1e-9);
        assert!((at(70)..=at(110)).contains(&quietest.from), "{quietest:?}");
        assert!(seen.to_string().contains("in 240 minutes, 1 of them without any"), "{seen}");
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_told() {
        let mut all = counted((0..50).chain(70..120).map(|minute| (minute, 600.0)));
        all.miss(at(50), at(70), "no".to_owned());
        let seen = all.sum((at(0), at(120))).unwrap().unwrap();
        assert_eq!((seen.minutes, seen.unread, seen.silent), (100, 20, 0));
        assert!((seen.load.requests_per_second.get() - 10.0).abs() < 1e-9);
        // no whole hour is known
        assert_eq!(seen.quietest, None);
        assert!(seen.to_string().contains("20 minutes could not be read and are left out: no"));
    }

    #[test]
    fn where_none_failed_one_is_taken_and_nothing_counted_is_no_load() {
        let seen =
            counted((0..90).map(|minute| (minute, 60.0))).sum((at(0), at(90))).unwrap().unwrap();
        assert!(seen.to_string().contains("which is taken as one"), "{seen}");
        assert!((seen.load.error_rate.get() - 1.0 / 5400.0).abs() < 1e-12);
        assert!(Minutes::default().sum((at(0), at(90))).is_none());
        assert!(
            counted([(90, 60.0)].into_iter()).sum((at(0), at(90))).is_none(),
            "not complete yet"
        );
        assert!(counted([(1, 0.0)].into_iter()).sum((at(0), at(90))).unwrap().is_err());
    }

    #[test]
    fn both_groups_serve_and_stable_alone_fails() {
        let mut all = Minutes::default();
        for minute in 0..60 {
            *all.minute(at(minute)) = Minute { requests: [0.0, 600.0], failed: 0.0 };
            *all.minute(at(minute + 60)) = Minute { requests: [540.0, 60.0], failed: 0.54 };
        }
        let seen = all.sum((at(0), at(120))).unwrap().unwrap();
        assert!((seen.load.requests_per_second.get() - 10.0).abs() < 1e-9);
        assert!((seen.load.error_rate.get() - 0.001).abs() < 1e-9);
    }
}
