//! A request's parameters, whatever protocol they came in.

use serde_json::Value;

use super::super::sim::ApiError;
use crate::model::Timestamp;
use crate::ports::ErrorClass;

/// The parameters of a request, named as the AWS model names them.
///
/// The Query protocol has texts only; a number or truth value is therefore also taken from a text,
/// and a time from seconds since 1970 or from ISO 8601.
#[derive(Debug, Clone, Copy)]
pub(super) struct Params<'a>(&'a Value);

fn invalid(name: &str, value: &Value, wanted: &str) -> ApiError {
    ApiError::invalid(format!("{name}: {value} is not {wanted}"))
}

/// A body that cannot be read at all.
pub(super) fn malformed(message: String) -> ApiError {
    ApiError { code: "SerializationException", message, class: ErrorClass::Invalid }
}

impl<'a> Params<'a> {
    /// The parameters in this value, an object.
    pub(super) const fn new(value: &'a Value) -> Self {
        Self(value)
    }

    /// The value as it was taken.
    pub(super) const fn value(self) -> &'a Value {
        self.0
    }

    fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that may be missing.
    pub(super) fn text(self, name: &str) -> Result<Option<&'a str>, ApiError> {
        self.get(name)
            .map(|value| value.as_str().ok_or_else(|| invalid(name, value, "a text")))
            .transpose()
    }

    /// A text that must be there.
    pub(super) fn required(self, name: &str) -> Result<&'a str, ApiError> {
        self.text(name)?.ok_or_else(|| ApiError::invalid(format!("{name} must be given")))
    }

    /// A whole number that may be missing.
    pub(super) fn count(self, name: &str) -> Result<Option<u32>, ApiError> {
        let number = |value: &Value| {
            let whole = value.as_u64().or_else(|| value.as_str()?.parse().ok());
            let whole = whole.and_then(|whole| u32::try_from(whole).ok());
            whole.ok_or_else(|| invalid(name, value, "a whole number"))
        };
        self.get(name).map(number).transpose()
    }

    /// A number that may be missing.
    pub(super) fn float(self, name: &str) -> Result<Option<f64>, ApiError> {
        let number = |value: &Value| {
            let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
            number.ok_or_else(|| invalid(name, value, "a number"))
        };
        self.get(name).map(number).transpose()
    }

    /// A truth value that may be missing.
    pub(super) fn truth(self, name: &str) -> Result<Option<bool>, ApiError> {
        let truth = |value: &Value| {
            let truth = value.as_bool().or_else(|| value.as_str()?.parse().ok());
            truth.ok_or_else(|| invalid(name, value, "true or false"))
        };
        self.get(name).map(truth).transpose()
    }

    /// A time that may be missing.
    pub(super) fn time(self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        let time = |value: &Value| {
            let seconds = value.as_f64().and_then(seconds);
            let text = || value.as_str().and_then(iso8601);
            seconds.or_else(text).ok_or_else(|| invalid(name, value, "a time"))
        };
        self.get(name).map(time).transpose()
    }

    /// A structure that may be missing.
    pub(super) fn map(self, name: &str) -> Option<Self> {
        self.get(name).map(Self)
    }

    /// The structures of a list; none where the list is missing.
    pub(super) fn maps(self, name: &str) -> Vec<Self> {
        self.get(name).and_then(Value::as_array).into_iter().flatten().map(Self).collect()
    }

    /// The texts of a list; none where the list is missing.
    pub(super) fn texts(self, name: &str) -> Result<Vec<&'a str>, ApiError> {
        let items = self.get(name).and_then(Value::as_array).into_iter().flatten();
        items
            .map(|item| item.as_str().ok_or_else(|| invalid(name, item, "a list of texts")))
            .collect()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are checked; below a millisecond nothing counts"
)]
fn seconds(seconds: f64) -> Option<Timestamp> {
    (0.0..1e11)
        .contains(&seconds)
        .then(|| Timestamp::from_millis((seconds * 1000.0).round() as u64))
}

/// A time as the Query protocol writes it: `2026-11-21T00:00:00Z`, with or without a fraction.
fn iso8601(text: &str) -> Option<Timestamp> {
    let format = aws_smithy_types::date_time::Format::DateTimeWithOffset;
    let time = aws_smithy_types::DateTime::from_str(text, format).ok()?;
    Some(Timestamp::from_millis(u64::try_from(time.to_millis().ok()?).ok()?))
}
