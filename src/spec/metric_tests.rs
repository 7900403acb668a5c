//! Gates on metrics, good ones and bad ones.

use std::time::Duration;

use crate::model::AdvanceEarly;
use crate::model::AnalysisSource;
use crate::model::BothBad;
use crate::model::Bound;
use crate::model::Finite;
use crate::model::GateKind;
use crate::model::HookAction;
use crate::model::Insufficient;
use crate::model::MetricRule;
use crate::model::Preset;
use crate::model::Weight;

use super::deployment_spec::DeploymentSpec;

const HEAD: &str = "service: {cluster: shop, name: web}
revision: {task_definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8'}
strategy: rolling
";

fn read(gate: &str) -> Result<GateKind, String> {
    let text = format!("{HEAD}gates: [{{id: a, {gate}}}]");
    let spec = DeploymentSpec::parse(&text, "a.yaml").map_err(|error| error.to_string())?;
    Ok(spec.gates()[0].kind.clone())
}

fn number(number: f64) -> Finite {
    Finite::new(number).unwrap()
}

#[test]
fn a_metric_gate_is_read_in_full() {
    let kind = read(
        "metric: {queries: {
            depth: {namespace: AWS/SQS, name: ApproximateNumberOfMessagesVisible,
                    dimensions: {QueueName: orders}, statistic: Maximum},
            half: {formula: depth / 2}},
          watch: half, at_most: 500, misses: 3 of 5, misses_in_all: 10, count: 4,
          sample: {query: depth, at_least: 1}, missing: 2, period: 5m, settle: 90s}",
    );
    let GateKind::Metric(rule) = kind.unwrap() else { panic!() };
    assert_eq!((rule.watched.as_str(), rule.bound), ("half", Bound::AtMost(number(500.0))));
    assert_eq!((rule.misses, rule.of, rule.misses_in_all, rule.count), (3, 5, Some(10), 4));
    assert_eq!((rule.period(), rule.settle), (Duration::from_mins(5), Duration::from_secs(90)));
    assert_eq!((rule.sample.unwrap().at_least, rule.missing), (number(1.0), 2));
}

#[test]
fn a_metric_gate_may_leave_out_what_is_usual() {
    let kind = read(
        "metric: {queries: {cpu: {namespace: AWS/ECS, name: CPUUtilization, statistic: Average}}, below: 80}",
    );
    let GateKind::Metric(rule) = kind.unwrap() else { panic!() };
    assert_eq!((rule.watched.as_str(), rule.misses, rule.of, rule.count), ("cpu", 1, 1, 0));
    assert_eq!((rule.period(), rule.settle), (Duration::from_mins(1), MetricRule::SETTLE));
}

#[test]
fn an_exposure_cap_is_read_in_full() {
    let kind = read(
        "exposure: {requests: 5000, failed: 50, below: 50%,
            error_budget: {objective: 99.95%, requests: 10000000, share: 2.5%}}",
    );
    let GateKind::Exposure(cap) = kind.unwrap() else { panic!() };
    assert_eq!((cap.requests, cap.failed), (Some(5000), Some(50)));
    assert_eq!(cap.below, Weight::percent(50).unwrap());
    assert_eq!(cap.budget.unwrap().allowed(), 125);
}

#[test]
fn an_analysis_compares_errors_unless_told_otherwise() {
    let GateKind::Analysis(rule) = read("analysis: {}").unwrap() else { panic!() };
    assert_eq!((rule.preset, rule.metrics.len()), (Preset::Default, 1));
    assert_eq!(rule.metrics[0].source, AnalysisSource::Errors);
    assert_eq!(rule.share_tolerance, Some(number(0.1)));
    let kind = read(
        "analysis: {preset: strict, alpha: 0.5%, harm_ratio: 1.1, check_share: false, metrics: [
            {name: errors, errors: true, budget: 50%, objective: 2%},
            {name: slow, slower_than: 250ms, budget: 25%},
            {name: orders, more_is_better: true, budget: 25%, counts: {
                bad: {namespace: Shop, name: Orders, dimensions: {Revision: '{side.revision}'}, statistic: Sum},
                all: {namespace: Shop, name: Visits, dimensions: {Revision: '{side.revision}'}, statistic: Sum}}}]}",
    );
    let GateKind::Analysis(rule) = kind.unwrap() else { panic!() };
    assert_eq!((rule.alpha, rule.harm_ratio), (Some(number(0.005)), Some(number(1.1))));
    assert_eq!((rule.preset, rule.share_tolerance), (Preset::Strict, None));
    let budgets: Vec<Finite> = rule.metrics.iter().map(|metric| metric.budget).collect();
    assert_eq!(budgets, [number(0.5), number(0.25), number(0.25)]);
    assert!(rule.metrics[2].more_is_better && rule.metrics[0].objective == Some(number(0.02)));
}

#[test]
fn an_analysis_may_say_what_a_bake_does_with_its_findings() {
    let GateKind::Analysis(rule) = read("analysis: {}").unwrap() else { panic!() };
    assert_eq!((rule.advance_early, rule.insufficient), (None, Insufficient::Advance));
    assert_eq!(rule.both_bad, BothBad::Hold);
    let kind =
        read("analysis: {advance_early: {after: 5m}, insufficient: hold, both_bad: rollback}");
    let GateKind::Analysis(rule) = kind.unwrap() else { panic!() };
    let after = Duration::from_mins(5);
    assert_eq!(rule.advance_early, Some(AdvanceEarly { after }));
    assert_eq!((rule.insufficient, rule.both_bad), (Insufficient::Hold, BothBad::Rollback));
    for (given, timeout, default) in [
        ("{}", Duration::from_hours(24), HookAction::Rollback),
        ("{timeout: 8h, default: continue}", Duration::from_hours(8), HookAction::Continue),
    ] {
        let kind = read(&format!("analysis: {{insufficient: {{approval: {given}}}}}"));
        let GateKind::Analysis(rule) = kind.unwrap() else { panic!() };
        assert_eq!(rule.insufficient, Insufficient::Approval { timeout, default });
    }
}

#[test]
fn bad_gates_on_metrics_are_refused_with_field_value_and_fix() {
    const CPU: &str = "cpu: {namespace: AWS/ECS, name: CPUUtilization, statistic: Average}";
    let table = [
        ("alarms: [b], custom: true".to_owned(), "`gates[0]` has to ask one thing; give one of"),
        (format!("metric: {{queries: {{{CPU}}}}}"), "without one bound; give one of `below`, `at_most`"),
        (format!("metric: {{queries: {{{CPU}}}, below: few}}"), "`gates[0].metric.below` is `few`; give a number"),
        (format!("metric: {{queries: {{{CPU}}}, below: 1, watch: rate}}"), "`watch` is `rate`, which is none of its queries"),
        (format!("metric: {{queries: {{{CPU}}}, below: 1, misses: 6 of 5}}"), "`misses` is 6 of 5; give 1 of 1"),
        (format!("metric: {{queries: {{{CPU}}}, below: 1, misses: some}}"), "is `some`; give `3` (in a row) or `3 of 5`"),
        (format!("metric: {{queries: {{{CPU}}}, below: 1, period: 90s}}"), "`period` is 90s; give whole minutes"),
        ("metric: {queries: {Cpu: {formula: 1}}, below: 1}".to_owned(), "has an id `Cpu`; begin it with a small letter"),
        ("metric: {queries: {cpu: {name: x}}, below: 1}".to_owned(), "give `namespace`, `name` and `statistic`, or `formula` alone"),
        ("metric: {queries: {}, below: 1, watch: a}".to_owned(), "`queries` is empty; give one at least"),
        ("exposure: {}".to_owned(), "no cap is given; give `requests`, `failed` or `error_budget`"),
        ("exposure: {requests: many}".to_owned(), "is `many`; give a whole number"),
        (
            "exposure: {error_budget: {objective: 100%, requests: 10, share: 1%}}".to_owned(),
            "`error_budget` allows less than one failed request",
        ),
        ("analysis: {preset: brave}".to_owned(), "is `brave`; give one of `strict`, `default`, `noisy`"),
        ("analysis: {advance_early: {after: 59s}}".to_owned(), "`advance_early.after` is 59s; give 1m at least, one period"),
        ("analysis: {advance_early: {after: 5m}, period: 10m}".to_owned(), "is 5m; give 10m at least, one period"),
        ("analysis: {insufficient: pass}".to_owned(), "is `pass`; give one of `advance`, `hold`, `approval`"),
        ("analysis: {both_bad: continue}".to_owned(), "is `continue`; give one of `hold`, `rollback`"),
        ("analysis: {metrics: [{name: a}]}".to_owned(), "`a` has to compare one thing; give one of `errors: true`"),
        (
            "analysis: {metrics: [{name: a, errors: true}, {name: a, errors: true}]}".to_owned(),
            "`metrics` has `a` twice; give each a name of its own",
        ),
        (
            "analysis: {metrics: [{name: a, counts: {bad: {namespace: n, name: x, statistic: Sum}, all: {namespace: n, name: y, statistic: Sum}}}]}".to_owned(),
            "`a` counts the same for both sides; put `{side.target_group}`",
        ),
    ];
    for (gate, said) in table {
        let error = read(&gate).unwrap_err();
        assert!(error.contains(said), "{gate}\n{error}");
    }
}
