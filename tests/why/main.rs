//! Why a deployment did what it did, as text. The texts are kept beside this file;
//! `CUTOVER_GOLDEN=write` writes them anew.
#![expect(clippy::unwrap_used, reason = "tests")]

mod again;
mod rig;
mod texts;
