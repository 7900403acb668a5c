//! Metric math.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::super::api_error::ApiError;

/// Values by the minute in which their period begins.
pub(super) type Series = BTreeMap<u64, f64>;

/// What a part of a formula yields.
#[derive(Debug, Clone)]
enum Value {
    Scalar(f64),
    Series(Series),
}

/// A part of a formula.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Number(f64),
    Name(String),
    Sign(char),
}

/// Works out a formula.
struct Formula<'a> {
    parts: Peekable<IntoIter<Part>>,
    /// The series of a query.
    lookup: &'a mut dyn FnMut(&str) -> Result<Series, ApiError>,
    /// Every period's beginning, oldest first.
    times: &'a [u64],
}

/// What a formula yields. `times` are the beginnings of all periods, oldest first.
pub(super) fn work_out(
    formula: &str,
    times: &[u64],
    lookup: &mut dyn FnMut(&str) -> Result<Series, ApiError>,
) -> Result<Series, ApiError> {
    let mut left = Formula { parts: parts(formula)?.into_iter().peekable(), lookup, times };
    let value = left.sum()?;
    match (left.parts.next(), value) {
        (None, Value::Series(series)) => Ok(series),
        (None, Value::Scalar(_)) => Err(wrong("the formula must return a time series")),
        (Some(_), _) => Err(wrong("there is more than one formula")),
    }
}

fn wrong(why: &str) -> ApiError {
    ApiError::validation(format!("Error in expression: {why}"))
}

fn parts(formula: &str) -> Result<Vec<Part>, ApiError> {
    let mut parts = Vec::new();
    let mut rest = formula;
    while let Some(first) = rest.chars().next() {
        let word = |fits: fn(char) -> bool| -> usize {
            rest.find(|letter: char| !fits(letter)).unwrap_or(rest.len())
        };
        let length = if first.is_ascii_digit() || first == '.' {
            let length = word(|letter| letter.is_ascii_digit() || letter == '.');
            let number = rest.get(..length).and_then(|text| text.parse().ok());
            parts.push(Part::Number(number.ok_or_else(|| wrong("a number is malformed"))?));
            length
        } else if first.is_ascii_alphabetic() {
            let length = word(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            parts.extend(rest.get(..length).map(|name| Part::Name(name.to_owned())));
            length
        } else {
            if "+-*/(),".contains(first) {
                parts.push(Part::Sign(first));
            } else if !first.is_whitespace() {
                return Err(wrong("only + - * /, parentheses, numbers, ids and FILL are modelled"));
            }
            first.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(parts)
}

impl Formula<'_> {
    fn takes(&mut self, signs: &[char]) -> Option<char> {
        let next = self.parts.next_if(|part| matches!(part, Part::Sign(of) if signs.contains(of)));
        match next {
            Some(Part::Sign(sign)) => Some(sign),
            _ => None,
        }
    }

    fn expect(&mut self, sign: char) -> Result<(), ApiError> {
        self.takes(&[sign]).map(|_| ()).ok_or_else(|| wrong("a bracket or comma is missing"))
    }

    fn sum(&mut self) -> Result<Value, ApiError> {
        let mut value = self.product()?;
        while let Some(sign) = self.takes(&['+', '-']) {
            let other = self.product()?;
            value = combine(&value, &other, sign);
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<Value, ApiError> {
        let mut value = self.factor()?;
        while let Some(sign) = self.takes(&['*', '/']) {
            let other = self.factor()?;
            value = combine(&value, &other, sign);
        }
        Ok(value)
    }

    fn factor(&mut self) -> Result<Value, ApiError> {
        match self.parts.next() {
            Some(Part::Number(number)) => Ok(Value::Scalar(number)),
            Some(Part::Sign('-')) => {
                let value = self.factor()?;
                Ok(combine(&Value::Scalar(0.0), &value, '-'))
            }
            Some(Part::Sign('(')) => {
                let value = self.sum()?;
                self.expect(')')?;
                Ok(value)
            }
            Some(Part::Name(name)) if name == "FILL" => self.fill(),
            Some(Part::Name(name)) => (self.lookup)(&name).map(Value::Series),
            _ => Err(wrong("it ends too early")),
        }
    }

    /// `FILL(series, number)` or `FILL(series, REPEAT)`.
    fn fill(&mut self) -> Result<Value, ApiError> {
        self.expect('(')?;
        let Value::Series(mut series) = self.sum()? else {
            return Err(wrong("FILL needs a time series"));
        };
        self.expect(',')?;
        let repeats = self.parts.next_if_eq(&Part::Name("REPEAT".to_owned())).is_some();
        let mut filler = match repeats {
            true => None,
            false => match self.sum()? {
                Value::Scalar(number) => Some(number),
                Value::Series(_) => return Err(wrong("FILL needs a number or REPEAT")),
            },
        };
        self.expect(')')?;
        for time in self.times {
            match (series.get(time), filler) {
                (Some(value), _) if repeats => filler = Some(*value),
                (None, Some(number)) => drop(series.insert(*time, number)),
                _ => {}
            }
        }
        Ok(Value::Series(series))
    }
}

fn combine(left: &Value, right: &Value, sign: char) -> Value {
    let of = |left: f64, right: f64| match sign {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        _ => left / right,
    };
    let series = |pairs: &mut dyn Iterator<Item = (u64, f64)>| {
        // what cannot be worked out has no datum
        Value::Series(pairs.filter(|(_, value)| value.is_finite()).collect())
    };
    match (left, right) {
        (Value::Scalar(left), Value::Scalar(right)) => Value::Scalar(of(*left, *right)),
        (Value::Series(left), Value::Scalar(right)) => {
            series(&mut left.iter().map(|(at, value)| (*at, of(*value, *right))))
        }
        (Value::Scalar(left), Value::Series(right)) => {
            series(&mut right.iter().map(|(at, value)| (*at, of(*left, *value))))
        }
        (Value::Series(left), Value::Series(right)) => {
            let both =
                left.iter().filter_map(|(at, value)| Some((*at, of(*value, *right.get(at)?))));
            series(&mut { both })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(formula: &str) -> Result<Series, ApiError> {
        let a = Series::from([(0, 6.0), (1, 8.0), (3, 1.0)]);
        let b = Series::from([(0, 3.0), (3, 0.0)]);
        work_out(formula, &[0, 1, 2, 3], &mut |id| match id {
            "a" => Ok(a.clone()),
            "b" => Ok(b.clone()),
            _ => Err(wrong("no such id")),
        })
    }

    #[test]
    fn products_come_before_sums_and_gaps_stay_gaps() {
        assert_eq!(of("1 + 2*a").unwrap()[&1], 17.0);
        assert_eq!(of("(1 + 2) * a - -1").unwrap()[&1], 25.0);
        assert_eq!(of("100*a/b").unwrap(), Series::from([(0, 200.0)]));
    }

    #[test]
    fn fill_fills_gaps() {
        assert_eq!(of("FILL(b, 0)").unwrap().len(), 4);
        assert_eq!(of("FILL(b, REPEAT) + 0").unwrap()[&2], 3.0);
    }

    #[test]
    fn a_wrong_formula_is_refused() {
        for wrong in ["", "1", "a b", "a +", "(a", "c", "a > b", "FILL(1, 2)"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
