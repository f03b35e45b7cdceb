//! Stale values as a listing: the longest stale first, read by the index that has the values in force by that time.
//!
//! By age, stale entries are not listed in the order of their ids: these stand in no order in that index, so that all of
//! them would have to be gathered before the first page.

use std::fmt::Write;

use anyhow::Result;
use rusqlite::OptionalExtension;
use rusqlite::types::Value as Sql;

use super::by_source::{self, by_source};
use super::reader::Reader;
use super::sql::{self, Fragment};
use crate::model::filter::{Filter, Term};
use crate::model::query::{Cursor, Key, Query};
use crate::model::table::{Field, Kind, Table};
use crate::model::time::Micros;

/// When a value got stale: it stands beside the entry that holds the value, and is no field of it.
pub(super) static STALE_ON: Field = Field {
    name: "stale_on",
    short: "stale",
    title: "Stale since",
    kind: Kind::Time,
    own: true,
    looked_up: false,
    derived: true,
};

/// Whether a listing by age is one of stale values, and so goes by the time at which each got stale.
pub fn by_stale_time(query: &Query) -> bool {
    query.sort.keys.is_empty() && query.table == Table::Ledger && query.filter.terms.iter().any(Term::is_stale)
}

/// What stands behind FROM, known as `t`, and the WHERE term of the filter.
pub(super) fn matching(query: &Query, now: Micros) -> (String, Fragment) {
    if !by_stale_time(query) {
        let mut filter = sql::condition(query.table, &query.filter, now);
        if by_source(query) {
            filter.sql.push_str(by_source::TERM);
        }
        return (format!("{} AS t", sql::rows_of(query.table)), filter);
    }
    let terms = query.filter.terms.iter().filter(|term| !term.is_stale()).cloned().collect();
    let mut filter = sql::condition(query.table, &Filter { terms }, now);
    filter.sql.push_str(" AND t.stale_on <= ?");
    filter.values.push(Sql::Integer(now));
    (stale_entries(), filter)
}

/// The id comes from the index. Each value in force has its entry: it is joined so that SQLite leaves it out where only the
/// time counts, as for a row's number.
fn stale_entries() -> String {
    let mut columns = String::from("c.ledger AS id, c.stale_on AS stale_on");
    for field in Table::Ledger.fields().iter().filter(|field| !field.looked_up) {
        let _ = write!(columns, ", l.{0} AS {0}", field.name);
    }
    format!(
        "(SELECT {columns} FROM current_value AS c
          LEFT JOIN integration_ledger AS l ON l.id = c.ledger WHERE c.stale_on IS NOT NULL) AS t"
    )
}

impl Reader {
    /// Where an entry stands in the listing of stale values; before all others where it is none of them any more.
    pub(super) fn stale_place(&self, id: i64) -> Result<Cursor> {
        let sql = "SELECT stale_on FROM current_value WHERE ledger = ?";
        let time = self.conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
        Ok(Cursor { keys: vec![time.flatten().map_or(Key::Null, Key::Int)], id })
    }
}
