//! Nanoseconds per input and drain, for whole deployments of each strategy replayed into the engine.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark")]

#[path = "../tests/engine/ideal.rs"]
#[expect(
    dead_code,
    clippy::wildcard_imports,
    reason = "shared with the engine's tests, which use more of it"
)]
mod ideal;
#[path = "../tests/engine/metrics.rs"]
#[expect(clippy::wildcard_imports, reason = "a test's own")]
mod metrics;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use cutover::engine::{Engine, Input, Output};
use cutover::model::{FencingToken, Limits, Now, Record};
use cutover::strategy::{AllAtOnce, BlueGreen, Canary, Linear, Rolling, Strategy};

use ideal::{Ideal, Rig, record};

/// A deployment's first record and every input that it was fed.
fn deployment(strategy: &dyn Strategy) -> (Record, Vec<(Now, Input)>) {
    let world = Ideal::new(10, false);
    let plan = strategy.plan(&world.shape()).unwrap();
    let record = record(&world, plan.clone(), Limits::default());
    let mut rig = Rig::new(world, plan, Limits::default());
    rig.finish();
    (record, rig.inputs_fed)
}

fn feed(engine: &mut Engine, inputs: Vec<(Now, Input)>) {
    for (now, input) in inputs {
        engine.handle(now, input);
        while !matches!(engine.poll_output(), Output::WaitUntil(_)) {}
    }
}

fn inputs(criterion: &mut Criterion) {
    let strategies: [Box<dyn Strategy>; 5] = [
        Box::new(BlueGreen::default()),
        Box::new(Canary::default()),
        Box::new(Linear::default()),
        Box::new(AllAtOnce::default()),
        Box::new(Rolling::default()),
    ];
    let mut group = criterion.benchmark_group("input_and_drain");
    for strategy in strategies {
        let (record, inputs) = deployment(&*strategy);
        group.throughput(Throughput::Elements(u64::try_from(inputs.len()).unwrap()));
        group.bench_function(strategy.name(), |bencher| {
            bencher.iter_batched(
                || {
                    let token = FencingToken::new(1);
                    (Engine::restore(record.clone(), token, Now::default()), inputs.clone())
                },
                |(mut engine, inputs)| feed(&mut engine, inputs),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, inputs);
criterion_main!(benches);
