//! Writes to listeners.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::super::api_error::ApiError;
use super::super::world::World;
use super::action_list::stored_actions;
use super::elb_answer::ElbAnswer;
use super::elb_call::ElbCall;
use super::listener::Listener;
use super::load_balancer::BalancerKind;

impl World {
    /// Carries out a write to a listener.
    pub(super) fn carry_out_listener(&mut self, call: &ElbCall) -> Result<ElbAnswer, ApiError> {
        match call {
            ElbCall::CreateListener { load_balancer, settings, actions, tags } => {
                self.create_listener(load_balancer, settings, actions, tags)
            }
            ElbCall::ModifyListener { listener, settings, actions } => {
                self.modify_listener(listener, settings, actions.as_deref())
            }
            ElbCall::DeleteListener { listener } => self.delete_listener(listener),
            _ => Err(ApiError::validation("not a write to a listener")),
        }
    }

    fn create_listener(
        &mut self,
        load_balancer: &str,
        settings: &Map<String, Value>,
        actions: &[Value],
        tags: &BTreeMap<String, String>,
    ) -> Result<ElbAnswer, ApiError> {
        let balancer = self.state.balancer(load_balancer)?;
        let (port, protocol, shown) = self.listener_settings(balancer, settings)?;
        self.check_port(balancer, port, None)?;
        let actions = stored_actions(actions, &[])?;
        self.check_default(balancer, &actions)?;
        let forward = self.check_forward(balancer, &actions)?;
        let own = load_balancer.split_once(":loadbalancer/").map_or("", |(_, own)| own);
        let arn = self.new_arn(&format!("listener/{own}"));
        let slot = self.state.listeners.len();
        self.state.listeners.push(Some(Listener {
            arn: arn.clone(),
            balancer,
            port,
            protocol,
            shown: Arc::new(shown),
        }));
        self.add_rule(slot, None, Vec::new(), actions, forward)?;
        self.state.tag(&arn, tags);
        Ok(self.state.describe_listeners(|listener| listener.arn == arn))
    }

    fn modify_listener(
        &mut self,
        arn: &str,
        settings: &Map<String, Value>,
        actions: Option<&[Value]>,
    ) -> Result<ElbAnswer, ApiError> {
        let slot = self.state.listener(arn)?;
        let Some(Some(listener)) = self.state.listeners.get(slot).cloned() else {
            return Ok(ElbAnswer::Done);
        };
        let mut merged = (*listener.shown).clone();
        merged.insert("Port".to_owned(), json!(listener.port));
        merged.insert("Protocol".to_owned(), json!(listener.protocol));
        merged.extend(settings.clone());
        let (port, protocol, shown) = self.listener_settings(listener.balancer, &merged)?;
        self.check_port(listener.balancer, port, Some(slot))?;
        if let Some(actions) = actions {
            let rule = self.state.rules.iter().position(|rule| {
                rule.as_ref().is_some_and(|rule| rule.listener == slot && rule.priority.is_none())
            });
            let rule = rule.ok_or_else(|| ApiError::gone("ListenerNotFound", arn))?;
            self.check_default(listener.balancer, actions)?;
            self.rewrite_rule(rule, actions)?;
        }
        if let Some(Some(listener)) = self.state.listeners.get_mut(slot) {
            listener.port = port;
            listener.protocol = protocol;
            listener.shown = Arc::new(shown);
        }
        self.state.sort_traffic(slot);
        Ok(self.state.describe_listeners(|listener| listener.arn == arn))
    }

    /// Deletes a listener with its rules.
    pub(super) fn delete_listener(&mut self, arn: &str) -> Result<ElbAnswer, ApiError> {
        let slot = self.state.listener(arn)?;
        for rule in &mut self.state.rules {
            if rule.as_ref().is_some_and(|rule| rule.listener == slot) {
                *rule = None;
            }
        }
        if let Some(listener) = self.state.listeners.get_mut(slot) {
            *listener = None;
        }
        self.state.resource_tags.remove(arn);
        self.reattach();
        Ok(ElbAnswer::Done)
    }

    /// Port, protocol and what else is shown of a listener.
    fn listener_settings(
        &self,
        balancer: usize,
        settings: &Map<String, Value>,
    ) -> Result<(u32, String, Map<String, Value>), ApiError> {
        let kind = self.state.balancer_kind(balancer);
        let port = settings.get("Port").and_then(Value::as_u64);
        let port = port.and_then(|port| u32::try_from(port).ok());
        let port = port.filter(|port| (1..=65_535).contains(port)).ok_or_else(|| {
            ApiError::validation("A listener port must be specified, between 1 and 65535")
        })?;
        let protocol = settings.get("Protocol").and_then(Value::as_str).unwrap_or_default();
        if !kind.protocols().contains(&protocol) {
            return Err(ApiError::refused(
                "UnsupportedProtocol",
                format!("Protocol '{protocol}' is not supported by {} load balancers", kind.name()),
            ));
        }
        let certified =
            settings.get("Certificates").and_then(Value::as_array).is_some_and(|of| !of.is_empty());
        if matches!(protocol, "HTTPS" | "TLS") && !certified {
            return Err(ApiError::refused(
                "CertificateNotFound",
                format!("A certificate must be specified for {protocol} listeners"),
            ));
        }
        let mut shown = settings.clone();
        shown.remove("Port");
        shown.remove("Protocol");
        if certified {
            shown.entry("SslPolicy").or_insert_with(|| json!("ELBSecurityPolicy-2016-08"));
        }
        Ok((port, protocol.to_owned(), shown))
    }

    fn check_port(&self, balancer: usize, port: u32, own: Option<usize>) -> Result<(), ApiError> {
        let taken = self.state.listeners.iter().enumerate().any(|(slot, listener)| {
            Some(slot) != own
                && listener.as_ref().is_some_and(|of| of.balancer == balancer && of.port == port)
        });
        if taken {
            let what = format!("A listener already exists on port {port} for this load balancer");
            return Err(ApiError::refused("DuplicateListener", what));
        }
        Ok(())
    }

    fn check_default(&self, balancer: usize, actions: &[Value]) -> Result<(), ApiError> {
        let network = self.state.balancer_kind(balancer) == BalancerKind::Network;
        if network && actions.iter().any(|action| action["Type"] != "forward") {
            return Err(ApiError::refused(
                "InvalidLoadBalancerAction",
                "Listeners of network load balancers can only forward",
            ));
        }
        Ok(())
    }
}
