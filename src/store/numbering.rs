//! Which number a row has in a listing, and which row has a number.

use anyhow::Result;
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, params_from_iter};

use super::reader::{Reader, place, segments, sort_field};
use super::sql;
use crate::model::query::{Cursor, Query};

impl Reader {
    /// The number of the row at a cursor, from 1; `None` where `cap` rows or more stand before it.
    pub fn number(&self, query: &Query, cursor: &Cursor, cap: i64) -> Result<Option<i64>> {
        let key = sort_field(query.table, &query.sort);
        let backwards = !query.sort.descending;
        let mut before = 0;
        for segment in segments(key.is_some(), backwards) {
            let Some(place) = place(key, Some(cursor), false, backwards, &segment) else { continue };
            let filter = sql::condition(query.table, &query.filter, self.now());
            let table = query.table.info().sql;
            let text = format!(
                "SELECT count(*) FROM (SELECT 1 FROM {table} AS t WHERE {} AND {} LIMIT ?)",
                filter.sql, place.sql
            );
            let values = filter.values.into_iter().chain(place.values).chain([Sql::Integer(cap - before)]);
            before +=
                self.conn.prepare_cached(&text)?.query_row(params_from_iter(values), |row| row.get::<_, i64>(0))?;
        }
        Ok((before < cap).then_some(before + 1))
    }

    /// Where the row with a number stands, from 1; `None` beyond the listing's end. It passes over all rows before it, so
    /// it is for a person who asks for a number, never for paging.
    pub fn numbered(&self, query: &Query, number: i64) -> Result<Option<Cursor>> {
        let filter = sql::condition(query.table, &query.filter, self.now());
        let direction = if query.sort.descending { "DESC" } else { "ASC" };
        let order = match sort_field(query.table, &query.sort) {
            Some(field) => format!("t.{} {direction}, t.id {direction}", field.name),
            None => format!("t.id {direction}"),
        };
        let table = query.table.info().sql;
        let text = format!("SELECT t.id FROM {table} AS t WHERE {} ORDER BY {order} LIMIT 1 OFFSET ?", filter.sql);
        let values = filter.values.into_iter().chain([Sql::Integer((number - 1).max(0))]);
        let id = self.conn.prepare_cached(&text)?.query_row(params_from_iter(values), |row| row.get(0)).optional()?;
        id.map_or(Ok(None), |id| self.cursor(query, id))
    }
}
