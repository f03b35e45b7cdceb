//! What row an operation was about, where it was one, and what stands in it: worked out when it is told, from the row itself.
//! The log's own sentences hold no values, so that what is disposed of is not named there for ever.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension};

use super::Reader;
use super::labels::Names;
use super::write::Write;
use crate::model::Table;

/// Characters of a value that a sentence shows.
const SHOWN: usize = 60;

/// The table whose rows an operation of a kind is about, and the columns of which it changes one in each of them.
fn subject(kind: &str) -> Option<(Table, [&'static str; 2])> {
    match kind {
        "certify" | "reject" | "revoke" | "reopen" | "recertify" => {
            Some((Table::Ledger, ["ledger_status", "certified_date_time"]))
        }
        "retry" | "park" | "unpark" | "close" => Some((Table::SyncItems, ["state", "statecode"])),
        _ => None,
    }
}

/// The row that an operation was about, if it was one alone.
fn only_row(conn: &Connection, seq: i64, kind: &str) -> Result<Option<(Table, i64)>> {
    let Some((table, [one, other])) = subject(kind) else { return Ok(None) };
    let sql = "SELECT row_id FROM operation_change WHERE seq = ?1 AND table_name = ?2
                 AND (json_type(before, '$.' || ?3) IS NOT NULL OR json_type(before, '$.' || ?4) IS NOT NULL)
               ORDER BY ordinal";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query((seq, table.info().sql, one, other))?;
    let mut only = None;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        if only.is_some_and(|only| only != id) {
            return Ok(None);
        }
        only = Some(id);
    }
    Ok(only.map(|id| (table, id)))
}

/// `contact HR:E-10210 last_name 'Nguyen'`; not yet `Shown`.
pub(super) fn told(conn: &Connection, names: &mut Names, table: Table, id: i64) -> Result<Option<String>> {
    let columns = match table {
        Table::Ledger => "aspect_key, value, NULL",
        Table::SyncItems => "field_name, raw_value, external_key",
        _ => return Ok(None),
    };
    let sql =
        format!("SELECT target_table, target_id, source_system_key, {columns} FROM {} WHERE id = ?", table.info().sql);
    type Found = (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>, Option<String>);
    let read = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?));
    let found: Option<Found> = conn.prepare_cached(&sql)?.query_row([id], read).optional()?;
    let Some((Some(target_table), target, source, field, value, key)) = found else { return Ok(None) };
    let source = source.unwrap_or_default();
    let record = match (key, target) {
        (Some(key), _) => format!("{source}:{key}"),
        (None, Some(target)) => names.of(conn, &target_table, &target)?.known_as(&source),
        (None, None) => String::new(),
    };
    let value = value.map(|value| match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("'{}…'", &value[..end]),
        None => format!("'{value}'"),
    });
    let parts = [Some(target_table), Some(record), field, value];
    Ok(Some(parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")))
}

/// What is told behind an operation's sentence; with the row's name, where the sentence lacks it.
fn behind(conn: &Connection, names: &mut Names, summary: &str, (table, id): (Table, i64)) -> Result<Option<String>> {
    let name = table.row_name(id);
    let told = told(conn, names, table, id)?;
    Ok(told.map(|told| if summary.contains(&name) { told } else { format!("{name}, {told}") }))
}

impl Reader {
    /// What row an operation was about and what stands in it, where it was one: to be told behind its sentence.
    pub(super) fn about(&self, names: &mut Names, seq: i64, kind: &str, summary: &str) -> Result<Option<String>> {
        match only_row(&self.conn, seq, kind)? {
            Some(row) => behind(&self.conn, names, summary, row),
            None => Ok(None),
        }
    }
}

impl Write<'_> {
    /// The same of an operation that is not in the log yet, by its row.
    pub fn about(&self, row: (Table, i64), summary: &str) -> Result<Option<String>> {
        behind(&self.tx, &mut Names::default(), summary, row)
    }
}
