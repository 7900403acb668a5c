//! Writes to load balancers, and which write goes where.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::super::api_error::ApiError;
use super::super::names;
use super::super::world::World;
use super::elb_answer::ElbAnswer;
use super::elb_call::ElbCall;
use super::load_balancer::BalancerKind;
use super::load_balancer::LoadBalancer;

impl World {
    /// Carries out a write to Elastic Load Balancing.
    pub(crate) fn carry_out_elb(&mut self, call: &ElbCall) -> Result<ElbAnswer, ApiError> {
        match call {
            ElbCall::CreateLoadBalancer { name, settings, tags } => {
                self.create_load_balancer(name, settings, tags)
            }
            ElbCall::DeleteLoadBalancer { load_balancer } => {
                self.delete_load_balancer(load_balancer)
            }
            ElbCall::ModifyLoadBalancerAttributes { load_balancer, attributes } => {
                self.modify_load_balancer_attributes(load_balancer, attributes)
            }
            ElbCall::AddTags { arns, tags } => self.add_tags(arns, tags),
            ElbCall::RemoveTags { arns, keys } => self.remove_tags(arns, keys),
            ElbCall::CreateListener { .. }
            | ElbCall::ModifyListener { .. }
            | ElbCall::DeleteListener { .. } => self.carry_out_listener(call),
            ElbCall::CreateRule { .. }
            | ElbCall::ModifyRule { .. }
            | ElbCall::DeleteRule { .. }
            | ElbCall::SetRulePriorities { .. } => self.carry_out_rule(call),
            _ => self.carry_out_group(call),
        }
    }

    /// The ARN of a resource that is being made: its id is unlike any other's.
    pub(super) fn new_arn(&mut self, resource: &str) -> String {
        self.state.resources_made += 1;
        names::elb_arn(resource, self.state.resources_made)
    }

    fn create_load_balancer(
        &mut self,
        name: &str,
        settings: &Map<String, Value>,
        tags: &BTreeMap<String, String>,
    ) -> Result<ElbAnswer, ApiError> {
        check_name(name)?;
        let kind = match settings.get("Type").and_then(Value::as_str) {
            None | Some("application") => BalancerKind::Application,
            Some("network") => BalancerKind::Network,
            Some(other) => {
                return Err(ApiError::validation(format!(
                    "load balancers of type '{other}' are not modelled"
                )));
            }
        };
        let known = self.state.balancers.iter().flatten().find(|known| known.name == name);
        if let Some(known) = known {
            let same =
                known.kind == kind && shown(settings, known.shown.get("DNSName")) == *known.shown;
            if same {
                return Ok(self.state.describe_balancers(|of| of.arn == known.arn));
            }
            return Err(ApiError::refused(
                "DuplicateLoadBalancerName",
                format!(
                    "A load balancer with the same name '{name}' exists, but with different settings"
                ),
            ));
        }
        let arn = self.new_arn(&format!("loadbalancer/{}/{name}", kind.short()));
        let created_at = self.aws_wall();
        let host = format!(
            "{name}-{}.eu-west-1.elb.amazonaws.com",
            arn.rsplit('/').next().unwrap_or_default()
        );
        let mut balancer = LoadBalancer::new(arn.clone(), name, kind, created_at);
        balancer.shown = Arc::new(shown(settings, Some(&json!(host))));
        self.state.balancers.push(Some(balancer));
        self.state.tag(&arn, tags);
        Ok(self.state.describe_balancers(|of| of.arn == arn))
    }

    fn delete_load_balancer(&mut self, arn: &str) -> Result<ElbAnswer, ApiError> {
        // deleting what is not there succeeds
        let Ok(slot) = self.state.balancer(arn) else { return Ok(ElbAnswer::Done) };
        let balancer = self.state.balancers.get(slot).and_then(Option::as_ref);
        let guarded = balancer
            .and_then(|balancer| balancer.attributes.get("deletion_protection.enabled"))
            .is_some_and(|value| value == "true");
        if guarded {
            return Err(ApiError::refused(
                "OperationNotPermitted",
                format!(
                    "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
                ),
            ));
        }
        let own = |listener: &super::Listener| listener.balancer == slot;
        let listeners: Vec<String> = self
            .state
            .listeners
            .iter()
            .flatten()
            .filter(|of| own(of))
            .map(|listener| listener.arn.clone())
            .collect();
        for listener in listeners {
            self.delete_listener(&listener)?;
        }
        if let Some(balancer) = self.state.balancers.get_mut(slot) {
            *balancer = None;
        }
        self.state.resource_tags.remove(arn);
        Ok(ElbAnswer::Done)
    }

    fn modify_load_balancer_attributes(
        &mut self,
        arn: &str,
        given: &BTreeMap<String, String>,
    ) -> Result<ElbAnswer, ApiError> {
        let slot = self.state.balancer(arn)?;
        let Some(Some(balancer)) = self.state.balancers.get_mut(slot) else {
            return Ok(ElbAnswer::Done);
        };
        if let Some(unknown) = given.keys().find(|key| !balancer.attributes.contains_key(*key)) {
            return Err(ApiError::refused(
                "InvalidConfigurationRequest",
                format!("Load balancer attribute key '{unknown}' is not recognized"),
            ));
        }
        Arc::make_mut(&mut balancer.attributes).extend(given.clone());
        Ok(ElbAnswer::Attributes((*balancer.attributes).clone()))
    }
}

/// What the API shows of a load balancer with these settings.
fn shown(settings: &Map<String, Value>, host: Option<&Value>) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut subnets: Vec<Value> = Vec::new();
    for (member, value) in settings {
        match member.as_str() {
            "Subnets" => subnets.extend(value.as_array().into_iter().flatten().cloned()),
            "SubnetMappings" => {
                let mappings = value.as_array().into_iter().flatten();
                subnets.extend(mappings.map(|mapping| mapping["SubnetId"].clone()));
            }
            "Type" => {}
            _ => drop(shown.insert(member.clone(), value.clone())),
        }
    }
    let zones = subnets.iter().zip(["eu-west-1a", "eu-west-1b", "eu-west-1c"]).map(
        |(subnet, zone)| json!({ "ZoneName": zone, "SubnetId": subnet, "LoadBalancerAddresses": [] }),
    );
    shown.insert("AvailabilityZones".to_owned(), Value::Array(zones.collect()));
    shown.entry("Scheme").or_insert_with(|| json!("internet-facing"));
    shown.entry("IpAddressType").or_insert_with(|| json!("ipv4"));
    shown.insert("VpcId".to_owned(), json!("vpc-3ac0fb5f"));
    shown.insert("CanonicalHostedZoneId".to_owned(), json!("Z32O12XQLNTSW2"));
    if let Some(host) = host {
        shown.insert("DNSName".to_owned(), host.clone());
    }
    shown
}

/// Names of load balancers and target groups.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let right = (1..=32).contains(&name.len())
        && name.chars().all(fits)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if right {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "The name '{name}' can only contain up to 32 alphanumeric characters and hyphens, and must \
         not begin or end with a hyphen"
    )))
}
