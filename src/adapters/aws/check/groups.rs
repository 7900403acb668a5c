//! What may be wrong with target groups.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::TargetGroup;
use aws_sdk_elasticloadbalancingv2::types::TargetGroupAttribute;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum;
use aws_sdk_elasticloadbalancingv2::types::TargetTypeEnum;

use super::finding::Finding;
use super::plan_facts::PlanFacts;
use crate::model::Limits;
use crate::model::Role;

/// A target group as it was read.
#[derive(Debug)]
pub(super) struct Group {
    pub(crate) role: Role,
    pub(crate) described: TargetGroup,
    pub(crate) attributes: Vec<TargetGroupAttribute>,
    pub(crate) targets: Vec<TargetHealthDescription>,
}

impl Group {
    fn place(&self) -> String {
        format!("target group {}", self.described.target_group_name().unwrap_or_default())
    }

    fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|pair| pair.key() == Some(key))?.value()
    }

    fn is_on(&self, key: &str) -> bool {
        self.attribute(key) == Some("true")
    }

    fn seconds(&self, key: &str) -> u64 {
        self.attribute(key).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    fn count(&self, state: &TargetHealthStateEnum) -> usize {
        let states = self.targets.iter().filter_map(|target| target.target_health()?.state());
        states.filter(|of| *of == state).count()
    }
}

/// What may be wrong with one target group.
pub(crate) fn group(
    group: &Group,
    plan: PlanFacts<'_>,
    limits: &Limits,
    own_address: Option<bool>,
    sticky_rules: bool,
) -> Vec<Finding> {
    let place = group.place();
    let mut found = Vec::new();
    let kind = group.described.target_type();
    let by_address = kind == Some(&TargetTypeEnum::Ip);
    if own_address.is_some_and(|own| own != by_address) {
        let kind = kind.map_or("?", TargetTypeEnum::as_str);
        let what =
            format!("its target type is `{kind}`, which does not fit the revision's network mode");
        let fix = "`awsvpc` needs the target type `ip`, every other mode `instance`";
        found.push(Finding::error(&place, what, fix));
    }
    if group.role == Role::Stable && group.described.load_balancer_arns().is_empty() {
        let what = "it serves now and no load balancer uses it";
        found.push(Finding::error(&place, what, "attach it to a listener rule"));
    }
    found.extend(stickiness(&place, group, plan, sticky_rules));
    found.extend(times(&place, group, plan, limits));
    found.extend(targets(&place, group));
    found
}

fn stickiness(
    place: &str,
    group: &Group,
    plan: PlanFacts<'_>,
    sticky_rules: bool,
) -> Option<Finding> {
    if !(plan.shifts() && group.is_on("stickiness.enabled")) {
        return None;
    }
    if group.attribute("stickiness.type") == Some("app_cookie") {
        let what =
            "it has stickiness by the application's cookie, which weighted rules do not support";
        return Some(Finding::error(place, what, "use `lb_cookie`, or switch stickiness off"));
    }
    (!sticky_rules).then(|| {
        let what = "its targets are sticky and its rules are not, so a client's targets change with \
                    every shift";
        Finding::warning(place, what, "enable stickiness on the rules too")
    })
}

fn times(place: &str, group: &Group, plan: PlanFacts<'_>, limits: &Limits) -> Vec<Finding> {
    let mut found = Vec::new();
    let delay = group.seconds("deregistration_delay.timeout_seconds");
    if Duration::from_secs(delay) >= limits.progress_deadline {
        let what = format!("its targets take {delay} s to go, longer than a step may stand still");
        let fix =
            "shorten `deregistration_delay.timeout_seconds` or raise `limits.progress_deadline`";
        found.push(Finding::warning(place, what, fix));
    } else if Duration::from_secs(delay) > limits.settle {
        let what = format!("its targets take {delay} s to go");
        let fix = "removing a side takes that long; shorten the delay if requests are shorter";
        found.push(Finding::info(place, what, fix));
    }
    let positive = |count: Option<i32>| u64::try_from(count.unwrap_or(0)).unwrap_or(0);
    let interval = positive(group.described.health_check_interval_seconds());
    let noticed = interval * positive(group.described.unhealthy_threshold_count());
    if plan.longest_bake().is_some_and(|bake| bake.as_secs() < noticed) {
        let what =
            format!("a target that fails is noticed after {noticed} s, later than any bake ends");
        found.push(Finding::warning(place, what, "bake longer or check more often"));
    }
    found
}

fn targets(place: &str, group: &Group) -> Option<Finding> {
    let healthy = group.count(&TargetHealthStateEnum::Healthy);
    let going = group.count(&TargetHealthStateEnum::Draining);
    let staying = group.targets.len() - going;
    match group.role {
        Role::Stable if staying > 0 && healthy == 0 => {
            let what = format!("none of its {staying} targets is healthy");
            Some(Finding::error(place, what, "mend what serves now first"))
        }
        Role::Stable if healthy < staying => {
            let what = format!("{healthy} of its {staying} targets are healthy");
            Some(Finding::warning(place, what, "a deployment into trouble may end in more of it"))
        }
        Role::Candidate if staying > 0 => {
            let what = format!("{staying} targets are in it although it is to be the candidate's");
            Some(Finding::error(place, what, "remove what runs there, or give `target_groups`"))
        }
        Role::Stable | Role::Candidate => None,
    }
}

/// What must be the same of both.
pub(crate) fn both(stable: &Group, candidate: &Group) -> Vec<Finding> {
    let (one, other, place) = (&stable.described, &candidate.described, candidate.place());
    let mut found = Vec::new();
    let mut differ = |what: &str, differs: bool| {
        if differs {
            let what = format!("its {what} is not that of {}", stable.place());
            found.push(Finding::error(&place, what, "make the two alike, or choose others"));
        }
    };
    differ("VPC", one.vpc_id() != other.vpc_id());
    differ("protocol", one.protocol() != other.protocol());
    differ("protocol version", one.protocol_version() != other.protocol_version());
    differ("target type", one.target_type() != other.target_type());
    let check = |group: &TargetGroup| {
        let path = group.health_check_path().map(str::to_owned);
        (path, group.health_check_interval_seconds(), group.matcher().cloned())
    };
    if check(one) != check(other) {
        let what = format!("its health check is not that of {}", stable.place());
        let fix = "make the two alike, or healthy means something else on each side";
        found.push(Finding::warning(&place, what, fix));
    }
    found
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;
    use aws_sdk_elasticloadbalancingv2::types::TargetHealth;

    use super::super::finding::Level;
    use super::*;
    use crate::model::Plan;
    use crate::model::Step;
    use crate::model::Weight;

    fn plan() -> Plan {
        let bake = Step::Bake { duration: Duration::from_secs(120), gates: vec![] };
        let steps = vec![Step::Shift { weight: Weight::FULL }, bake];
        Plan { strategy: "x".to_owned(), steps, gates: vec![], hooks: vec![], notes: vec![] }
    }

    fn read(role: Role, targets: &[TargetHealthStateEnum]) -> Group {
        let name = if role == Role::Stable { "blue" } else { "green" };
        let group = TargetGroup::builder()
            .target_group_name(name)
            .target_type(TargetTypeEnum::Ip)
            .vpc_id("vpc-1")
            .protocol(ProtocolEnum::Http)
            .health_check_interval_seconds(30)
            .unhealthy_threshold_count(2)
            .load_balancer_arns("arn:lb");
        let target = |state: &TargetHealthStateEnum| {
            let health = TargetHealth::builder().state(state.clone()).build();
            TargetHealthDescription::builder().target_health(health).build()
        };
        let targets = targets.iter().map(target).collect();
        Group { role, described: group.build(), attributes: vec![], targets }
    }

    fn with(mut group: Group, attributes: &[(&str, &str)]) -> Group {
        let pair = |(key, value): &(&str, &str)| {
            TargetGroupAttribute::builder().key(*key).value(*value).build()
        };
        group.attributes = attributes.iter().map(pair).collect();
        group
    }

    fn found(group: &Group, own_address: bool) -> Vec<Finding> {
        let (plan, limits) = (plan(), Limits::default());
        super::group(group, PlanFacts(&plan), &limits, Some(own_address), false)
    }

    fn only(found: &[Finding], level: Level, words: &str) {
        let [finding] = found else { panic!("{found:#?}") };
        assert_eq!(finding.level, level, "{finding}");
        assert!(finding.to_string().contains(words), "{finding}");
    }

    const HEALTHY: TargetHealthStateEnum = TargetHealthStateEnum::Healthy;
    const UNHEALTHY: TargetHealthStateEnum = TargetHealthStateEnum::Unhealthy;
    const DRAINING: TargetHealthStateEnum = TargetHealthStateEnum::Draining;

    #[test]
    fn two_groups_that_fit_have_no_findings() {
        let (blue, green) = (read(Role::Stable, &[HEALTHY]), read(Role::Candidate, &[DRAINING]));
        assert_eq!(found(&blue, true), []);
        assert_eq!(found(&green, true), []);
        assert_eq!(both(&blue, &green), []);
    }

    #[test]
    fn a_target_type_that_does_not_fit_the_network_mode_is_an_error() {
        only(&found(&read(Role::Candidate, &[]), false), Level::Error, "`awsvpc` needs");
    }

    #[test]
    fn targets_are_as_many_and_as_healthy_as_a_start_needs() {
        let stable = |targets: &[_]| found(&read(Role::Stable, targets), true);
        only(&stable(&[UNHEALTHY]), Level::Error, "none of its 1 targets");
        only(&stable(&[UNHEALTHY, HEALTHY]), Level::Warning, "1 of its 2");
        only(
            &found(&read(Role::Candidate, &[UNHEALTHY]), true),
            Level::Error,
            "1 targets are in it",
        );
        let mut detached = read(Role::Stable, &[HEALTHY]);
        detached.described.load_balancer_arns = None;
        only(&found(&detached, true), Level::Error, "no load balancer");
    }

    #[test]
    fn stickiness_that_weights_do_not_support_is_an_error() {
        let sticky = |kind| {
            let attributes = [("stickiness.enabled", "true"), ("stickiness.type", kind)];
            found(&with(read(Role::Stable, &[HEALTHY]), &attributes), true)
        };
        only(&sticky("app_cookie"), Level::Error, "application's cookie");
        only(&sticky("lb_cookie"), Level::Warning, "on the rules too");
    }

    #[test]
    fn times_that_do_not_fit_the_limits_are_told() {
        let delayed = |seconds| {
            let attributes = [("deregistration_delay.timeout_seconds", seconds)];
            found(&with(read(Role::Stable, &[HEALTHY]), &attributes), true)
        };
        only(&delayed("300"), Level::Info, "take 300 s");
        only(&delayed("3600"), Level::Warning, "progress_deadline");
        assert_eq!(delayed("30"), []);
        let mut slow = read(Role::Stable, &[HEALTHY]);
        slow.described.unhealthy_threshold_count = Some(10);
        only(&found(&slow, true), Level::Warning, "after 300 s");
    }

    #[test]
    fn groups_that_are_not_alike_are_told() {
        let blue = read(Role::Stable, &[]);
        let mut green = read(Role::Candidate, &[]);
        green.described.vpc_id = Some("vpc-2".to_owned());
        only(&both(&blue, &green), Level::Error, "VPC");
        let mut green = read(Role::Candidate, &[]);
        green.described.health_check_path = Some("/ready".to_owned());
        only(&both(&blue, &green), Level::Warning, "health check");
    }
}
