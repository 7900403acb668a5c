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
pub(super) type Fetched<K, V> = Result<BTreeMap<K, V>, CallError>;

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
pub(super) struct Batcher<K, V> {
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
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        most: usize,
        together: Together<K>,
        fetch: impl Fn(Vec<K>) -> BoxFuture<'static, Fetched<K, V>> + Send + Sync + 'static,
    ) -> Self {
        let inner = Inner { clock, most, together, fetch: Box::new(fetch), open: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// What there is for these keys; fails if any of their calls did.
    pub(super) async fn ask(&self, keys: &[K]) -> Fetched<K, V> {
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
