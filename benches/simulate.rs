//! Deployments a second of `simulate`, on all cores: a canary of 10 % for five minutes, then ten minutes of
//! final bake, ten tasks, 200 requests a second; watched by an alarm, or by a comparison of the candidate's
//! errors with stable's; in the healthy world and in bad ones.
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cutover::simulate::{NamedWorld, Trial, simulate};
use cutover::spec::DeploymentSpec;

/// Runs a measurement.
const RUNS: u32 = 128;

const SPEC: &str = "
service: {cluster: shop, name: web}
revision:
  task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8
strategy:
  canary: {weight: 10%, bake: 5m, final_bake: 10m}
";

fn deployments(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulate");
    group.throughput(Throughput::Elements(u64::from(RUNS))).sample_size(10);
    let alarm = ("canary_with_an_alarm", "alarms: [web-errors]");
    let analysis = ("canary_with_analysis", "gates: [{id: compare, analysis: {}}]");
    for ((name, gates), times) in [(alarm, 1), (alarm, 100), (analysis, 1), (analysis, 5)] {
        let spec = DeploymentSpec::parse(&format!("{SPEC}{gates}"), "canary.yaml").unwrap();
        let trial = Trial::of(&spec);
        let world = NamedWorld::Errors { times };
        group.bench_function(format!("{name}/{world}"), |bencher| {
            bencher.iter(|| simulate(&trial, world, RUNS, 1).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, deployments);
criterion_main!(benches);
