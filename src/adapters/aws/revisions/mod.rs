//! Revisions, registered once each.

mod document;
mod registrar;
#[cfg(test)]
mod tests;

pub(super) use registrar::Registrar;
