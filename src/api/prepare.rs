//! From a request to a plan that may start: everything that is only read.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join;

use super::error::Error;
use super::request::DeploymentRequest;
use crate::driver::Registry;
use crate::driver::in_time;
use crate::gate::begun;
use crate::gate::target_health;
use crate::model::AlarmName;
use crate::model::Baseline;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateMemory;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::Limits;
use crate::model::Plan;
use crate::model::ScalingPlan;
use crate::model::ScalingPolicy;
use crate::model::ServiceId;
use crate::model::ServiceShape;
use crate::model::TargetGroupArn;
use crate::model::Topology;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Ports;
use crate::ports::Routes;
use crate::strategy::check;

/// How often a service is read that looks different every time.
const READS: u32 = 5;

/// Reads the service as it is before the deployment. Everything is held against this, and a single
/// read may be partial or old, so two in a row must agree.
pub(super) async fn read_baseline(
    ports: &Ports,
    service: &ServiceId,
    topology: &Topology,
) -> Result<Baseline, Error> {
    let mut last = read_once(ports, service, topology).await?;
    for _ in 1..READS {
        let next = read_once(ports, service, topology).await?;
        if next == (Baseline { desired: next.desired, ..last }) {
            return Ok(next);
        }
        last = next;
    }
    let why = "it looks different at every read; wait until it is at rest, then start again";
    let source = CallError::new("baseline", ErrorClass::Conflict, why);
    Err(Error::Unreadable { what: "the service", source })
}

async fn read_once(
    ports: &Ports,
    service: &ServiceId,
    topology: &Topology,
) -> Result<Baseline, Error> {
    let unreadable = |what| move |source| Error::Unreadable { what, source };
    let fleet = in_time(&*ports.clock, "baseline", ports.fleet.baseline(service, topology));
    let routes = async {
        let Some(router) = &ports.router else { return Ok(None) };
        in_time(&*ports.clock, "routes", router.routes(service, topology)).await
    };
    // Asked at the same time, what both need to read may be read once.
    let (fleet, routes) = join(fleet, routes).await;
    let mut baseline = fleet.map_err(unreadable("the service"))?;
    if let Some(routes) = routes.map_err(unreadable("its routes"))? {
        baseline = agreeing(ports, service, topology, baseline, &routes).await?;
        baseline = routes.complete(baseline);
    }
    baseline.scaling = read_scaling(ports, service, topology, &baseline).await?;
    Ok(baseline)
}

/// Holds what the service says of its target groups against the routes, which say who serves.
async fn agreeing(
    ports: &Ports,
    service: &ServiceId,
    topology: &Topology,
    baseline: Baseline,
    routes: &Routes,
) -> Result<Baseline, Error> {
    let unreadable = |source| Error::Unreadable { what: "the service", source };
    let agrees = |baseline: &Baseline| {
        let is = |own: &Option<_>, route| own.as_ref().is_none_or(|own| own == route);
        is(&baseline.stable_group, &routes.stable_group)
            && is(&baseline.candidate_group, &routes.candidate_group)
    };
    if agrees(&baseline) {
        return Ok(baseline);
    }
    // Where both services of a pair have tasks, the fleet cannot know which one serves.
    if let Some(other) = &topology.pair {
        let turned = Topology { pair: Some(service.service.to_string()), ..topology.clone() };
        let mut asked = service.clone();
        asked.service = other.clone().into();
        let read = in_time(&*ports.clock, "baseline", ports.fleet.baseline(&asked, &turned));
        let baseline = read.await.map_err(unreadable)?;
        if agrees(&baseline) {
            return Ok(baseline);
        }
    }
    let group = |group: Option<&TargetGroupArn>| {
        group.map_or_else(|| "none".to_owned(), ToString::to_string)
    };
    let why = format!(
        "traffic goes to {}, but stable's tasks are in {}; move the traffic to where the tasks are, then \
         start again",
        routes.stable_group,
        group(baseline.stable_group.as_ref()),
    );
    Err(unreadable(CallError::new("baseline", ErrorClass::Conflict, why)))
}

/// What autoscaling is and is to be; none where it is left alone.
async fn read_scaling(
    ports: &Ports,
    service: &ServiceId,
    topology: &Topology,
    baseline: &Baseline,
) -> Result<Option<ScalingPlan>, Error> {
    let policy = topology.autoscaling.filter(|policy| *policy != ScalingPolicy::Leave);
    let Some(autoscaler) = &ports.autoscaler else {
        return match policy {
            None => Ok(None),
            Some(_) => Err(Error::NoAutoscaler),
        };
    };
    let read = autoscaler.targets(service, topology);
    let found = in_time(&*ports.clock, "autoscaling", read).await;
    let found = found.map_err(|source| Error::Unreadable { what: "its autoscaling", source })?;
    let Some(policy) = policy else {
        return match found.first() {
            Some(target) if topology.autoscaling.is_none() => {
                Err(Error::Autoscaled { target: target.to_string() })
            }
            Some(_) | None => Ok(None),
        };
    };
    let pair = baseline.stable.as_ref().zip(baseline.candidate.as_ref());
    let pair = pair.map(|(stable, candidate)| (stable.as_str(), candidate.as_str()));
    Ok((!found.is_empty()).then(|| ScalingPlan::new(found, policy, pair)))
}

/// The service as the strategy sees it.
pub(super) fn shape(request: &DeploymentRequest<'_>, baseline: &Baseline) -> ServiceShape {
    ServiceShape {
        service: request.service.clone(),
        desired: baseline.desired,
        stable: baseline.stable_revision.clone(),
        stable_task_set: baseline.stable.clone(),
        candidate: request.revision.clone(),
        two_roles: baseline.two_roles,
        router: baseline.has_router(),
        test_traffic: baseline.test_rule.is_some(),
        scheduling: baseline.scheduling,
        propagation: baseline.propagation,
    }
}

/// The plan with the request's gates and hooks and the gate that is always on, checked.
pub(super) fn plan(request: &DeploymentRequest<'_>, shape: &ServiceShape) -> Result<Plan, Error> {
    let refused = |source| Error::Plan { service: request.service.clone(), source };
    let mut plan = request.strategy.plan(shape).map_err(refused)?;
    // A strategy that needs a gate in its bakes brings it along; asking for the very same is no clash.
    let asked = request.gates.iter().filter(|gate| !plan.gates.contains(gate));
    let asked: Vec<_> = asked.cloned().collect();
    plan.gates.extend(asked);
    plan.hooks.extend(request.hooks.iter().cloned());
    add_target_health(&mut plan, &request.limits)?;
    check(&plan, shape).map_err(refused)?;
    Ok(plan)
}

/// Adds the target-health gate unless the plan has one that always watches and may roll back, and
/// tells each what the plan's roll allows.
fn add_target_health(plan: &mut Plan, limits: &Limits) -> Result<(), Error> {
    let health = target_health(plan, limits).map_err(Error::Name)?;
    let is_on = |gate: &GateSpec| {
        let is_health = matches!(gate.kind, GateKind::TargetHealth(_));
        is_health && gate.always && gate.mode == GateMode::Blocking
    };
    if !plan.gates.iter().any(is_on) {
        plan.gates.push(health);
    }
    let percent = plan.roll().map_or(100, |(minimum, _)| minimum.min(100));
    for gate in &mut plan.gates {
        if let GateKind::TargetHealth(rule) = &mut gate.kind {
            rule.minimum_healthy_percent = percent;
        }
    }
    Ok(())
}

/// Whether everything that the plan names is there: code for custom gates and hooks, and alarms. Answers
/// what the gates remember of that, which belongs into the record from the start: whoever takes the
/// deployment up must find what happened while nobody watched, even if no gate has been asked before.
pub(super) async fn check_names(
    ports: &Ports,
    registry: &Registry,
    plan: &Plan,
) -> Result<BTreeMap<GateId, GateMemory>, Error> {
    let mut alarms: Vec<AlarmName> = Vec::new();
    for gate in &plan.gates {
        for (part, kind) in gate.kind.leaves() {
            let id = part.unwrap_or(&gate.id);
            match kind {
                GateKind::Custom if !registry.gates.contains_key(id) => {
                    return Err(Error::MissingGate { gate: id.clone() });
                }
                GateKind::Alarms { names, .. } => alarms.extend(names.iter().cloned()),
                _ => {}
            }
        }
    }
    if let Some(hook) = plan.hooks.iter().find(|hook| !registry.hooks.contains_key(&hook.id)) {
        return Err(Error::MissingHook { hook: hook.id.clone() });
    }
    if alarms.is_empty() {
        return Ok(BTreeMap::new());
    }
    let monitor = Arc::clone(&ports.monitor);
    let found = in_time(&*ports.clock, "alarms", monitor.alarms(&alarms)).await;
    let found = found.map_err(|source| Error::Unreadable { what: "its alarms", source })?;
    if let Some(alarm) =
        alarms.into_iter().find(|name| found.iter().all(|reading| reading.name != *name))
    {
        return Err(Error::MissingAlarm { alarm });
    }
    // One that watches only in some bakes is not to answer for what was before them.
    let always = plan.gates.iter().filter(|gate| gate.always);
    let memory = |gate: &GateSpec| Some((gate.id.clone(), begun(&gate.kind, &found)?));
    Ok(always.filter_map(memory).collect())
}
