//! One alarm as `CloudWatch` describes it.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_cloudwatch::types::CompositeAlarm;
use aws_sdk_cloudwatch::types::Dimension;
use aws_sdk_cloudwatch::types::EvaluationState;
use aws_sdk_cloudwatch::types::LogAlarm;
use aws_sdk_cloudwatch::types::Metric;
use aws_sdk_cloudwatch::types::MetricAlarm;
use aws_sdk_cloudwatch::types::StateValue;
use aws_smithy_types::DateTime;

use super::digest::AlarmDigest;
use super::sparse::BALANCERS;
use super::sparse::sparse;
use crate::model::AlarmName;
use crate::model::Timestamp;
use crate::ports::AlarmReading;
use crate::ports::AlarmState;

/// One alarm: its state, and how long it takes to fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) reading: AlarmReading,
    /// How long the fault must last before the alarm fires, at the least: its periods. None where
    /// that is up to other alarms.
    pub(crate) latency: Option<Duration>,
    /// The metric for whose sake it has `INSUFFICIENT_DATA` while all is well, if so.
    pub(crate) sparse: Option<String>,
}

/// AWS's time in whole milliseconds.
pub(super) fn timestamp(time: &DateTime) -> Timestamp {
    Timestamp::from_millis(time.to_millis().ok().and_then(|at| at.try_into().ok()).unwrap_or(0))
}

/// The state that this value means; none for one that is not known.
fn state(value: Option<&StateValue>) -> Option<AlarmState> {
    match value? {
        StateValue::Ok => Some(AlarmState::Ok),
        StateValue::Alarm => Some(AlarmState::Alarm),
        StateValue::InsufficientData => Some(AlarmState::InsufficientData),
        _ => None,
    }
}

/// The target groups that a metric alarm watches, each once.
fn target_groups(alarm: &MetricAlarm) -> Vec<String> {
    let stats = alarm.metrics().iter().filter_map(|query| query.metric_stat()?.metric());
    let all = alarm.dimensions().iter().chain(stats.flat_map(Metric::dimensions));
    let groups = all.filter(|dimension| dimension.name() == Some("TargetGroup"));
    let groups: BTreeSet<String> =
        groups.filter_map(|dimension| dimension.value().map(ToOwned::to_owned)).collect();
    groups.into_iter().collect()
}

/// The load balancers that a metric alarm watches and nothing besides, each once.
fn balancers(alarm: &MetricAlarm) -> Vec<String> {
    let own = alarm.metric_name().map(|_| (alarm.namespace(), alarm.dimensions()));
    let stats = alarm.metrics().iter().filter_map(|query| query.metric_stat()?.metric());
    let all = own.into_iter().chain(stats.map(|stat| (stat.namespace(), stat.dimensions())));
    let balancer = |(namespace, dimensions): (Option<&str>, &[Dimension])| {
        let of = |dimension: &&Dimension| dimension.name() == Some("LoadBalancer");
        let named = dimensions.iter().find(of).filter(|_| namespace == Some(BALANCERS));
        named?.value().map(str::to_owned)
    };
    let balancers: Option<BTreeSet<String>> = all.map(balancer).collect();
    balancers.unwrap_or_default().into_iter().collect()
}

/// What all kinds of alarm have.
struct Common<'a> {
    name: Option<&'a str>,
    state: Option<&'a StateValue>,
    transitioned: Option<&'a DateTime>,
    updated: Option<&'a DateTime>,
    evaluation: Option<&'a EvaluationState>,
    configuration: u64,
    target_groups: Vec<String>,
    balancers: Vec<String>,
}

impl Common<'_> {
    fn reading(self) -> Option<AlarmReading> {
        let state = state(self.state);
        let strange = || Some(format!("its state is {:?}", self.state));
        Some(AlarmReading {
            name: AlarmName::new(self.name?).ok()?,
            evaluation: match state {
                Some(_) => self.evaluation.map(|trouble| trouble.as_str().to_owned()),
                None => strange(),
            },
            state: state.unwrap_or(AlarmState::InsufficientData),
            // an alarm that never changed has only been made
            transitioned_at: self.transitioned.or(self.updated).map(timestamp).unwrap_or_default(),
            configuration: self.configuration,
            target_groups: self.target_groups,
            balancers: self.balancers,
        })
    }
}

impl Alarm {
    pub(super) fn of_metric(alarm: &MetricAlarm) -> Option<Self> {
        let common = Common {
            name: alarm.alarm_name(),
            state: alarm.state_value(),
            transitioned: alarm.state_transitioned_timestamp(),
            updated: alarm.state_updated_timestamp(),
            evaluation: alarm.evaluation_state(),
            configuration: AlarmDigest::of_metric(alarm),
            target_groups: target_groups(alarm),
            balancers: balancers(alarm),
        };
        // with metric math the period is the longest of its queries
        let queries = alarm.metrics().iter();
        let longest = queries
            .filter_map(|query| query.period().or_else(|| query.metric_stat()?.period()))
            .max();
        let period = alarm.period().or(longest).and_then(|period| u64::try_from(period).ok());
        let of = alarm.datapoints_to_alarm().or_else(|| alarm.evaluation_periods()).unwrap_or(1);
        let of = u64::try_from(of).unwrap_or(1);
        let latency = period.map(|period| Duration::from_secs(period.saturating_mul(of)));
        Some(Self { reading: common.reading()?, latency, sparse: sparse(alarm) })
    }

    pub(super) fn of_composite(alarm: &CompositeAlarm) -> Option<Self> {
        let common = Common {
            name: alarm.alarm_name(),
            state: alarm.state_value(),
            transitioned: alarm.state_transitioned_timestamp(),
            updated: alarm.state_updated_timestamp(),
            evaluation: None,
            configuration: AlarmDigest::of_composite(alarm),
            target_groups: Vec::new(),
            balancers: Vec::new(),
        };
        Some(Self { reading: common.reading()?, latency: None, sparse: None })
    }

    pub(super) fn of_log(alarm: &LogAlarm) -> Option<Self> {
        let common = Common {
            name: alarm.alarm_name(),
            state: alarm.state_value(),
            transitioned: alarm.state_transitioned_timestamp(),
            updated: alarm.state_updated_timestamp(),
            evaluation: alarm.evaluation_state(),
            configuration: AlarmDigest::of_log(alarm),
            target_groups: Vec::new(),
            balancers: Vec::new(),
        };
        Some(Self { reading: common.reading()?, latency: None, sparse: None })
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::MetricDataQuery;
    use aws_sdk_cloudwatch::types::MetricStat;

    use super::*;

    #[test]
    fn a_metric_alarm_is_read_with_its_trouble_and_its_latency() {
        let alarm = MetricAlarm::builder()
            .alarm_name("5xx")
            .state_value(StateValue::Alarm)
            .state_transitioned_timestamp(DateTime::from_millis(1_700_000_000_123))
            .state_updated_timestamp(DateTime::from_millis(1_700_000_009_000))
            .evaluation_state(EvaluationState::EvaluationError)
            .namespace("AWS/ApplicationELB")
            .metric_name("HTTPCode_Target_5XX_Count")
            .period(60)
            .evaluation_periods(5)
            .datapoints_to_alarm(3)
            .dimensions(Dimension::builder().name("LoadBalancer").value("app/web/1").build())
            .dimensions(Dimension::builder().name("TargetGroup").value("targetgroup/a/1").build());
        let read = Alarm::of_metric(&alarm.build()).unwrap();
        assert_eq!(read.reading.state, AlarmState::Alarm);
        assert_eq!(read.reading.transitioned_at, Timestamp::from_millis(1_700_000_000_123));
        assert_eq!(read.reading.evaluation.as_deref(), Some("EVALUATION_ERROR"));
        assert_eq!(read.latency, Some(Duration::from_secs(180)));
        assert_eq!(read.reading.target_groups, ["targetgroup/a/1"]);
        assert_eq!(read.reading.balancers, ["app/web/1"]);
        assert_eq!(read.sparse.as_deref(), Some("HTTPCode_Target_5XX_Count"));
    }

    #[test]
    fn what_watches_more_than_load_balancers_watches_none() {
        let query = |namespace: &str| {
            let of = Dimension::builder().name("LoadBalancer").value("app/web/1").build();
            let metric = Metric::builder().namespace(namespace).metric_name("x").dimensions(of);
            let stat = MetricStat::builder().metric(metric.build()).build();
            MetricDataQuery::builder().id("a").metric_stat(stat).build()
        };
        let of = |namespaces: &[&str]| {
            let queries = namespaces.iter().map(|namespace| query(namespace)).collect();
            let formula = MetricDataQuery::builder().id("f").expression("a").build();
            let alarm = MetricAlarm::builder().set_metrics(Some(queries)).metrics(formula);
            balancers(&alarm.build())
        };
        assert_eq!(of(&[BALANCERS, BALANCERS]), ["app/web/1"]);
        assert_eq!(of(&[BALANCERS, "Shop"]), Vec::<String>::new());
        assert_eq!(of(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_state_that_is_not_known_is_trouble() {
        let alarm = CompositeAlarm::builder().alarm_name("all").state_value("MUTED".into());
        let read = Alarm::of_composite(&alarm.build()).unwrap();
        assert!(read.reading.evaluation.unwrap().contains("MUTED"));
    }
}
