//! The local cloud as a server for any AWS client.

use std::error::Error;
use std::io;
use std::io::Write;
use std::net::TcpListener;

use cutover::adapters::local::LocalCloud;
use cutover::adapters::sim::Controller;
use cutover::adapters::sim::Scenario;
use tokio::runtime::Builder;

use crate::cli::Local;
use crate::cli::Scene;

/// Answers until it is interrupted.
pub(crate) fn serve(local: &Local) -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(local.listen)?;
        let server = LocalCloud::new(scenario(local)).serve(listener, local.speed)?;
        writeln!(io::stdout(), "{}", server.endpoint_url())?;
        io::stdout().flush()?;
        tokio::signal::ctrl_c().await?;
        server.stop().await;
        Ok(())
    })
}

fn scenario(local: &Local) -> Scenario {
    let served = || Scenario::new(local.seed).with_test_rule();
    match local.scenario {
        Scene::Empty => Scenario::empty(local.seed),
        Scene::TaskSets => served(),
        Scene::Rolling => served().with_controller(Controller::Ecs),
    }
}
