//! Decimal percentages read exactly, without floating point.

/// The per mille that a decimal number of percent is: `12.5` is 125. `None` for anything finer than
/// 0.1, negative, or not a plain decimal number.
pub(crate) fn permille(percent: &str) -> Option<u32> {
    let (whole, tenth) = percent.split_once('.').unwrap_or((percent, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let tenth = match tenth.trim_end_matches('0') {
        _ if !digits(tenth) => return None,
        "" => "0",
        short => short,
    };
    if !digits(whole) || tenth.len() != 1 {
        return None;
    }
    whole.parse::<u32>().ok()?.checked_mul(10)?.checked_add(tenth.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_nothing_else_is_a_number() {
        let good = [
            ("0", 0),
            ("0.1", 1),
            ("3.0", 30),
            ("12.5", 125),
            ("33.300", 333),
            ("100", 1000),
            ("101", 1010),
        ];
        for (text, wanted) in good {
            assert_eq!(permille(text), Some(wanted), "{text}");
        }
        for bad in [
            "",
            ".",
            ".5",
            "5.",
            "0.05",
            "-1",
            "+1",
            "1e1",
            " 1",
            "1 ",
            "NaN",
            "1.2.3",
            "99999999999",
        ] {
            assert_eq!(permille(bad), None, "{bad}");
        }
    }
}
