//! One deployment from beginning to end.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::aws::CallRate;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentRequest;
use cutover::model::Decision;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::Limits;
use cutover::model::RollbackCause;
use cutover::store::MemoryStore;
use cutover::strategy::Forecast;
use cutover::strategy::Strategy;

use super::account::Account;
use super::account::service;
use super::realisation::Realisation;
use super::trouble::Trouble;
use super::trouble::gate;
use super::truth::Truth;
use super::truth::tasks_of;

/// How long the world is left alone before it is looked at.
const REST: Duration = Duration::from_mins(20);

/// How a deployment of `web:2` in place of `web:1` went.
pub(crate) struct Run {
    pub(crate) ending: Ending,
    /// Why it turned back.
    pub(crate) cause: Option<RollbackCause>,
    pub(crate) forecast: Forecast,
    /// What the plan says of its calls.
    pub(crate) rate: CallRate,
    /// From the request to the end.
    pub(crate) took: Duration,
    /// What was called for it after the plan was made, up to the end.
    pub(crate) calls: Vec<String>,
    /// What is true afterwards.
    pub(crate) truth: Truth,
    /// Whether the tasks of `web:1` are still the ones that were there at first.
    pub(crate) stable_intact: bool,
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Every strategy, each watched long enough for an alarm to see what it did.
pub(crate) fn strategies() -> [Box<dyn Strategy>; 5] {
    use cutover::strategy::AllAtOnce;
    use cutover::strategy::BlueGreen;
    use cutover::strategy::Canary;
    use cutover::strategy::Linear;
    use cutover::strategy::Rolling;

    let bake = Duration::from_mins(5);
    [
        Box::new(Rolling { bake, ..Rolling::default() }),
        Box::new(BlueGreen::default()),
        Box::new(Canary::default()),
        Box::new(Linear::default()),
        Box::new(AllAtOnce { bake }),
    ]
}

/// Deploys `web:2` to this account; answers why not where it is refused.
pub(crate) async fn deploy(
    account: &Account,
    realisation: Realisation,
    strategy: &dyn Strategy,
) -> Result<Run, String> {
    let topology = realisation.topology(account).await;
    let store = Arc::new(MemoryStore::new());
    let deployer = account.process("us", &store).deployer;
    let id = DeploymentId::new("d-1").unwrap();
    let request = || {
        DeploymentRequest::new(id.clone(), service(), revision(2), strategy)
            .topology(topology.clone())
            .gate(gate())
    };
    let before = tasks_of(account, &revision(1));
    let planned = deployer.plan(&request()).await.map_err(|error| chain(&error))?;
    let forecast = Forecast::of(&planned.plan, &planned.shape, &Limits::default());
    let rate = CallRate::of(&planned.plan, &planned.baseline, &Limits::default());
    account.cloud.forget_calls();
    let begun = account.cloud.now();
    let handle = deployer.start(request()).await.map_err(|error| chain(&error))?;
    let ending = handle.wait().await.map_err(|error| chain(&error))?;
    let took = account.cloud.now().since(begun);
    let calls = account.cloud.calls();
    let calls = calls.iter().filter(|call| call.actor == "us");
    let calls: Vec<String> = calls.map(|call| call.operation.clone()).collect();
    let status = deployer.status(&id).await.map_err(|error| chain(&error))?;
    let cause = status.record.entries.iter().find_map(|entry| match &entry.decision {
        Decision::Rollback { cause } => Some(cause.clone()),
        _ => None,
    });
    account.clock.sleep(REST).await;
    let stable_intact = tasks_of(account, &revision(1)) == before;
    Ok(Run { ending, cause, forecast, rate, took, calls, truth: Truth::of(account), stable_intact })
}

/// The same on an executor of its own.
pub(crate) fn simulate(
    realisation: Realisation,
    trouble: Trouble,
    strategy: &dyn Strategy,
) -> Result<Run, String> {
    let cloud = Cloud::new(trouble.scenario(realisation));
    let account = Account::executed(&cloud);
    let run = Executor::new(&cloud).block_on(deploy(&account, realisation, strategy));
    run.unwrap()
}
