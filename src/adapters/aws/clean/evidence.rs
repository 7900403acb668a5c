//! What is held against a task set before it may go.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::Tag;
use aws_sdk_ecs::types::TaskSet;

use super::left_set::Fate;
use crate::model::ListenerRuleArn;
use crate::model::ServiceId;
use crate::ports::Summary;

/// What is known of a service when its task sets are judged. The sets must have been read before the
/// records: a deployment writes its record before it makes its set.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    pub(super) service: &'a ServiceId,
    /// Whether a set is marked as primary.
    pub(super) has_primary: bool,
    /// Every record of the store.
    pub(super) records: &'a [Summary],
    /// Target groups that have weight anywhere, each with a rule that gives it.
    pub(super) loaded: &'a BTreeMap<String, ListenerRuleArn>,
}

impl Evidence<'_> {
    /// What may become of a set that is not primary. `tag` is the key under which this crate notes the
    /// deployment that made a set.
    pub(super) fn judge(&self, set: &TaskSet, tag: &str) -> Fate {
        match self.objection(set, tag) {
            Some(why) => Fate::Stays(why),
            None => self.removable(set.external_id().unwrap_or_default()),
        }
    }

    fn record(&self, owner: &str) -> Option<&Summary> {
        let mut records = self.records.iter();
        records.find(|known| known.service == *self.service && known.deployment.as_str() == owner)
    }

    fn removable(&self, owner: &str) -> Fate {
        let idle = "it is not the primary set, and no rule gives its target group weight";
        match self.record(owner) {
            Some(record) => {
                Fate::Left(format!("deployment {owner} has ended as {}; {idle}", record.status))
            }
            None => {
                Fate::Unrecorded(format!("its tag says that deployment {owner} made it; {idle}"))
            }
        }
    }

    /// Why a set must stay, if it must.
    fn objection(&self, set: &TaskSet, tag: &str) -> Option<String> {
        if set.status() != Some("ACTIVE") {
            let status = set.status().unwrap_or("without a status");
            return Some(format!("it is {status}"));
        }
        if let Some(starter) = set.started_by() {
            return Some(format!("{starter} started it"));
        }
        let Some(owner) = set.external_id() else {
            return Some("nothing says who made it".to_owned());
        };
        let says = |of: &&Tag| of.key() == Some(tag) && of.value() == Some(owner);
        if self.record(owner).is_none() && !set.tags().iter().any(|of| says(&of)) {
            return Some(format!("{owner} made it, which is no deployment of this crate"));
        }
        let mut running =
            self.records.iter().filter(|of| of.service == *self.service && !of.status.is_ended());
        if let Some(running) = running.next() {
            let deployment = &running.deployment;
            return Some(format!(
                "deployment {deployment} is unfinished; resume or abort it first"
            ));
        }
        if !self.has_primary {
            return Some("no set of the service is primary, so this one may serve".to_owned());
        }
        let mut groups = set.load_balancers().iter().filter_map(|to| to.target_group_arn());
        let rule = groups.find_map(|group| self.loaded.get(group));
        rule.map(|rule| format!("{rule} gives its target group weight"))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::LoadBalancer;

    use super::super::super::fixtures::service_id;
    use super::super::super::fixtures::task_set;
    use super::*;
    use crate::model::DeploymentId;
    use crate::model::Status;

    const TAG: &str = "cutover:deployment";
    const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/2";

    fn record(id: &str, service: &ServiceId, status: Status) -> Summary {
        let deployment = DeploymentId::new(id).unwrap();
        Summary { deployment, service: service.clone(), status }
    }

    fn left() -> TaskSet {
        let mut set = task_set("ecs-svc/2", "ACTIVE", 2, Some("d-1"));
        set.tags = Some(vec![Tag::builder().key(TAG).value("d-1").build()]);
        set.load_balancers = Some(vec![LoadBalancer::builder().target_group_arn(GROUP).build()]);
        set
    }

    fn left_but(change: impl FnOnce(&mut TaskSet)) -> TaskSet {
        let mut set = left();
        change(&mut set);
        set
    }

    fn judged(set: &TaskSet, records: &[Summary]) -> Fate {
        let (service, loaded) = (service_id(), BTreeMap::new());
        let evidence = Evidence { service: &service, has_primary: true, records, loaded: &loaded };
        evidence.judge(set, TAG)
    }

    fn stays(fate: &Fate, words: &str) {
        let Fate::Stays(why) = fate else { panic!("{fate:?}") };
        assert!(why.contains(words), "{why}");
    }

    #[test]
    fn what_an_ended_deployment_left_may_go() {
        let ended = [record("d-1", &service_id(), Status::RollbackSuccessful)];
        let Fate::Left(why) = judged(&left(), &ended) else { panic!() };
        assert!(why.contains("d-1 has ended as ROLLBACK_SUCCESSFUL"), "{why}");
        // the record is proof enough where an id cannot be a tag
        let untagged = left_but(|set| set.tags = None);
        assert!(matches!(judged(&untagged, &ended), Fate::Left(_)));
        assert!(matches!(judged(&left(), &[]), Fate::Unrecorded(_)));
    }

    #[test]
    fn what_is_somebody_else_s_stays() {
        let mut set = left();
        set.tags = None;
        stays(&judged(&set, &[]), "no deployment of this crate");
        set.tags = Some(vec![Tag::builder().key(TAG).value("d-0").build()]);
        stays(&judged(&set, &[]), "no deployment of this crate");
        let other = ServiceId::new("prod", "api").unwrap();
        stays(&judged(&set, &[record("d-1", &other, Status::Stopped)]), "no deployment of this");
        stays(&judged(&left_but(|set| set.external_id = None), &[]), "nothing says who");
        let started = left_but(|set| set.started_by = Some("CODE_DEPLOY".to_owned()));
        stays(&judged(&started, &[]), "CODE_DEPLOY started it");
    }

    #[test]
    fn what_is_in_use_or_may_be_stays() {
        let unfinished = [record("d-1", &service_id(), Status::InProgress)];
        stays(&judged(&left(), &unfinished), "d-1 is unfinished");
        let next = [
            record("d-1", &service_id(), Status::Stopped),
            record("d-2", &service_id(), Status::RollbackInProgress),
        ];
        stays(&judged(&left(), &next), "d-2 is unfinished");
        for status in ["PRIMARY", "DRAINING"] {
            let set = left_but(|set| set.status = Some(status.to_owned()));
            stays(&judged(&set, &[]), status);
        }
        let rule =
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/1/2/3";
        let loaded = BTreeMap::from([(GROUP.to_owned(), rule.parse().unwrap())]);
        let service = service_id();
        let evidence =
            Evidence { service: &service, has_primary: true, records: &[], loaded: &loaded };
        stays(&evidence.judge(&left(), TAG), rule);
        let nothing = BTreeMap::new();
        let evidence = Evidence { has_primary: false, loaded: &nothing, ..evidence };
        stays(&evidence.judge(&left(), TAG), "may serve");
    }
}
