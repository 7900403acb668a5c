//! From a command to a port call to the input that answers it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bounded::LONGEST_CALL;
use super::bounded::bounded;
use super::bounded::in_time;
use super::bounded::isolated;
use super::hook::Hook;
use super::isolated_gate::IsolatedGate;
use super::isolated_gate::answered;
use crate::engine::Engine;
use crate::engine::Input;
use crate::gate::AlarmGate;
use crate::gate::AnalysisGate;
use crate::gate::CompositeGate;
use crate::gate::ExposureGate;
use crate::gate::Gate;
use crate::gate::GateContext;
use crate::gate::MetricGate;
use crate::gate::Needs;
use crate::gate::ProbeGate;
use crate::gate::TargetHealthGate;
use crate::gate::WebhookGate;
use crate::gate::WindowGate;
use crate::gate::group_requests;
use crate::model::CallFailure;
use crate::model::CallToken;
use crate::model::FencingToken;
use crate::model::GateId;
use crate::model::GateKey;
use crate::model::GateKind;
use crate::model::GatePart;
use crate::model::GateSpec;
use crate::model::HookId;
use crate::model::HookKey;
use crate::model::HookResult;
use crate::model::HookSpec;
use crate::model::Intent;
use crate::model::Observation;
use crate::model::Outcome;
use crate::model::Role;
use crate::model::Subject;
use crate::model::TaskSetId;
use crate::model::Timestamp;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Ports;
use crate::ports::WriteError;

/// What the application registered by id.
#[derive(Clone, Default)]
#[expect(clippy::exhaustive_structs, reason = "two registries")]
pub struct Registry {
    /// Custom gates.
    pub gates: BTreeMap<GateId, Arc<dyn Gate>>,
    /// Hooks.
    pub hooks: BTreeMap<HookId, Arc<dyn Hook>>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("gates", &self.gates.keys())
            .field("hooks", &self.hooks.keys())
            .finish()
    }
}

/// Looks at the world.
pub(super) async fn observe(
    ports: Arc<Ports>,
    subject: Arc<Subject>,
    delegation: Option<TaskSetId>,
) -> Input {
    // boxed: it is large, and handed on from one layer to the next
    let look = Box::pin(async {
        let fleet = ports.fleet.observe(&subject, delegation.as_ref()).await?;
        let router = match &ports.router {
            Some(router) if subject.baseline.has_router() => Some(router.observe(&subject).await?),
            None if subject.baseline.has_router() => {
                let why = "the service has a load balancer, but this process has no router for it";
                return Err(CallError::new("observe", ErrorClass::Invalid, why));
            }
            Some(_) | None => None,
        };
        let scaling = match &ports.autoscaler {
            Some(autoscaler) if subject.baseline.scaling.is_some() => {
                autoscaler.observe(&subject).await?
            }
            None if subject.baseline.scaling.is_some() => {
                let why = "autoscaling is held, but this process has no autoscaler to restore it";
                return Err(CallError::new("observe", ErrorClass::Invalid, why));
            }
            Some(_) | None => Vec::new(),
        };
        Ok::<_, CallError>(Observation { fleet, router, scaling })
    });
    match in_time(&*ports.clock, "observe", look).await {
        Ok(observation) => Input::Observed(observation.into()),
        Err(error) => Input::Blind(error.to_string()),
    }
}

/// Counts the requests that still reach a role's target group.
pub(super) async fn count(
    ports: Arc<Ports>,
    subject: Arc<Subject>,
    role: Role,
    known: Option<(Timestamp, Timestamp)>,
) -> Input {
    let wall = ports.clock.wall();
    let counting = group_requests(&*ports.monitor, &subject, role, known, wall);
    let counted = bounded(&*ports.clock, LONGEST_CALL, counting).await;
    let requests = counted.unwrap_or_else(|| Err("no answer in time".to_owned()));
    Input::Counted { role, requests }
}

/// Changes the world: one attempt.
pub(super) async fn write(
    ports: Arc<Ports>,
    subject: Arc<Subject>,
    seq: u64,
    intent: Intent,
    token: CallToken,
    fence: FencingToken,
) -> Input {
    let sending = send(&ports, &subject, &intent, &token, fence);
    let done = bounded(&*ports.clock, LONGEST_CALL, sending).await;
    let outcome = match done {
        Some(Ok(outcome)) => outcome,
        Some(Err(error)) => error.outcome(),
        None => {
            let silence = CallError::new("write", ErrorClass::Ambiguous, "no answer in time");
            WriteError::Unknown(silence).outcome()
        }
    };
    Input::CallDone { seq, outcome }
}

async fn send(
    ports: &Ports,
    subject: &Subject,
    intent: &Intent,
    token: &CallToken,
    fence: FencingToken,
) -> Result<Outcome, WriteError> {
    let router = || {
        let why = "the service has no router";
        ports.router.as_ref().ok_or_else(|| CallError::new("shift", ErrorClass::Invalid, why))
    };
    match intent {
        Intent::Launch { tasks } => ports.fleet.launch(subject, *tasks, token).await?,
        Intent::Scale { role, tasks } => ports.fleet.scale(subject, *role, *tasks).await?,
        Intent::Shift { weight } => router()?.shift(subject, *weight, fence).await?,
        Intent::RouteTest { role } => router()?.route_test(subject, *role).await?,
        Intent::Promote => ports.fleet.promote(subject).await?,
        Intent::Retire { role } => ports.fleet.retire(subject, *role).await?,
        Intent::Autoscale { targets } => {
            let why = "there is no autoscaler";
            let missing = || CallError::new("autoscale", ErrorClass::Invalid, why);
            let autoscaler = ports.autoscaler.as_ref().ok_or_else(missing)?;
            autoscaler.register(subject, targets).await?;
        }
        Intent::Delegate { revision, minimum_healthy_percent, maximum_percent } => {
            let (least, most) = (*minimum_healthy_percent, *maximum_percent);
            let delegation = ports.fleet.delegate(subject, revision, least, most).await?;
            return Ok(Outcome::Delegated(delegation));
        }
    }
    Ok(Outcome::Applied)
}

/// The gate that a spec names: built in, or registered.
pub(super) fn find_gate(
    ports: &Ports,
    registry: &Registry,
    spec: &GateSpec,
) -> Option<Arc<dyn Gate>> {
    gate_of(ports, registry, &spec.id, &spec.kind)
}

fn gate_of(
    ports: &Ports,
    registry: &Registry,
    id: &GateId,
    kind: &GateKind,
) -> Option<Arc<dyn Gate>> {
    let http = || ports.http.as_ref().map(Arc::clone);
    let made_of = |needs: Needs, parts: &[GatePart]| {
        let parts = parts.iter().map(|part| {
            let gate = gate_of(ports, registry, &part.id, &part.kind)?;
            let (id, clock) = (part.id.clone(), Arc::clone(&ports.clock));
            Some((id, Arc::new(IsolatedGate::new(clock, gate)) as Arc<dyn Gate>))
        });
        let parts = parts.collect::<Option<Vec<_>>>()?;
        Some(Arc::new(CompositeGate::new(needs, parts)) as Arc<dyn Gate>)
    };
    match kind {
        GateKind::Alarms { names, accept_red_at_start, insufficient_data } => {
            let monitor = Arc::clone(&ports.monitor);
            let gate = AlarmGate::new(monitor, names.clone(), accept_red_at_start.is_some());
            Some(Arc::new(gate.insufficient_data(*insufficient_data)))
        }
        GateKind::TargetHealth(rule) => Some(Arc::new(TargetHealthGate::new(*rule))),
        GateKind::Metric(rule) => {
            Some(Arc::new(MetricGate::new(Arc::clone(&ports.monitor), rule.clone())))
        }
        GateKind::Exposure(cap) => {
            Some(Arc::new(ExposureGate::new(Arc::clone(&ports.monitor), cap.clone())))
        }
        GateKind::Analysis(rule) => {
            Some(Arc::new(AnalysisGate::new(Arc::clone(&ports.monitor), rule.clone())))
        }
        GateKind::Custom => registry.gates.get(id).cloned(),
        GateKind::Probe(probe) => Some(Arc::new(ProbeGate::new(http()?, probe.clone()))),
        GateKind::Webhook(webhook) => {
            let clock = Arc::clone(&ports.clock);
            Some(Arc::new(WebhookGate::new(http()?, clock, webhook.clone())))
        }
        GateKind::Window(calendar) => Some(Arc::new(WindowGate::new(calendar.clone()))),
        GateKind::All(parts) => made_of(Needs::All, parts),
        GateKind::Any(parts) => made_of(Needs::Any, parts),
    }
}

/// Asks a gate about what the engine knows now.
pub(super) fn evaluate(
    ports: &Ports,
    subject: &Arc<Subject>,
    engine: &Engine,
    (index, id): (usize, GateId),
    gate: Arc<dyn Gate>,
) -> impl Future<Output = Input> + Send + 'static + use<> {
    let (clock, subject) = (Arc::clone(&ports.clock), Arc::clone(subject));
    let observation = engine.facts().seen().cloned();
    let observed_at = engine.observed_at();
    let max_gap = engine.record().header.limits.max_gap;
    let (memory, previous) = engine
        .gate(index)
        .map(|(_, memory, previous)| (memory.clone(), previous))
        .unwrap_or_default();
    let state = engine.state();
    let key = GateKey {
        deployment: subject.deployment.clone(),
        gate: id,
        step: state.step,
        stage: state.stage,
    };
    async move {
        let now = clock.now();
        let context = GateContext {
            subject: &subject,
            observation: observation.as_deref(),
            observed_at,
            now,
            previous,
            max_gap,
            key: &key,
            memory: &memory,
        };
        let evaluation = answered(&*clock, LONGEST_CALL, &*gate, context).await;
        Input::Evaluated { gate: index, evaluation }
    }
}

/// Runs a hook.
pub(super) async fn run_hook(
    ports: Arc<Ports>,
    hook: Option<Arc<dyn Hook>>,
    spec: Option<HookSpec>,
    key: HookKey,
) -> Input {
    let (Some(hook), Some(spec)) = (hook, spec) else {
        let why = "it is not registered in this process".to_owned();
        return Input::HookAnswered { key, result: HookResult::Failed(why) };
    };
    let result = match isolated(&*ports.clock, spec.timeout, hook.run(key.clone())).await {
        Ok(action) => HookResult::Answered(action),
        Err(why) => HookResult::Failed(why),
    };
    Input::HookAnswered { key, result }
}

/// A write that was not sent because the lease was no longer good.
pub(super) fn not_sent(seq: u64) -> Input {
    let message = "not sent: the lease is no longer good".to_owned();
    Input::CallDone { seq, outcome: Outcome::Rejected(CallFailure { message, lasting: false }) }
}

/// A write that was stopped half-way because a lower weight follows it.
pub(super) fn overtaken(seq: u64) -> Input {
    let message = "stopped: another weight followed it".to_owned();
    Input::CallDone { seq, outcome: Outcome::Unknown(CallFailure { message, lasting: false }) }
}
