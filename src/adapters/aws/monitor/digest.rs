//! What an alarm watches and when it fires, as one number.

use aws_sdk_cloudwatch::types::CompositeAlarm;
use aws_sdk_cloudwatch::types::Dimension;
use aws_sdk_cloudwatch::types::LogAlarm;
use aws_sdk_cloudwatch::types::MetricAlarm;
use aws_sdk_cloudwatch::types::MetricDataQuery;

/// 64 bits of FNV-1a over an alarm's fields: the same in every process and every version of the SDK.
///
/// States, actions and descriptions are left out: they do not change what `OK` means.
#[derive(Debug)]
pub(super) struct AlarmDigest(u64);

impl AlarmDigest {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &str) {
        // the 0xff is in no text, so that two neighbours cannot be confused with one
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn text(&mut self, value: Option<&str>) {
        self.add(value.unwrap_or("\u{0}"));
    }

    fn count(&mut self, value: Option<i32>) {
        self.text(value.map(|value| value.to_string()).as_deref());
    }

    fn float(&mut self, value: Option<f64>) {
        self.text(value.map(|value| value.to_bits().to_string()).as_deref());
    }

    fn dimensions(&mut self, dimensions: &[Dimension]) {
        for dimension in dimensions {
            self.text(dimension.name());
            self.text(dimension.value());
        }
    }

    fn query(&mut self, query: &MetricDataQuery) {
        self.text(query.id());
        self.text(query.expression());
        self.text(query.account_id());
        self.count(query.period());
        self.count(query.return_data().map(i32::from));
        if let Some(stat) = query.metric_stat() {
            let metric = stat.metric();
            self.text(metric.and_then(|metric| metric.namespace()));
            self.text(metric.and_then(|metric| metric.metric_name()));
            self.dimensions(
                metric.map(aws_sdk_cloudwatch::types::Metric::dimensions).unwrap_or_default(),
            );
            self.count(stat.period());
            self.text(stat.stat());
            self.text(stat.unit().map(aws_sdk_cloudwatch::types::StandardUnit::as_str));
        }
    }

    /// A metric alarm's.
    pub(super) fn of_metric(alarm: &MetricAlarm) -> u64 {
        let mut digest = Self::new();
        digest.add("metric");
        digest.text(alarm.namespace());
        digest.text(alarm.metric_name());
        digest.text(alarm.statistic().map(aws_sdk_cloudwatch::types::Statistic::as_str));
        digest.text(alarm.extended_statistic());
        digest.dimensions(alarm.dimensions());
        digest.count(alarm.period());
        digest.text(alarm.unit().map(aws_sdk_cloudwatch::types::StandardUnit::as_str));
        digest.count(alarm.evaluation_periods());
        digest.count(alarm.datapoints_to_alarm());
        digest.float(alarm.threshold());
        digest.text(
            alarm.comparison_operator().map(aws_sdk_cloudwatch::types::ComparisonOperator::as_str),
        );
        digest.text(alarm.treat_missing_data());
        digest.text(alarm.evaluate_low_sample_count_percentile());
        digest.text(alarm.threshold_metric_id());
        digest.count(alarm.evaluation_interval());
        for query in alarm.metrics() {
            digest.query(query);
        }
        // new kinds of alarm: their `Debug` holds plain fields only
        let window = alarm.evaluation_window().map(|window| format!("{window:?}"));
        digest.text(window.as_deref());
        let criteria = alarm.evaluation_criteria().map(|criteria| format!("{criteria:?}"));
        digest.text(criteria.as_deref());
        digest.0
    }

    /// A composite alarm's.
    pub(super) fn of_composite(alarm: &CompositeAlarm) -> u64 {
        let mut digest = Self::new();
        digest.add("composite");
        digest.text(alarm.alarm_rule());
        digest.0
    }

    /// A log alarm's.
    pub(super) fn of_log(alarm: &LogAlarm) -> u64 {
        let mut digest = Self::new();
        digest.add("log");
        let query = alarm.scheduled_query_configuration().map(|query| format!("{query:?}"));
        digest.text(query.as_deref());
        digest.count(alarm.query_results_to_evaluate());
        digest.count(alarm.query_results_to_alarm());
        digest.float(alarm.threshold());
        digest.text(
            alarm.comparison_operator().map(aws_sdk_cloudwatch::types::ComparisonOperator::as_str),
        );
        digest.text(alarm.treat_missing_data());
        digest.0
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::StateValue;
    use aws_sdk_cloudwatch::types::builders::MetricAlarmBuilder;

    use super::*;

    fn alarm() -> MetricAlarmBuilder {
        MetricAlarm::builder().namespace("AWS/ApplicationELB").metric_name("5xx").period(60)
    }

    #[test]
    fn a_state_leaves_the_digest_alone_and_an_edit_does_not() {
        let base = AlarmDigest::of_metric(&alarm().threshold(5.0).build());
        let red = alarm().threshold(5.0).state_value(StateValue::Alarm).alarm_description("x");
        assert_eq!(AlarmDigest::of_metric(&red.build()), base);
        let dimension = Dimension::builder().name("TargetGroup").value("tg").build();
        for edited in [
            alarm().threshold(6.0),
            alarm().threshold(5.0).evaluation_periods(2),
            alarm().threshold(5.0).dimensions(dimension),
            alarm().threshold(5.0).metrics(MetricDataQuery::builder().id("m").build()),
            alarm().threshold(5.0).treat_missing_data("breaching"),
        ] {
            assert_ne!(AlarmDigest::of_metric(&edited.build()), base);
        }
    }

    #[test]
    fn the_digest_is_the_same_in_every_process() {
        let rule = CompositeAlarm::builder().alarm_rule("ALARM(a) OR ALARM(b)").build();
        assert_eq!(AlarmDigest::of_composite(&rule), 0x620f_a7cd_7932_38a2);
    }
}
