//! The loop itself.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;

use futures_util::future::AbortHandle;
use futures_util::future::Aborted;
use futures_util::future::Either;
use futures_util::future::abortable;
use futures_util::future::ready;
use futures_util::future::select;

use super::asker::Asker;
use super::bounded::bounded;
use super::calls::Calls;
use super::execute::Registry;
use super::execute::count;
use super::execute::evaluate;
use super::execute::find_gate;
use super::execute::not_sent;
use super::execute::observe;
use super::execute::overtaken;
use super::execute::run_hook;
use super::execute::write;
use super::keeper::Keeper;
use super::link::Finish;
use super::link::Link;
use super::link::Request;
use super::mailbox::Mail;
use super::mailbox::Mailbox;
use crate::engine::Engine;
use crate::engine::Input;
use crate::engine::Output;
use crate::gate::Gate;
use crate::model::CallToken;
use crate::model::Command;
use crate::model::Elapsed;
use crate::model::Event;
use crate::model::EventKind;
use crate::model::Intent;
use crate::model::Operator;
use crate::model::Subject;
use crate::ports::Append;
use crate::ports::AppendError;
use crate::ports::CallError;
use crate::ports::Head;
use crate::ports::Ports;
use crate::ports::Summary;
use crate::record::decode;
use crate::record::encode;

/// No put may take longer.
const LONGEST_PUT: Duration = Duration::from_secs(15);

/// What ended.
#[derive(Debug)]
pub(super) enum Done {
    Call(Input),
    Put(Option<Result<(), AppendError>>),
    Renewed(Box<Result<Option<Keeper>, CallError>>),
    /// What is in the store for whoever drives.
    Asked(Mail),
    /// Whether an answer was stored.
    Told(bool),
}

/// What the loop woke up for.
#[derive(Debug)]
enum Woken {
    Done(Done),
    Asked(Option<Request>),
    Time,
}

/// Drives one deployment until it ends or must be left to another process.
#[derive(Debug)]
pub struct Driver {
    pub(super) ports: Arc<Ports>,
    registry: Registry,
    /// The plan's, in its order; none where this process has not got it.
    gates: Vec<Option<Arc<dyn Gate>>>,
    pub(super) subject: Arc<Subject>,
    pub(super) engine: Engine,
    keeper: Keeper,
    link: Link,
    pub(super) calls: Calls<Done>,
    pub(super) replies: VecDeque<(Operator, Asker)>,
    pub(super) mailbox: Mailbox,
    /// The last write of a weight, to be stopped when another one follows.
    shifting: Option<AbortHandle>,
    wake: Option<Elapsed>,
    renewing: bool,
    deaf: bool,
    finished: Option<Finish>,
}

impl Driver {
    /// A driver for an engine that has just been restored under the keeper's lease.
    pub fn new(
        ports: Ports,
        registry: Registry,
        engine: Engine,
        keeper: Keeper,
        link: Link,
    ) -> Self {
        let header = &engine.record().header;
        let (subject, poll) = (Arc::new(header.subject.clone()), header.limits.poll);
        let gates = header.plan.gates.iter().map(|spec| find_gate(&ports, &registry, spec));
        Self {
            gates: gates.collect(),
            ports: Arc::new(ports),
            registry,
            subject,
            engine,
            keeper,
            link,
            calls: Calls::new(),
            replies: VecDeque::new(),
            mailbox: Mailbox::new(poll),
            shifting: None,
            wake: None,
            renewing: false,
            deaf: false,
            finished: None,
        }
    }

    /// Runs until the deployment ends here, and answers how, for the link to be told. Dropping this
    /// future is a crash, from which a resume recovers.
    pub async fn run(mut self) -> (Link, Finish) {
        self.feed(Input::Tick);
        while !self.engine.has_ended() && self.finished.is_none() {
            match self.wait().await {
                Woken::Done(Done::Call(input)) => self.feed(input),
                Woken::Done(Done::Put(answer)) => self.put_answered(answer).await,
                Woken::Done(Done::Renewed(renewal)) => {
                    self.renewing = false;
                    if !self.keeper.renewed(*renewal) {
                        self.leave("the lease was lost to another process", Input::LeaseLost);
                    }
                }
                Woken::Done(Done::Asked(found)) => self.mail_found(found),
                Woken::Done(Done::Told(is_stored)) => {
                    self.mailbox.told(is_stored);
                    if is_stored {
                        self.mail();
                    }
                }
                Woken::Asked(None) => self.deaf = true,
                Woken::Asked(Some(Request { operator, reply })) => {
                    self.ask(operator, Asker::Handle(reply));
                }
                Woken::Time => self.on_time(),
            }
        }
        self.finish().await
    }

    /// Waits for whatever comes first: an answer, an operator, or the time of the next tick.
    async fn wait(&mut self) -> Woken {
        let renew = if self.renewing { None } else { Some(self.keeper.renew_at()) };
        let until = [self.wake, renew].into_iter().flatten().min();
        let now = self.ports.clock.elapsed();
        let time = async {
            match until {
                Some(at) => self.ports.clock.sleep(at.since(now)).await,
                None => std::future::pending().await,
            }
        };
        let deaf = self.deaf;
        let requests = &mut self.link.requests;
        let asked =
            async { if deaf { std::future::pending().await } else { requests.recv().await } };
        let calls = &mut self.calls;
        let (time, asked) = (std::pin::pin!(time), std::pin::pin!(asked));
        match select(std::pin::pin!(calls.next()), select(asked, time)).await {
            Either::Left((done, _)) => Woken::Done(done),
            Either::Right((Either::Left((request, _)), _)) => Woken::Asked(request),
            Either::Right((Either::Right(((), _)), _)) => Woken::Time,
        }
    }

    fn on_time(&mut self) {
        if !self.keeper.may_act() {
            return self.leave("the lease could not be renewed in time", Input::LeaseLost);
        }
        let now = self.ports.clock.elapsed();
        if !self.renewing && self.keeper.renew_at() <= now {
            self.renewing = true;
            self.keeper.trying();
            let keeper = self.keeper.clone();
            self.calls.push(Box::pin(async move { Done::Renewed(Box::new(keeper.renew().await)) }));
        }
        if self.wake.is_some_and(|wake| wake <= now) {
            self.feed(Input::Tick);
        }
    }

    /// One input, then drain.
    pub(super) fn feed(&mut self, input: Input) {
        self.engine.handle(self.ports.clock.now(), input);
        loop {
            match self.engine.poll_output() {
                Output::Persist => self.put(),
                Output::Execute(command) => self.execute(command),
                Output::Emit(event) => self.emit(event),
                Output::WaitUntil(wake) => {
                    self.wake = wake;
                    return;
                }
            }
        }
    }

    fn put(&mut self) {
        let record = self.engine.record();
        let (seq, token) = (record.seq, record.token);
        let nonce = format!("{}/{token}/{seq}", self.keeper.holder());
        let summary = Summary {
            deployment: self.subject.deployment.clone(),
            service: self.subject.service.clone(),
            status: self.engine.state().status(),
        };
        let kept = self.ports.store.keeps_bodies();
        let body = match kept.then(|| encode(record)).transpose() {
            Ok(body) => body.unwrap_or_default(),
            Err(error) => {
                tracing::error!(%error, "the record cannot be encoded");
                return self.leave("the record cannot be encoded", Input::Shutdown);
            }
        };
        let append = Append { head: Head { token, seq, nonce }, summary, body };
        let (store, clock) = (Arc::clone(&self.ports.store), Arc::clone(&self.ports.clock));
        self.calls.push(Box::pin(async move {
            Done::Put(bounded(&*clock, LONGEST_PUT, store.append(append)).await)
        }));
    }

    async fn put_answered(&mut self, answer: Option<Result<(), AppendError>>) {
        match answer {
            Some(Ok(())) => self.feed(Input::Persisted),
            Some(Err(AppendError::Unknown(_) | AppendError::Unavailable(_))) | None => {
                self.feed(Input::PersistUnknown);
            }
            // What a predecessor had sent landed after we read: its word counts, so we read again.
            Some(Err(AppendError::Fenced { head })) if head.token < self.keeper.token() => {
                self.reload().await;
            }
            Some(Err(AppendError::Fenced { .. })) => {
                self.leave("another process writes the record", Input::Fenced);
            }
        }
    }

    async fn reload(&mut self) {
        let deployment = &self.subject.deployment;
        let read =
            bounded(&*self.ports.clock, LONGEST_PUT, self.ports.store.read(deployment)).await;
        let record = match read {
            Some(Ok(Some(stored))) => decode(&stored.body).ok(),
            Some(Ok(None) | Err(_)) | None => None,
        };
        match record {
            Some(record) => {
                let (token, now) = (self.keeper.token(), self.ports.clock.now());
                self.calls.clear();
                self.renewing = false;
                self.mailbox.interrupted();
                self.engine = Engine::restore(record, token, now);
                self.feed(Input::Tick);
                // Who asked the engine before is still waiting for an answer.
                let asked: Vec<_> = self.replies.iter().map(|(operator, _)| *operator).collect();
                for operator in asked {
                    self.feed(Input::Operator(operator));
                }
            }
            None => self.leave("the record cannot be read again", Input::Shutdown),
        }
    }

    fn execute(&mut self, command: Command) {
        let (ports, subject) = (Arc::clone(&self.ports), Arc::clone(&self.subject));
        match command {
            Command::Observe => {
                let delegation = self.engine.facts().delegation.clone();
                self.call(observe(ports, subject, delegation));
                self.mail();
            }
            Command::Evaluate { gate: index } => {
                let spec = self.engine.gate(index).map(|(spec, ..)| spec);
                let gate = self.gates.get(index).cloned().flatten();
                match spec.map(|spec| spec.id.clone()).zip(gate) {
                    Some((id, gate)) => {
                        let asked = (index, id);
                        self.call(evaluate(&ports, &subject, &self.engine, asked, gate));
                    }
                    None => self.call(async move { Input::GateMissing { gate: index } }),
                }
            }
            Command::Count { role, known } => self.call(count(ports, subject, role, known)),
            Command::RunHook { key } => {
                let hooks = &self.engine.record().header.plan.hooks;
                let spec = hooks.iter().find(|spec| spec.id == key.hook).cloned();
                let hook = self.registry.hooks.get(&key.hook).cloned();
                self.call(run_hook(ports, hook, spec, key));
            }
            Command::Write { seq, intent, token } => self.write(seq, intent, token),
        }
    }

    /// Sends a write, if the lease is good at this very moment (rule 8).
    fn write(&mut self, seq: u64, intent: Intent, token: CallToken) {
        if !self.keeper.may_act() {
            return self.call(async move { not_sent(seq) });
        }
        let shifts = matches!(intent, Intent::Shift { .. });
        let (ports, subject) = (Arc::clone(&self.ports), Arc::clone(&self.subject));
        let sending = write(ports, subject, seq, intent, token, self.keeper.token());
        let (sending, handle) = abortable(sending);
        if shifts {
            // A weight that is overtaken goes to no further rule. What it did reach is unknown.
            if let Some(overtaken) = self.shifting.replace(handle) {
                overtaken.abort();
            }
        }
        let mut sending =
            Box::pin(
                async move { Done::Call(sending.await.unwrap_or_else(|Aborted| overtaken(seq))) },
            );
        // It is on its way before anything else happens, or the check above would not be fresh.
        match sending.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => self.calls.push(Box::pin(ready(done))),
            Poll::Pending => self.calls.push(sending),
        }
    }

    fn call(&mut self, call: impl Future<Output = Input> + Send + 'static) {
        self.calls.push(Box::pin(async move { Done::Call(call.await) }));
    }

    pub(super) fn emit(&mut self, event: Event) {
        match &event.kind {
            EventKind::Accepted { request } => self.reply(*request, Ok(())),
            EventKind::Refused { request, why } => self.reply(*request, Err(why.clone())),
            EventKind::Progress(progress) => {
                self.link.progress.send_replace(progress.clone());
            }
            _ => {}
        }
        match &event.kind {
            EventKind::Progress(_) => tracing::trace!(?event.kind),
            EventKind::Drift { .. } | EventKind::RollbackStarted { .. } => {
                tracing::warn!(?event.kind);
            }
            _ => tracing::info!(?event.kind),
        }
        // Nobody listening is no error.
        let _ = self.link.events.send(event);
    }

    fn leave(&mut self, why: &str, input: Input) {
        let stage = self.engine.state().stage;
        self.engine.handle(self.ports.clock.now(), input);
        self.finished = Some(Finish::Left { stage, why: why.to_owned() });
    }

    async fn finish(mut self) -> (Link, Finish) {
        let stage = self.engine.state().stage;
        let finish = match (self.finished.take(), self.engine.state().ending.clone()) {
            (Some(left), _) => left,
            (None, Some(ending)) => {
                self.link.progress.send_replace(self.engine.progress().into());
                self.close_mailbox().await;
                self.keeper.release().await;
                Finish::Ended(ending)
            }
            (None, None) => Finish::Left { stage, why: "it was stopped".to_owned() },
        };
        (self.link, finish)
    }
}
