//! Where a page begins: the terms that pick the rows behind a cursor, and whether an index has the order.
//!
//! The rows behind a cursor are those that are equal in all keys but the id, then those equal in all but the last key, and so
//! on, in the order in which the listing has them. A key may be NULL, and `(key, id) > (?, ?)` loses NULLs, so NULL is
//! compared by itself: SQLite sorts it before every value.

use std::cmp::Ordering;

use rusqlite::types::Value as Sql;

use super::by_source::by_source;
use super::sql::Fragment;
use super::stale::{STALE_ON, by_stale_time};
use crate::model::Row;
use crate::model::choice::MapState;
use crate::model::filter::{Term, Test};
use crate::model::query::{Cursor, Key, Query, SortKey};
use crate::model::row::Value;
use crate::model::table::{Field, Kind, OF_JOB, Table};

/// The order of a listing as the store reads it: without the keys that make no difference.
#[derive(Debug)]
pub(super) struct Order {
    pub keys: Vec<SortKey>,
    pub newest: bool,
}

impl Order {
    /// The names that a store gives go by the ids: there the id is the key, and the last one.
    pub fn of(query: &Query) -> Order {
        if by_stale_time(query) {
            let key = SortKey { field: &STALE_ON, descending: query.sort.newest };
            return Order { keys: vec![key], newest: query.sort.newest };
        }
        let by_id = |key: &SortKey| query.table.names_by_id(key.field);
        let keys = query.sort.keys.iter().take_while(|key| !by_id(key)).copied().collect();
        let newest = query.sort.keys.iter().find(|key| by_id(key)).map_or(query.sort.newest, |key| key.descending);
        Order { keys, newest }
    }

    /// Whether rows are listed by a time that is no field of theirs.
    pub fn by_stale_time(&self) -> bool {
        self.keys.first().is_some_and(|key| *key.field == STALE_ON)
    }

    /// The same listing from its end to its beginning.
    pub fn backwards(mut self) -> Order {
        self.keys.iter_mut().for_each(|key| key.descending = !key.descending);
        self.newest = !self.newest;
        self
    }

    /// What follows ORDER BY.
    pub fn sql(&self) -> String {
        let direction = |descending: bool| if descending { "DESC" } else { "ASC" };
        let keys = self.keys.iter().map(|key| format!("t.{} {}, ", key.field.name, direction(key.descending)));
        format!("{}t.id {}", keys.collect::<String>(), direction(self.newest))
    }

    /// Where a row stands in this order.
    pub fn cursor(&self, row: &Row) -> Cursor {
        let key = |key: &SortKey| match (row.value(key.field.name), key.field.kind) {
            (Value::Null, _) => Key::Null,
            (Value::Int(n) | Value::Link(n, _), _) => Key::Int(*n),
            (Value::Text(text), Kind::Guid) => match uuid::Uuid::parse_str(text) {
                Ok(guid) => Key::Bytes(guid.as_bytes().to_vec()),
                Err(_) => Key::Null,
            },
            (Value::Text(text), _) => Key::Text(text.clone()),
        };
        Cursor { keys: self.keys.iter().map(key).collect(), id: row.id }
    }

    /// Which of two rows comes first.
    pub fn compare(&self, one: &Cursor, other: &Cursor) -> Ordering {
        let turned = |ordering: Ordering, descending: bool| if descending { ordering.reverse() } else { ordering };
        let keys = self.keys.iter().zip(one.keys.iter().zip(&other.keys));
        keys.map(|(key, (one, other))| turned(one.cmp(other), key.descending))
            .fold(Ordering::Equal, Ordering::then)
            .then(turned(one.id.cmp(&other.id), self.newest))
    }
}

/// The WHERE terms of a page's parts, in order: those that follow the cursor, or all.
///
/// Where an index has the first key, each part is read by it: an index finds a row among a million equal keys by key and
/// id, but passes over the rows before it where the two are compared at once. Without an index every part would read the
/// whole table, so that they are one.
pub(super) fn places(query: &Query, order: &Order, cursor: Option<&Cursor>, inclusive: bool) -> Vec<Fragment> {
    let parts = match cursor {
        Some(cursor) => behind(order, cursor, inclusive),
        None => whole(order),
    };
    if leads_by_index(query, order) { parts } else { vec![one_of(parts)] }
}

/// All rows in two parts, as an index may leave out the rows without a key.
fn whole(order: &Order) -> Vec<Fragment> {
    let term = |sql: String| Fragment { sql, values: Vec::new() };
    // Every stale value has its time.
    let first = order.keys.first().filter(|_| !order.by_stale_time());
    let Some(first) = first else { return vec![term("1".into())] };
    let name = first.field.name;
    let mut parts = vec![term(format!("t.{name} IS NULL")), term(format!("t.{name} IS NOT NULL"))];
    if first.descending {
        parts.reverse();
    }
    parts
}

/// The rows behind a cursor, the nearest first.
fn behind(order: &Order, cursor: &Cursor, inclusive: bool) -> Vec<Fragment> {
    let mut equal = Fragment::default();
    let mut parts: Vec<Fragment> = Vec::new();
    for (key, at) in order.keys.iter().zip(&cursor.keys) {
        // The farthest parts were found first.
        parts.extend(beyond(key, at).into_iter().rev().map(|part| both(&equal, part)));
        equal = both(&equal, same(key, at));
    }
    let sign = if order.newest { "<" } else { ">" };
    let or_equal = if inclusive { "=" } else { "" };
    let by_id = Fragment { sql: format!("t.id {sign}{or_equal} ?"), values: vec![Sql::Integer(cursor.id)] };
    parts.push(both(&equal, by_id));
    parts.reverse();
    parts
}

/// The rows with another key than the cursor's, behind it: the nearer part first.
fn beyond(key: &SortKey, at: &Key) -> Vec<Fragment> {
    let name = key.field.name;
    let term = |sql: String| Fragment { sql, values: Vec::new() };
    match (at, key.descending) {
        (Key::Null, false) => vec![term(format!("t.{name} IS NOT NULL"))],
        (Key::Null, true) => Vec::new(),
        (at, false) => vec![Fragment { sql: format!("t.{name} > ?"), values: vec![key_value(at)] }],
        (at, true) => {
            let values = Fragment { sql: format!("t.{name} < ?"), values: vec![key_value(at)] };
            vec![values, term(format!("t.{name} IS NULL"))]
        }
    }
}

fn same(key: &SortKey, at: &Key) -> Fragment {
    match at {
        Key::Null => Fragment { sql: format!("t.{} IS NULL", key.field.name), values: Vec::new() },
        at => Fragment { sql: format!("t.{} = ?", key.field.name), values: vec![key_value(at)] },
    }
}

fn both(one: &Fragment, other: Fragment) -> Fragment {
    if one.sql.is_empty() {
        return other;
    }
    let values = one.values.iter().cloned().chain(other.values).collect();
    Fragment { sql: format!("{} AND {}", one.sql, other.sql), values }
}

fn one_of(parts: Vec<Fragment>) -> Fragment {
    let terms: Vec<String> = parts.iter().map(|part| format!("({})", part.sql)).collect();
    Fragment {
        sql: format!("({})", terms.join(" OR ")),
        values: parts.into_iter().flat_map(|part| part.values).collect(),
    }
}

/// Whether a listing is read in its order by an index. Else every page reads all rows that match, and a large table is slow.
pub fn sorts_by_index(query: &Query) -> bool {
    let order = Order::of(query);
    // What shares its first key is sorted by the others: few rows of a record or a key, but a whole delivery of a job.
    let few = |key: &SortKey| !matches!(key.field.name, "integration_sync_job" | "waiting");
    match order.keys.as_slice() {
        [] => true,
        // An index goes one way: the id with its key.
        [only] if only.descending == order.newest => leads_by_index(query, &order),
        [first, ..] => few(first) && leads_by_index(query, &order),
    }
}

/// Whether an index has the first key of an order.
fn leads_by_index(query: &Query, order: &Order) -> bool {
    let Some(key) = order.keys.first() else { return true };
    match (query.table, key.field.name) {
        (Table::Identifiers, "identifier_id" | "external_key" | "target_id") => true,
        (Table::ValueMaps, "waiting") => query.filter.terms.iter().any(is_proposed),
        (Table::ValueMaps, "map_id") | (Table::CommitPolicies, "policy_id") => true,
        (Table::SyncItems, "integration_sync_job" | "target_id" | "parent_item") => true,
        (Table::Ledger, "target_id") => true,
        (_, name) => name == "guid" || *key.field == STALE_ON,
    }
}

/// Whether rows are found one by one among others that do not match, so that the first may be there long before a page is.
pub(super) fn is_searched(query: &Query) -> bool {
    let has_index = |field: &Field| match query.table {
        // By a job rows are found through what it made.
        Table::Identifiers | Table::Ledger if *field == OF_JOB => true,
        Table::Identifiers => matches!(field.name, "external_key" | "target_id" | "identifier_id" | "guid"),
        Table::ValueMaps | Table::CommitPolicies | Table::SyncJobs => true,
        Table::SyncItems => match field.name {
            "source_system_key" => by_source(query),
            name => matches!(name, "item_id" | "integration_sync_job" | "target_id" | "parent_item" | "guid"),
        },
        Table::Ledger => field.looked_up || matches!(field.name, "ledger_id" | "target_id" | "guid"),
    };
    sorts_by_index(query)
        && query.filter.terms.iter().any(|term| match &term.test {
            Test::Words(_) | Test::Contains(..) => true,
            Test::OneOf(field, _) | Test::Compare(field, ..) => !has_index(field),
            _ => false,
        })
}

/// The codes that wait for a decision have an index by how many items wait for them.
fn is_proposed(term: &Term) -> bool {
    !term.negated && matches!(term.test, Test::Is(_, code) if code == MapState::Proposed.code())
}

fn key_value(key: &Key) -> Sql {
    match key {
        Key::Null => Sql::Null,
        Key::Int(n) => Sql::Integer(*n),
        Key::Text(text) => Sql::Text(text.clone()),
        Key::Bytes(bytes) => Sql::Blob(bytes.clone()),
    }
}
