//! Which number a row has in a listing, and which row has a number.

use anyhow::Result;
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, params_from_iter};

use super::paging::{Order, places};
use super::reader::Reader;
use super::stale::matching;
use crate::model::query::{Cursor, Query};

impl Reader {
    /// The number of the row at a cursor, from 1; `None` where `cap` rows or more stand before it.
    pub fn number(&self, query: &Query, cursor: &Cursor, cap: i64) -> Result<Option<i64>> {
        let order = Order::of(query);
        if is_whole(query, &order) {
            return Ok(Some(if order.newest { self.newest(query)? - cursor.id + 1 } else { cursor.id }));
        }
        let mut before = 0;
        for place in places(query, &order.backwards(), Some(cursor), false) {
            let (from, filter) = matching(query, self.now());
            let text =
                format!("SELECT count(*) FROM (SELECT 1 FROM {from} WHERE {} AND {} LIMIT ?)", filter.sql, place.sql);
            let values = filter.values.into_iter().chain(place.values).chain([Sql::Integer(cap - before)]);
            before +=
                self.conn.prepare_cached(&text)?.query_row(params_from_iter(values), |row| row.get::<_, i64>(0))?;
        }
        Ok((before < cap).then_some(before + 1))
    }

    fn newest(&self, query: &Query) -> Result<i64> {
        let text = format!("SELECT coalesce(max(id), 0) FROM {}", query.table.info().sql);
        Ok(self.conn.prepare_cached(&text)?.query_row([], |row| row.get(0))?)
    }

    /// Where the row with a number stands, from 1; `None` beyond the listing's end. Unless a whole table is listed by age,
    /// it passes over all rows before it, so it is for a person who asks for a number, never for paging.
    pub fn numbered(&self, query: &Query, number: i64) -> Result<Option<Cursor>> {
        let order = Order::of(query);
        if is_whole(query, &order) {
            let number = number.max(1);
            let id = if order.newest { self.newest(query)? - number + 1 } else { number };
            return self.cursor(query, id);
        }
        let (from, filter) = matching(query, self.now());
        let text = format!("SELECT t.id FROM {from} WHERE {} ORDER BY {} LIMIT 1 OFFSET ?", filter.sql, order.sql());
        let values = filter.values.into_iter().chain([Sql::Integer((number - 1).max(0))]);
        let id = self.conn.prepare_cached(&text)?.query_row(params_from_iter(values), |row| row.get(0)).optional()?;
        id.map_or(Ok(None), |id| self.cursor(query, id))
    }
}

/// Whether a listing is a whole table by age. Ids go on from 1 and rows are never deleted, so there an id is a number.
fn is_whole(query: &Query, order: &Order) -> bool {
    query.filter.terms.is_empty() && order.keys.is_empty()
}
