//! Why a deployment did what it did, as text. The texts are kept beside this file;
//! `CUTOVER_GOLDEN=write` writes them anew.
#![expect(clippy::unwrap_used, reason = "tests")]

mod again;
#[path = "../base/rig.rs"]
mod base;
mod rig;
mod texts;
