//! When a probe passes and fails.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::judge::Judge;
use super::judge::Judgement;
use crate::model::Bound;
use crate::model::Finite;
use crate::model::Measure;
use crate::model::Probe;
use crate::model::Role;
use crate::model::StatusRange;
use crate::model::Timestamp;
use crate::model::Verdict;
use crate::model::as_millis;
use crate::ports::HttpResponse;

/// No two looks are taken to lie further apart.
const LONGEST_STRIDE: Duration = Duration::from_secs(15);

/// When a probe passes and fails.
#[derive(Debug)]
pub(super) struct ProbeRules(pub(super) Probe);

/// What is carried from one look to the next.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Failed looks in a row.
    failed: u32,
    /// When the test listener was last seen to lead to the candidate, on the local clock.
    seen: Option<Timestamp>,
    /// How long it has, looked at again and again.
    #[serde(with = "as_millis")]
    led: Duration,
    /// Whether the last look asked the candidate and all was well.
    pub(super) well: bool,
}

/// What is read for one answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    /// The local clock.
    pub(super) at: Timestamp,
    /// Whom the test listener leads to; none while the world cannot be read.
    pub(super) leads_to: Option<Role>,
    /// What became of each request.
    pub(super) answers: Vec<Answer>,
}

/// What became of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// It was answered.
    Came {
        /// The status code.
        status: u16,
        /// From sending to the last byte, in milliseconds.
        latency_ms: u64,
        /// What is wrong with the body, if anything.
        body: Option<String>,
    },
    /// It was sent, and no answer came.
    Lost(String),
    /// It was not sent.
    NotSent(String),
}

/// What is wrong with a body, if anything. It is not repeated: it may hold anything.
pub(super) fn wrong_body(probe: &Probe, response: &HttpResponse) -> Option<String> {
    let text = String::from_utf8_lossy(&response.body);
    let lacks = |what: String| {
        let end = if response.truncated { ", as far as it was read" } else { "" };
        Some(format!("the body {what}{end}"))
    };
    if let Some(wanted) = probe.contains.as_ref().filter(|wanted| !text.contains(wanted.as_str())) {
        return lacks(format!("does not contain `{wanted}`"));
    }
    if probe.fields.is_empty() {
        return None;
    }
    let Ok(json) = serde_json::from_str::<Value>(&text) else {
        return lacks("is no JSON".to_owned());
    };
    let wrong =
        probe.fields.iter().find(|check| json.pointer(&check.pointer) != Some(&check.equals));
    wrong.and_then(|check| lacks(format!("is not {} at `{}`", check.equals, check.pointer)))
}

impl ProbeRules {
    pub(super) const fn new(probe: Probe) -> Self {
        Self(probe)
    }

    /// Why a request failed, if it did; an error where it is unknown.
    fn failure(&self, answer: &Answer) -> Result<Option<String>, String> {
        let probe = &self.0;
        match answer {
            Answer::NotSent(why) => Err(why.clone()),
            Answer::Lost(why) => Ok(Some(why.clone())),
            Answer::Came { status, latency_ms, body } => {
                let right = |range: &StatusRange| range.from <= *status && *status <= range.to;
                if !probe.statuses.iter().any(right) {
                    return Ok(Some(format!("status {status}")));
                }
                if body.is_some() {
                    return Ok(body.clone());
                }
                let late = Duration::from_millis(*latency_ms) > probe.latency;
                Ok(late.then(|| {
                    let bound = probe.latency.as_millis();
                    format!("the answer took {latency_ms} ms, more than {bound} ms")
                }))
            }
        }
    }

    /// Counts how long the test listener has led to the candidate. A clock that jumps, or a process that
    /// was away, adds no more than a look would.
    pub(super) fn follow(memory: &mut Memory, leads_to: Option<Role>, at: Timestamp) {
        match (leads_to, memory.seen) {
            (Some(Role::Candidate), Some(seen)) => memory.led += at.since(seen).min(LONGEST_STRIDE),
            (Some(Role::Candidate), None) => {}
            (Some(Role::Stable), _) => memory.led = Duration::ZERO,
            (None, _) => return,
        }
        memory.seen = (leads_to == Some(Role::Candidate)).then_some(at);
    }

    /// Whether what answers is the candidate.
    pub(super) fn has_settled(&self, memory: &Memory) -> bool {
        memory.led >= self.0.settle
    }

    fn measures(&self, failed: u32, looks: u32, answers: &[Answer]) -> Vec<Measure> {
        let probe = &self.0;
        let requests = Measure::new("failed requests", failed.into())
            .bounded(Bound::AtMost(probe.failures.into()));
        let looks = Measure::new("failed looks in a row", looks.into())
            .bounded(Bound::Below(probe.in_a_row.into()));
        let millis = |span: Duration| u32::try_from(span.as_millis()).unwrap_or(u32::MAX);
        let slowest = answers.iter().filter_map(|answer| match answer {
            Answer::Came { latency_ms, .. } => Some(u32::try_from(*latency_ms).unwrap_or(u32::MAX)),
            Answer::Lost(_) | Answer::NotSent(_) => None,
        });
        let slowest = slowest.max().map(|slowest| {
            Measure::new("slowest answer in ms", Finite::from(slowest))
                .bounded(Bound::AtMost(millis(probe.latency).into()))
        });
        [Some(requests), Some(looks), slowest].into_iter().flatten().collect()
    }
}

impl Judge for ProbeRules {
    type Input = Input;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, input: &Input) -> Judgement {
        memory.well = false;
        Self::follow(memory, input.leads_to, input.at);
        match input.leads_to {
            None => {
                let why = "whom the test listener leads to cannot be read".to_owned();
                return Judgement::of(Verdict::Inconclusive(why));
            }
            // the plan begins with stable behind the test listener
            Some(Role::Stable) => {
                let turns = Some("the test listener leading to the candidate".to_owned());
                return Judgement { turns, ..Judgement::of(Verdict::Pass) };
            }
            Some(Role::Candidate) if !self.has_settled(memory) => {
                let why = "the load balancer may not lead to the candidate yet".to_owned();
                let left = self.0.settle.saturating_sub(memory.led).as_secs();
                let turns = Some(format!("another {left} s behind the test listener"));
                return Judgement { turns, ..Judgement::of(Verdict::Inconclusive(why)) };
            }
            Some(Role::Candidate) => {}
        }
        let (mut failed, mut first, mut unknown) = (0_u32, None, None);
        for answer in &input.answers {
            match self.failure(answer) {
                Ok(None) => {}
                Ok(Some(why)) => {
                    failed += 1;
                    first = first.or(Some(why));
                }
                Err(why) => unknown = unknown.or(Some(why)),
            }
        }
        let (probe, of) = (&self.0, input.answers.len());
        let verdict = if failed > probe.failures {
            memory.failed = memory.failed.saturating_add(1);
            let why = first.unwrap_or_default();
            let why = format!("{failed} of {of} requests failed: {why}");
            if memory.failed >= probe.in_a_row {
                Verdict::Fail(format!("{why}, {} looks in a row", memory.failed))
            } else {
                Verdict::Inconclusive(why)
            }
        } else if let Some(why) = unknown {
            Verdict::Inconclusive(format!("the candidate was not reached: {why}"))
        } else {
            (memory.failed, memory.well) = (0, true);
            Verdict::Pass
        };
        let turns = match verdict {
            Verdict::Pass => {
                let (more, looks) = (probe.failures.saturating_add(1), probe.in_a_row);
                format!("{more} failed requests at {looks} looks in a row")
            }
            Verdict::Fail(_) | Verdict::Inconclusive(_) => {
                format!("a look with {} failed requests at most", probe.failures)
            }
        };
        let measures = self.measures(failed, memory.failed, &input.answers);
        Judgement { verdict, proof: None, measures: measures.into(), turns: Some(turns) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FieldCheck;
    use crate::model::HttpEndpoint;
    use crate::model::HttpUrl;

    fn probe() -> Probe {
        Probe::new(HttpEndpoint::new(HttpUrl::new("http://test.web.example/health").unwrap()))
    }

    fn came(status: u16, latency_ms: u64) -> Answer {
        Answer::Came { status, latency_ms, body: None }
    }

    fn judged(probe: &Probe, memory: &mut Memory, answers: Vec<Answer>) -> Judgement {
        let input = Input { at: Timestamp::default(), leads_to: Some(Role::Candidate), answers };
        memory.led = probe.settle;
        ProbeRules(probe.clone()).judge(memory, &input)
    }

    #[test]
    fn wrong_answers_fail_only_in_several_looks_in_a_row() {
        let (probe, mut memory) = (probe(), Memory::default());
        let bad = || vec![came(503, 10)];
        for _ in 0..2 {
            let why = "1 of 1 requests failed: status 503".to_owned();
            let answer = judged(&probe, &mut memory, bad()).verdict;
            assert_eq!(answer, Verdict::Inconclusive(why));
        }
        let answer = judged(&probe, &mut memory, bad());
        let why = "1 of 1 requests failed: status 503, 3 looks in a row".to_owned();
        assert_eq!(answer.verdict, Verdict::Fail(why));
        assert_eq!(answer.measures[1].to_string(), "failed looks in a row 3 (below 3)");
        let mut memory = Memory { failed: 2, ..Memory::default() };
        assert!(judged(&probe, &mut memory, vec![came(204, 10)]).verdict.is_pass());
        assert_eq!((memory.failed, memory.well), (0, true));
    }

    #[test]
    fn a_late_or_lost_answer_is_a_failed_request_and_an_unsent_one_is_none() {
        let probe = Probe { latency: Duration::from_millis(100), in_a_row: 1, ..probe() };
        let verdict = |answer| judged(&probe, &mut Memory::default(), vec![answer]).verdict;
        assert!(verdict(came(200, 100)).is_pass());
        assert!(matches!(verdict(came(200, 101)), Verdict::Fail(_)));
        assert!(matches!(verdict(Answer::Lost("no answer".into())), Verdict::Fail(_)));
        let refused = verdict(Answer::NotSent("connection refused".into()));
        let why = "the candidate was not reached: connection refused".to_owned();
        assert_eq!(refused, Verdict::Inconclusive(why));
    }

    #[test]
    fn some_requests_may_fail_where_the_spec_says_so() {
        let probe = Probe { requests: 3, failures: 1, in_a_row: 1, ..probe() };
        let looks = |bad: usize| {
            let answers = (0..3).map(|nth| came(if nth < bad { 500 } else { 200 }, 5));
            judged(&probe, &mut Memory::default(), answers.collect()).verdict
        };
        assert!(looks(1).is_pass());
        assert!(matches!(looks(2), Verdict::Fail(_)));
        // one that failed and one that is unknown might be two that failed
        let answers = vec![came(500, 5), came(200, 5), Answer::NotSent("refused".into())];
        let unsure = judged(&probe, &mut Memory::default(), answers).verdict;
        assert!(matches!(unsure, Verdict::Inconclusive(_)));
    }

    #[test]
    fn before_the_test_listener_leads_to_the_candidate_nobody_is_asked() {
        let rules = ProbeRules(probe());
        let mut memory = Memory { well: true, ..Memory::default() };
        let at = Timestamp::default();
        let input = Input { at, leads_to: Some(Role::Stable), answers: Vec::new() };
        assert!(rules.judge(&mut memory, &input).verdict.is_pass());
        assert!(!memory.well, "it is no evidence");
        let blind = Input { at, leads_to: None, answers: Vec::new() };
        let verdict = rules.judge(&mut memory, &blind).verdict;
        assert!(matches!(verdict, Verdict::Inconclusive(_)));
    }

    #[test]
    fn an_answer_counts_only_once_the_load_balancer_must_have_followed() {
        let (rules, mut memory) = (ProbeRules(probe()), Memory::default());
        let mut look = |seconds: u64, leads_to| {
            let at = Timestamp::from_millis(seconds * 1000);
            let input = Input { at, leads_to: Some(leads_to), answers: vec![came(200, 5)] };
            rules.judge(&mut memory, &input).verdict.is_pass()
        };
        assert!(look(0, Role::Stable));
        let passes = (1..=8).map(|nth| look(nth * 10, Role::Candidate)).collect::<Vec<_>>();
        assert_eq!(passes, [false, false, false, false, false, false, true, true]);
        // switched back and forth; and a clock that jumps an hour is no hour
        assert!(look(90, Role::Stable));
        assert!(!look(100, Role::Candidate) && !look(3700, Role::Candidate));
    }

    #[test]
    fn a_body_must_say_what_is_asked() {
        let equals = Value::from("ok");
        let fields = vec![FieldCheck { pointer: "/status".to_owned(), equals }];
        let probe = Probe { contains: Some("build 8".to_owned()), fields, ..probe() };
        let wrong = |body: &str| {
            let body = body.as_bytes().to_vec();
            let latency = Duration::ZERO;
            wrong_body(&probe, &HttpResponse { status: 200, body, truncated: false, latency })
        };
        assert_eq!(wrong(r#"{"status":"ok","is":"build 8"}"#), None);
        assert_eq!(wrong("build 7").unwrap(), "the body does not contain `build 8`");
        assert_eq!(wrong("build 8").unwrap(), "the body is no JSON");
        let other = wrong(r#"{"status":"bad","is":"build 8"}"#);
        assert_eq!(other.unwrap(), "the body is not \"ok\" at `/status`");
    }
}
