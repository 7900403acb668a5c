//! Named scenarios that chance found with other seeds than the usual one, mostly as it printed them.
//! Through the SDK, whose calls take longer, the same line is another story: there it must keep the rules,
//! and how it ends is asked of the ports alone.

use cutover::model::Ending;
use cutover::model::StopReason;

use crate::case::AlarmCase;
use crate::case::AskCase;
use crate::case::Case;
use crate::case::GateCase;
use crate::case::MissingCase;
use crate::case::ModeCase;
use crate::case::PolicyCase;
use crate::case::StateCase;
use crate::case::StrategyCase;
use crate::case::WatchCase;
use crate::door::Door;
use crate::doors::through_all_doors;
use crate::harness::Report;
use crate::mishap::ActionCase;
use crate::mishap::StoreCase;
use crate::scenarios::is_back;
use crate::scenarios::is_successful;
use crate::scenarios::replayed;
use crate::scenarios::sound;

fn has_failed(report: &Report) -> bool {
    matches!(report.ending, Some(Ending::RollbackFailed { .. }))
}

fn an_alarm_that_flickers_before_any_gate_was_asked_is_found_by_the_successor(door: Door) {
    let report = replayed(
        door,
        r#"{"actions":[[1,{"SetAlarm":[0,"Alarm"]}]],"calm_from":200,"crashes":[{"at":{"Poll":19},"back_after":115}],"gates":[{"asks":{"Alarms":[[0],false]},"mode":"Blocking","policy":{"Hold":10}}],"world":{"alarms":[{"begins":"Ok","missing":"NotBreaching","watches":"Errors"}]}}"#,
    );
    let refused =
        matches!(report.ending, Some(Ending::Stopped { reason: StopReason::Refused, .. }));
    assert!(refused || door == Door::Sdk, "{:?}", report.ending);
}

fn an_alarm_is_accepted_red_as_it_is_when_the_deployment_begins(door: Door) {
    // the first process dies before it has recorded anything; the second one begins
    replayed(
        door,
        r#"{"calm_from":200,"crashes":[{"at":{"Poll":1},"back_after":213}],"gates":[{"asks":{"Alarms":[[0],true]},"mode":"Blocking","policy":{"Hold":10}}],"seed":0,"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":100}},"world":{"alarms":[{"begins":"Ok","missing":"Breaching","watches":"Errors"}]}}"#,
    );
}

fn an_alarm_accepted_red_counts_when_it_was_quiet_between_two_looks(door: Door) {
    let gate = GateCase {
        asks: AskCase::Alarms(vec![0], true),
        mode: ModeCase::Blocking,
        policy: PolicyCase::Hold(60),
    };
    let alarm = AlarmCase {
        watches: WatchCase::Unserved,
        missing: MissingCase::Ignore,
        begins: StateCase::Alarm,
    };
    let mut case = Case { door, gates: vec![gate], calm_from: 200, ..Case::default() };
    case.world.alarms = vec![alarm];
    case.world.start = 50;
    let set = |at, to| (at, ActionCase::SetAlarm(0, to));
    case.actions = vec![set(33, StateCase::Ok), set(34, StateCase::Alarm)];
    let report = sound(&case);
    assert!(is_back(&report), "{:?}", report.ending);
}

fn an_alarm_that_flickers_and_then_cannot_be_told_turns_the_deployment_back(door: Door) {
    let report = replayed(
        door,
        r#"{"actions":[[172,{"SetAlarm":[0,"Alarm"]}]],"calm_from":200,"crashes":[{"at":{"Poll":85},"back_after":88}],"gates":[{"asks":{"Alarms":[[0],false]},"mode":"Blocking","policy":"Continue"}],"world":{"alarms":[{"begins":"Ok","missing":"Missing","watches":"Unserved"}],"test_rule":true}}"#,
    );
    assert!(is_back(&report), "{:?}", report.ending);
}

fn an_alarm_that_is_edited_and_red_turns_the_deployment_back(door: Door) {
    let report = replayed(
        door,
        r#"{"actions":[[42,{"EditAlarm":2}],[42,{"SetAlarm":[2,"Alarm"]}]],"calm_from":200,"gates":[{"asks":{"Alarms":[[2],false]},"mode":"Blocking","policy":"Continue"}],"strategy":{"Rolling":{"bake":80,"maximum":150,"minimum":100}},"world":{"alarms":[{"begins":"Ok","missing":"NotBreaching","watches":"Errors"},{"begins":"Ok","missing":"NotBreaching","watches":"Errors"},{"begins":"Ok","missing":"NotBreaching","watches":"Errors"}]}}"#,
    );
    assert!(is_back(&report), "{:?}", report.ending);
}

/// A roll whose lease runs out while someone edits its weights.
fn edited_meanwhile(door: Door, at: u32, blue: u16, green: u16) -> Case {
    Case {
        door,
        strategy: StrategyCase::Rolling { minimum: 100, maximum: 200, bake: 60 },
        store: StoreCase { down: vec![(at, at + 84)], ..StoreCase::default() },
        actions: vec![(at, ActionCase::EditWeights(0, blue, green))],
        calm_from: 250,
        ..Case::default()
    }
}

fn whoever_takes_up_a_roll_takes_no_weight_below_the_recorded_one_for_its_own(door: Door) {
    let mut case = edited_meanwhile(door, 90, 9, 1);
    case.world.start = 80;
    case.world.desired = 3;
    let report = sound(&case);
    assert!(is_back(&report), "{:?}", report.ending);
}

fn whoever_takes_up_a_roll_cannot_tell_a_later_weight_from_its_own(door: Door) {
    replayed(
        door,
        r#"{"actions":[[63,{"EditWeights":[0,1,1]}]],"calm_from":200,"seed":0,"store":{"down":[[63,147]]},"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":100}}}"#,
    );
}

fn a_rollback_to_a_stable_that_is_gone_says_what_remains_although_nothing_is_desired(door: Door) {
    for line in [
        r#"{"actions":[[81,"DeleteStable"]],"calm_from":200,"strategy":{"Steps":[{"Scale":1000},{"Shift":1},{"Bake":0},{"Approval":[1,false]},{"Shift":1000},{"Bake":0}]},"world":{"desired":0}}"#,
        r#"{"actions":[[25,{"SetDesired":0}],[91,"DeleteStable"]],"calm_from":200,"operators":[[2,"Abort"]]}"#,
    ] {
        let report = replayed(door, line);
        assert!(has_failed(&report) || door == Door::Sdk, "{:?}", report.ending);
    }
}

fn a_rollback_that_could_not_be_watched_to_its_end_says_so(door: Door) {
    replayed(
        door,
        r#"{"calm_from":361,"crashes":[{"at":{"Poll":357},"back_after":1}],"faults":{"late_up_to":1,"rates":{"Denied":40,"Throttled":24,"TimeoutBefore":61},"stale_up_to":1},"limits":{"rollback":200,"settle":70},"seed":5986,"world":{"candidate":"FailsToStart"}}"#,
    );
}

fn a_deployment_ends_only_when_no_write_may_still_take_effect(door: Door) {
    replayed(
        door,
        r#"{"calm_from":246,"faults":{"late_up_to":1,"rates":{"ServerErrorNotApplied":49},"scheduled":[{"fault":"Throttled","nth":2,"read":false,"seconds":1},{"fault":"LateEffect","nth":9,"read":false,"seconds":3},{"fault":"TimeoutBefore","nth":5,"read":false,"seconds":1}],"stale_up_to":1},"hooks":[{"answer":"Continue","go_on":false,"stages":[10,0],"takes":5,"timeout":5}],"limits":{"propagation":5,"rollback":270,"settle":80},"seed":26007,"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":100}},"world":{"propagation":5}}"#,
    );
}

fn a_roll_sends_nothing_higher_over_a_weight_that_is_on_its_way(door: Door) {
    replayed(
        door,
        r#"{"calm_from":200,"faults":{"late_up_to":1,"rates":{"Stale":55},"scheduled":[{"fault":"ServerErrorApplied","nth":3,"read":false,"seconds":1},{"fault":"Throttled","nth":35,"read":true,"seconds":1},{"fault":"LateEffect","nth":7,"read":false,"seconds":6}],"stale_up_to":20},"seed":29732,"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":100}},"world":{"desired":5}}"#,
    );
}

fn a_roll_drains_nobody_to_whom_traffic_is_on_its_way(door: Door) {
    replayed(
        door,
        r#"{"calm_from":281,"crashes":[{"at":{"Poll":86},"back_after":1}],"faults":{"late_up_to":1,"rates":{"Partial":69,"Stale":71},"scheduled":[{"fault":"Throttled","nth":5,"read":false,"seconds":1},{"fault":"Hang","nth":3,"read":false,"seconds":1}],"stale_up_to":10},"limits":{"propagation":10,"settle":76},"seed":60993,"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":67}}}"#,
    );
}

fn a_process_that_lost_its_lease_may_take_it_again(door: Door) {
    replayed(
        door,
        r#"{"calm_from":323,"crashes":[{"at":{"Second":344},"back_after":2}],"faults":{"late_up_to":1,"rates":{"Hang":43,"Throttled":12},"stale_up_to":1},"gates":[{"asks":{"Alarms":[[0],false]},"mode":"Blocking","policy":{"Hold":10}}],"rivals":[25],"seed":48284,"store":{"down":[[74,184]]},"strategy":{"Rolling":{"bake":0,"maximum":150,"minimum":50}},"world":{"alarms":[{"begins":"Ok","missing":"NotBreaching","watches":"Errors"}]}}"#,
    );
}

fn a_deployment_that_begins_without_stable_moves_no_traffic(door: Door) {
    let report = replayed(
        door,
        r#"{"actions":[[1,"DeleteStable"]],"calm_from":200,"crashes":[{"at":{"Poll":4},"back_after":1}]}"#,
    );
    let untouched = is_successful(&report) && report.weights.is_empty();
    assert!(untouched || door == Door::Sdk, "{:?}", report.ending);
    replayed(
        door,
        r#"{"actions":[[1,"DeleteStable"],[389,{"EditWeights":[0,1,1]}]],"calm_from":442,"crashes":[{"at":{"Poll":412},"back_after":77}],"faults":{"late_up_to":1,"rates":{"Partial":34,"ServerErrorNotApplied":43,"Throttled":54},"stale_up_to":1},"hooks":[{"answer":"Continue","go_on":false,"stages":[2,1],"takes":10,"timeout":10}],"operators":[[170,"Abort"]],"seed":13444}"#,
    );
    replayed(
        door,
        r#"{"actions":[[81,"DeleteStable"],[1,{"EditWeights":[0,1,1]}]],"calm_from":208,"faults":{"late_up_to":1,"rates":{"Hang":46},"stale_up_to":1},"seed":40274,"strategy":{"Rolling":{"bake":0,"maximum":100,"minimum":51}},"world":{"candidate":"FailsToStart"}}"#,
    );
}

fn a_first_deployment_is_not_committed_before_its_tasks_serve(door: Door) {
    replayed(
        door,
        r#"{"actions":[[101,{"SetDesired":1}]],"calm_from":200,"crashes":[{"at":{"Poll":129},"back_after":1}],"faults":{"late_up_to":1,"scheduled":[{"fault":"Throttled","nth":4,"read":true,"seconds":1}],"stale_up_to":1},"hooks":[{"answer":"Continue","go_on":false,"stages":[3],"takes":22,"timeout":22}],"world":{"desired":0,"stable":false}}"#,
    );
}

fn alarms_that_were_asked_in_vain_were_asked(door: Door) {
    replayed(
        door,
        r#"{"calm_from":200,"faults":{"late_up_to":1,"rates":{"Throttled":47},"stale_up_to":1},"gates":[{"asks":{"Alarms":[[0],false]},"mode":"Blocking","policy":"Continue"}],"limits":{"poll":7},"seed":45097,"strategy":{"Rolling":{"bake":0,"maximum":200,"minimum":50}},"world":{"alarms":[{"begins":"Ok","missing":"NotBreaching","watches":"Errors"}],"desired":5}}"#,
    );
}

fn a_rollback_lowers_what_someone_else_raised_meanwhile(door: Door) {
    replayed(
        door,
        r#"{"actions":[[221,{"EditWeights":[0,1,3]}]],"calm_from":200,"hooks":[{"answer":"Continue","go_on":false,"stages":[0,1],"takes":11,"timeout":11}],"strategy":{"Rolling":{"bake":0,"maximum":150,"minimum":100}},"world":{"candidate":{"UnhealthyAfter":133},"deregistration":6,"desired":3}}"#,
    );
}

fn who_paused_says_go_on_until_somebody_lives_to_hear_it(door: Door) {
    replayed(
        door,
        r#"{"calm_from":221,"crashes":[{"at":{"Second":82},"back_after":1013},{"at":{"Poll":57},"back_after":1470}],"operators":[[1,"Pause"]],"world":{"stable":false}}"#,
    );
}

fn two_partial_looks_around_a_failed_one_do_not_make_a_candidate_dead(door: Door) {
    replayed(
        door,
        r#"{"calm_from":264,"faults":{"late_up_to":1,"rates":{"Partial":58,"Stale":41,"TimeoutBefore":39},"stale_up_to":1},"seed":5801,"strategy":{"Rolling":{"bake":0,"maximum":150,"minimum":100}}}"#,
    );
}

through_all_doors! {
    an_alarm_that_flickers_before_any_gate_was_asked_is_found_by_the_successor
    an_alarm_is_accepted_red_as_it_is_when_the_deployment_begins
    an_alarm_accepted_red_counts_when_it_was_quiet_between_two_looks
    an_alarm_that_flickers_and_then_cannot_be_told_turns_the_deployment_back
    an_alarm_that_is_edited_and_red_turns_the_deployment_back
    whoever_takes_up_a_roll_takes_no_weight_below_the_recorded_one_for_its_own
    whoever_takes_up_a_roll_cannot_tell_a_later_weight_from_its_own
    a_rollback_to_a_stable_that_is_gone_says_what_remains_although_nothing_is_desired
    a_rollback_that_could_not_be_watched_to_its_end_says_so
    a_deployment_ends_only_when_no_write_may_still_take_effect
    a_roll_sends_nothing_higher_over_a_weight_that_is_on_its_way
    a_roll_drains_nobody_to_whom_traffic_is_on_its_way
    a_process_that_lost_its_lease_may_take_it_again
    a_deployment_that_begins_without_stable_moves_no_traffic
    a_first_deployment_is_not_committed_before_its_tasks_serve
    alarms_that_were_asked_in_vain_were_asked
    a_rollback_lowers_what_someone_else_raised_meanwhile
    who_paused_says_go_on_until_somebody_lives_to_hear_it
    two_partial_looks_around_a_failed_one_do_not_make_a_candidate_dead
}
