//! Good specs and bad ones.

use std::time::Duration;

use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::HookAction;
use crate::model::Inconclusive;
use crate::model::Plan;
use crate::model::Revision;
use crate::model::Scheduling;
use crate::model::ServiceShape;
use crate::model::Stage;
use crate::model::TaskDefinition;
use crate::model::Weight;

use super::deployment_spec::DeploymentSpec;
use super::revision_source::RevisionSource;

const EXAMPLES: [(&str, &str, usize); 8] = [
    ("rolling.yaml", include_str!("../../examples/specs/rolling.yaml"), 2),
    ("blue-green.yaml", include_str!("../../examples/specs/blue-green.yaml"), 4),
    ("canary.yaml", include_str!("../../examples/specs/canary.yaml"), 5),
    ("canary.json", include_str!("../../examples/specs/canary.json"), 5),
    ("linear.yaml", include_str!("../../examples/specs/linear.yaml"), 9),
    ("all-at-once.yaml", include_str!("../../examples/specs/all-at-once.yaml"), 3),
    ("steps.yaml", include_str!("../../examples/specs/steps.yaml"), 11),
    ("code-deploy.yaml", include_str!("../../examples/specs/code-deploy.yaml"), 21),
];

/// Line 1 the service, line 2 the revision; the rest begins at line 3.
const HEAD: &str = "service: {cluster: shop, name: web}
revision: {task_definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8'}
";

fn revision(number: u32) -> Revision {
    let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{number}");
    Revision::new(arn.parse().unwrap())
}

fn parse(name: &str, text: &str) -> DeploymentSpec {
    DeploymentSpec::parse(text, name).unwrap_or_else(|error| panic!("{error}"))
}

fn plan(spec: &DeploymentSpec) -> Plan {
    let shape = ServiceShape {
        service: spec.service().clone(),
        desired: 4,
        stable: Some(revision(7)),
        stable_task_set: None,
        candidate: revision(8),
        two_roles: true,
        router: true,
        test_traffic: true,
        scheduling: Scheduling::Replica,
    };
    spec.plan(&shape).unwrap_or_else(|error| panic!("{error}"))
}

fn example(name: &str) -> DeploymentSpec {
    let (name, text, _) = EXAMPLES.into_iter().find(|(each, _, _)| *each == name).unwrap();
    parse(name, text)
}

fn error(text: &str) -> String {
    DeploymentSpec::parse(text, "a.yaml").unwrap_err().to_string()
}

#[test]
fn every_example_is_read_and_planned() {
    for (name, text, steps) in EXAMPLES {
        let spec = parse(name, text);
        let plan = plan(&spec);
        assert_eq!(plan.steps.len(), steps, "{name}: {:?}", plan.steps);
        assert_eq!(plan.gates.len(), spec.gates().len(), "{name}");
        assert_eq!(plan.hooks, spec.hooks(), "{name}");
    }
}

#[test]
fn json_and_yaml_say_the_same() {
    let (yaml, json) = (example("canary.yaml"), example("canary.json"));
    assert_eq!(plan(&yaml), plan(&json));
    assert_eq!(yaml.limits(), json.limits());
    assert_eq!(yaml.limits().deadline, Some(Duration::from_hours(2)));
    assert_eq!(yaml.limits().progress_deadline, Duration::from_mins(10));
    assert_eq!(yaml.deployment().unwrap().as_str(), "web-8");
    assert_eq!(yaml.revision(), &RevisionSource::TaskDefinition(revision(8)));
}

#[test]
fn gates_hooks_and_steps_are_read_in_full() {
    let canary = example("canary.yaml");
    let gate = &canary.gates()[0];
    let reason = "the bug that this revision fixes keeps it red".to_owned();
    assert!(
        matches!(&gate.kind, GateKind::Alarms { accept_red_at_start, .. } if *accept_red_at_start == Some(reason))
    );
    assert_eq!(gate.inconclusive, Inconclusive::Hold { limit: Duration::from_mins(20) });
    assert!(gate.always && gate.mode == GateMode::Blocking);

    let blue_green = example("blue-green.yaml");
    let hook = &blue_green.hooks()[0];
    assert_eq!(hook.stages, [Stage::PostTestTrafficShift]);
    assert_eq!((hook.timeout, hook.default), (Duration::from_mins(5), HookAction::Rollback));
    assert_eq!(blue_green.gates()[0].id.as_str(), "alarms");
    assert_eq!(blue_green.revision(), &RevisionSource::File("task-definition.json".to_owned()));

    let steps = example("steps.yaml");
    assert_eq!(plan(&steps).weight_after(3), Weight::permille(25).unwrap());
    let kinds: Vec<_> = steps.gates().iter().map(|gate| (gate.id.as_str(), gate.always)).collect();
    assert_eq!(
        kinds,
        [("alarms", true), ("contract-tests", false), ("slow-responses", true), ("targets", true)]
    );
    assert_eq!(steps.gates()[3].kind, GateKind::TargetHealth { unhealthy_reads: 5 });
}

#[test]
fn a_strategy_with_defaults_may_stand_alone() {
    for (text, name, steps) in [
        ("strategy: rolling", "rolling", 2),
        ("strategy: {rolling: }", "rolling", 2),
        ("strategy: {rolling: {minimum_healthy_percent: 50%, maximum_percent: 100}}", "rolling", 2),
        ("strategy: blue_green", "blue_green", 3),
        ("strategy: {blue_green: {test_traffic: true}}", "blue_green", 4),
        ("strategy: {all_at_once: {bake: 1m}}", "all_at_once", 3),
        ("strategy: {steps: [{roll: {maximum_percent: 150}}, bake: 0s]}", "steps", 2),
    ] {
        let spec = parse(text, &format!("{HEAD}{text}"));
        assert_eq!((spec.strategy().name(), plan(&spec).steps.len()), (name, steps), "{text}");
    }
}

#[test]
fn the_example_task_definition_is_read_and_keeps_its_secret() {
    let text = include_str!("../../examples/specs/task-definition.json");
    let definition = TaskDefinition::from_json(text).unwrap();
    assert_eq!(definition.family(), "web");
    assert!(!format!("{definition:?}{definition}").contains("EXAMPLE-not-a-real-key"));
}

#[test]
fn a_bad_spec_is_refused_with_place_field_value_and_fix() {
    let table = [
        (
            "strategy: {canary: {wieght: 10%, bake: 5m}}",
            "a.yaml:3:21: `strategy.canary.wieght` is no field here; the fields are `weight`, `bake`, `final_bake`",
        ),
        ("strategy: {canary: {weight: 101%, bake: 5m}}", ""),
        ("strategy: {canary: {weight: 0.05%, bake: 5m}}", ""),
        ("strategy: {canary: {weight: 10, bake: 5m}}", ""),
        ("strategy: {canary: {weight: [10%], bake: 5m}}", ""),
        ("strategy: {canary: {weight: 10%, bake: -5m}}", ""),
        ("strategy: {canary: {weight: 10%}}", ""),
        ("strategy: canary", ""),
        ("strategy: green_blue", ""),
        ("strategy: {green_blue: {}}", ""),
        ("strategy: {rolling: {}, canary: {}}", ""),
        ("strategy: {rolling: {maximum_percent: lots}}", ""),
        ("strategy: {blue_green: {test_traffic: maybe}}", ""),
        ("strategy: {code_deploy: CodeDeployDefault.OneAtATime}", ""),
        ("strategy: 5", ""),
        ("strategy:", ""),
        ("strategy: {steps: [{shfit: 5%}]}", ""),
        ("strategy: {steps: [{shift: 100%}, {bake: 5}]}", ""),
        ("strategy: {steps: [{bake: {duration: 5m, gates: [smoke]}}]}", ""),
        ("strategy: rolling\nalarms: web-5xx", ""),
        ("strategy: rolling\nalarms: ['']", ""),
        ("strategy: rolling\ngates: [{id: a}]", ""),
        ("strategy: rolling\ngates: [{id: a, alarms: []}]", ""),
        ("strategy: rolling\ngates: [{id: a, alarms: [b], inconclusive: hold}]", ""),
        ("strategy: rolling\ngates: [{id: a, custom: true, always: false}]", ""),
        ("strategy: rolling\nalarms: [a]\ngates: [{id: alarms, custom: true}]", ""),
        ("strategy: rolling\nhooks: [{id: a, stages: [LATER]}]", ""),
        ("strategy: rolling\nlimits: {poll: 0s}", ""),
        ("strategy: rolling\nlimits: {deadline: soon}", ""),
        ("strategy: rolling\nstrategy: rolling", ""),
        ("strategy: rolling\n---\nstrategy: rolling", ""),
        ("strategy: [", ""),
    ];
    for (text, wanted) in table {
        println!("({text:?}, {:?}),", error(&format!("{HEAD}{text}")));
        let _ = wanted;
    }
    println!("{:?}", error(""));
    println!("{:?}", error("strategy: rolling"));
    println!("{:?}", error(&HEAD.replace("task-definition/web:8", "task-definition/web")));
    println!("{:?}", error(&HEAD.replace("task-definition/web:8", "service/web")));
    println!("{:?}", error(&HEAD.replace("}\n", ", file: x}\n")));
    println!("{:?}", error(&HEAD.replace("name: web", "name: ''")));
}
