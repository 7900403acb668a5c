//! Writes to the load balancer, and how it follows them.

use std::time::Duration;

use serde_json::json;

use super::super::agenda::Event;
use super::super::answer::Answer;
use super::super::api_error::ApiError;
use super::super::call::Call;
use super::super::world::World;
use super::forward::Forward;
use super::load_balancer::BalancerKind;
use super::rule::Rule;
use crate::model::ListenerRuleArn;
use crate::model::TargetGroupArn;

impl World {
    /// Carries out a write to anything but ECS.
    pub(crate) fn carry_out_elsewhere(&mut self, call: &Call) -> Result<Answer, ApiError> {
        match call {
            Call::ModifyRule { rule, forward, stickiness_seconds } => {
                self.modify_rule(rule, forward, *stickiness_seconds)
            }
            Call::DeleteRule { rule } => {
                let slot = self.rule_slot(rule)?;
                if let Some(slot) = self.state.rules.get_mut(slot) {
                    *slot = None;
                }
                self.reattach();
                Ok(Answer::Done)
            }
            Call::Elb(call) => self.carry_out_elb(call).map(Answer::Elb),
            Call::CloudWatch(call) => self.carry_out_cloud_watch(call).map(Answer::CloudWatch),
            Call::SetAlarmState { name, state } => self.set_alarm(name, *state, "Set by hand"),
            Call::PutAlarm { name, rule } => {
                self.put_alarm(name, rule);
                Ok(Answer::Done)
            }
            Call::DeleteAlarms { name } => {
                self.state.alarms.retain(|alarm| alarm.name != *name);
                Ok(Answer::Done)
            }
            _ => Err(ApiError::invalid("not a write")),
        }
    }

    fn rule_slot(&self, arn: &ListenerRuleArn) -> Result<usize, ApiError> {
        let is_it = |rule: &Option<Rule>| rule.as_ref().is_some_and(|rule| rule.arn == *arn);
        let found = self.state.rules.iter().position(is_it);
        found.ok_or_else(|| ApiError::gone("RuleNotFound", arn.to_string()))
    }

    fn modify_rule(
        &mut self,
        arn: &ListenerRuleArn,
        forward: &[(TargetGroupArn, u16)],
        stickiness_seconds: Option<u32>,
    ) -> Result<Answer, ApiError> {
        let slot = self.rule_slot(arn)?;
        let stickiness = Duration::from_secs(u64::from(stickiness_seconds.unwrap_or(0)));
        let forward = Forward { groups: forward.to_vec(), stickiness };
        let Some(Some(rule)) = self.state.rules.get(slot) else { return Ok(Answer::Done) };
        // every action but the forward stays as it is
        let mut actions = (*rule.actions).clone();
        actions.retain(|action| action["Type"] != "forward");
        for action in &mut actions {
            if let Some(config) = action["AuthenticateOidcConfig"].as_object_mut() {
                config.insert("UseExistingClientSecret".to_owned(), json!(true));
            }
        }
        let order = actions.iter().filter_map(|action| action["Order"].as_u64()).max();
        let mut action = forward.action();
        if let (Some(order), Some(action)) = (order, action.as_object_mut()) {
            action.insert("Order".to_owned(), json!(order + 1));
        }
        actions.push(action);
        self.rewrite_rule(slot, &actions)?;
        Ok(Answer::Done)
    }

    /// Writes a rule's weights; the load balancer follows later.
    pub(crate) fn write_rule(&mut self, slot: usize, weights: Vec<(usize, u16)>) {
        let timing = &self.scenario.timing;
        let longest = match self.state.kind_of_rule(slot) {
            Some(BalancerKind::Network) => timing.network_propagation,
            Some(BalancerKind::Application) | None => timing.propagation,
        };
        let lag = self.rng.span(Duration::ZERO, longest);
        let at = self.now.after(lag);
        let Some(Some(rule)) = self.state.rules.get_mut(slot) else {
            return;
        };
        rule.version += 1;
        rule.control.clone_from(&weights);
        rule.on_its_way.push((rule.version, weights));
        self.agenda.plan(at, Event::Propagate { rule: slot, version: rule.version });
        self.reattach();
    }

    /// The load balancer follows a write, unless it already follows a later one.
    pub(crate) fn propagate(&mut self, slot: usize, version: u32) {
        let expiry = self.now;
        let Some(Some(rule)) = self.state.rules.get_mut(slot) else {
            return;
        };
        let Some(index) = rule.on_its_way.iter().position(|(of, _)| *of == version) else {
            return;
        };
        let (_, weights) = rule.on_its_way.swap_remove(index);
        if version <= rule.applied {
            return;
        }
        rule.applied = version;
        rule.on_its_way.retain(|(of, _)| *of > version);
        if rule.data == weights {
            return;
        }
        let before = std::mem::replace(&mut rule.data, weights);
        if !rule.stickiness.is_zero() {
            rule.cookies = Some(before);
            let at = expiry.after(rule.stickiness);
            self.agenda.plan(at, Event::CookiesExpire { rule: slot, version });
        }
    }

    /// The cookies from before a write expire.
    pub(crate) fn expire_cookies(&mut self, slot: usize, version: u32) {
        if let Some(Some(rule)) = self.state.rules.get_mut(slot)
            && rule.applied == version
        {
            rule.cookies = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::action::Action;
    use super::super::super::scenario::Scenario;
    use super::*;
    use crate::model::Elapsed;

    fn edit(blue: u16, green: u16) -> Action {
        Action::EditWeights { rule: 0, blue, green }
    }

    fn shares(world: &World) -> [u64; 4] {
        let rule = world.state().production_rules().next().unwrap();
        [
            rule.control_permille(0),
            rule.control_permille(1),
            rule.data_permille(0),
            rule.data_permille(1),
        ]
    }

    #[test]
    fn the_load_balancer_follows_a_rule_later() {
        let mut world = World::new(Scenario::new(1));
        world.apply(&edit(900, 100));
        assert_eq!(shares(&world), [900, 100, 1000, 0]);
        world.advance(Elapsed::from_millis(30_000));
        assert_eq!(shares(&world), [900, 100, 900, 100]);
    }

    #[test]
    fn the_load_balancer_never_goes_back_to_an_earlier_write() {
        for seed in 0..50 {
            let mut world = World::new(Scenario::new(seed));
            world.apply(&edit(900, 100));
            world.apply(&edit(0, 1));
            world.advance(Elapsed::from_millis(60_000));
            assert_eq!(shares(&world), [0, 1000, 0, 1000]);
        }
    }

    #[test]
    fn cookies_hold_clients_until_they_expire() {
        let scenario = Scenario::new(1).with_stickiness(Duration::from_mins(5));
        let mut world = World::new(scenario);
        world.apply(&edit(0, 1));
        world.advance(Elapsed::from_millis(30_000));
        let served = |world: &World| world.exposure()[0].requests();
        let before = served(&world);
        world.advance(Elapsed::from_millis(130_000));
        // half of the clients keep their cookie
        assert!((served(&world) - before).abs_diff(1000) <= 1);
        world.advance(Elapsed::from_millis(400_000));
        let expired = served(&world);
        world.advance(Elapsed::from_millis(500_000));
        assert_eq!(served(&world), expired);
    }
}
