//! Numbers as text.

use serde::Deserialize;

use crate::model::Finite;
use crate::model::Ppm;

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

/// A percentage with its sign, exact to a millionth: `99.95%`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct FinePercent(pub(super) Ppm);

impl TryFrom<String> for FinePercent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let percent = text.strip_suffix('%').and_then(|text| millionths(text.trim_end()));
        percent.and_then(|millionths| Ppm::new(millionths).ok()).map(Self).ok_or_else(|| {
            format!("is {}; give 0% to 100% with its sign, such as `99.95%`", shown(&text))
        })
    }
}

impl FinePercent {
    /// The percentage as a fraction of 1.
    pub(super) fn fraction(self) -> Finite {
        let fraction = f64::from(self.0.millionths()) / 1e6;
        // at most 1
        Finite::new(fraction).unwrap_or_default()
    }
}

/// Ten thousand times the number in the text, which has four digits behind its point at most.
fn millionths(text: &str) -> Option<u32> {
    let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || behind.len() > 4 || !digits(whole) || !digits(behind) {
        return None;
    }
    let behind: u32 = format!("{behind:0<4}").parse().ok()?;
    whole.parse::<u32>().ok()?.checked_mul(10_000)?.checked_add(behind)
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
        assert_eq!(percent("99.95 %").unwrap().0.millionths(), 999_500);
        for bad in ["99.95", "100.0001%", "-1%", "1.00001%", "%", "1.x%"] {
            assert!(percent(bad).is_err(), "{bad}");
        }
    }
}
