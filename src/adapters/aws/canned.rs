//! Answers to the SDK, for tests.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;

use aws_config::BehaviorVersion;
use aws_sdk_ecs::config::Credentials;
use aws_sdk_ecs::config::Region;
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use serde_json::json;

#[cfg(feature = "autoscaling")]
use super::autoscaler::AwsAutoscaler;
use super::calls::Calls;
use super::clients::Clients;
use super::ecs::Ecs;
use super::paused_clock::PausedClock;
use super::service_reads::ServiceReads;
use crate::ports::Clock;

type Answers = dyn Fn(&str, &Value) -> Result<Value, (&'static str, &'static str)> + Send + Sync;

/// An AWS that answers each call of ECS from a function and keeps what was asked. Elastic Load
/// Balancing answers with the healthy targets that ECS's function names under `targets`.
#[derive(Clone)]
pub(super) struct Canned {
    answers: Arc<Answers>,
    sent: Arc<Mutex<Vec<(String, Value)>>>,
}

impl fmt::Debug for Canned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canned")
    }
}

impl Canned {
    pub(super) fn new(
        answers: impl Fn(&str, &Value) -> Result<Value, (&'static str, &'static str)>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self { answers: Arc::new(answers), sent: Arc::default() }
    }

    /// The names of the calls since the last time.
    pub(super) fn calls(&self) -> Vec<String> {
        self.take().into_iter().map(|(operation, _)| operation).collect()
    }

    /// The calls since the last time with their parameters.
    pub(super) fn take(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }

    fn clients(&self, clock: &Arc<dyn Clock>) -> Clients {
        let config = aws_config::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(aws_sdk_ecs::config::SharedCredentialsProvider::new(
                Credentials::new("id", "secret", None, None, "test"),
            ))
            .http_client(self.clone())
            .build();
        Clients::new(&config, clock)
    }

    /// Application Auto Scaling, answering so.
    #[cfg(feature = "autoscaling")]
    pub(super) fn autoscaler(&self) -> AwsAutoscaler {
        let clock: Arc<dyn Clock> = Arc::new(PausedClock::default());
        let client = self.clients(&clock).scaling.unwrap();
        AwsAutoscaler::new(client, &Calls::new(clock))
    }

    /// ECS, answering so.
    pub(super) fn ecs(&self) -> Ecs {
        let clock: Arc<dyn Clock> = Arc::new(PausedClock::default());
        let clients = self.clients(&clock);
        let calls = Calls::new(clock);
        let reads = Arc::new(ServiceReads::new(clients.ecs.clone(), &calls));
        Ecs::new(clients, calls, reads)
    }

    fn answer(&self, request: &HttpRequest) -> (u16, String) {
        let body = request.body().bytes().unwrap_or_default();
        let Some(target) = request.headers().get("x-amz-target") else {
            self.sent.lock().unwrap().push(("DescribeTargetHealth".to_owned(), Value::Null));
            let targets = (self.answers)("targets", &Value::Null).unwrap_or(Value::Null);
            return (200, target_health(&targets));
        };
        let operation = target.rsplit('.').next().unwrap().to_owned();
        let body: Value = serde_json::from_slice(body).unwrap();
        let answer = (self.answers)(&operation, &body);
        self.sent.lock().unwrap().push((operation, body));
        match answer {
            Ok(answer) => (200, answer.to_string()),
            Err((code, message)) => {
                let status = if code == "ServerException" { 500 } else { 400 };
                (status, json!({ "__type": code, "message": message }).to_string())
            }
        }
    }
}

fn target_health(targets: &Value) -> String {
    let member = |target: &Value| {
        let id = target.as_str().unwrap();
        format!(
            "<member><Target><Id>{id}</Id><Port>80</Port></Target><TargetHealth>\
             <State>healthy</State></TargetHealth></member>"
        )
    };
    let members: String = targets.as_array().into_iter().flatten().map(member).collect();
    format!(
        "<DescribeTargetHealthResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
         <DescribeTargetHealthResult><TargetHealthDescriptions>{members}</TargetHealthDescriptions>\
         </DescribeTargetHealthResult></DescribeTargetHealthResponse>"
    )
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.answer(&request);
        let answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        HttpConnectorFuture::ready(Ok(answer))
    }
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
