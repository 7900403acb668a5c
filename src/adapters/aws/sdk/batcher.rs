//! Questions of many put together.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::future::Shared;
use futures_util::future::join_all;

use crate::ports::CallError;
use crate::ports::Clock;

/// How long a question waits for others to join it.
const WINDOW: Duration = Duration::from_millis(200);

/// One call's answer for these keys. A key that is absent is not there.
pub(crate) type Fetched<K, V> = Result<BTreeMap<K, V>, CallError>;

type Fetch<K, V> = dyn Fn(Vec<K>) -> BoxFuture<'static, Fetched<K, V>> + Send + Sync;
/// Whether two keys may go into one call.
type Together<K> = fn(&K, &K) -> bool;
/// What every asker of a round gets: the calls' answers, each with the keys that it was asked for.
type Answers<K, V> = Arc<Vec<(Vec<K>, Fetched<K, V>)>>;
type Round<K, V> = Shared<BoxFuture<'static, Answers<K, V>>>;

/// Puts the questions of many askers into as few calls as there can be.
///
/// Whoever asks first opens a round; who asks within the window joins it. Every asker drives the
/// round, so it goes on whoever gives up. What is answered was read after it was asked for.
pub(crate) struct Batcher<K, V> {
    inner: Arc<Inner<K, V>>,
}

struct Inner<K, V> {
    clock: Arc<dyn Clock>,
    most: usize,
    together: Together<K>,
    fetch: Box<Fetch<K, V>>,
    open: Mutex<Option<Open<K, V>>>,
}

struct Open<K, V> {
    keys: BTreeSet<K>,
    round: Round<K, V>,
}

impl<K, V> fmt::Debug for Batcher<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher").field("most", &self.inner.most).finish_non_exhaustive()
    }
}

impl<K, V> Inner<K, V> {
    fn open(&self) -> MutexGuard<'_, Option<Open<K, V>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Batcher<K, V>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Asks with `fetch`, for at most `most` keys in a call, all of which go `together`.
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        most: usize,
        together: Together<K>,
        fetch: impl Fn(Vec<K>) -> BoxFuture<'static, Fetched<K, V>> + Send + Sync + 'static,
    ) -> Self {
        let inner = Inner { clock, most, together, fetch: Box::new(fetch), open: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// What there is for these keys; fails if any of their calls did.
    pub(crate) async fn ask(&self, keys: &[K]) -> Fetched<K, V> {
        let answers = self.join(keys).await;
        let mut found = BTreeMap::new();
        for (asked, answer) in answers.iter() {
            let ours = |key: &&K| keys.contains(key);
            match answer {
                Ok(values) => found.extend(
                    values
                        .iter()
                        .filter(|(key, _)| ours(key))
                        .map(|(key, value)| (key.clone(), value.clone())),
                ),
                Err(error) if asked.iter().any(|key| ours(&key)) => {
                    return Err(CallError::new(
                        error.operation,
                        error.class,
                        error.message.clone(),
                    ));
                }
                Err(_) => {}
            }
        }
        Ok(found)
    }

    fn join(&self, keys: &[K]) -> Round<K, V> {
        let mut open = self.inner.open();
        let open = open.get_or_insert_with(|| Open {
            keys: BTreeSet::new(),
            round: round(Arc::clone(&self.inner)).boxed().shared(),
        });
        open.keys.extend(keys.iter().cloned());
        open.round.clone()
    }
}

async fn round<K, V>(inner: Arc<Inner<K, V>>) -> Answers<K, V>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    inner.clock.sleep(WINDOW).await;
    let keys = inner.open().take().map(|open| open.keys).unwrap_or_default();
    let keys: Vec<K> = keys.into_iter().collect();
    let alike = keys.chunk_by(|one, next| (inner.together)(one, next));
    let calls = alike.flat_map(|keys| keys.chunks(inner.most.max(1))).map(|keys| {
        let (keys, call) = (keys.to_vec(), (inner.fetch)(keys.to_vec()));
        async move { (keys, call.await) }
    });
    Arc::new(join_all(calls).await)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;

    use futures_util::future::join;

    use super::super::super::fixtures::PausedClock;
    use super::*;
    use crate::ports::ErrorClass;

    type Counted = (Arc<Batcher<u32, u32>>, Arc<AtomicUsize>);

    /// Answers ten times the key, but for 13 (not there) and anything above 1000 (fails).
    fn batcher(together: Together<u32>) -> Counted {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let fetch = move |keys: Vec<u32>| {
            counter.fetch_add(1, Ordering::Relaxed);
            async move {
                if keys.iter().any(|key| *key > 1000) {
                    return Err(CallError::new("test", ErrorClass::Throttled, "no"));
                }
                let there = keys.into_iter().filter(|key| *key != 13);
                Ok(there.map(|key| (key, key * 10)).collect())
            }
            .boxed()
        };
        let clock = Arc::new(PausedClock::default());
        (Arc::new(Batcher::new(clock, 100, together, fetch)), calls)
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_askers_of_one_round_cost_as_many_calls_as_there_are_hundreds() {
        let (batcher, calls) = batcher(|_, _| true);
        let asked: Vec<Vec<u32>> = (0..500).map(|n| vec![n % 250, (n + 1) % 250]).collect();
        let answers = join_all(asked.iter().map(|keys| batcher.ask(keys))).await;
        assert_eq!(calls.load(Ordering::Relaxed), 3);
        for (keys, answer) in asked.iter().zip(answers) {
            let wanted = keys.iter().filter(|key| **key != 13).map(|key| (*key, key * 10));
            assert_eq!(answer.unwrap(), wanted.collect());
        }
        // the next round reads anew
        batcher.ask(&[1]).await.unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_late_or_gives_up_leaves_the_others_alone() {
        let (batcher, calls) = batcher(|_, _| true);
        let clock = PausedClock::default();
        let mut first = Box::pin(batcher.ask(&[1]));
        assert!(first.as_mut().now_or_never().is_none());
        let second = async {
            clock.sleep(Duration::from_millis(150)).await;
            batcher.ask(&[2]).await
        };
        let mut second = Box::pin(second);
        assert!(second.as_mut().now_or_never().is_none());
        clock.sleep(Duration::from_millis(150)).await;
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(second.await.unwrap(), BTreeMap::from([(2, 20)]));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_fails_fails_those_who_asked_for_its_keys() {
        // evens and odds may not go into one call
        let (batcher, calls) = batcher(|one, next| one % 2 == next % 2);
        let (good, bad) = join(batcher.ask(&[2, 4]), batcher.ask(&[1001])).await;
        assert_eq!(good.unwrap().len(), 2);
        assert_eq!(bad.unwrap_err().class, ErrorClass::Throttled);
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}
