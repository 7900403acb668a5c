//! A store in memory that loses answers, goes down, is slow, and notes what became durable.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use cutover::adapters::sim::Rng;
use cutover::model::DeploymentId;
use cutover::model::ServiceId;
use cutover::model::StopOrder;
use cutover::ports::Append;
use cutover::ports::AppendError;
use cutover::ports::CallError;
use cutover::ports::Clock;
use cutover::ports::ErrorClass;
use cutover::ports::LeaseRecord;
use cutover::ports::Store;
use cutover::ports::StoredRecord;
use cutover::ports::StoredRequest;
use cutover::ports::Summary;
use cutover::store::MemoryStore;

use crate::history::Log;
use crate::history::Millis;
use crate::history::Stored;
use crate::history::open;
use crate::mishap::LostCase;
use crate::mishap::StoreCase;
use crate::probe::telling;

/// What every process's handle shares: the store itself.
#[derive(Debug)]
pub(crate) struct Disk {
    inner: MemoryStore,
    case: StoreCase,
    calm_from: Millis,
    state: Mutex<DiskState>,
    log: Log,
    watched: DeploymentId,
}

#[derive(Debug)]
struct DiskState {
    rng: Rng,
    appends: u32,
    /// Appends that will be applied later.
    late: Vec<(Millis, Append)>,
    /// How often each fault was injected, by label.
    counts: BTreeMap<(&'static str, String), u64>,
}

impl Disk {
    /// A store that fails as the case says.
    pub(crate) fn new(
        case: &StoreCase,
        seed: u64,
        calm_from: Millis,
        log: Log,
        watched: DeploymentId,
    ) -> Arc<Self> {
        let state = DiskState {
            rng: Rng::new(seed ^ 0x5707_e000),
            appends: 0,
            late: Vec::new(),
            counts: BTreeMap::new(),
        };
        let (inner, case, state) = (MemoryStore::new(), case.clone(), Mutex::new(state));
        Arc::new(Self { inner, case, calm_from, state, log, watched })
    }

    /// How often each fault was injected, by label.
    pub(crate) fn counts(&self) -> BTreeMap<(&'static str, String), u64> {
        open(&self.state).counts.clone()
    }

    fn count(&self, what: &'static str) {
        let label = open(&self.log).label().to_owned();
        *open(&self.state).counts.entry((what, label)).or_default() += 1;
    }

    /// Writes for good, and notes it.
    async fn write(&self, now: Millis, append: Append) -> Result<(), AppendError> {
        let (summary, body) = (append.summary.clone(), append.body.clone());
        self.inner.append(append).await?;
        if summary.deployment == self.watched {
            self.note(now, &summary, body);
        }
        Ok(())
    }

    fn note(&self, at: Millis, summary: &Summary, body: Vec<u8>) {
        let mut log = open(&self.log);
        let status = summary.status;
        log.stored.push(Stored { at, size: body.len() });
        log.body = body;
        // the statuses of the way back, in the words of the summary
        if matches!(
            status,
            cutover::model::Status::RollbackInProgress
                | cutover::model::Status::RollbackSuccessful
                | cutover::model::Status::RollbackFailed
        ) {
            log.back();
        }
        if status.is_ended() {
            log.end(None);
        }
        if log.plan.is_none() {
            let record = cutover::record::decode(&log.body).unwrap();
            log.plan = Some(record.header.plan);
        }
    }

    async fn settle_late(&self, now: Millis) {
        let due: Vec<(Millis, Append)> = {
            let mut state = open(&self.state);
            let (due, late) = state.late.drain(..).partition(|(at, _)| *at <= now);
            state.late = late;
            due
        };
        for (at, append) in due {
            // whoever comes too late is refused by the compare-and-set
            let _ = self.write(at, append).await;
        }
    }

    fn fate(&self, now: Millis) -> Option<LostCase> {
        let mut state = open(&self.state);
        state.appends += 1;
        let nth = state.appends;
        if let Some((_, lost)) = self.case.lost.iter().find(|(of, _)| *of == nth) {
            return Some(*lost);
        }
        if now >= self.calm_from || !state.rng.happens(self.case.unknown.into()) {
            return None;
        }
        Some(match state.rng.below(3) {
            0 => LostCase::Applied,
            1 => LostCase::NotApplied,
            _ => LostCase::Later(u32::try_from(1 + state.rng.below(20)).unwrap()),
        })
    }
}

/// One process's handle to the store.
#[derive(Debug)]
pub(crate) struct FaultyStore {
    disk: Arc<Disk>,
    clock: Arc<dyn Clock>,
}

impl FaultyStore {
    /// A handle of one process.
    pub(crate) fn new(disk: &Arc<Disk>, clock: Arc<dyn Clock>) -> Self {
        Self { disk: Arc::clone(disk), clock }
    }

    fn now(&self) -> Millis {
        self.clock.elapsed().as_millis()
    }

    /// The way there: takes its time, or fails.
    async fn reach(&self) -> Result<(), CallError> {
        let second = self.now() / 1000;
        let in_span = |from: &u32, to: &u32| (u64::from(*from)..u64::from(*to)).contains(&second);
        let slow = self.disk.case.slow.iter().find(|(from, to, _)| in_span(from, to));
        let takes = slow.map_or(Duration::from_millis(5), |(_, _, by)| {
            self.disk.count("slow");
            Duration::from_secs((*by).into())
        });
        self.clock.sleep(takes).await;
        self.disk.settle_late(self.now()).await;
        if self.disk.case.down.iter().any(|(from, to)| in_span(from, to)) {
            self.disk.count("down");
            let error = CallError::new("store", ErrorClass::NotSent, "the store does not answer");
            return Err(telling(error));
        }
        Ok(())
    }

    fn lost() -> AppendError {
        let error = CallError::new("store:Append", ErrorClass::Ambiguous, "the answer was lost");
        AppendError::Unknown(telling(error))
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn read(&self, deployment: &DeploymentId) -> Result<Option<StoredRecord>, CallError> {
        self.reach().await?;
        self.disk.inner.read(deployment).await
    }

    async fn append(&self, append: Append) -> Result<(), AppendError> {
        self.reach().await.map_err(AppendError::Unavailable)?;
        let now = self.now();
        match self.disk.fate(now) {
            None => {
                let result = self.disk.write(now, append).await;
                self.clock.sleep(Duration::from_millis(5)).await;
                result
            }
            Some(LostCase::Applied) => {
                self.disk.count("lost after");
                self.disk.write(now, append).await?;
                Err(Self::lost())
            }
            Some(LostCase::NotApplied) => {
                self.disk.count("lost before");
                Err(Self::lost())
            }
            Some(LostCase::Later(by)) => {
                self.disk.count("late");
                let due = now + u64::from(by) * 1000;
                open(&self.disk.state).late.push((due, append));
                Err(Self::lost())
            }
        }
    }

    async fn list(&self) -> Result<Vec<Summary>, CallError> {
        self.reach().await?;
        self.disk.inner.list().await
    }

    async fn lease(&self, service: &ServiceId) -> Result<Option<LeaseRecord>, CallError> {
        self.reach().await?;
        self.disk.inner.lease(service).await
    }

    async fn swap_lease(
        &self,
        service: &ServiceId,
        expected: Option<&LeaseRecord>,
        next: LeaseRecord,
    ) -> Result<bool, CallError> {
        self.reach().await?;
        self.disk.inner.swap_lease(service, expected, next).await
    }

    async fn ask(
        &self,
        deployment: &DeploymentId,
        request: StoredRequest,
    ) -> Result<(), CallError> {
        self.reach().await?;
        self.disk.inner.ask(deployment, request).await
    }

    async fn asked(&self, deployment: &DeploymentId) -> Result<Vec<StoredRequest>, CallError> {
        self.reach().await?;
        self.disk.inner.asked(deployment).await
    }

    async fn answer(
        &self,
        deployment: &DeploymentId,
        nonce: &str,
        answer: Result<(), String>,
    ) -> Result<(), CallError> {
        self.reach().await?;
        self.disk.inner.answer(deployment, nonce, answer).await
    }

    async fn turn(&self, order: StopOrder) -> Result<(), CallError> {
        self.reach().await?;
        self.disk.inner.turn(order).await
    }

    async fn turns(&self) -> Result<Vec<StopOrder>, CallError> {
        self.reach().await?;
        self.disk.inner.turns().await
    }
}
