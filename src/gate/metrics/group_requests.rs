//! How many requests still reach the target group of the side that is to be removed.

use std::time::Duration;

use super::grid::Grid;
use super::look::Look;
use super::look::Sight;
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

/// How much later than the last answer the next one is at most.
const AHEAD: Duration = Duration::from_hours(24);

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
    let look = Look::ask(monitor, &queries, window(known, wall), GRID).await;
    match (look.sight, look.at) {
        (Sight::Read(reading), Some(at)) => counted(&reading, at),
        (Sight::Unread(why), _) => Err(why),
        (Sight::Idle | Sight::Read(_), _) => Err("nothing was asked".to_owned()),
    }
}

/// What to ask for: everything since, by AWS's time. Our own clock is asked only for the first answer, of
/// which nothing but AWS's time is wanted.
fn window(known: Option<(Timestamp, Timestamp)>, wall: Timestamp) -> MetricWindow {
    let (since, seen) = known.unwrap_or((wall, wall));
    MetricWindow { from: GRID.floor(since), to: GRID.floor(seen.after(AHEAD)) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Finite;

    const ELB: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";

    fn at(minute: u64) -> Timestamp {
        Timestamp::from_millis(minute * 60_000)
    }

    fn row(minute: u64, values: &[Option<u32>]) -> Row {
        let values = values.iter().map(|value| value.map(Finite::from));
        Row { begin: at(minute), values: values.collect() }
    }

    #[test]
    fn every_load_balancer_is_asked_for_both_groups_once() {
        let rule = |path: &str| format!("{ELB}:{path}").parse::<ListenerRuleArn>().unwrap();
        let rules = [
            rule("listener-rule/app/b/1/2/3"),
            rule("listener/app/a/1/2"),
            rule("listener-rule/app/b/1/2/4"),
        ];
        let group = |name: &str| format!("{ELB}:targetgroup/{name}/1").parse().unwrap();
        let asked = queries(&rules, [&group("blue"), &group("green")]);
        let dimensions = asked.iter().map(|query| match &query.source {
            MetricSource::Statistic { metric, statistic } => {
                assert_eq!((metric.name.as_str(), statistic.as_str()), ("RequestCount", "Sum"));
                let value = |name: &str| metric.dimensions[name].as_str();
                (value("LoadBalancer"), value("TargetGroup"))
            }
            MetricSource::Expression { .. } => panic!("{query:?}"),
        });
        let (blue, green) = ("targetgroup/blue/1", "targetgroup/green/1");
        let wanted = [("app/a/1", blue), ("app/a/1", green), ("app/b/1", blue), ("app/b/1", green)];
        assert_eq!(dimensions.collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn what_is_missing_is_nothing_only_where_the_other_group_has_a_datum() {
        let of = |values: &[Option<u32>]| {
            let minute = minute(&row(5, values)).unwrap();
            (minute.requests, minute.told)
        };
        assert_eq!(of(&[None, Some(9)]), (0, true));
        assert_eq!(of(&[Some(3), None]), (3, true));
        // the second load balancer says nothing
        assert_eq!(of(&[None, Some(9), None, None]), (0, false));
        assert_eq!(of(&[Some(3), Some(9), Some(4), None]), (7, true));
    }

    #[test]
    fn only_complete_minutes_are_counted() {
        let rows = [3, 4, 5].map(|minute| row(minute, &[Some(1), Some(1)])).to_vec();
        let reading = Reading { open: at(7), closed: at(5), rows };
        let found = counted(&reading, at(7)).unwrap();
        let begins: Vec<Timestamp> = found.minutes.iter().map(|minute| minute.begin).collect();
        assert_eq!((begins, found.closed), (vec![at(3), at(4)], at(5)));
    }

    #[test]
    fn whatever_our_clock_says_the_minutes_since_are_asked_for() {
        for wall in [at(0), at(100), at(9_000)] {
            let window = window(Some((at(95), at(99))), wall);
            assert_eq!((window.from, window.to), (at(95), at(99 + 1440)), "{wall}");
        }
    }
}
