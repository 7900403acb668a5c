//! Writes to target groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use super::super::api_error::ApiError;
use super::super::world::World;
use super::balancers::check_name;
use super::elb_answer::ElbAnswer;
use super::elb_call::ElbCall;
use super::group_settings::GroupSettings;
use super::target_group::TargetGroup;
use crate::model::TargetGroupArn;

impl World {
    /// Carries out a write to a target group or its targets.
    pub(super) fn carry_out_group(&mut self, call: &ElbCall) -> Result<ElbAnswer, ApiError> {
        match call {
            ElbCall::CreateTargetGroup { name, settings, tags } => {
                self.create_target_group(name, settings, tags)
            }
            ElbCall::ModifyTargetGroup { target_group, settings } => {
                self.change_group(target_group, |old| old.modified(settings))?;
                let arn = target_group.clone();
                Ok(self.state.describe_groups(|group| group.arn.as_str() == arn))
            }
            ElbCall::ModifyTargetGroupAttributes { target_group, attributes } => {
                let settings =
                    self.change_group(target_group, |old| old.with_attributes(attributes))?;
                Ok(ElbAnswer::Attributes(settings.attributes.clone()))
            }
            ElbCall::DeleteTargetGroup { target_group } => self.delete_target_group(target_group),
            ElbCall::RegisterTargets { target_group, targets } => {
                self.register_targets(target_group, targets)
            }
            ElbCall::DeregisterTargets { target_group, targets } => {
                self.deregister_targets(target_group, targets)
            }
            _ => Err(ApiError::validation("not a write")),
        }
    }

    fn create_target_group(
        &mut self,
        name: &str,
        settings: &Map<String, Value>,
        tags: &BTreeMap<String, String>,
    ) -> Result<ElbAnswer, ApiError> {
        check_name(name)?;
        let settings = GroupSettings::new(name, settings)?;
        let known = self.state.groups.iter().find(|known| !known.deleted && known.name() == name);
        if let Some(known) = known {
            if known.settings.shown == settings.shown {
                let arn = known.arn.clone();
                return Ok(self.state.describe_groups(|group| group.arn == arn));
            }
            return Err(ApiError::refused(
                "DuplicateTargetGroupName",
                format!(
                    "A target group with the same name '{name}' exists, but with different settings"
                ),
            ));
        }
        let arn = self.new_arn(&format!("targetgroup/{name}"));
        let parsed: TargetGroupArn =
            arn.parse().map_err(|_| ApiError::validation(format!("'{arn}' is no ARN")))?;
        self.state.groups.push(TargetGroup::new(parsed, settings));
        self.state.tag(&arn, tags);
        Ok(self.state.describe_groups(|group| group.arn.as_str() == arn))
    }

    fn change_group(
        &mut self,
        arn: &str,
        change: impl FnOnce(&GroupSettings) -> Result<GroupSettings, ApiError>,
    ) -> Result<Arc<GroupSettings>, ApiError> {
        let slot = self.state.group_named(arn)?;
        let group = self.state.groups.get_mut(slot);
        let group = group.ok_or_else(|| ApiError::gone("TargetGroupNotFound", arn))?;
        group.settings = Arc::new(change(&group.settings)?);
        Ok(Arc::clone(&group.settings))
    }

    fn delete_target_group(&mut self, arn: &str) -> Result<ElbAnswer, ApiError> {
        let slot = self.state.group_named(arn)?;
        let Some(group) = self.state.groups.get_mut(slot) else { return Ok(ElbAnswer::Done) };
        if group.attached {
            return Err(ApiError::refused(
                "ResourceInUse",
                format!("Target group '{arn}' is currently in use by a listener or a rule"),
            ));
        }
        group.deleted = true;
        group.targets.clear();
        self.state.resource_tags.remove(arn);
        Ok(ElbAnswer::Done)
    }
}
