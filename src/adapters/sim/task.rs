//! Tasks and their targets.

use std::net::Ipv4Addr;

use super::names;
use crate::model::Elapsed;

/// Where a task is in its life (`lastStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TaskState {
    /// `PROVISIONING`: resources are being found.
    Provisioning,
    /// `PENDING`: the image is being pulled, containers start.
    Pending,
    /// `RUNNING`.
    Running,
    /// `DEACTIVATING`: its target drains.
    Deactivating,
}

/// The state of a target in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TargetHealth {
    /// `initial`: registered, not yet checked.
    Initial,
    /// `healthy`.
    Healthy,
    /// `unhealthy`.
    Unhealthy,
    /// `draining`: takes no new requests.
    Draining,
    /// `unused`: no rule names its group, so it is not checked.
    Unused,
}

/// A task that has not stopped yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Task {
    /// Its number, unique in the world.
    pub number: u64,
    /// Where it is in its life.
    pub state: TaskState,
    /// Its target; none before `RUNNING` and without a load balancer.
    pub target: Option<TargetHealth>,
    /// Its availability zone: 0, 1 or 2.
    pub zone: u8,
    /// When it was launched.
    pub created_at: Elapsed,
    /// Since when it runs.
    pub running_since: Option<Elapsed>,
    /// Whether what runs in it fails every request and check.
    pub broken: bool,
    /// Whether it meets its revision's fate.
    pub(super) afflicted: bool,
    /// Counts up whenever events planned for it no longer hold.
    pub(super) epoch: u32,
    /// The same for its health checks.
    pub(super) checks: u32,
}

impl Task {
    /// Whether it is meant to go on (neither draining nor stopping).
    pub fn is_live(&self) -> bool {
        self.state != TaskState::Deactivating
    }

    /// Its ARN, in the cluster of this name.
    pub fn arn(&self, cluster: &str) -> String {
        names::ecs_arn("task", &format!("{cluster}/{}", names::hex(self.number)))
    }

    /// Its private address: the id of its target, and what a client sees in its attachment. It
    /// depends on its zone and number only.
    pub fn address(&self) -> Ipv4Addr {
        let [.., high, middle, low] = self.number.to_be_bytes();
        // each zone has a subnet of 22 bits of hosts
        Ipv4Addr::new(10, (self.zone % 4) << 6 | high & 0x3f, middle, low)
    }

    /// Its zone's name: `eu-west-1a`, `eu-west-1b` or `eu-west-1c`.
    pub const fn availability_zone(&self) -> &'static str {
        zone_name(self.zone)
    }

    /// Whether the load balancer prefers it.
    pub fn is_healthy_target(&self) -> bool {
        self.target == Some(TargetHealth::Healthy)
    }
}

/// The zones, by their numbers.
pub(super) const ZONES: [u8; 3] = [0, 1, 2];

/// The name of a zone by its number.
pub(super) const fn zone_name(zone: u8) -> &'static str {
    match zone {
        0 => "eu-west-1a",
        1 => "eu-west-1b",
        _ => "eu-west-1c",
    }
}

/// Why a task stopped (`stopCode` and `stoppedReason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StopCause {
    /// The container exited before the task ran.
    FailedToStart,
    /// The image could not be pulled.
    ImagePull,
    /// An essential container exited.
    Exited,
    /// It failed the load balancer's health checks and ECS stopped it.
    FailedHealthChecks,
    /// The platform took it away.
    Spot,
    /// ECS stopped it to scale in or to delete.
    ScaledIn,
    /// Someone called `StopTask`.
    Stopped,
}

impl StopCause {
    /// ECS's stop code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FailedToStart | Self::ImagePull => "TaskFailedToStart",
            Self::Exited => "EssentialContainerExited",
            Self::FailedHealthChecks | Self::ScaledIn => "ServiceSchedulerInitiated",
            Self::Spot => "SpotInterruption",
            Self::Stopped => "UserInitiated",
        }
    }

    /// ECS's reason.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::FailedToStart => "Essential container in task exited before it ran",
            Self::ImagePull => "CannotPullContainerError: manifest unknown",
            Self::Exited => "Essential container in task exited",
            Self::FailedHealthChecks => "Task failed ELB health checks",
            Self::Spot => "Your Spot Task was interrupted.",
            Self::Stopped => "Task stopped by user",
            Self::ScaledIn => "Scaling activity initiated by deployment",
        }
    }

    /// The exit code of its containers; none where they never ran.
    pub const fn exit_code(self) -> Option<i64> {
        match self {
            Self::ImagePull => None,
            Self::FailedToStart | Self::Exited => Some(1),
            // SIGTERM ends what does not handle it
            Self::FailedHealthChecks | Self::Spot | Self::ScaledIn | Self::Stopped => Some(143),
        }
    }

    /// Whether it counts against the revision: neither asked for nor the platform's doing.
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::ScaledIn | Self::Spot | Self::Stopped)
    }
}
