//! The door for an SDK in the same process.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use futures_util::future::Either;
use futures_util::future::select;
use http_body_util::BodyExt;

use super::super::sim::Actor;
use super::delivery::Delivery;
use super::exchange::Exchange;
use super::wire_answer::WireAnswer;
use super::wire_body::WireBody;
use super::wire_request::WireRequest;

/// An HTTP client for an SDK in the same process: it answers from the world, without sockets, whatever
/// the endpoint. It keeps the SDK's read timeout.
#[derive(Debug, Clone)]
pub struct LocalHttpClient {
    exchange: Arc<Exchange>,
    actor: Actor,
    read_timeout: Option<Duration>,
}

impl LocalHttpClient {
    pub(super) const fn new(exchange: Arc<Exchange>, actor: Actor) -> Self {
        Self { exchange, actor, read_timeout: None }
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = read(request).await?;
        let answer = async {
            match self.exchange.answer(&self.actor, &request).await {
                Delivery::Never => std::future::pending().await,
                delivery => delivery,
            }
        };
        let delivery = match self.read_timeout {
            Some(limit) => match select(pin!(answer), pin!(self.exchange.pass(limit))).await {
                Either::Left((delivery, _)) => delivery,
                Either::Right(((), _)) => Delivery::TimedOut,
            },
            None => answer.await,
        };
        match delivery {
            Delivery::Whole(mut answer) => {
                let body = SdkBody::from(std::mem::take(&mut answer.body));
                response(&answer, body)
            }
            Delivery::Cut(mut answer) => {
                let body = WireBody::cut(std::mem::take(&mut answer.body));
                response(&answer, SdkBody::from_body_1_x(body))
            }
            Delivery::Refused => {
                Err(ConnectorError::io(error(io::ErrorKind::ConnectionRefused)).never_connected())
            }
            Delivery::Reset => Err(ConnectorError::io(error(io::ErrorKind::ConnectionReset))),
            Delivery::TimedOut | Delivery::Never => {
                Err(ConnectorError::timeout(error(io::ErrorKind::TimedOut)))
            }
        }
    }
}

fn error(kind: io::ErrorKind) -> BoxError {
    io::Error::from(kind).into()
}

/// Reads a request to its end; the SDK takes one that is not for stalled.
async fn read(mut request: HttpRequest) -> Result<WireRequest, ConnectorError> {
    let body = request.take_body().collect().await.map_err(ConnectorError::user)?;
    let uri = request.uri();
    let after = uri.split_once("://").map_or(uri, |(_, after)| after);
    let target = after.find('/').map_or("/", |at| after.split_at(at).1);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = request.headers().iter();
    let request = WireRequest {
        method: request.method().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        body: body.to_bytes().into(),
    };
    request.unpacked().map_err(|error| ConnectorError::user(error.into()))
}

fn response(answer: &WireAnswer, body: SdkBody) -> Result<HttpResponse, ConnectorError> {
    let status =
        StatusCode::try_from(answer.status).map_err(|error| ConnectorError::user(error.into()))?;
    let mut response = HttpResponse::new(status, body);
    for (name, value) in &answer.headers {
        // a fault rule may name a code that no header can hold
        let _ = response.headers_mut().try_insert(*name, value.clone());
    }
    Ok(response)
}

impl HttpConnector for LocalHttpClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

impl HttpClient for LocalHttpClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let read_timeout = settings.read_timeout();
        SharedHttpConnector::new(Self { read_timeout, ..self.clone() })
    }
}
