//! What kind of trouble stopped a task, in words that say where to look.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// What kind of trouble stopped a task, from ECS's stop code, its reason and the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureClass {
    /// The image could not be pulled.
    ImagePull,
    /// A secret, a parameter or the registry's password could not be read.
    Secrets,
    /// A container could not be created or started as it is defined.
    Definition,
    /// A volume could not be created or mounted.
    Volume,
    /// A network interface could not be had.
    Network,
    /// There was no room: no capacity, no instance that fits.
    Placement,
    /// A container had more memory than it may have.
    OutOfMemory,
    /// An essential container ended with an error.
    Exited,
    /// An essential container ended, and said that all was well.
    Ended,
    /// The load balancer's health checks failed.
    HealthCheck,
    /// The container's own health check failed.
    ContainerHealthCheck,
    /// The platform took it away: Spot, a host that goes, trouble below the task.
    Platform,
    /// ECS stopped it to have fewer tasks.
    ScaledIn,
    /// Somebody stopped it.
    Asked,
    /// None of these.
    Unknown,
}

/// What ECS says where a task did not start or was stopped, in lower case, and what that means. The
/// first that is found counts; the more telling come first.
const REASONS: &[(&str, FailureClass)] = &[
    ("outofmemory", FailureClass::OutOfMemory),
    ("out of memory", FailureClass::OutOfMemory),
    ("container health check", FailureClass::ContainerHealthCheck),
    ("health check", FailureClass::HealthCheck),
    ("secretsmanager", FailureClass::Secrets),
    ("unable to pull secrets", FailureClass::Secrets),
    ("unable to retrieve secret", FailureClass::Secrets),
    ("fetching secret data", FailureClass::Secrets),
    ("ssm parameter", FailureClass::Secrets),
    ("invalid ssm", FailureClass::Secrets),
    ("retrieve ecr registry auth", FailureClass::ImagePull),
    ("cannotpull", FailureClass::ImagePull),
    ("pull image", FailureClass::ImagePull),
    ("cannotcreatevolume", FailureClass::Volume),
    ("efs utils", FailureClass::Volume),
    ("volume", FailureClass::Volume),
    ("network interface", FailureClass::Network),
    ("eni provisioning", FailureClass::Network),
    ("resource:eni", FailureClass::Placement),
    ("capacity is unavailable", FailureClass::Placement),
    ("unable to place", FailureClass::Placement),
    ("no container instances", FailureClass::Placement),
    ("resource:", FailureClass::Placement),
    ("memberof placement", FailureClass::Placement),
    ("cannotstartcontainer", FailureClass::Definition),
    ("cannotcreatecontainer", FailureClass::Definition),
    ("logging driver", FailureClass::Definition),
    ("logger args", FailureClass::Definition),
    ("env files", FailureClass::Definition),
    ("resourceinitializationerror", FailureClass::Definition),
    ("containerruntime", FailureClass::Platform),
    ("dockertimeout", FailureClass::Platform),
    ("internalerror", FailureClass::Platform),
    ("spot", FailureClass::Platform),
    ("scaling activity", FailureClass::ScaledIn),
];

/// What a container that the kernel killed for its memory exits with, as does any that is killed.
const KILLED: i64 = 137;

impl FailureClass {
    /// The class of a task that stopped. `exit_code` is that of the first container with an error.
    ///
    /// | stop code | reason | exit code | class |
    /// |---|---|---|---|
    /// | `SpotInterruption`, `TerminationNotice`, `InfrastructureHealth` | any | any | platform |
    /// | `UserInitiated` | any | any | asked |
    /// | any other | names a known trouble | any | that trouble |
    /// | `EssentialContainerExited` | | 0 | ended |
    /// | `EssentialContainerExited` | | another, or none | exited |
    /// | any other | | not 0 | exited |
    /// | any other | | | unknown |
    pub fn of(code: &str, reason: &str, exit_code: Option<i64>) -> Self {
        match code {
            "SpotInterruption" | "TerminationNotice" | "InfrastructureHealth" => {
                return Self::Platform;
            }
            "UserInitiated" => return Self::Asked,
            _ => {}
        }
        let said = reason.to_lowercase();
        let named = REASONS.iter().find(|(word, _)| said.contains(word));
        match (named, code, exit_code) {
            (Some((_, class)), ..) => *class,
            (None, "EssentialContainerExited", Some(0)) => Self::Ended,
            (None, "EssentialContainerExited", _) => Self::Exited,
            (None, _, Some(exit)) if exit != 0 => Self::Exited,
            (None, _, _) => Self::Unknown,
        }
    }

    /// Where to look, as a sentence without a full stop.
    pub const fn look_at(self) -> &'static str {
        match self {
            Self::ImagePull => "check the image's name and tag, and whether it can be reached",
            Self::Secrets => "check the secrets' names and the execution role's access to them",
            Self::Definition => "check the task definition: command, log driver, environment files",
            Self::Volume => "check the task definition's volumes and who may mount them",
            Self::Network => "check the subnets' free addresses and the account's interfaces",
            Self::Placement => "check the cluster's capacity and the placement constraints",
            Self::OutOfMemory => "the task needs more memory than its definition gives it",
            Self::Exited => "read the container's last log lines",
            Self::Ended => "the container's command ends by itself; a service must go on",
            Self::HealthCheck => "check the health check's path and port, and the grace period",
            Self::ContainerHealthCheck => "run the container's health check by hand",
            Self::Platform => "nothing that the revision did; look at the platform's own health",
            Self::ScaledIn => "nothing: ECS stopped it to have fewer tasks",
            Self::Asked => "somebody stopped it; ask who",
            Self::Unknown => "read ECS's reason and the container's last log lines",
        }
    }
}

/// What an exit code says beside its number.
pub(crate) const fn exit_words(code: i64) -> &'static str {
    match code {
        KILLED => " (killed, often for its memory)",
        139 => " (segmentation fault)",
        143 => " (told to stop)",
        _ => "",
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ImagePull => "image pull",
            Self::Secrets => "secrets",
            Self::Definition => "task definition",
            Self::Volume => "volume",
            Self::Network => "network",
            Self::Placement => "placement",
            Self::OutOfMemory => "out of memory",
            Self::Exited => "exited",
            Self::Ended => "ended by itself",
            Self::HealthCheck => "health check",
            Self::ContainerHealthCheck => "container health check",
            Self::Platform => "platform",
            Self::ScaledIn => "scaled in",
            Self::Asked => "stopped by somebody",
            Self::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ecs_says_is_told_apart() {
        use FailureClass as Class;
        let started = "TaskFailedToStart";
        for (code, reason, exit, class) in [
            (started, "CannotPullContainerError: manifest unknown", None, Class::ImagePull),
            (
                started,
                "ResourceInitializationError: unable to pull secrets or registry auth: execution \
                 resource retrieval failed: unable to retrieve ecr registry auth: i/o timeout",
                None,
                Class::Secrets,
            ),
            (
                started,
                "ResourceInitializationError: failed to validate logger args: create stream",
                None,
                Class::Definition,
            ),
            (
                started,
                "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS \
                 volumes",
                None,
                Class::Volume,
            ),
            (started, "Timeout waiting for network interface provisioning", None, Class::Network),
            (started, "Capacity is unavailable at this time.", None, Class::Placement),
            (started, "RESOURCE:MEMORY", None, Class::Placement),
            (started, "CannotStartContainerError: exec: no such file", None, Class::Definition),
            (
                "EssentialContainerExited",
                "Essential container in task exited (app: exit code 137, OutOfMemoryError)",
                Some(137),
                Class::OutOfMemory,
            ),
            (
                "EssentialContainerExited",
                "Essential container in task exited",
                Some(1),
                Class::Exited,
            ),
            (
                "EssentialContainerExited",
                "Essential container in task exited",
                Some(0),
                Class::Ended,
            ),
            (
                "ServiceSchedulerInitiated",
                "Task failed ELB health checks in (target-group arn:aws:x)",
                Some(143),
                Class::HealthCheck,
            ),
            (
                "ServiceSchedulerInitiated",
                "Task failed container health checks",
                None,
                Class::ContainerHealthCheck,
            ),
            ("ServiceSchedulerInitiated", "Scaling activity initiated by x", None, Class::ScaledIn),
            ("SpotInterruption", "Your Spot Task was interrupted.", Some(143), Class::Platform),
            ("InfrastructureHealth", "ECS is performing maintenance", None, Class::Platform),
            ("UserInitiated", "CannotPull was my reason", None, Class::Asked),
            ("Unknown", "", Some(3), Class::Exited),
            ("Unknown", "", None, Class::Unknown),
        ] {
            assert_eq!(Class::of(code, reason, exit), class, "{code}: {reason}");
        }
    }
}
