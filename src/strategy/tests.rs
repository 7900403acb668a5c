//! What the strategies plan and what they refuse.

use std::time::Duration;

use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::HookAction;
use crate::model::Inconclusive;
use crate::model::Limits;
use crate::model::Plan;
use crate::model::Scheduling;
use crate::model::ServiceShape;
use crate::model::Share;
use crate::model::Step;
use crate::model::Weight;

use super::all_at_once::AllAtOnce;
use super::blue_green::BlueGreen;
use super::canary::Canary;
use super::check::check;
use super::contract::Strategy;
use super::fixture::revision;
use super::fixture::shape;
use super::fixture::words;
use super::forecast::Forecast;
use super::frame::FIRST;
use super::frame::NOTHING_SERVES;
use super::linear::Linear;
use super::plan_error::PlanError;
use super::rolling::Rolling;
use super::steps::Steps;

const UP: &str = "scale the candidate to 100 % of desired";
const FULL: &str = "shift 100 % of production traffic";

fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

fn plan(strategy: &dyn Strategy, shape: &ServiceShape) -> Plan {
    strategy.plan(shape).unwrap()
}

fn refusal(strategy: &dyn Strategy, shape: &ServiceShape) -> String {
    strategy.plan(shape).unwrap_err().to_string()
}

fn scale(percent: u32) -> Step {
    Step::Scale { share: Share::percent(percent).unwrap() }
}

fn shift(percent: u32) -> Step {
    Step::Shift { weight: Weight::percent(percent).unwrap() }
}

fn bake(span: u64) -> Step {
    Step::Bake { duration: minutes(span), gates: Vec::new() }
}

fn approval() -> Step {
    Step::Approval { timeout: minutes(60), default: HookAction::Rollback }
}

fn roll() -> Step {
    Step::Roll { minimum_healthy_percent: 100, maximum_percent: 200 }
}

fn steps(steps: impl Into<Vec<Step>>) -> Steps {
    Steps { steps: steps.into(), gates: Vec::new() }
}

fn traffic_strategies() -> [Box<dyn Strategy>; 4] {
    [
        Box::new(BlueGreen::default()),
        Box::new(Canary::default()),
        Box::new(Linear::default()),
        Box::new(AllAtOnce::default()),
    ]
}

#[test]
fn blue_green_keeps_both_for_the_bake() {
    assert_eq!(words(&plan(&BlueGreen::default(), &shape(4))), [UP, FULL, "bake 5m"]);
    let tested = BlueGreen { bake: minutes(90), test_traffic: true };
    let wanted = [UP, "move test traffic to the candidate", FULL, "bake 1h 30m"];
    assert_eq!(words(&plan(&tested, &shape(4))), wanted);
}

#[test]
fn a_canary_is_watched_before_the_rest_follows() {
    let canary = Canary { weight: Weight::at_most(125), bake: minutes(10), final_bake: minutes(1) };
    let wanted = [UP, "shift 12.5 % of production traffic", "bake 10m", FULL, "bake 1m"];
    assert_eq!(words(&plan(&canary, &shape(4))), wanted);
    let whole = Canary { weight: Weight::FULL, ..canary.clone() };
    assert_eq!(words(&plan(&whole, &shape(4))), [UP, FULL, "bake 10m", "bake 1m"]);
    let none = Canary { weight: Weight::ZERO, ..canary };
    assert_eq!(refusal(&none, &shape(4)), "`canary.weight` is 0 %; give 0.1 % to 100 %");
}

#[test]
fn linear_steps_end_at_what_remains() {
    let linear =
        Linear { step: Weight::at_most(333), interval: minutes(3), final_bake: minutes(0) };
    let traffic = |permille: u32| Step::Shift { weight: Weight::permille(permille).unwrap() };
    let wanted = [
        scale(100),
        traffic(333),
        bake(3),
        traffic(666),
        bake(3),
        traffic(999),
        bake(3),
        traffic(1000),
        bake(0),
    ];
    assert_eq!(plan(&linear, &shape(4)).steps, wanted);
    let even = Linear { step: Weight::at_most(500), ..linear.clone() };
    let wanted = [scale(100), traffic(500), bake(3), traffic(1000), bake(0)];
    assert_eq!(plan(&even, &shape(4)).steps, wanted);
    let none = Linear { step: Weight::ZERO, ..linear };
    assert_eq!(refusal(&none, &shape(4)), "`linear.step` is 0 %; give 0.1 % to 100 %");
}

#[test]
fn rolling_rolls_with_a_second_role_and_hands_over_without() {
    let rolling = Rolling { bake: minutes(2), ..Rolling::default() };
    assert_eq!(words(&plan(&rolling, &shape(4))), ["roll within 100 % and 200 %", "bake 2m"]);
    let single = ServiceShape { two_roles: false, router: false, ..shape(4) };
    let wanted = ["hand over to ECS's rolling update within 100 % and 200 %", "bake 2m"];
    assert_eq!(words(&plan(&rolling, &single)), wanted);
    let no_balancer = ServiceShape { router: false, ..shape(4) };
    assert_eq!(plan(&rolling, &no_balancer).steps, [roll(), bake(2)]);
}

#[test]
fn the_percentages_that_ecs_documents_are_planned_or_refused() {
    // (desired, minimum %, maximum %) -> whether there is a plan
    let table = [
        ((4, 100, 200), true),
        ((4, 50, 100), true),
        ((2, 75, 100), false),
        ((2, 100, 125), false),
        ((3, 100, 125), false),
        ((4, 100, 125), true),
        ((1, 100, 150), false),
        ((1, 100, 200), true),
        ((1, 0, 100), true),
        ((9, 100, 100), false),
        ((0, 100, 100), true),
    ];
    for ((desired, minimum_healthy_percent, maximum_percent), wanted) in table {
        let rolling = Rolling { minimum_healthy_percent, maximum_percent, bake: Duration::ZERO };
        for two_roles in [true, false] {
            let shape = ServiceShape { two_roles, ..shape(desired) };
            let got = rolling.plan(&shape);
            assert_eq!(got.is_ok(), wanted, "{desired} at {rolling:?}: {got:?}");
        }
    }
    let stuck = Rolling { maximum_percent: 150, ..Rolling::default() };
    assert_eq!(
        refusal(&stuck, &shape(1)),
        "a roll cannot progress: desired 1: at least ceil(1 × 100 %) = 1 healthy, at most \
         floor(1 × 150 %) = 1 in all, so nothing may stop and nothing may start; lower \
         minimum_healthy_percent, raise maximum_percent or run more tasks"
    );
    let low = Rolling { maximum_percent: 99, ..Rolling::default() };
    assert_eq!(refusal(&low, &shape(4)), "`maximum_percent` is 99; give 100 or more");
    let high = Rolling { minimum_healthy_percent: 101, ..Rolling::default() };
    assert_eq!(refusal(&high, &shape(4)), "`minimum_healthy_percent` is 101; give 0 to 100");
}

#[test]
fn a_daemon_is_handed_over_at_a_maximum_of_100_and_to_nothing_else() {
    let daemon = ServiceShape { scheduling: Scheduling::Daemon, ..shape(4) };
    let wanted = ["hand over to ECS's rolling update within 50 % and 100 %", "bake 0s"];
    assert_eq!(words(&plan(&Rolling::daemon(), &daemon)), wanted);
    assert_eq!(
        Rolling::default().plan(&daemon).unwrap_err(),
        PlanError::DaemonNeedsMaximum100 { maximum_percent: 200 }
    );
    for strategy in traffic_strategies() {
        let wanted = PlanError::DaemonNeedsRolling { strategy: strategy.name().to_owned() };
        assert_eq!(strategy.plan(&daemon).unwrap_err(), wanted);
    }
}

#[test]
fn a_first_deployment_scales_bakes_and_shifts_nothing() {
    let first = ServiceShape { stable: None, ..shape(4) };
    for strategy in traffic_strategies() {
        let plan = plan(strategy.as_ref(), &first);
        assert_eq!(plan.steps.len(), 2, "{}", strategy.name());
        assert_eq!(plan.steps[0], scale(100));
        assert_eq!(plan.notes, [FIRST]);
    }
    let rolled = plan(&Rolling::default(), &first);
    assert_eq!(
        (words(&rolled), rolled.notes),
        (vec![UP.to_owned(), "bake 0s".to_owned()], vec![FIRST.to_owned()])
    );
    let single = ServiceShape { two_roles: false, router: false, ..first.clone() };
    assert!(matches!(
        plan(&Rolling::default(), &single).steps[..],
        [Step::Delegate { .. }, Step::Bake { .. }]
    ));
    let listed = steps([scale(50), shift(50), approval(), scale(100), shift(100), bake(3)]);
    assert_eq!(plan(&listed, &first).steps, [scale(100), approval(), bake(3)]);
    let unsound = steps([shift(50), bake(3)]);
    assert!(refusal(&unsound, &first).contains("scale to 50 % at least before"));
}

#[test]
fn with_nothing_desired_nothing_is_watched() {
    for strategy in traffic_strategies() {
        let plan = plan(strategy.as_ref(), &shape(0));
        assert_eq!(words(&plan), [UP, FULL, "bake 0s"], "{}", strategy.name());
        assert_eq!(plan.notes, [NOTHING_SERVES]);
    }
    let rolled = plan(&Rolling { bake: minutes(5), ..Rolling::default() }, &shape(0));
    assert_eq!(rolled.steps, [roll(), bake(0)]);
    let listed = steps([scale(100), approval(), shift(100), bake(3)]);
    assert_eq!(plan(&listed, &shape(0)).steps, [scale(100), approval(), shift(100), bake(0)]);
}

#[test]
fn one_task_is_deployed_by_every_strategy() {
    for strategy in traffic_strategies() {
        assert!(strategy.plan(&shape(1)).is_ok(), "{}", strategy.name());
    }
    assert!(Rolling::default().plan(&shape(1)).is_ok());
}

#[test]
fn what_the_service_lacks_is_named() {
    let no_router = ServiceShape { router: false, ..shape(4) };
    let no_second = ServiceShape { two_roles: false, ..shape(4) };
    for strategy in traffic_strategies() {
        let name = strategy.name().to_owned();
        let wanted = PlanError::NoRouter { strategy: name.clone() };
        assert_eq!(strategy.plan(&no_router).unwrap_err(), wanted);
        let wanted = PlanError::NoSecondRole { strategy: name };
        assert_eq!(strategy.plan(&no_second).unwrap_err(), wanted);
    }
    let no_test = ServiceShape { test_traffic: false, ..shape(4) };
    let tested = BlueGreen { test_traffic: true, ..BlueGreen::default() };
    assert!(refusal(&tested, &no_test).contains("no test listener or rule"));
}

#[test]
fn the_revision_that_runs_is_refused() {
    let same = ServiceShape { candidate: revision(7), ..shape(4) };
    let listed: Box<dyn Strategy> = Box::new(steps([scale(100), shift(100), bake(0)]));
    let rolling: Box<dyn Strategy> = Box::new(Rolling::default());
    for strategy in traffic_strategies().into_iter().chain([rolling, listed]) {
        let wanted = PlanError::AlreadyRunning { revision: "web:7".to_owned() };
        assert_eq!(strategy.plan(&same).unwrap_err(), wanted, "{}", strategy.name());
    }
}

#[test]
fn a_sound_list_of_steps_is_planned_as_it_is() {
    let listed = [
        scale(50),
        shift(25),
        bake(5),
        approval(),
        scale(100),
        Step::TestTraffic,
        shift(100),
        bake(9),
    ];
    assert_eq!(plan(&steps(listed.clone()), &shape(4)).steps, listed);
    assert_eq!(plan(&steps([bake(1), roll(), approval(), bake(0)]), &shape(4)).steps.len(), 4);
}

#[test]
fn an_unsound_list_of_steps_is_refused_with_the_step_and_the_fix() {
    let delegate = Step::Delegate { minimum_healthy_percent: 100, maximum_percent: 200 };
    let table: [(&[Step], &str); 11] = [
        (
            &[],
            "step 1: the last step must be the final bake, after which stable goes; add `bake: 0s` at least",
        ),
        (
            &[scale(100), shift(100)],
            "step 2: the last step must be the final bake, after which stable goes; add `bake: 0s` at least",
        ),
        (
            &[shift(10), scale(100), shift(100), bake(0)],
            "step 1: the candidate has 0 % of the tasks for 10 % of the traffic; scale to 10 % at least before",
        ),
        (
            &[scale(20), shift(30), scale(100), shift(100), bake(0)],
            "step 2: the candidate has 20 % of the tasks for 30 % of the traffic; scale to 30 % at least before",
        ),
        (
            &[scale(100), shift(50), shift(40), shift(100), bake(0)],
            "step 3: weights never decrease, but this goes from 50 % to 40 %; a rollback needs no step",
        ),
        (
            &[scale(100), shift(50), scale(40), shift(100), bake(0)],
            "step 3: it leaves the candidate 40 % of the tasks for 50 % of the traffic; scale to 50 % at least",
        ),
        (
            &[scale(100), shift(50), bake(0)],
            "step 3: the candidate ends with 50 % of the production traffic and stable goes after this; add `shift: 100%` before the final bake",
        ),
        (
            &[scale(100), bake(0)],
            "step 2: the candidate ends with 0 % of the production traffic and stable goes after this; add `shift: 100%` before the final bake",
        ),
        (
            &[Step::TestTraffic, scale(100), shift(100), bake(0)],
            "step 1: the candidate has no tasks for test traffic yet; scale it first",
        ),
        (
            &[scale(100), roll(), bake(0)],
            "step 2: a roll sets capacity and traffic itself and cannot be mixed with step 1; keep one of them",
        ),
        (
            &[delegate, shift(100), bake(0)],
            "step 2: a roll sets capacity and traffic itself and cannot be mixed with step 1; keep one of them",
        ),
    ];
    for (listed, wanted) in table {
        assert_eq!(refusal(&steps(listed), &shape(4)), wanted);
    }
}

#[test]
fn a_bake_names_gates_that_exist_and_only_once() {
    let id = GateId::new("smoke").unwrap();
    let gate = GateSpec {
        id: id.clone(),
        kind: GateKind::Custom,
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Rollback,
        always: false,
    };
    let list = vec![scale(100), shift(100), Step::Bake { duration: minutes(1), gates: vec![id] }];
    let with = |gates: Vec<GateSpec>| Steps { steps: list.clone(), gates };
    assert_eq!(plan(&with(vec![gate.clone()]), &shape(4)).gates, std::slice::from_ref(&gate));
    let wanted = "gate `smoke` is named by a bake but not defined; define it under `gates`";
    assert_eq!(refusal(&with(vec![]), &shape(4)), wanted);
    let wanted = "gate `smoke` is defined twice; give each an id of its own";
    assert_eq!(refusal(&with(vec![gate.clone(), gate]), &shape(4)), wanted);
}

#[test]
fn every_shape_gets_a_sound_plan_or_a_refusal() {
    let strategies = || {
        let rolling: [Box<dyn Strategy>; 2] =
            [Box::new(Rolling::default()), Box::new(Rolling::daemon())];
        traffic_strategies().into_iter().chain(rolling)
    };
    let flags = [true, false];
    for (desired, two_roles) in
        [0, 1, 2, 3, 10, 5000].into_iter().flat_map(|d| flags.map(|f| (d, f)))
    {
        for (router, served) in flags.into_iter().flat_map(|router| flags.map(|f| (router, f))) {
            for scheduling in [Scheduling::Replica, Scheduling::Daemon] {
                let stable = served.then(|| revision(7));
                let shape =
                    ServiceShape { stable, two_roles, router, scheduling, ..shape(desired) };
                for plan in strategies().filter_map(|strategy| strategy.plan(&shape).ok()) {
                    assert_eq!(check(&plan, &shape), Ok(()));
                    let forecast = Forecast::of(&plan, &shape, &Limits::default());
                    let end = forecast.steps.last().unwrap();
                    assert_eq!(end.candidate_tasks, desired, "{forecast}");
                    assert!(forecast.peak_tasks <= 2 * desired, "{forecast}");
                    assert!(end.earliest <= end.latest, "{forecast}");
                }
            }
        }
    }
}
