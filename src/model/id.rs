//! Names, each its own type, so that one cannot be passed for another. Clones share their text.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use super::shared::Shared;

/// A name that cannot be used, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a valid {kind}: {why}")]
#[non_exhaustive]
pub struct InvalidId {
    /// What the name was meant to be.
    pub kind: &'static str,
    /// The name as given.
    pub value: String,
    /// What is wrong with it and what would be right.
    pub why: &'static str,
}

fn check(kind: &'static str, value: &str, longest: usize) -> Result<(), InvalidId> {
    let why = if value.is_empty() {
        "it is empty; give at least one character"
    } else if value.chars().count() > longest {
        "it is too long; 255 characters are the most (128 for an id)"
    } else if value.chars().any(char::is_control) {
        "it holds a control character; use printable ones"
    } else {
        return Ok(());
    };
    Err(InvalidId { kind, value: value.to_owned(), why })
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $kind:literal, $longest:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a name after checking its length and characters.
            pub fn new(value: impl Into<String>) -> Result<Self, InvalidId> {
                let value = value.into();
                check($kind, &value, $longest)?;
                Ok(Self(value.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(value: &str) -> Result<Self, InvalidId> {
                Self::new(value)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(value: String) -> Result<Self, InvalidId> {
                Self::new(value)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.as_str().to_owned()
            }
        }
    )*};
}

names! {
    /// Names one deployment: one attempt to move a service to a revision.
    DeploymentId, "deployment id", 128;
    /// Names a gate of a plan.
    GateId, "gate id", 128;
    /// Names a hook of a plan.
    HookId, "hook id", 128;
    /// Names a `CloudWatch` alarm (not its ARN; at most 255 characters).
    AlarmName, "alarm name", 255;
    /// Names an ECS task set (`ecs-svc/1234…`) or whatever holds one role's tasks.
    TaskSetId, "task set id", 255;
    /// Names the process that drives a deployment, unique to one run of it.
    HolderId, "holder id", 128;
    /// An idempotency token (ECS allows 36 characters). A function of the deployment, never of the
    /// attempt, so that whoever resumes sends the same one.
    CallToken, "call token", 36;
}

impl CallToken {
    /// The token for `purpose` in `deployment`: 128 bits of FNV-1a over both, in hexadecimal.
    #[must_use]
    pub fn derived(deployment: &DeploymentId, purpose: &str) -> Self {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        let bytes = deployment.as_str().bytes().chain([0]).chain(purpose.bytes());
        let hash = bytes.fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
        Self(format!("co-{hash:032x}").into())
    }
}

/// Names a service: cluster and service name, as ECS takes them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceId {
    /// Cluster name.
    pub cluster: Shared<String>,
    /// Service name.
    pub service: Shared<String>,
}

impl ServiceId {
    /// Takes both names after checking them.
    pub fn new(cluster: impl Into<String>, service: impl Into<String>) -> Result<Self, InvalidId> {
        let (cluster, service) = (cluster.into(), service.into());
        check("cluster name", &cluster, 255)?;
        check("service name", &service, 255)?;
        Ok(Self { cluster: cluster.into(), service: service.into() })
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cluster, self.service)
    }
}

/// A number that grows with every lease of a service and never resets; a stale one is refused.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct FencingToken(u64);

impl FencingToken {
    /// The token with this number; zero is "never leased".
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The token of the lease after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The bare number, for logs and for a store's own column.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for FencingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_name_says_what_is_wrong() {
        let error = AlarmName::new("").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`` is not a valid alarm name: it is empty; give at least one character"
        );
        assert!(AlarmName::new("x".repeat(256)).is_err());
        assert!(GateId::new("a\nb").is_err());
    }

    #[test]
    fn the_token_depends_on_deployment_and_purpose_only_and_fits_ecs() {
        let (a, b) = (DeploymentId::new("a").unwrap(), DeploymentId::new("b").unwrap());
        assert_eq!(CallToken::derived(&a, "launch"), CallToken::derived(&a, "launch"));
        assert_ne!(CallToken::derived(&a, "launch"), CallToken::derived(&b, "launch"));
        assert_ne!(CallToken::derived(&a, "launch"), CallToken::derived(&a, "other"));
        assert!(CallToken::derived(&a, "launch").as_str().len() <= 36);
    }
}
