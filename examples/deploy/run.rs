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
use cutover::ports::Store;
use cutover::ports::Summary;
use cutover::store::MemoryStore;

use crate::cli::Place;
use crate::cli::Run;
use crate::cli::Show;
use crate::cli::State;
use crate::drive::follow;
use crate::inspect;
use crate::job::BadSpec;
use crate::job::Job;
use crate::job::change;
use crate::lint::Lint;
use crate::outcome::exit_code;
use crate::patience::patiently;
use crate::records;
use crate::registry::deployer;
use crate::registry::deployer_of;
use crate::simulated;
use crate::site::Site;
use crate::view::View;

/// Carries a spec out. A deployment of its service that is unfinished is gone on with instead.
pub(crate) fn run(run: &Run) -> Result<ExitCode, Box<dyn Error>> {
    let mut job = Job::load(&run.job.spec)?;
    let place = &run.job.place;
    let mut view = View::for_stdout(run.show.json);
    let mut site = simulated::site(&mut job, place, view.is_live())?;
    let store: Arc<dyn Store> = if place.simulated {
        Arc::new(MemoryStore::new())
    } else {
        Arc::new(records::open(&run.state)?)
    };
    carry_out(&mut site, store, &job, (run.show.approve, run.heed.strict), &mut view)
}

/// Starts a job's deployment or goes on with it, and shows it to its end. Approvals may be given without
/// asking; with `strict` it does not start on a warning.
pub(crate) fn carry_out(
    site: &mut Site,
    store: Arc<dyn Store>,
    job: &Job,
    (approve, strict): (bool, bool),
    view: &mut View,
) -> Result<ExitCode, Box<dyn Error>> {
    let deployer = deployer(site.ports(store), job)?;
    let known = site.block_on(deployer.list())??;
    let service = job.spec.service();
    let unfinished =
        known.iter().find(|known| known.service == *service && !known.status.is_ended());
    let handle = match unfinished {
        Some(unfinished) => {
            let handle = attach(site, &deployer, &unfinished.deployment)?;
            view.note(&format!("{service}: going on with deployment {}", handle.id()))?;
            handle
        }
        None => match start(site, &deployer, job, &known, strict)? {
            Ok(handle) => handle,
            Err(lint) => return Ok(refused(&lint)),
        },
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
    let handle = attach(&mut site, &deployer, &id)?;
    finish(&mut site, &deployer, &handle, show.approve, &mut view)
}

/// Takes a deployment up that nobody drives.
fn attach(
    site: &mut Site,
    deployer: &Deployer,
    id: &DeploymentId,
) -> Result<DeploymentHandle, Box<dyn Error>> {
    let status = site.block_on(deployer.status(id))??;
    if status.holder.is_some() && !status.progress.status.is_ended() {
        let (service, deployment) = (status.record.header.subject.service, id.clone());
        let holder = status.holder;
        return Err(cutover::Error::AlreadyRunning { service, holder, deployment }.into());
    }
    Ok(site.block_on(deployer.resume(id))??)
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

/// Registers the revision and starts the deployment, unless something is found that forbids it.
fn start(
    site: &mut Site,
    deployer: &Deployer,
    job: &Job,
    known: &[Summary],
    strict: bool,
) -> Result<Result<DeploymentHandle, Lint>, Box<dyn Error>> {
    let planned = inspect::planned(site, job)?;
    let (aws, clock, service) = (site.aws.clone(), Arc::clone(&site.clock), job.spec.service());
    let candidate = if job.is_registered() {
        planned.shape.candidate
    } else {
        // nothing is registered for a deployment that may not start
        let lint = Lint::of_job(site, job, (None, &planned.plan), job.spec.load(), strict)?;
        if lint.forbids() {
            return Ok(Err(lint));
        }
        let register = || aws.register(service, &job.topology, &job.source);
        site.block_on(patiently(&*clock, register))??
    };
    let lint = Lint::of_job(site, job, (Some(&candidate), &planned.plan), job.spec.load(), strict)?;
    if lint.forbids() {
        return Ok(Err(lint));
    }
    let id = job.id(&candidate, known)?;
    Ok(Ok(site.block_on(deployer.start(job.request(id, candidate)))??))
}

/// Says what forbids the start.
fn refused(lint: &Lint) -> ExitCode {
    eprintln!("error: the deployment must not start; nothing was deployed");
    for line in lint.to_string().lines() {
        eprintln!("  {line}");
    }
    lint.refusal()
}
