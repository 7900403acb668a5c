//! Makes a case that breaks a rule as small as it gets, and prints how to run it again.

use proptest::strategy::ValueTree;

use crate::case::Case;
use crate::harness::Report;
use crate::harness::run;

/// How many runs shrinking may take.
const RUNS: u32 = 400;

fn breaks(case: &Case, class: &str) -> bool {
    run(case).violation.is_some_and(|violation| violation.class() == class)
}

/// The smallest case found that breaks a rule in the same way: the generator's own shrinking first, then every
/// fault, action, crash, gate and hook left out one by one.
pub(crate) fn shrink(tree: &mut impl ValueTree<Value = Case>, class: &str) -> Case {
    let mut best = tree.current();
    let mut runs = 0;
    let mut moved = tree.simplify();
    while moved && runs < RUNS {
        runs += 1;
        let case = tree.current();
        if breaks(&case, class) {
            best = case;
            moved = tree.simplify();
        } else {
            moved = tree.complicate();
        }
    }
    prune(best, class)
}

/// Leaves out whatever the violation does not need.
fn prune(mut case: Case, class: &str) -> Case {
    loop {
        let smaller = candidates(&case).into_iter().find(|smaller| breaks(smaller, class));
        match smaller {
            Some(smaller) => case = smaller,
            None => return case,
        }
    }
}

fn without<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    let leave_out = |index| {
        let mut rest = all.to_vec();
        rest.remove(index);
        rest
    };
    (0..all.len()).map(leave_out).collect()
}

/// Every case with one thing less.
fn candidates(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Case)| {
        let mut smaller = case.clone();
        change(&mut smaller);
        if smaller != *case {
            all.push(smaller);
        }
    };
    let usual = Case::default();
    add(&|c| c.store.clone_from(&usual.store));
    add(&|c| c.faults.clone_from(&usual.faults));
    add(&|c| c.limits.clone_from(&usual.limits));
    add(&|c| c.world.alarms.clear());
    add(&|c| c.world.candidate = usual.world.candidate);
    add(&|c| c.world.rules = 1);
    add(&|c| c.world.stickiness = 0);
    add(&|c| c.world.desired = 2);
    add(&|c| c.world.start = usual.world.start);
    add(&|c| c.world.rps = usual.world.rps);
    add(&|c| c.strategy.clone_from(&usual.strategy));
    add(&|c| c.seed = 1);
    for rest in without(&case.faults.scheduled) {
        add(&|c| c.faults.scheduled.clone_from(&rest));
    }
    let rates: Vec<_> = case.faults.rates.iter().collect();
    for rest in without(&rates) {
        add(&|c| c.faults.rates = rest.iter().map(|(name, rate)| (**name, **rate)).collect());
    }
    for rest in without(&case.store.lost) {
        add(&|c| c.store.lost.clone_from(&rest));
    }
    for rest in without(&case.actions) {
        add(&|c| c.actions.clone_from(&rest));
    }
    for rest in without(&case.crashes) {
        add(&|c| c.crashes.clone_from(&rest));
    }
    for rest in without(&case.operators) {
        add(&|c| c.operators.clone_from(&rest));
    }
    for rest in without(&case.rivals) {
        add(&|c| c.rivals.clone_from(&rest));
    }
    for rest in without(&case.gates) {
        add(&|c| c.gates.clone_from(&rest));
    }
    for rest in without(&case.hooks) {
        add(&|c| c.hooks.clone_from(&rest));
    }
    all
}

/// Prints how a case is run again, what it breaks and what happened last.
pub(crate) fn explain(case: &Case) {
    let report = run(case);
    println!(
        "\nCUTOVER_CASE='{}' cargo test --test simulation -- --exact swarm::replay --nocapture\n",
        case.to_line()
    );
    show(&report);
}

/// Prints what a run brought.
pub(crate) fn show(report: &Report) {
    if let Some(violation) = &report.violation {
        println!("broken: {violation}");
    }
    println!("ending: {:?}, at {:?} ms", report.ending, report.ended);
    println!("what happened last:");
    for event in &report.events {
        println!("{event}");
    }
}
