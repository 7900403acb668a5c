//! What a list of actions forwards to.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use super::super::api_error::ApiError;
use crate::model::TargetGroupArn;

/// The highest raw weight.
const HIGHEST: u64 = 999;
/// The most groups that one action may forward to.
const MOST_GROUPS: usize = 5;
/// The longest stickiness: a week.
const LONGEST_STICKINESS: u64 = 604_800;

/// What a list of actions forwards to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forward {
    /// Target groups with raw weights.
    pub groups: Vec<(TargetGroupArn, u16)>,
    /// How long a client sticks to a group; zero without stickiness.
    pub stickiness: Duration,
}

impl Forward {
    /// What the `forward` action among these forwards to; none where there is none.
    ///
    /// # Errors
    ///
    /// `ValidationError` for what AWS would refuse.
    pub fn of(actions: &[Value]) -> Result<Option<Self>, ApiError> {
        let forward = actions.iter().find(|action| action["Type"] == "forward");
        forward.map(Self::parse).transpose()
    }

    fn parse(action: &Value) -> Result<Self, ApiError> {
        let scalar = action["TargetGroupArn"].as_str();
        let listed: Vec<&Value> = action
            .pointer("/ForwardConfig/TargetGroups")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .collect();
        let groups: Vec<(TargetGroupArn, u16)> = match (scalar, listed.as_slice()) {
            (Some(arn), []) => vec![(group(arn)?, 1)],
            (Some(arn), [only]) if only["TargetGroupArn"] == arn => vec![tuple(only)?],
            (Some(_), _) => {
                return Err(ApiError::validation(
                    "You can specify both a target group ARN and a ForwardConfig only if they name \
                     the same one target group",
                ));
            }
            (None, []) => {
                return Err(ApiError::validation("A forward action needs a target group"));
            }
            (None, many) => many.iter().map(|one| tuple(one)).collect::<Result<_, _>>()?,
        };
        let mut arns: Vec<&TargetGroupArn> = groups.iter().map(|(arn, _)| arn).collect();
        arns.sort();
        arns.dedup();
        if groups.len() > MOST_GROUPS || arns.len() < groups.len() {
            return Err(ApiError::validation(
                "A forward action names 1 to 5 target groups, each of them once",
            ));
        }
        Ok(Self { groups, stickiness: stickiness(action)? })
    }

    /// A forward action in the shape in which the API shows it.
    pub(super) fn action(&self) -> Value {
        let groups: Vec<Value> = self
            .groups
            .iter()
            .map(|(arn, weight)| json!({ "TargetGroupArn": arn.as_str(), "Weight": weight }))
            .collect();
        let seconds = self.stickiness.as_secs();
        let stickiness = if seconds == 0 {
            json!({ "Enabled": false })
        } else {
            json!({ "Enabled": true, "DurationSeconds": seconds })
        };
        let config = json!({ "TargetGroups": groups, "TargetGroupStickinessConfig": stickiness });
        match self.groups.as_slice() {
            [(only, _)] => {
                json!({ "Type": "forward", "TargetGroupArn": only.as_str(), "ForwardConfig": config })
            }
            _ => json!({ "Type": "forward", "ForwardConfig": config }),
        }
    }
}

fn group(arn: &str) -> Result<TargetGroupArn, ApiError> {
    arn.parse()
        .map_err(|_| ApiError::validation(format!("'{arn}' is not a valid target group ARN")))
}

fn tuple(one: &Value) -> Result<(TargetGroupArn, u16), ApiError> {
    let arn = one["TargetGroupArn"].as_str().unwrap_or_default();
    let weight = match &one["Weight"] {
        Value::Null => Some(1),
        given => given.as_u64().filter(|weight| *weight <= HIGHEST),
    };
    let weight = weight.and_then(|weight| u16::try_from(weight).ok());
    let weight = weight.ok_or_else(|| {
        ApiError::validation("The weight of a target group must be between 0 and 999")
    })?;
    Ok((group(arn)?, weight))
}

fn stickiness(action: &Value) -> Result<Duration, ApiError> {
    let config = action.pointer("/ForwardConfig/TargetGroupStickinessConfig");
    let Some(config) = config.filter(|config| config["Enabled"] == true) else {
        return Ok(Duration::ZERO);
    };
    let seconds = config["DurationSeconds"].as_u64().unwrap_or_default();
    if (1..=LONGEST_STICKINESS).contains(&seconds) {
        return Ok(Duration::from_secs(seconds));
    }
    Err(ApiError::validation("Stickiness lasts between 1 and 604800 seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/0123";

    fn of(action: Value) -> Result<Option<Forward>, ApiError> {
        Forward::of(&[action])
    }

    #[test]
    fn one_group_may_be_named_twice_and_is_shown_both_ways() {
        let both = json!({
            "Type": "forward", "TargetGroupArn": ARN,
            "ForwardConfig": { "TargetGroups": [{ "TargetGroupArn": ARN, "Weight": 7 }] },
        });
        let forward = of(both).unwrap().unwrap();
        assert_eq!(forward.groups[0].1, 7);
        let shown = forward.action();
        assert_eq!(shown["TargetGroupArn"], ARN);
        assert_eq!(of(shown).unwrap(), Some(forward));
    }

    #[test]
    fn weights_beyond_999_and_six_groups_are_refused() {
        let list = |count: usize, weight: u64| -> Value {
            let groups: Vec<Value> = (0..count)
                .map(|n| json!({ "TargetGroupArn": format!("{ARN}{n}"), "Weight": weight }))
                .collect();
            json!({ "Type": "forward", "ForwardConfig": { "TargetGroups": groups } })
        };
        assert_eq!(of(list(2, 1000)).unwrap_err().code, "ValidationError");
        assert_eq!(of(list(6, 1)).unwrap_err().code, "ValidationError");
        assert_eq!(of(list(5, 999)).unwrap().unwrap().groups.len(), 5);
    }
}
