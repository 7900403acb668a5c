//! Amazon resource names, parsed once; a name of the wrong kind is refused where it is read. Clones share
//! their text.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

/// An ARN that cannot be used, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {wanted}: {why}")]
#[non_exhaustive]
pub struct InvalidArn {
    /// What was wanted, with an example.
    pub wanted: &'static str,
    /// The text as given.
    pub value: String,
    /// What is wrong with it.
    pub why: String,
}

/// Any ARN: `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub partition: String,
    /// `ecs`, `elasticloadbalancing` …
    pub service: String,
    /// The Region, `eu-west-1`.
    pub region: String,
    /// The account, twelve digits.
    pub account: String,
    /// Everything after the fifth colon.
    pub resource: String,
}

#[cfg(feature = "aws")]
impl Arn {
    pub(crate) fn parse(value: &str, wanted: &'static str) -> Result<Self, InvalidArn> {
        let [partition, service, region, account, resource] = parts(value, wanted)?;
        Ok(Self {
            partition: partition.to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        })
    }
}

/// The parts of an ARN behind `arn:`.
fn parts<'a>(value: &'a str, wanted: &'static str) -> Result<[&'a str; 5], InvalidArn> {
    let bad = |why: &str| InvalidArn { wanted, value: value.to_owned(), why: why.to_owned() };
    let mut split = value.splitn(6, ':');
    let parts = [(); 6].map(|()| split.next());
    let [Some(scheme), Some(partition), Some(service), Some(region), Some(account), Some(resource)] =
        parts
    else {
        return Err(bad("an ARN has six parts separated by colons"));
    };
    if scheme != "arn" || partition.is_empty() || resource.is_empty() {
        return Err(bad("it does not begin with `arn:` and end in a resource"));
    }
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad("its account is not twelve digits"));
    }
    if value.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(bad("it holds white space or a control character"));
    }
    Ok([partition, service, region, account, resource])
}

fn check_kind(
    value: &str,
    wanted: &'static str,
    service: &str,
    prefixes: &[&str],
) -> Result<(), InvalidArn> {
    let [_, of, _, _, resource] = parts(value, wanted)?;
    if of == service && prefixes.iter().any(|prefix| resource.starts_with(prefix)) {
        return Ok(());
    }
    let why = format!("it names a `{of}` resource `{resource}`");
    Err(InvalidArn { wanted, value: value.to_owned(), why })
}

macro_rules! arns {
    ($($(#[$doc:meta])* $name:ident, $wanted:literal, $service:literal, $prefixes:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The whole ARN as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidArn;
            fn from_str(value: &str) -> Result<Self, InvalidArn> {
                check_kind(value, $wanted, $service, $prefixes)?;
                Self::checked(value)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidArn;
            fn try_from(value: String) -> Result<Self, InvalidArn> {
                value.parse()
            }
        }

        impl From<$name> for String {
            fn from(arn: $name) -> Self {
                arn.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

const TASK_DEFINITION: &str =
    "a task definition ARN with a revision (arn:aws:ecs:…:task-definition/family:7)";

arns! {
    /// One revision of a task definition: family and number, never a bare family.
    TaskDefinitionArn, "a task definition ARN with a revision (arn:aws:ecs:…:task-definition/family:7)",
        "ecs", &["task-definition/"];
    /// A target group of a load balancer.
    TargetGroupArn, "a target group ARN (arn:aws:elasticloadbalancing:…:targetgroup/name/id)",
        "elasticloadbalancing", &["targetgroup/"];
    /// A listener rule, or a listener where its default action is meant.
    ListenerRuleArn, "a listener or listener rule ARN (arn:aws:elasticloadbalancing:…:listener-rule/…)",
        "elasticloadbalancing", &["listener-rule/", "listener/"];
}

impl TargetGroupArn {
    /// The value of `CloudWatch`'s dimension `TargetGroup`: `targetgroup/name/id`.
    pub fn dimension(&self) -> &str {
        self.0.rsplit(':').next().unwrap_or_default()
    }

    #[expect(clippy::unnecessary_wraps, reason = "one shape for all kinds in the macro")]
    fn checked(value: &str) -> Result<Self, InvalidArn> {
        Ok(Self(value.into()))
    }
}

impl ListenerRuleArn {
    /// The value of `CloudWatch`'s dimension `LoadBalancer`: `app/name/id`.
    pub fn balancer_dimension(&self) -> &str {
        let resource = self.0.rsplit(':').next().unwrap_or_default();
        let path = resource.split_once('/').map_or(resource, |(_, path)| path);
        path.match_indices('/').nth(2).map_or(path, |(end, _)| path.get(..end).unwrap_or(path))
    }

    #[expect(clippy::unnecessary_wraps, reason = "one shape for all kinds in the macro")]
    fn checked(value: &str) -> Result<Self, InvalidArn> {
        Ok(Self(value.into()))
    }
}

impl TaskDefinitionArn {
    fn checked(value: &str) -> Result<Self, InvalidArn> {
        let arn = Self(value.into());
        if arn.family().is_empty() || arn.revision_number() == 0 {
            let why =
                "it has no revision number: a bare family would mean another revision tomorrow";
            return Err(InvalidArn {
                wanted: TASK_DEFINITION,
                value: value.to_owned(),
                why: why.to_owned(),
            });
        }
        Ok(arn)
    }

    /// The short form that people use: `family:revision`.
    pub fn short(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The family.
    pub fn family(&self) -> &str {
        self.short().split(':').next().unwrap_or_default()
    }

    /// The revision number within the family, from 1.
    pub fn revision_number(&self) -> u32 {
        self.short().split_once(':').and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudwatch_names_groups_and_balancers_by_a_part_of_their_arn() {
        const ELB: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";
        let group: TargetGroupArn = format!("{ELB}:targetgroup/blue/73e2").parse().unwrap();
        assert_eq!(group.dimension(), "targetgroup/blue/73e2");
        for rule in ["listener-rule/app/web/50dc/f2f7/9683", "listener/app/web/50dc/f2f7"] {
            let rule: ListenerRuleArn = format!("{ELB}:{rule}").parse().unwrap();
            assert_eq!(rule.balancer_dimension(), "app/web/50dc");
        }
    }

    const TASK: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7";
    const GROUP: &str =
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/73e2d6bc24d8a067";

    #[test]
    fn arns_are_parsed_and_wrong_kinds_refused() {
        let task: TaskDefinitionArn = TASK.parse().unwrap();
        assert_eq!((task.short(), task.family(), task.revision_number()), ("web:7", "web", 7));
        assert!(GROUP.parse::<TargetGroupArn>().is_ok());
        let error = GROUP.parse::<TaskDefinitionArn>().unwrap_err();
        assert!(error.to_string().contains("names a `elasticloadbalancing` resource"), "{error}");
        for bad in
            ["", "web:7", "arn:aws:ecs:eu-west-1:12:task-definition/web:7", &TASK[..TASK.len() - 2]]
        {
            assert!(bad.parse::<TaskDefinitionArn>().is_err(), "{bad}");
        }
    }
}
