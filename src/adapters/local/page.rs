//! Pages of a list.

use super::super::sim::ApiError;
use super::params::Params;

/// One page of a whole list, and what asks for the next one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page<T> {
    /// The items of this page.
    pub(super) items: Vec<T>,
    /// The token of the next page; none after the last.
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts the page that a token asks for; a token holds the number of items before it.
    pub(super) fn cut(items: Vec<T>, token: Option<&str>, most: usize) -> Self {
        let first = token.and_then(|token| token.parse().ok()).unwrap_or(0);
        let (all, end) = (items.len(), usize::saturating_add(first, most.max(1)));
        let items = items.into_iter().skip(first).take(most.max(1)).collect();
        Self { items, next: (end < all).then(|| end.to_string()) }
    }
}

/// Refuses a page size out of bounds, and a token that no answer held.
pub(super) fn check_page(
    params: Params<'_>,
    size: &str,
    token: &str,
    most: u32,
) -> Result<(), ApiError> {
    if params.count(size)?.is_some_and(|size| size == 0 || size > most) {
        return Err(ApiError::invalid(format!("{size} must be between 1 and {most}.")));
    }
    if params.text(token)?.is_some_and(|token| token.parse::<usize>().is_err()) {
        return Err(ApiError::invalid(format!("Invalid {token}.")));
    }
    Ok(())
}

/// The size of the page that a request wants.
pub(super) fn size(params: Params<'_>, member: &str, unless: u32) -> usize {
    let size = params.count(member).ok().flatten().unwrap_or(unless);
    usize::try_from(size).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_everything_once_and_end() {
        let first = Page::cut(vec![1, 2, 3], None, 2);
        assert_eq!((first.items.as_slice(), first.next.as_deref()), ([1, 2].as_slice(), Some("2")));
        let second = Page::cut(vec![1, 2, 3], first.next.as_deref(), 2);
        assert_eq!((second.items.as_slice(), second.next), ([3].as_slice(), None));
        assert_eq!(Page::cut(vec![1, 2], None, 2).next, None);
    }
}
