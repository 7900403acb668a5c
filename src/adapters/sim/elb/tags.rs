//! Tags of what Elastic Load Balancing holds.

use std::collections::BTreeMap;

use super::super::api_error::ApiError;
use super::super::state::State;
use super::super::world::World;
use super::elb_answer::ElbAnswer;

/// Tags of one resource.
const MOST_TAGS: usize = 50;

impl State {
    /// Adds tags to a resource, whatever service it is of.
    pub(crate) fn tag(&mut self, arn: &str, tags: &BTreeMap<String, String>) {
        if !tags.is_empty() {
            self.resource_tags.entry(arn.to_owned()).or_default().extend(tags.clone());
        }
    }

    /// That this resource is there.
    fn check_tagged(&self, arn: &str) -> Result<(), ApiError> {
        if arn.contains(":loadbalancer/") {
            self.balancer(arn)?;
        } else if arn.contains(":listener/") {
            self.listener(arn)?;
        } else if arn.contains(":targetgroup/") {
            self.group_named(arn)?;
        } else if !self.rules.iter().flatten().any(|rule| rule.arn.as_str() == arn) {
            return Err(ApiError::gone("RuleNotFound", format!("Rule '{arn}' not found")));
        }
        Ok(())
    }

    pub(super) fn describe_tags(&self, arns: &[String]) -> Result<ElbAnswer, ApiError> {
        let mut tags = Vec::new();
        for arn in arns {
            self.check_tagged(arn)?;
            tags.push((arn.clone(), self.resource_tags.get(arn).cloned().unwrap_or_default()));
        }
        Ok(ElbAnswer::Tags(tags))
    }
}

impl World {
    pub(super) fn add_tags(
        &mut self,
        arns: &[String],
        tags: &BTreeMap<String, String>,
    ) -> Result<ElbAnswer, ApiError> {
        for arn in arns {
            self.state.check_tagged(arn)?;
            let mut all = self.state.resource_tags.get(arn).cloned().unwrap_or_default();
            all.extend(tags.clone());
            if all.len() > MOST_TAGS {
                return Err(ApiError::refused("TooManyTags", "A resource has at most 50 tags"));
            }
        }
        for arn in arns {
            self.state.tag(arn, tags);
        }
        Ok(ElbAnswer::Done)
    }

    pub(super) fn remove_tags(
        &mut self,
        arns: &[String],
        keys: &[String],
    ) -> Result<ElbAnswer, ApiError> {
        for arn in arns {
            self.state.check_tagged(arn)?;
        }
        for arn in arns {
            if let Some(tags) = self.state.resource_tags.get_mut(arn) {
                tags.retain(|key, _| !keys.contains(key));
            }
        }
        Ok(ElbAnswer::Done)
    }
}
