//! Load balancers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::model::Timestamp;

/// The kind of a load balancer (`Type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BalancerKind {
    /// `application`.
    Application,
    /// `network`.
    Network,
}

impl BalancerKind {
    /// AWS's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Network => "network",
        }
    }

    /// How its ARNs and metric dimensions begin.
    pub(crate) const fn short(self) -> &'static str {
        match self {
            Self::Application => "app",
            Self::Network => "net",
        }
    }

    /// Protocols that its listeners may have.
    pub(super) const fn protocols(self) -> &'static [&'static str] {
        match self {
            Self::Application => &["HTTP", "HTTPS"],
            Self::Network => &["TCP", "TLS", "UDP", "TCP_UDP"],
        }
    }

    /// Attributes with the values that AWS gives them.
    pub(super) fn attributes(self) -> BTreeMap<String, String> {
        let listed: &[(&str, &str)] = match self {
            Self::Application => &[
                ("access_logs.s3.enabled", "false"),
                ("access_logs.s3.bucket", ""),
                ("access_logs.s3.prefix", ""),
                ("idle_timeout.timeout_seconds", "60"),
                ("deletion_protection.enabled", "false"),
                ("routing.http2.enabled", "true"),
                ("routing.http.drop_invalid_header_fields.enabled", "false"),
                ("routing.http.xff_client_port.enabled", "false"),
                ("routing.http.preserve_host_header.enabled", "false"),
                ("routing.http.xff_header_processing.mode", "append"),
                ("routing.http.desync_mitigation_mode", "defensive"),
                ("load_balancing.cross_zone.enabled", "true"),
                ("waf.fail_open.enabled", "false"),
                ("client_keep_alive.seconds", "3600"),
                ("zonal_shift.config.enabled", "false"),
            ],
            Self::Network => &[
                ("access_logs.s3.enabled", "false"),
                ("access_logs.s3.bucket", ""),
                ("access_logs.s3.prefix", ""),
                ("deletion_protection.enabled", "false"),
                ("load_balancing.cross_zone.enabled", "false"),
                ("dns_record.client_routing_policy", "any_availability_zone"),
                ("zonal_shift.config.enabled", "false"),
            ],
        };
        listed.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }
}

/// A load balancer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: BalancerKind,
    /// When it was created.
    pub created_at: Timestamp,
    /// What else the API shows of it, in AWS's words.
    pub(super) shown: Arc<Map<String, Value>>,
    pub(super) attributes: Arc<BTreeMap<String, String>>,
}

impl LoadBalancer {
    /// A load balancer with the attributes of a new one.
    pub(crate) fn new(arn: String, name: &str, kind: BalancerKind, created_at: Timestamp) -> Self {
        Self {
            arn,
            name: name.to_owned(),
            kind,
            created_at,
            shown: Arc::default(),
            attributes: Arc::new(kind.attributes()),
        }
    }

    /// The same with what the API shows of every load balancer.
    pub(crate) fn complete(mut self) -> Self {
        let host = format!("{}-1.eu-west-1.elb.amazonaws.com", self.name);
        let shown = serde_json::json!({
            "AvailabilityZones": [],
            "CanonicalHostedZoneId": "Z32O12XQLNTSW2",
            "DNSName": host,
            "IpAddressType": "ipv4",
            "Scheme": "internet-facing",
            "VpcId": "vpc-3ac0fb5f",
        });
        if let Value::Object(shown) = shown {
            self.shown = Arc::new(shown);
        }
        self
    }

    /// Its metric dimension `LoadBalancer`: `app/<name>/<id>`.
    pub fn dimension(&self) -> &str {
        self.arn.split_once(":loadbalancer/").map_or("", |(_, rest)| rest)
    }

    /// Whether that is this one.
    pub(crate) fn has_dimension(&self, dimension: &str) -> bool {
        self.arn.strip_suffix(dimension).is_some_and(|rest| rest.ends_with(":loadbalancer/"))
    }
}
