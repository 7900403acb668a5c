//! The local cloud as a server for any AWS client.

use std::error::Error;
use std::io;
use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use cutover::adapters::local::LocalCloud;
use cutover::adapters::sim::Controller;
use cutover::adapters::sim::Scenario;
use tokio::runtime::Builder;

use crate::cli::Local;
use crate::cli::Scene;
use crate::furnish;

/// How long a target goes on draining. Who deploys waits for that in real time, so it is short.
const DRAINING: Duration = Duration::from_secs(2);

/// The other service of the pair.
const PAIR: &str = "web-green";

/// Answers until it is interrupted.
pub(crate) fn serve(local: &Local) -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let served: Result<(), Box<dyn Error + Send + Sync>> = runtime.block_on(async {
        let listener = TcpListener::bind(local.listen)
            .map_err(|error| format!("cannot listen at {}: {error}", local.listen))?;
        let cloud = furnished(local).await?;
        let server = cloud.serve(listener, local.speed)?;
        writeln!(io::stdout(), "{}", server.endpoint_url())?;
        io::stdout().flush()?;
        interrupted().await?;
        server.stop().await;
        Ok(())
    });
    served.map_err(|error| -> Box<dyn Error> { error })
}

/// The cloud with everything that the scene needs.
async fn furnished(local: &Local) -> Result<LocalCloud, Box<dyn Error + Send + Sync>> {
    let scenario = scenario(local);
    let service = scenario.service.clone();
    let cloud = LocalCloud::new(scenario);
    // a minute of the world before anybody looks need not last one
    cloud.set_speed(QUICK);
    if local.scenario == Scene::Pair {
        furnish::pair(&cloud, &service, PAIR).await?;
    }
    if local.scenario != Scene::Empty {
        furnish::alarms(&cloud).await?;
    }
    cloud.forget_calls();
    Ok(cloud)
}

/// Simulated seconds per real second before anybody looks.
const QUICK: f64 = 60.0;

fn scenario(local: &Local) -> Scenario {
    let served = || Scenario::new(local.seed).with_test_rule();
    let scenario = match local.scenario {
        Scene::Empty => return Scenario::empty(local.seed),
        Scene::TaskSets => served(),
        Scene::Pair | Scene::Rolling => served().with_controller(Controller::Ecs),
    };
    scenario.with_deregistration_delay(DRAINING)
}

/// Waits until somebody wants it to end: Ctrl-C, or `kill`.
async fn interrupted() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::SignalKind;
        use tokio::signal::unix::signal;

        let mut ended = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = ended.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
