//! What is kept under a ticket.

/// What is kept under a ticket. There is a handful at most.
#[derive(Debug)]
pub(super) struct Tickets<T>(Vec<(u64, T)>);

impl<T> Default for Tickets<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Tickets<T> {
    /// Keeps something under a ticket that is new.
    pub(super) fn put(&mut self, ticket: u64, kept: T) {
        self.0.push((ticket, kept));
    }

    /// What is kept under a ticket.
    pub(super) fn get_mut(&mut self, ticket: u64) -> Option<&mut T> {
        self.0.iter_mut().find(|(of, _)| *of == ticket).map(|(_, kept)| kept)
    }

    /// Hands out what is kept under a ticket.
    pub(super) fn take(&mut self, ticket: u64) -> Option<T> {
        let place = self.0.iter().position(|(of, _)| *of == ticket)?;
        Some(self.0.swap_remove(place).1)
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }
}
