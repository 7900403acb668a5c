//! What happened so far, as the oracle needs it: samples of the truth, what the drivers read, what
//! they sent, what they stored, what they told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use cutover::model::AlarmName;
use cutover::model::Ending;
use cutover::model::Event;
use cutover::model::EventKind;
use cutover::model::Intent;
use cutover::model::Plan;
use cutover::model::Revision;
use cutover::model::Role;

use crate::recorded::recorded;
use crate::terms::Terms;
use crate::truth::Sample;

/// Milliseconds since the beginning.
pub(crate) type Millis = u64;

/// The history that everybody writes to.
pub(crate) type Log = Arc<Mutex<History>>;

/// The label before anything is told.
pub(crate) const BEGINNING: &str = "forward RECONCILE";

/// Opens a shared value.
pub(crate) fn open<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A read that a driver made, with what it was told.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub process: u32,
    pub began: Millis,
    pub answer: Answer,
}

/// What a driver was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Failed,
    Fleet {
        desired: u32,
        /// Stable, candidate.
        healthy: [u32; 2],
    },
    Router {
        /// The weight if all rules agree.
        weight: Option<u16>,
    },
    Alarms,
}

/// What is known of a write by whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Applied,
    Rejected,
    Unknown,
}

/// A write that a driver asked its ports for.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    pub process: u32,
    pub sent: Millis,
    pub intent: Intent,
    /// When it was answered, and how; none yet, or never because the process died.
    pub answered: Option<(Millis, Known)>,
    /// The newest sample of the truth when it was sent.
    pub sample: usize,
}

/// A durable write of a record.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub at: Millis,
    pub size: usize,
}

/// An event as it was told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub at: Millis,
    pub process: u32,
    pub event: Event,
}

/// Since when an alarm has been in a state that must stop a deployment.
#[derive(Debug, Clone, Default)]
pub(crate) struct AlarmTrack {
    /// In `ALARM`.
    pub red: Option<Millis>,
    /// In `ALARM`, `INSUFFICIENT_DATA`, broken or missing.
    pub bad: Option<Millis>,
    /// Whether it has been `OK` at least once since the deployment is on record. Whoever accepts a red
    /// alarm accepts it as it is when the deployment begins, however quiet it was before: a process
    /// that died before it had recorded anything began nothing.
    pub was_quiet: bool,
    /// When it turned to `ALARM`, after the beginning.
    pub reds: Vec<Millis>,
}

/// Everything that happened so far.
#[derive(Debug)]
pub(crate) struct History {
    pub terms: Terms,
    pub stable: Option<Revision>,
    pub candidate: Revision,
    pub now: Millis,
    pub samples: Vec<Sample>,
    /// Requests served by the end of each minute, stable's and the candidate's.
    pub served: Vec<[u64; 2]>,
    /// When metrics were asked for that were read as a whole, and that were not.
    pub counted: Vec<Millis>,
    pub uncounted: Vec<Millis>,
    pub alarms: BTreeMap<AlarmName, AlarmTrack>,
    pub reads: Vec<Read>,
    pub writes: Vec<Write>,
    pub stored: Vec<Stored>,
    /// The newest durable record.
    pub body: Vec<u8>,
    /// The plan, from the first durable record.
    pub plan: Option<Plan>,
    pub told: Vec<Told>,
    /// The labels (direction and stage) in force, and since when.
    pub labels: Vec<(Millis, String)>,
    /// How many calls had been sent when each of them was heard of.
    pub calls: Vec<u64>,
    pub crashes: Vec<Millis>,
    /// When the deployment was taken up from its record, after a crash or because the lease was lost,
    /// and the candidate's weight that the record knew.
    pub taken_up: Vec<(Millis, u16)>,
    /// The first ending that was told or stored.
    pub ended: Option<Millis>,
    pub ending: Option<Ending>,
    /// Since when the deployment goes back, as told or stored.
    pub rollback: Option<Millis>,
    /// Since when the point of no return is behind, as told or stored.
    pub committed: Option<Millis>,
    /// Texts of errors and of everything else that is shown to people.
    pub texts: Vec<String>,
}

impl History {
    /// A history without anything in it.
    pub(crate) fn new(terms: Terms, stable: Option<Revision>, candidate: Revision) -> Self {
        Self {
            terms,
            stable,
            candidate,
            now: 0,
            samples: Vec::new(),
            served: Vec::new(),
            counted: Vec::new(),
            uncounted: Vec::new(),
            alarms: BTreeMap::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            stored: Vec::new(),
            body: Vec::new(),
            plan: None,
            told: Vec::new(),
            labels: vec![(0, BEGINNING.to_owned())],
            calls: vec![0],
            crashes: Vec::new(),
            taken_up: Vec::new(),
            ended: None,
            ending: None,
            rollback: None,
            committed: None,
            texts: Vec::new(),
        }
    }

    /// The role that runs this revision.
    pub(crate) fn role_of(&self, revision: &Revision) -> Option<Role> {
        if *revision == self.candidate {
            Some(Role::Candidate)
        } else if self.stable.as_ref() == Some(revision) {
            Some(Role::Stable)
        } else {
            None
        }
    }

    /// The samples of the truth in force at any time from `from` to `to`.
    pub(crate) fn samples_in(&self, from: Millis, to: Millis) -> &[Sample] {
        let begin = self.samples.partition_point(|sample| sample.at <= from).saturating_sub(1);
        let end = self.samples.partition_point(|sample| sample.at <= to);
        &self.samples[begin..end.max(begin)]
    }

    /// The truth now.
    pub(crate) fn truth(&self) -> &Sample {
        self.samples.last().unwrap()
    }

    /// Whether the deployment went back by then.
    pub(crate) fn is_back(&self, at: Millis) -> bool {
        self.rollback.is_some_and(|since| since <= at)
    }

    /// The samples that a decision at `at` may have rested on.
    pub(crate) fn basis(&self, at: Millis) -> &[Sample] {
        self.samples_in(at.saturating_sub(self.terms.blind), at)
    }

    /// How often a process has begun or taken up the deployment by then.
    pub(crate) fn begun(&self, process: &str, by: Millis) -> usize {
        let begins = |told: &&Told| {
            matches!(told.event.kind, EventKind::Started | EventKind::Resumed)
                && told.at <= by
                && format!("process-{}", told.process) == process
        };
        self.told.iter().filter(begins).count()
    }

    /// Notes what was told.
    pub(crate) fn tell(&mut self, process: u32, event: Event) {
        match &event.kind {
            EventKind::RollbackStarted { .. } => self.back(),
            EventKind::Committed => self.commit(),
            EventKind::Finished { ending, .. } => self.end(Some(ending.clone())),
            EventKind::Resumed => {
                let known = recorded(&self.body).map_or(0, |recorded| recorded.weight);
                self.taken_up.push((self.now, known));
            }
            EventKind::Stage { direction, stage, .. } => {
                self.labels.push((self.now, format!("{direction} {stage}")));
            }
            _ => {}
        }
        self.told.push(Told { at: self.now, process, event });
    }

    /// Notes that the deployment goes back.
    pub(crate) fn back(&mut self) {
        self.rollback.get_or_insert(self.now);
    }

    /// Notes that the point of no return is behind.
    pub(crate) fn commit(&mut self) {
        self.committed.get_or_insert(self.now);
    }

    /// Notes the ending.
    pub(crate) fn end(&mut self, ending: Option<Ending>) {
        self.ended.get_or_insert(self.now);
        if self.ending.is_none() {
            self.ending = ending;
        }
    }

    /// Whether there is nothing to go back to: no stable, or none any more when the deployment went on
    /// record. No traffic is moved then.
    pub(crate) fn is_first(&self) -> bool {
        let began = self.stored.first().map_or(self.now, |stored| stored.at);
        let serves = |sample: &Sample| !sample.role(Role::Stable).is_gone();
        self.terms.first || !self.basis(began).last().is_some_and(serves)
    }

    /// The label in force.
    pub(crate) fn label(&self) -> &str {
        &self.labels.last().unwrap().1
    }
}
