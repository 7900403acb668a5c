//! What a plan does not say of its service.

use serde::Serialize;

use super::asked::Asked;
use crate::adapters::sim::AlarmSpec;
use crate::adapters::sim::Behaviour;
use crate::adapters::sim::Chance;
use crate::adapters::sim::Colour;
use crate::adapters::sim::Endpoint;
use crate::adapters::sim::HttpAnswer;
use crate::adapters::sim::Scenario;
use crate::adapters::sim::Traffic;
use crate::adapters::sim::revision;
use crate::analysis::Counts;
use crate::model::AlarmName;
use crate::model::GateSpec;
use crate::model::Load;

/// What a plan does not say of its service: its size, its traffic, and how good it is when all is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "callers set single fields over the default")]
pub struct Setting {
    /// The desired count. 10.
    pub desired: u32,
    /// Requests in thousandths of one per second. 200 per second.
    pub milli_rps: u64,
    /// The share of requests that fail in a healthy revision, in parts per million. 1000, or 0.1 %.
    pub error_ppm: u32,
    /// How much failures come in bursts: ρ of a beta-binomial distribution in parts per million. 0.
    pub rho_ppm: u32,
    /// The 99th percentile of a healthy revision's response times in milliseconds. 50.
    pub latency_ms: u32,
    /// Every alarm that the plan names is red while more than this share of the candidate's requests
    /// failed within a minute, in per mille. 50.
    pub alarm_permille: u64,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            desired: 10,
            milli_rps: 200_000,
            error_ppm: 1000,
            rho_ppm: 0,
            latency_ms: 50,
            alarm_permille: 50,
        }
    }
}

impl Setting {
    /// The same with this load, to a thousandth of a request a second and a millionth of failures, one at
    /// least of each.
    #[must_use]
    pub fn with_load(self, load: Load) -> Self {
        let whole = |number: f64| Counts::count(libm::round(number)).unwrap_or_default().max(1);
        let failing = whole(load.error_rate.get() * 1e6);
        Self {
            milli_rps: whole(load.requests_per_second.get() * 1000.0),
            error_ppm: u32::try_from(failing).unwrap_or(u32::MAX),
            ..self
        }
    }

    /// A service so set, with whatever these gates ask there, whose revisions all are healthy. Revision 1 serves, revision
    /// 2 is the candidate.
    pub(super) fn scenario(&self, seed: u64, gates: &[GateSpec]) -> Scenario {
        let healthy = self.candidate();
        let (webhooks, probes) = Asked::addresses(gates);
        let mut scenario = Scenario::new(seed)
            .with_desired(self.desired)
            .with_traffic(Traffic::Constant { milli_rps: self.milli_rps })
            .with_test_rule()
            .with_chance(Chance::default().with_rho_ppm(self.rho_ppm))
            .with_behaviour(revision(1), healthy.clone())
            .with_behaviour(revision(2), healthy);
        scenario.test_origins.extend(probes);
        for url in webhooks {
            scenario = scenario.with_endpoint(Endpoint::new(url, [HttpAnswer::status(200, "")]));
        }
        let alarm =
            |name: &AlarmName| AlarmSpec::errors(name.clone(), Colour::Green, self.alarm_permille);
        Asked::alarms(gates).iter().map(alarm).fold(scenario, Scenario::with_alarm)
    }

    /// A healthy candidate, to be made worse.
    pub(super) fn candidate(&self) -> Behaviour {
        Behaviour::healthy().with_error_ppm(self.error_ppm).with_latency_ms(self.latency_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_taken_over_as_exactly_as_the_simulation_has_it() {
        let of = |rps, rate| {
            let setting = Setting::default().with_load(Load::new(rps, rate).unwrap());
            (setting.milli_rps, setting.error_ppm, setting.desired)
        };
        assert_eq!(of(12.5, 0.0025), (12_500, 2500, 10));
        // nothing at all would be another service
        assert_eq!(of(1e-6, 1e-9), (1, 1, 10));
    }
}
