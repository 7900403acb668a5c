//! The settings of a target group.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::super::api_error::ApiError;

const DELAY: &str = "deregistration_delay.timeout_seconds";

/// The settings of a target group, in AWS's words and as the simulation needs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupSettings {
    /// What the API shows.
    pub(crate) shown: Map<String, Value>,
    /// Its attributes.
    pub(crate) attributes: BTreeMap<String, String>,
    /// Between two health checks.
    pub(crate) interval: Duration,
    /// Successes that make an unhealthy target healthy.
    pub(crate) healthy_threshold: u32,
    /// Failures that make a target unhealthy.
    pub(crate) unhealthy_threshold: u32,
    /// How long a deregistered target drains.
    pub(crate) deregistration_delay: Duration,
}

/// Numbers that have a range.
const RANGES: &[(&str, u64, u64)] = &[
    ("HealthCheckIntervalSeconds", 5, 300),
    ("HealthCheckTimeoutSeconds", 2, 120),
    ("HealthyThresholdCount", 2, 10),
    ("UnhealthyThresholdCount", 2, 10),
    ("Port", 1, 65_535),
];

/// Texts of which AWS knows a few.
const CHOICES: &[(&str, &[&str])] = &[
    ("Protocol", &["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"]),
    ("ProtocolVersion", &["HTTP1", "HTTP2", "GRPC"]),
    ("TargetType", &["ip", "instance"]),
    ("IpAddressType", &["ipv4", "ipv6"]),
    ("HealthCheckProtocol", &["HTTP", "HTTPS", "TCP"]),
];

impl GroupSettings {
    /// The settings of a new group: what is not given has AWS's default.
    pub(crate) fn new(name: &str, given: &Map<String, Value>) -> Result<Self, ApiError> {
        let protocol = given.get("Protocol").and_then(Value::as_str).unwrap_or_default().to_owned();
        if protocol.is_empty() || !given.contains_key("Port") {
            return Err(ApiError::validation("A protocol and a port must be specified"));
        }
        let http = is_http(&protocol);
        let mut shown = Map::new();
        shown.insert("TargetGroupName".to_owned(), json!(name));
        shown.extend(given.clone());
        let mut default = |member: &str, value: Value| {
            shown.entry(member).or_insert(value);
        };
        default("TargetType", json!("instance"));
        default("IpAddressType", json!("ipv4"));
        default("HealthCheckProtocol", json!(if http { "HTTP" } else { "TCP" }));
        default("HealthCheckPort", json!("traffic-port"));
        default("HealthCheckEnabled", json!(true));
        default("HealthCheckIntervalSeconds", json!(30));
        default("HealthyThresholdCount", json!(5));
        default("UnhealthyThresholdCount", json!(2));
        if http {
            default("ProtocolVersion", json!("HTTP1"));
        }
        Self { shown, attributes: attributes(http), ..Self::empty() }.complete(http)
    }

    fn empty() -> Self {
        Self {
            shown: Map::new(),
            attributes: BTreeMap::new(),
            interval: Duration::ZERO,
            healthy_threshold: 0,
            unhealthy_threshold: 0,
            deregistration_delay: Duration::ZERO,
        }
    }

    /// The same with other health checks.
    pub(crate) fn modified(&self, given: &Map<String, Value>) -> Result<Self, ApiError> {
        let mut changed = self.clone();
        changed.shown.extend(given.clone());
        let protocol = self.shown.get("Protocol").and_then(Value::as_str).unwrap_or_default();
        changed.complete(is_http(protocol))
    }

    /// Fills in what depends on other settings, checks everything and reads what is simulated.
    fn complete(mut self, http: bool) -> Result<Self, ApiError> {
        let check = self.shown.get("HealthCheckProtocol").and_then(Value::as_str);
        let by_http = check.is_some_and(is_http);
        let timeout = if http {
            5
        } else if by_http {
            6
        } else {
            10
        };
        self.shown.entry("HealthCheckTimeoutSeconds").or_insert(json!(timeout));
        if by_http {
            let codes = if http { "200" } else { "200-399" };
            self.shown.entry("HealthCheckPath").or_insert(json!("/"));
            self.shown.entry("Matcher").or_insert_with(|| json!({ "HttpCode": codes }));
        }
        for (member, least, most) in RANGES {
            let number = self.shown.get(*member).and_then(Value::as_u64);
            if !number.is_some_and(|number| (*least..=*most).contains(&number)) {
                return Err(ApiError::validation(format!(
                    "{member} must be between {least} and {most}"
                )));
            }
        }
        for (member, known) in CHOICES {
            let wrong = |value: &Value| !value.as_str().is_some_and(|text| known.contains(&text));
            if self.shown.get(*member).is_some_and(wrong) {
                return Err(ApiError::validation(format!(
                    "{member} must be one of {}; others are not modelled",
                    known.join(", ")
                )));
            }
        }
        let number = |member: &str| self.shown.get(member).and_then(Value::as_u64).unwrap_or(0);
        let interval = number("HealthCheckIntervalSeconds");
        if number("HealthCheckTimeoutSeconds") >= interval && http {
            return Err(ApiError::validation(
                "Health check timeout must be smaller than the interval",
            ));
        }
        let count = |member: &str| u32::try_from(number(member)).unwrap_or(u32::MAX);
        let (healthy, unhealthy) =
            (count("HealthyThresholdCount"), count("UnhealthyThresholdCount"));
        self.interval = Duration::from_secs(interval);
        self.healthy_threshold = healthy;
        self.unhealthy_threshold = unhealthy;
        self.read_delay()?;
        Ok(self)
    }

    /// The same with these attributes.
    pub(crate) fn with_attributes(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<Self, ApiError> {
        let mut changed = self.clone();
        for (key, value) in given {
            if !changed.attributes.contains_key(key) {
                return Err(ApiError::refused(
                    "InvalidConfigurationRequest",
                    format!("The provided target group attribute '{key}' is not supported"),
                ));
            }
            let range = match key.as_str() {
                "slow_start.duration_seconds" => Some((0, 900)),
                "stickiness.lb_cookie.duration_seconds" => Some((1, 604_800)),
                _ => None,
            };
            if let Some((least, most)) = range
                && !value.parse::<u64>().is_ok_and(|number| (least..=most).contains(&number))
            {
                return Err(ApiError::validation(format!(
                    "{key} must be between {least} and {most}"
                )));
            }
            changed.attributes.insert(key.clone(), value.clone());
        }
        changed.read_delay()?;
        Ok(changed)
    }

    /// The settings that a scenario gives its groups, whatever AWS would allow.
    pub(crate) fn of_scenario(
        name: &str,
        interval: Duration,
        unhealthy_threshold: u32,
        delay: Duration,
    ) -> Self {
        let mut given = Map::new();
        for (member, value) in [
            ("Protocol", json!("HTTP")),
            ("Port", json!(80)),
            ("VpcId", json!("vpc-3ac0fb5f")),
            ("TargetType", json!("ip")),
        ] {
            given.insert(member.to_owned(), value);
        }
        let mut settings = Self::new(name, &given).unwrap_or_else(|_| Self::empty());
        settings.interval = interval;
        settings.unhealthy_threshold = unhealthy_threshold;
        settings.healthy_threshold = 2;
        settings.deregistration_delay = delay;
        for (member, value) in [
            ("HealthCheckIntervalSeconds", json!(interval.as_secs())),
            ("UnhealthyThresholdCount", json!(unhealthy_threshold)),
            ("HealthyThresholdCount", json!(2)),
        ] {
            settings.shown.insert(member.to_owned(), value);
        }
        settings.attributes.insert(DELAY.to_owned(), delay.as_secs().to_string());
        settings
    }

    fn read_delay(&mut self) -> Result<(), ApiError> {
        let seconds = self.attributes.get(DELAY).and_then(|text| text.parse().ok());
        let seconds = seconds
            .filter(|seconds| *seconds <= 3600)
            .ok_or_else(|| ApiError::validation(format!("{DELAY} must be between 0 and 3600")))?;
        self.deregistration_delay = Duration::from_secs(seconds);
        Ok(())
    }
}

fn is_http(protocol: &str) -> bool {
    matches!(protocol, "HTTP" | "HTTPS")
}

fn attributes(http: bool) -> BTreeMap<String, String> {
    let both = [
        (DELAY, "300"),
        ("stickiness.enabled", "false"),
        ("stickiness.type", if http { "lb_cookie" } else { "source_ip" }),
        ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
        ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
        ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
        ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
        ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
    ];
    let own: &[(&str, &str)] = if http {
        &[
            ("slow_start.duration_seconds", "0"),
            ("load_balancing.algorithm.type", "round_robin"),
            ("load_balancing.algorithm.anomaly_mitigation", "off"),
            ("stickiness.lb_cookie.duration_seconds", "86400"),
            ("stickiness.app_cookie.cookie_name", ""),
            ("stickiness.app_cookie.duration_seconds", "86400"),
        ]
    } else {
        &[
            ("deregistration_delay.connection_termination.enabled", "false"),
            ("preserve_client_ip.enabled", "false"),
            ("proxy_protocol_v2.enabled", "false"),
            ("target_health_state.unhealthy.connection_termination.enabled", "true"),
            ("target_health_state.unhealthy.draining_interval_seconds", "0"),
        ]
    };
    let all = both.iter().chain(own);
    all.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    fn http() -> GroupSettings {
        let settings = given(&json!({ "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1" }));
        GroupSettings::new("web", &settings).unwrap()
    }

    #[test]
    fn a_new_group_has_the_defaults_of_aws() {
        let group = http();
        assert_eq!(group.shown["HealthCheckTimeoutSeconds"], 5);
        assert_eq!(group.shown["Matcher"]["HttpCode"], "200");
        assert_eq!(group.deregistration_delay, Duration::from_secs(300));
        let tcp = given(&json!({ "Protocol": "TCP", "Port": 80 }));
        let tcp = GroupSettings::new("net", &tcp).unwrap();
        assert_eq!(tcp.shown["HealthCheckTimeoutSeconds"], 10);
        assert!(!tcp.shown.contains_key("Matcher"));
    }

    #[test]
    fn settings_beyond_their_ranges_are_refused() {
        for wrong in [
            json!({ "HealthCheckIntervalSeconds": 4 }),
            json!({ "HealthCheckIntervalSeconds": 301 }),
            json!({ "UnhealthyThresholdCount": 1 }),
            json!({ "HealthCheckTimeoutSeconds": 30 }),
            json!({ "HealthCheckProtocol": "UDP" }),
        ] {
            assert!(http().modified(&given(&wrong)).is_err(), "{wrong}");
        }
        let delay = |seconds: &str| {
            http().with_attributes(&BTreeMap::from([(DELAY.to_owned(), seconds.to_owned())]))
        };
        assert!(delay("3601").is_err());
        assert_eq!(delay("10").unwrap().deregistration_delay, Duration::from_secs(10));
    }
}
