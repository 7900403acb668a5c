//! Which target groups get requests.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::balancer::Balancer;
use super::forward::Forward;
use super::rules;
use crate::model::ListenerRuleArn;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// Those of these groups that any rule or default action of their load balancers gives weight, each
/// with one that does. A group that is gone has none.
pub(crate) async fn loaded(
    balancer: &Balancer,
    groups: &BTreeSet<&str>,
) -> Result<BTreeMap<String, ListenerRuleArn>, CallError> {
    let mut balancers = BTreeSet::new();
    for group in groups {
        match balancer.target_groups(&[(*group).to_owned()]).await {
            Ok(found) => {
                balancers.extend(
                    found.into_iter().flat_map(|of| of.load_balancer_arns.unwrap_or_default()),
                );
            }
            Err(error) if error.class == ErrorClass::Gone => {}
            Err(error) => return Err(error),
        }
    }
    let mut loaded = BTreeMap::new();
    for arn in balancers {
        for (rule, actions) in rules::of_balancer(balancer, &arn).await? {
            let forward = Forward::of(&actions).map(|to| to.groups).unwrap_or_default();
            let weighted = forward.into_iter().filter(|(_, weight)| *weight > 0);
            loaded.extend(
                weighted
                    .filter(|(group, _)| groups.contains(group.as_str()))
                    .map(|(group, _)| (group, rule.clone())),
            );
        }
    }
    Ok(loaded)
}
