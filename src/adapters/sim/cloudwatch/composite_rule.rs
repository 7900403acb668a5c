//! The rules of composite alarms.

use super::super::api_error::ApiError;
use crate::ports::AlarmState;

/// When a composite alarm fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum CompositeRule {
    /// `TRUE` or `FALSE`.
    Always(bool),
    /// `ALARM("name")`, `OK("name")` or `INSUFFICIENT_DATA("name")`.
    Is(AlarmState, String),
    /// `NOT x`.
    Not(Box<Self>),
    /// `x AND y`.
    And(Box<Self>, Box<Self>),
    /// `x OR y`.
    Or(Box<Self>, Box<Self>),
}

impl CompositeRule {
    /// The rule that this text says. `NOT` binds stronger than `AND`, and that stronger than `OR`.
    pub(in super::super) fn parse(text: &str) -> Result<Self, ApiError> {
        let mut reader = Reader { rest: text };
        let rule = reader.any()?;
        reader.skip();
        if reader.rest.is_empty() { Ok(rule) } else { Err(reader.wrong()) }
    }

    /// Whether it fires, for alarms in these states.
    pub(in super::super) fn fires(&self, state: &impl Fn(&str) -> AlarmState) -> bool {
        match self {
            Self::Always(fires) => *fires,
            Self::Is(wanted, name) => state(name) == *wanted,
            Self::Not(rule) => !rule.fires(state),
            Self::And(one, other) => one.fires(state) && other.fires(state),
            Self::Or(one, other) => one.fires(state) || other.fires(state),
        }
    }

    /// The alarms that it names, in order.
    pub(in super::super) fn children(&self) -> Vec<&str> {
        match self {
            Self::Always(_) => Vec::new(),
            Self::Is(_, name) => vec![name],
            Self::Not(rule) => rule.children(),
            Self::And(one, other) | Self::Or(one, other) => {
                let mut both = one.children();
                both.extend(other.children());
                both
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn wrong(&self) -> ApiError {
        ApiError::validation(format!("AlarmRule is not valid at '{}'", self.rest))
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes a sign or word, if it comes next.
    fn takes(&mut self, word: &str) -> bool {
        self.skip();
        let Some(rest) = self.rest.strip_prefix(word) else { return false };
        let whole = !word.ends_with(char::is_alphabetic)
            || !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        if whole {
            self.rest = rest;
        }
        whole
    }

    fn any(&mut self) -> Result<CompositeRule, ApiError> {
        let mut rule = self.all()?;
        while self.takes("OR") {
            rule = CompositeRule::Or(Box::new(rule), Box::new(self.all()?));
        }
        Ok(rule)
    }

    fn all(&mut self) -> Result<CompositeRule, ApiError> {
        let mut rule = self.one()?;
        while self.takes("AND") {
            rule = CompositeRule::And(Box::new(rule), Box::new(self.one()?));
        }
        Ok(rule)
    }

    fn one(&mut self) -> Result<CompositeRule, ApiError> {
        if self.takes("NOT") {
            return Ok(CompositeRule::Not(Box::new(self.one()?)));
        }
        if self.takes("(") {
            let rule = self.any()?;
            return if self.takes(")") { Ok(rule) } else { Err(self.wrong()) };
        }
        for (word, always) in [("TRUE", true), ("FALSE", false)] {
            if self.takes(word) {
                return Ok(CompositeRule::Always(always));
            }
        }
        for (word, state) in [
            ("ALARM", AlarmState::Alarm),
            ("OK", AlarmState::Ok),
            ("INSUFFICIENT_DATA", AlarmState::InsufficientData),
        ] {
            if self.takes(word) {
                return self.name().map(|name| CompositeRule::Is(state, name));
            }
        }
        Err(self.wrong())
    }

    /// A name or ARN in parentheses, with or without quotes.
    fn name(&mut self) -> Result<String, ApiError> {
        if !self.takes("(") {
            return Err(self.wrong());
        }
        self.skip();
        let quote = self.rest.chars().next().filter(|first| matches!(first, '"' | '\''));
        let begin = usize::from(quote.is_some());
        let text = self.rest.get(begin..).unwrap_or_default();
        let end = text.find(quote.unwrap_or(')')).ok_or_else(|| self.wrong())?;
        let (name, rest) = text.split_at_checked(end).ok_or_else(|| self.wrong())?;
        self.rest = rest.get(begin..).unwrap_or_default();
        let name = name.trim();
        let name = name.split_once(":alarm:").map_or(name, |(_, name)| name).to_owned();
        if name.is_empty() || !self.takes(")") {
            return Err(self.wrong());
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fires(text: &str) -> bool {
        let state = |name: &str| match name {
            "red" => AlarmState::Alarm,
            "green" => AlarmState::Ok,
            _ => AlarmState::InsufficientData,
        };
        CompositeRule::parse(text).unwrap().fires(&state)
    }

    #[test]
    fn rules_mean_what_the_user_guide_says() {
        for yes in [
            "ALARM(red)",
            "ALARM('red') AND NOT ALARM(\"green\")",
            "OK(green) AND (ALARM(green) OR ALARM(red))",
            "ALARM(red) OR ALARM(red) AND FALSE",
            "INSUFFICIENT_DATA(new) AND TRUE",
            "ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:red)",
        ] {
            assert!(fires(yes), "{yes}");
        }
        for no in ["ALARM(new)", "NOT ALARM(red)", "(ALARM(red) OR ALARM(red)) AND FALSE"] {
            assert!(!fires(no), "{no}");
        }
        let rule = CompositeRule::parse("ALARM(\"a b\") OR NOT OK(c)").unwrap();
        assert_eq!(rule.children(), ["a b", "c"]);
    }

    #[test]
    fn a_wrong_rule_is_refused() {
        for wrong in ["", "ALARM", "ALARM()", "ALARM(a", "ALARM(a) OK(b)", "ALARM(a) AND", "red"] {
            assert!(CompositeRule::parse(wrong).is_err(), "{wrong}");
        }
    }
}
