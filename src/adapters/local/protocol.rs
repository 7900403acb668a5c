//! The protocols of AWS, from the answering side.

use super::api::Api;
use super::cbor;
use super::json;
use super::node::Node;
use super::wire_answer::WireAnswer;
use super::xml;

/// A protocol of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// AWS JSON 1.0.
    Json10,
    /// AWS JSON 1.1.
    Json11,
    /// Forms and XML.
    Query,
    /// Smithy RPC v2 with CBOR.
    Cbor,
}

/// An error, before it is written in a protocol.
#[derive(Debug, Clone, Copy)]
pub(super) struct WireError<'a> {
    /// The API, if there is such a one here.
    pub(super) api: Option<Api>,
    /// The HTTP status.
    pub(super) status: u16,
    /// The code, in the API's words.
    pub(super) code: &'a str,
    /// What happened.
    pub(super) message: &'a str,
}

impl Protocol {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json10 => "application/x-amz-json-1.0",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::Query => "text/xml",
            Self::Cbor => "application/cbor",
        }
    }

    fn wire(self, status: u16, body: Vec<u8>, request_id: &str) -> WireAnswer {
        let answer = WireAnswer::new(status, self.content_type(), body);
        let answer = answer.with("x-amzn-requestid", request_id);
        if self == Self::Cbor { answer.with("smithy-protocol", "rpc-v2-cbor") } else { answer }
    }

    /// The answer to an operation.
    pub(super) fn answer(
        self,
        api: Api,
        operation: &str,
        node: &Node,
        request_id: &str,
    ) -> WireAnswer {
        let body = match self {
            Self::Json10 | Self::Json11 => json::body(node),
            Self::Query => xml::answer(api, operation, node, request_id),
            Self::Cbor => cbor::body(node),
        };
        self.wire(200, body, request_id)
    }

    /// An error.
    pub(super) fn error(self, error: WireError<'_>, request_id: &str) -> WireAnswer {
        let WireError { api, status, code, message } = error;
        let shape = api.map_or(code, |api| api.shape(code));
        let body = match self {
            Self::Json10 | Self::Json11 => json::error(shape, message),
            Self::Query => {
                let namespace = api.map_or("", Api::namespace);
                xml::error(namespace, status, code, message, request_id)
            }
            Self::Cbor => cbor::error(shape, message),
        };
        let answer = self.wire(status, body, request_id);
        if self == Self::Query || api != Some(Api::CloudWatch) {
            return answer;
        }
        // CloudWatch spoke Query once, and gives the old code beside the new shape
        let fault = if status < 500 { "Sender" } else { "Receiver" };
        answer.with("x-amzn-query-error", format!("{code};{fault}"))
    }
}
