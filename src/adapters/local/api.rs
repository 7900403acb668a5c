//! The APIs of AWS that the local cloud has.

use super::super::sim::ApiError;
use crate::ports::ErrorClass;

/// An API of AWS, with the words that its own protocols use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Api {
    /// Amazon ECS.
    Ecs,
    /// Application Auto Scaling.
    AutoScaling,
    /// Elastic Load Balancing, version 2.
    Elb,
    /// Amazon CloudWatch.
    CloudWatch,
}

/// Errors of CloudWatch whose shape is named otherwise than their code.
const SHAPES: [(&str, &str); 6] = [
    ("InternalServiceError", "InternalServiceFault"),
    ("InvalidFormat", "InvalidFormatFault"),
    ("InvalidParameterCombination", "InvalidParameterCombinationException"),
    ("InvalidParameterValue", "InvalidParameterValueException"),
    ("LimitExceeded", "LimitExceededFault"),
    ("MissingParameter", "MissingRequiredParameterException"),
];

impl Api {
    /// Every API.
    pub(super) const ALL: [Self; 4] = [Self::Ecs, Self::AutoScaling, Self::Elb, Self::CloudWatch];

    /// What IAM puts before its actions.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Ecs => "ecs",
            Self::AutoScaling => "application-autoscaling",
            Self::Elb => "elasticloadbalancing",
            Self::CloudWatch => "cloudwatch",
        }
    }

    /// The name that the JSON and CBOR protocols know it by.
    pub(super) const fn target(self) -> Option<&'static str> {
        match self {
            Self::Ecs => Some("AmazonEC2ContainerServiceV20141113"),
            Self::AutoScaling => Some("AnyScaleFrontendService"),
            Self::Elb => None,
            Self::CloudWatch => Some("GraniteServiceVersion20100801"),
        }
    }

    /// The version that the Query protocol knows it by.
    pub(super) const fn version(self) -> Option<&'static str> {
        match self {
            Self::Ecs | Self::AutoScaling => None,
            Self::Elb => Some("2015-12-01"),
            Self::CloudWatch => Some("2010-08-01"),
        }
    }

    /// The namespace of its XML.
    pub(super) const fn namespace(self) -> &'static str {
        match self {
            Self::Ecs | Self::AutoScaling => "",
            Self::Elb => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
            Self::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
        }
    }

    /// The code for being asked too much.
    pub(super) const fn throttled(self) -> &'static str {
        match self {
            Self::Ecs | Self::AutoScaling => "ThrottlingException",
            Self::Elb | Self::CloudWatch => "Throttling",
        }
    }

    /// The code for the service's own failure.
    pub(super) const fn broken(self) -> &'static str {
        match self {
            Self::Ecs => "ServerException",
            Self::AutoScaling => "InternalServiceException",
            Self::Elb => "InternalFailure",
            Self::CloudWatch => "InternalServiceError",
        }
    }

    /// The code for being down.
    pub(super) const fn unavailable(self) -> &'static str {
        match self {
            Self::Ecs | Self::AutoScaling => "ServiceUnavailableException",
            Self::Elb | Self::CloudWatch => "ServiceUnavailable",
        }
    }

    /// The code for a caller who may not.
    pub(super) const fn denied(self) -> &'static str {
        match self {
            Self::Ecs | Self::AutoScaling => "AccessDeniedException",
            Self::Elb | Self::CloudWatch => "AccessDenied",
        }
    }

    /// The code for a request that cannot be.
    const fn invalid(self) -> &'static str {
        match self {
            Self::Ecs => "InvalidParameterException",
            Self::AutoScaling => "ValidationException",
            Self::Elb => "ValidationError",
            Self::CloudWatch => "InvalidParameterValue",
        }
    }

    /// The code of an error in this API's words: what [`ApiError`] calls invalid has another name in each.
    pub(super) fn code(self, error: &ApiError) -> &'static str {
        if error.code == "InvalidParameterException" {
            return self.invalid();
        }
        let shape = SHAPES.iter().find(|(_, shape)| *shape == error.code);
        shape.filter(|_| self == Self::CloudWatch).map_or(error.code, |(code, _)| code)
    }

    /// The name of the error's shape, as JSON and CBOR give it.
    pub(super) fn shape(self, code: &str) -> &str {
        let shape = SHAPES.iter().find(|(known, _)| *known == code);
        shape.filter(|_| self == Self::CloudWatch).map_or(code, |(_, shape)| shape)
    }

    /// The HTTP status of an error.
    pub(super) fn status(self, error: &ApiError) -> u16 {
        match (self, error.class) {
            (_, ErrorClass::Ambiguous) => 500,
            (Self::CloudWatch, ErrorClass::Gone) => 404,
            (Self::Elb | Self::CloudWatch, ErrorClass::Auth) => 403,
            _ => 400,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_words_a_bad_parameter_its_own_way() {
        let error = ApiError::invalid("x");
        let codes = Api::ALL.map(|api| api.code(&error));
        assert_eq!(
            codes,
            [
                "InvalidParameterException",
                "ValidationException",
                "ValidationError",
                "InvalidParameterValue"
            ]
        );
        assert_eq!(Api::CloudWatch.shape(codes[3]), "InvalidParameterValueException");
        assert_eq!(Api::Elb.shape("LimitExceeded"), "LimitExceeded");
    }
}
