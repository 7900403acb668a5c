//! The numbers that a case promises, computed from the case alone.

use crate::case::AskCase;
use crate::case::Case;
use crate::case::ModeCase;
use crate::case::PolicyCase;
use crate::case::StepCase;
use crate::case::StrategyCase;
use crate::history::Millis;
use crate::scene::alarm_name;

use cutover::model::AlarmName;

/// An alarm that may stop the deployment.
#[derive(Debug, Clone)]
pub(crate) struct BlockingAlarm {
    pub name: AlarmName,
    /// Whether "cannot tell" stops it too.
    pub strict: bool,
    /// Whether a red one is accepted at the start.
    pub accepted: bool,
}

/// The numbers that a case promises.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// How old a read may be that a write rests on.
    pub freshness: Millis,
    /// How much the truth may have changed since what a decision at the same time rested on.
    pub blind: Millis,
    /// How late an unanswered write may still take effect.
    pub settle: Millis,
    /// How long the load balancer may go on by old weights: nothing is drained before.
    pub follows: Millis,
    /// How long a role's weight must have been 0 before it is drained, where no metric says more.
    pub drain: Millis,
    /// The two percentages of a roll; none for other strategies.
    pub roll: Option<(u32, u32)>,
    pub router: bool,
    /// Whether nothing serves before.
    pub first: bool,
    pub rules: usize,
    pub alarms: Vec<BlockingAlarm>,
    /// When the deployment must have ended at the latest.
    pub bound: Millis,
    /// Whether ECS rolls by itself.
    pub delegated: bool,
    /// When others do something.
    pub actions: Vec<Millis>,
}

const CALL: u64 = 10;

impl Terms {
    /// The numbers that this case promises.
    pub(crate) fn of(case: &Case) -> Self {
        let limits = &case.limits;
        let scheduled = case.faults.scheduled.iter().map(|fault| fault.seconds).max().unwrap_or(0);
        let stale = case.faults.stale_up_to.max(30).max(scheduled);
        let roll = match case.strategy {
            StrategyCase::Rolling { minimum, maximum, .. } => Some((minimum, maximum)),
            _ => None,
        };
        let drain = limits.propagation.max(case.world.stickiness).max(case.world.deregistration);
        let ms = |seconds: u32| u64::from(seconds) * 1000;
        Self {
            freshness: ms(limits.freshness),
            blind: ms(limits.freshness) + ms(stale) + 2 * CALL * 1000,
            settle: ms(limits.settle),
            follows: ms(limits.propagation),
            drain: ms(drain),
            roll,
            router: case.world.load_balancer,
            first: !case.world.stable,
            rules: usize::try_from(case.world.rules.max(1)).unwrap(),
            alarms: blocking(case),
            bound: bound(case) * 1000,
            delegated: case.world.ecs,
            actions: case.actions.iter().map(|(second, _)| ms(*second)).collect(),
        }
    }

    /// The healthy targets that a share of the traffic in per mille needs.
    pub(crate) fn needed(&self, permille: u64, desired: u32) -> u32 {
        if permille == 0 || desired == 0 {
            return 0;
        }
        let percent = self.roll.map_or(100, |(minimum, _)| minimum);
        let needed = (permille * u64::from(desired) * u64::from(percent)).div_ceil(100_000);
        u32::try_from(needed).unwrap().max(1)
    }
}

fn blocking(case: &Case) -> Vec<BlockingAlarm> {
    let mut alarms = Vec::new();
    for gate in case.gates.iter().filter(|gate| gate.mode == ModeCase::Blocking) {
        if let AskCase::Alarms(names, accepted) = &gate.asks {
            let strict = gate.policy != PolicyCase::Continue;
            alarms.extend(names.iter().map(|index| BlockingAlarm {
                name: alarm_name(*index),
                strict,
                accepted: *accepted,
            }));
        }
    }
    alarms
}

/// Seconds within which a deployment must have ended once nothing goes wrong any more. Generous: it
/// proves that there is an ending, not that it is quick.
fn bound(case: &Case) -> u64 {
    let limits = &case.limits;
    let (steps, waits) = steps(&case.strategy);
    let stages = 4 * steps + 8;
    let hooks: u64 =
        case.hooks.iter().map(|hook| stages * u64::from(hook.timeout.max(hook.takes))).sum();
    let gates: u64 = case
        .gates
        .iter()
        .map(|gate| match gate.policy {
            PolicyCase::Hold(limit) => u64::from(limit),
            _ => 0,
        })
        .sum();
    let one_step = u64::from(limits.progress) + u64::from(limits.hold) + u64::from(limits.settle);
    let back = 4 * u64::from(limits.rollback) + 600;
    // metrics are asked first, and every restart begins again
    let drain = 600
        + u64::from(limits.propagation.max(case.world.stickiness).max(case.world.deregistration));
    let crashes: u64 =
        case.crashes.iter().map(|crash| 300 + u64::from(crash.back_after.unwrap_or(0))).sum();
    let last_action = case.actions.iter().map(|(second, _)| *second).max().unwrap_or(0);
    let last_operation = case.operators.iter().map(|(second, _)| *second).max().unwrap_or(0);
    let calm = case.calm_from.max(last_action).max(last_operation);
    u64::from(calm)
        + steps * one_step
        + 2 * waits
        + hooks
        + steps * gates
        + back
        + 4 * drain
        + crashes
        + 1200
}

/// How many steps a strategy has at most, and the sum of its own waits in seconds.
fn steps(strategy: &StrategyCase) -> (u64, u64) {
    match strategy {
        StrategyCase::BlueGreen { bake, .. } => (4, u64::from(*bake)),
        StrategyCase::AllAtOnce { bake } => (3, u64::from(*bake)),
        StrategyCase::Canary { bake, last, .. } => (5, u64::from(*bake) + u64::from(*last)),
        StrategyCase::Linear { permille, interval, last } => {
            let shifts = u64::from(1000_u32.div_ceil(*permille));
            (2 * shifts + 2, shifts * u64::from(*interval) + u64::from(*last))
        }
        // every batch is progress: so many batches at most, each within the progress deadline
        StrategyCase::Rolling { bake, .. } => (24, u64::from(*bake)),
        StrategyCase::Steps(steps) => {
            let waits = steps.iter().map(|step| match step {
                StepCase::Bake(span) | StepCase::Approval(span, _) => u64::from(*span),
                StepCase::Scale(_) | StepCase::TestTraffic | StepCase::Shift(_) => 0,
            });
            (u64::try_from(steps.len()).unwrap(), waits.sum())
        }
    }
}
