//! Whether the candidate answers HTTP requests as it should.

use std::sync::Arc;

use async_trait::async_trait;

use super::contract::Gate;
use super::contract::GateContext;
use super::judge::remembered;
use super::probe_rules::Answer;
use super::probe_rules::Input;
use super::probe_rules::ProbeRules;
use super::probe_rules::wrong_body;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::Probe;
use crate::model::Role;
use crate::model::Span;
use crate::ports::ErrorClass;
use crate::ports::Http;
use crate::ports::HttpRequest;

/// Sends requests to the candidate through the test listener.
///
/// - A wrong status, a wrong body, an answer that is late or never comes is a failed request. What never
///   reached the other side is none: then the gate cannot tell.
/// - Too many failed requests in one look are inconclusive; in several looks in a row a failure.
/// - While the load balancer may not follow the test listener's rule yet, the old revision may answer: that
///   is inconclusive, and nobody is asked.
/// - Before the test listener leads to the candidate there is nobody to ask: that passes and is no
///   evidence for a bake.
#[derive(Debug)]
pub struct ProbeGate {
    http: Arc<dyn Http>,
    rules: ProbeRules,
}

impl ProbeGate {
    /// A gate that asks so.
    pub fn new(http: Arc<dyn Http>, probe: Probe) -> Self {
        Self { http, rules: ProbeRules(probe) }
    }

    /// The request that is sent again and again.
    fn request(probe: &Probe) -> HttpRequest {
        HttpRequest {
            method: probe.method,
            endpoint: probe.endpoint.clone(),
            body: probe.body.clone(),
        }
    }

    async fn ask(&self) -> Vec<Answer> {
        let (probe, mut answers) = (&self.rules.0, Vec::new());
        let request = Self::request(probe);
        for _ in 0..probe.requests {
            answers.push(match self.http.call(&request).await {
                Ok(response) => Answer::Came {
                    status: response.status,
                    latency_ms: u64::try_from(response.latency.as_millis()).unwrap_or(u64::MAX),
                    body: wrong_body(probe, &response),
                },
                Err(error) => match error.class {
                    ErrorClass::Ambiguous => Answer::Lost(error.message),
                    ErrorClass::NotSent
                    | ErrorClass::Throttled
                    | ErrorClass::Conflict
                    | ErrorClass::Gone
                    | ErrorClass::Auth
                    | ErrorClass::Quota
                    | ErrorClass::Invalid => Answer::NotSent(error.message),
                },
            });
        }
        answers
    }
}

#[async_trait]
impl Gate for ProbeGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        // who is behind the listener is as old as the look
        let read_at = context.observed_at;
        let leads_to = context.observation.and_then(|world| world.router.as_ref()?.test);
        let mut memory = remembered::<ProbeRules>(&context);
        let (was_well, at) = (memory.well, context.now.wall);
        let mut ahead = memory.clone();
        ProbeRules::follow(&mut ahead, leads_to, at);
        let answers = match leads_to {
            Some(Role::Candidate) if self.rules.has_settled(&ahead) => self.ask().await,
            Some(Role::Candidate | Role::Stable) | None => Vec::new(),
        };
        let input = Input { at, leads_to, answers };
        let judgement = memory.answer(&self.rules, &input);
        let mut evidence = Evidence::at(read_at);
        // A point sample speaks for the time since the last good one only where the gap is small and
        // nothing bad was seen in between.
        if let Some(previous) = context.previous.filter(|_| was_well && memory.well)
            && read_at.since(previous) <= context.max_gap
        {
            evidence.covers = Span { from: previous, to: read_at };
        }
        judgement.evaluation::<ProbeRules>(evidence, &memory, &input)
    }
}
