//! Why a deployment did not start, or is no longer driven here.

use crate::driver::AcquireError;
use crate::model::AlarmName;
use crate::model::DeploymentId;
use crate::model::GateId;
use crate::model::HolderId;
use crate::model::HookId;
use crate::model::InvalidId;
use crate::model::Operator;
use crate::model::ServiceId;
use crate::model::Stage;
use crate::model::StopOrder;
use crate::ports::CallError;
use crate::ports::Retry;
use crate::record::RecordError;
use crate::strategy::PlanError;

/// What failed. [`retry`](Self::retry) says whether to try again, [`advice`](Self::advice) what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The strategy makes no plan for this service. Nothing was changed.
    #[error("there is no plan for {service}")]
    Plan {
        /// The service.
        service: ServiceId,
        /// Why.
        #[source]
        source: PlanError,
    },
    /// The service, its routes or its alarms cannot be read. Nothing was changed.
    #[error("{what} cannot be read")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: CallError,
    },
    /// Somebody drives this service already. Nothing was changed.
    #[error(
        "{service} is driven by {} (deployment {deployment})",
        holder.as_ref().map_or("this process", HolderId::as_str)
    )]
    AlreadyRunning {
        /// The service.
        service: ServiceId,
        /// Who; none: a driver in this process.
        holder: Option<HolderId>,
        /// With which deployment.
        deployment: DeploymentId,
    },
    /// Every deployment of this store is stopped for a while. Nothing was changed.
    #[error("every deployment is {order}")]
    Stopped {
        /// By whom, when and why.
        order: StopOrder,
    },
    /// An earlier deployment of this service was left unfinished. Nothing was changed.
    #[error("deployment {deployment} of {service} is unfinished")]
    Unfinished {
        /// The service.
        service: ServiceId,
        /// The unfinished one.
        deployment: DeploymentId,
    },
    /// The id is taken. Nothing was changed.
    #[error("there is a deployment {deployment} already")]
    Duplicate {
        /// The id.
        deployment: DeploymentId,
    },
    /// There is no such deployment in the store.
    #[error("there is no deployment {deployment} in the store")]
    Unknown {
        /// The id.
        deployment: DeploymentId,
    },
    /// A custom gate of the request is not registered. Nothing was changed.
    #[error("gate `{gate}` is not registered")]
    MissingGate {
        /// Which.
        gate: GateId,
    },
    /// A hook of the request is not registered. Nothing was changed.
    #[error("hook `{hook}` is not registered")]
    MissingHook {
        /// Which.
        hook: HookId,
    },
    /// An alarm of the request does not exist. Nothing was changed.
    #[error("alarm `{alarm}` does not exist")]
    MissingAlarm {
        /// Which.
        alarm: AlarmName,
    },
    /// A gate of the request could never answer, or never ask. Nothing was changed.
    #[error("gate `{gate}`: `{field}` {why}")]
    UnusableGate {
        /// Which.
        gate: GateId,
        /// What of it, as a path from the gate.
        field: String,
        /// Why, and what would be right.
        why: String,
    },
    /// The service is autoscaled, and the request does not say what is to become of that. Nothing was
    /// changed.
    #[error("autoscaling moves the desired count of {target}")]
    Autoscaled {
        /// The scalable target: service and bounds.
        target: String,
    },
    /// Autoscaling is to be held, and the ports have no autoscaler. Nothing was changed.
    #[error("autoscaling is to be held, and there is no autoscaler")]
    NoAutoscaler,
    /// What the service serves cannot be told. Nothing was changed.
    #[error("the traffic of {service} cannot be told: {why}")]
    NoTraffic {
        /// The service.
        service: ServiceId,
        /// Why.
        why: String,
    },
    /// A name cannot be used.
    #[error("a name cannot be used")]
    Name(#[source] InvalidId),
    /// The record cannot be read. Nothing was written.
    #[error("the record of deployment {deployment} cannot be used")]
    Record {
        /// The deployment.
        deployment: DeploymentId,
        /// Why.
        #[source]
        source: RecordError,
    },
    /// The store does not answer. Nothing was changed.
    #[error("the store does not answer")]
    Store(#[source] CallError),
    /// The deployment is no longer driven here; it is not lost.
    #[error("deployment {deployment} was left in {stage}: {why}")]
    Left {
        /// The deployment.
        deployment: DeploymentId,
        /// In which stage.
        stage: Stage,
        /// Why.
        why: String,
    },
    /// The driver's task was dropped: as after a crash, the deployment is not lost.
    #[error("the driver of deployment {deployment} is gone")]
    DriverGone {
        /// The deployment.
        deployment: DeploymentId,
    },
    /// An operator's request was refused.
    #[error("{request:?} was refused: {why}")]
    RequestRefused {
        /// Which.
        request: Operator,
        /// Why, and what to do instead.
        why: String,
    },
}

impl Error {
    /// Whether the same call may be made again.
    pub const fn retry(&self) -> Retry {
        match self {
            // Nothing was changed, so only what can never work forbids another try.
            Self::Unreadable { source, .. } | Self::Store(source) => match source.retry() {
                Retry::Safe | Retry::Ambiguous => Retry::Safe,
                Retry::Never => Retry::Never,
            },
            Self::AlreadyRunning { .. } | Self::Stopped { .. } => Retry::Safe,
            Self::Left { .. } | Self::DriverGone { .. } => Retry::Ambiguous,
            Self::Plan { .. }
            | Self::Unfinished { .. }
            | Self::Duplicate { .. }
            | Self::Unknown { .. }
            | Self::MissingGate { .. }
            | Self::MissingHook { .. }
            | Self::MissingAlarm { .. }
            | Self::UnusableGate { .. }
            | Self::Autoscaled { .. }
            | Self::NoAutoscaler
            | Self::NoTraffic { .. }
            | Self::Name(_)
            | Self::Record { .. }
            | Self::RequestRefused { .. } => Retry::Never,
        }
    }

    /// What to do.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Plan { .. } => "change the strategy or the service as the cause says",
            Self::Unreadable { .. } => {
                "check the network, the permissions and the names, then start again"
            }
            Self::AlreadyRunning { .. } => {
                "wait for it, or resume it here when its process is dead"
            }
            Self::Stopped { .. } => "wait until it is let go, or let it go when the reason is gone",
            Self::Unfinished { .. } => "resume it, and abort it if it is not wanted",
            Self::Duplicate { .. } => "resume that one, or take another id",
            Self::Unknown { .. } => "check the id and the store",
            Self::MissingGate { .. } | Self::MissingHook { .. } => {
                "register it on the deployer under this id"
            }
            Self::MissingAlarm { .. } => "create the alarm, or take its name out of the gates",
            Self::UnusableGate { .. } => {
                "change the gate, the plan or the ports as the message says"
            }
            Self::Autoscaled { .. } => {
                "set topology.autoscaling: `suspend`, `suspend_scale_in`, or `leave` if the desired \
                 count may move in the middle"
            }
            Self::NoAutoscaler => {
                "give the ports an autoscaler (feature `autoscaling`), or `leave` it"
            }
            Self::NoTraffic { .. } => {
                "give the figures yourself: requests a second, and the share of them that fails"
            }
            Self::Name(_) => "give a name that fits",
            Self::Record { .. } => "resume it with the version that wrote it, or restore the store",
            Self::Store(_) => "bring the store back, then try again",
            Self::Left { .. } | Self::DriverGone { .. } => "resume it",
            Self::RequestRefused { .. } => "see the reason",
        }
    }

    pub(super) fn acquire(service: ServiceId, error: AcquireError) -> Self {
        match error {
            AcquireError::Held { holder, deployment } => {
                Self::AlreadyRunning { service, holder, deployment }
            }
            AcquireError::Store(source) => Self::Store(source),
        }
    }
}
