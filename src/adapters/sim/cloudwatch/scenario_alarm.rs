//! A scenario's alarms in CloudWatch's own words.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::super::alarm_spec::AlarmRule;
use super::super::alarm_spec::Colour;
use super::super::alarm_spec::Metric;
use super::super::alarm_spec::MissingData;
use super::super::names;

fn group(colour: Colour) -> String {
    let name = match colour {
        Colour::Blue => "blue",
        Colour::Green => "green",
    };
    let arn = names::target_group(name);
    arn.as_str().rsplit(':').next().unwrap_or_default().to_owned()
}

fn dimensions(colour: Option<Colour>) -> Value {
    let arn = names::balancer();
    let balancer = arn.split_once(":loadbalancer/").map_or("", |(_, rest)| rest);
    let mut all = vec![json!({ "Name": "LoadBalancer", "Value": balancer })];
    if let Some(colour) = colour {
        all.insert(0, json!({ "Name": "TargetGroup", "Value": group(colour) }));
    }
    Value::Array(all)
}

fn simple(metric: Metric) -> Option<(&'static str, &'static str, Option<Colour>)> {
    match metric {
        Metric::Requests(colour) => Some(("RequestCount", "Sum", Some(colour))),
        Metric::Errors(colour) => Some(("HTTPCode_Target_5XX_Count", "Sum", Some(colour))),
        Metric::LatencyMs(colour) => Some(("TargetResponseTime", "p99", Some(colour))),
        Metric::Unserved => Some(("HTTPCode_ELB_5XX_Count", "Sum", None)),
        Metric::ErrorPermille(_) => None,
    }
}

/// The settings of a scenario's alarm.
pub(super) fn settings(name: &str, rule: &AlarmRule) -> Map<String, Value> {
    let described = match rule {
        AlarmRule::Given(document) => return (*document.settings).clone(),
        AlarmRule::AnyOf(children) => {
            let children: Vec<String> =
                children.iter().map(|child| format!("ALARM(\"{child}\")")).collect();
            json!({ "AlarmRule": children.join(" OR ") })
        }
        AlarmRule::Metric { metric, period_minutes, periods, datapoints, threshold, missing } => {
            let treat = match missing {
                MissingData::Breaching => "breaching",
                MissingData::NotBreaching => "notBreaching",
                MissingData::Ignore => "ignore",
                MissingData::Missing => "missing",
            };
            let period = period_minutes.max(&1) * 60;
            let mut described = watched(*metric, period);
            let threshold = u32::try_from(*threshold).unwrap_or(u32::MAX);
            let threshold = match metric {
                Metric::LatencyMs(_) => f64::from(threshold) / 1000.0,
                _ => f64::from(threshold),
            };
            let rest = json!({
                "EvaluationPeriods": periods,
                "DatapointsToAlarm": datapoints,
                "Threshold": threshold,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": treat,
            });
            if let (Some(described), Value::Object(rest)) = (described.as_object_mut(), rest) {
                described.extend(rest);
            }
            described
        }
    };
    let mut settings = described.as_object().cloned().unwrap_or_default();
    settings.insert("AlarmName".to_owned(), json!(name));
    settings.insert("ActionsEnabled".to_owned(), json!(true));
    for list in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
        settings.insert(list.to_owned(), json!([]));
    }
    settings
}

fn watched(metric: Metric, period: u32) -> Value {
    if let Some((name, statistic, colour)) = simple(metric) {
        let which = if statistic == "Sum" { "Statistic" } else { "ExtendedStatistic" };
        return json!({
            "Namespace": "AWS/ApplicationELB", "MetricName": name, which: statistic,
            "Dimensions": dimensions(colour), "Period": period,
        });
    }
    let Metric::ErrorPermille(colour) = metric else { return json!({}) };
    let query = |id: &str, name: &str| {
        json!({
            "Id": id, "ReturnData": false,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/ApplicationELB", "MetricName": name,
                    "Dimensions": dimensions(Some(colour)),
                },
                "Period": period, "Stat": "Sum",
            },
        })
    };
    json!({ "Metrics": [
        { "Id": "permille", "Expression": "1000 * FILL(errors, 0) / requests", "ReturnData": true },
        query("errors", "HTTPCode_Target_5XX_Count"),
        query("requests", "RequestCount"),
    ] })
}

#[cfg(test)]
mod tests {
    use super::super::metric_alarm::MetricAlarm;
    use super::*;

    #[test]
    fn every_metric_of_a_scenario_is_an_alarm_that_cloud_watch_would_take() {
        use Colour::Blue;
        for metric in [
            Metric::Requests(Blue),
            Metric::Errors(Blue),
            Metric::ErrorPermille(Blue),
            Metric::LatencyMs(Blue),
            Metric::Unserved,
        ] {
            let rule = AlarmRule::Metric {
                metric,
                period_minutes: 2,
                periods: 3,
                datapoints: 2,
                threshold: 500,
                missing: MissingData::Ignore,
            };
            let alarm = MetricAlarm::of(&settings("a", &rule)).unwrap();
            assert_eq!((alarm.minutes, alarm.periods, alarm.datapoints), (2, 3, 2));
            let limit = if matches!(metric, Metric::LatencyMs(_)) { 0.5 } else { 500.0 };
            assert!(alarm.breaches(limit + 0.1) && !alarm.breaches(limit));
        }
    }
}
