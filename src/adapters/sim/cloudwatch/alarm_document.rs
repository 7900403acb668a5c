//! Alarms in CloudWatch's own words.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

/// An alarm's settings in CloudWatch's own words: the parameters of `PutMetricAlarm` or
/// `PutCompositeAlarm`, with what CloudWatch fills in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AlarmDocument {
    /// The parameters.
    pub settings: Arc<Map<String, Value>>,
}

impl AlarmDocument {
    pub(in super::super) fn new(settings: Map<String, Value>) -> Self {
        Self { settings: Arc::new(settings) }
    }

    /// The rule of a composite alarm; none for a metric alarm.
    pub(in super::super) fn composite_rule(&self) -> Option<&str> {
        self.settings.get("AlarmRule").and_then(Value::as_str)
    }
}
