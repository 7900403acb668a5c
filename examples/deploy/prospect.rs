//! What is to be expected of a plan, from what is known of the service's traffic.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::aws::CallRate;
use cutover::api::ObservedTraffic;
use cutover::api::Planned;
use cutover::gate::Foresight;
use cutover::model::Load;
use cutover::simulate::HealthyRuns;
use cutover::simulate::Prospect;
use cutover::simulate::Setting;
use cutover::simulate::Trial;
use cutover::store::MemoryStore;

use crate::job::Job;
use crate::registry::deployer;
use crate::site::Site;
use crate::traffic_args::TrafficArgs;

/// How long after its end a minute's numbers are there in any case.
const PUBLISHED: Duration = Duration::from_mins(5);

/// The seed of the healthy runs: the same plan, the same numbers.
const SEED: u64 = 1;

/// What is said where nothing is known.
pub(crate) const UNKNOWN: &str = "to be told what each step can see, give --rps N and --error-rate P%, or --observe 24h, or `traffic` in \
     the spec";

/// What is known of the traffic of a plan's service.
pub(crate) struct Known {
    pub(crate) load: Option<Load>,
    pub(crate) observed: Option<ObservedTraffic>,
}

/// Lets a simulated cloud live for as long as it is to be observed.
pub(crate) fn live(site: &mut Site, args: &TrafficArgs) -> Result<(), Box<dyn Error>> {
    let (Some(span), Some(_)) = (args.observe, site.cloud()) else { return Ok(()) };
    let clock = Arc::clone(&site.clock);
    Ok(site.block_on(async move { clock.sleep(span + PUBLISHED).await })?)
}

/// Finds out what can be known.
pub(crate) fn known(
    site: &mut Site,
    job: &Job,
    planned: &Planned,
    args: &TrafficArgs,
) -> Result<Known, Box<dyn Error>> {
    let observed = match args.observe {
        None => None,
        Some(span) => {
            let deployer = deployer(site.ports(Arc::new(MemoryStore::new())), job)?;
            Some(site.block_on(deployer.observe(planned, span))??)
        }
    };
    let load = args.load(observed.as_ref(), &job.spec)?;
    Ok(Known { load, observed })
}

/// What the comparisons of a plan see, where the traffic is known.
fn foresight(
    job: &Job,
    planned: &Planned,
    known: &Known,
) -> Result<Option<Foresight>, Box<dyn Error>> {
    let expected = job.spec.sees().get();
    let of = |load| Foresight::of(&planned.plan, job.spec.limits(), load, expected);
    Ok(known.load.map(of).transpose()?)
}

/// What is to be expected, and why the runs without trouble are not told where they cannot be.
pub(crate) fn prospect(
    job: &Job,
    planned: &Planned,
    known: Known,
) -> Result<(Prospect, Option<String>), Box<dyn Error>> {
    let limits = job.spec.limits();
    let rate = CallRate::of(&planned.plan, &planned.baseline, limits);
    let calling = |prospect: Prospect| {
        prospect.with_calls(rate.per_hour(), |took, writes| rate.reads(took, writes))
    };
    let mut prospect = Prospect::of(planned, limits);
    let Some(foresight) = foresight(job, planned, &known)? else {
        return Ok((calling(prospect), None));
    };
    let (load, expected) = (foresight.load, foresight.expected);
    prospect = prospect.with_foresight(foresight);
    if let Some(observed) = known.observed {
        prospect = prospect.with_observed(observed, (&planned.plan, limits), expected)?;
    }
    let desired = planned.shape.desired.max(1);
    let setting = Setting { desired, ..Setting::default() }.with_load(load);
    let trial = Trial::of(&job.spec).with_setting(setting);
    Ok(match HealthyRuns::of(&trial, prospect.earliest, SEED) {
        Ok(healthy) => (calling(prospect.with_healthy_runs(healthy)), None),
        Err(error) => (calling(prospect), Some(error.to_string())),
    })
}
