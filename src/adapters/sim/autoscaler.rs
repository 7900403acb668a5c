//! Scalable targets as an [`Autoscaler`].

use async_trait::async_trait;

use super::answer::Answer;
use super::call::Call;
use super::gateway::Gateway;
use super::scaling_call::ScalingCall;
use crate::model::InvalidId;
use crate::model::ScalableTarget;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::Topology;
use crate::ports::Autoscaler;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::WriteError;

const DESCRIBE: &str = "application-autoscaling:DescribeScalableTargets";
const REGISTER: &str = "application-autoscaling:RegisterScalableTarget";

/// Scalable targets as an [`Autoscaler`].
#[derive(Debug)]
pub(super) struct SimAutoscaler {
    gateway: Gateway,
}

fn named(cluster: &str, service: &str) -> Result<ServiceId, CallError> {
    let invalid =
        |error: InvalidId| CallError::new(DESCRIBE, ErrorClass::Invalid, error.to_string());
    ServiceId::new(cluster, service).map_err(invalid)
}

/// What sets a target as a whole.
fn registration(service: ServiceId, target: &ScalableTarget) -> Call {
    Call::Scaling(ScalingCall::RegisterScalableTarget {
        service,
        minimum: Some(target.minimum),
        maximum: Some(target.maximum),
        role: None,
        scale_in_suspended: Some(target.suspended.scale_in),
        scale_out_suspended: Some(target.suspended.scale_out),
        scheduled_suspended: Some(target.suspended.scheduled),
    })
}

impl SimAutoscaler {
    pub(super) const fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// The targets of these services, in the order of their names.
    async fn describe(&self, services: Vec<ServiceId>) -> Result<Vec<ScalableTarget>, CallError> {
        if services.is_empty() {
            return Ok(Vec::new());
        }
        let call = Call::Scaling(ScalingCall::DescribeScalableTargets { services });
        let Answer::ScalableTargets(found) = self.gateway.call(call).await?.answer else {
            return Err(Gateway::unexpected(DESCRIBE));
        };
        let mut targets: Vec<_> = found.into_iter().map(|known| known.target).collect();
        targets.sort_by(|one, other| one.service.cmp(&other.service));
        Ok(targets)
    }
}

#[async_trait]
impl Autoscaler for SimAutoscaler {
    async fn targets(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Vec<ScalableTarget>, CallError> {
        let pair = topology.pair.as_ref().map(|pair| named(&service.cluster, pair));
        let services = std::iter::once(Ok(service.clone())).chain(pair);
        self.describe(services.collect::<Result<_, _>>()?).await
    }

    async fn observe(&self, subject: &Subject) -> Result<Vec<ScalableTarget>, CallError> {
        let found = subject.baseline.scaling.iter().flat_map(|plan| &plan.found);
        let services = found.map(|target| named(&subject.service.cluster, &target.service));
        self.describe(services.collect::<Result<_, _>>()?).await
    }

    async fn register(
        &self,
        subject: &Subject,
        targets: &[ScalableTarget],
    ) -> Result<(), WriteError> {
        let count = targets.len();
        for (written, target) in targets.iter().enumerate() {
            let service = named(&subject.service.cluster, &target.service);
            let service = service.map_err(WriteError::Rejected)?;
            let partial = match self.gateway.call(registration(service, target)).await {
                Ok(reply) => reply.partial && written + 1 < count,
                // "rejected" would mean that no target was written
                Err(error) if written > 0 => return Err(WriteError::Unknown(error)),
                Err(error) => return Err(error.into()),
            };
            if partial {
                let what = format!("{} of {count} targets were written", written + 1);
                let error = CallError::new(REGISTER, ErrorClass::Ambiguous, what);
                return Err(WriteError::Unknown(error));
            }
        }
        Ok(())
    }
}
