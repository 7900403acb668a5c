//! What an SDK error means.

use std::error::Error;
use std::io;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::codes::bare;
use super::codes::by_status;
use super::codes::class_of;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// The longest message that is passed on, in characters.
const LONGEST: usize = 500;

/// What a call's failure means to the engine.
///
/// The SDK's own error is not kept as the source: its `Debug` holds whole answers, and an answer may
/// hold the environment of a container.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` asks for")]
pub(super) fn call_error<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let (class, message) = match &error {
        SdkError::ConstructionFailure(_) => not_sent(&error, ErrorClass::NotSent),
        SdkError::DispatchFailure(_) => not_sent(&error, dispatch(&error)),
        SdkError::TimeoutError(_) => (ErrorClass::Ambiguous, "no answer in time".to_owned()),
        SdkError::ResponseError(context) => {
            let status = context.raw().status().as_u16();
            let text = format!("the answer cannot be read (HTTP {status})");
            (by_status(status).unwrap_or(ErrorClass::Ambiguous), text)
        }
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let (code, said) = (context.err().code(), context.err().message());
            let class = class_of(code, said.unwrap_or_default(), status);
            let code = code.map_or_else(|| format!("HTTP {status}"), bare);
            (class, said.map_or_else(|| code.clone(), |said| format!("{code}: {said}")))
        }
        _ => (ErrorClass::Ambiguous, "an error of an unknown kind".to_owned()),
    };
    let message: String = message.chars().take(LONGEST).collect();
    let id = error.raw_response().and_then(|answer| answer.headers().get("x-amzn-requestid"));
    let message = match id {
        Some(id) => format!("{message} (request {id})"),
        None => message,
    };
    CallError::new(operation, class, message)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The innermost cause in words. Missing credentials come in this way too.
fn not_sent(error: &(dyn Error + 'static), class: ErrorClass) -> (ErrorClass, String) {
    let words: Vec<String> = chain(error).skip(1).map(ToString::to_string).collect();
    let text = words.join(": ");
    if text.to_lowercase().contains("credentials") {
        return (ErrorClass::Auth, text);
    }
    (class, text)
}

/// Only what happened before there was a connection was surely not sent.
fn dispatch(error: &(dyn Error + 'static)) -> ErrorClass {
    let unreachable = |cause: &(dyn Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
            )
        })
    };
    let said = |cause: &(dyn Error + 'static)| {
        let text = cause.to_string().to_lowercase();
        ["client error (connect)", "http connect timeout", "dns error", "failed to lookup address"]
            .iter()
            .any(|before| text.contains(before))
    };
    if chain(error).any(|cause| unreachable(cause) || said(cause)) {
        ErrorClass::NotSent
    } else {
        ErrorClass::Ambiguous
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;
    use crate::ports::WriteError;

    fn answer(status: u16) -> HttpResponse {
        let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from("SECRET"));
        answer.headers_mut().insert("x-amzn-requestid", "4f5c");
        answer
    }

    fn classified(error: SdkError<ErrorMetadata, HttpResponse>) -> CallError {
        call_error("ecs:UpdateService", error)
    }

    #[test]
    fn only_a_request_that_never_left_counts_as_not_sent() {
        let io = |kind| {
            let cause = ConnectorError::io(Box::new(io::Error::from(kind)));
            classified(SdkError::dispatch_failure(cause)).class
        };
        assert_eq!(io(io::ErrorKind::ConnectionRefused), ErrorClass::NotSent);
        assert_eq!(io(io::ErrorKind::ConnectionReset), ErrorClass::Ambiguous);
        assert_eq!(io(io::ErrorKind::BrokenPipe), ErrorClass::Ambiguous);
        let timeout = |text: &str| {
            let cause = ConnectorError::timeout(text.into());
            classified(SdkError::dispatch_failure(cause)).class
        };
        let connect = timeout("HTTP connect timeout occurred after 3s");
        assert_eq!(connect, ErrorClass::NotSent);
        assert_eq!(timeout("HTTP read timeout occurred after 5s"), ErrorClass::Ambiguous);
        let construction = classified(SdkError::construction_failure("a field is missing"));
        assert_eq!(construction.class, ErrorClass::NotSent);
        let silence = classified(SdkError::timeout_error(format!("{:?}", Duration::ZERO)));
        assert!(matches!(WriteError::from(silence), WriteError::Unknown(_)));
    }

    #[test]
    fn credentials_that_cannot_be_loaded_are_a_matter_of_auth() {
        let cause =
            ConnectorError::other("no providers in chain provided credentials".into(), None);
        assert_eq!(classified(SdkError::dispatch_failure(cause)).class, ErrorClass::Auth);
    }

    #[test]
    fn the_request_id_is_kept_and_the_answer_is_not() {
        let said = ErrorMetadata::builder().code("ClientException").message("no").build();
        let error = classified(SdkError::service_error(said, answer(400)));
        assert_eq!(
            error.to_string(),
            "ecs:UpdateService failed: ClientException: no (request 4f5c)"
        );
        let error = classified(SdkError::response_error("at `SECRET`", answer(200)));
        assert_eq!(error.class, ErrorClass::Ambiguous);
        assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
        assert!(error.message.ends_with("(HTTP 200) (request 4f5c)"), "{error}");
    }
}
