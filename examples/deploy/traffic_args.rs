//! What is said on the command line of a service's traffic.

use std::error::Error;
use std::time::Duration;

use clap::Args;
use cutover::api::ObservedTraffic;
use cutover::model::Load;
use cutover::spec::DeploymentSpec;

use crate::figures::milli;
use crate::figures::ppm;
use crate::figures::span;
use crate::job::BadSpec;

/// What the service serves when all is well. Each figure is the one given, else what was observed, else the
/// spec's.
#[derive(Debug, Args)]
pub(crate) struct TrafficArgs {
    /// Requests a second [default: what is observed, else the spec's `traffic`]
    #[arg(long, value_name = "N", value_parser = milli)]
    rps: Option<u64>,
    /// The share of requests that fail in a healthy revision [default: the same]
    #[arg(long, value_name = "PERCENT", value_parser = ppm)]
    error_rate: Option<u32>,
    /// Read both from CloudWatch, for so long up to now: 1h to 15d
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) observe: Option<Duration>,
}

impl TrafficArgs {
    /// What the service serves, as far as that is known.
    pub(crate) fn load(
        &self,
        observed: Option<&ObservedTraffic>,
        spec: &DeploymentSpec,
    ) -> Result<Option<Load>, Box<dyn Error>> {
        let known = observed.map(|observed| observed.load).or_else(|| spec.load());
        let rps = self.rps.map(|milli| u32::try_from(milli).map(f64::from)).transpose()?;
        let rps = rps.map(|milli| milli / 1e3);
        let rps = rps.or_else(|| known.map(|load| load.requests_per_second.get()));
        let rate = self.error_rate.map(|ppm| f64::from(ppm) / 1e6);
        let rate = rate.or_else(|| known.map(|load| load.error_rate.get()));
        match (rps, rate) {
            (Some(rps), Some(rate)) => {
                Load::new(rps, rate).map(Some).map_err(|error| BadSpec(error.to_string()).into())
            }
            (None, None) => Ok(None),
            (Some(_), None) => Err(missing("--error-rate", "--rps")),
            (None, Some(_)) => Err(missing("--rps", "--error-rate")),
        }
    }
}

fn missing(missing: &str, given: &str) -> Box<dyn Error> {
    let why = format!("{given} says only half; give {missing} too, or `traffic` in the spec");
    BadSpec(why).into()
}
