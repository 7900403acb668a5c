//! Named scenarios: what other systems got wrong once, and what this one got wrong once. Each keeps
//! every rule of `invariants` besides what it says itself.

use cutover::model::Ending;
use cutover::model::StopReason;

use crate::case::AskCase;
use crate::case::CandidateCase;
use crate::case::Case;
use crate::case::GateCase;
use crate::case::ModeCase;
use crate::case::PolicyCase;
use crate::case::StateCase;
use crate::case::StrategyCase;
use crate::crashes::watched;
use crate::door::Door;
use crate::doors::through_all_doors;
use crate::harness::Report;
use crate::harness::run;
use crate::mishap::ActionCase;
use crate::mishap::CrashCase;
use crate::mishap::CrashPoint;
use crate::mishap::FaultName;
use crate::mishap::LostCase;
use crate::mishap::Operation;
use crate::mishap::ScheduledCase;
use crate::shrink::explain;
use crate::swarm::hush;

/// Runs a case in which no rule may break.
pub(crate) fn sound(case: &Case) -> Report {
    hush();
    let report = run(case);
    if report.violation.is_some() {
        explain(case);
    }
    assert_eq!(report.violation, None);
    report
}

/// The same for a case as a failure once printed it.
pub(crate) fn replayed(door: Door, line: &str) -> Report {
    sound(&Case { door, ..Case::from_line(line) })
}

fn canary(door: Door) -> Case {
    let strategy = StrategyCase::Canary { permille: 100, bake: 90, last: 60 };
    watched(Case { door, strategy, calm_from: 0, ..Case::default() })
}

pub(crate) fn is_successful(report: &Report) -> bool {
    matches!(report.ending, Some(Ending::Successful { .. }))
}

pub(crate) fn is_back(report: &Report) -> bool {
    matches!(report.ending, Some(Ending::RollbackSuccessful { .. }))
}

/// When a stage began, in seconds, rounded up.
fn second_of(report: &Report, stage: &str) -> u32 {
    let begun = report.labels.iter().find(|(_, label)| label == stage).unwrap().0;
    u32::try_from(begun.div_ceil(1000)).unwrap()
}

fn an_abort_before_anything_was_changed_touches_nothing(door: Door) {
    // the request needs a handle, which exists as soon as the start is answered
    let pilot = sound(&canary(door));
    let at = u32::try_from(pilot.sent[0] / 1000).unwrap();
    let report = sound(&Case { operators: vec![(at, Operation::Abort)], ..canary(door) });
    let launched = report.sent.len();
    assert!(report.weights.is_empty() && launched <= 2, "{launched} writes, {:?}", report.weights);
    let stopped = matches!(report.ending, Some(Ending::Stopped { .. }));
    assert!(stopped && launched == 0 || is_back(&report), "{:?}", report.ending);
}

fn traffic_never_moves_before_there_is_capacity(door: Door) {
    let mut case = canary(door);
    case.world.start = 80;
    case.world.desired = 4;
    let report = sound(&case);
    assert!(is_successful(&report));
    assert_eq!(report.weights, [100, 1000]);
    assert_eq!(report.unserved, 0);
}

fn traffic_goes_back_to_a_stable_that_lost_tasks_only_as_far_as_it_can_carry_it(door: Door) {
    let pilot = sound(&canary(door));
    let at = second_of(&pilot, "forward BAKE") + 5;
    let actions = vec![(at, ActionCase::KillStable(1)), (at, ActionCase::NoCapacity(60))];
    let operators = vec![(at + 15, Operation::Rollback)];
    let report = sound(&Case { actions, operators, ..canary(door) });
    assert!(is_back(&report), "{:?}", report.ending);
    let after: Vec<u16> = report.weights.iter().copied().skip_while(|w| *w < 1000).collect();
    assert!(after.contains(&500) && after.ends_with(&[0]), "{after:?}");
}

fn a_read_that_is_denied_is_no_read_and_nothing_advances_on_it(door: Door) {
    let mut case = canary(door);
    case.faults.rates = [(FaultName::Denied, 1000)].into_iter().collect();
    case.calm_from = 400;
    let report = sound(&case);
    assert!(report.sent.iter().all(|at| *at >= 400_000), "{:?}", report.sent);
}

fn an_aborted_canary_keeps_no_weight(door: Door) {
    let pilot = sound(&canary(door));
    let at = second_of(&pilot, "forward POST_PRODUCTION_TRAFFIC_SHIFT") + 20;
    let report = sound(&Case { operators: vec![(at, Operation::Abort)], ..canary(door) });
    assert!(is_back(&report));
    assert_eq!(report.weights, [100, 0]);
}

fn a_restart_never_skips_the_bake(door: Door) {
    let pilot = sound(&canary(door));
    let begun = second_of(&pilot, "forward POST_PRODUCTION_TRAFFIC_SHIFT");
    let at = CrashPoint::Second(begun + 30);
    let crashes = vec![CrashCase { at, back_after: Some(3600) }];
    let report = sound(&Case { crashes, ..canary(door) });
    assert!(is_successful(&report), "{:?}", report.ending);
    let bake = second_of(&report, "forward BAKE");
    // 90 s of watched time are needed, and nobody watched for an hour
    assert!(bake >= begun + 3600 + 30, "the final bake began at {bake} s");
}

fn an_alarm_that_is_red_already_is_refused_before_anything_is_changed(door: Door) {
    let mut case = canary(door);
    case.actions = vec![(0, ActionCase::SetAlarm(0, StateCase::Alarm))];
    case.world.alarms[0].begins = StateCase::Alarm;
    let report = sound(&case);
    assert!(report.sent.is_empty());
    let refused =
        matches!(report.ending, Some(Ending::Stopped { reason: StopReason::Refused, .. }));
    assert!(refused || report.refused.is_some(), "{:?}", report.ending);
}

fn an_alarm_that_flickers_between_two_looks_turns_the_deployment_back(door: Door) {
    let pilot = sound(&canary(door));
    let at = second_of(&pilot, "forward BAKE") + 13;
    let actions = vec![
        (at, ActionCase::SetAlarm(0, StateCase::Alarm)),
        (at + 1, ActionCase::SetAlarm(0, StateCase::Ok)),
    ];
    let report = sound(&Case { actions, ..canary(door) });
    assert!(is_back(&report), "{:?}", report.ending);
}

fn an_alarm_that_is_deleted_is_no_good_news(door: Door) {
    let pilot = sound(&canary(door));
    let at = second_of(&pilot, "forward BAKE") + 13;
    let report = sound(&Case { actions: vec![(at, ActionCase::DeleteAlarm(0))], ..canary(door) });
    assert!(is_back(&report), "{:?}", report.ending);
}

fn a_write_that_takes_effect_late_does_not_undo_the_rollback(door: Door) {
    let pilot = sound(&canary(door));
    let at = second_of(&pilot, "forward PRODUCTION_TRAFFIC_SHIFT");
    for nth in 1..=6 {
        let mut case = Case { operators: vec![(at + 2, Operation::Abort)], ..canary(door) };
        let fault = FaultName::LateEffect;
        case.faults.scheduled = vec![ScheduledCase { read: false, nth, fault, seconds: 45 }];
        let report = sound(&case);
        assert!(report.ending.is_some(), "write {nth}");
    }
}

fn a_bad_canary_goes_back_and_stable_was_never_less(door: Door) {
    let mut case = canary(door);
    case.world.candidate = CandidateCase::Erring(400);
    case.strategy = StrategyCase::Canary { permille: 100, bake: 240, last: 60 };
    let report = sound(&case);
    assert!(is_back(&report));
    assert_eq!(report.weights, [100, 0]);
}

fn a_second_start_of_the_same_deployment_makes_no_second_writer(door: Door) {
    for second in [0, 1, 5, 40, 90] {
        let report = sound(&Case { rivals: vec![second], ..canary(door) });
        assert!(is_successful(&report), "{:?}", report.ending);
    }
}

fn a_start_after_the_end_writes_nothing(door: Door) {
    let pilot = sound(&canary(door));
    let at = u32::try_from(pilot.ended.unwrap() / 1000 + 5).unwrap();
    let report = sound(&Case { rivals: vec![at], ..canary(door) });
    assert_eq!(report.sent.len(), pilot.sent.len());
}

fn the_wall_clock_may_jump_without_shortening_a_bake(door: Door) {
    let pilot = sound(&canary(door));
    let at = second_of(&pilot, "forward POST_PRODUCTION_TRAFFIC_SHIFT") + 10;
    for by_ms in [86_400_000, -86_400_000] {
        let actions = vec![(at, ActionCase::WallClockJump(by_ms))];
        let report = sound(&Case { actions, ..canary(door) });
        assert!(is_successful(&report));
        let bake = second_of(&report, "forward BAKE");
        assert!(bake + 2 >= second_of(&pilot, "forward BAKE"), "{bake} s");
    }
}

fn a_store_that_is_away_stops_the_advance_and_not_the_way_back(door: Door) {
    let pilot = sound(&canary(door));
    let at = second_of(&pilot, "forward POST_PRODUCTION_TRAFFIC_SHIFT") + 5;
    let mut case = Case { operators: vec![(at + 3, Operation::Abort)], ..canary(door) };
    case.store.down = vec![(at, at + 30)];
    let report = sound(&case);
    assert!(is_back(&report), "{:?}", report.ending);
}

fn a_lost_answer_of_the_store_decides_nothing_twice(door: Door) {
    for nth in 1..=20 {
        for lost in [LostCase::Applied, LostCase::NotApplied, LostCase::Later(30)] {
            let mut case = canary(door);
            case.store.lost = vec![(nth, lost)];
            let report = sound(&case);
            assert!(is_successful(&report), "append {nth}, {lost:?}: {:?}", report.ending);
        }
    }
}

fn a_candidate_that_someone_deletes_gives_the_traffic_back(door: Door) {
    let pilot = sound(&canary(door));
    let at = second_of(&pilot, "forward POST_PRODUCTION_TRAFFIC_SHIFT") + 15;
    let report = sound(&Case { actions: vec![(at, ActionCase::DeleteCandidate)], ..canary(door) });
    assert!(is_back(&report), "{:?}", report.ending);
    assert_eq!(report.weights.last(), Some(&0));
}

fn a_process_that_finds_the_lease_of_a_dead_one_starts_in_its_place(door: Door) {
    for poll in 1..=12 {
        let crash = CrashCase { at: CrashPoint::Poll(poll), back_after: Some(1) };
        let report = sound(&Case { crashes: vec![crash], ..canary(door) });
        assert!(is_successful(&report), "crash after poll {poll}: {:?}", report.ending);
    }
}

fn a_first_read_that_never_answers_does_not_hang_the_start(door: Door) {
    for nth in 1..=8 {
        let mut case = canary(door);
        let fault = FaultName::Hang;
        case.faults.scheduled = vec![ScheduledCase { read: true, nth, fault, seconds: 0 }];
        assert!(is_successful(&sound(&case)), "read {nth}");
    }
}

fn a_store_that_goes_away_while_stable_drains_lets_nothing_spin(door: Door) {
    replayed(
        door,
        r#"{"calm_from":200,"store":{"down":[[129,149]]},"strategy":{"BlueGreen":{"bake":0,"test":true}},"world":{"deregistration":32,"desired":3,"test_rule":true}}"#,
    );
}

fn an_abort_that_meets_a_commit_of_unknown_fate_moves_no_traffic(door: Door) {
    replayed(
        door,
        r#"{"actions":[[15,{"KillCandidate":1}]],"calm_from":200,"operators":[[209,"Abort"]],"store":{"down":[[209,248]]},"strategy":{"BlueGreen":{"bake":144,"test":true}},"world":{"test_rule":true}}"#,
    );
}

fn one_read_without_the_candidate_does_not_end_a_rollback(door: Door) {
    replayed(
        door,
        r#"{"calm_from":200,"faults":{"late_up_to":1,"rates":{"Partial":29,"Throttled":9},"stale_up_to":1},"seed":414,"world":{"candidate":"FailsToStart"}}"#,
    );
}

fn one_read_without_stable_makes_no_first_deployment(door: Door) {
    replayed(
        door,
        r#"{"calm_from":200,"faults":{"late_up_to":1,"rates":{"Partial":65,"Stale":31},"stale_up_to":1},"seed":26123,"strategy":{"Rolling":{"bake":0,"maximum":100,"minimum":100}}}"#,
    );
}

fn a_rollback_to_a_stable_that_is_gone_does_not_call_itself_successful(door: Door) {
    let case = || Case { door, calm_from: 200, ..Case::default() };
    let launched = sound(&case()).sent[0];
    // whoever reads the service after that makes a first deployment, with nothing to go back to
    for at in [launched / 1000, launched.div_ceil(1000)] {
        let at = u32::try_from(at).unwrap();
        let report = sound(&Case { actions: vec![(at, ActionCase::DeleteStable)], ..case() });
        assert!(!is_back(&report), "{at} s: {:?}", report.ending);
    }
}

fn a_hold_that_lasts_to_its_limit_replays(door: Door) {
    replayed(
        door,
        r#"{"calm_from":200,"gates":[{"asks":{"Custom":{"Hangs":[0,93]}},"mode":"Blocking","policy":{"Hold":10}}]}"#,
    );
}

fn a_roll_of_nothing_is_over_at_once(door: Door) {
    let report = replayed(
        door,
        r#"{"calm_from":200,"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":100}},"world":{"desired":0,"load_balancer":false}}"#,
    );
    assert!(is_successful(&report), "{:?}", report.ending);
}

fn a_rollback_never_sends_more_than_it_has_sent(door: Door) {
    replayed(
        door,
        r#"{"calm_from":200,"faults":{"late_up_to":1,"rates":{"Partial":24},"scheduled":[{"fault":"Partial","nth":29,"read":true,"seconds":1},{"fault":"Hang","nth":7,"read":false,"seconds":1}],"stale_up_to":1},"seed":28478,"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":100}},"world":{"desired":7}}"#,
    );
}

fn a_roll_turns_back_without_waiting_for_a_shift_that_is_late(door: Door) {
    // 750 per mille go out while 1000 are on their way, and the same again when that was not answered
    for line in [
        r#"{"calm_from":200,"faults":{"late_up_to":1,"rates":{"Throttled":17},"scheduled":[{"fault":"LateEffect","nth":8,"read":false,"seconds":13}],"stale_up_to":1},"operators":[[34,"Abort"]],"seed":26622,"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":100}},"world":{"desired":4}}"#,
        r#"{"calm_from":200,"faults":{"late_up_to":1,"scheduled":[{"fault":"LateEffect","nth":9,"read":false,"seconds":7}],"stale_up_to":1},"operators":[[39,"Abort"]],"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":100}},"world":{"desired":4}}"#,
    ] {
        assert!(is_back(&replayed(door, line)));
    }
}

fn a_bake_in_which_nothing_is_shown_takes_its_whole_time(door: Door) {
    // not a request fails, which looks well and proves nothing
    let strategy = StrategyCase::Canary { permille: 100, bake: 480, last: 30 };
    let asks = AskCase::Analysis(60);
    let gate = GateCase { asks, mode: ModeCase::Blocking, policy: PolicyCase::Hold(300) };
    let case = Case { door, strategy, gates: vec![gate], calm_from: 0, ..Case::default() };
    let report = sound(&case);
    assert!(is_successful(&report), "{:?}", report.ending);
    let begun = second_of(&report, "forward POST_PRODUCTION_TRAFFIC_SHIFT");
    let bake = second_of(&report, "forward BAKE");
    assert!(bake >= begun + 480, "from {begun} s to {bake} s");
}

/// Blue/green without a bake: stable is to go as soon as it may.
fn hasty(door: Door, seed: u64) -> Case {
    let strategy = StrategyCase::BlueGreen { bake: 0, test: false };
    let mut case = Case { door, seed, strategy, calm_from: 0, ..Case::default() };
    case.limits.rollback = 1200;
    case
}

fn nobody_is_removed_to_whom_a_slow_load_balancer_still_sends_requests(door: Door) {
    for seed in 1..=4 {
        let mut case = hasty(door, seed);
        case.world.propagation = 900;
        assert!(is_successful(&sound(&case)), "seed {seed}");
    }
}

fn clients_that_may_stick_keep_the_side_whether_they_come_or_nobody_can_tell(door: Door) {
    for (stickiness, rps) in [(1200, 20), (1200, 0)] {
        let mut case = hasty(door, 5);
        (case.world.stickiness, case.world.rps) = (stickiness, rps);
        let report = sound(&case);
        assert!(is_successful(&report));
        assert!(report.ended.unwrap() > 1_200_000, "{:?}", report.ended);
    }
}

through_all_doors! {
    an_abort_before_anything_was_changed_touches_nothing
    traffic_never_moves_before_there_is_capacity
    traffic_goes_back_to_a_stable_that_lost_tasks_only_as_far_as_it_can_carry_it
    a_read_that_is_denied_is_no_read_and_nothing_advances_on_it
    an_aborted_canary_keeps_no_weight
    a_restart_never_skips_the_bake
    an_alarm_that_is_red_already_is_refused_before_anything_is_changed
    an_alarm_that_flickers_between_two_looks_turns_the_deployment_back
    an_alarm_that_is_deleted_is_no_good_news
    a_write_that_takes_effect_late_does_not_undo_the_rollback
    a_bad_canary_goes_back_and_stable_was_never_less
    a_second_start_of_the_same_deployment_makes_no_second_writer
    a_start_after_the_end_writes_nothing
    the_wall_clock_may_jump_without_shortening_a_bake
    a_store_that_is_away_stops_the_advance_and_not_the_way_back
    a_lost_answer_of_the_store_decides_nothing_twice
    a_candidate_that_someone_deletes_gives_the_traffic_back
    a_process_that_finds_the_lease_of_a_dead_one_starts_in_its_place
    a_first_read_that_never_answers_does_not_hang_the_start
    a_store_that_goes_away_while_stable_drains_lets_nothing_spin
    an_abort_that_meets_a_commit_of_unknown_fate_moves_no_traffic
    one_read_without_the_candidate_does_not_end_a_rollback
    one_read_without_stable_makes_no_first_deployment
    a_rollback_to_a_stable_that_is_gone_does_not_call_itself_successful
    a_hold_that_lasts_to_its_limit_replays
    a_roll_of_nothing_is_over_at_once
    a_rollback_never_sends_more_than_it_has_sent
    a_roll_turns_back_without_waiting_for_a_shift_that_is_late
    a_bake_in_which_nothing_is_shown_takes_its_whole_time
    nobody_is_removed_to_whom_a_slow_load_balancer_still_sends_requests
    clients_that_may_stick_keep_the_side_whether_they_come_or_nobody_can_tell
}
