//! Why a deployment did what it did, as text. The texts are kept beside this file;
//! `CUTOVER_GOLDEN=write` writes them anew.
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod rig;
mod texts;
