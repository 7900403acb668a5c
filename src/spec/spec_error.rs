//! What is wrong with a spec and where.

use std::fmt;

/// What is wrong with a spec: where, which field, and what would be right.
///
/// It quotes a value only where the field is known and its kind cannot be secret, shortened, and never
/// a line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecError {
    /// The spec's name as given to the parser.
    pub source_name: String,
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
    /// The field, as a path from the top: `strategy.canary.weight`. Empty for the whole file.
    pub field: String,
    /// The value and what would be right.
    pub why: String,
}

impl std::error::Error for SpecError {}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source_name, line, column, field, why } = self;
        write!(f, "{source_name}:{line}:{column}: ")?;
        match (field.as_str(), why.starts_with("is ") || why.starts_with("has ")) {
            ("", _) => f.write_str(why),
            (field, true) => write!(f, "`{field}` {why}"),
            (field, false) => write!(f, "`{field}`: {why}"),
        }
    }
}

impl SpecError {
    /// From the parser's error and the path of the field that it was at.
    pub(super) fn new(source_name: &str, path: &str, error: &serde_saphyr::Error) -> Self {
        let place = error.location();
        let (field, why) = explain(path, error);
        Self {
            source_name: source_name.to_owned(),
            line: place.map_or(1, |place| place.line()),
            column: place.map_or(1, |place| place.column()),
            field,
            why,
        }
    }
}

/// A value in quotes, cut after its first word and 40 characters: a line too many may have been folded
/// into it.
pub(super) fn shown(value: &str) -> String {
    let ends = |c: &char| c.is_whitespace() || c.is_control();
    let short: String = value.chars().take_while(|c| !ends(c)).take(40).collect();
    let more = if short.len() < value.len() { "…" } else { "" };
    format!("`{short}{more}`")
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The field and what is wrong with it. The parser's own words are used only where they hold no value.
fn explain(path: &str, error: &serde_saphyr::Error) -> (String, String) {
    use serde_saphyr::Error as Parse;
    let field = path.trim_start_matches(['.', '?']);
    let why = match error {
        Parse::SerdeUnknownField { expected, .. } => {
            format!("is no field here; the fields are {}", listed(expected))
        }
        Parse::SerdeUnknownVariant { variant, expected, .. } => {
            format!("is {}; give one of {}", shown(variant), listed(expected))
        }
        Parse::SerdeMissingField { field: missing, .. } => {
            let dot = if field.is_empty() { "" } else { "." };
            return (format!("{field}{dot}{missing}"), "is missing; add it".to_owned());
        }
        Parse::Unexpected { expected, .. } => {
            format!("has the wrong type; give {}", kind(expected))
        }
        Parse::SerdeInvalidType { expected, .. } | Parse::SerdeInvalidValue { expected, .. } => {
            format!("has the wrong type; give {expected}")
        }
        Parse::NullIntoString { .. } => "is empty; give a value".to_owned(),
        Parse::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().map(shown).unwrap_or_default();
            return (String::new(), format!("{key} is given twice; keep one"));
        }
        Parse::ExpectedMappingEndAfterEnumVariantValue { .. } => {
            "is followed by another choice; keep one of them".to_owned()
        }
        Parse::Eof { .. } => "the file is empty or ends too early; complete it".to_owned(),
        Parse::MultipleDocuments { .. } => {
            return (String::new(), "a second document begins; give one a file".to_owned());
        }
        Parse::AliasError { error, .. } => return explain(path, error),
        Parse::Message { msg, .. } => msg.clone(),
        _ => "cannot be read as YAML; check quotes, brackets and indentation".to_owned(),
    };
    (field.to_owned(), why)
}

fn kind(expected: &str) -> &str {
    match expected {
        "string scalar" => "text",
        "sequence start" => "a list",
        "mapping start" => "a mapping of fields",
        other => other,
    }
}
