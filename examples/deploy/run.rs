//! Carries a spec out, or goes on with what another process began.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cutover::Deployer;
use cutover::DeploymentHandle;
use cutover::model::DeploymentId;
use cutover::model::Revision;
use cutover::model::ServiceId;
use cutover::ports::Clock;
use cutover::ports::Retry;
use cutover::ports::Store;
use cutover::store::MemoryStore;

use crate::cli::Fault;
use crate::cli::Place;
use crate::cli::Run;
use crate::cli::Show;
use crate::cli::State;
use crate::drive::follow;
use crate::job::BadSpec;
use crate::job::Job;
use crate::job::change;
use crate::outcome::exit_code;
use crate::records;
use crate::registry::deployer;
use crate::registry::deployer_of;
use crate::simulated;
use crate::site::Site;
use crate::view::View;

/// How often a start is tried that failed for a passing reason, and how long is waited between.
const STARTS: u32 = 20;
const PAUSE: Duration = Duration::from_secs(5);

/// Carries a spec out. A deployment of its service that is unfinished is gone on with instead.
pub(crate) fn run(run: &Run) -> Result<ExitCode, Box<dyn Error>> {
    let job = Job::load(&run.job.spec)?;
    let place = &run.job.place;
    let needs_alarm = [Fault::BadCandidate, Fault::RedAlarm].into_iter();
    if let Some(fault) =
        needs_alarm.filter(|_| job.alarms().is_empty()).find(|fault| place.faults.contains(fault))
    {
        return Err(BadSpec(format!("fault {fault:?} needs an alarm; name one in the spec")).into());
    }
    let mut view = View::for_stdout(run.show.json);
    let store: Arc<dyn Store> = if place.simulated {
        Arc::new(MemoryStore::new())
    } else {
        Arc::new(records::open(&run.state)?)
    };
    let mut site = simulated::site(&job, place, view.is_live())?;
    carry_out(&mut site, store, &job, run.show.approve, &mut view)
}

/// Starts a job's deployment or goes on with it, and shows it to its end.
pub(crate) fn carry_out(
    site: &mut Site,
    store: Arc<dyn Store>,
    job: &Job,
    approve: bool,
    view: &mut View,
) -> Result<ExitCode, Box<dyn Error>> {
    let deployer = deployer(site.ports(store), job)?;
    let known = site.block_on(deployer.list())??;
    let service = job.spec.service();
    let unfinished =
        known.into_iter().find(|known| known.service == *service && !known.status.is_ended());
    let handle = match unfinished {
        Some(unfinished) => {
            view.note(&format!("{service}: going on with deployment {}", unfinished.deployment))?;
            site.block_on(deployer.resume(&unfinished.deployment))??
        }
        None => start(site, &deployer, job)?,
    };
    finish(site, &deployer, &handle, approve, view)
}

/// Goes on with a deployment that is unfinished.
pub(crate) fn resume(
    id: Option<&DeploymentId>,
    place: &Place,
    state: &State,
    show: &Show,
) -> Result<ExitCode, Box<dyn Error>> {
    if place.simulated {
        return Err(BadSpec("a simulated cloud dies with its process; start anew".into()).into());
    }
    let mut view = View::for_stdout(show.json);
    let mut site = Site::real(place)?;
    let store: Arc<dyn Store> = Arc::new(records::open(state)?);
    let id = match id {
        Some(id) => id.clone(),
        None => records::only_unfinished(&mut site, &store)?,
    };
    let plain = Deployer::builder(site.ports(Arc::clone(&store))).build()?;
    let plan = site.block_on(plain.status(&id))??.record.header.plan;
    let deployer = deployer_of(site.ports(store), &plan)?;
    let handle = site.block_on(deployer.resume(&id))??;
    finish(&mut site, &deployer, &handle, show.approve, &mut view)
}

fn finish(
    site: &mut Site,
    deployer: &Deployer,
    handle: &DeploymentHandle,
    approve: bool,
    view: &mut View,
) -> Result<ExitCode, Box<dyn Error>> {
    let clock = Arc::clone(&site.clock);
    let known = site.block_on(about(deployer, handle.id(), &clock))??;
    let (service, stable, candidate) = known;
    let change = change(stable.as_ref(), &candidate);
    view.note(&format!("deployment {} of {service}: {change}", handle.id()))?;
    let summary = follow(site, handle, (change, &candidate), approve, view)?;
    view.end(&summary)?;
    Ok(exit_code(&summary.ending))
}

type About = (ServiceId, Option<Revision>, Revision);

/// What a deployment is about, as soon as its record is there.
async fn about(
    deployer: &Deployer,
    id: &DeploymentId,
    clock: &Arc<dyn Clock>,
) -> Result<About, cutover::Error> {
    loop {
        match deployer.status(id).await {
            Ok(status) => {
                let subject = status.record.header.subject;
                return Ok((subject.service, subject.baseline.stable_revision, subject.candidate));
            }
            Err(cutover::Error::Unknown { .. }) => clock.sleep(Duration::from_millis(20)).await,
            Err(error) => return Err(error),
        }
    }
}

/// Registers the revision and starts the deployment; again where the cloud only failed to answer what
/// was read.
fn start(
    site: &mut Site,
    deployer: &Deployer,
    job: &Job,
) -> Result<DeploymentHandle, Box<dyn Error>> {
    let (aws, clock, service) = (site.aws.clone(), Arc::clone(&site.clock), job.spec.service());
    let registered = site.block_on(async {
        for _ in 1..STARTS {
            match aws.register(service, job.spec.topology(), &job.source).await {
                Err(error) if error.retry() != Retry::Never => clock.sleep(PAUSE).await,
                other => return other,
            }
        }
        aws.register(service, job.spec.topology(), &job.source).await
    })?;
    let candidate = registered?;
    let started = site.block_on(async {
        for _ in 1..STARTS {
            match deployer
                .start(job.request(candidate.clone()).map_err(cutover::Error::Name)?)
                .await
            {
                Err(cutover::Error::Unreadable { source, .. })
                    if source.retry() != Retry::Never =>
                {
                    clock.sleep(PAUSE).await;
                }
                other => return other,
            }
        }
        deployer.start(job.request(candidate).map_err(cutover::Error::Name)?).await
    })?;
    Ok(started?)
}
