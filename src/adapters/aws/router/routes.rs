//! Finds the rules and target groups of a service.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_ecs::types::DeploymentControllerType;
use aws_sdk_ecs::types::LoadBalancer;
use aws_sdk_ecs::types::Service;

use super::super::sdk::Operation;
use super::super::service::ServiceReads;
use super::balancer::Balancer;
use super::deregistration::deregistration_delay;
use super::forward::Forward;
use super::rules;
use super::rules::Rules;
use crate::model::ListenerRuleArn;
use crate::model::ServiceId;
use crate::model::TargetGroupArn;
use crate::model::Topology;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Routes;

/// What a service says of its target groups.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Own {
    /// The groups that it (or its pair) is registered in.
    pub(crate) groups: BTreeSet<String>,
    /// Whether ECS alone deploys it, in place: then no traffic is weighted.
    pub(crate) in_place: bool,
    /// Whether anything of it serves yet.
    pub(crate) serves: bool,
}

fn refused(class: ErrorClass, why: impl Into<String>) -> CallError {
    CallError::new(Operation::DescribeRules.name(), class, why)
}

fn groups_of(balancers: Option<&[LoadBalancer]>) -> impl Iterator<Item = String> {
    balancers.unwrap_or_default().iter().filter_map(|to| to.target_group_arn.clone())
}

/// What a service, and its pair, say of their target groups.
pub(crate) fn own(service: &Service, pair: Option<&Service>) -> Own {
    let controller = service.deployment_controller.as_ref().map(|is| &is.r#type);
    let external = controller == Some(&DeploymentControllerType::External);
    let mut own = Own { in_place: !external && pair.is_none(), serves: true, ..Own::default() };
    for service in [Some(service), pair].into_iter().flatten() {
        own.groups.extend(groups_of(service.load_balancers.as_deref()));
    }
    if external {
        let sets = service.task_sets.as_deref().unwrap_or_default();
        let primary = sets.iter().find(|set| set.status.as_deref() == Some("PRIMARY"));
        own.serves = primary.is_some();
        own.groups.extend(sets.iter().flat_map(|set| groups_of(set.load_balancers.as_deref())));
    }
    own
}

/// The routes of a service; none where no traffic is weighted.
pub(crate) async fn routes(
    balancer: &Balancer,
    services: &ServiceReads,
    service: &ServiceId,
    topology: &Topology,
) -> Result<Option<Routes>, CallError> {
    let pair = topology.pair.as_ref().map(|pair| ServiceId::new(&service.cluster, pair));
    let pair = pair.transpose().map_err(|error| refused(ErrorClass::Invalid, error.to_string()))?;
    let asked: Vec<ServiceId> = std::iter::once(service).chain(&pair).cloned().collect();
    let found = services.describe(&asked).await?;
    let gone = |service: &ServiceId| {
        let what = format!("there is no service {service}");
        CallError::new(Operation::DescribeServices.name(), ErrorClass::Gone, what)
    };
    let find = |service: &ServiceId| found.get(service).ok_or_else(|| gone(service));
    let own = own(find(service)?, pair.as_ref().map(find).transpose()?);
    let says = topology.target_groups.is_some() || !topology.rules.is_empty();
    if !says && (own.in_place || own.groups.is_empty()) {
        return Ok(None);
    }
    let test = test_rule(balancer, topology).await?;
    let known: BTreeSet<String> = match &topology.target_groups {
        Some(groups) => groups.iter().map(|group| group.as_str().to_owned()).collect(),
        None => own.groups.clone(),
    };
    let mut production = production_rules(balancer, topology, &known).await?;
    if let Some(test) = &test {
        production.remove(test);
    }
    let (stable_group, candidate_group) = chosen(&production, &known, topology, own.serves)?;
    let mut delay = Duration::ZERO;
    for group in [&stable_group, &candidate_group] {
        delay = delay.max(deregistration_delay(&balancer.attributes(group.as_str()).await?));
    }
    let known_rules: Vec<&ListenerRuleArn> = production.keys().chain(&test).collect();
    Ok(Some(Routes {
        stable_group,
        candidate_group,
        stickiness: production.values().map(|rule| rule.stickiness).max().unwrap_or_default(),
        deregistration_delay: delay,
        propagation: rules::propagation(&known_rules),
        rules: production.into_keys().collect(),
        test_rule: test,
    }))
}

/// The test rule as it is to be written: a default rule by its listener.
async fn test_rule(
    balancer: &Balancer,
    topology: &Topology,
) -> Result<Option<ListenerRuleArn>, CallError> {
    let Some(test) = &topology.test_rule else { return Ok(None) };
    let read = rules::read(balancer, std::slice::from_ref(test)).await?;
    let gone = || refused(ErrorClass::Gone, format!("`test_rule` {test} is not there"));
    read.into_keys().next().map(Some).ok_or_else(gone)
}

async fn production_rules(
    balancer: &Balancer,
    topology: &Topology,
    known: &BTreeSet<String>,
) -> Result<BTreeMap<ListenerRuleArn, Forward>, CallError> {
    if topology.rules.is_empty() {
        let found = everywhere(balancer, known).await?;
        let forwards = found.into_iter().filter_map(|(arn, to)| Some((arn, Forward::of(&to)?)));
        return Ok(forwards
            .filter(|(_, to)| to.groups.iter().any(|(group, _)| known.contains(group)))
            .collect());
    }
    let read = rules::read(balancer, &topology.rules).await?;
    let missing = |rule: &&ListenerRuleArn| {
        let listener = rules::listener_of(rule);
        !read.contains_key(*rule) && !read.keys().any(|arn| arn.as_str() == listener)
    };
    if let Some(rule) = topology.rules.iter().find(missing) {
        return Err(refused(ErrorClass::Gone, format!("{rule} in `rules` is not there")));
    }
    let mut production = BTreeMap::new();
    for (arn, actions) in read {
        let Some(forward) = Forward::of(&actions) else {
            let why = format!("{arn} in `rules` does not forward to a target group");
            return Err(refused(ErrorClass::Invalid, why));
        };
        production.insert(arn, forward);
    }
    Ok(production)
}

/// Every rule of every load balancer that one of the groups is behind.
async fn everywhere(balancer: &Balancer, known: &BTreeSet<String>) -> Result<Rules, CallError> {
    let known: Vec<String> = known.iter().cloned().collect();
    let groups = balancer.target_groups(&known).await?;
    let balancers: BTreeSet<String> =
        groups.into_iter().flat_map(|group| group.load_balancer_arns.unwrap_or_default()).collect();
    let mut found = Rules::new();
    for arn in balancers {
        found.extend(rules::of_balancer(balancer, &arn).await?);
    }
    Ok(found)
}

/// Stable's group and the candidate's.
fn chosen(
    production: &BTreeMap<ListenerRuleArn, Forward>,
    known: &BTreeSet<String>,
    topology: &Topology,
    serves: bool,
) -> Result<(TargetGroupArn, TargetGroupArn), CallError> {
    if production.is_empty() {
        let why = "no rule forwards to the service's target groups; attach one, or give `rules`";
        return Err(refused(ErrorClass::Gone, why));
    }
    let mut groups = known.clone();
    if topology.target_groups.is_none() {
        groups.extend(production.values().flat_map(|to| &to.groups).map(|(arn, _)| arn.clone()));
    }
    let groups: Vec<String> = groups.into_iter().collect();
    let [one, other] = groups.as_slice() else {
        let why = format!(
            "two target groups are needed and {} found ({}); give `target_groups`",
            groups.len(),
            groups.join(", ")
        );
        return Err(refused(ErrorClass::Invalid, why));
    };
    let parsed = |arn: &String| {
        arn.parse().map_err(|error| refused(ErrorClass::Invalid, format!("{arn}: {error}")))
    };
    let (one, other): (TargetGroupArn, TargetGroupArn) = (parsed(one)?, parsed(other)?);
    let mut loaded: Option<(bool, &ListenerRuleArn)> = None;
    for (arn, to) in production {
        if let Some((third, _)) = to.groups.iter().find(|(arn, _)| !groups.contains(arn)) {
            let why = format!("{arn} also forwards to {third}; take it off the rule");
            return Err(refused(ErrorClass::Conflict, why));
        }
        let weight = |group| u32::from(to.weight(group).unwrap_or(0));
        let (first, second) = (weight(&one), weight(&other));
        if first == second {
            let why = format!("{arn} gives both target groups the same; give one all of it");
            return Err(refused(ErrorClass::Conflict, why));
        }
        match loaded {
            Some((is_first, rule)) if is_first != (first > second) => {
                let why = format!(
                    "{rule} and {arn} do not agree on the target group that serves; if one of \
                     them is for test traffic, give it as `test_rule`, else name the others in \
                     `rules`"
                );
                return Err(refused(ErrorClass::Conflict, why));
            }
            _ => loaded = Some((first > second, arn)),
        }
    }
    // where nothing serves yet, the first candidate takes the group that has the weight
    let first_is_stable = loaded.is_some_and(|(is_first, _)| is_first) == serves;
    Ok(if first_is_stable { (one, other) } else { (other, one) })
}
