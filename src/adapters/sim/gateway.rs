//! Calls as a process makes them.

use std::future::pending;

use super::answer::Answer;
use super::call::Call;
use super::clock::Wait;
use super::process::Process;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// Makes calls for one process: with latency, and with whatever goes wrong.
#[derive(Debug, Clone)]
pub(super) struct Gateway {
    process: Process,
}

/// An answer that arrived.
#[derive(Debug)]
pub(super) struct Reply {
    /// The answer.
    pub(super) answer: Answer,
    /// Whether it lacks a part, or other parts of the same write fail.
    pub(super) partial: bool,
}

/// Forgets a call whose sender no longer waits.
struct Awaiting<'a> {
    process: &'a Process,
    ticket: u64,
}

impl Drop for Awaiting<'_> {
    fn drop(&mut self) {
        self.process.with(|world| world.forget(self.ticket));
    }
}

impl Gateway {
    pub(super) const fn new(process: Process) -> Self {
        Self { process }
    }

    /// The process, for what an adapter is configured with rather than reads.
    pub(super) const fn process(&self) -> &Process {
        &self.process
    }

    /// Sends a call when first polled, and waits for what becomes known of it.
    pub(super) async fn call(&self, call: Call) -> Result<Reply, CallError> {
        let operation = call.kind().name();
        let read = !call.kind().is_write();
        let sent = self.process.with(|world| world.send(&self.process.actor, call));
        let awaiting = sent.ticket.map(|ticket| Awaiting { process: &self.process, ticket });
        let Some(known_at) = sent.known_at else {
            return pending().await;
        };
        Wait::until(self.process.clone(), known_at).await;
        if let Some((class, why)) = sent.failure {
            return Err(CallError::new(operation, class, why));
        }
        let ticket = awaiting.as_ref().map(|awaiting| awaiting.ticket);
        match ticket.and_then(|ticket| self.process.with(|world| world.take(ticket))) {
            Some(Ok(answer)) => {
                let answer = if sent.partial && read { answer.without_last() } else { answer };
                Ok(Reply { answer, partial: sent.partial })
            }
            Some(Err(error)) => Err(CallError::new(operation, error.class, error.to_string())),
            None => Err(CallError::new(operation, ErrorClass::Ambiguous, "the answer was lost")),
        }
    }

    /// An answer of another shape than its call has.
    pub(super) fn unexpected(operation: &'static str) -> CallError {
        CallError::new(operation, ErrorClass::Ambiguous, "the answer cannot be understood")
    }
}
