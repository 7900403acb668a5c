//! The calls that are under way.

use std::fmt;
use std::future::Future;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// A call that is under way.
pub(super) type Call<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The calls that are under way, oldest first.
///
/// There are a handful at most, so whoever wakes the loop has all of them asked: that is cheaper than
/// to keep account of who it was, and what is ready at the same time is taken in the order in which it
/// was begun.
pub(super) struct Calls<T>(Vec<Call<T>>);

impl<T> Calls<T> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Begins one.
    pub(super) fn push(&mut self, call: Call<T>) {
        self.0.push(call);
    }

    /// Drops them all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What the first that ends yields; never where none is under way.
    pub(super) fn next(&mut self) -> impl Future<Output = T> {
        poll_fn(|context| {
            for nth in 0..self.0.len() {
                let Some(call) = self.0.get_mut(nth) else { break };
                if let Poll::Ready(done) = call.as_mut().poll(context) {
                    drop(self.0.remove(nth));
                    return Poll::Ready(done);
                }
            }
            Poll::Pending
        })
    }
}

impl<T> fmt::Debug for Calls<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Calls").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::future::ready;
    use std::task::Context;
    use std::task::Waker;

    use super::*;

    #[test]
    fn what_is_ready_comes_in_the_order_of_its_beginning_and_the_rest_waits() {
        let mut calls: Calls<u8> = Calls::new();
        let poll = |calls: &mut Calls<u8>| {
            let mut next = std::pin::pin!(calls.next());
            next.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        };
        assert_eq!(poll(&mut calls), Poll::Pending);
        calls.push(Box::pin(pending()));
        for number in [1, 2] {
            calls.push(Box::pin(ready(number)));
        }
        assert_eq!(poll(&mut calls), Poll::Ready(1));
        calls.push(Box::pin(ready(3)));
        assert_eq!([poll(&mut calls), poll(&mut calls)], [Poll::Ready(2), Poll::Ready(3)]);
        assert_eq!(poll(&mut calls), Poll::Pending);
        calls.push(Box::pin(ready(4)));
        calls.clear();
        assert_eq!(poll(&mut calls), Poll::Pending);
    }
}
