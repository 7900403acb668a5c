//! A strategy of one's own: Fibonacci's numbers as weights, each baked a minute.
//!
//! The process that drives it dies in the middle, and another one, which has never heard of the
//! strategy, finishes the deployment: resuming needs the plan, not the strategy.
//!
//! ```console
//! $ cargo run --example custom_strategy
//! ```

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::sim::{Cloud, Executor, Scenario, revision};
use cutover::model::{DeploymentId, HolderId, Plan, ServiceShape, Share, Status, Step, Weight};
use cutover::store::MemoryStore;
use cutover::strategy::{PlanError, Strategy, check};
use cutover::{Deployer, DeploymentRequest};

/// 1 %, 2 %, 3 %, 5 %, 8 % … 89 %, 100 %.
#[derive(Debug)]
struct Fibonacci {
    bake: Duration,
}

impl Strategy for Fibonacci {
    fn name(&self) -> &'static str {
        "fibonacci"
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        let bake = || Step::Bake { duration: self.bake, gates: Vec::new() };
        let mut steps = vec![Step::Scale { share: Share::FULL }];
        let (mut weight, mut next) = (1, 2);
        while let Ok(percent) = Weight::percent(weight) {
            steps.extend([Step::Shift { weight: percent }, bake()]);
            (weight, next) = (next, weight + next);
        }
        steps.extend([Step::Shift { weight: Weight::FULL }, bake()]);
        let plan = Plan {
            strategy: self.name().to_owned(),
            steps,
            gates: Vec::new(),
            hooks: Vec::new(),
            notes: Vec::new(),
        };
        check(&plan, shape)?;
        Ok(plan)
    }
}

fn deployer(
    cloud: &Cloud,
    store: &Arc<MemoryStore>,
    name: &str,
) -> Result<Deployer, Box<dyn Error>> {
    let ports = cloud.ports(Arc::clone(store) as _);
    Ok(Deployer::builder(ports).holder(HolderId::new(name)?).build()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let scenario = Scenario::new(7);
    let service = scenario.service.clone();
    let cloud = Cloud::new(scenario);
    let mut executor = Executor::new(&cloud);
    let store = Arc::new(MemoryStore::new());
    let id = DeploymentId::new("fibonacci-1")?;

    let first = cloud.process("first");
    let (starter, clock) = (deployer(&first, &store, "first")?, first.clock());
    let strategy = Fibonacci { bake: Duration::from_secs(60) };
    let started = executor.block_on(async {
        let request = DeploymentRequest::new(id.clone(), service, revision(2), &strategy);
        let handle = starter.start(request).await?;
        clock.sleep(Duration::from_secs(600)).await;
        Ok::<_, cutover::Error>(handle.status())
    });
    let status = started.ok_or("the simulation ran dry")??;
    let weight = status.weight.unwrap_or_default();
    println!("after ten minutes: step {} of {}, {weight}", status.step + 1, status.steps);

    let died = executor.kill_process(&first);
    println!("{died} driver dies; nothing of it is left but the record");

    let second = deployer(&cloud.process("second"), &store, "second")?;
    let ended = executor.block_on(async { second.resume(&id).await?.wait().await });
    let ending = ended.ok_or("the simulation ran dry")??;
    println!("another process resumes it: {}", ending.status());
    if ending.status() == Status::Successful { Ok(()) } else { Err("not deployed".into()) }
}
