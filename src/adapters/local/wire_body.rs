//! A body on its way out.

use std::io;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use hyper::body::Body;
use hyper::body::Bytes;
use hyper::body::Frame;
use hyper::body::SizeHint;

/// A body on its way out: whole, or announced as a whole and broken off in its middle.
#[derive(Debug)]
pub(super) struct WireBody {
    rest: Option<Bytes>,
    announced: u64,
    cut: bool,
    /// Whether what there was has been waited for: it must be sent before the connection breaks.
    flushed: bool,
}

impl WireBody {
    pub(super) fn whole(body: Vec<u8>) -> Self {
        let announced = u64::try_from(body.len()).unwrap_or(u64::MAX);
        Self {
            rest: Some(body.into()).filter(|rest: &Bytes| !rest.is_empty()),
            announced,
            cut: false,
            flushed: false,
        }
    }

    pub(super) fn cut(mut body: Vec<u8>) -> Self {
        let announced = u64::try_from(body.len()).unwrap_or(u64::MAX);
        body.truncate(body.len() / 2);
        Self { announced, cut: true, ..Self::whole(body) }
    }
}

impl Body for WireBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(data) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if self.cut && !std::mem::replace(&mut self.flushed, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let broken = || Err(io::Error::from(io::ErrorKind::ConnectionReset));
        Poll::Ready(std::mem::take(&mut self.cut).then(broken))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && !self.cut
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
