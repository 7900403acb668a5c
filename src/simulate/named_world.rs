//! The worlds that a plan is tried in.

use std::time::Duration;

use super::asked::Asked;
use super::setting::Setting;
use crate::adapters::sim::Action;
use crate::adapters::sim::Ageing;
use crate::adapters::sim::Behaviour;
use crate::adapters::sim::Blips;
use crate::adapters::sim::CallFilter;
use crate::adapters::sim::CallKind;
use crate::adapters::sim::Chance;
use crate::adapters::sim::Fate;
use crate::adapters::sim::Fault;
use crate::adapters::sim::FaultKind;
use crate::adapters::sim::FaultRates;
use crate::adapters::sim::Late;
use crate::adapters::sim::Revised;
use crate::adapters::sim::Scenario;
use crate::adapters::sim::ScheduledFault;
use crate::adapters::sim::Traffic;
use crate::adapters::sim::revision;
use crate::model::AlarmName;
use crate::model::Elapsed;
use crate::model::GateSpec;
use crate::ports::AlarmState;

/// A world that a plan is tried in. What is not said of it is as the [`Setting`] says.
///
/// [`FromStr`](std::str::FromStr) reads the names in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NamedWorld {
    /// The candidate is as good as stable (`healthy`).
    Healthy,
    /// The candidate fails so many times as many requests as stable (`errors-x5`).
    Errors {
        /// How many times.
        times: u32,
    },
    /// Every minute that a task of the candidate runs adds stable's share of failures, and 20 ms
    /// (`slow-leak`).
    SlowLeak,
    /// Every task of the candidate exits after so many minutes (`crash-after-5m`).
    CrashAfter {
        /// Minutes.
        minutes: u32,
    },
    /// A task of the candidate fails twenty times as much as stable for its first two minutes and is
    /// slow; then it is as good as stable (`cold-cache`).
    ColdCache,
    /// No task can be placed for two hours (`no-capacity`).
    NoCapacity,
    /// In one minute of twenty 3 % of all requests fail, whoever serves them (`dependency-blips`).
    DependencyBlips,
    /// Failures come in bursts, in both revisions: ρ is 0.002 (`bursty`).
    Bursty,
    /// Five minutes after the start nobody asks for anything any more, for eight hours (`night`).
    Night,
    /// Autoscaling wants half as many tasks more after two minutes, and a fifth less than at first after
    /// six (`autoscaling`).
    Autoscaling,
    /// Elastic Load Balancing refuses the last weight eight times (`throttled-last-step`).
    ThrottledLastStep,
    /// One call in twenty is refused, one in twenty is not answered: applied or not (`flaky-api`).
    FlakyApi,
    /// Half of the metrics' data are published two to six minutes later (`late-metrics`).
    LateMetrics,
    /// One datum in five shows six tenths of its requests at first, for two minutes
    /// (`revised-metrics`).
    RevisedMetrics,
    /// An alarm that the plan names turns red after six minutes though nothing is wrong, and quiet again
    /// within a minute (`flapping-alarm`).
    FlappingAlarm,
}

/// How a deployment should end in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hope {
    /// The candidate should serve.
    Success,
    /// Stable should serve again.
    Rollback,
    /// Either is right.
    Either,
}

impl NamedWorld {
    /// Every world, the ones with a number with usual ones.
    pub const ALL: [Self; 17] = [
        Self::Healthy,
        Self::Errors { times: 2 },
        Self::Errors { times: 5 },
        Self::Errors { times: 50 },
        Self::SlowLeak,
        Self::CrashAfter { minutes: 5 },
        Self::ColdCache,
        Self::NoCapacity,
        Self::DependencyBlips,
        Self::Bursty,
        Self::Night,
        Self::Autoscaling,
        Self::ThrottledLastStep,
        Self::FlakyApi,
        Self::LateMetrics,
        Self::RevisedMetrics,
        Self::FlappingAlarm,
    ];

    /// How a deployment should end in it.
    pub const fn hope(self) -> Hope {
        match self {
            Self::Errors { times: 2.. }
            | Self::SlowLeak
            | Self::CrashAfter { .. }
            | Self::NoCapacity => Hope::Rollback,
            Self::ColdCache | Self::FlappingAlarm => Hope::Either,
            Self::Healthy
            | Self::Errors { .. }
            | Self::DependencyBlips
            | Self::Bursty
            | Self::Night
            | Self::Autoscaling
            | Self::ThrottledLastStep
            | Self::FlakyApi
            | Self::LateMetrics
            | Self::RevisedMetrics => Hope::Success,
        }
    }

    /// The account in this world, for a plan that shifts so many times and has these gates.
    pub(super) fn scenario(
        self,
        setting: &Setting,
        (shifts, gates): (u32, &[GateSpec]),
        seed: u64,
    ) -> Scenario {
        let calm = setting.scenario(seed, gates);
        match self {
            Self::Healthy => calm,
            Self::Errors { .. } | Self::SlowLeak | Self::CrashAfter { .. } | Self::ColdCache => {
                calm.with_behaviour(revision(2), self.candidate(setting))
            }
            Self::NoCapacity => {
                calm.with_action(minute(0), Action::NoCapacity { lasts: minutes(120) })
            }
            Self::DependencyBlips | Self::Bursty | Self::LateMetrics | Self::RevisedMetrics => {
                let chance = calm.chance.unwrap_or_default();
                calm.with_chance(self.chance(chance))
            }
            Self::Night => calm.with_traffic(Traffic::Nights {
                milli_rps: setting.milli_rps,
                first_ms: minute(5).as_millis(),
                lasts_ms: minute(8 * 60).as_millis(),
            }),
            Self::Autoscaling => {
                let (more, fewer) = (setting.desired / 2, setting.desired / 5);
                let desired = setting.desired;
                calm.with_action(minute(2), Action::SetDesired(desired.saturating_add(more)))
                    .with_action(minute(6), Action::SetDesired(desired - fewer))
            }
            Self::ThrottledLastStep => {
                let refused = (shifts..shifts.saturating_add(8)).map(|nth| ScheduledFault {
                    call: CallFilter::Only(CallKind::ModifyRule),
                    nth,
                    fault: Fault::Throttled,
                });
                refused.fold(calm, Scenario::with_fault)
            }
            Self::FlakyApi => {
                let rates = FaultRates::none().with(FaultKind::Throttled, 50);
                let rates = rates.with(FaultKind::TimeoutBefore, 25);
                calm.with_fault_rates(rates.with(FaultKind::TimeoutAfter, 25), None)
            }
            Self::FlappingAlarm => {
                let red = |name: &AlarmName| {
                    let (name, state) = (name.clone(), AlarmState::Alarm);
                    (minute(6), Action::SetAlarm { name, state })
                };
                let turns = Asked::alarms(gates).first().map(red);
                turns.into_iter().fold(calm, |calm, (at, action)| calm.with_action(at, action))
            }
        }
    }

    /// How the candidate behaves in it.
    fn candidate(self, setting: &Setting) -> Behaviour {
        let (healthy, base) = (setting.candidate(), setting.error_ppm);
        match self {
            Self::Errors { times } => {
                healthy.with_error_ppm(base.saturating_mul(times).min(1_000_000))
            }
            Self::SlowLeak => {
                healthy.with_ageing(Ageing::Leak { ppm_per_minute: base, ms_per_minute: 20 })
            }
            Self::ColdCache => healthy.with_ageing(Ageing::Cold {
                lasts: minutes(2),
                error_ppm: base.saturating_mul(19),
                latency_ms: setting.latency_ms.saturating_mul(20),
            }),
            Self::CrashAfter { minutes: after } => {
                let mut doomed = healthy;
                doomed.fate = Fate::CrashesAfter(minutes(u64::from(after.max(1))));
                doomed
            }
            _ => healthy,
        }
    }

    /// What is left to chance in it.
    const fn chance(self, chance: Chance) -> Chance {
        match self {
            Self::DependencyBlips => {
                chance.with_blips(Blips { share_ppm: 50_000, error_ppm: 30_000 })
            }
            Self::Bursty => chance.with_rho_ppm(2000),
            Self::LateMetrics => {
                chance.with_late(Late { share_ppm: 500_000, by: (minutes(2), minutes(6)) })
            }
            Self::RevisedMetrics => chance.with_revised(Revised {
                share_ppm: 200_000,
                shown_permille: 600,
                after: minutes(2),
            }),
            _ => chance,
        }
    }
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

const fn minute(minute: u64) -> Elapsed {
    Elapsed::from_millis(minute * 60_000)
}
