//! Numbers and truth values where the Query protocol has texts only.

use serde_json::Value;

const NUMBERS: &[&str] = &[
    "DurationSeconds",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "Order",
    "PageSize",
    "Port",
    "Priority",
    "SessionTimeout",
    "UnhealthyThresholdCount",
    "Weight",
];

const TRUTHS: &[&str] =
    &["Enabled", "HealthCheckEnabled", "IgnoreClientCertificateExpiry", "UseExistingClientSecret"];

/// The same with every member of the type that the AWS model gives it.
pub(super) fn typed(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), of(name, value))).collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(typed).collect()),
        other => other.clone(),
    }
}

fn of(name: &str, value: &Value) -> Value {
    match (name, value) {
        // a redirect's port is a text, `443` or `#{port}`; and of a map the caller chose the keys
        ("RedirectConfig" | "AuthenticationRequestExtraParams", texts) => texts.clone(),
        (_, Value::String(text)) if NUMBERS.contains(&name) => {
            text.parse::<i64>().map_or_else(|_| value.clone(), Value::from)
        }
        (_, Value::String(text)) if TRUTHS.contains(&name) => {
            text.to_lowercase().parse::<bool>().map_or_else(|_| value.clone(), Value::from)
        }
        _ => typed(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_become_what_the_model_says_but_a_redirect_keeps_its_port() {
        let given = json!({
            "Priority": "7",
            "Actions": [
                { "Order": "1", "ForwardConfig": { "TargetGroups": [{ "Weight": "999" }],
                    "TargetGroupStickinessConfig": { "Enabled": "true" } } },
                { "RedirectConfig": { "Port": "443" } },
                { "AuthenticationRequestExtraParams": { "Order": "1" } },
            ],
        });
        let typed = typed(&given);
        assert_eq!(typed["Priority"], 7);
        assert_eq!(typed["Actions"][0]["ForwardConfig"]["TargetGroups"][0]["Weight"], 999);
        let stickiness = &typed["Actions"][0]["ForwardConfig"]["TargetGroupStickinessConfig"];
        assert_eq!(stickiness["Enabled"], true);
        assert_eq!(typed["Actions"][1]["RedirectConfig"]["Port"], "443");
        assert_eq!(typed["Actions"][2]["AuthenticationRequestExtraParams"]["Order"], "1");
    }
}
