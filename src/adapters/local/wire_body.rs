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
}

impl WireBody {
    pub(super) fn whole(body: Vec<u8>) -> Self {
        let announced = u64::try_from(body.len()).unwrap_or(u64::MAX);
        Self {
            rest: Some(body.into()).filter(|rest: &Bytes| !rest.is_empty()),
            announced,
            cut: false,
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
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let next = self.rest.take().map(|data| Ok(Frame::data(data)));
        let broken = || Err(io::Error::from(io::ErrorKind::ConnectionReset));
        Poll::Ready(next.or_else(|| std::mem::take(&mut self.cut).then(broken)))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && !self.cut
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
