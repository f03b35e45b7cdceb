//! Reading a listing from its beginning to its end, and some of its rows by their ids; no table is ever held whole.

use anyhow::Result;

use super::paging::sort_field;
use super::reader::{Reader, cursor_at};
use super::stale::STALE_ON;
use crate::model::Row;
use crate::model::query::{Position, Query};

/// Rows a page.
const PAGE: usize = 1000;

impl Reader {
    /// Hands the first `limit` rows on in pages, and answers whether there are more.
    pub fn pages<E: From<anyhow::Error>>(
        &self,
        query: &Query,
        limit: usize,
        mut take: impl FnMut(&[Row]) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut position = Position::First;
        let mut left = limit;
        loop {
            let page = self.page(query, &position, left.min(PAGE))?;
            take(&page.rows)?;
            left -= page.rows.len().min(left);
            match page.cursors.last() {
                Some(last) if page.more && left > 0 => position = Position::After(last.clone()),
                _ => return Ok(page.more),
            }
        }
    }

    /// The rows with these ids that there still are, in the query's order, whatever its filter.
    pub fn rows(&self, query: &Query, ids: &[i64]) -> Result<Vec<Row>> {
        let key = sort_field(query);
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(row) = self.row(query.table, *id)? {
                let place = if key == Some(&STALE_ON) { self.stale_place(*id)? } else { cursor_at(key, &row) };
                rows.push(((place.key, place.id), row));
            }
        }
        rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        if query.sort.descending {
            rows.reverse();
        }
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }
}
