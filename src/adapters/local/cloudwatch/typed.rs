//! Numbers and truth values where the Query protocol has texts only.

use serde_json::Value;

const NUMBERS: &[&str] = &[
    "ActionsSuppressorExtensionPeriod",
    "ActionsSuppressorWaitPeriod",
    "DatapointsToAlarm",
    "EvaluationPeriods",
    "Period",
];

/// The same with every member of the type that the AWS model gives it.
pub(super) fn typed(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (name.clone(), of(name, value));
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(items) => items.iter().map(typed).collect(),
        other => other.clone(),
    }
}

fn of(name: &str, value: &Value) -> Value {
    let Value::String(text) = value else { return typed(value) };
    let parsed = match name {
        "Threshold" => text.parse::<f64>().ok().map(Value::from),
        "ActionsEnabled" | "ReturnData" => {
            text.to_lowercase().parse::<bool>().ok().map(Value::from)
        }
        _ if NUMBERS.contains(&name) => text.parse::<i64>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| value.clone())
}
