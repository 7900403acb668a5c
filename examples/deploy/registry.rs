//! Code that a spec names by id. A real tool registers its own; this one answers for all of it.

use std::sync::Arc;

use async_trait::async_trait;
use cutover::Deployer;
use cutover::Error;
use cutover::api::Ports;
use cutover::gate::Gate;
use cutover::gate::GateContext;
use cutover::model::Evaluation;
use cutover::model::Evidence;
use cutover::model::GateKind;
use cutover::model::GateMemory;
use cutover::model::GateSpec;
use cutover::model::HookAction;
use cutover::model::HookKey;
use cutover::model::HookSpec;
use cutover::model::Plan;
use cutover::model::Span;
use cutover::model::Verdict;

use crate::job::Job;

/// A gate that is content as long as the world can be read.
#[derive(Debug)]
struct Content;

#[async_trait]
impl Gate for Content {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let (verdict, at) = match context.observation {
            Some(_) => (Verdict::Pass, context.observed_at),
            None => {
                (Verdict::Inconclusive("the world cannot be read".to_owned()), context.now.elapsed)
            }
        };
        let mut evidence = Evidence::at(at);
        // What was watched without too long a gap since the last time counts as a stretch.
        if let Some(from) = context.previous.filter(|from| at.since(*from) <= context.max_gap) {
            evidence.covers = Span { from, to: at };
        }
        Evaluation::new(verdict, evidence, GateMemory::default())
    }
}

async fn go_on(_: HookKey) -> HookAction {
    HookAction::Continue
}

/// A deployer that knows every gate and hook of a job.
pub(crate) fn deployer(ports: Ports, job: &Job) -> Result<Deployer, Error> {
    knowing(ports, job.spec.gates(), job.spec.hooks())
}

/// A deployer that knows every gate and hook of a deployment in the store.
pub(crate) fn deployer_of(ports: Ports, plan: &Plan) -> Result<Deployer, Error> {
    knowing(ports, &plan.gates, &plan.hooks)
}

fn knowing(ports: Ports, gates: &[GateSpec], hooks: &[HookSpec]) -> Result<Deployer, Error> {
    let mut builder = Deployer::builder(ports);
    for gate in gates {
        for (part, _) in gate.kind.leaves().iter().filter(|(_, kind)| **kind == GateKind::Custom) {
            builder = builder.gate(part.unwrap_or(&gate.id).clone(), Arc::new(Content));
        }
    }
    for hook in hooks {
        builder = builder.hook(hook.id.clone(), go_on);
    }
    builder.build()
}
