//! Where the answer to an operator goes.

use tokio::sync::oneshot;

use super::link::Answer;

/// Who waits for an answer.
#[derive(Debug)]
pub(super) enum Asker {
    /// A handle in this process.
    Handle(oneshot::Sender<Answer>),
    /// Whoever left the request in the store.
    Store,
}
