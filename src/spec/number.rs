//! Numbers as text.

use serde::Deserialize;

use crate::model::Finite;

use super::spec_error::shown;

/// A number, as `0.5`, `-3` or `1e6`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Number(pub(super) Finite);

impl TryFrom<String> for Number {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        number(&text).map(Self).ok_or_else(|| format!("is {}; give a number", shown(&text)))
    }
}

/// A number of percents with its sign, as fine as one likes: `99.95%`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct FinePercent(pub(super) Finite);

impl TryFrom<String> for FinePercent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let percent = text.strip_suffix('%').and_then(|text| number(text.trim_end()));
        percent.map(Self).ok_or_else(|| {
            format!("is {}; give a percentage with its sign, such as `99.95%`", shown(&text))
        })
    }
}

impl FinePercent {
    /// The percentage as a fraction of 1.
    pub(super) fn fraction(self) -> Finite {
        // a hundredth of a finite number is one
        Finite::new(self.0.get() / 100.0).unwrap_or_default()
    }
}

/// A count, as `5000`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Count(pub(super) u64);

impl TryFrom<String> for Count {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let count = text.parse().map(Self);
        count.map_err(|_| format!("is {}; give a whole number, 0 or more", shown(&text)))
    }
}

fn number(text: &str) -> Option<Finite> {
    // no `inf`, no `nan`
    let begins = text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    begins.then(|| text.parse().ok().and_then(|number| Finite::new(number).ok())).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_nothing_else() {
        let of = |text: &str| Number::try_from(text.to_owned()).map(|number| number.0.get());
        assert_eq!((of("0.5"), of("-3"), of("1e6")), (Ok(0.5), Ok(-3.0), Ok(1e6)));
        for bad in ["", "nan", "inf", "-inf", "1e999", "5 %", "few"] {
            assert!(of(bad).is_err(), "{bad}");
        }
        let percent = |text: &str| FinePercent::try_from(text.to_owned());
        assert_eq!(percent("99.95 %").unwrap().0.get(), 99.95);
        assert!(percent("99.95").is_err());
    }
}
