//! Deployments a second of `simulate`, on all cores: a canary of 10 % for five minutes, then ten minutes of
//! final bake, ten tasks, 200 requests a second, one alarm, in the healthy world and in a bad one.
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cutover::simulate::{NamedWorld, Trial, simulate};
use cutover::spec::DeploymentSpec;

/// Runs a measurement.
const RUNS: u32 = 128;

const ALARM: &str = "
service: {cluster: shop, name: web}
revision:
  task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8
strategy:
  canary: {weight: 10%, bake: 5m, final_bake: 10m}
alarms: [web-errors]
";

fn deployments(criterion: &mut Criterion) {
    let trial = Trial::of(&DeploymentSpec::parse(ALARM, "canary.yaml").unwrap());
    let mut group = criterion.benchmark_group("simulate");
    group.throughput(Throughput::Elements(u64::from(RUNS))).sample_size(10);
    for world in [NamedWorld::Healthy, NamedWorld::Errors { times: 100 }] {
        let name = format!("canary_with_an_alarm/{world}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| simulate(&trial, world, RUNS, 1).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, deployments);
criterion_main!(benches);
