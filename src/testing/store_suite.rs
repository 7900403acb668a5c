//! What every store must keep.

use std::time::Duration;

use super::violation::Violation;
use crate::model::DeploymentId;
use crate::model::FencingToken;
use crate::model::HolderId;
use crate::model::Operator;
use crate::model::ServiceId;
use crate::model::Status;
use crate::model::StopOrder;
use crate::model::Timestamp;
use crate::ports::Append;
use crate::ports::AppendError;
use crate::ports::Head;
use crate::ports::LeaseRecord;
use crate::ports::Store;
use crate::ports::StoredRequest;
use crate::ports::Summary;

/// Checks a store against the contract of [`Store`]. `service` and `deployments` are names that the
/// store has never seen; records, requests, a lease for them and orders to stop
/// and to go stay behind.
pub async fn store_suite(
    store: &dyn Store,
    service: &ServiceId,
    deployments: [&DeploymentId; 2],
    holder: &HolderId,
) -> Result<(), Violation> {
    for deployment in deployments {
        Suite { store, service, deployment }.records().await?;
    }
    listing(store, deployments).await?;
    for deployment in deployments {
        Suite { store, service, deployment }.requests().await?;
    }
    turns(store, holder).await?;
    let [deployment, _] = deployments;
    Suite { store, service, deployment }.leases(holder).await
}

async fn turns(store: &dyn Store, holder: &HolderId) -> Result<(), Violation> {
    let rule = "orders to stop are read in the order in which they were given";
    let before = store.turns().await?;
    let order = |at, reason: Option<&str>| StopOrder {
        at: Timestamp::from_millis(at),
        by: holder.to_string(),
        reason: reason.map(str::to_owned),
    };
    // the last one lets go: what uses the store afterwards is not stopped
    let given = [order(2, Some("a fire")), order(1, Some("another")), order(3, None)];
    let mut wanted = before;
    for order in given {
        store.turn(order.clone()).await?;
        wanted.push(order);
        let seen = store.turns().await?;
        let last = seen.len().min(StopOrder::KEPT).min(wanted.len());
        let tail =
            |orders: &[StopOrder]| orders.iter().rev().take(last).cloned().collect::<Vec<_>>();
        Violation::unless_equal(rule, &tail(&seen), &tail(&wanted))?;
    }
    Ok(())
}

async fn listing(store: &dyn Store, mut wanted: [&DeploymentId; 2]) -> Result<(), Violation> {
    let rule = "list holds every record in the order of ids";
    wanted.sort();
    let listed = store.list().await?;
    let ids: Vec<&DeploymentId> = listed.iter().map(|summary| &summary.deployment).collect();
    if !ids.is_sorted() {
        return Err(Violation::new(rule, format!("saw {ids:?}")));
    }
    let ours: Vec<&DeploymentId> = ids.into_iter().filter(|id| wanted.contains(id)).collect();
    Violation::unless_equal(rule, &ours, &wanted.to_vec())
}

struct Suite<'a> {
    store: &'a dyn Store,
    service: &'a ServiceId,
    deployment: &'a DeploymentId,
}

impl Suite<'_> {
    fn append(&self, token: u64, seq: u64, nonce: &str) -> Append {
        Append {
            head: Head { token: FencingToken::new(token), seq, nonce: nonce.to_owned() },
            summary: Summary {
                deployment: self.deployment.clone(),
                service: self.service.clone(),
                status: Status::InProgress,
            },
            body: format!("{token} {seq} {nonce}").into_bytes(),
        }
    }

    /// This append succeeds and is then what is read.
    async fn accepted(&self, rule: &'static str, append: Append) -> Result<(), Violation> {
        self.store.append(append.clone()).await?;
        self.is_stored(rule, &append).await
    }

    async fn is_stored(&self, rule: &'static str, append: &Append) -> Result<(), Violation> {
        let stored = self.store.read(self.deployment).await?;
        let stored = stored.map(|stored| Append {
            head: stored.head,
            summary: stored.summary,
            body: stored.body,
        });
        Violation::unless_equal(rule, &stored.as_ref(), &Some(append))
    }

    /// This append is refused, says what is there, and changes nothing.
    async fn refused(
        &self,
        rule: &'static str,
        append: Append,
        there: &Append,
    ) -> Result<(), Violation> {
        match self.store.append(append).await {
            Err(AppendError::Fenced { head }) => {
                Violation::unless_equal("a refusal says what is there", &head, &there.head)?;
                self.is_stored(rule, there).await
            }
            other => Err(Violation::new(rule, format!("saw {other:?}"))),
        }
    }

    async fn records(&self) -> Result<(), Violation> {
        let nothing = self.store.read(self.deployment).await?;
        Violation::unless_equal("what was never written is not there", &nothing, &None)?;

        let first = self.append(1, 1, "a");
        self.accepted("seq 1 creates the record", first.clone()).await?;
        self.accepted("the very same append again succeeds", first.clone()).await?;
        let second_creator = self.append(1, 1, "b");
        self.refused("a record is created once", second_creator, &first).await?;
        let gap = self.append(1, 3, "c");
        self.refused("an append follows the head by one", gap, &first).await?;

        let second = self.append(5, 2, "d");
        self.accepted("a higher token takes over", second.clone()).await?;
        let fenced = self.append(4, 3, "e");
        self.refused("a lower token is fenced off", fenced, &second).await?;
        let behind = self.append(1, 1, "a");
        self.refused("what was overwritten does not come back", behind, &second).await?;
        self.accepted("the same token goes on", self.append(5, 3, "f")).await
    }

    async fn leases(&self, holder: &HolderId) -> Result<(), Violation> {
        let rule = "swap_lease is one compare-and-set on the whole lease";
        let lease = |token, renewals| LeaseRecord {
            holder: Some(holder.clone()),
            deployment: self.deployment.clone(),
            token: FencingToken::new(token),
            renewals,
            duration: Duration::from_secs(30),
        };
        let released = LeaseRecord { holder: None, ..lease(1, 2) };
        let steps = [
            (Some(lease(1, 1)), lease(1, 2), false),
            (None, lease(1, 1), true),
            (None, lease(2, 1), false),
            (Some(lease(1, 1)), lease(1, 2), true),
            (Some(lease(1, 1)), lease(2, 1), false),
            (Some(lease(1, 2)), released.clone(), true),
            (Some(lease(1, 2)), lease(2, 1), false),
            (Some(released), lease(2, 1), true),
        ];
        let mut there = self.store.lease(self.service).await?;
        Violation::unless_equal("there is no lease at first", &there, &None)?;
        for (expected, next, swaps) in steps {
            let swapped =
                self.store.swap_lease(self.service, expected.as_ref(), next.clone()).await?;
            Violation::unless_equal(rule, &swapped, &swaps)?;
            if swapped {
                there = Some(next);
            }
            Violation::unless_equal(rule, &self.store.lease(self.service).await?, &there)?;
        }
        Ok(())
    }

    async fn requests(&self) -> Result<(), Violation> {
        let request = |nonce: String, operator| StoredRequest {
            nonce,
            operator,
            by: None,
            step: 2,
            answer: None,
        };
        let rule = "what was never asked is not there";
        self.are_asked(rule, &[]).await?;
        self.store.answer(self.deployment, "a", Ok(())).await?;
        self.are_asked(rule, &[]).await?;

        let asks = [("b", Operator::Pause), ("a", Operator::Pause), ("c", Operator::Abort)];
        let mut there = asks.map(|(nonce, operator)| request(nonce.to_owned(), operator));
        for request in &there {
            self.store.ask(self.deployment, request.clone()).await?;
        }
        self.are_asked("requests are read in the order in which they were asked", &there).await?;

        let rule = "an answer is noted on its request alone";
        let [_, second, third] = &mut there;
        second.answer = Some(Err("no".to_owned()));
        third.answer = Some(Ok(()));
        self.store.answer(self.deployment, "c", Ok(())).await?;
        self.store.answer(self.deployment, "a", Err("no".to_owned())).await?;
        self.are_asked(rule, &there).await?;

        self.store.answer(self.deployment, "a", Ok(())).await?;
        self.are_asked("the first answer stays", &there).await?;
        for nonce in ["a", "b"] {
            let again = request(nonce.to_owned(), Operator::Promote);
            self.store.ask(self.deployment, again).await?;
        }
        self.are_asked("a nonce is asked once, answered or not", &there).await
    }

    async fn are_asked(
        &self,
        rule: &'static str,
        requests: &[StoredRequest],
    ) -> Result<(), Violation> {
        let asked = self.store.asked(self.deployment).await?;
        Violation::unless_equal(rule, &asked.as_slice(), &requests)
    }
}
