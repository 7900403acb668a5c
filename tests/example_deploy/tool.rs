//! The example, run as a process.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

/// The example as cargo built it beside this test. No AWS configuration of this machine reaches it.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let this = std::env::current_exe().unwrap_or_default();
    let built =
        this.ancestors().nth(2).map(|folder| folder.join("examples/deploy")).unwrap_or_default();
    let built = built.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(built.is_file(), "{} is missing; `cargo test` builds it", built.display());
    let mut command = Command::new(built);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Runs it to its end.
pub(crate) fn deploy(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A spec of these words, in a file of its own.
pub(crate) fn spec(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let written = std::fs::write(&path, text);
    assert!(written.is_ok(), "{written:?}");
    path
}

/// A state directory that is not there yet.
pub(crate) fn state(name: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("state-{name}"));
    if path.exists() {
        std::fs::remove_dir_all(&path).unwrap();
    }
    path.to_string_lossy().into_owned()
}

/// Lets another process go on for a moment.
#[expect(clippy::disallowed_methods, reason = "other processes are on the wall's time")]
pub(crate) fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(50));
}
