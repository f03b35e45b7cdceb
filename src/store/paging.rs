//! Where a page begins: the terms that pick the rows behind a cursor, and whether an index has the order.
//!
//! A sort key may be NULL, and `(key, id) > (?, ?)` loses NULLs, so a page is read in parts: the keys that are NULL and those
//! that are not, in the order in which SQLite sorts them.

use rusqlite::types::Value as Sql;

use super::sql::Fragment;
use super::stale::{STALE_ON, by_stale_time};
use crate::model::choice::MapState;
use crate::model::filter::{Term, Test};
use crate::model::query::{Cursor, Key, Query};
use crate::model::table::{Field, Kind, Table};

/// Which rows of the sort order a query reads.
enum Segment {
    Nulls,
    Values,
}

/// The field to sort by; `None` for the order of the ids, which is also that of the names a store gives.
pub(super) fn sort_field(query: &Query) -> Option<&'static Field> {
    if by_stale_time(query) {
        return Some(&STALE_ON);
    }
    query.sort.field.filter(|field| !(field.kind == Kind::Name && query.table.info().named_by_id))
}

/// NULL sorts first, so last where the order is descending.
fn segments(keyed: bool, descending: bool) -> Vec<Segment> {
    match (keyed, descending) {
        (false, _) => vec![Segment::Values],
        (true, false) => vec![Segment::Nulls, Segment::Values],
        (true, true) => vec![Segment::Values, Segment::Nulls],
    }
}

/// The WHERE terms of a page's parts, in order: those that follow the cursor, or all.
///
/// Where an index has the order, the rows that share the cursor's key are a part of their own: an index finds a row among a
/// million equal keys by key and id, but passes over the rows before it where the two are compared as a pair.
pub(super) fn places(query: &Query, cursor: Option<&Cursor>, inclusive: bool, descending: bool) -> Vec<Fragment> {
    let key = sort_field(query);
    let mut out = Vec::new();
    for segment in segments(key.is_some_and(|key| *key != STALE_ON), descending) {
        match (&segment, key, cursor) {
            (Segment::Values, Some(key), Some(cursor)) if cursor.key != Key::Null && sorts_by_index(query) => {
                let sign = if descending { "<" } else { ">" };
                let or_equal = if inclusive { "=" } else { "" };
                out.push(Fragment {
                    sql: format!("t.{} = ? AND t.id {sign}{or_equal} ?", key.name),
                    values: vec![key_value(&cursor.key), Sql::Integer(cursor.id)],
                });
                out.push(Fragment { sql: format!("t.{} {sign} ?", key.name), values: vec![key_value(&cursor.key)] });
            }
            _ => out.extend(place(key, cursor, inclusive, descending, &segment)),
        }
    }
    out
}

/// Whether a listing is read in its order by an index. Else every page reads all rows that match, and a large table is slow.
pub fn sorts_by_index(query: &Query) -> bool {
    let Some(key) = sort_field(query) else { return true };
    match (query.table, key.name) {
        (Table::Identifiers, "identifier_id" | "external_key" | "target_id") => true,
        (Table::ValueMaps, "waiting") => query.filter.terms.iter().any(is_proposed),
        (Table::ValueMaps, "map_id") | (Table::CommitPolicies, "policy_id") => true,
        (Table::SyncItems, "integration_sync_job" | "target_id" | "parent_item") => true,
        (Table::Ledger, "target_id") => true,
        _ => key.name == "guid" || *key == STALE_ON,
    }
}

/// Whether rows are found one by one among others that do not match, so that the first may be there long before a page is.
pub(super) fn is_searched(query: &Query) -> bool {
    let has_index = |field: &Field| match query.table {
        Table::Identifiers => matches!(field.name, "external_key" | "target_id" | "identifier_id" | "guid"),
        Table::ValueMaps | Table::CommitPolicies | Table::SyncJobs => true,
        Table::SyncItems => matches!(field.name, "integration_sync_job" | "target_id" | "parent_item" | "guid"),
        Table::Ledger => matches!(field.name, "target_id" | "guid"),
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

/// The WHERE term that picks what a segment holds from the cursor on; `None` where the cursor lies behind the segment.
fn place(
    key: Option<&Field>,
    cursor: Option<&Cursor>,
    inclusive: bool,
    descending: bool,
    segment: &Segment,
) -> Option<Fragment> {
    let sign = match (descending, inclusive) {
        (false, false) => ">",
        (false, true) => ">=",
        (true, false) => "<",
        (true, true) => "<=",
    };
    let by_id = |cursor: &Cursor| Fragment { sql: format!("t.id {sign} ?"), values: vec![Sql::Integer(cursor.id)] };
    let Some(key) = key else {
        return Some(cursor.map_or(Fragment { sql: "1".into(), values: vec![] }, by_id));
    };
    let name = key.name;
    let whole = |sql: String| Some(Fragment { sql, values: vec![] });
    match (segment, cursor) {
        (Segment::Nulls, None) => whole(format!("t.{name} IS NULL")),
        (Segment::Values, None) => whole(format!("t.{name} IS NOT NULL")),
        (Segment::Nulls, Some(cursor)) if cursor.key == Key::Null => {
            let rest = by_id(cursor);
            Some(Fragment { sql: format!("t.{name} IS NULL AND {}", rest.sql), values: rest.values })
        }
        (Segment::Nulls, Some(_)) => {
            if descending {
                whole(format!("t.{name} IS NULL"))
            } else {
                None
            }
        }
        (Segment::Values, Some(Cursor { key: Key::Null, .. })) => {
            if descending {
                None
            } else {
                whole(format!("t.{name} IS NOT NULL"))
            }
        }
        (Segment::Values, Some(cursor)) => Some(Fragment {
            sql: format!("(t.{name}, t.id) {sign} (?, ?)"),
            values: vec![key_value(&cursor.key), Sql::Integer(cursor.id)],
        }),
    }
}

fn key_value(key: &Key) -> Sql {
    match key {
        Key::Null => Sql::Null,
        Key::Int(n) => Sql::Integer(*n),
        Key::Text(text) => Sql::Text(text.clone()),
    }
}
