//! The application's own gates, which may do whatever they like.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use cutover::adapters::sim::Scenario;
use cutover::gate::{Gate, GateContext, from_fn};
use cutover::model::*;

use crate::site::{Site, Story, gate};

fn with(spec: GateSpec, code: impl Gate + 'static) -> Story {
    let id = spec.id.to_string();
    let mut site = Site::new(Scenario::new(6)).code(&id, code);
    site.gates.push(spec);
    site.deploy()
}

fn custom() -> GateSpec {
    gate("own", GateKind::Custom)
}

fn observing() -> GateSpec {
    GateSpec { mode: GateMode::ObserveOnly, ..custom() }
}

#[test]
fn a_closure_is_a_gate_and_a_bake_may_rest_on_it() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let story = with(
        custom(),
        from_fn(move |question| {
            count.fetch_add(1, Ordering::Relaxed);
            async move {
                match question.observation {
                    Some(_) => Verdict::Pass,
                    None => Verdict::Inconclusive("blind".to_owned()),
                }
            }
        }),
    );
    assert!(story.went_well(), "{:?}", story.ending);
    assert!(asked.load(Ordering::Relaxed) > 30);
}

#[test]
fn a_closure_that_fails_rolls_back() {
    let story = with(
        custom(),
        from_fn(|question| async move {
            match question.key.stage {
                Stage::Bake => Verdict::Fail("I do not like it".to_owned()),
                _ => Verdict::Pass,
            }
        }),
    );
    assert_eq!(story.cause(), "gate `own` failed: I do not like it");
}

#[test]
fn a_panic_a_hang_and_garbage_are_inconclusive_and_the_rollback_works() {
    let hang = with(custom(), from_fn(|_| std::future::pending::<Verdict>()));
    let told = |story: &Story| story.verdicts("own")[0].to_string();
    assert_eq!(told(&hang), "inconclusive: the gate gave no answer: it did not answer within 20 s");
    let panic = with(custom(), from_fn(|_| async { panic!("planted") }));
    assert_eq!(told(&panic), "inconclusive: the gate gave no answer: it panicked");
    let early = with(custom(), Planted(Garbage::PanicsAtOnce));
    assert_eq!(told(&early), "inconclusive: the gate gave no answer: it panicked");
    let future = with(custom(), Planted(Garbage::Tomorrow));
    assert_eq!(told(&future), "inconclusive: the gate gave no answer: it speaks for the future");
    let much = with(custom(), Planted(Garbage::TooMuch));
    assert!(told(&much).ends_with("it leaves too much to be recorded"));
    for story in [hang, panic, early, future, much] {
        assert_eq!(story.ending.status(), Status::Stopped, "{:?}", story.ending);
        assert_eq!(story.peak(), Weight::ZERO);
        assert!(story.took >= Duration::from_mins(10));
    }
}

#[test]
fn a_gate_that_talks_without_end_is_cut_short() {
    let story = with(custom(), from_fn(|_| async { Verdict::Fail("ä".repeat(100_000)) }));
    let Verdict::Fail(why) = &story.verdicts("own")[0] else { panic!() };
    assert_eq!(why.chars().count(), 1_000);
}

#[test]
fn a_gate_that_only_observes_is_recorded_and_changes_nothing_whatever_it_does() {
    let plain = Site::new(Scenario::new(6)).deploy();
    for (code, said) in [
        (Garbage::Fails, Some("fail: planted")),
        (Garbage::PanicsAtOnce, Some("inconclusive: the gate gave no answer: it panicked")),
        (Garbage::Hangs, None),
    ] {
        let story = with(observing(), Planted(code));
        assert!(story.went_well(), "{code:?}: {:?}", story.ending);
        assert_eq!(story.took, plain.took, "{code:?}");
        if let Some(said) = said {
            assert_eq!(story.reading("own").verdict.to_string(), said);
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Garbage {
    PanicsAtOnce,
    Tomorrow,
    TooMuch,
    Fails,
    Hangs,
}

/// A gate that misbehaves.
#[derive(Debug)]
struct Planted(Garbage);

#[async_trait]
impl Gate for Planted {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let now = context.now.elapsed;
        let mut evaluation =
            Evaluation::new(Verdict::Pass, Evidence::at(now), GateMemory::default());
        match self.0 {
            Garbage::PanicsAtOnce => panic!("planted"),
            Garbage::Tomorrow => {
                let tomorrow = now.after(Duration::from_hours(24));
                evaluation.evidence.covers = Span { from: now, to: tomorrow };
            }
            Garbage::TooMuch => evaluation.memory = GateMemory("x".repeat(1 << 20).into()),
            Garbage::Fails => evaluation.verdict = Verdict::Fail("planted".to_owned()),
            Garbage::Hangs => std::future::pending().await,
        }
        evaluation
    }
}
