//! Application Auto Scaling.

use super::answer::Answer;
use super::api_error::ApiError;
use super::call::Call;
use super::ledger::Actor;
use super::scalable_target::RegisteredTarget;
use super::scaling_call::ScalingCall;
use super::settings::Settings;
use super::state::State;
use super::world::World;
use crate::model::ScalableTarget;
use crate::model::ServiceId;
use crate::model::ServiceState;
use crate::model::Suspension;

fn validation(message: &str) -> ApiError {
    ApiError::refused("ValidationException", message)
}

impl State {
    /// The scalable target of a service.
    pub fn scalable_target(&self, service: &ServiceId) -> Option<&RegisteredTarget> {
        self.scalable_targets.iter().find(|known| known.is_of(service))
    }

    pub(super) fn describe_scaling(&self, services: &[ServiceId]) -> Answer {
        let all = self.scalable_targets.iter();
        let asked = |known: &RegisteredTarget| services.iter().any(|service| known.is_of(service));
        let those = all.filter(|known| services.is_empty() || asked(known));
        Answer::ScalableTargets(those.cloned().collect())
    }
}

impl World {
    pub(super) fn carry_out_scaling(&mut self, call: &ScalingCall) -> Result<Answer, ApiError> {
        match call {
            ScalingCall::RegisterScalableTarget { service, .. } => {
                self.register_target_of(service, call)?;
                self.clamp_desired(service);
                Ok(self.state.describe_scaling(std::slice::from_ref(service)))
            }
            ScalingCall::DeregisterScalableTarget { service } => {
                if self.state.scalable_target(service).is_none() {
                    return Err(ApiError::gone(
                        "ObjectNotFoundException",
                        format!(
                            "No scalable target found for service namespace: ecs, resource ID: \
                             service/{service}, scalable dimension: ecs:service:DesiredCount"
                        ),
                    ));
                }
                self.state.scalable_targets.retain(|known| !known.is_of(service));
                Ok(Answer::Done)
            }
            ScalingCall::DescribeScalableTargets { .. } => Err(ApiError::invalid("not a write")),
        }
    }

    fn register_target_of(&mut self, id: &ServiceId, call: &ScalingCall) -> Result<(), ApiError> {
        let ScalingCall::RegisterScalableTarget {
            minimum,
            maximum,
            role,
            scale_in_suspended,
            scale_out_suspended,
            scheduled_suspended,
            ..
        } = call
        else {
            return Ok(());
        };
        let service = self.state.service(id);
        if service.is_none_or(|service| service.status != ServiceState::Active) {
            return Err(validation(&format!("ECS service doesn't exist: service/{id}")));
        }
        let known = self.state.scalable_target(id);
        let (Some(minimum), Some(maximum)) = (
            minimum.or_else(|| known.map(|known| known.target.minimum)),
            maximum.or_else(|| known.map(|known| known.target.maximum)),
        ) else {
            return Err(validation(
                "MinCapacity and MaxCapacity must be given for a new scalable target.",
            ));
        };
        if minimum > maximum {
            return Err(validation("Maximum capacity cannot be less than minimum capacity"));
        }
        let before = known.map(|known| known.target.suspended).unwrap_or_default();
        let suspended = Suspension {
            scale_in: scale_in_suspended.unwrap_or(before.scale_in),
            scale_out: scale_out_suspended.unwrap_or(before.scale_out),
            scheduled: scheduled_suspended.unwrap_or(before.scheduled),
        };
        let service = id.service.to_string();
        let target = RegisteredTarget {
            cluster: id.cluster.to_string(),
            target: ScalableTarget { service, minimum, maximum, suspended },
            role: role.clone().or_else(|| known.and_then(|known| known.role.clone())),
            created_at: known.map_or(self.now, |known| known.created_at),
        };
        match self.state.scalable_targets.iter_mut().find(|known| known.is_of(id)) {
            Some(known) => *known = target,
            None => self.state.scalable_targets.push(target),
        }
        Ok(())
    }

    /// Takes the desired count to the nearest that a target allows, unless that is suspended.
    fn clamp_desired(&mut self, id: &ServiceId) {
        if let Some(desired) = self.state.service(id).map(|service| service.desired) {
            self.autoscale(id, desired);
        }
    }

    /// Autoscaling sets a desired count, as far as the scalable target lets it.
    pub(super) fn autoscale(&mut self, id: &ServiceId, wanted: u32) {
        let Some(service) = self.state.service(id) else { return };
        let (now, mut wanted) = (service.desired, wanted);
        if let Some(RegisteredTarget { target, .. }) = self.state.scalable_target(id) {
            wanted = wanted.max(target.minimum).min(target.maximum);
            let suspended = target.suspended;
            if wanted == now
                || wanted > now && suspended.scale_out
                || wanted < now && suspended.scale_in
            {
                return;
            }
        }
        let call = Call::UpdateService {
            service: id.clone(),
            desired_count: Some(wanted),
            task_definition: None,
            force: false,
            minimum_healthy_percent: None,
            maximum_percent: None,
            settings: Settings::default(),
        };
        // a refusal is in the ledger; nobody here waits for it
        drop(self.call(&Actor::other("autoscaling"), &call));
    }
}
