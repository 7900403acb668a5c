//! The application's own code at a stage.

use std::future::Future;

use async_trait::async_trait;

use crate::model::HookAction;
use crate::model::HookKey;

/// Code that runs at a stage. Any `Fn(HookKey) -> impl Future<Output = HookAction>` is one.
///
/// # Contract
///
/// It runs at least once: after a crash it runs again with the same key, so it must treat a key that it
/// has seen as a repeat. It is bounded by its spec's timeout; when it fails, its spec's default counts.
#[async_trait]
pub trait Hook: Send + Sync {
    /// Runs once.
    async fn run(&self, key: HookKey) -> HookAction;
}

#[async_trait]
impl<F, A> Hook for F
where
    F: Fn(HookKey) -> A + Send + Sync,
    A: Future<Output = HookAction> + Send + 'static,
{
    async fn run(&self, key: HookKey) -> HookAction {
        self(key).await
    }
}
