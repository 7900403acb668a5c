//! The rules of the house. Each is a function over a file's path and text; below them, each is shown
//! a planted fault and must see it.

#[path = "tidy/paths.rs"]
mod paths;
#[path = "tidy/scan.rs"]
mod scan;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use paths::Sources;
use scan::Token;
use scan::tokens;

/// What each floor may import. Dependencies point one way, downwards.
const FLOORS: &[(&str, &[&str])] = &[
    (
        "simulate",
        &[
            "api", "driver", "engine", "gate", "strategy", "spec", "analysis", "record", "store",
            "adapters", "ports", "model", "error",
        ],
    ),
    (
        "api",
        &["driver", "engine", "strategy", "gate", "ports", "record", "store", "model", "error"],
    ),
    ("driver", &["engine", "gate", "ports", "record", "model", "error"]),
    ("engine", &["model", "error"]),
    ("gate", &["analysis", "ports", "model", "error"]),
    ("spec", &["strategy", "model", "error"]),
    ("strategy", &["model", "error"]),
    ("analysis", &["model", "error"]),
    ("record", &["model", "error"]),
    ("store", &["record", "ports", "model", "error"]),
    ("adapters", &["ports", "model", "error"]),
    ("testing", &["ports", "model", "error"]),
    ("ports", &["model", "error"]),
    ("model", &["error"]),
    ("error", &[]),
];

/// Which parts of the adapters may see which others.
const ADAPTERS: &[(&str, &[&str])] =
    &[("aws", &[]), ("sim", &[]), ("host", &[]), ("local", &["sim"])];

/// Words that say nothing, or that belong to others.
const WORDS: &[&str] = &["rollout", "helper", "util", "manager", "mock", "fake"];

/// Names from outside that hold such a word: crates, and what the SDK calls the state of a deployment.
const FOREIGN: &[&str] = &[
    "futures_util",
    "http_body_util",
    "hyper_util",
    "tokio_util",
    "DeploymentRolloutState",
    "rollout_state",
    "rollout_state_reason",
];

const MAX_LINES: usize = 400;

/// What is wrong, and where.
type Faults = Vec<String>;

/// A file imports only from the floors below its own.
fn floors(file: &str, source: &str) -> Faults {
    let module = paths::module(file);
    let Some(floor) = module.first() else { return Faults::new() };
    let Some((_, allowed)) = FLOORS.iter().find(|(name, _)| name == floor) else {
        return vec![format!("{file}: `{floor}` is not in the table of floors")];
    };
    let mut faults = Faults::new();
    for mention in paths::mentions(file, source) {
        let Some(target) = mention.path.first() else { continue };
        let place = format!("{file}:{}", mention.line);
        if !FLOORS.iter().any(|(name, _)| name == target) {
            faults
                .push(format!("{place}: `crate::{target}` is no floor; name the floor's own path"));
        } else if target != floor && !allowed.contains(&target.as_str()) {
            faults.push(format!("{place}: `{floor}` may not import from `{target}`"));
        } else if floor == "adapters" && target == floor {
            let part = |path: &[String]| path.get(1).cloned().unwrap_or_default();
            let (here, there) = (part(&module), part(&mention.path));
            let known = ADAPTERS.iter().find(|(name, _)| *name == here);
            let seen = known.is_some_and(|(_, seen)| seen.contains(&there.as_str()));
            if !here.is_empty() && here != there && !seen {
                faults.push(format!("{place}: `adapters::{here}` may not see `adapters::{there}`"));
            }
        }
    }
    faults
}

/// No two files need each other, not by a detour either.
fn circles(files: &BTreeMap<String, String>) -> Faults {
    let sources = Sources::new(files);
    let needs = files.keys().map(|file| (file.as_str(), sources.needs(file))).collect();
    let (mut done, mut faults) = (BTreeSet::new(), Faults::new());
    for file in files.keys() {
        visit(file, &needs, &mut Vec::new(), &mut done, &mut faults);
    }
    faults
}

fn visit<'a>(
    file: &'a str,
    needs: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
    faults: &mut Faults,
) {
    if let Some(at) = way.iter().position(|passed| *passed == file) {
        let circle: Vec<&str> = way.iter().skip(at).copied().chain([file]).collect();
        faults.push(format!("a circle: {}", circle.join(" → ")));
        return;
    }
    if done.contains(file) {
        return;
    }
    way.push(file);
    for needed in needs.get(file).into_iter().flatten() {
        visit(needed, needs, way, done, faults);
    }
    way.pop();
    done.insert(file);
}

/// A file is short enough to be read in one go.
fn length(file: &str, source: &str) -> Faults {
    let lines = source.lines().count();
    let long = lines > MAX_LINES;
    long.then(|| format!("{file}: {lines} lines, more than {MAX_LINES}")).into_iter().collect()
}

/// One path a `use`; groups only where a facade re-exports.
fn single_uses(file: &str, source: &str) -> Faults {
    let code = tokens(source);
    let facade = is_facade(file);
    let mut faults = Faults::new();
    for (at, token) in code.iter().enumerate().filter(|(_, token)| token.text == "use") {
        // `impl Trait + use<'a>` captures and imports nothing
        if code.get(at + 1).is_some_and(|next| next.text == "<") {
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| code.get(before));
        let public = before.is_some_and(|before| matches!(before.text.as_str(), "pub" | ")"));
        let mut words = code.iter().skip(at).take_while(|token| token.text != ";");
        if words.any(|token| token.text == "{") && !(facade && public) {
            faults.push(format!("{file}:{}: more than one path in a `use`", token.line));
        }
    }
    faults
}

fn is_facade(file: &str) -> bool {
    file.ends_with("/mod.rs") || file == "src/lib.rs"
}

/// A facade holds docs, attributes, `mod` and `pub use` only.
fn facades(file: &str, source: &str) -> Faults {
    if !is_facade(file) {
        return Faults::new();
    }
    let code = without_attributes(tokens(source));
    let items = code.split(|token| token.text == ";").filter(|item| !item.is_empty());
    let wrong = items.filter(|item| !is_facade_item(item)).filter_map(|item| item.first());
    wrong
        .map(|token| format!("{file}:{}: a facade only declares and re-exports", token.line))
        .collect()
}

fn is_facade_item(item: &[Token]) -> bool {
    let words: Vec<&str> = item.iter().map(|token| token.text.as_str()).collect();
    let (public, rest) = match words.as_slice() {
        ["pub", "(", _, ")", rest @ ..] | ["pub", rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    matches!(rest, ["mod", _]) || public && matches!(rest, ["use", ..])
}

fn without_attributes(code: Vec<Token>) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut rest = code.into_iter().peekable();
    while let Some(token) = rest.next() {
        if token.text != "#" {
            kept.push(token);
            continue;
        }
        let mut depth = 0_usize;
        for inner in rest.by_ref() {
            match inner.text.as_str() {
                "[" => depth += 1,
                "]" => depth -= 1,
                _ => {}
            }
            if depth == 0 && inner.text == "]" {
                break;
            }
        }
    }
    kept
}

/// The engine never waits.
fn synchronous(file: &str, source: &str) -> Faults {
    let waits = |token: &Token| matches!(token.text.as_str(), "async" | "await");
    let engine = file.starts_with("src/engine");
    let found = tokens(source).into_iter().filter(|token| engine && waits(token));
    found.map(|token| format!("{file}:{}: `{}` in the engine", token.line, token.text)).collect()
}

/// No name holds a word that says nothing.
fn names(file: &str, source: &str) -> Faults {
    let stem = file.trim_end_matches(".rs").replace(['/', '-', '.'], "_");
    let in_path = forbidden(&stem).map(|word| format!("{file}: `{word}` in the file's name"));
    let code = tokens(source);
    let named =
        code.iter().filter(|token| token.is_word() && !FOREIGN.contains(&token.text.as_str()));
    let in_code = named.filter_map(|token| {
        let word = forbidden(&token.text)?;
        Some(format!("{file}:{}: `{word}` in the name `{}`", token.line, token.text))
    });
    in_path.into_iter().chain(in_code).collect()
}

/// The forbidden word among the parts of a name, `snake_case` or `CamelCase`.
fn forbidden(name: &str) -> Option<&'static str> {
    let mut parts = String::new();
    let mut lower = false;
    for c in name.chars() {
        if lower && c.is_uppercase() {
            parts.push('_');
        }
        lower = c.is_lowercase();
        parts.extend(c.to_lowercase());
    }
    let holds = |word: &str| {
        parts.split('_').any(|part| part == word || part.strip_suffix('s') == Some(word))
    };
    WORDS.iter().copied().find(|word| holds(word))
}

/// Every `.rs` file below some folders of the project, by its path from the root.
fn files(folders: &[&str]) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    let mut open: Vec<String> = folders.iter().map(|folder| (*folder).to_owned()).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root.join(&folder)).into_iter().flatten().flatten() {
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                open.push(path);
            } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
                found.insert(path, fs::read_to_string(entry.path()).unwrap_or_default());
            }
        }
    }
    assert!(!found.is_empty(), "no source below {folders:?}");
    found
}

fn check(folders: &[&str], rules: &[fn(&str, &str) -> Faults]) {
    let files = files(folders);
    let each = files
        .iter()
        .flat_map(|(file, source)| rules.iter().flat_map(move |rule| rule(file, source)));
    let faults: Faults = each.collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_library_keeps_its_floors() {
    check(&["src"], &[floors]);
}

#[test]
fn the_library_has_no_circles() {
    let faults = circles(&files(&["src"]));
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_library_keeps_its_form() {
    check(&["src"], &[single_uses, facades, synchronous]);
}

#[test]
fn every_file_is_short_and_well_named() {
    check(&["src", "examples"], &[length]);
    check(&["src", "examples", "tests"], &[names]);
}

fn library(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(file, source)| ((*file).to_owned(), (*source).to_owned())).collect()
}

#[test]
fn an_import_from_a_floor_above_is_seen() {
    assert!(floors("src/engine/core.rs", "use crate::model::Plan;").is_empty());
    for planted in [
        "use crate::ports::Clock;",
        "use super::super::driver::Driver;",
        "fn f() { crate::api::start() }",
        "mod tests { use crate::{model::Plan, store::MemoryStore}; }",
        "use crate::Deployer;",
        "mod tests { fn f() { super::super::super::gate::f() } }",
    ] {
        assert_eq!(floors("src/engine/core.rs", planted).len(), 1, "{planted}");
    }
    assert!(
        floors("src/engine/core.rs", "// crate::ports\nconst A: &str = \"crate::ports::\";")
            .is_empty()
    );
    assert_eq!(floors("src/attic/old.rs", "").len(), 1);
}

#[test]
fn adapters_that_see_each_other_are_seen() {
    assert_eq!(floors("src/adapters/sim/door.rs", "use crate::adapters::aws::Fleet;").len(), 1);
    assert_eq!(floors("src/adapters/aws/fleet.rs", "use super::super::sim::World;").len(), 1);
    assert!(floors("src/adapters/local/door.rs", "use crate::adapters::sim::World;").is_empty());
    assert!(floors("src/adapters/sim/door.rs", "use super::world::World;").is_empty());
}

#[test]
fn a_circle_between_files_is_seen() {
    let planted = library(&[
        ("src/lib.rs", "pub mod model;"),
        ("src/model/mod.rs", "mod a;\nmod b;\nmod c;\npub use a::{A, Other};"),
        ("src/model/a.rs", "use super::b::B;"),
        ("src/model/b.rs", "use crate::model::c::C;"),
        ("src/model/c.rs", "fn f(a: super::Other) {}"),
    ]);
    let faults = circles(&planted);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults.concat().contains("src/model/c.rs → src/model/a.rs"), "{faults:?}");
}

#[test]
fn a_re_export_and_a_test_module_are_no_circles() {
    let planted = library(&[
        ("src/lib.rs", "pub mod model;"),
        ("src/model/mod.rs", "mod a;\nmod b;\n#[cfg(test)]\nmod tests;\npub use a::A;"),
        ("src/model/a.rs", "mod tests { use super::*; }"),
        ("src/model/b.rs", "use super::A;"),
        ("src/model/tests.rs", "use super::*;"),
    ]);
    assert_eq!(circles(&planted), Faults::new());
}

#[test]
fn a_file_of_401_lines_is_seen() {
    assert!(length("src/a.rs", &"\n".repeat(400)).is_empty());
    assert_eq!(length("src/a.rs", &"\n".repeat(401)).len(), 1);
}

#[test]
fn a_grouped_use_is_seen() {
    assert_eq!(single_uses("src/a/b.rs", "use crate::{model::A, ports::B};").len(), 1);
    assert_eq!(single_uses("src/a/b.rs", "use std::fmt::{self, Debug};").len(), 1);
    assert_eq!(single_uses("src/a/b.rs", "pub use super::c::{A, B};").len(), 1);
    assert_eq!(single_uses("src/a/mod.rs", "use b::{A, B};").len(), 1);
    assert!(
        single_uses("src/a/mod.rs", "pub use b::{A, B};\npub(crate) use c::{D, E};").is_empty()
    );
}

#[test]
fn a_facade_that_does_something_is_seen() {
    let good =
        "//! Docs.\n#![deny(clippy::x)]\n#[cfg(test)]\nmod a;\npub mod b;\npub use a::{A, B};";
    assert!(facades("src/x/mod.rs", good).is_empty());
    for planted in ["fn f() {}", "use a::A;", "const A: u8 = 1;", "mod a { }", "pub struct S;"] {
        assert_eq!(facades("src/x/mod.rs", planted).len(), 1, "{planted}");
        assert_eq!(facades("src/lib.rs", planted).len(), 1, "{planted}");
        assert!(facades("src/x/y.rs", planted).is_empty());
    }
}

#[test]
fn a_waiting_engine_is_seen() {
    assert_eq!(synchronous("src/engine/core.rs", "async fn f() { g().await }").len(), 2);
    assert!(synchronous("src/engine/core.rs", "// async\nfn f() {}").is_empty());
    assert!(synchronous("src/driver/core.rs", "async fn f() {}").is_empty());
}

#[test]
fn a_word_that_says_nothing_is_seen() {
    for planted in ["struct TaskManager;", "mod helpers;", "let fake_cloud = 1;", "RolloutPlan"] {
        assert_eq!(names("src/a.rs", planted).len(), 1, "{planted}");
    }
    assert_eq!(names("tests/string_utils.rs", "").len(), 1);
    let good = "// a rollout\nuse futures_util::Stream;\nlet utilization = \"mock\";";
    assert!(names("src/a.rs", good).is_empty());
}
