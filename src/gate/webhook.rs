//! Whether someone who is told where the deployment is lets it go on.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::contract::Gate;
use super::contract::GateContext;
use super::judge::Judge;
use super::judge::Judgement;
use super::judge::remembered;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::GateKey;
use crate::model::HeaderValue;
use crate::model::HttpMethod;
use crate::model::Measure;
use crate::model::RouterObservation;
use crate::model::Span;
use crate::model::Subject;
use crate::model::Verdict;
use crate::model::Webhook;
use crate::model::Weight;
use crate::ports::Clock;
use crate::ports::ErrorClass;
use crate::ports::Http;
use crate::ports::HttpRequest;
use crate::ports::HttpResponse;

/// What is kept of a reason, in characters.
const LONGEST_REASON: usize = 300;

/// Posts where the deployment is, as JSON, and takes the answer for its own:
///
/// - Any 2xx with no body, or with JSON that names no `decision`, passes.
/// - `{"decision": "pass" | "fail" | "inconclusive", "reason": "…"}` in a 2xx decides.
/// - Everything else is inconclusive: other decisions and what is no JSON, other statuses, silence. A 4xx
///   is a failure where the webhook says so.
///
/// It asks at every look, under the same `Idempotency-Key` while the stage is the same: who answers must
/// take a repeat for what it is.
#[derive(Debug)]
pub struct WebhookGate {
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    rules: WebhookRules,
}

/// When a webhook passes and fails.
#[derive(Debug)]
pub(super) struct WebhookRules(Webhook);

/// What is carried from one look to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Whether the last look passed.
    passed: bool,
}

/// What is read for one answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    /// How often it was asked.
    attempts: u32,
    /// What the last attempt brought, or why it brought nothing.
    reply: Result<Reply, String>,
}

/// What came back. Of the body only what decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reply {
    status: u16,
    said: Said,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    /// Nothing that decides.
    Nothing,
    /// A decision.
    Decision {
        /// `pass`, `fail`, `inconclusive`, or what nobody understands.
        decision: String,
        /// Why.
        reason: Option<String>,
    },
    /// What is no JSON, or more than is read.
    Garbage,
}

impl WebhookGate {
    /// A gate that asks so.
    pub fn new(http: Arc<dyn Http>, clock: Arc<dyn Clock>, webhook: Webhook) -> Self {
        Self { http, clock, rules: WebhookRules(webhook) }
    }

    /// The request that tells where the deployment is.
    fn request(webhook: &Webhook, subject: &Subject, key: &GateKey, weight: Weight) -> HttpRequest {
        let document = json!({
            "deployment": key.deployment,
            "cluster": subject.service.cluster,
            "service": subject.service.service,
            "revision": subject.candidate.to_string(),
            "gate": key.gate,
            "step": key.step,
            "stage": key.stage.as_str(),
            "weight_permille": weight,
            "idempotency_key": key.to_string(),
        });
        let mut endpoint = webhook.endpoint.clone();
        let mut set = |name: &str, text: String| {
            let given = endpoint.headers.keys().any(|given| given.eq_ignore_ascii_case(name));
            if !given {
                endpoint.headers.insert(name.to_owned(), HeaderValue::Text(text));
            }
        };
        set("content-type", "application/json".to_owned());
        set("idempotency-key", key.to_string());
        HttpRequest { method: HttpMethod::Post, endpoint, body: Some(document.to_string()) }
    }

    async fn ask(&self, request: &HttpRequest) -> Input {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let (reply, again) = match self.http.call(request).await {
                Ok(response) => {
                    let reply = reply(&response);
                    let again = matches!(reply.status, 408 | 429 | 500..=599);
                    (Ok(reply), again)
                }
                Err(error) => (Err(error.message), error.class != ErrorClass::Invalid),
            };
            if !again || attempts >= self.rules.0.attempts {
                return Input { attempts, reply };
            }
            self.clock.sleep(Webhook::pause(attempts)).await;
        }
    }
}

fn reply(response: &HttpResponse) -> Reply {
    Reply { status: response.status, said: said(response) }
}

fn said(response: &HttpResponse) -> Said {
    if response.body.iter().all(u8::is_ascii_whitespace) {
        return Said::Nothing;
    }
    if response.truncated {
        return Said::Garbage;
    }
    let Ok(json) = serde_json::from_slice::<Value>(&response.body) else { return Said::Garbage };
    let short = |text: &str| text.chars().take(LONGEST_REASON).collect::<String>();
    match json.get("decision") {
        None => Said::Nothing,
        Some(Value::String(decision)) => Said::Decision {
            decision: short(decision),
            reason: json.get("reason").and_then(Value::as_str).map(short),
        },
        Some(_) => Said::Garbage,
    }
}

impl WebhookRules {
    pub(super) const fn new(webhook: Webhook) -> Self {
        Self(webhook)
    }

    fn verdict(&self, reply: &Reply) -> Verdict {
        let unsure = |why: String| Verdict::Inconclusive(why);
        match reply.status {
            200..=299 => {}
            status @ (300..=399) => {
                return unsure(format!("status {status}: it redirects; give the final address"));
            }
            status @ (400..=499) if self.0.refusal_fails && !matches!(status, 408 | 429) => {
                return Verdict::Fail(format!("status {status}"));
            }
            status => return unsure(format!("status {status}")),
        }
        match &reply.said {
            Said::Nothing => Verdict::Pass,
            Said::Garbage => unsure("its answer is neither empty nor JSON with a decision".into()),
            Said::Decision { decision, reason } => {
                let why = || reason.clone().unwrap_or_else(|| "it gives no reason".to_owned());
                match decision.as_str() {
                    "pass" => Verdict::Pass,
                    "fail" => Verdict::Fail(why()),
                    "inconclusive" => unsure(why()),
                    _ => unsure("its decision is none of `pass`, `fail` and `inconclusive`".into()),
                }
            }
        }
    }
}

impl Judge for WebhookRules {
    type Input = Input;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, input: &Input) -> Judgement {
        let verdict = match &input.reply {
            Ok(reply) => self.verdict(reply),
            Err(why) => {
                Verdict::Inconclusive(format!("{} did not answer: {why}", self.0.endpoint.url))
            }
        };
        memory.passed = verdict.is_pass();
        let status = input.reply.as_ref().map(|reply| u32::from(reply.status));
        let status = status.map(|status| Measure::new("status", status.into()));
        let attempts = Measure::new("attempts", input.attempts.into());
        let measures = status.into_iter().chain([attempts]).collect::<Vec<_>>();
        let turns = Some(format!("another answer of {}", self.0.endpoint.url));
        Judgement { verdict, proof: None, measures: measures.into(), turns }
    }
}

#[async_trait]
impl Gate for WebhookGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let read_at = context.now.elapsed;
        let router = context.observation.and_then(|world| world.router.as_ref());
        let weight = router.map_or(Weight::ZERO, RouterObservation::highest);
        let request = Self::request(&self.rules.0, context.subject, context.key, weight);
        let input = self.ask(&request).await;
        let mut memory = remembered::<WebhookRules>(&context);
        let had_passed = memory.passed;
        let judgement = memory.answer(&self.rules, &input);
        let mut evidence = Evidence::at(read_at);
        if let Some(previous) = context.previous.filter(|_| had_passed && memory.passed)
            && read_at.since(previous) <= context.max_gap
        {
            evidence.covers = Span { from: previous, to: read_at };
        }
        judgement.evaluation::<WebhookRules>(evidence, &memory, &input)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::HttpEndpoint;
    use crate::model::HttpUrl;

    fn webhook() -> Webhook {
        Webhook::new(HttpEndpoint::new(HttpUrl::new("http://board.example/ask?t=1").unwrap()))
    }

    fn verdict(webhook: &Webhook, status: u16, body: &str) -> Verdict {
        let body = body.as_bytes().to_vec();
        let response = HttpResponse { status, body, truncated: false, latency: Duration::ZERO };
        let input = Input { attempts: 1, reply: Ok(reply(&response)) };
        // as it is recorded, and read again
        let input = serde_json::to_string(&input).unwrap();
        let input: Input = serde_json::from_str(&input).unwrap();
        WebhookRules(webhook.clone()).judge(&mut Memory::default(), &input).verdict
    }

    #[test]
    fn any_2xx_passes_unless_its_body_says_otherwise() {
        let webhook = webhook();
        for (status, body) in [(200, ""), (204, " \n"), (202, "{}"), (200, "[1]")] {
            assert_eq!(verdict(&webhook, status, body), Verdict::Pass, "{status} {body}");
        }
        let fail = verdict(&webhook, 200, r#"{"decision":"fail","reason":"frozen by the board"}"#);
        assert_eq!(fail, Verdict::Fail("frozen by the board".to_owned()));
        let unsure = verdict(&webhook, 200, r#"{"decision":"inconclusive"}"#);
        assert_eq!(unsure, Verdict::Inconclusive("it gives no reason".to_owned()));
        assert!(verdict(&webhook, 200, r#"{"decision":"pass"}"#).is_pass());
    }

    #[test]
    fn garbage_errors_and_silence_are_never_good_news() {
        let webhook = webhook();
        for (status, body) in [
            (200, "<html>please log in</html>"),
            (200, r#"{"decision":"maybe"}"#),
            (200, r#"{"decision":true}"#),
            (302, ""),
            (404, ""),
            (500, r#"{"decision":"pass"}"#),
            (503, ""),
        ] {
            let verdict = verdict(&webhook, status, body);
            assert!(matches!(verdict, Verdict::Inconclusive(_)), "{status} {body}: {verdict}");
        }
        let silent = Input { attempts: 3, reply: Err("no answer within 3000 ms".to_owned()) };
        let answer = WebhookRules(webhook).judge(&mut Memory::default(), &silent);
        let why = "http://board.example/ask did not answer: no answer within 3000 ms";
        assert_eq!(answer.verdict, Verdict::Inconclusive(why.to_owned()));
        assert_eq!(answer.measures[0].to_string(), "attempts 3");
    }

    #[test]
    fn a_refusal_is_a_failure_where_the_webhook_says_so() {
        let strict = Webhook { refusal_fails: true, ..webhook() };
        assert_eq!(verdict(&strict, 403, ""), Verdict::Fail("status 403".to_owned()));
        for status in [408, 429, 500] {
            assert!(matches!(verdict(&strict, status, ""), Verdict::Inconclusive(_)), "{status}");
        }
    }

    #[test]
    fn a_reason_is_kept_short() {
        let body = json!({ "decision": "fail", "reason": "x".repeat(9000) }).to_string();
        let Verdict::Fail(why) = verdict(&webhook(), 200, &body) else { panic!() };
        assert_eq!(why.len(), LONGEST_REASON);
    }

    #[test]
    fn the_pauses_count_into_the_longest_look() {
        assert_eq!(webhook().fault(), None);
        let mut slow = webhook();
        slow.endpoint.timeout = Duration::from_secs(5);
        assert_eq!(slow.fault().unwrap().0, "timeout");
        slow.attempts = 2;
        assert_eq!(slow.fault(), None);
    }
}
