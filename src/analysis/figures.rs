//! Numbers as people read them.

use crate::model::Load;

/// Two digits, or all before the point.
pub(crate) fn short(number: f64) -> String {
    if number >= 10.0 {
        format!("{number:.0}")
    } else {
        trimmed(&format!("{number:.1}")).to_owned()
    }
}

/// A fraction as a percentage, without its sign, with four digits or as many as show something.
pub(crate) fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    let text = if percent >= 0.01 { format!("{percent:.4}") } else { format!("{percent:.8}") };
    trimmed(&text).to_owned()
}

/// `200 requests a second, 0.1 % of them bad`.
pub(crate) fn load(load: Load) -> String {
    let (requests, bad) = (load.requests_per_second.get(), load.error_rate.get());
    format!("{} requests a second, {} % of them bad", short(requests), percent(bad))
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_say_something() {
        assert_eq!([0.5, 2.0, 9.96, 146.3].map(short), ["0.5", "2", "10", "146"]);
        let shown = [0.001, 0.0075, 0.5, 1e-7, 1.0].map(percent);
        assert_eq!(shown, ["0.1", "0.75", "50", "0.00001", "100"]);
        let told = Load::new(200.0, 0.001).map(load);
        assert_eq!(told.as_deref(), Ok("200 requests a second, 0.1 % of them bad"));
    }
}
