//! Colours and bars, or neither.

use std::time::Duration;

/// Colours text on a terminal and leaves it alone elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    colour: bool,
}

impl Paint {
    /// Colours only where someone can see them and did not ask for none.
    pub(crate) fn new(terminal: bool) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: terminal && !refused }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.code("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.code("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.code("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.code("32", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.code("33", text)
    }

    pub(crate) fn blue(self, text: &str) -> String {
        self.code("34", text)
    }

    fn code(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A bar of `width` cells, filled to `part` of `whole`, exact to an eighth of a cell.
pub(crate) fn bar(part: u64, whole: u64, width: usize) -> (String, String) {
    let cells = u64::try_from(width).unwrap_or(0);
    let eighths = (part.min(whole) * cells * 8).checked_div(whole).unwrap_or(0);
    let mut filled = "█".repeat(usize::try_from(eighths / 8).unwrap_or(0));
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    filled.push_str(partial.get(usize::try_from(eighths % 8).unwrap_or(0)).unwrap_or(&""));
    let empty = "░".repeat(width.saturating_sub(filled.chars().count()));
    (filled, empty)
}

/// A duration as `4m 05s` or `1h 02m`, in a form that does not jump about.
pub(crate) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m {s:02}s"),
        (h, m, _) => format!("{h}h {m:02}m"),
    }
}

/// A stopwatch, `00:04:05`.
pub(crate) fn stopwatch(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A number with thin groups of thousands, `12 345`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// `part` of `whole` in percent with one decimal, `4.1 %`.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let permille = (part * 1000 + whole / 2).checked_div(whole).unwrap_or(0);
    format!("{}.{} %", permille / 10, permille % 10)
}

/// Cuts a text to `width` characters.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let cut: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}
