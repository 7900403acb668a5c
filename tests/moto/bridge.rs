//! Carries calls that are in CBOR to a server that has JSON only.

use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use ciborium::Value as Cbor;
use serde_json::Value;

const TARGET: &str = "GraniteServiceVersion20100801";

/// An HTTP client that turns CBOR into JSON on the way, and back.
#[derive(Debug, Clone)]
pub(crate) struct JsonBridge(SharedHttpClient);

#[derive(Debug)]
struct Connector(SharedHttpConnector);

impl JsonBridge {
    pub(crate) fn new() -> Self {
        Self(aws_smithy_http_client::Builder::new().build_http())
    }
}

impl HttpClient for JsonBridge {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Connector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.uri().split_once(&format!("{TARGET}/operation/"));
        let Some(operation) = operation.map(|(_, operation)| operation.to_owned()) else {
            return self.0.call(request);
        };
        let body: Cbor = ciborium::from_reader(request.body().bytes().unwrap()).unwrap();
        let body = json(body).to_string();
        let root = request.uri().split("/service/").next().unwrap().to_owned();
        request.set_uri(format!("{root}/")).unwrap();
        let headers = request.headers_mut();
        headers.remove("smithy-protocol");
        headers.insert("content-type", "application/x-amz-json-1.0");
        headers.insert("content-length", body.len().to_string());
        headers.insert("x-amz-target", format!("{TARGET}.{operation}"));
        *request.body_mut() = SdkBody::from(body);
        let asked = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let mut answer = asked.await?;
            let text = std::mem::replace(answer.body_mut(), SdkBody::taken());
            let text = http_body_util::BodyExt::collect(text).await.unwrap().to_bytes();
            let value = serde_json::from_slice(&text)
                .unwrap_or_else(|_| Value::Object(serde_json::Map::new()));
            let mut body = Vec::new();
            ciborium::into_writer(&cbor("", value), &mut body).unwrap();
            answer.headers_mut().insert("content-type", "application/cbor");
            answer.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
            answer.headers_mut().remove("content-length");
            *answer.body_mut() = SdkBody::from(body);
            Ok(answer)
        })
    }
}

fn json(value: Cbor) -> Value {
    match value {
        Cbor::Bool(value) => value.into(),
        Cbor::Integer(value) => i64::try_from(value).unwrap().into(),
        Cbor::Float(value) => value.into(),
        Cbor::Text(value) => value.into(),
        Cbor::Tag(_, inner) => json(*inner),
        Cbor::Array(items) => items.into_iter().map(json).collect(),
        Cbor::Map(members) => {
            members.into_iter().map(|(name, of)| (name.into_text().unwrap(), json(of))).collect()
        }
        _ => Value::Null,
    }
}

/// The value of a member of this name: only the name tells a time from a number.
fn cbor(name: &str, value: Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(value),
        Value::Number(number) if name.ends_with("Timestamp") => {
            Cbor::Tag(1, Box::new(Cbor::Float(number.as_f64().unwrap())))
        }
        Value::Number(number) => match number.as_i64() {
            Some(number) => Cbor::Integer(number.into()),
            None => Cbor::Float(number.as_f64().unwrap()),
        },
        Value::String(text) => Cbor::Text(text),
        Value::Array(items) => Cbor::Array(items.into_iter().map(|it| cbor(name, it)).collect()),
        Value::Object(members) => {
            let member = |(name, of): (String, Value)| (Cbor::Text(name.clone()), cbor(&name, of));
            Cbor::Map(members.into_iter().filter(|(_, of)| !of.is_null()).map(member).collect())
        }
    }
}
