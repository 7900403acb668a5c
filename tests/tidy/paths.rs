//! The paths that a file names, and the files they lead to.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::scan::Token;
use super::scan::tokens;

/// A path that starts at the crate, `crate::` and `super::` resolved, and the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
}

/// The module that a file in `src/` is: `src/a/b.rs` and `src/a/b/mod.rs` are both `a::b`.
pub(super) fn module(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let inner = inner.trim_end_matches("mod").trim_end_matches('/');
    inner.split('/').filter(|part| !part.is_empty() && *part != "lib").map(str::to_owned).collect()
}

/// Every path into this crate that the code of a file names, whether in a `use` or not.
pub(super) fn mentions(file: &str, source: &str) -> Vec<Mention> {
    let code = tokens(source);
    let mut found = Vec::new();
    let mut here = module(file);
    let mut inline = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in code.iter().enumerate() {
        match token.text.as_str() {
            "{" => {
                depth += 1;
                if let Some(name) = inline_module(&code, at) {
                    inline.push(depth);
                    here.push(name);
                }
            }
            "}" => {
                if inline.last() == Some(&depth) {
                    inline.pop();
                    here.pop();
                }
                depth = depth.saturating_sub(1);
            }
            "crate" | "super" | "self" if begins_path(&code, at) => {
                collect(&code, at, &here, &mut found);
            }
            _ => {}
        }
    }
    found
}

fn text(code: &[Token], at: usize) -> &str {
    code.get(at).map_or("", |token| token.text.as_str())
}

fn inline_module(code: &[Token], brace: usize) -> Option<String> {
    let (keyword, name) = (brace.checked_sub(2)?, brace.checked_sub(1)?);
    (text(code, keyword) == "mod").then(|| text(code, name).to_owned())
}

fn begins_path(code: &[Token], at: usize) -> bool {
    let inside = at > 0 && text(code, at - 1) == "::";
    !inside && text(code, at + 1) == "::"
}

/// Follows one path, groups too, from its first word on.
fn collect(code: &[Token], at: usize, here: &[String], found: &mut Vec<Mention>) {
    let mut base = here.to_vec();
    let mut at = at;
    match text(code, at) {
        "crate" => base.clear(),
        "super" => {
            base.pop();
        }
        _ => {}
    }
    while text(code, at + 1) == "::" && text(code, at + 2) == "super" {
        base.pop();
        at += 2;
    }
    branch(code, at + 1, base, found);
}

/// Follows what comes after a word of a path; answers where it ends.
fn branch(code: &[Token], at: usize, path: Vec<String>, found: &mut Vec<Mention>) -> usize {
    let line = code.get(at.saturating_sub(1)).map_or(0, |token| token.line);
    if text(code, at) != "::" {
        found.push(Mention { path, line });
        return at;
    }
    let Some(next) = code.get(at + 1) else { return at + 1 };
    if next.is_word() {
        let longer = path.into_iter().chain([next.text.clone()]).collect();
        return branch(code, at + 2, longer, found);
    }
    if next.text != "{" {
        found.push(Mention { path, line });
        return at + 2;
    }
    let mut at = at + 2;
    while let Some(token) = code.get(at).filter(|token| token.text != "}") {
        if token.is_word() {
            let longer = path.iter().cloned().chain([token.text.clone()]).collect();
            at = branch(code, at + 1, longer, found);
        } else {
            at += 1;
        }
    }
    at + 1
}

/// What a `mod.rs` or `lib.rs` re-exports: the name, and the path it stands for.
fn exports(file: &str, source: &str) -> BTreeMap<String, Vec<String>> {
    let code = tokens(source);
    let mut found = Vec::new();
    for (at, _) in code.iter().enumerate().filter(|(_, token)| token.text == "use") {
        let first = text(&code, at + 1);
        if matches!(first, "crate" | "super" | "self") {
            collect(&code, at + 1, &module(file), &mut found);
        } else {
            let path = module(file).into_iter().chain([first.to_owned()]).collect();
            branch(&code, at + 2, path, &mut found);
        }
    }
    let named = |mention: Mention| Some((mention.path.last()?.clone(), mention.path));
    found.into_iter().filter_map(named).collect()
}

/// The files of `src/`, by path, and the way from a crate path to the file that defines it.
#[derive(Debug)]
pub(super) struct Sources<'a> {
    files: &'a BTreeMap<String, String>,
    exports: BTreeMap<&'a str, BTreeMap<String, Vec<String>>>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(files: &'a BTreeMap<String, String>) -> Self {
        let facade = |file: &str| file.ends_with("/mod.rs") || file == "src/lib.rs";
        let exports = files
            .iter()
            .filter(|(file, _)| facade(file))
            .map(|(file, source)| (file.as_str(), exports(file, source)))
            .collect();
        Self { files, exports }
    }

    /// The file that defines what a path names, through re-exports.
    pub(super) fn file_of(&self, path: &[String]) -> Option<&'a str> {
        self.walk(path, 0)
    }

    fn walk(&self, path: &[String], hops: usize) -> Option<&'a str> {
        let mut at = self.files.get_key_value("src/lib.rs")?.0.as_str();
        for (depth, name) in path.iter().enumerate() {
            let module = path.get(..=depth)?.join("/");
            let below = [format!("src/{module}.rs"), format!("src/{module}/mod.rs")];
            if let Some((file, _)) = below.iter().find_map(|file| self.files.get_key_value(file)) {
                at = file;
            } else if let Some(target) = self.exports.get(at).and_then(|names| names.get(name)) {
                return if hops < 4 { self.walk(target, hops + 1) } else { Some(at) };
            } else {
                return Some(at);
            }
        }
        Some(at)
    }

    /// The files that a file's code needs. A `#[cfg(test)] mod x;` is not a need.
    pub(super) fn needs(&self, file: &str) -> BTreeSet<&'a str> {
        let source = self.files.get(file).map(String::as_str).unwrap_or_default();
        let named = mentions(file, source).into_iter().map(|mention| mention.path);
        named
            .chain(children(file, source))
            .filter_map(|path| self.file_of(&path))
            .filter(|needed| *needed != file)
            .collect()
    }
}

/// The modules that a file declares in files of their own, those for tests left out.
fn children(file: &str, source: &str) -> Vec<Vec<String>> {
    let code = tokens(source);
    let mut found = Vec::new();
    for at in 0..code.len() {
        let declared = text(&code, at) == "mod" && text(&code, at + 2) == ";";
        if declared && !for_tests(&code, at) {
            let name = text(&code, at + 1).to_owned();
            found.push(module(file).into_iter().chain([name]).collect());
        }
    }
    found
}

fn for_tests(code: &[Token], at: usize) -> bool {
    let shown = ["#", "[", "cfg", "(", "test", ")", "]"];
    let Some(from) = at.checked_sub(shown.len()) else { return false };
    shown.iter().enumerate().all(|(offset, sign)| text(code, from + offset) == *sign)
}
