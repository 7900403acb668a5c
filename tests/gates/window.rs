//! Windows and freezes. The simulation begins on Saturday 2026-11-21 at 00:00 UTC.

use std::time::Duration;

use cutover::adapters::sim::Scenario;
use cutover::model::{
    Calendar, EventKind, Freeze, GateKind, GateSpec, HoldReason, Hours, Inconclusive, Verdict,
};

use crate::site::{Site, Story, gate};

fn window(from: &str, to: &str) -> Calendar {
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    let hours = vec![Hours { days: Vec::new(), from, to }];
    Calendar { zone: "UTC".parse().unwrap(), hours, freezes: Vec::new() }
}

fn waiting(calendar: Calendar) -> GateSpec {
    let spec = gate("hours", GateKind::Window(calendar));
    GateSpec { inconclusive: Inconclusive::Wait, ..spec }
}

fn deploy(gate: GateSpec) -> Story {
    let mut site = Site::new(Scenario::new(2));
    site.gates.push(gate);
    site.deploy()
}

fn waits(story: &Story) -> bool {
    story.events.iter().any(|event| {
        let reason = match &event.kind {
            EventKind::Holding { reason } => Some(reason),
            _ => None,
        };
        matches!(reason, Some(HoldReason::GateWaits { .. }))
    })
}

#[test]
fn a_deployment_that_is_started_at_night_waits_for_the_morning_and_is_not_rolled_back() {
    let story = deploy(waiting(window("09:00", "17:00")));
    assert!(story.went_well(), "{:?}", story.ending);
    assert!(waits(&story));
    let hours = story.took.as_secs() / 3600;
    assert_eq!(hours, 9, "it ended after {:?}", story.took);
}

#[test]
fn a_window_that_shuts_in_the_middle_holds_the_next_step_and_not_the_bake() {
    // the bake of five minutes begins in the window and ends outside of it
    let story = deploy(waiting(window("00:00", "00:04")));
    assert!(story.went_well(), "{:?}", story.ending);
    let day = Duration::from_hours(24);
    let next = story.took.checked_sub(day).unwrap();
    assert!(next < Duration::from_mins(4), "the bake was over when it opened again: {next:?}");
    let accrued = story.record.entries.iter().map(|entry| entry.facts.accrued.held).max();
    assert_eq!(accrued, Some(Duration::ZERO));
}

#[test]
fn a_freeze_tells_why_and_when_it_is_over() {
    let (from, to) = ("2026-11-20".parse().unwrap(), "2026-11-21T02:00".parse().unwrap());
    let freezes = vec![Freeze { from, to, reason: "black friday".to_owned() }];
    let calendar = Calendar { zone: "UTC".parse().unwrap(), hours: Vec::new(), freezes };
    let story = deploy(waiting(calendar));
    assert!(story.went_well());
    let said = Verdict::Inconclusive("frozen: black friday".to_owned());
    assert_eq!(story.verdicts("hours"), [said, Verdict::Pass]);
    let entries = story.record.entries.iter();
    let mut readings = entries.flat_map(|entry| &entry.facts.gates);
    let frozen = readings.find(|reading| !reading.verdict.is_pass()).unwrap();
    let turns = frozen.grounds.turns.as_deref();
    assert_eq!(turns, Some("it opens again at Sat 2026-11-21 02:00 +00:00"));
}

#[test]
fn who_wants_a_limit_for_the_wait_says_so_and_who_would_roll_back_is_refused() {
    let held = gate("hours", GateKind::Window(window("09:00", "17:00")));
    let story = deploy(held.clone());
    assert!(!story.went_well() && story.took < Duration::from_mins(30));
    let mut site = Site::new(Scenario::new(2));
    site.gates.push(GateSpec { inconclusive: Inconclusive::Rollback, ..held });
    assert!(site.refused(false).contains("would roll back whatever runs when it shuts"));
}
