//! Dimensions that one spec can give for both colours.

use crate::model::ListenerRuleArn;
use crate::model::MetricQuery;
use crate::model::MetricSource;
use crate::model::Revision;
use crate::model::Subject;
use crate::model::TargetGroupArn;

/// Every placeholder.
const KNOWN: &str = "{candidate.target_group}, {stable.target_group}, {candidate.revision}, \
                     {stable.revision}, {load_balancer}, {cluster} and {service}";

/// Whether these queries ask about the candidate: then they say nothing before it has traffic.
pub(super) fn is_of_candidate(queries: &[MetricQuery]) -> bool {
    let named = |query: &MetricQuery| match &query.source {
        MetricSource::Statistic { metric, .. } => {
            metric.dimensions.values().any(|value| value.contains("{candidate."))
        }
        MetricSource::Expression { .. } => false,
    };
    queries.iter().any(named)
}

/// The queries with every `{…}` of their dimensions replaced. An error names the field, the value and
/// what to do.
pub(super) fn resolve(
    queries: &[MetricQuery],
    subject: &Subject,
) -> Result<Vec<MetricQuery>, String> {
    let mut queries = queries.to_vec();
    for query in &mut queries {
        let MetricSource::Statistic { metric, .. } = &mut query.source else { continue };
        for (name, value) in &mut metric.dimensions {
            *value = filled(value, subject).map_err(|why| {
                format!("dimension `{name}` of query `{}` is `{value}`: {why}", query.id)
            })?;
        }
    }
    Ok(queries)
}

/// A text with every placeholder replaced.
fn filled(text: &str, subject: &Subject) -> Result<String, String> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        let (name, after) = after.split_once('}').ok_or("its `{` is not closed; add `}`")?;
        whole.push_str(&meaning(name, subject)?);
        rest = after;
    }
    whole.push_str(rest);
    Ok(whole)
}

fn meaning(name: &str, subject: &Subject) -> Result<String, String> {
    let baseline = &subject.baseline;
    let group = |group: &Option<TargetGroupArn>| {
        let none = "the service has no such target group; give the dimension itself";
        group.as_ref().map(|group| group.dimension().to_owned()).ok_or_else(|| none.to_owned())
    };
    let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    match name {
        "candidate.target_group" => group(&baseline.candidate_group),
        "stable.target_group" => group(&baseline.stable_group),
        "candidate.revision" => Ok(short(&subject.candidate)),
        "stable.revision" => {
            let none = "nothing serves yet; give the dimension itself";
            baseline.stable_revision.as_ref().map(short).ok_or_else(|| none.to_owned())
        }
        "load_balancer" => balancer(&baseline.rules).map(ToOwned::to_owned),
        "cluster" => Ok(last(&subject.service.cluster)),
        "service" => Ok(last(&subject.service.service)),
        _ => Err(format!("there is no `{{{name}}}`; the placeholders are {KNOWN}")),
    }
}

/// `family:revision`.
fn short(revision: &Revision) -> String {
    revision.task_definition().short().to_owned()
}

/// A query for one side: `{side.…}` becomes `{candidate.…}` or `{stable.…}`.
pub(super) fn sided(source: &MetricSource, side: &str) -> MetricSource {
    let mut source = source.clone();
    if let MetricSource::Statistic { metric, .. } = &mut source {
        for value in metric.dimensions.values_mut() {
            *value = value.replace("{side.", &format!("{{{side}."));
        }
    }
    source
}

/// The dimension of the one load balancer behind which the service is.
pub(super) fn balancer(rules: &[ListenerRuleArn]) -> Result<&str, String> {
    let mut dimensions = rules.iter().map(ListenerRuleArn::balancer_dimension);
    let none = "the service has no load balancer; give the dimension itself";
    let first = dimensions.next().ok_or(none)?;
    match dimensions.find(|other| *other != first) {
        None => Ok(first),
        Some(other) => Err(format!(
            "the service is behind `{first}` and `{other}`; name the one that is meant"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Baseline;
    use crate::model::DeploymentId;
    use crate::model::Metric;
    use crate::model::Scheduling;
    use crate::model::ServiceId;

    const ELB: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";

    fn subject() -> Subject {
        let task = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8";
        let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop".to_owned();
        let mut baseline = Baseline::new(4, Scheduling::Replica);
        baseline.candidate_group = format!("{ELB}:targetgroup/green/12").parse().ok();
        baseline.rules = vec![format!("{ELB}:listener/app/web/50dc/f2f7").parse().unwrap()];
        Subject {
            deployment: DeploymentId::new("d-1").unwrap(),
            service: ServiceId { cluster: cluster.into(), service: "web".to_owned().into() },
            candidate: Revision::new(task.parse().unwrap()),
            baseline,
        }
    }

    fn query(value: &str) -> MetricQuery {
        let metric = Metric::of_balancer("RequestCount", "{load_balancer}", Some(value));
        let source = MetricSource::Statistic { metric, statistic: "Sum".to_owned() };
        let period = std::time::Duration::from_mins(1);
        MetricQuery { id: "q".to_owned(), source, period, returned: true }
    }

    #[test]
    fn placeholders_are_what_the_deployment_has() {
        let queries = [query("{candidate.target_group}")];
        assert!(is_of_candidate(&queries));
        let resolved = resolve(&queries, &subject()).unwrap();
        let expected =
            Metric::of_balancer("RequestCount", "app/web/50dc", Some("targetgroup/green/12"));
        let MetricSource::Statistic { metric, .. } = &resolved[0].source else { panic!() };
        assert_eq!(*metric, expected);
        assert_eq!(filled("{cluster}/{service}!", &subject()).unwrap(), "shop/web!");
        assert!(!is_of_candidate(&[query("targetgroup/green/12")]));
    }

    #[test]
    fn what_cannot_be_replaced_is_named_with_what_to_do() {
        let error = |value: &str| resolve(&[query(value)], &subject()).unwrap_err();
        let unknown = error("{canary.target_group}");
        assert!(
            unknown.starts_with("dimension `TargetGroup` of query `q` is `{canary."),
            "{unknown}"
        );
        assert!(unknown.contains("the placeholders are {candidate.target_group}, "), "{unknown}");
        assert!(error("{stable.target_group}").contains("has no such target group"));
        assert!(error("x{service").contains("add `}`"));
        let mut two = subject();
        two.baseline.rules.push(format!("{ELB}:listener/app/other/1/2").parse().unwrap());
        let error = resolve(&[query("t")], &two).unwrap_err();
        assert!(error.contains("`app/web/50dc` and `app/other/1`"), "{error}");
    }
}
