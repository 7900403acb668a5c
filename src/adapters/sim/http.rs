//! HTTP requests in the simulated cloud.

use std::future::pending;
use std::time::Duration;

use async_trait::async_trait;

use super::clock::Wait;
use super::endpoint::HttpAnswer;
use super::endpoint::HttpExchange;
use super::process::Process;
use super::task::TargetHealth;
use super::task::Task;
use super::world::World;
use crate::model::HeaderValue;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Http;
use crate::ports::HttpRequest;
use crate::ports::HttpResponse;

const CALL: &str = "http";

/// The test listener and the scenario's endpoints as [`Http`].
#[derive(Debug)]
pub(super) struct SimHttp {
    process: Process,
}

impl SimHttp {
    pub(super) const fn new(process: Process) -> Self {
        Self { process }
    }

    /// The headers with what the environment holds.
    fn headers(&self, request: &HttpRequest) -> Result<Vec<(String, String)>, CallError> {
        let headers = request.endpoint.headers.iter().map(|(name, value)| {
            let value = match value {
                HeaderValue::Text(text) => text.clone(),
                HeaderValue::Environment(variable) => {
                    let known = self
                        .process
                        .with(|world| world.scenario.environment.get(variable).cloned());
                    let why = || format!("the environment variable {variable} is not set");
                    known.ok_or_else(|| CallError::new(CALL, ErrorClass::Invalid, why()))?
                }
            };
            Ok((name.clone(), value))
        });
        headers.collect()
    }
}

#[async_trait]
impl Http for SimHttp {
    fn check(&self, request: &HttpRequest) -> Result<(), CallError> {
        self.headers(request).map(drop)
    }

    async fn call(&self, request: &HttpRequest) -> Result<HttpResponse, CallError> {
        let headers = self.headers(request)?;
        let (now, answer) = self.process.with(|world| {
            let answer = world.answer_http(request.endpoint.url.as_str());
            world.exchanges.push(HttpExchange {
                at: world.now,
                actor: self.process.actor.clone(),
                method: request.method,
                url: request.endpoint.url.as_str().to_owned(),
                headers,
                body: request.body.clone(),
                answer: answer.clone(),
            });
            (world.now, answer)
        });
        let timeout = request.endpoint.timeout;
        let (status, body, latency) = match answer {
            HttpAnswer::Refused => {
                let why = "connection refused";
                return Err(CallError::new(CALL, ErrorClass::NotSent, why));
            }
            HttpAnswer::Status { status, body, latency } if latency < timeout => {
                (status, body, latency)
            }
            HttpAnswer::Hang | HttpAnswer::Status { .. } => {
                if timeout == Duration::MAX {
                    return pending().await;
                }
                Wait::until(self.process.clone(), now.after(timeout)).await;
                let why = format!("no answer within {} ms", timeout.as_millis());
                return Err(CallError::new(CALL, ErrorClass::Ambiguous, why));
            }
        };
        Wait::until(self.process.clone(), now.after(latency)).await;
        let mut body = body.into_bytes();
        let truncated = body.len() > HttpResponse::LONGEST_BODY;
        body.truncate(HttpResponse::LONGEST_BODY);
        Ok(HttpResponse { status, body, truncated, latency })
    }
}

impl World {
    /// What becomes of a request to this URL now.
    fn answer_http(&mut self, url: &str) -> HttpAnswer {
        let place = url.split(['?', '#']).next().unwrap_or_default();
        let found = self.scenario.endpoints.iter().find(|endpoint| endpoint.url == place);
        if let Some(endpoint) = found {
            let before = self.exchanges.iter().filter(|exchange| {
                exchange.url.split(['?', '#']).next().unwrap_or_default() == place
            });
            let answer = endpoint.answers.get(before.count()).or_else(|| endpoint.answers.last());
            return answer.cloned().unwrap_or(HttpAnswer::Refused);
        }
        let is_below = |origin: &String| {
            let rest = url.strip_prefix(origin.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
        };
        if self.scenario.test_origins.iter().any(is_below) {
            return self.answer_test();
        }
        HttpAnswer::Refused
    }

    /// What the revision answers that the test rule leads to.
    fn answer_test(&mut self) -> HttpAnswer {
        let Some(rule) = self.state.test_rule() else { return HttpAnswer::status(404, "") };
        let group = rule.data.iter().max_by_key(|(_, weight)| *weight);
        let group = group.filter(|(_, weight)| *weight > 0).map(|(group, _)| *group);
        let serving = |which: fn(&Task) -> bool| -> Vec<(usize, bool)> {
            let sets = self.state.sets().filter(|set| group.is_some() && set.group == group);
            let tasks = sets.flat_map(|set| set.tasks.iter().map(|task| (set.behaviour, task)));
            let those = tasks.filter(|(_, task)| which(task));
            those.map(|(behaviour, task)| (behaviour, task.broken)).collect()
        };
        let mut targets = serving(Task::is_healthy_target);
        // without a healthy target the load balancer tries every other one
        let fails_open = targets.is_empty();
        if fails_open {
            targets = serving(|task| {
                matches!(task.target, Some(TargetHealth::Initial | TargetHealth::Unhealthy))
            });
        }
        let bound = u64::try_from(targets.len()).unwrap_or(u64::MAX);
        let drawn = usize::try_from(self.rng.below(bound)).unwrap_or(0);
        let Some((revision, broken)) = targets.get(drawn).copied() else {
            return HttpAnswer::status(503, "");
        };
        let behaviour = self.behaviour(revision).clone();
        let slowest = u64::from(behaviour.latency_ms);
        let latency = if self.rng.happens(10) {
            slowest + self.rng.below(slowest)
        } else {
            slowest / 5 + self.rng.below(slowest.saturating_sub(slowest / 5))
        };
        let errs = broken || fails_open || self.rng.happens(behaviour.error_permille);
        let rare = u64::from(behaviour.error_ppm);
        let errs = errs || (rare > 0 && self.rng.below(1_000_000) < rare);
        let serves = self.state.revisions.get(revision).map(|(revision, _)| revision.to_string());
        let (status, word) = if errs { (500, "error") } else { (200, "ok") };
        let body = serde_json::json!({ "status": word, "revision": serves }).to_string();
        HttpAnswer::Status { status, body, latency: Duration::from_millis(latency) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::action::Action;
    use super::super::behaviour::Behaviour;
    use super::super::behaviour::Fate;
    use super::super::names::revision;
    use super::super::scenario::Scenario;
    use super::*;
    use crate::model::Elapsed;

    const TEST: &str = "http://test.web.example/health";

    fn status(world: &mut World) -> u16 {
        match world.answer_http(TEST) {
            HttpAnswer::Status { status, .. } => status,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_test_listener_answers_as_the_revision_behind_it_behaves() {
        let mut world = World::new(Scenario::new(1).with_test_rule());
        assert_eq!(status(&mut world), 200);
        let behaviour = Behaviour::erring(1000);
        world.apply(&Action::ChangeBehaviour { revision: revision(1), behaviour });
        assert_eq!(status(&mut world), 500);
        let behaviour = Behaviour::doomed(Fate::NeverHealthy);
        world.apply(&Action::ChangeBehaviour { revision: revision(1), behaviour });
        world.advance(Elapsed::from_millis(60_000));
        assert_eq!(status(&mut world), 500);
        let mut without = World::new(Scenario::new(1));
        assert_eq!(status(&mut without), 404);
    }

    #[test]
    fn an_endpoint_answers_one_after_the_other_and_then_the_last_again() {
        use super::super::endpoint::Endpoint;
        let url = "http://board.example/ask";
        let answers = [HttpAnswer::status(503, ""), HttpAnswer::status(200, "{}")];
        let scenario = Scenario::new(1).with_endpoint(Endpoint::new(url, answers.clone()));
        let mut world = World::new(scenario);
        for wanted in [&answers[0], &answers[1], &answers[1]] {
            let answer = world.answer_http(&format!("{url}?n=1"));
            assert_eq!(answer, *wanted);
            world.exchanges.push(HttpExchange {
                at: world.now,
                actor: super::super::ledger::Actor::process("us"),
                method: crate::model::HttpMethod::Get,
                url: url.to_owned(),
                headers: Vec::new(),
                body: None,
                answer,
            });
        }
        assert_eq!(world.answer_http("http://elsewhere.example/"), HttpAnswer::Refused);
    }
}
