//! Alarms that are tied to a target group.

use cutover::adapters::sim::Action;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::AlarmName;
use cutover::model::Elapsed;
use cutover::model::Status;
use cutover::model::Verdict;

use crate::rig::deploy;
use crate::rig::spec;

const CANARY: &str = "{canary: {weight: 20%, bake: 15m, final_bake: 1m}}";
const GATES: &str = "[{id: errors, alarms: [blue-5xx, green-5xx]}]";

fn alarm(name: &str, colour: Colour) -> AlarmSpec {
    AlarmSpec::errors(AlarmName::new(name).unwrap(), colour, 50)
}

fn world() -> Scenario {
    Scenario::new(1)
        .with_alarm(alarm("blue-5xx", Colour::Blue))
        .with_alarm(alarm("green-5xx", Colour::Green))
}

#[test]
fn red_in_stables_own_group_holds_and_blames_nobody() {
    let fails = |minute: u64, permille: u32| {
        let (revision, behaviour) = (revision(1), Behaviour::erring(permille));
        let at = Elapsed::from_millis(minute * 60_000);
        (at, Action::ChangeBehaviour { revision, behaviour })
    };
    let scenario = [fails(5, 300), fails(8, 0)]
        .into_iter()
        .fold(world(), |world, (at, action)| world.with_action(at, action));
    let done = deploy(scenario, &spec(CANARY, GATES), &[]);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("errors"));
    let told = done.told("errors");
    let said = "alarm `blue-5xx` is in ALARM, but it watches stable's target group";
    assert!(told.contains(&Verdict::Inconclusive(said.to_owned())), "{told:?}");
}

#[test]
fn red_in_the_candidates_group_rolls_back() {
    let scenario = world().with_behaviour(revision(2), Behaviour::erring(500));
    let done = deploy(scenario, &spec(CANARY, GATES), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful);
    let failed = Verdict::Fail("alarm `green-5xx` is in ALARM".to_owned());
    assert!(done.told("errors").contains(&failed), "{:?}", done.told("errors"));
}
