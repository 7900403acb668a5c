//! The switch that stops every deployment of the directory.

use std::path::PathBuf;

use super::directory::Directory;
use super::frame::Kind;
use super::trouble::Trouble;
use super::trouble::Undone;
use crate::model::StopOrder;

/// The orders of one directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turns<'a>(pub(super) &'a Directory);

impl Turns<'_> {
    fn path(self) -> PathBuf {
        self.0.root.join("stop")
    }

    /// Every order that is known, oldest first.
    pub(super) fn find(self) -> Result<Vec<StopOrder>, Trouble> {
        Ok(self.0.load(Kind::Stop, &self.path())?.unwrap_or_default())
    }

    pub(super) fn add(self, order: StopOrder) -> Result<(), Undone> {
        let mut orders = self.find()?;
        order.add(&mut orders);
        self.0.save(Kind::Stop, &self.path(), &orders)
    }
}
