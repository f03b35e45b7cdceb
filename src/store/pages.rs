//! Reading a listing from its beginning to its end, and some of its rows by their ids; no table is ever held whole.

use anyhow::Result;

use super::paging::Order;
use super::reader::Reader;
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
        let order = Order::of(query);
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(row) = self.row(query.table, *id)? {
                let place = if order.by_stale_time() { self.stale_place(*id)? } else { order.cursor(&row) };
                rows.push((place, row));
            }
        }
        rows.sort_by(|(one, _), (other, _)| order.compare(one, other));
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }
}
