//! Taking, keeping and giving back the lease of a service.

use std::sync::Arc;

use super::bounded::bounded;
use super::bounded::in_time;
use crate::model::DeploymentId;
use crate::model::Elapsed;
use crate::model::FencingToken;
use crate::model::HolderId;
use crate::model::ServiceId;
use crate::ports::CallError;
use crate::ports::Clock;
use crate::ports::ErrorClass;
use crate::ports::LeaseRecord;
use crate::ports::Store;
use crate::record::LeaseTerms;
use crate::record::LeaseWatch;

/// Why a lease was not taken.
#[derive(Debug, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "held or unreachable")]
pub enum AcquireError {
    /// Somebody has it.
    #[error("the service is driven by {}", holder.as_ref().map_or("nobody", HolderId::as_str))]
    Held {
        /// Who.
        holder: Option<HolderId>,
        /// For which deployment.
        deployment: DeploymentId,
    },
    /// The store does not answer.
    #[error("the lease cannot be read or written")]
    Store(#[source] CallError),
}

fn unanswered() -> CallError {
    CallError::new("store:SwapLease", ErrorClass::Ambiguous, "no answer in time")
}

/// Holds the lease of one service.
#[derive(Debug, Clone)]
pub struct Keeper {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    service: Arc<ServiceId>,
    terms: LeaseTerms,
    lease: LeaseRecord,
    renewed: Elapsed,
    tried: Elapsed,
}

impl Keeper {
    /// Takes the lease, waiting until one that somebody holds is over. Not `patient`: only as long as
    /// its holder seems dead; once it has been seen to renew it, the lease is refused.
    pub async fn acquire(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        service: ServiceId,
        deployment: DeploymentId,
        holder: HolderId,
        terms: LeaseTerms,
        patient: bool,
    ) -> Result<Self, AcquireError> {
        let mut watch: Option<LeaseWatch> = None;
        loop {
            let asked = clock.elapsed();
            let read = in_time(&*clock, "store:Lease", store.lease(&service));
            let found = read.await.map_err(AcquireError::Store)?;
            // It was seen when the answer was there: a slow store must not make a lease look older.
            let seen = clock.elapsed();
            let free = match found.as_ref().filter(|lease| lease.holder.is_some()) {
                None => true,
                Some(lease) => {
                    let (token, renewals) = (lease.token, lease.renewals);
                    if !patient && watch.is_some_and(|watch| !watch.stands(token, renewals)) {
                        let (holder, deployment) = (lease.holder.clone(), lease.deployment.clone());
                        return Err(AcquireError::Held { holder, deployment });
                    }
                    let new = || LeaseWatch::new(token, renewals, seen);
                    watch.get_or_insert_with(new).is_over(token, renewals, lease.duration, seen)
                }
            };
            if free {
                let token =
                    found.as_ref().map_or_else(FencingToken::default, |lease| lease.token).next();
                let lease = LeaseRecord {
                    holder: Some(holder.clone()),
                    deployment: deployment.clone(),
                    token,
                    renewals: 0,
                    duration: terms.duration,
                };
                let swap = store.swap_lease(&service, found.as_ref(), lease.clone());
                let taken = in_time(&*clock, "store:SwapLease", swap).await;
                if taken.map_err(AcquireError::Store)? {
                    return Ok(Self {
                        store,
                        clock,
                        service: Arc::new(service),
                        terms,
                        lease,
                        renewed: asked,
                        tried: asked,
                    });
                }
                watch = None;
            }
            clock.sleep(terms.renew_every).await;
        }
    }

    /// The fencing token of this lease.
    pub const fn token(&self) -> FencingToken {
        self.lease.token
    }

    /// Who holds it.
    pub fn holder(&self) -> &str {
        self.lease.holder.as_ref().map_or("", HolderId::as_str)
    }

    /// Whether a write may be sent now. Asked immediately before each send.
    pub fn may_act(&self) -> bool {
        self.terms.may_act(self.renewed, self.clock.elapsed())
    }

    /// When it is to be renewed next.
    pub fn renew_at(&self) -> Elapsed {
        self.terms.renew_at(self.tried)
    }

    /// Takes over what a renewal brought; answers whether the lease is still this process's.
    pub fn renewed(&mut self, renewal: Result<Option<Self>, CallError>) -> bool {
        match renewal {
            Ok(Some(keeper)) => {
                *self = keeper;
                true
            }
            Ok(None) => false,
            Err(_) => self.may_act(),
        }
    }

    /// Notes that a renewal is under way.
    pub fn trying(&mut self) {
        self.tried = self.clock.elapsed();
    }

    /// Renews once. `None`: somebody else has it.
    pub async fn renew(mut self) -> Result<Option<Self>, CallError> {
        let asked = self.clock.elapsed();
        if !self.swap().await? {
            // An earlier renewal may have been written without an answer: then it is still ours.
            let bound = self.terms.renew_every;
            let read = bounded(&*self.clock, bound, self.store.lease(&self.service)).await;
            let found = read.ok_or_else(unanswered)??;
            let same = |lease: &LeaseRecord| {
                lease.token == self.lease.token && lease.holder == self.lease.holder
            };
            let Some(lease) = found.filter(same) else {
                return Ok(None);
            };
            self.lease = lease;
            // Others may have watched that one for long: only a new renewal counts from now.
            if !self.swap().await? {
                return Err(unanswered());
            }
        }
        self.renewed = asked;
        self.tried = asked;
        Ok(Some(self))
    }

    /// Writes one renewal; answers whether the lease was as it is known here.
    async fn swap(&mut self) -> Result<bool, CallError> {
        let next = LeaseRecord { renewals: self.lease.renewals + 1, ..self.lease.clone() };
        let swap = self.store.swap_lease(&self.service, Some(&self.lease), next.clone());
        let swapped = bounded(&*self.clock, self.terms.renew_every, swap).await;
        let swapped = swapped.ok_or_else(unanswered)??;
        if swapped {
            self.lease = next;
        }
        Ok(swapped)
    }

    /// Gives the lease back, as far as the store answers; otherwise it runs out by itself.
    pub async fn release(self) {
        let next = LeaseRecord { holder: None, ..self.lease.clone() };
        let swap = self.store.swap_lease(&self.service, Some(&self.lease), next);
        let answer = bounded(&*self.clock, self.terms.renew_every, swap).await;
        if !matches!(answer, Some(Ok(true))) {
            tracing::warn!(service = %self.service, "the lease was not given back; it will run out");
        }
    }
}
