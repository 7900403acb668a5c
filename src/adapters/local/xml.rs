//! XML, as the Query protocol answers.

use std::fmt::Write;

use quick_xml::escape::escape;

use super::api::Api;
use super::node::Node;

/// Members that are maps rather than structures: their XML has entries.
const MAPS: [&str; 2] = ["AuthenticationRequestExtraParams", "AlarmContributorAttributes"];

/// The answer to an operation.
pub(super) fn answer(api: Api, operation: &str, node: &Node, request_id: &str) -> Vec<u8> {
    let mut out = String::new();
    let namespace = api.namespace();
    push(&mut out, format_args!("<{operation}Response xmlns=\"{namespace}\"><{operation}Result>"));
    content(&mut out, "", node);
    push(
        &mut out,
        format_args!(
            "</{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId>\
             </ResponseMetadata></{operation}Response>"
        ),
    );
    out.into_bytes()
}

/// An error.
pub(super) fn error(
    namespace: &str,
    status: u16,
    code: &str,
    message: &str,
    request_id: &str,
) -> Vec<u8> {
    let fault = if status < 500 { "Sender" } else { "Receiver" };
    let mut out = String::new();
    push(
        &mut out,
        format_args!("<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type>"),
    );
    element(&mut out, "Code", &Node::text(code));
    element(&mut out, "Message", &Node::text(message));
    push(&mut out, format_args!("</Error><RequestId>{request_id}</RequestId></ErrorResponse>"));
    out.into_bytes()
}

fn push(out: &mut String, what: std::fmt::Arguments<'_>) {
    // writing to a String cannot fail
    let _ = out.write_fmt(what);
}

fn element(out: &mut String, name: &str, node: &Node) {
    push(out, format_args!("<{name}>"));
    content(out, name, node);
    push(out, format_args!("</{name}>"));
}

fn content(out: &mut String, name: &str, node: &Node) {
    match node {
        Node::Bool(value) => push(out, format_args!("{value}")),
        Node::Int(value) => push(out, format_args!("{value}")),
        Node::Float(value) => push(out, format_args!("{value}")),
        Node::Time(at) => push(out, format_args!("{at}")),
        Node::Text(value) => text(out, value),
        Node::List(items) => items.iter().for_each(|item| element(out, "member", item)),
        Node::Map(members) if MAPS.contains(&name) => {
            for (key, value) in members {
                let pair = Node::map().with("key", Node::text(key)).with("value", value.clone());
                element(out, "entry", &pair);
            }
        }
        Node::Map(members) => members.iter().for_each(|(name, node)| element(out, name, node)),
    }
}

/// Text without what XML cannot hold at all; a carriage return would be read back as a line feed.
fn text(out: &mut String, value: &str) {
    let held = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let kept: String = value.chars().filter(held).collect();
    out.push_str(&escape(kept.as_str()).replace('\r', "&#13;"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn an_answer_has_its_result_its_members_and_its_request_id() {
        let node = Node::map()
            .with("Marks", Node::list([Node::text("a<b>&\r\u{1}\u{1f980}"), Node::Bool(true)]))
            .with("At", Node::Time(Timestamp::from_millis(1_795_219_200_004)))
            .with("Half", Node::Float(0.5))
            .with("None", Node::list([]));
        let xml = String::from_utf8(answer(Api::Elb, "DescribeX", &node, "id-1")).unwrap();
        assert_eq!(
            xml,
            "<DescribeXResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
             <DescribeXResult><Marks><member>a&lt;b&gt;&amp;&#13;\u{1f980}</member>\
             <member>true</member></Marks><At>2026-11-21T00:00:00.004Z</At><Half>0.5</Half>\
             <None></None></DescribeXResult><ResponseMetadata><RequestId>id-1</RequestId>\
             </ResponseMetadata></DescribeXResponse>"
        );
    }

    #[test]
    fn a_map_is_written_as_entries() {
        let node = Node::map()
            .with("AuthenticationRequestExtraParams", Node::map().with("a", Node::text("b")));
        let xml = String::from_utf8(answer(Api::Elb, "X", &node, "")).unwrap();
        assert!(xml.contains("Params><entry><key>a</key><value>b</value></entry></Auth"), "{xml}");
    }
}
