//! Whether the file still has the schema that this program makes: a trigger that is gone guards nothing, one that was
//! added may write, and a changed view or choice shows people something else than what the rows hold.
//!
//! Tables are left out: what they hold is what the log vouches for, and a missing column shows itself.

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::Connection;

use super::migrate::SCHEMA;
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

const OBJECTS: &str = "SELECT 'the ' || type || ' ' || name, sql FROM sqlite_schema
                       WHERE type <> 'table' AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
const CHOICES: &str = "SELECT 'the choice ' || choice_set || ' ' || code, label FROM choice";

fn named(conn: &Connection, query: &str) -> Result<Named> {
    let mut statement = conn.prepare(query)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
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
