//! The classes of AWS's error codes.

use crate::ports::ErrorClass;

/// Codes without their `Exception` or `Error`, as both protocols spell them.
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2Throttled",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttled",
    "Throttling",
    "TooManyRequests",
];

/// The service's own trouble: whether it did anything is open.
const AMBIGUOUS: &[&str] = &[
    "HealthUnavailable",
    "Internal",
    "InternalFailure",
    "InternalServer",
    "InternalService",
    "RequestTimeout",
    "Server",
    "ServiceUnavailable",
];

const AUTH: &[&str] = &[
    "AccessDenied",
    "AuthFailure",
    "Authorization",
    "ExpiredToken",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignature",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnauthorizedOperation",
    "UnrecognizedClient",
];

const CONFLICT: &[&str] = &[
    "AlreadyExists",
    "ConcurrentModification",
    "ConcurrentUpdate",
    "Conflict",
    "IdempotentParameterMismatch",
    "PriorityInUse",
    "ResourceInUse",
    "UpdateInProgress",
];

const GONE: &[&str] = &["ServiceNotActive"];

const QUOTA: &[&str] = &["LimitExceeded", "ServiceQuotaExceeded", "TargetGroupAssociationLimit"];

/// What ECS says under codes that say nothing (`ClientException`, `InvalidParameterException`), in
/// lower case. The first that is found counts.
const SAID: &[(&str, ErrorClass)] = &[
    ("rate exceeded", ErrorClass::Throttled),
    ("exceeds the maximum limit", ErrorClass::Quota),
    ("unable to assume the service linked role", ErrorClass::Auth),
    ("unable to describe task definition", ErrorClass::Gone),
    ("not idempotent", ErrorClass::Conflict),
    ("draining", ErrorClass::Conflict),
    ("does not have an associated load balancer", ErrorClass::Conflict),
    ("primary taskset cannot be deleted", ErrorClass::Conflict),
    ("in progress", ErrorClass::Conflict),
    ("ongoing deployment", ErrorClass::Conflict),
];

/// A code without name space and suffix: `com.amazonaws.ecs#ThrottlingException` is `Throttling`.
fn stem(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    let code = code.split(':').next().unwrap_or(code);
    code.strip_suffix("Exception").or_else(|| code.strip_suffix("Error")).unwrap_or(code)
}

/// A code as people look it up.
pub(crate) fn bare(code: &str) -> String {
    code.rsplit('#').next().unwrap_or(code).to_owned()
}

/// What an answer's status alone says, if anything.
pub(super) fn by_status(status: u16) -> Option<ErrorClass> {
    match status {
        429 => Some(ErrorClass::Throttled),
        401 | 403 => Some(ErrorClass::Auth),
        408 | 500..=599 => Some(ErrorClass::Ambiguous),
        _ => None,
    }
}

/// The class of an error that the service answered with.
pub(super) fn class_of(code: Option<&str>, message: &str, status: u16) -> ErrorClass {
    let stem = code.map_or("", stem);
    let said = message.to_lowercase();
    let is = |codes: &[&str]| codes.contains(&stem);
    if is(THROTTLED) {
        return ErrorClass::Throttled;
    }
    // any other code of a server in trouble leaves open what it did
    if is(AMBIGUOUS) || (500..=599).contains(&status) {
        return ErrorClass::Ambiguous;
    }
    if is(AUTH) {
        return ErrorClass::Auth;
    }
    if is(CONFLICT) || stem.starts_with("Duplicate") {
        return ErrorClass::Conflict;
    }
    if is(QUOTA) || stem.starts_with("TooMany") {
        return ErrorClass::Quota;
    }
    // a Cloud Map namespace is part of the request, not what the call is about
    if is(GONE) || (stem.ends_with("NotFound") && stem != "NamespaceNotFound") {
        return ErrorClass::Gone;
    }
    if let Some((_, class)) = SAID.iter().find(|(pattern, _)| said.contains(pattern)) {
        return *class;
    }
    match by_status(status) {
        Some(class) if stem.is_empty() => class,
        _ => ErrorClass::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_class_that_the_engine_reacts_to() {
        use ErrorClass::Ambiguous;
        use ErrorClass::Auth;
        use ErrorClass::Conflict;
        use ErrorClass::Gone;
        use ErrorClass::Invalid;
        use ErrorClass::Quota;
        use ErrorClass::Throttled;
        let table = [
            ("ThrottlingException", 400, Throttled),
            ("Throttling", 400, Throttled),
            ("ThrottledException", 400, Throttled),
            ("RequestThrottledException", 400, Throttled),
            ("RequestLimitExceeded", 503, Throttled),
            ("TooManyRequestsException", 429, Throttled),
            ("PriorRequestNotComplete", 429, Throttled),
            ("SlowDown", 503, Throttled),
            ("com.amazonaws.ecs#ThrottlingException", 400, Throttled),
            ("ServerException", 500, Ambiguous),
            ("ServerException", 400, Ambiguous),
            ("InternalFailure", 500, Ambiguous),
            ("InternalServiceError", 500, Ambiguous),
            ("ServiceUnavailable", 503, Ambiguous),
            ("HealthUnavailable", 500, Ambiguous),
            ("RequestTimeout", 400, Ambiguous),
            ("InvalidParameterException", 502, Ambiguous),
            ("AccessDeniedException", 400, Auth),
            ("AccessDenied", 403, Auth),
            ("ExpiredTokenException", 400, Auth),
            ("ExpiredToken", 403, Auth),
            ("UnrecognizedClientException", 400, Auth),
            ("InvalidSignatureException", 400, Auth),
            ("SignatureDoesNotMatch", 403, Auth),
            ("InvalidClientTokenId", 403, Auth),
            ("ServiceNotFoundException", 400, Gone),
            ("ClusterNotFoundException", 400, Gone),
            ("TaskSetNotFoundException", 400, Gone),
            ("ServiceNotActiveException", 400, Gone),
            ("RuleNotFound", 400, Gone),
            ("TargetGroupNotFound", 400, Gone),
            ("ResourceNotFound", 404, Gone),
            ("NamespaceNotFoundException", 400, Invalid),
            ("LimitExceededException", 400, Quota),
            ("TooManyActions", 400, Quota),
            ("TooManyTargets", 400, Quota),
            ("TargetGroupAssociationLimit", 400, Quota),
            ("ConflictException", 400, Conflict),
            ("PriorityInUse", 400, Conflict),
            ("ResourceInUse", 400, Conflict),
            ("ResourceInUseException", 400, Conflict),
            ("DuplicateListener", 400, Conflict),
            ("ConcurrentUpdateException", 400, Conflict),
            ("UpdateInProgressException", 400, Conflict),
            ("InvalidParameterException", 400, Invalid),
            ("UnsupportedFeatureException", 400, Invalid),
            ("ValidationError", 400, Invalid),
            ("ValidationException", 400, Invalid),
            ("ClientException", 400, Invalid),
            ("OperationNotPermitted", 400, Invalid),
            ("InvalidLoadBalancerAction", 400, Invalid),
            ("PlatformUnknownException", 400, Invalid),
        ];
        for (code, status, class) in table {
            assert_eq!(class_of(Some(code), "", status), class, "{code} {status}");
        }
    }

    #[test]
    fn what_ecs_says_under_a_vague_code_counts() {
        let limit = "5 deployments exist on the service. Unable to create new TaskSet since this \
                     exceeds the maximum limit.";
        let table = [
            ("ClientException", "Rate exceeded", ErrorClass::Throttled),
            ("InvalidParameterException", limit, ErrorClass::Quota),
            (
                "InvalidParameterException",
                "Creation of service was not idempotent.",
                ErrorClass::Conflict,
            ),
            (
                "InvalidParameterException",
                "Unable to Start a service that is still Draining.",
                ErrorClass::Conflict,
            ),
            (
                "InvalidParameterException",
                "The target group with targetGroupArn arn does not have an associated load balancer.",
                ErrorClass::Conflict,
            ),
            (
                "InvalidParameterException",
                "Primary TaskSet cannot be deleted",
                ErrorClass::Conflict,
            ),
            ("ClientException", "Unable to describe task definition.", ErrorClass::Gone),
            ("InvalidParameterException", "desiredCount is negative", ErrorClass::Invalid),
        ];
        for (code, message, class) in table {
            assert_eq!(class_of(Some(code), message, 400), class, "{message}");
        }
    }

    #[test]
    fn an_answer_without_a_code_is_judged_by_its_status() {
        let of = |status| class_of(None, "", status);
        assert_eq!(of(429), ErrorClass::Throttled);
        assert_eq!(of(403), ErrorClass::Auth);
        assert_eq!((of(500), of(503), of(408)), (ErrorClass::Ambiguous, of(500), of(500)));
        assert_eq!(of(400), ErrorClass::Invalid);
    }
}
