//! The generator: which deployments are tried. Each case first draws which kinds of trouble exist at
//! all, so that one kind does not hide another.
//!
//! What it cannot produce: services of two or more at once, task counts above 12, several deployments
//! one after the other, assumptions broken on purpose (late effects beyond `settle`, a load balancer
//! slower than `propagation`), processes that are suspended and come back.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use crate::case::AlarmCase;
use crate::case::AnswerCase;
use crate::case::AskCase;
use crate::case::CandidateCase;
use crate::case::Case;
use crate::case::CustomCase;
use crate::case::GateCase;
use crate::case::HookCase;
use crate::case::LimitsCase;
use crate::case::MissingCase;
use crate::case::ModeCase;
use crate::case::PolicyCase;
use crate::case::StateCase;
use crate::case::StepCase;
use crate::case::StrategyCase;
use crate::case::WatchCase;
use crate::case::WorldCase;
use crate::door::Door;
use crate::mishap::CrashCase;
use crate::mishap::CrashPoint;
use crate::mishap::FaultName;
use crate::mishap::FaultsCase;
use crate::mishap::LostCase;
use crate::mishap::Operation;
use crate::mishap::ScheduledCase;
use crate::mishap::StoreCase;
use crate::trouble;

/// Every case that may be tried.
pub(crate) fn cases() -> BoxedStrategy<Case> {
    let subject = (any::<u16>(), world(), strategies(), gates(), hooks(), limits());
    let trouble = (faults(), store(), trouble::actions(), crashes(), operators(), rivals());
    let drawn = (subject.boxed(), trouble.boxed(), 200_u32..600);
    let case = drawn.prop_map(|(subject, trouble, calm_from)| {
        let (seed, world, strategy, gates, hooks, limits) = subject;
        let (faults, store, actions, crashes, operators, rivals) = trouble;
        let case = Case {
            seed: seed.into(),
            door: Door::Ports,
            world,
            strategy,
            gates,
            hooks,
            limits,
            faults,
            store,
            actions,
            crashes,
            operators,
            rivals,
            calm_from,
        };
        sound(case)
    });
    case.boxed()
}

/// Makes a case keep the assumptions that the safety rules rest on.
fn sound(mut case: Case) -> Case {
    case.world.propagation = case.world.propagation.min(case.limits.propagation);
    if case.world.ecs {
        case.strategy = match case.strategy {
            StrategyCase::Rolling { .. } => case.strategy,
            _ => StrategyCase::Rolling { minimum: 100, maximum: 200, bake: 30 },
        };
    }
    let tests = match &case.strategy {
        StrategyCase::BlueGreen { test, .. } => *test,
        StrategyCase::Steps(steps) => steps.contains(&StepCase::TestTraffic),
        _ => false,
    };
    case.world.test_rule |= tests;
    let share = case.limits.settle / 3;
    case.faults.late_up_to = case.faults.late_up_to.min(share);
    case.faults.stale_up_to = case.faults.stale_up_to.min(share);
    for fault in &mut case.faults.scheduled {
        fault.seconds = fault.seconds.min(share);
    }
    // a name that does not exist is refused at the start: rarely worth a case
    if !case.seed.is_multiple_of(16) {
        let there = u32::try_from(case.world.alarms.len()).unwrap();
        case.gates.retain(|gate| there > 0 || !matches!(gate.asks, AskCase::Alarms(..)));
        for gate in &mut case.gates {
            if let AskCase::Alarms(names, _) = &mut gate.asks {
                for name in names.iter_mut() {
                    *name %= there;
                }
                names.dedup();
            }
        }
    }
    // nothing can be demanded in time of who is never started again
    if let Some(last) = case.crashes.iter().position(|crash| crash.back_after.is_none()) {
        case.crashes.truncate(last + 1);
        case.rivals.clear();
    }
    case
}

/// Present in a part of the cases only.
fn sometimes<T: Clone + std::fmt::Debug>(
    percent: u32,
    usual: T,
    other: impl Strategy<Value = T>,
) -> impl Strategy<Value = T> {
    weighted(f64::from(percent) / 100.0, other)
        .prop_map(move |drawn| drawn.unwrap_or_else(|| usual.clone()))
}

fn world() -> impl Strategy<Value = WorldCase> {
    let service = (
        prop_oneof![6 => Just(2_u32), 2 => Just(1), 1 => Just(0), 4 => 3_u32..=5, 1 => 6_u32..=12],
        sometimes(4, true, Just(false)),
        sometimes(6, true, Just(false)),
        sometimes(25, 1_u32, 2_u32..=3),
        sometimes(4, false, Just(true)),
    );
    let pace = (
        sometimes(10, 0_u32, 5_u32..60),
        sometimes(30, 10_u32, 0_u32..60),
        sometimes(15, 20_u32, prop_oneof![Just(0), Just(200)]),
        sometimes(30, 20_u32, 1_u32..90),
        sometimes(40, 10_u32, 0_u32..60),
    );
    (service, pace, candidate(), alarms()).prop_map(|(service, pace, candidate, alarms)| {
        let (desired, stable, load_balancer, rules, ecs) = service;
        let (stickiness, deregistration, rps, start, propagation) = pace;
        WorldCase {
            desired,
            stable,
            load_balancer,
            rules,
            test_rule: false,
            stickiness,
            deregistration,
            rps,
            start,
            propagation,
            candidate,
            ecs,
            alarms,
        }
    })
}

pub(crate) fn candidate() -> impl Strategy<Value = CandidateCase> {
    prop_oneof![
        10 => Just(CandidateCase::Healthy),
        3 => (60_u32..1000).prop_map(CandidateCase::Erring),
        1 => (600_u32..3000).prop_map(CandidateCase::Slow),
        1 => Just(CandidateCase::FailsToStart),
        1 => Just(CandidateCase::ImagePullError),
        1 => (1_u32..90).prop_map(CandidateCase::CrashesAfter),
        1 => Just(CandidateCase::NeverHealthy),
        2 => (10_u32..300).prop_map(CandidateCase::UnhealthyAfter),
    ]
}

fn alarms() -> impl Strategy<Value = Vec<AlarmCase>> {
    let watches = prop_oneof![
        4 => Just(WatchCase::Errors),
        2 => Just(WatchCase::Latency),
        1 => Just(WatchCase::Unserved),
        2 => Just(WatchCase::Composite),
    ];
    let missing = prop_oneof![
        6 => Just(MissingCase::NotBreaching),
        2 => Just(MissingCase::Ignore),
        1 => Just(MissingCase::Missing),
        1 => Just(MissingCase::Breaching),
    ];
    let begins = prop_oneof![
        12 => Just(StateCase::Ok),
        1 => Just(StateCase::Alarm),
        1 => Just(StateCase::Insufficient),
    ];
    let alarm = (watches, missing, begins).prop_map(|(watches, missing, begins)| AlarmCase {
        watches,
        missing,
        begins,
    });
    prop_oneof![3 => Just(Vec::new()), 4 => vec(alarm, 1..=3)]
}

fn strategies() -> impl Strategy<Value = StrategyCase> {
    let bake = || prop_oneof![2 => Just(0_u32), 3 => 1_u32..60, 3 => 60_u32..200];
    let permille = || prop_oneof![3 => Just(100_u32), 1 => 1_u32..1000, 1 => Just(500)];
    let rolling = (
        prop_oneof![3 => Just(100_u32), 2 => Just(50), 1 => Just(0), 1 => 1_u32..100],
        prop_oneof![4 => Just(200_u32), 2 => Just(100), 2 => Just(150), 1 => 101_u32..200],
        bake(),
    );
    prop_oneof![
        4 => (bake(), any::<bool>())
            .prop_map(|(bake, test)| StrategyCase::BlueGreen { bake, test }),
        2 => bake().prop_map(|bake| StrategyCase::AllAtOnce { bake }),
        5 => (permille(), bake(), bake())
            .prop_map(|(permille, bake, last)| StrategyCase::Canary { permille, bake, last }),
        2 => (200_u32..=500, 0_u32..60, bake())
            .prop_map(|(permille, interval, last)| StrategyCase::Linear { permille, interval, last }),
        5 => rolling
            .prop_map(|(minimum, maximum, bake)| StrategyCase::Rolling { minimum, maximum, bake }),
        3 => steps(),
    ]
}

fn steps() -> impl Strategy<Value = StrategyCase> {
    let approval = || weighted(0.4, (1_u32..120, any::<bool>()));
    (
        weighted(0.4, 1_u32..1000),
        any::<bool>(),
        approval(),
        1_u32..1000,
        0_u32..90,
        approval(),
        0_u32..90,
    )
        .prop_map(|(share, test, early, weight, bake, late, last)| {
            let approve =
                |approval: Option<(u32, bool)>| approval.map(|(t, go)| StepCase::Approval(t, go));
            let mut steps = Vec::new();
            // traffic needs at least as large a share of the tasks
            steps.push(StepCase::Scale(share.map_or(1000, |share| share.max(weight))));
            steps.extend(test.then_some(StepCase::TestTraffic));
            steps.extend(approve(early));
            steps.push(StepCase::Shift(weight));
            steps.push(StepCase::Bake(bake));
            steps.extend(share.map(|_| StepCase::Scale(1000)));
            steps.extend(approve(late));
            steps.push(StepCase::Shift(1000));
            steps.push(StepCase::Bake(last));
            StrategyCase::Steps(steps)
        })
}

fn gates() -> impl Strategy<Value = Vec<GateCase>> {
    let span = || (0_u32..300, 1_u32..200).prop_map(|(from, long)| (from, from + long));
    let custom = prop_oneof![
        4 => Just(CustomCase::Passes),
        2 => (30_u32..400).prop_map(CustomCase::FailsFrom),
        2 => span().prop_map(|(from, to)| CustomCase::Unclear(from, to)),
        1 => span().prop_map(|(from, to)| CustomCase::Hangs(from, to)),
        1 => span().prop_map(|(from, to)| CustomCase::Panics(from, to)),
    ];
    let asks = prop_oneof![
        4 => (vec(0_u32..3, 1..=2), sometimes(10, false, Just(true)))
            .prop_map(|(names, accepted)| AskCase::Alarms(names, accepted)),
        1 => custom.prop_map(AskCase::Custom),
    ];
    let mode = prop_oneof![
        8 => Just(ModeCase::Blocking),
        1 => Just(ModeCase::HoldOnly),
        1 => Just(ModeCase::ObserveOnly),
    ];
    let policy = prop_oneof![
        4 => (10_u32..200).prop_map(PolicyCase::Hold),
        1 => Just(PolicyCase::Rollback),
        1 => Just(PolicyCase::Continue),
    ];
    let gate =
        (asks, mode, policy).prop_map(|(asks, mode, policy)| GateCase { asks, mode, policy });
    prop_oneof![2 => Just(Vec::new()), 4 => vec(gate, 1..=2)]
}

fn hooks() -> impl Strategy<Value = Vec<HookCase>> {
    let answer = prop_oneof![
        6 => Just(AnswerCase::Continue),
        1 => Just(AnswerCase::Rollback),
        1 => Just(AnswerCase::Panic),
        1 => Just(AnswerCase::Hang),
    ];
    let hook = (vec(0_usize..11, 1..=3), 0_u32..30, answer, 1_u32..60, any::<bool>()).prop_map(
        |(stages, takes, answer, timeout, go_on)| HookCase {
            stages,
            takes,
            answer,
            timeout,
            go_on,
        },
    );
    prop_oneof![4 => Just(Vec::new()), 1 => vec(hook, 1..=2)]
}

fn limits() -> impl Strategy<Value = LimitsCase> {
    let looks =
        (prop_oneof![3 => Just(10_u32), 1 => 5_u32..15], prop_oneof![Just(60_u32), 30_u32..90]);
    let waits = (
        sometimes(50, 20_u32, 5_u32..60),
        sometimes(50, 240_u32, 120_u32..400),
        sometimes(50, 180_u32, 30_u32..300),
        sometimes(50, 600_u32, 200_u32..900),
        sometimes(5, 0_u32, 100_u32..900),
    );
    (looks, waits).prop_map(|((poll, settle), waits)| {
        let (propagation, progress, hold, rollback, deadline) = waits;
        let usual = LimitsCase::default();
        LimitsCase { poll, settle, propagation, progress, hold, rollback, deadline, ..usual }
    })
}

fn faults() -> impl Strategy<Value = FaultsCase> {
    let names = prop::sample::select(FaultName::ALL.to_vec());
    let rates = vec((names.clone(), 5_u16..80), 0..=3)
        .prop_map(|rates| rates.into_iter().collect::<BTreeMap<FaultName, u16>>());
    let scheduled =
        (any::<bool>(), 1_u32..120, names, 1_u32..30).prop_map(|(read, nth, fault, seconds)| {
            ScheduledCase { read, nth: if read { nth } else { 1 + nth % 10 }, fault, seconds }
        });
    let none = Just((BTreeMap::new(), Vec::new()));
    let some = (rates, vec(scheduled, 0..=3));
    (prop_oneof![1 => none, 2 => some], 1_u32..30, 1_u32..30).prop_map(
        |((rates, scheduled), late_up_to, stale_up_to)| FaultsCase {
            rates,
            late_up_to,
            stale_up_to,
            scheduled,
        },
    )
}

fn store() -> impl Strategy<Value = StoreCase> {
    let lost = prop_oneof![
        Just(LostCase::Applied),
        Just(LostCase::NotApplied),
        (1_u32..60).prop_map(LostCase::Later),
    ];
    let down = (0_u32..400, 1_u32..120).prop_map(|(from, long)| (from, from + long));
    let slow =
        (0_u32..400, 1_u32..120, 1_u32..20).prop_map(|(from, long, by)| (from, from + long, by));
    let some = (
        sometimes(40, 0_u16, 5_u16..200),
        vec(down, 0..=1),
        vec(slow, 0..=1),
        vec((1_u32..60, lost), 0..=2),
    )
        .prop_map(|(unknown, down, slow, lost)| StoreCase { unknown, down, slow, lost });
    prop_oneof![3 => Just(StoreCase::default()), 1 => some]
}

fn crashes() -> impl Strategy<Value = Vec<CrashCase>> {
    let at = prop_oneof![
        2 => (1_u32..700).prop_map(CrashPoint::Poll),
        1 => (1_u32..500).prop_map(CrashPoint::Second),
    ];
    let back = weighted(0.9, prop_oneof![4 => 1_u32..100, 1 => 100_u32..1500]);
    let crash = (at, back).prop_map(|(at, back_after)| CrashCase { at, back_after });
    prop_oneof![2 => Just(Vec::new()), 2 => vec(crash, 1..=3)]
}

fn operators() -> impl Strategy<Value = Vec<(u32, Operation)>> {
    let operation = prop_oneof![
        Just(Operation::Abort),
        Just(Operation::Rollback),
        Just(Operation::Pause),
        Just(Operation::Continue),
        Just(Operation::Approve),
        Just(Operation::Promote),
    ];
    prop_oneof![3 => Just(Vec::new()), 2 => vec((1_u32..500, operation), 1..=3)]
}

fn rivals() -> impl Strategy<Value = Vec<u32>> {
    prop_oneof![8 => Just(Vec::new()), 1 => vec(0_u32..500, 1..=2)]
}
