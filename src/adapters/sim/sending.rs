//! Sending calls.

use std::time::Duration;

use super::agenda::Event;
use super::answer::Answer;
use super::api_error::ApiError;
use super::call::Call;
use super::fault::Fault;
use super::inflight::Inflight;
use super::ledger::Actor;
use super::world::World;
use crate::model::Elapsed;
use crate::ports::ErrorClass;

/// What the sender of a call has to wait for.
#[derive(Debug)]
pub(crate) struct Sent {
    /// Under what the answer is kept; none where none will come.
    pub(crate) ticket: Option<u64>,
    /// When the sender knows; never where none.
    pub(crate) known_at: Option<Elapsed>,
    /// What the sender will see instead of an answer.
    pub(crate) failure: Option<(ErrorClass, &'static str)>,
    /// Whether the answer lacks its last item, or other parts of the same write fail.
    pub(crate) partial: bool,
}

impl World {
    /// Sends a call on its way, with whatever goes wrong with it. It takes effect even if its sender
    /// dies at once.
    pub(crate) fn send(&mut self, actor: &Actor, call: Call) -> Sent {
        self.sent += 1;
        let (low, high) = self.scenario.timing.latency;
        let latency = self.rng.span(low, high);
        let fault = self.injector.draw(call.kind(), self.now);
        let timeout = self.now.after(self.scenario.timing.call_timeout);
        let answer_at = self.now.after(latency.max(Duration::from_millis(1)));
        let on_time = latency / 2;
        let failed = |class, why| Some((class, why));
        let ambiguous = |why| failed(ErrorClass::Ambiguous, why);
        let (effect, awaited, known_at, failure) = match fault {
            None | Some(Fault::Duplicate | Fault::Partial | Fault::Stale(_)) => {
                (Some(on_time), true, answer_at, None)
            }
            Some(Fault::Throttled) => {
                (None, false, answer_at, failed(ErrorClass::Throttled, "ThrottlingException"))
            }
            Some(Fault::ServerError { applied }) => {
                (applied.then_some(on_time), false, answer_at, ambiguous("ServerException"))
            }
            Some(Fault::NotSent) => {
                (None, false, answer_at, failed(ErrorClass::NotSent, "connection refused"))
            }
            Some(Fault::Denied) => {
                (None, false, answer_at, failed(ErrorClass::Auth, "AccessDeniedException"))
            }
            Some(Fault::TimeoutBefore) => (None, false, timeout, ambiguous("timed out")),
            Some(Fault::TimeoutAfter) => (Some(on_time), false, timeout, ambiguous("timed out")),
            Some(Fault::LateEffect(by)) => (Some(by), false, timeout, ambiguous("timed out")),
            Some(Fault::Hang) => (None, false, Elapsed::from_millis(u64::MAX), None),
        };
        let write = call.kind().is_write();
        let entry = write.then(|| self.note(actor, &call, fault.map(Fault::kind)));
        let stale = if let Some(Fault::Stale(by)) = fault { by } else { Duration::ZERO };
        if fault == Some(Fault::Duplicate) {
            let again = self.rng.span(latency, latency + Duration::from_secs(2));
            let twin = Inflight { call: call.clone(), entry, awaited: false, stale };
            self.launch_call(again, twin);
        }
        let ticket = effect
            .map(|after| self.launch_call(after, Inflight { call, entry, awaited, stale }))
            .filter(|_| awaited);
        Sent {
            ticket,
            known_at: (fault != Some(Fault::Hang)).then_some(known_at),
            failure,
            partial: fault == Some(Fault::Partial),
        }
    }

    fn launch_call(&mut self, after: Duration, call: Inflight) -> u64 {
        self.tickets += 1;
        self.inflight.put(self.tickets, call);
        self.agenda.plan(self.now.after(after), Event::Call { ticket: self.tickets });
        self.tickets
    }

    /// A call takes effect.
    pub(super) fn perform(&mut self, ticket: u64) {
        let Some(sent) = self.inflight.take(ticket) else {
            return;
        };
        let answer = if let Some(entry) = sent.entry {
            self.write(&sent.call, entry)
        } else {
            let then = self.now.as_millis().saturating_sub(millis(sent.stale));
            self.read(&sent.call, Elapsed::from_millis(then))
        };
        if sent.awaited {
            self.results.put(ticket, answer);
        }
    }

    /// Hands out an answer.
    pub(crate) fn take(&mut self, ticket: u64) -> Option<Result<Answer, ApiError>> {
        self.results.take(ticket)
    }

    /// Nobody waits for this answer any more.
    pub(crate) fn forget(&mut self, ticket: u64) {
        drop(self.results.take(ticket));
        if let Some(call) = self.inflight.get_mut(ticket) {
            call.awaited = false;
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::call_kind::CallKind;
    use super::super::fault::CallFilter;
    use super::super::fault::FaultKind;
    use super::super::fault::ScheduledFault;
    use super::super::scenario::Scenario;
    use super::super::settings::Settings;
    use super::*;
    use crate::model::ServiceId;

    fn set_desired(desired: u32) -> Call {
        Call::UpdateService {
            service: ServiceId::new("prod", "web").unwrap(),
            desired_count: Some(desired),
            task_definition: None,
            force: false,
            minimum_healthy_percent: None,
            maximum_percent: None,
            settings: Settings::default(),
        }
    }

    fn with_fault(fault: Fault) -> World {
        let call = CallFilter::Only(CallKind::UpdateService);
        World::new(Scenario::new(1).with_fault(ScheduledFault { call, nth: 1, fault }))
    }

    fn at(seconds: u64) -> Elapsed {
        Elapsed::from_millis(seconds * 1000)
    }

    #[test]
    fn a_late_effect_comes_even_after_its_sender_died() {
        let mut world = with_fault(Fault::LateEffect(Duration::from_secs(45)));
        let sent = world.send(&Actor::process("dead"), set_desired(9));
        assert!(sent.failure.is_some());
        world.advance(at(44));
        assert_eq!((world.state().home().desired, world.calls_in_flight()), (4, 1));
        world.advance(at(45));
        assert_eq!((world.state().home().desired, world.calls_in_flight()), (9, 0));
        let entry = &world.ledger()[0];
        assert_eq!((entry.sent_at, entry.effective_at), (at(0), Some(at(45))));
        assert_eq!(entry.fault, Some(FaultKind::LateEffect));
    }

    #[test]
    fn faults_apply_or_do_not_as_they_say() {
        let effect = |fault| {
            let mut world = with_fault(fault);
            world.set_label("Bake");
            world.send(&Actor::process("us"), set_desired(9));
            world.advance(at(60));
            assert_eq!(world.fault_counts()[&(fault.kind(), "Bake".to_owned())], 1);
            world.state().home().desired == 9
        };
        for fault in [Fault::TimeoutAfter, Fault::Duplicate, Fault::ServerError { applied: true }] {
            assert!(effect(fault), "{fault:?}");
        }
        for fault in [
            Fault::Throttled,
            Fault::NotSent,
            Fault::Denied,
            Fault::TimeoutBefore,
            Fault::Hang,
            Fault::ServerError { applied: false },
        ] {
            assert!(!effect(fault), "{fault:?}");
        }
    }

    #[test]
    fn a_stale_read_shows_the_world_as_it_was() {
        let call = CallFilter::AnyRead;
        let fault = Fault::Stale(Duration::from_secs(20));
        let scenario = Scenario::new(1).with_fault(ScheduledFault { call, nth: 1, fault });
        let mut world = World::new(scenario);
        world.advance(at(100));
        world.call(&Actor::other("them"), &set_desired(9)).unwrap();
        world.advance(at(110));
        let read =
            Call::DescribeServices { services: vec![ServiceId::new("prod", "web").unwrap()] };
        let desired = |world: &mut World| {
            let ticket = world.send(&Actor::process("us"), read.clone()).ticket.unwrap();
            let later = world.now().after(Duration::from_secs(1));
            world.advance(later);
            match world.take(ticket) {
                Some(Ok(Answer::Services(services))) => services[0].desired,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(desired(&mut world), 4);
        assert_eq!(desired(&mut world), 9);
    }
}
