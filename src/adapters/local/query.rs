//! Forms, as the Query protocol sends them.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use super::super::sim::ApiError;

/// More levels than any request of AWS has.
const DEPTH: usize = 24;

#[derive(Debug)]
enum Tree {
    Leaf(String),
    Branch(BTreeMap<String, Self>),
}

/// The fields of a form: `Action=DescribeRules&Version=2015-12-01&RuleArns.member.1=…`.
pub(super) fn fields(form: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(form).into_owned().collect()
}

/// The fields as one structure: `A.member.N.B` is a list of structures, ordered by number, and
/// `A.entry.N.key` with `A.entry.N.value` a map. All values are texts.
///
/// # Errors
///
/// Where a field is both a value and a structure, or too deep.
pub(super) fn structure(fields: &[(String, String)]) -> Result<Value, ApiError> {
    let mut root = Tree::Branch(BTreeMap::new());
    for (name, value) in fields {
        insert(&mut root, name, value)?;
    }
    Ok(value(root))
}

fn insert(root: &mut Tree, name: &str, value: &str) -> Result<(), ApiError> {
    let wrong = || ApiError::invalid(format!("{name} is both a value and a structure"));
    if name.split('.').count() > DEPTH {
        return Err(ApiError::invalid("a parameter is too deep"));
    }
    let (parents, last) = name.rsplit_once('.').unwrap_or(("", name));
    let mut place = root;
    for part in parents.split('.').filter(|_| !parents.is_empty()) {
        let Tree::Branch(members) = place else { return Err(wrong()) };
        let empty = || Tree::Branch(BTreeMap::new());
        place = members.entry(part.to_owned()).or_insert_with(empty);
    }
    let Tree::Branch(members) = place else { return Err(wrong()) };
    match members.insert(last.to_owned(), Tree::Leaf(value.to_owned())) {
        Some(Tree::Branch(_)) => Err(wrong()),
        _ => Ok(()),
    }
}

fn value(tree: Tree) -> Value {
    let mut members = match tree {
        Tree::Leaf(text) => return Value::String(text),
        Tree::Branch(members) => members,
    };
    if members.len() == 1 {
        if let Some(items) = members.get_mut("member").and_then(numbered) {
            return Value::Array(items.into_values().map(value).collect());
        }
        if let Some(entries) = members.get_mut("entry").and_then(numbered) {
            return Value::Object(entries.into_values().filter_map(entry).collect());
        }
    }
    Value::Object(members.into_iter().map(|(name, tree)| (name, value(tree))).collect())
}

/// The members of a list, if it is one.
fn numbered(tree: &mut Tree) -> Option<BTreeMap<u64, Tree>> {
    let Tree::Branch(members) = tree else { return None };
    let known = members.keys().all(|name| name.parse::<u64>().is_ok());
    let taken = known.then(|| std::mem::take(members))?;
    Some(taken.into_iter().filter_map(|(name, tree)| Some((name.parse().ok()?, tree))).collect())
}

fn entry(tree: Tree) -> Option<(String, Value)> {
    let Value::Object(mut pair) = value(tree) else { return None };
    let key = take(&mut pair, "key")?;
    Some((key.as_str()?.to_owned(), take(&mut pair, "value")?))
}

fn take(pair: &mut Map<String, Value>, name: &str) -> Option<Value> {
    pair.remove(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(form: &str) -> Result<Value, ApiError> {
        structure(&fields(form.as_bytes()))
    }

    #[test]
    fn a_list_is_ordered_by_number_and_not_by_text() {
        let form = "A.member.10.B=ten&A.member.2.B=two&A.member.2.C.D=deep%20er&E=1";
        let wanted = json!({"A": [{"B": "two", "C": {"D": "deep er"}}, {"B": "ten"}], "E": "1"});
        assert_eq!(parsed(form).unwrap(), wanted);
    }

    #[test]
    fn a_map_is_made_of_entries() {
        let form = "P.entry.1.key=display&P.entry.1.value=page&P.entry.2.key=a&P.entry.2.value=b";
        assert_eq!(parsed(form).unwrap(), json!({"P": {"a": "b", "display": "page"}}));
    }

    #[test]
    fn an_empty_list_is_an_empty_text() {
        assert_eq!(
            parsed("AlarmActions=&Name=x").unwrap(),
            json!({"AlarmActions": "", "Name": "x"})
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for form in ["A=1&A.B=2", "A.B=2&A=1"] {
            assert!(parsed(form).unwrap_err().message.contains("both"), "{form}");
        }
        let deep = format!("{}=1", vec!["a"; 100_000].join("."));
        assert!(parsed(&deep).unwrap_err().message.contains("deep"));
    }
}
