//! The door for any client.

use std::convert::Infallible;
use std::future::Future;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::Either;
use futures_util::future::select;
use http_body_util::BodyExt;
use http_body_util::Limited;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;

use super::super::sim::Actor;
use super::control;
use super::delivery::Delivery;
use super::exchange::Exchange;
use super::wire_answer::WireAnswer;
use super::wire_body::WireBody;
use super::wire_request::LARGEST;
use super::wire_request::WireRequest;

/// How long a stop waits for answers that are under way.
const GRACE: Duration = Duration::from_secs(1);

/// How long no connection is taken after one could not be.
const PAUSE: Duration = Duration::from_millis(50);

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct LocalServer {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    running: Option<JoinHandle<()>>,
}

impl LocalServer {
    pub(super) fn start(
        exchange: Arc<Exchange>,
        listener: std::net::TcpListener,
        speed: f64,
    ) -> io::Result<Self> {
        if !(speed > 0.0 && speed <= 1e6) {
            let what = format!("a speed of {speed} is not possible");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        exchange.set_speed(speed);
        let (stop, stopped) = watch::channel(false);
        let running = Some(runtime.spawn(take_connections(listener, exchange, stopped)));
        Ok(Self { address, stop, running })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client takes as its endpoint URL, for every service.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more requests, lets answers that are under way go out for a second, and ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(running) = self.running.take() {
            // it ends in no other way than by coming to its end
            let _ = running.await;
        }
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

async fn take_connections(
    listener: TcpListener,
    exchange: Arc<Exchange>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let taken = match select(pin!(stopped.changed()), pin!(listener.accept())).await {
            Either::Left(_) => break,
            Either::Right((taken, _)) => taken,
        };
        match taken {
            Ok((stream, _)) => {
                connections.spawn(converse(stream, Arc::clone(&exchange), stopped.clone()));
            }
            // out of file descriptors: some connection will close
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let ends = async { while connections.join_next().await.is_some() {} };
    // those that are left are dropped with the set
    let _ = tokio::time::timeout(GRACE, ends).await;
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<WireBody>, io::Error>> + Send>>;

/// Answers what comes over one connection.
async fn converse(stream: TcpStream, exchange: Arc<Exchange>, mut stopped: watch::Receiver<bool>) {
    // a small answer must not wait for a larger one; without this it is only slower
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&reset);
    let service = service_fn(move |request| -> Answering {
        Box::pin(respond(Arc::clone(&exchange), request, Arc::clone(&own)))
    });
    // no Date: it would be of another clock than the world's, and SDKs correct theirs by it
    let mut connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut stopping = pin!(stopped.changed());
    let mut told = false;
    // how it ended says nothing that the client does not see
    let _ = poll_fn(|context| {
        if !told && stopping.as_mut().poll(context).is_ready() {
            told = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        connection.poll_without_shutdown(context)
    })
    .await;
    if reset.load(Ordering::Relaxed) {
        // as if the peer had gone: a reset rather than an orderly end
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

async fn respond(
    exchange: Arc<Exchange>,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Result<Response<WireBody>, io::Error> {
    let request = match read(request).await {
        Ok(request) => request,
        Err(error) => {
            let body = format!("{error}\n").into_bytes();
            return Ok(response(WireAnswer::new(400, "text/plain", body), WireBody::whole));
        }
    };
    if let Some(answer) = control::answer(&exchange, &request) {
        return Ok(response(answer, WireBody::whole));
    }
    let own = || exchange.cloud().actor().clone();
    let actor = request.access_key().map_or_else(own, Actor::process);
    match exchange.answer(&actor, &request).await {
        Delivery::Whole(answer) => Ok(response(answer, WireBody::whole)),
        Delivery::Cut(answer) => Ok(response(answer, WireBody::cut)),
        Delivery::TimedOut => Err(io::Error::from(io::ErrorKind::TimedOut)),
        // a connection that there is already cannot be refused any more
        Delivery::Refused | Delivery::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
        Delivery::Never => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
    }
}

async fn read(request: Request<Incoming>) -> io::Result<WireRequest> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect().await.map_err(io::Error::other)?;
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let request = WireRequest {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: body.to_bytes().into(),
    };
    request.unpacked()
}

fn response(answer: WireAnswer, body: impl FnOnce(Vec<u8>) -> WireBody) -> Response<WireBody> {
    let mut response = Response::new(body(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        // a fault rule may name a code that no header can hold
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
