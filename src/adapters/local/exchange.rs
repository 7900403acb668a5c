//! One request and its answer, whichever door it came through.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::super::sim;
use super::super::sim::Actor;
use super::super::sim::ApiError;
use super::super::sim::Cloud;
use super::super::sim::Rng;
use super::super::sim::World;
use super::api::Api;
use super::calls::Calls;
use super::delivery::Delivery;
use super::fault_rules::FaultRules;
use super::invocation::Invocation;
use super::node::Node;
use super::operation;
use super::params::Params;
use super::protocol::WireError;
use super::received_call::ReceivedCall;
use super::wire_answer::WireAnswer;
use super::wire_fault::WireFault;
use super::wire_request::WireRequest;
use super::world_clock::WorldClock;
use crate::model::Elapsed;
use crate::model::Timestamp;
use crate::ports::ErrorClass;

/// Of its own, so that faults on the wire do not move what happens in the world.
const SEED: u64 = 0x7769_7265;

/// A page as a proxy would send it: of no protocol of AWS.
const PAGE: &str = "<html><body><h1>It works!</h1></body></html>";

/// What lies behind both doors: the world, its clock, and what happens on the wire.
#[derive(Debug)]
pub(super) struct Exchange {
    cloud: Cloud,
    pace: Pace,
    /// Locked only while the world is, or alone.
    wire: Mutex<Wire>,
}

/// Who moves the world's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Tokio's clock, paused or not.
    Tokio,
    /// The simulated cloud's own executor.
    Executor,
}

/// What happens on the wire.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) clock: WorldClock,
    pub(super) faults: FaultRules,
    pub(super) calls: Calls,
    ids: Rng,
    delays: Rng,
}

/// A request that was taken in.
struct Received {
    request_id: String,
    fault: Option<WireFault>,
    /// How long an answer takes that does not come from the world.
    latency: Duration,
}

/// An answer that the world is working on. Dropping it says that nobody waits any more.
struct Awaited<'a> {
    exchange: &'a Exchange,
    ticket: u64,
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.exchange.cloud.with(|world| world.forget(self.ticket));
    }
}

impl Exchange {
    pub(super) fn new(cloud: Cloud, pace: Pace) -> Arc<Self> {
        let mut rng = Rng::new(cloud.with(|world| world.scenario().seed) ^ SEED);
        let wire = Wire {
            clock: WorldClock::new(),
            faults: FaultRules::new(rng.fork()),
            calls: Calls::default(),
            ids: rng.fork(),
            delays: rng.fork(),
        };
        Arc::new(Self { cloud, pace, wire: Mutex::new(wire) })
    }

    pub(super) const fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// Looks at what happens on the wire, or changes it.
    pub(super) fn wire<T>(&self, what: impl FnOnce(&mut Wire) -> T) -> T {
        what(&mut self.wire.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the world as it is now, or changes it.
    pub(super) fn now<T>(&self, what: impl FnOnce(&mut World) -> T) -> T {
        self.cloud.with(|world| {
            if self.pace == Pace::Tokio {
                let now = self.wire(|wire| wire.clock.now(world.now()));
                world.advance(now);
            }
            what(world)
        })
    }

    /// Lets time pass so much faster than tokio's from now on.
    pub(super) fn set_speed(&self, speed: f64) {
        self.now(|world| self.wire(|wire| wire.clock.set_speed(speed, world.now())));
    }

    /// The wall clock of our processes, which may have jumped.
    pub(super) fn wall(&self) -> Timestamp {
        self.now(|world| world.process_wall())
    }

    /// Waits until the world has come so far.
    pub(super) async fn until(&self, at: Elapsed) {
        if self.pace == Pace::Executor {
            return self.cloud.until(at).await;
        }
        match self.wire(|wire| wire.clock.instant(at)) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            None => std::future::pending().await,
        }
        self.cloud.with(|world| {
            let now = self.wire(|wire| wire.clock.now(world.now()));
            world.advance(now.max(at));
        });
    }

    pub(super) async fn pass(&self, span: Duration) {
        let at = self.now(|world| world.now().after(span));
        self.until(at).await;
    }

    /// Answers a request, when simulated time has come for it, and says what time that is.
    pub(super) async fn answer(&self, actor: &Actor, request: &WireRequest) -> Delivery {
        let delivery = self.respond(actor, request).await;
        let date = || {
            let now = DateTime::from_secs(seconds(self.now(|world| world.aws_wall())));
            now.fmt(Format::HttpDate).unwrap_or_default()
        };
        match delivery {
            Delivery::Whole(answer) => Delivery::Whole(answer.with("date", date())),
            Delivery::Cut(answer) => Delivery::Cut(answer.with("date", date())),
            other => other,
        }
    }

    async fn respond(&self, actor: &Actor, request: &WireRequest) -> Delivery {
        let Some(invocation) = Invocation::read(request) else {
            let what = "this is a local cloud: requests of the AWS protocols, or /_cutover/\n";
            return Delivery::Whole(WireAnswer::new(404, "text/plain", what.into()));
        };
        let received = self.receive(actor, &invocation);
        let Some(fault) = received.fault.clone() else {
            return self.carry_out(actor, &invocation, &received).await;
        };
        match fault {
            WireFault::Throttled => {
                self.pass(received.latency).await;
                let code = invocation.api.map_or("ThrottlingException", Api::throttled);
                failed(&invocation, &received, 400, code, "Rate exceeded")
            }
            WireFault::Error { status, code } => {
                self.pass(received.latency).await;
                let own = invocation.api.map_or("InternalFailure", |api| match status {
                    503 => api.unavailable(),
                    _ => api.broken(),
                });
                let code = code.as_deref().unwrap_or(own);
                failed(&invocation, &received, status, code, "injected by a fault rule")
            }
            WireFault::Reset => {
                self.pass(received.latency).await;
                Delivery::Reset
            }
            WireFault::Hang => Delivery::Never,
            WireFault::Slow { milliseconds } => {
                let answer = self.carry_out(actor, &invocation, &received).await;
                self.pass(Duration::from_millis(milliseconds)).await;
                answer
            }
            WireFault::AnswerLost => {
                self.carry_out(actor, &invocation, &received).await;
                Delivery::Reset
            }
            WireFault::Truncated => match self.carry_out(actor, &invocation, &received).await {
                Delivery::Whole(answer) => Delivery::Cut(answer),
                other => other,
            },
            WireFault::Malformed => match self.carry_out(actor, &invocation, &received).await {
                Delivery::Whole(_) => {
                    Delivery::Whole(WireAnswer::new(200, "text/html", PAGE.into()))
                }
                other => other,
            },
        }
    }

    fn receive(&self, actor: &Actor, invocation: &Invocation) -> Received {
        self.now(|world| {
            let (low, high) = world.scenario().timing.latency;
            self.wire(|wire| {
                let (request_id, fault) =
                    (uuid(&mut wire.ids), wire.faults.draw(&invocation.action));
                wire.calls.note(ReceivedCall {
                    operation: invocation.action.clone(),
                    actor: actor.name().to_owned(),
                    at: world.now(),
                    request_id: request_id.clone(),
                    fault: fault.clone(),
                });
                Received { request_id, fault, latency: wire.delays.span(low, high) }
            })
        })
    }

    /// Sends a request to the world, and waits for what becomes known of it.
    async fn carry_out(
        &self,
        actor: &Actor,
        invocation: &Invocation,
        received: &Received,
    ) -> Delivery {
        let (api, call) = match understood(invocation) {
            Ok(understood) => understood,
            Err(error) => {
                self.pass(received.latency).await;
                return rejected(invocation, received, &error);
            }
        };
        let sent = self.now(|world| world.send(actor, call));
        let awaited = sent.ticket.map(|ticket| Awaited { exchange: self, ticket });
        let Some(known_at) = sent.known_at else { return Delivery::Never };
        self.until(known_at).await;
        if let Some((class, why)) = sent.failure {
            return lost(invocation, received, api, class, why);
        }
        let answer =
            awaited.and_then(|awaited| self.cloud.with(|world| world.take(awaited.ticket)));
        match answer {
            Some(Ok(answer)) => {
                // of a write only the one call is here, and it was carried out
                let answer = if sent.partial { answer.without_last() } else { answer };
                let (name, node) = (invocation.operation(), result(api, invocation, &answer));
                Delivery::Whole(invocation.protocol.answer(api, name, &node, &received.request_id))
            }
            Some(Err(error)) => rejected(invocation, received, &error),
            None => Delivery::Reset,
        }
    }
}

fn seconds(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis() / 1000).unwrap_or(i64::MAX)
}

fn understood(invocation: &Invocation) -> Result<(Api, sim::Call), ApiError> {
    let Some(api) = invocation.api else {
        let service = invocation.action.split(':').next().unwrap_or_default();
        return Err(operation::unknown(service, invocation.operation(), &[]));
    };
    let params = Params::new(invocation.value()?);
    Ok((api, operation::call(api, invocation.operation(), params)?))
}

fn result(api: Api, invocation: &Invocation, answer: &sim::Answer) -> Node {
    let name = invocation.operation();
    // only what could be read was sent to the world
    let params = invocation.value();
    params.map_or_else(
        |_| Node::map(),
        |value| operation::node(api, name, Params::new(value), answer),
    )
}

/// What a caller sees of what the world says went wrong on the way.
fn lost(
    invocation: &Invocation,
    received: &Received,
    api: Api,
    class: ErrorClass,
    why: &str,
) -> Delivery {
    let (status, code) = match class {
        ErrorClass::Throttled => (400, api.throttled()),
        ErrorClass::Auth => {
            (if matches!(api, Api::Elb | Api::CloudWatch) { 403 } else { 400 }, api.denied())
        }
        ErrorClass::NotSent => return Delivery::Refused,
        _ if why == "timed out" => return Delivery::TimedOut,
        _ => (500, api.broken()),
    };
    failed(invocation, received, status, code, why)
}

fn rejected(invocation: &Invocation, received: &Received, error: &ApiError) -> Delivery {
    let (status, code) =
        invocation.api.map_or((400, error.code), |api| (api.status(error), api.code(error)));
    failed(invocation, received, status, code, &error.message)
}

fn failed(
    invocation: &Invocation,
    received: &Received,
    status: u16,
    code: &str,
    message: &str,
) -> Delivery {
    let error = WireError { api: invocation.api, status, code, message };
    Delivery::Whole(invocation.protocol.error(error, &received.request_id))
}

/// A request id as AWS writes it.
fn uuid(rng: &mut Rng) -> String {
    let (high, low) = (rng.bits(), rng.bits());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}
