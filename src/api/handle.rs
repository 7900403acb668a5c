//! A deployment that is being driven in this process.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use futures_core::Stream;
use futures_util::stream::unfold;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::sync::watch;

use super::error::Error;
use crate::driver::Finish;
use crate::driver::Link;
use crate::driver::Request;
use crate::model::DeploymentId;
use crate::model::Ending;
use crate::model::Event;
use crate::model::Operator;
use crate::model::Progress;
use crate::model::Shared;

/// Events kept for a reader that is behind. Older ones are lost to it; the record has every decision.
const EVENTS: usize = 1024;

/// Watches and steers one deployment. Dropping it changes nothing: the deployment goes on.
#[derive(Debug, Clone)]
pub struct DeploymentHandle {
    id: DeploymentId,
    requests: mpsc::UnboundedSender<Request>,
    events: broadcast::WeakSender<Event>,
    first: Arc<Mutex<Option<broadcast::Receiver<Event>>>>,
    progress: watch::Receiver<Shared<Progress>>,
    finish: watch::Receiver<Option<Finish>>,
}

impl DeploymentHandle {
    /// A handle and the driver's ends of its channels.
    pub(super) fn new(id: DeploymentId, progress: Progress) -> (Self, Link) {
        let (requests, requested) = mpsc::unbounded_channel();
        let (events, first) = broadcast::channel(EVENTS);
        let (progress, progressed) = watch::channel(Shared::from(progress));
        let (finish, finished) = watch::channel(None);
        let handle = Self {
            id,
            requests,
            events: events.downgrade(),
            first: Arc::new(Mutex::new(Some(first))),
            progress: progressed,
            finish: finished,
        };
        (handle, Link { requests: requested, events, progress, finish })
    }

    /// The deployment's id.
    pub const fn id(&self) -> &DeploymentId {
        &self.id
    }

    /// Where it is now.
    pub fn status(&self) -> Progress {
        Progress::clone(&self.progress.borrow())
    }

    /// What happens, from the start for whoever asks first, from now on for later ones. Ends when the
    /// driver does. A reader that is more than a thousand events behind misses the oldest.
    pub fn events(&self) -> impl Stream<Item = Event> + Send + 'static + use<> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let receiver = first.or_else(|| self.events.upgrade().map(|events| events.subscribe()));
        unfold(receiver, |receiver| async {
            let mut receiver = receiver?;
            loop {
                match receiver.recv().await {
                    Ok(event) => return Some((event, Some(receiver))),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        })
    }

    /// Stops advancing. Gates go on watching and may still turn the deployment back.
    pub async fn pause(&self) -> Result<(), Error> {
        self.ask(Operator::Pause).await
    }

    /// Advances again.
    pub async fn continue_(&self) -> Result<(), Error> {
        self.ask(Operator::Continue).await
    }

    /// Gives the approval that the current step waits for.
    pub async fn approve(&self) -> Result<(), Error> {
        self.ask(Operator::Approve).await
    }

    /// Skips the bakes and approvals that are left; every gate must still pass.
    pub async fn promote(&self) -> Result<(), Error> {
        self.ask(Operator::Promote).await
    }

    /// Stops it: rolls back whatever has been changed. Answered when that is recorded; traffic moves
    /// before. Refused past the commit point.
    pub async fn abort(&self) -> Result<(), Error> {
        self.ask(Operator::Abort).await
    }

    /// Rolls back. As [`abort`](Self::abort), but recorded as a wish to go back, not to stop.
    pub async fn rollback(&self) -> Result<(), Error> {
        self.ask(Operator::Rollback).await
    }

    /// Waits for the end.
    pub async fn wait(&self) -> Result<Ending, Error> {
        let mut finish = self.finish.clone();
        let deployment = self.id.clone();
        let finished = finish.wait_for(Option::is_some).await.map(|finish| finish.clone());
        match finished {
            Ok(Some(Finish::Ended(ending))) => Ok(ending),
            Ok(Some(Finish::Left { stage, why })) => Err(Error::Left { deployment, stage, why }),
            Ok(None) | Err(_) => Err(Error::DriverGone { deployment }),
        }
    }

    async fn ask(&self, operator: Operator) -> Result<(), Error> {
        let gone = || Error::DriverGone { deployment: self.id.clone() };
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request { operator, reply }).map_err(|_| gone())?;
        match answer.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(why)) => Err(Error::RequestRefused { request: operator, why }),
            Err(_) => Err(gone()),
        }
    }
}
