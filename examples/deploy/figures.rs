//! Figures on the command line.

use std::time::Duration;

use cutover::spec::TimeSpan;

/// A number of so many decimals that was multiplied with ten as often, as people write it.
pub(crate) fn decimal(number: u64, places: u32) -> String {
    let one = 10_u64.pow(places);
    let width = usize::try_from(places).unwrap_or_default();
    let text = format!("{}.{:0width$}", number / one, number % one);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number with at most so many decimals, multiplied with ten as often.
fn fixed(text: &str, places: u32) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let places = usize::try_from(places).ok().filter(|places| part.len() <= *places)?;
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

/// Requests a second, in thousandths.
pub(crate) fn milli(text: &str) -> Result<u64, String> {
    let number = fixed(text, 3).filter(|milli| *milli <= 1_000_000_000);
    number
        .ok_or_else(|| "give requests a second, at most a million, as in `200` or `0.5`".to_owned())
}

/// A share, in millionths.
pub(crate) fn ppm(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('%').and_then(|text| fixed(text, 4));
    let number = number.filter(|ppm| *ppm <= 1_000_000).and_then(|ppm| u32::try_from(ppm).ok());
    number.ok_or_else(|| "give 0% to 100% in multiples of 0.0001%, as in `0.1%`".to_owned())
}

/// A share, in thousandths.
pub(crate) fn permille(text: &str) -> Result<u64, String> {
    let number = text.strip_suffix('%').and_then(|text| fixed(text, 1));
    let number = number.filter(|permille| *permille <= 1000);
    number.ok_or_else(|| "give 0% to 100% in multiples of 0.1%, as in `5%`".to_owned())
}

/// A time with its units.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    let span: Result<TimeSpan, _> = text.parse();
    span.map(|span| span.0).map_err(|_| "give a time, as in `24h` or `7d`".to_owned())
}
