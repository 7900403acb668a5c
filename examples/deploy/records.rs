//! What the state directory knows, for whoever does not drive.

use std::env;
use std::error::Error;
use std::io;
use std::io::Write;
use std::process;
use std::process::ExitCode;
use std::sync::Arc;

use cutover::Deployer;
use cutover::adapters::host::HostClock;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Scenario;
use cutover::api::DeploymentStatus;
use cutover::api::Ports;
use cutover::model::DeploymentId;
use cutover::model::Direction;
use cutover::model::HolderId;
use cutover::model::Operator;
use cutover::model::Stage;
use cutover::model::StopOrder;
use cutover::ports::Store;
use cutover::store::FileStore;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;

use crate::cli::Go;
use crate::cli::Known;
use crate::cli::State;
use crate::cli::Stop;
use crate::cli::Told;
use crate::job::BadSpec;
use crate::site::Site;
use crate::words;

/// Opens the directory of the records.
pub(crate) fn open(state: &State) -> Result<FileStore, Box<dyn Error>> {
    let directory = match &state.directory {
        Some(directory) => directory.clone(),
        None => FileStore::default_directory()
            .ok_or_else(|| BadSpec("this user has no state directory; give --state DIR".into()))?,
    };
    Ok(FileStore::open(directory)?)
}

/// A deployer that only reads records and asks: the cloud that it has is an empty one.
fn reader(state: &State) -> Result<(Runtime, Deployer), Box<dyn Error>> {
    let (nothing, store) = (Cloud::new(Scenario::empty(0)), open(state)?);
    let ports = Ports {
        fleet: nothing.fleet(),
        router: None,
        autoscaler: None,
        monitor: nothing.monitor(),
        http: None,
        clock: Arc::new(HostClock),
        store: Arc::new(store),
        spawn: nothing.spawner(),
    };
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let user = env::var("USER").or_else(|_| env::var("LOGNAME"));
    let user = user.unwrap_or_else(|_| "somebody".to_owned());
    // whoever explains the deployment later reads this name
    let holder = HolderId::new(format!("{user} (process {})", process::id()))?;
    Ok((runtime, Deployer::builder(ports).holder(holder).build()?))
}

/// Lists every deployment.
pub(crate) fn list(state: &State) -> Result<(), Box<dyn Error>> {
    let (runtime, deployer) = reader(state)?;
    let mut out = io::stdout().lock();
    if let Some(order) = in_force(&runtime, &deployer)? {
        writeln!(out, "every deployment is {order}")?;
    }
    for known in runtime.block_on(deployer.list())? {
        writeln!(out, "{}  {}  {}", known.deployment, known.service, known.status)?;
    }
    Ok(())
}

/// Says where a deployment is.
pub(crate) fn status(Told { known, json }: &Told) -> Result<(), Box<dyn Error>> {
    let (runtime, deployer) = reader(&known.state)?;
    let status = runtime.block_on(deployer.status(&known.id))?;
    let order = in_force(&runtime, &deployer)?;
    if !json {
        print(&known.id, &status)?;
        if let Some(order) = order {
            writeln!(io::stdout().lock(), "  every deployment is {order}")?;
        }
        return Ok(());
    }
    let subject = &status.record.header.subject;
    let document = json!({
        "deployment": known.id,
        "service": subject.service,
        "revision": subject.candidate,
        "driven_by": status.holder,
        "progress": status.progress,
        "requests": status.requests,
        "stopped": order,
    });
    Ok(writeln!(io::stdout().lock(), "{}", serde_json::to_string_pretty(&document)?)?)
}

/// Says why a deployment did what it did; fails where its record does not agree with itself.
pub(crate) fn why(Told { known, json }: &Told) -> Result<ExitCode, Box<dyn Error>> {
    let (runtime, deployer) = reader(&known.state)?;
    let explanation = runtime.block_on(deployer.explain(&known.id))?;
    let mut out = io::stdout().lock();
    if *json {
        writeln!(out, "{}", serde_json::to_string_pretty(&explanation)?)?;
    } else {
        write!(out, "{explanation}")?;
    }
    Ok(if explanation.agrees() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn in_force(runtime: &Runtime, deployer: &Deployer) -> Result<Option<StopOrder>, Box<dyn Error>> {
    let orders = runtime.block_on(deployer.turns())?;
    Ok(StopOrder::in_force(&orders).cloned())
}

/// Stops every deployment.
pub(crate) fn stop(stop: &Stop) -> Result<(), Box<dyn Error>> {
    if stop.reason.trim().is_empty() {
        return Err(BadSpec("`--reason` is empty; say why, it is recorded".to_owned()).into());
    }
    let (runtime, deployer) = reader(&stop.go.state)?;
    let order = runtime.block_on(deployer.stop(who(&stop.go), stop.reason.clone()))?;
    Ok(writeln!(io::stdout().lock(), "every deployment is {order}")?)
}

/// Lets every deployment go on.
pub(crate) fn go(go: &Go) -> Result<(), Box<dyn Error>> {
    let (runtime, deployer) = reader(&go.state)?;
    let order = runtime.block_on(deployer.go(who(go)))?;
    Ok(writeln!(io::stdout().lock(), "every deployment is {order}")?)
}

fn who(go: &Go) -> String {
    let user = || env::var("USER").ok().filter(|name| !name.is_empty());
    go.by.clone().or_else(user).unwrap_or_else(|| "someone".to_owned())
}

fn print(id: &DeploymentId, status: &DeploymentStatus) -> io::Result<()> {
    let (progress, header) = (&status.progress, &status.record.header);
    let mut out = io::stdout().lock();
    let subject = &header.subject;
    writeln!(out, "{id} of {}: {}", subject.service, progress.status)?;
    writeln!(out, "  revision  {}", subject.candidate)?;
    let holder = status.holder.as_ref().map_or("nobody", HolderId::as_str);
    writeln!(out, "  driven by {holder}")?;
    let (step, steps) = (progress.step + 1, progress.steps);
    writeln!(out, "  step      {step} of {steps}, {}", progress.stage)?;
    writeln!(out, "  world     {}", words::progress(progress))?;
    // nothing is asked of them on the way back, while stable is removed, and after the end
    let asks = progress.direction == Direction::Forward && progress.stage != Stage::CleanUp;
    for gate in progress.gates.iter().filter(|_| asks && !progress.status.is_ended()) {
        writeln!(out, "  gate      {}", words::gate_line(gate))?;
    }
    if let Some(waiting) = &progress.waiting {
        writeln!(out, "  waits for {waiting}")?;
    }
    if let Some(cause) = &progress.cause {
        writeln!(out, "  cause     {cause}")?;
    }
    if !progress.next.is_empty() {
        writeln!(out, "  next      {}", progress.next)?;
    }
    for request in &status.requests {
        let answer = match &request.answer {
            None => "waits".to_owned(),
            Some(Ok(())) => "taken".to_owned(),
            Some(Err(why)) => format!("refused: {why}"),
        };
        writeln!(out, "  asked     {}: {answer}", words::asked(request.operator))?;
    }
    Ok(())
}

/// Asks something of whoever drives a deployment, or will.
pub(crate) fn ask(known: &Known, request: Operator) -> Result<(), Box<dyn Error>> {
    let ((runtime, deployer), id) = (reader(&known.state)?, &known.id);
    runtime.block_on(deployer.request(id, request))?;
    let what = words::asked(request);
    let mut out = io::stdout().lock();
    match runtime.block_on(deployer.status(id))?.holder {
        Some(holder) => writeln!(out, "{id}: asked {holder} to {what}")?,
        None => writeln!(out, "{id}: nobody drives it; `resume` will first {what}")?,
    }
    Ok(())
}

/// The only deployment that is unfinished.
pub(crate) fn only_unfinished(
    site: &mut Site,
    store: &Arc<dyn Store>,
) -> Result<DeploymentId, Box<dyn Error>> {
    let known = site.block_on(store.list())??;
    let mut unfinished = known.into_iter().filter(|known| !known.status.is_ended());
    match (unfinished.next(), unfinished.next()) {
        (Some(only), None) => Ok(only.deployment),
        (None, _) => Err(BadSpec("no deployment is unfinished".to_owned()).into()),
        (Some(_), Some(_)) => {
            Err(BadSpec("several deployments are unfinished; name one (see `list`)".into()).into())
        }
    }
}
