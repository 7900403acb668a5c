//! Whom the driver answers: handles in this process, and whoever asked through the store.

use std::sync::Arc;

use futures_util::future::join;

use super::asker::Asker;
use super::bounded::in_time;
use super::link::Answer;
use super::mailbox::Errand;
use super::run::Done;
use super::run::Driver;
use crate::engine::Input;
use crate::model::Event;
use crate::model::EventKind;
use crate::model::Operator;
use crate::model::StopOrder;
use crate::ports::StoredRequest;

/// What was found in the store; none of what could not be read.
#[derive(Debug)]
pub(super) struct Mail {
    requests: Option<Vec<StoredRequest>>,
    turns: Option<Vec<StopOrder>>,
}

impl Driver {
    /// Does what is due with the requests in the store.
    pub(super) fn mail(&mut self) {
        let Some(errand) = self.mailbox.errand(self.ports.clock.elapsed()) else { return };
        let (store, clock) = (Arc::clone(&self.ports.store), Arc::clone(&self.ports.clock));
        let deployment = self.subject.deployment.clone();
        self.calls.push(match errand {
            Errand::Look => Box::pin(async move {
                let asked = in_time(&*clock, "store:Asked", store.asked(&deployment));
                let turns = in_time(&*clock, "store:Turns", store.turns());
                let (asked, turns) = join(asked, turns).await;
                let failed = |error| tracing::debug!(%error, "requests cannot be read");
                let requests = asked.map_err(failed).ok();
                let failed = |error| tracing::debug!(%error, "orders to stop cannot be read");
                let turns = turns.map_err(failed).ok();
                Done::Asked(Mail { requests, turns })
            }),
            Errand::Tell { nonce, answer } => Box::pin(async move {
                let telling = store.answer(&deployment, &nonce, answer);
                let told = in_time(&*clock, "store:Answer", telling).await;
                let failed = |error| tracing::debug!(%error, "an answer cannot be stored");
                Done::Told(told.map_err(failed).is_ok())
            }),
        });
    }

    /// Takes the next request that was found in the store.
    pub(super) fn mail_found(&mut self, Mail { requests: found, turns }: Mail) {
        // What cannot be read leaves the last word as it was.
        if let Some(turns) = turns {
            self.feed(Input::Stop(StopOrder::in_force(&turns).cloned()));
        }
        let Some(request) = self.mailbox.looked(found) else { return };
        let StoredRequest { operator, step, by, .. } = request;
        let current = self.engine.state().step;
        // Whoever approves has seen one step. The next one's approval is another.
        if operator == Operator::Approve && step != current {
            let why = format!("the approval is for step {}, not for {}", step + 1, current + 1);
            self.replies.push_back((operator, Asker::Store));
            let kind = EventKind::Refused { request: operator, why };
            let deployment = self.subject.deployment.clone();
            return self.emit(Event::new(self.ports.clock.wall(), deployment, kind));
        }
        self.replies.push_back((operator, Asker::Store));
        self.feed(match by {
            Some(by) => Input::Request { operator, by: by.to_string() },
            None => Input::Operator(operator),
        });
    }

    /// Hands a request to the engine, which answers by an event.
    pub(super) fn ask(&mut self, operator: Operator, asker: Asker) {
        self.replies.push_back((operator, asker));
        self.feed(Input::Operator(operator));
    }

    /// Answers the first who asked for this.
    pub(super) fn reply(&mut self, request: Operator, answer: Answer) {
        let waiting = self.replies.iter().position(|(operator, _)| *operator == request);
        match waiting.and_then(|index| self.replies.remove(index)) {
            Some((_, Asker::Handle(reply))) => {
                // Who no longer waits needs no answer.
                let _ = reply.send(answer);
            }
            Some((_, Asker::Store)) => {
                self.mailbox.answered(answer);
                self.mail();
            }
            None => {}
        }
    }

    /// Answers whatever still waits in the store when the deployment has ended, as far as the store
    /// answers.
    pub(super) async fn close_mailbox(&mut self) {
        let (store, clock) = (&self.ports.store, &self.ports.clock);
        let deployment = &self.subject.deployment;
        let asked = in_time(&**clock, "store:Asked", store.asked(deployment)).await;
        let waiting = asked.into_iter().flatten().filter(|request| request.answer.is_none());
        for request in waiting {
            let answer = self.mailbox.last_word(&request.nonce);
            let telling = store.answer(deployment, &request.nonce, answer);
            if in_time(&**clock, "store:Answer", telling).await.is_err() {
                return;
            }
        }
    }
}
