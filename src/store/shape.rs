//! Whether the file still has the schema that this program makes: a trigger that is gone guards nothing, one that was
//! added may write, and a changed view or choice shows people something else than what the rows hold.
//!
//! A table counts, too: a CHECK that allows more than it should lets in what no steward writes, and a table of somebody
//! else's says that the file was written past this program.

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::Connection;

use super::migrate::{FORMAT, SCHEMA};
use super::reader::Reader;

/// Objects, or choices, by name.
type Named = BTreeMap<String, String>;

impl Reader {
    /// What differs, a sentence without its full stop each.
    pub fn misshapen(&self) -> Result<Vec<String>> {
        let fresh = Connection::open_in_memory()?;
        fresh.execute_batch(SCHEMA)?;
        let mut out = Vec::new();
        for query in [OBJECTS, CHOICES] {
            compare(&named(&fresh, query)?, &named(&self.conn, query)?, &mut out);
        }
        Ok(out)
    }
}

/// What a file of each format has that those before it lack: the format, a name in the schema, and what stands in its
/// definition.
const MARKS: [(i32, &str, &str); 5] = [
    (2, "sync_item_source", ""),
    (4, "last_word", ""),
    (5, "job_lease", ""),
    (6, "operation", "kept BLOB"),
    (6, "legal_hold", ""),
];

/// What a file lacks of its format, or has of a later one, as the end of a sentence that begins with the store.
pub(super) fn not_of_its_format(conn: &Connection, version: i32) -> Result<Option<String>> {
    let mut statement = conn.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?1 AND instr(sql, ?2) > 0")?;
    for (format, name, holds) in MARKS {
        if format > version && statement.exists([name, holds])? {
            let mark = if holds.is_empty() { name } else { holds };
            return Ok(Some(format!(
                "says that it has format {version}, and holds {mark}, which came with format {format}"
            )));
        }
    }
    if version == FORMAT {
        for table in tables() {
            if !statement.exists([table, ""])? {
                return Ok(Some(format!("lacks the table {table}")));
            }
        }
    }
    Ok(None)
}

/// The names of the tables of this program's format.
pub(super) fn tables() -> impl Iterator<Item = &'static str> {
    let begins = "CREATE TABLE ";
    SCHEMA.lines().filter_map(move |line| line.strip_prefix(begins)?.split(' ').next())
}

const OBJECTS: &str = "SELECT 'the ' || type || ' ' || name, sql FROM sqlite_schema
                       WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
const CHOICES: &str = "SELECT 'the choice ' || choice_set || ' ' || code, label FROM choice";

fn named(conn: &Connection, query: &str) -> Result<Named> {
    let mut statement = conn.prepare(query)?;
    // A column that an upgrade added stands on no line of its own.
    let bare = |sql: String| sql.split_whitespace().collect();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, bare(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn compare(expected: &Named, found: &Named, out: &mut Vec<String>) {
    for (name, sql) in expected {
        match found.get(name) {
            None => out.push(format!("{name} is missing")),
            Some(other) if other != sql => out.push(format!("{name} is not as this program makes it")),
            Some(_) => {}
        }
    }
    let besides = found.keys().filter(|name| !expected.contains_key(*name));
    out.extend(besides.map(|name| format!("{name} is not this program's")));
}
