//! S12: tasks crash and come back so that some are always on their way.
//!
//! Argo Rollouts counts every replica that becomes available as progress, so that a set in a crash loop
//! progresses for ever (its issues 3765, 3988, 1677). Here only a new best counts as progress, tasks that
//! died are counted, and the reason that killed most of them is told.

use std::time::Duration;

use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::World;
use cutover::adapters::sim::revision;
use cutover::model::RollbackCause;
use cutover::strategy::Rolling;

use super::stage::Job;
use super::stage::Stage;
use super::stage::back;

fn cause(fate: Fate) -> (RollbackCause, Duration) {
    let behaviour = Behaviour::doomed(fate);
    let mut stage = Stage::new(Scenario::new(1201).with_behaviour(revision(2), behaviour));
    let (_, told) = stage.begin("p", &Job::new(Rolling::default()));
    assert_eq!(stage.finish(&told), back());
    let took = stage.see(World::now).since(cutover::model::Elapsed::default());
    let told = told.lock().unwrap();
    (told.cause().unwrap(), took)
}

#[test]
fn tasks_that_crash_after_they_were_ready_are_no_progress() {
    let (cause, took) = cause(Fate::CrashesAfter(Duration::from_secs(25)));
    assert!(
        matches!(&cause, RollbackCause::CrashLoop { reason, .. } if reason.contains("Exited")),
        "{cause}"
    );
    assert!(took < Duration::from_hours(1), "{took:?}");
}

#[test]
fn targets_that_flap_do_not_go_on_for_ever() {
    let (up, down) = (Duration::from_secs(45), Duration::from_secs(45));
    let (_, took) = cause(Fate::Flaps { up, down });
    assert!(took < Duration::from_hours(2), "{took:?}");
}
