//! Alarms that fire too late for a bake.

use std::time::Duration;

use super::finding::Finding;
use crate::model::AlarmName;
use crate::model::Human;

/// How late `CloudWatch` shows what a load balancer saw: one to three minutes.
const PUBLISHED_AFTER: Duration = Duration::from_mins(2);

/// So many steps are named one by one.
const NAMED: usize = 6;

/// The bakes that end before a fault in them can have made an alarm fire: its periods, which take so long
/// at least, their publication, and the time in which the load balancer follows new weights.
pub(super) fn late(
    name: &AlarmName,
    periods: Duration,
    propagation: Duration,
    bakes: &[(usize, Duration)],
) -> Option<Finding> {
    let needed = periods.saturating_add(PUBLISHED_AFTER).saturating_add(propagation);
    let short: Vec<(usize, Duration)> =
        bakes.iter().copied().filter(|(_, lasts)| *lasts < needed).collect();
    let shortest = short.iter().map(|(_, lasts)| *lasts).min()?;
    let longest = short.iter().map(|(_, lasts)| *lasts).max()?;
    let lasts = if shortest == longest {
        Human(shortest).to_string()
    } else {
        format!("{} to {}", Human(shortest), Human(longest))
    };
    let what = format!(
        "it fires {} after a fault at the earliest (its periods {}, published {} late, propagation {}), \
         and {} only {lasts}",
        Human(needed),
        Human(periods),
        Human(PUBLISHED_AFTER),
        Human(propagation),
        steps(&short),
    );
    let whole = Duration::from_mins(needed.as_secs().div_ceil(60));
    let fix = format!("bake {} at least, or shorten its periods", Human(whole));
    Some(Finding::warning(&format!("alarm {name}"), what, fix))
}

/// Steps that bake, as a subject and its verb.
fn steps(short: &[(usize, Duration)]) -> String {
    let numbers: Vec<String> = short.iter().map(|(step, _)| step.to_string()).collect();
    match numbers.as_slice() {
        [only] => format!("step {only} bakes"),
        [first, .., last] if numbers.len() > NAMED => {
            format!("{} bakes from step {first} to step {last} last", numbers.len())
        }
        [others @ .., last] => format!("steps {} and {last} bake", others.join(", ")),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bakes: &[(usize, u64)]) -> Option<String> {
        let bakes: Vec<(usize, Duration)> =
            bakes.iter().map(|(step, secs)| (*step, Duration::from_secs(*secs))).collect();
        let (periods, propagation) = (Duration::from_mins(3), Duration::from_secs(30));
        let found = late(&AlarmName::new("5xx").unwrap(), periods, propagation, &bakes);
        found.map(|finding| finding.to_string())
    }

    #[test]
    fn a_bake_that_ends_before_an_alarm_can_fire_is_named_with_what_it_needs() {
        let wanted = "warning: alarm 5xx: it fires 5m 30s after a fault at the earliest (its periods \
                      3m, published 2m late, propagation 30s), and step 3 bakes only 5m 29s; bake 6m \
                      at least, or shorten its periods";
        assert_eq!(said(&[(3, 329), (5, 330)]).as_deref(), Some(wanted));
        assert_eq!(said(&[(3, 330), (5, 600)]), None);
        assert_eq!(said(&[]), None);
    }

    #[test]
    fn many_bakes_are_one_finding() {
        let three = said(&[(3, 60), (5, 60), (7, 60), (9, 600)]).unwrap();
        assert!(three.contains("and steps 3, 5 and 7 bake only 1m;"), "{three}");
        let seven: Vec<(usize, u64)> =
            (1_u8..=7).map(|n| (n.into(), 60 * u64::from(n.min(2)))).collect();
        let seven = said(&seven).unwrap();
        assert!(seven.contains("and 7 bakes from step 1 to step 7 last only 1m to 2m;"), "{seven}");
    }
}
