//! What an ideal world's load balancer counts.

use std::collections::BTreeMap;

use cutover::model::*;

/// What metrics say of the side that is to be removed, and of the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics {
    /// Requests that reached it, by the number of the minute since the beginning.
    pub(crate) reached: BTreeMap<u64, u64>,
    /// The other side has no datum in these minutes.
    pub(crate) silent: Vec<u64>,
    /// Nothing can be read, and why.
    pub(crate) broken: Option<String>,
}

impl Metrics {
    /// Both sides, counted at this time by AWS's clock.
    pub(crate) fn count(
        &self,
        known: Option<(Timestamp, Timestamp)>,
        at: Timestamp,
    ) -> Result<GroupRequests, String> {
        if let Some(why) = &self.broken {
            return Err(why.clone());
        }
        let settled = at.as_millis().saturating_sub(120_000) / 60_000;
        let from = known.map_or(settled, |(since, _)| since.as_millis() / 60_000);
        let minutes = (from..settled).filter_map(|number| {
            let (requests, told) = (self.reached.get(&number), !self.silent.contains(&number));
            (requests.is_some() || told).then(|| GroupMinute {
                begin: Timestamp::from_millis(number * 60_000),
                requests: requests.copied().unwrap_or_default(),
                told: true,
            })
        });
        let closed = Timestamp::from_millis(settled * 60_000);
        Ok(GroupRequests { at, closed, minutes: minutes.collect() })
    }
}
