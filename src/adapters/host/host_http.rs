//! HTTP calls from this machine.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::Either;
use futures_util::future::select;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::Response;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::header::HeaderName;
use hyper::header::HeaderValue as WireValue;
#[cfg(feature = "https")]
use hyper_rustls::HttpsConnector;
#[cfg(feature = "https")]
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::Error as ClientError;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::model::HeaderValue;
use crate::ports::CallError;
use crate::ports::Clock;
use crate::ports::ErrorClass;
use crate::ports::Http;
use crate::ports::HttpRequest;
use crate::ports::HttpResponse;

const CALL: &str = "http";

type Body = Full<Bytes>;

/// HTTP calls from this machine, over hyper; to `https` addresses only with the feature `https`, and then
/// with the machine's own root certificates. Needs a tokio runtime. No proxy is asked.
#[derive(Debug)]
pub struct HostHttp {
    clock: Arc<dyn Clock>,
    plain: Client<HttpConnector, Body>,
    /// None where the machine has no root certificates.
    #[cfg(feature = "https")]
    secure: Option<Client<HttpsConnector<HttpConnector>, Body>>,
}

impl HostHttp {
    /// Calls that measure and bound time on this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            plain: Client::builder(TokioExecutor::new()).build_http(),
            #[cfg(feature = "https")]
            secure: secure(),
        }
    }

    #[cfg(feature = "https")]
    fn can_secure(&self) -> Result<(), CallError> {
        let why = "this machine has no root certificates to trust; install them";
        self.secure.as_ref().map(drop).ok_or_else(|| refused(why))
    }

    #[cfg(not(feature = "https"))]
    fn can_secure(&self) -> Result<(), CallError> {
        let _ = self;
        Err(refused("this build has no TLS; build with the feature `https`"))
    }

    #[cfg(feature = "https")]
    async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, ClientError> {
        match &self.secure {
            Some(secure) if request.uri().scheme_str() == Some("https") => {
                secure.request(request).await
            }
            Some(_) | None => self.plain.request(request).await,
        }
    }

    #[cfg(not(feature = "https"))]
    async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, ClientError> {
        self.plain.request(request).await
    }

    async fn exchange(&self, request: Request<Body>) -> Result<HttpResponse, CallError> {
        let began = self.clock.elapsed();
        let answer = self.send(request).await.map_err(|error| failed(&error))?;
        let (status, mut rest) = (answer.status().as_u16(), answer.into_body());
        let (mut body, mut truncated) = (Vec::new(), false);
        while let Some(frame) = rest.frame().await {
            let why = |error: &hyper::Error| told(error);
            let frame =
                frame.map_err(|error| CallError::new(CALL, ErrorClass::Ambiguous, why(&error)))?;
            let Some(data) = frame.data_ref() else { continue };
            let room = HttpResponse::LONGEST_BODY.saturating_sub(body.len());
            body.extend(data.iter().take(room));
            if data.len() > room {
                truncated = true;
                break;
            }
        }
        let latency = self.clock.elapsed().since(began);
        Ok(HttpResponse { status, body, truncated, latency })
    }
}

#[cfg(feature = "https")]
fn secure() -> Option<Client<HttpsConnector<HttpConnector>, Body>> {
    // named, so that another provider in the same program changes nothing
    let provider = rustls::crypto::ring::default_provider();
    let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider).ok()?;
    let connector = tls.https_only().enable_http1().build();
    Some(Client::builder(TokioExecutor::new()).build(connector))
}

fn refused(why: impl Into<String>) -> CallError {
    CallError::new(CALL, ErrorClass::Invalid, why)
}

/// A failure and its causes. hyper names neither the URL nor a header in them.
fn told(error: &(dyn Error + 'static)) -> String {
    let (mut told, mut next) = (error.to_string(), error.source());
    while let Some(cause) = next {
        told = format!("{told}: {cause}");
        next = cause.source();
    }
    told
}

fn failed(error: &ClientError) -> CallError {
    let class = if error.is_connect() { ErrorClass::NotSent } else { ErrorClass::Ambiguous };
    CallError::new(CALL, class, told(error))
}

/// The request as it is sent, with what the environment holds.
fn wire(request: &HttpRequest) -> Result<Request<Body>, CallError> {
    let body = request.body.clone().unwrap_or_default();
    let mut wire = Request::new(Full::new(Bytes::from(body)));
    *wire.method_mut() =
        hyper::Method::from_bytes(request.method.as_str().as_bytes()).unwrap_or_default();
    *wire.uri_mut() = request
        .endpoint
        .url
        .as_str()
        .parse()
        .map_err(|_| refused(format!("{} is no URL", request.endpoint.url)))?;
    for (name, value) in &request.endpoint.headers {
        let header: HeaderName =
            name.parse().map_err(|_| refused(format!("`{name}` is no name for a header")))?;
        let (text, is_secret) = match value {
            HeaderValue::Text(text) => (text.clone(), false),
            HeaderValue::Environment(variable) => {
                let unset =
                    |_| refused(format!("the environment variable {variable} is not set; set it"));
                (std::env::var(variable).map_err(unset)?, true)
            }
        };
        let mut value = WireValue::from_str(&text)
            .map_err(|_| refused(format!("header `{name}` holds what cannot be sent")))?;
        value.set_sensitive(is_secret);
        wire.headers_mut().insert(header, value);
    }
    Ok(wire)
}

#[async_trait]
impl Http for HostHttp {
    fn check(&self, request: &HttpRequest) -> Result<(), CallError> {
        if request.endpoint.url.is_secure() {
            self.can_secure()?;
        }
        wire(request).map(drop)
    }

    async fn call(&self, request: &HttpRequest) -> Result<HttpResponse, CallError> {
        self.check(request)?;
        let timeout = request.endpoint.timeout;
        let exchange = std::pin::pin!(self.exchange(wire(request)?));
        match select(exchange, self.clock.sleep(timeout)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), _)) => {
                let why = format!("no answer within {} ms", timeout.as_millis());
                Err(CallError::new(CALL, ErrorClass::Ambiguous, why))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread::JoinHandle;
    use std::thread::spawn;
    use std::time::Duration;

    use super::super::host_clock::HostClock;
    use super::*;
    use crate::model::HttpEndpoint;
    use crate::model::HttpMethod;
    use crate::model::HttpUrl;
    use crate::ports::Retry;

    /// Answers one request with this, and tells what came; with nothing, until the caller hangs up.
    fn once(answer: Vec<u8>) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/ask", listener.local_addr().unwrap());
        let server = spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut came, mut buffer) = (Vec::new(), [0; 1024]);
            while !came.ends_with(b"\r\n\r\nhello") {
                let count = stream.read(&mut buffer).unwrap();
                came.extend_from_slice(&buffer[..count]);
            }
            if answer.is_empty() {
                let _ = stream.read(&mut buffer);
            }
            // whoever has read enough closes
            let _ = stream.write_all(&answer);
            String::from_utf8(came).unwrap()
        });
        (url, server)
    }

    fn request(url: &str) -> HttpRequest {
        let endpoint = HttpEndpoint::new(HttpUrl::new(url).unwrap())
            .header("x-test", HeaderValue::Text("1".to_owned()))
            .header("x-path", HeaderValue::Environment("PATH".to_owned()));
        HttpRequest { method: HttpMethod::Post, endpoint, body: Some("hello".to_owned()) }
    }

    fn http() -> HostHttp {
        HostHttp::new(Arc::new(HostClock))
    }

    #[tokio::test]
    async fn a_request_goes_out_with_its_headers_and_the_answer_comes_back_bounded() {
        let body = "x".repeat(HttpResponse::LONGEST_BODY + 5);
        let answer = format!("HTTP/1.1 418 Teapot\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let (url, server) = once(answer.into_bytes());
        let answer = http().call(&request(&url)).await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (418, HttpResponse::LONGEST_BODY));
        assert!(answer.truncated);
        let came = server.join().unwrap();
        let path = format!("x-path: {}\r\n", std::env::var("PATH").unwrap());
        assert!(came.starts_with("POST /ask HTTP/1.1\r\n"), "{came}");
        assert!(came.contains("x-test: 1\r\n") && came.contains(&path), "{came}");
    }

    #[tokio::test]
    async fn silence_is_ambiguous_and_a_closed_door_was_not_passed() {
        let (url, _server) = once(Vec::new());
        let mut asked = request(&url);
        asked.endpoint.timeout = Duration::from_millis(200);
        let error = http().call(&asked).await.unwrap_err();
        assert_eq!((error.class, error.retry()), (ErrorClass::Ambiguous, Retry::Ambiguous));
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = http().call(&request(&format!("http://{free}/"))).await.unwrap_err();
        assert_eq!(error.class, ErrorClass::NotSent, "{error}");
    }

    #[tokio::test]
    async fn what_can_never_be_sent_is_found_before() {
        let mut asked = request("http://web.example/");
        let unset = HeaderValue::Environment("CUTOVER_IS_NOT_SET".to_owned());
        asked.endpoint.headers.insert("x-secret".to_owned(), unset);
        let error = http().check(&asked).unwrap_err();
        assert!(error.to_string().contains("CUTOVER_IS_NOT_SET"), "{error}");
        let mut asked = request("http://web.example/");
        asked.endpoint.headers.insert("bad name".to_owned(), HeaderValue::Text(String::new()));
        assert_eq!(http().check(&asked).unwrap_err().retry(), Retry::Never);
        let secure = http().check(&request("https://web.example/"));
        assert_eq!(secure.is_ok(), cfg!(feature = "https"), "{secure:?}");
    }
}
