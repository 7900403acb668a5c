//! Periods applied a second, as counts of both sides; and what a forecast costs.
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use cutover::analysis::{
    Comparison, Counts, Detectability, EProcess, ExpectedTraffic, MetricSettings, RatioTest,
    Settings, ShareCheck, ShareSettings, Side,
};
use cutover::model::{Timestamp, Weight};

/// An hour of a healthy canary: a tenth of 200 requests a second, one in a thousand goes badly.
fn hour() -> Vec<Counts> {
    let minute = |at: u64| Counts {
        stable_requests: 10_800 + at * 53 % 300,
        stable_bad: 8 + at * 7 % 6,
        candidate_requests: 1_150 + at * 37 % 100,
        candidate_bad: at * 5 % 3,
    };
    (0..60).map(minute).collect()
}

fn periods(criterion: &mut Criterion) {
    let hour = hour();
    let mut group = criterion.benchmark_group("periods");
    group.throughput(Throughput::Elements(u64::try_from(hour.len()).unwrap()));
    let Settings { alpha, harm_ratio, cap, .. } = Settings::default();
    let test = RatioTest { side: Side::Harm, ratio: harm_ratio, level: alpha, cap };
    let process = EProcess::new(test).unwrap();
    group.bench_function("e_process", |bencher| {
        bencher.iter_batched_ref(
            || process.clone(),
            |process| {
                for counts in &hour {
                    process.observe(counts).unwrap();
                }
                process.refuted()
            },
            BatchSize::SmallInput,
        );
    });
    let comparison = Comparison::new(MetricSettings::new("errors", Settings::default())).unwrap();
    group.bench_function("comparison", |bencher| {
        bencher.iter_batched_ref(
            || comparison.clone(),
            |comparison| {
                for (at, counts) in (1..).zip(&hour) {
                    comparison.observe(Timestamp::from_millis(at), counts).unwrap();
                }
                comparison.finding()
            },
            BatchSize::SmallInput,
        );
    });
    let (check, ten) = (ShareCheck::new(ShareSettings::default()).unwrap(), Weight::at_most(100));
    group.bench_function("share_check", |bencher| {
        bencher.iter_batched_ref(
            || check.clone(),
            |check| {
                for counts in &hour {
                    check.observe(ten, counts).unwrap();
                }
                check.answer()
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn forecasts(criterion: &mut Criterion) {
    let weight = Weight::at_most(100);
    let traffic = ExpectedTraffic { requests_per_minute: 12_000.0, base_rate: 0.001, weight };
    let forecast = Detectability::new(Settings::default(), traffic).unwrap();
    let mut group = criterion.benchmark_group("forecast");
    group.bench_function("smallest_ratio", |bencher| {
        bencher.iter(|| forecast.smallest_ratio(30, 0.8));
    });
    group.bench_function("least_harmful_weight", |bencher| {
        bencher.iter(|| forecast.least_harmful_weight(5.0, 20, 0.8, 3.0));
    });
    group.finish();
}

criterion_group!(benches, periods, forecasts);
criterion_main!(benches);
