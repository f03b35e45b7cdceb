//! Rows of a listing page by page, so that no table is ever held whole.

use crate::model::Row;
use crate::model::query::{Position, Query};
use crate::store::Reader;

use super::failure::Failure;

/// Rows a page.
const PAGE: usize = 1000;

/// Hands the first `limit` rows on in pages, and answers whether there are more.
pub(super) fn pages(
    reader: &Reader,
    query: &Query,
    limit: usize,
    mut take: impl FnMut(&[Row]) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let mut position = Position::First;
    let mut left = limit;
    loop {
        let page = reader.page(query, &position, left.min(PAGE))?;
        take(&page.rows)?;
        left -= page.rows.len().min(left);
        match page.cursors.last() {
            Some(last) if page.more && left > 0 => position = Position::After(last.clone()),
            _ => return Ok(page.more),
        }
    }
}
