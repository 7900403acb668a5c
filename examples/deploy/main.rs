//! A command-line tool on the public API.
mod cli;
mod live;
mod outcome;
mod paint;
mod plan;
mod summary;
mod view;
mod words;
fn main() {
    let _ = outcome::BAD_USAGE;
}
