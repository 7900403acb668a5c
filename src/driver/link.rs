//! What ties a driver to its handles: requests in; events, progress and the end out.

use tokio::sync::broadcast;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::sync::watch;

use crate::model::Ending;
use crate::model::Event;
use crate::model::Operator;
use crate::model::Progress;
use crate::model::Shared;
use crate::model::Stage;

/// The answer to a request: taken, or why not.
pub type Answer = Result<(), String>;

/// An operator's request and where its answer goes.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "a request and its reply")]
pub struct Request {
    /// What is asked.
    pub operator: Operator,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Answer>,
}

/// How a driver finished.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it ended or it was left")]
pub enum Finish {
    /// The deployment ended.
    Ended(Ending),
    /// The deployment goes on elsewhere or later: resume it.
    Left {
        /// The stage in which it was left.
        stage: Stage,
        /// Why.
        why: String,
    },
}

/// The driver's ends of the channels. Nobody who watches can hold a driver up: a slow reader of
/// events misses some, and is told so by its own end.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "four channels")]
pub struct Link {
    /// Requests.
    pub requests: mpsc::UnboundedReceiver<Request>,
    /// Events.
    pub events: broadcast::Sender<Event>,
    /// Where it is.
    pub progress: watch::Sender<Shared<Progress>>,
    /// How it finished.
    pub finish: watch::Sender<Option<Finish>>,
}

impl Link {
    /// Tells the handles how the driver finished: the last thing that they hear.
    pub fn conclude(self, finish: Finish) {
        self.finish.send_replace(Some(finish));
    }
}
