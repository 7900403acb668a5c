//! Deployments a second of `simulate`, on all cores: a canary of 10 % for five minutes, then a final bake, 200
//! requests a second; watched by an alarm, or by a comparison of the candidate's errors with stable's; in the
//! healthy world and in bad ones. Looks are what it costs: a plan that looks every 45 s is simulated twice as
//! fast as one that looks every 10 s.
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cutover::simulate::{NamedWorld, Trial, simulate};
use cutover::spec::DeploymentSpec;

/// Runs a measurement.
const RUNS: u32 = 512;

const SPEC: &str = "
service: {cluster: shop, name: web}
revision:
  task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8
";

/// A canary with the default pace, a look every 10 s.
const CANARY: &str = "strategy: {canary: {weight: 10%, bake: 5m, final_bake: 10m}}";

/// The plan of which more than 1,000 a second are simulated on two cores.
const CALM_CANARY: &str =
    "strategy: {canary: {weight: 10%, bake: 5m, final_bake: 5m}}\nlimits: {poll: 45s}";

fn deployments(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulate");
    group.throughput(Throughput::Elements(u64::from(RUNS))).sample_size(10);
    let (alarm, compare) = ("alarms: [web-errors]", "gates: [{id: compare, analysis: {}}]");
    let alarm = ("canary_with_an_alarm", CANARY, alarm, 10);
    let analysis = ("canary_with_analysis", CANARY, compare, 10);
    let calm = ("canary_with_analysis_of_4_tasks_looking_every_45s", CALM_CANARY, compare, 4);
    let plans = [(alarm, 1), (alarm, 100), (analysis, 1), (analysis, 5), (calm, 1), (calm, 5)];
    for ((name, strategy, gates, tasks), times) in plans {
        let spec = format!("{SPEC}{strategy}\n{gates}");
        let spec = DeploymentSpec::parse(&spec, "canary.yaml").unwrap();
        let mut trial = Trial::of(&spec);
        trial.setting.desired = tasks;
        let world = NamedWorld::Errors { times };
        group.bench_function(format!("{name}/{world}"), |bencher| {
            bencher.iter(|| simulate(&trial, world, RUNS, 1).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, deployments);
criterion_main!(benches);
