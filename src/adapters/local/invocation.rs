//! What a request asks for.

use serde_json::Value;

use super::super::sim::ApiError;
use super::api::Api;
use super::cbor;
use super::json;
use super::params;
use super::protocol::Protocol;
use super::query;
use super::wire_request::WireRequest;

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Invocation {
    /// The protocol it came in.
    pub(super) protocol: Protocol,
    /// The API, if there is such a one here.
    pub(super) api: Option<Api>,
    /// The operation with IAM's prefix of its service, `ecs:DescribeServices`.
    pub(super) action: String,
    /// The parameters, if they could be read.
    pub(super) params: Result<Value, ApiError>,
}

impl Invocation {
    /// Reads a request. None where it is of no protocol of AWS.
    pub(super) fn read(request: &WireRequest) -> Option<Self> {
        Self::cbor(request).or_else(|| Self::json(request)).or_else(|| Self::query(request))
    }

    /// The operation's own name.
    pub(super) fn operation(&self) -> &str {
        self.action.rsplit_once(':').map_or(self.action.as_str(), |(_, operation)| operation)
    }

    /// `/service/<service>/operation/<operation>`.
    fn cbor(request: &WireRequest) -> Option<Self> {
        let (service, operation) =
            request.path.strip_prefix("/service/")?.split_once("/operation/")?;
        let params = cbor::params(&request.body);
        Some(Self::of(Protocol::Cbor, targeted(service), service, operation, params))
    }

    /// `x-amz-target: <service>.<operation>`.
    fn json(request: &WireRequest) -> Option<Self> {
        let (service, operation) = request.header("x-amz-target")?.rsplit_once('.')?;
        let content_type = request.header("content-type").unwrap_or_default();
        let old = content_type.starts_with("application/x-amz-json-1.0");
        let protocol = if old { Protocol::Json10 } else { Protocol::Json11 };
        let params = json::params(&request.body);
        Some(Self::of(protocol, targeted(service), service, operation, params))
    }

    /// `Action=<operation>&Version=<version>&…`, in the body or in the query.
    fn query(request: &WireRequest) -> Option<Self> {
        let mut fields = query::fields(&request.body);
        fields.extend(query::fields(request.query.as_bytes()));
        let mut take = |name: &str| {
            let at = fields.iter().position(|(known, _)| known == name)?;
            Some(fields.swap_remove(at).1)
        };
        let (operation, version) = (take("Action")?, take("Version").unwrap_or_default());
        let api = Api::ALL.into_iter().find(|api| api.version() == Some(version.as_str()));
        let service = request.signed_for().unwrap_or("query");
        let params = query::structure(&fields);
        Some(Self::of(Protocol::Query, api, service, &operation, params))
    }

    fn of(
        protocol: Protocol,
        api: Option<Api>,
        service: &str,
        operation: &str,
        params: Result<Value, ApiError>,
    ) -> Self {
        let prefix = api.map_or(service, |api| api.prefix());
        Self { protocol, api, action: format!("{prefix}:{operation}"), params }
    }

    /// The parameters.
    pub(super) fn value(&self) -> Result<&Value, ApiError> {
        self.params.as_ref().map_err(|error| params::malformed(error.message.clone()))
    }
}

fn targeted(service: &str) -> Option<Api> {
    Api::ALL.into_iter().find(|api| api.target() == Some(service))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(headers: &[(&str, &str)], path: &str, body: &[u8]) -> WireRequest {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        WireRequest {
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: headers.iter().map(own).collect(),
            body: body.to_vec(),
        }
    }

    #[test]
    fn each_protocol_is_told_by_its_own_mark() {
        let target =
            |name| [("x-amz-target", name), ("content-type", "application/x-amz-json-1.0")];
        let json = request(&target("GraniteServiceVersion20100801.DescribeAlarms"), "/", b"{}");
        let ecs = [("x-amz-target", "AmazonEC2ContainerServiceV20141113.ListTasks")];
        let ecs = request(&ecs, "/", br#"{"cluster":"c"}"#);
        let path = "/service/GraniteServiceVersion20100801/operation/PutMetricData";
        let cbor = request(&[], path, b"\xa0");
        let form = b"Action=DescribeRules&Version=2015-12-01&PageSize=5";
        let query = request(&[], "/", form);
        let old = request(&[], "/", b"Action=DescribeAlarms&Version=2010-08-01");
        let seen: Vec<_> = [json, ecs, cbor, query, old]
            .iter()
            .map(|request| {
                let read = Invocation::read(request).unwrap();
                (read.protocol, read.api.unwrap(), read.action, read.params.unwrap())
            })
            .collect();
        let wanted = [
            (Protocol::Json10, Api::CloudWatch, "cloudwatch:DescribeAlarms", json!({})),
            (Protocol::Json11, Api::Ecs, "ecs:ListTasks", json!({"cluster": "c"})),
            (Protocol::Cbor, Api::CloudWatch, "cloudwatch:PutMetricData", json!({})),
            (
                Protocol::Query,
                Api::Elb,
                "elasticloadbalancing:DescribeRules",
                json!({"PageSize": "5"}),
            ),
            (Protocol::Query, Api::CloudWatch, "cloudwatch:DescribeAlarms", json!({})),
        ];
        assert_eq!(seen, wanted.map(|(p, a, action, json)| (p, a, action.to_owned(), json)));
    }

    #[test]
    fn another_service_is_named_as_it_was_signed_for() {
        let scope = "AWS4-HMAC-SHA256 Credential=AKID/20261121/eu-west-1/sts/aws4_request, Signed…";
        let form = b"Action=GetCallerIdentity&Version=2011-06-15";
        let request = request(&[("authorization", scope)], "/", form);
        let read = Invocation::read(&request).unwrap();
        assert_eq!((read.api, read.action.as_str()), (None, "sts:GetCallerIdentity"));
        assert_eq!((request.access_key(), read.operation()), (Some("AKID"), "GetCallerIdentity"));
    }

    #[test]
    fn a_browser_is_not_understood() {
        assert!(Invocation::read(&request(&[], "/favicon.ico", b"")).is_none());
    }
}
