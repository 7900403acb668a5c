//! Metrics that exist only where there is something to count.

use aws_sdk_cloudwatch::types::Metric;
use aws_sdk_cloudwatch::types::MetricAlarm;

/// The namespace of Application Load Balancers.
pub(super) const BALANCERS: &str = "AWS/ApplicationELB";

/// Whether a load balancer reports this metric only where it is not zero, and it is zero while all is well
/// ("Reporting criteria: There is a nonzero value", metrics of Application Load Balancers).
fn is_sparse(namespace: Option<&str>, name: &str) -> bool {
    namespace == Some(BALANCERS)
        && (name.starts_with("HTTPCode_ELB_")
            || matches!(
                name,
                "HTTPCode_Target_4XX_Count"
                    | "HTTPCode_Target_5XX_Count"
                    | "TargetConnectionErrorCount"
                    | "TargetTLSNegotiationErrorCount"
                    | "ClientTLSNegotiationErrorCount"
                    | "RejectedConnectionCount"
                    | "UnhealthyRoutingRequestCount"
                    | "DroppedInvalidHeaderRequestCount"
                    | "LambdaInternalError"
                    | "LambdaUserError"
            ))
}

/// The metric for whose sake an alarm has `INSUFFICIENT_DATA` while all is well; none where missing data
/// leave it in another state, or a formula fills them in.
pub(super) fn sparse(alarm: &MetricAlarm) -> Option<String> {
    if alarm.treat_missing_data().is_some_and(|treat| treat != "missing") {
        return None;
    }
    let fills = |formula: &str| formula.to_ascii_uppercase().contains("FILL(");
    if alarm.metrics().iter().filter_map(|query| query.expression()).any(fills) {
        return None;
    }
    let own = alarm.metric_name().filter(|name| is_sparse(alarm.namespace(), name));
    let named = |metric: &Metric| {
        let name = metric.metric_name()?;
        is_sparse(metric.namespace(), name).then(|| name.to_owned())
    };
    let mut stats = alarm.metrics().iter().filter_map(|query| query.metric_stat()?.metric());
    own.map(str::to_owned).or_else(|| stats.find_map(named))
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::MetricDataQuery;
    use aws_sdk_cloudwatch::types::MetricStat;
    use aws_sdk_cloudwatch::types::builders::MetricAlarmBuilder;

    use super::*;

    fn on(name: &str) -> MetricAlarmBuilder {
        MetricAlarm::builder().namespace(BALANCERS).metric_name(name)
    }

    fn formula(text: &str) -> MetricAlarm {
        let metric = Metric::builder().namespace(BALANCERS);
        let metric = metric.metric_name("HTTPCode_Target_5XX_Count").build();
        let stat = MetricStat::builder().metric(metric).build();
        let bad = MetricDataQuery::builder().id("bad").metric_stat(stat).build();
        let rate = MetricDataQuery::builder().id("rate").expression(text).build();
        MetricAlarm::builder().metrics(rate).metrics(bad).build()
    }

    #[test]
    fn counts_of_what_goes_wrong_are_missing_while_all_is_well() {
        for name in ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_502_Count"] {
            assert_eq!(sparse(&on(name).build()).as_deref(), Some(name));
            let missing = on(name).treat_missing_data("missing").build();
            assert_eq!(sparse(&missing).as_deref(), Some(name));
            assert_eq!(sparse(&on(name).treat_missing_data("notBreaching").build()), None);
        }
        assert_eq!(sparse(&on("TargetResponseTime").build()), None);
        let own = on("HTTPCode_Target_5XX_Count").namespace("Shop").build();
        assert_eq!(sparse(&own), None);
    }

    #[test]
    fn a_formula_is_missing_where_it_fills_nothing_in() {
        let name = Some("HTTPCode_Target_5XX_Count");
        assert_eq!(sparse(&formula("100 * bad / all")).as_deref(), name);
        assert_eq!(sparse(&formula("100 * fill(bad, 0) / all")), None);
    }
}
