//! Whole simulated deployments a second, on one core, with every invariant checked after every event;
//! and, for comparison, the same ten-step canary through the engine alone.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a benchmark")]
#![expect(dead_code, reason = "shared with the property tests, which use more of it")]

#[path = "../tests/simulation/abandoned.rs"]
mod abandoned;
#[path = "../tests/simulation/case.rs"]
mod case;
#[path = "../tests/simulation/door.rs"]
mod door;
#[path = "../tests/simulation/faulty_store.rs"]
mod faulty_store;
#[path = "../tests/simulation/harness.rs"]
mod harness;
#[path = "../tests/simulation/history.rs"]
mod history;
#[path = "../tests/engine/ideal.rs"]
#[expect(clippy::wildcard_imports, reason = "a test's own")]
mod ideal;
#[path = "../tests/simulation/invariants/mod.rs"]
mod invariants;
#[path = "../tests/engine/metrics.rs"]
#[expect(clippy::wildcard_imports, reason = "a test's own")]
mod metrics;
#[path = "../tests/simulation/mishap.rs"]
mod mishap;
#[path = "../tests/simulation/probe.rs"]
mod probe;
#[path = "../tests/simulation/process.rs"]
mod process;
#[path = "../tests/simulation/recorded.rs"]
mod recorded;
#[path = "../tests/simulation/restless.rs"]
mod restless;
#[path = "../tests/simulation/scene.rs"]
mod scene;
#[path = "../tests/simulation/story.rs"]
mod story;
#[path = "../tests/simulation/terms.rs"]
mod terms;
#[path = "../tests/simulation/trouble.rs"]
mod trouble;
#[path = "../tests/simulation/truth.rs"]
mod truth;
#[path = "../tests/simulation/workload.rs"]
mod workload;

use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use cutover::engine::{Engine, Input, Output};
use cutover::model::{FencingToken, Limits, Now, Plan, Share, Step, Weight};

use case::{Case, StepCase, StrategyCase};
use harness::run;
use ideal::{Ideal, Rig, record};

/// Ten steps of ten per cent, each baked a minute.
fn ten_steps() -> Vec<StepCase> {
    let steps = (1..=10).flat_map(|step| [StepCase::Shift(step * 100), StepCase::Bake(60)]);
    [StepCase::Scale(1000)].into_iter().chain(steps).collect()
}

fn simulated(criterion: &mut Criterion) {
    let case = Case { strategy: StrategyCase::Steps(ten_steps()), ..Case::default() };
    let report = run(&case);
    assert!(report.violation.is_none(), "{:?}", report.violation);
    let mut group = criterion.benchmark_group("ten_step_canary");
    group.throughput(Throughput::Elements(1));
    group.bench_function("simulated_with_invariants", |bencher| bencher.iter(|| run(&case)));
    group.finish();
}

fn engine_alone(criterion: &mut Criterion) {
    let bake = || Step::Bake { duration: Duration::from_secs(60), gates: Vec::new() };
    let shift = |step: u32| Step::Shift { weight: Weight::percent(step * 10).unwrap() };
    let mut steps = vec![Step::Scale { share: Share::FULL }];
    steps.extend((1..=10).flat_map(|step| [shift(step), bake()]));
    let strategy = "ten steps".to_owned();
    let plan = Plan { strategy, steps, gates: Vec::new(), hooks: Vec::new(), notes: Vec::new() };
    let world = Ideal::new(4, false);
    let first = record(&world, plan.clone(), Limits::default());
    let mut rig = Rig::new(world, plan, Limits::default());
    rig.finish();
    let inputs = rig.inputs_fed;
    let mut group = criterion.benchmark_group("ten_step_canary");
    group.throughput(Throughput::Elements(u64::try_from(inputs.len()).unwrap()));
    group.bench_function("engine_events", |bencher| {
        bencher.iter_batched(
            || {
                let token = FencingToken::new(1);
                (Engine::restore(first.clone(), token, Now::default()), inputs.clone())
            },
            |(mut engine, inputs): (Engine, Vec<(Now, Input)>)| {
                for (now, input) in inputs {
                    engine.handle(now, input);
                    while !matches!(engine.poll_output(), Output::WaitUntil(_)) {}
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, simulated, engine_alone);
criterion_main!(benches);
