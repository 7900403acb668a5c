//! A case in the words of the crate: the scenario, the strategy, the gates, the limits.

use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::AlarmRule;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Controller;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::FaultKind;
use cutover::adapters::sim::FaultRates;
use cutover::adapters::sim::Metric;
use cutover::adapters::sim::MissingData;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::revision;
use cutover::model::AdvanceEarly;
use cutover::model::AlarmName;
use cutover::model::AnalysisMetric;
use cutover::model::AnalysisRule;
use cutover::model::AnalysisSource;
use cutover::model::BothBad;
use cutover::model::Elapsed;
use cutover::model::Finite;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::HookAction;
use cutover::model::HookId;
use cutover::model::HookSpec;
use cutover::model::Inconclusive;
use cutover::model::Insufficient;
use cutover::model::InsufficientData;
use cutover::model::Limits;
use cutover::model::Preset;
use cutover::model::Share;
use cutover::model::Stage;
use cutover::model::Step;
use cutover::model::Weight;
use cutover::ports::AlarmState;
use cutover::strategy::AllAtOnce;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Linear;
use cutover::strategy::Rolling;
use cutover::strategy::Steps;
use cutover::strategy::Strategy;

use crate::case::AlarmCase;
use crate::case::AskCase;
use crate::case::CandidateCase;
use crate::case::Case;
use crate::case::GateCase;
use crate::case::LimitsCase;
use crate::case::MissingCase;
use crate::case::ModeCase;
use crate::case::PolicyCase;
use crate::case::StateCase;
use crate::case::StepCase;
use crate::case::StrategyCase;
use crate::case::WatchCase;
use crate::mishap::ActionCase;
use crate::mishap::FaultName;
use crate::mishap::ScheduledCase;

/// So many seconds.
pub(crate) fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

/// So many seconds after the beginning.
pub(crate) fn at(second: u32) -> Elapsed {
    Elapsed::from_millis(u64::from(second) * 1000)
}

/// The name of alarm `index`.
pub(crate) fn alarm_name(index: u32) -> AlarmName {
    AlarmName::new(format!("alarm-{index}")).unwrap()
}

/// The name of gate `index`.
pub(crate) fn gate_id(index: usize) -> GateId {
    GateId::new(format!("gate-{index}")).unwrap()
}

/// The name of hook `index`.
pub(crate) fn hook_id(index: usize) -> HookId {
    HookId::new(format!("hook-{index}")).unwrap()
}

/// The account, and what will happen to it.
pub(crate) fn scenario(case: &Case) -> Scenario {
    let world = &case.world;
    let mut scenario = Scenario::new(case.seed)
        .with_desired(world.desired)
        .with_production_rules(world.rules.max(1))
        .with_stickiness(seconds(world.stickiness))
        .with_behaviour(revision(2), behaviour(world.candidate));
    if !world.stable {
        scenario = scenario.without_stable();
    }
    if !world.load_balancer {
        scenario = scenario.without_load_balancer();
    }
    if world.test_rule {
        scenario = scenario.with_test_rule();
    }
    if world.ecs {
        scenario = scenario.with_controller(Controller::Ecs);
    }
    scenario.deregistration_delay = seconds(world.deregistration);
    scenario.traffic =
        if world.rps == 0 { Traffic::None } else { Traffic::per_second(world.rps.into()) };
    scenario.timing.start = (seconds(world.start.min(10)), seconds(world.start.max(1)));
    scenario.timing.propagation = seconds(world.propagation);
    scenario.alarms = (0..).zip(&world.alarms).map(|(index, spec)| alarm(index, *spec)).collect();
    scenario.faults.rates = rates(case);
    scenario.faults.stop_at = Some(at(case.calm_from));
    scenario.faults.scheduled = case.faults.scheduled.iter().map(scheduled).collect();
    scenario.actions =
        case.actions.iter().map(|(second, what)| (at(*second), action(*what))).collect();
    scenario
}

fn behaviour(candidate: CandidateCase) -> Behaviour {
    match candidate {
        CandidateCase::Healthy => Behaviour::healthy(),
        CandidateCase::Erring(permille) => Behaviour::erring(permille),
        CandidateCase::Slow(ms) => Behaviour::healthy().with_latency_ms(ms),
        CandidateCase::FailsToStart => Behaviour::doomed(Fate::FailsToStart),
        CandidateCase::ImagePullError => Behaviour::doomed(Fate::ImagePullError),
        CandidateCase::CrashesAfter(after) => Behaviour::doomed(Fate::CrashesAfter(seconds(after))),
        CandidateCase::NeverHealthy => Behaviour::doomed(Fate::NeverHealthy),
        CandidateCase::UnhealthyAfter(after) => {
            Behaviour::doomed(Fate::UnhealthyAfter(seconds(after)))
        }
    }
}

fn alarm(index: u32, case: AlarmCase) -> AlarmSpec {
    let metric = |metric, threshold| AlarmRule::Metric {
        metric,
        period_minutes: 1,
        periods: 1,
        datapoints: 1,
        threshold,
        missing: match case.missing {
            MissingCase::Breaching => MissingData::Breaching,
            MissingCase::NotBreaching => MissingData::NotBreaching,
            MissingCase::Ignore => MissingData::Ignore,
            MissingCase::Missing => MissingData::Missing,
        },
    };
    let rule = match case.watches {
        WatchCase::Errors => metric(Metric::ErrorPermille(Colour::Green), 50),
        WatchCase::Latency => metric(Metric::LatencyMs(Colour::Green), 500),
        WatchCase::Unserved => metric(Metric::Unserved, 5),
        WatchCase::Composite => AlarmRule::AnyOf((0..index).map(alarm_name).collect()),
    };
    AlarmSpec::new(alarm_name(index), rule).in_state(state(case.begins))
}

fn state(case: StateCase) -> AlarmState {
    match case {
        StateCase::Ok => AlarmState::Ok,
        StateCase::Alarm => AlarmState::Alarm,
        StateCase::Insufficient => AlarmState::InsufficientData,
    }
}

fn rates(case: &Case) -> FaultRates {
    let mut rates = FaultRates::none();
    for (name, permille) in &case.faults.rates {
        rates = rates.with(kind(*name), *permille);
    }
    rates.late_up_to = seconds(case.faults.late_up_to);
    rates.stale_up_to = seconds(case.faults.stale_up_to);
    rates
}

/// The simulated cloud's name of a fault.
pub(crate) fn kind(name: FaultName) -> FaultKind {
    let index = FaultName::ALL.iter().position(|of| *of == name).unwrap();
    FaultKind::ALL[index]
}

fn scheduled(case: &ScheduledCase) -> ScheduledFault {
    let fault = match case.fault {
        FaultName::Throttled => Fault::Throttled,
        FaultName::ServerErrorApplied => Fault::ServerError { applied: true },
        FaultName::ServerErrorNotApplied => Fault::ServerError { applied: false },
        FaultName::NotSent => Fault::NotSent,
        FaultName::TimeoutBefore => Fault::TimeoutBefore,
        FaultName::TimeoutAfter => Fault::TimeoutAfter,
        FaultName::LateEffect => Fault::LateEffect(seconds(case.seconds)),
        FaultName::Duplicate => Fault::Duplicate,
        FaultName::Partial => Fault::Partial,
        FaultName::Hang => Fault::Hang,
        FaultName::Denied => Fault::Denied,
        FaultName::Stale => Fault::Stale(seconds(case.seconds)),
    };
    let call = if case.read { CallFilter::AnyRead } else { CallFilter::AnyWrite };
    ScheduledFault { call, nth: case.nth, fault }
}

fn action(case: ActionCase) -> Action {
    match case {
        ActionCase::SetDesired(desired) => Action::SetDesired(desired),
        ActionCase::EditWeights(rule, blue, green) => Action::EditWeights { rule, blue, green },
        ActionCase::AddForeignGroup(rule, weight) => Action::AddForeignGroup { rule, weight },
        ActionCase::DeleteRule(rule) => Action::DeleteRule { rule },
        ActionCase::CreateForeignTaskSet => Action::CreateForeignTaskSet { revision: revision(9) },
        ActionCase::SetForeignPrimary => Action::SetForeignPrimary,
        ActionCase::DeleteCandidate => Action::DeleteTaskSets { revision: revision(2) },
        ActionCase::DeleteStable => Action::DeleteTaskSets { revision: revision(1) },
        ActionCase::DeleteService => Action::DeleteService,
        ActionCase::KillStable(count) => Action::KillTasks { revision: revision(1), count },
        ActionCase::KillCandidate(count) => Action::KillTasks { revision: revision(2), count },
        ActionCase::NoCapacity(lasts) => Action::NoCapacity { lasts: seconds(lasts) },
        ActionCase::SetAlarm(index, to) => {
            Action::SetAlarm { name: alarm_name(index), state: state(to) }
        }
        ActionCase::DeleteAlarm(index) => Action::DeleteAlarm { name: alarm_name(index) },
        ActionCase::EditAlarm(index) => Action::EditAlarm {
            name: alarm_name(index),
            rule: AlarmRule::Metric {
                metric: Metric::Unserved,
                period_minutes: 1,
                periods: 1,
                datapoints: 1,
                threshold: u64::MAX,
                missing: MissingData::NotBreaching,
            },
        },
        ActionCase::AlarmEvaluationError(index, lasts) => {
            Action::AlarmEvaluationError { name: alarm_name(index), lasts: seconds(lasts) }
        }
        ActionCase::WallClockJump(by_ms) => Action::WallClockJump { by_ms },
        ActionCase::Candidate(candidate) => {
            Action::ChangeBehaviour { revision: revision(2), behaviour: behaviour(candidate) }
        }
    }
}

/// The strategy of a case.
pub(crate) fn strategy(case: &StrategyCase) -> Box<dyn Strategy> {
    let weight = |permille| Weight::permille(permille).unwrap();
    match case {
        StrategyCase::BlueGreen { bake, test } => {
            Box::new(BlueGreen { bake: seconds(*bake), test_traffic: *test })
        }
        StrategyCase::AllAtOnce { bake } => Box::new(AllAtOnce { bake: seconds(*bake) }),
        StrategyCase::Canary { permille, bake, last } => Box::new(Canary {
            weight: weight(*permille),
            bake: seconds(*bake),
            final_bake: seconds(*last),
        }),
        StrategyCase::Linear { permille, interval, last } => Box::new(Linear {
            step: weight(*permille),
            interval: seconds(*interval),
            final_bake: seconds(*last),
        }),
        StrategyCase::Rolling { minimum, maximum, bake } => Box::new(Rolling {
            minimum_healthy_percent: *minimum,
            maximum_percent: *maximum,
            bake: seconds(*bake),
        }),
        StrategyCase::Steps(steps) => {
            Box::new(Steps { steps: steps.iter().copied().map(step).collect(), gates: Vec::new() })
        }
    }
}

fn step(case: StepCase) -> Step {
    match case {
        StepCase::Scale(permille) => Step::Scale { share: Share::permille(permille).unwrap() },
        StepCase::TestTraffic => Step::TestTraffic,
        StepCase::Shift(permille) => Step::Shift { weight: Weight::permille(permille).unwrap() },
        StepCase::Bake(duration) => Step::Bake { duration: seconds(duration), gates: Vec::new() },
        StepCase::Approval(timeout, go_on) => {
            Step::Approval { timeout: seconds(timeout), default: hook_action(go_on) }
        }
    }
}

fn hook_action(go_on: bool) -> HookAction {
    if go_on { HookAction::Continue } else { HookAction::Rollback }
}

/// The gates of a case as a request takes them.
pub(crate) fn gates(case: &Case) -> Vec<GateSpec> {
    case.gates.iter().enumerate().map(|(index, gate)| gate_spec(index, gate)).collect()
}

fn gate_spec(index: usize, case: &GateCase) -> GateSpec {
    let kind = match &case.asks {
        AskCase::Custom(_) => GateKind::Custom,
        AskCase::Analysis(after) => GateKind::Analysis(analysis(*after)),
        AskCase::Alarms(names, accepted) => GateKind::Alarms {
            names: names.iter().copied().map(alarm_name).collect(),
            accept_red_at_start: accepted.then(|| "it is red for a known reason".to_owned()),
            insufficient_data: InsufficientData::default(),
        },
    };
    GateSpec {
        id: gate_id(index),
        kind,
        mode: match case.mode {
            ModeCase::Blocking => GateMode::Blocking,
            ModeCase::HoldOnly => GateMode::HoldOnly,
            ModeCase::ObserveOnly => GateMode::ObserveOnly,
        },
        inconclusive: match case.policy {
            PolicyCase::Hold(limit) => Inconclusive::Hold { limit: seconds(limit) },
            PolicyCase::Rollback => Inconclusive::Rollback,
            PolicyCase::Continue => Inconclusive::Continue,
        },
        always: true,
    }
}

/// Errors of the candidate against stable's, with everything else as specs have it.
fn analysis(after: u32) -> AnalysisRule {
    let whole = Finite::from(1);
    AnalysisRule {
        preset: Preset::Default,
        alpha: None,
        harm_ratio: None,
        safe_ratio: None,
        metrics: vec![AnalysisMetric {
            name: "errors".to_owned(),
            source: AnalysisSource::Errors,
            more_is_better: false,
            budget: whole,
            objective: None,
        }],
        share_tolerance: None,
        period: seconds(60),
        settle: seconds(120),
        advance_early: Some(AdvanceEarly { after: seconds(after) }),
        insufficient: Insufficient::Advance,
        both_bad: BothBad::Hold,
    }
}

/// The hooks of a case as a request takes them.
pub(crate) fn hooks(case: &Case) -> Vec<HookSpec> {
    let hooks = case.hooks.iter().enumerate();
    hooks
        .map(|(index, hook)| HookSpec {
            id: hook_id(index),
            stages: hook.stages.iter().map(|stage| Stage::ALL[stage % Stage::ALL.len()]).collect(),
            timeout: seconds(hook.timeout),
            default: hook_action(hook.go_on),
        })
        .collect()
}

/// The limits of a case.
pub(crate) fn limits(case: &LimitsCase) -> Limits {
    Limits {
        poll: seconds(case.poll),
        freshness: seconds(case.freshness),
        max_gap: seconds(case.max_gap),
        settle: seconds(case.settle),
        propagation: seconds(case.propagation),
        progress_deadline: seconds(case.progress),
        hold_limit: seconds(case.hold),
        rollback_deadline: seconds(case.rollback),
        deadline: (case.deadline > 0).then(|| seconds(case.deadline)),
        checkpoint: seconds(case.checkpoint),
        ..Limits::default()
    }
}
