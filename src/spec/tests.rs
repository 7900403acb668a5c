//! Good specs and bad ones.

use std::time::Duration;

use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::HealthRule;
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

const EXAMPLES: [(&str, &str, usize); 11] = [
    ("rolling.yaml", include_str!("../../examples/specs/rolling.yaml"), 2),
    ("blue-green.yaml", include_str!("../../examples/specs/blue-green.yaml"), 4),
    ("canary.yaml", include_str!("../../examples/specs/canary.yaml"), 5),
    ("canary.json", include_str!("../../examples/specs/canary.json"), 5),
    ("gates.yaml", include_str!("../../examples/specs/gates.yaml"), 4),
    ("linear.yaml", include_str!("../../examples/specs/linear.yaml"), 9),
    ("all-at-once.yaml", include_str!("../../examples/specs/all-at-once.yaml"), 3),
    ("steps.yaml", include_str!("../../examples/specs/steps.yaml"), 11),
    ("watched.yaml", include_str!("../../examples/specs/watched.yaml"), 5),
    ("sparse-alarms.yaml", include_str!("../../examples/specs/sparse-alarms.yaml"), 5),
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
        propagation: Duration::ZERO,
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
    assert_eq!(
        steps.gates()[3].kind,
        GateKind::TargetHealth(HealthRule { of_reads: 8, ..HealthRule::in_a_row(5) })
    );
}

#[test]
fn a_revision_may_be_the_serving_one_with_other_images() {
    let text = "service: {cluster: shop, name: web}\nrevision: { images: { app: web@sha256:1 } }\nstrategy: rolling\n";
    let images = [("app".to_owned(), "web@sha256:1".to_owned())].into();
    assert_eq!(parse("images", text).revision(), &RevisionSource::Images(images));
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

const STRATEGIES: &str =
    "`rolling`, `blue_green`, `canary`, `linear`, `all_at_once`, `steps`, `code_deploy`";

fn assert_refused(table: &[(&str, &str)]) {
    for (text, wanted) in table {
        let wanted = wanted.replace("STRATEGIES", STRATEGIES);
        assert_eq!(error(&format!("{HEAD}{text}")), format!("a.yaml:{wanted}"), "{text}");
    }
}

#[test]
fn a_bad_strategy_is_refused_with_place_field_value_and_fix() {
    assert_refused(&[
        (
            "strategy: {canary: {wieght: 10%, bake: 5m}}",
            "3:21: `strategy.canary.wieght` is no field here; the fields are `weight`, `bake`, `final_bake`",
        ),
        (
            "strategy: {canary: {weight: 101%, bake: 5m}}",
            "3:29: `strategy.canary.weight` is `101%`; give 0% to 100% in multiples of 0.1%",
        ),
        (
            "strategy: {canary: {weight: 0.05%, bake: 5m}}",
            "3:29: `strategy.canary.weight` is `0.05%`; give 0% to 100% in multiples of 0.1%",
        ),
        (
            "strategy: {canary: {weight: 10, bake: 5m}}",
            "3:29: `strategy.canary.weight` is `10`; give a percentage with its sign, such as `10%` or `12.5%`",
        ),
        (
            "strategy: {canary: {weight: [10%], bake: 5m}}",
            "3:29: `strategy.canary.weight` has the wrong type; give text",
        ),
        (
            "strategy: {canary: {weight: 10%, bake: -5m}}",
            "3:40: `strategy.canary.bake` is `-5m`; give a duration such as `90s`, `5m` or `1h30m`",
        ),
        (
            "strategy: {canary: {weight: 10%, bake: 5}}",
            "3:40: `strategy.canary.bake` is `5`; give a duration such as `90s`, `5m` or `1h30m`",
        ),
        ("strategy: {canary: {weight: 10%}}", "3:21: `strategy.canary.bake` is missing; add it"),
        (
            "strategy:\n  canary:\n    bake: 5m\n    weight: 110%\n",
            "6:13: `strategy.canary.weight` is `110%`; give 0% to 100% in multiples of 0.1%",
        ),
        (
            "strategy: canary",
            "3:11: `strategy` is `canary` alone; give `canary: {weight: 10%, bake: 5m}`",
        ),
        ("strategy: green_blue", "3:1: `strategy` is `green_blue`; give one of STRATEGIES"),
        ("strategy: {green_blue: {}}", "3:12: `strategy` is `green_blue`; give one of STRATEGIES"),
        (
            "strategy: {rolling: {}, canary: {}}",
            "3:11: `strategy` is followed by another strategy; keep one of them",
        ),
        (
            "strategy: {rolling: {maximum_percent: lots}}",
            "3:39: `strategy.rolling.maximum_percent` is `lots`; give a whole number, 0 or more",
        ),
        (
            "strategy: {blue_green: {test_traffic: maybe}}",
            "3:39: `strategy.blue_green.test_traffic` is `maybe`; give `true` or `false`",
        ),
        ("strategy: 5", "3:1: `strategy` has the wrong type; give one of STRATEGIES"),
        ("strategy:", "3:1: `strategy` has the wrong type; give one of STRATEGIES"),
        ("strategy: rolling\nstrategy: rolling", "4:1: `strategy` is given twice; keep one"),
        (
            "strategy: rolling\n---\nstrategy: rolling",
            "5:1: a second document begins; give one a file",
        ),
    ]);
    let text = format!("{HEAD}strategy: {{code_deploy: CodeDeployDefault.OneAtATime}}");
    assert!(error(&text).starts_with(
        "a.yaml:3:25: `strategy.code_deploy`: `CodeDeployDefault.OneAtATime` is not one of \
         CodeDeploy's configurations for ECS; give one of CodeDeployDefault.ECSAllAtOnce, "
    ));
}

#[test]
fn a_bad_list_of_steps_is_refused_with_place_field_value_and_fix() {
    assert_refused(&[
        (
            "strategy: {steps: [{shfit: 5%}]}",
            "3:21: `strategy.steps[0]` is `shfit`; give one of `scale`, `test_traffic`, `shift`, `bake`, `approval`, `roll`, `delegate`",
        ),
        (
            "strategy: {steps: [{shift: 100%}, {bake: 5}]}",
            "3:42: `strategy.steps[1].bake` is `5`; give a duration such as `90s`, `5m` or `1h30m`",
        ),
        (
            "strategy: {steps: [{bake: {duration: 5m, gates: [smoke]}}]}",
            "3:50: `strategy.steps[0].bake.gates[0]` is `smoke`, which is no gate of this file; define it under `gates`",
        ),
        (
            "strategy: {steps: [{approval: {default: maybe}}]}",
            "3:41: `strategy.steps[0].approval.default` is `maybe`; give one of `continue`, `rollback`",
        ),
    ]);
}

#[test]
fn bad_health_rules_are_refused() {
    assert_refused(&[
        (
            "strategy: rolling\ngates: [{id: a, unhealthy_reads: 4, of_reads: 3}]",
            "4:9: `gates[0]` has `unhealthy_reads` of 4 and `of_reads` of 3; give `of_reads` from 4 to 32",
        ),
        (
            "strategy: rolling\ngates: [{id: a, custom: true, minimum_per_zone: 1}]",
            "4:9: `gates[0]` has `of_reads` or `minimum_per_zone`, but no `unhealthy_reads`; give that too: `unhealthy_reads: 3`",
        ),
    ]);
}

#[test]
fn bad_gates_hooks_and_limits_are_refused_with_place_field_value_and_fix() {
    assert_refused(&[
        ("strategy: rolling\nalarms: web-5xx", "4:9: `alarms` has the wrong type; give a list"),
        (
            "strategy: rolling\nalarms: ['']",
            "4:10: `alarms[0]`: `` is not a valid alarm name: it is empty; give at least one character",
        ),
        (
            "strategy: rolling\ngates: [{id: a}]",
            "4:9: `gates[0]` has to ask one thing; give one of `alarms: [names]`, `unhealthy_reads: 3`, `metric`, `exposure`, `analysis`, `probe`, `webhook`, `window`, `all`, `any` and `custom: true`",
        ),
        (
            "strategy: rolling\ngates: [{id: a, alarms: []}]",
            "4:9: `gates[0]` has no name in `alarms`; give one at least",
        ),
        (
            "strategy: rolling\ngates: [{id: a, alarms: [b], accept_red_at_start: ' '}]",
            "4:9: `gates[0]` has no reason in `accept_red_at_start`; say why, it is recorded",
        ),
        (
            "strategy: rolling\ngates: [{id: a, custom: true, accept_red_at_start: b}]",
            "4:9: `gates[0]` is not an alarm gate, but has `accept_red_at_start`; leave that out",
        ),
        (
            "strategy: rolling\ngates: [{id: a, custom: true, insufficient_data: ok_with_traffic}]",
            "4:9: `gates[0]` is not an alarm gate, but has `insufficient_data`; leave that out",
        ),
        (
            "strategy: rolling\ngates: [{id: a, unhealthy_reads: 0}]",
            "4:9: `gates[0]` has `unhealthy_reads` of 0; give 1 or more",
        ),
        (
            "strategy: rolling\ngates: [{id: a, alarms: [b], inconclusive: hold}]",
            "4:44: `gates[0].inconclusive` is `hold`; give `hold 30m`, `wait`, `rollback` or `continue`",
        ),
        (
            "strategy: rolling\ngates: [{id: a, custom: true, always: false}]",
            "4:14: `gates[0].always` is `false`, but no bake names `a`, so it would never watch; name it or leave `always` out",
        ),
        (
            "strategy: rolling\nalarms: [a]\ngates: [{id: alarms, custom: true}]",
            "5:14: `gates[0].id` is `alarms` a second time; give each an id of its own",
        ),
        (
            "strategy: rolling\nhooks: [{id: a, stages: []}, {id: a, stages: []}]",
            "4:35: `hooks[1].id` is `a` a second time; give each an id of its own",
        ),
        (
            "strategy: rolling\nhooks: [{id: a, stages: [LATER]}]",
            "4:26: `hooks[0].stages[0]` is `LATER`; give one of `RECONCILE`, `PRE_SCALE_UP`, `SCALE_UP`, `POST_SCALE_UP`, `TEST_TRAFFIC_SHIFT`, `POST_TEST_TRAFFIC_SHIFT`, `PRE_PRODUCTION_TRAFFIC_SHIFT`, `PRODUCTION_TRAFFIC_SHIFT`, `POST_PRODUCTION_TRAFFIC_SHIFT`, `BAKE`, `CLEAN_UP`",
        ),
        (
            "strategy: rolling\nlimits: {poll: 0s}",
            "4:9: `limits`: `poll` is `0s`; give more than nothing",
        ),
        (
            "strategy: rolling\nlimits: {deadline: soon}",
            "4:20: `limits.deadline` is `soon`; give a duration such as `90s`, `5m` or `1h30m`",
        ),
        (
            "strategy: rolling\nlimits: {crash_loop: {percent: -1}}",
            "4:32: `limits.crash_loop.percent` is `-1`; give a whole number, 0 or more",
        ),
    ]);
}

#[test]
fn a_bad_service_or_revision_is_refused_with_place_field_value_and_fix() {
    let table = [
        (String::new(), "1:1: the file is empty or ends too early; complete it"),
        ("strategy: rolling".to_owned(), "1:1: `service` is missing; add it"),
        (
            HEAD.replace("web:8", "web"),
            "2:29: `revision.task_definition`: `arn:aws:ecs:eu-west-1:123456789012:task-definition/web` is not a task definition ARN with a revision (arn:aws:ecs:…:task-definition/family:7): it has no revision number: a bare family would mean another revision tomorrow",
        ),
        (
            HEAD.replace("task-definition/web:8", "service/web"),
            "2:29: `revision.task_definition`: `arn:aws:ecs:eu-west-1:123456789012:service/web` is not a task definition ARN with a revision (arn:aws:ecs:…:task-definition/family:7): it names a `ecs` resource `service/web`",
        ),
        (
            HEAD.replace("web:8'}", "web:8', file: x}"),
            "2:89: `revision.task_definition` is followed by another choice; keep one of them",
        ),
        (
            HEAD.replace("task_definition:", "arn:"),
            "2:12: `revision` is `arn`; give one of `task_definition`, `file`, `images`",
        ),
        (
            HEAD.replace("name: web", "name: ''"),
            "1:10: `service`: `` is not a valid service name: it is empty; give at least one character",
        ),
        (
            HEAD.replace("name: web", "nmae: web"),
            "1:26: `service.nmae` is no field here; the fields are `cluster`, `name`",
        ),
    ];
    for (text, wanted) in table {
        assert_eq!(error(&text), format!("a.yaml:{wanted}"));
    }
}

#[test]
fn what_may_be_secret_is_not_repeated() {
    let secret = "s3cr3t-c4n4ry";
    for text in [
        "strategy: rolling\nenvironment: {TOKEN: SECRET}",
        "strategy: rolling\nhooks: [{id: a, stages: [], token: SECRET}]",
        "strategy: rolling\nhooks: SECRET",
        "strategy: rolling\nlimits: SECRET",
        "strategy: rolling\nalarms: [{password: SECRET}]",
        "strategy: [SECRET]",
        "strategy: rolling\nalarms: [\"SECRET",
        "strategy: rolling\n  SECRET",
        "strategy: rolling\n\tSECRET: &x *y {",
        "strategy: *SECRET",
        "strategy: !!SECRET x",
    ] {
        let text = format!("{HEAD}{}", text.replace("SECRET", secret));
        let error = DeploymentSpec::parse(&text, "a.yaml").unwrap_err();
        assert!(!format!("{error}{error:?}").contains(secret), "{error}");
    }
    let pasted = "revision: {environment: [{name: TOKEN, value: SECRET}]}\nservice: SECRET";
    assert!(!error(&pasted.replace("SECRET", secret)).contains(secret));
    let long = format!("{HEAD}strategy: {{canary: {{weight: {}, bake: 1m}}}}", "x".repeat(99));
    assert!(error(&long).contains(&format!("`{}…`", "x".repeat(40))));
}
