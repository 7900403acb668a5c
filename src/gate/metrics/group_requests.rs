//! How many requests still reach the target group of the side that is to be removed.

use super::grid::Grid;
use super::look::Look;
use super::look::Sight;
use super::periods::MARGIN;
use super::reading::Reading;
use super::reading::Row;
use crate::analysis::Counts;
use crate::model::GroupMinute;
use crate::model::GroupRequests;
use crate::model::ListenerRuleArn;
use crate::model::Metric;
use crate::model::MetricQuery;
use crate::model::MetricSource;
use crate::model::Role;
use crate::model::Subject;
use crate::model::TargetGroupArn;
use crate::model::Timestamp;
use crate::ports::MetricWindow;
use crate::ports::Monitor;

const GRID: Grid = Grid { period: GroupMinute::LENGTH, settle: GroupRequests::SETTLE };

/// Counts the requests that reached this role's target group, behind every load balancer of the
/// production rules, in the complete minutes since the first of the two times of `known`; the other is
/// when AWS answered last. Without it only AWS's time is wanted.
///
/// `RequestCount` counts a request when a target was chosen for it, and has no datum for a minute without
/// one: that is zero only where the other role's group has a datum.
///
/// # Errors
///
/// Why it cannot be counted: a read that failed or is not whole.
pub(crate) async fn group_requests(
    monitor: &dyn Monitor,
    subject: &Subject,
    role: Role,
    known: Option<(Timestamp, Timestamp)>,
    wall: Timestamp,
) -> Result<GroupRequests, String> {
    let baseline = &subject.baseline;
    let [Some(leaves), Some(stays)] = (match role {
        Role::Stable => [&baseline.stable_group, &baseline.candidate_group],
        Role::Candidate => [&baseline.candidate_group, &baseline.stable_group],
    }) else {
        return Err("the service has no two target groups".to_owned());
    };
    let queries = queries(&baseline.rules, [leaves, stays]);
    let (since, seen) = known.unwrap_or((wall, wall));
    // our own clock only widens it
    let to = GRID.floor(seen.max(wall).after(MARGIN));
    let window = MetricWindow { from: GRID.floor(since).min(GRID.back(to, 1)), to };
    let look = Look::ask(monitor, &queries, window, GRID).await;
    match (look.sight, look.at) {
        (Sight::Read(reading), Some(at)) => counted(&reading, at),
        (Sight::Unread(why), _) => Err(why),
        (Sight::Idle | Sight::Read(_), _) => Err("nothing was asked".to_owned()),
    }
}

/// Two queries for each load balancer: the group that is to go, and the other.
fn queries(rules: &[ListenerRuleArn], groups: [&TargetGroupArn; 2]) -> Vec<MetricQuery> {
    let mut balancers: Vec<&str> = rules.iter().map(ListenerRuleArn::balancer_dimension).collect();
    balancers.sort_unstable();
    balancers.dedup();
    let of = |balancer: &str, group: &TargetGroupArn| {
        let metric = Metric::of_balancer("RequestCount", balancer, Some(group.dimension()));
        MetricSource::Statistic { metric, statistic: "Sum".to_owned() }
    };
    let sources = balancers.iter().flat_map(|balancer| groups.map(|group| of(balancer, group)));
    let query = |(place, source)| MetricQuery {
        id: format!("q{place}"),
        source,
        period: GRID.period,
        returned: true,
    };
    sources.enumerate().map(query).collect()
}

fn counted(reading: &Reading, at: Timestamp) -> Result<GroupRequests, String> {
    let is_complete = |row: &&Row| row.begin.after(GRID.period) <= reading.closed;
    let minutes = reading.rows.iter().filter(is_complete).map(minute);
    Ok(GroupRequests { at, closed: reading.closed, minutes: minutes.collect::<Result<_, _>>()? })
}

fn minute(row: &Row) -> Result<GroupMinute, String> {
    let mut requests: u64 = 0;
    let mut told = true;
    for pair in row.values.chunks(2) {
        let leaves = pair.first().copied().flatten();
        told &= pair.iter().any(Option::is_some);
        if let Some(sum) = leaves {
            let count = Counts::count(sum.get()).map_err(|error| error.to_string())?;
            requests = requests.saturating_add(count);
        }
    }
    Ok(GroupMinute { begin: row.begin, requests, told })
}
