//! Reading what can still be read of a damaged file, into a new store.
//!
//! Rows are read from their tables alone, never by an index, so that a damaged index costs nothing. Where a page cannot be read
//! the rows behind it are looked for by halves, until only those are left out that lie on it.

use anyhow::{Context, Result, bail};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::alone::Alone;
use super::migrate::{self, FORMAT};
use super::new_store::NewStore;
use super::open::shown;
use super::shape;
use crate::model::text::grouped;

/// Ids that are looked for behind the last one that was read, where the file does not say how many there are.
const BEHIND: i64 = 100_000;

/// What the schema itself fills, whatever the file says.
const OF_THE_SCHEMA: &str = "choice";

/// Rows of one table that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    pub table: String,
    /// The first and the last id; none where rows have no id.
    pub ids: Option<(i64, i64)>,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.ids {
            Some((first, last)) if first == last => write!(f, "{} {}", self.table, grouped(first)),
            Some((first, last)) => write!(f, "{} {} to {}", self.table, grouped(first), grouped(last)),
            None => write!(f, "some of {}", self.table),
        }
    }
}

impl NewStore {
    /// Makes a new store of what can be read of a damaged one, which has its name only once it takes the other's place.
    ///
    /// # Errors
    /// Too little of it can be read, or it is of another format.
    pub fn salvaged(from: &Alone) -> Result<(NewStore, Vec<Lost>)> {
        let unreadable = || format!("Nothing of {} can be salvaged", shown(from.path()));
        let Some(damaged) = from.conn() else { bail!("{}: it is no database any more.", unreadable()) };
        let version: i32 = damaged.query_row("PRAGMA user_version", [], |row| row.get(0)).with_context(unreadable)?;
        if version != FORMAT {
            bail!("{}: it has format {version}, and this steward works with format {FORMAT}.", unreadable());
        }
        let mut lost = Vec::new();
        let new = NewStore::made(from.path().to_path_buf(), |file| {
            new_file(file)?;
            migrate::fresh(&super::Store::at(file)?)?;
            let into = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            lost = copy_rows(damaged, &into)?;
            into.close().map_err(|(_, error)| error)?;
            Ok(())
        })?;
        Ok((new, lost))
    }
}

fn new_file(path: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(())
}

fn copy_rows(damaged: &Connection, into: &Connection) -> Result<Vec<Lost>> {
    // Rows come in no order that references or the log's own guards would take.
    into.pragma_update(None, "foreign_keys", false)?;
    into.execute_batch("BEGIN")?;
    let guards = texts(into, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")?;
    for name in texts(into, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")? {
        into.execute_batch(&format!("DROP TRIGGER {name}"))?;
    }
    let mut lost = Vec::new();
    for table in shape::tables().filter(|table| *table != OF_THE_SCHEMA) {
        into.execute(&format!("DELETE FROM {table}"), [])?;
        Copying::of(damaged, into, table)?.run(&mut lost)?;
    }
    guards.iter().try_for_each(|sql| into.execute_batch(sql))?;
    into.execute_batch("COMMIT")?;
    Ok(lost)
}

fn texts(conn: &Connection, sql: &str) -> Result<Vec<String>> {
    Ok(conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// One table on its way from the one file to the other.
struct Copying<'a> {
    damaged: &'a Connection,
    into: &'a Connection,
    table: &'static str,
    columns: String,
    /// The columns of the primary key, where rows have no id.
    key: Option<String>,
    insert: String,
}

impl<'a> Copying<'a> {
    fn of(damaged: &'a Connection, into: &'a Connection, table: &'static str) -> Result<Copying<'a>> {
        let columns = texts(into, &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"))?;
        let keys = texts(into, &format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk"))?;
        let has_ids = into.prepare(&format!("SELECT rowid FROM {table}")).is_ok();
        let places = vec!["?"; columns.len()].join(", ");
        let columns = columns.join(", ");
        let insert = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})");
        Ok(Copying { damaged, into, table, columns, key: (!has_ids).then(|| keys.join(" DESC, ")), insert })
    }

    fn run(&self, lost: &mut Vec<Lost>) -> Result<()> {
        let Some(key) = &self.key else { return self.by_ids(lost) };
        // From both ends, up to what cannot be read.
        let (columns, table) = (&self.columns, self.table);
        let forwards = self.copy(&format!("SELECT NULL, {columns} FROM {table} NOT INDEXED"), [])?;
        if forwards.is_err() {
            let backwards = format!("SELECT NULL, {columns} FROM {table} NOT INDEXED ORDER BY {key} DESC");
            // It ends where the other end began to be unreadable.
            let _ = self.copy(&backwards, [])?;
            lost.push(Lost { table: table.to_string(), ids: None });
        }
        Ok(())
    }

    fn by_ids(&self, lost: &mut Vec<Lost>) -> Result<()> {
        let last = self.damaged.query_row(&format!("SELECT max(rowid) FROM {} NOT INDEXED", self.table), [], |row| {
            row.get::<_, Option<i64>>(0)
        });
        let mut unreadable = Vec::new();
        let from = match self.between(i64::MIN, i64::MAX)? {
            Ok(()) => return Ok(()),
            Err(read) => read.map_or(1, |read| read.saturating_add(1)),
        };
        let to = last.ok().flatten().unwrap_or_else(|| from.saturating_add(BEHIND));
        self.by_halves(from, to, &mut unreadable)?;
        for id in unreadable {
            match lost.last_mut() {
                Some(Lost { table, ids: Some((_, last)) }) if *table == self.table && *last + 1 == id => *last = id,
                _ => lost.push(Lost { table: self.table.to_string(), ids: Some((id, id)) }),
            }
        }
        Ok(())
    }

    /// Reads the ids of a range; those that cannot be read are gathered.
    fn by_halves(&self, from: i64, to: i64, unreadable: &mut Vec<i64>) -> Result<()> {
        if from > to {
            return Ok(());
        }
        let Err(read) = self.between(from, to)? else { return Ok(()) };
        let from = read.map_or(from, |read| read + 1);
        if from >= to {
            unreadable.push(to);
            return Ok(());
        }
        let middle = from + (to - from) / 2;
        self.by_halves(from, middle, unreadable)?;
        self.by_halves(middle + 1, to, unreadable)
    }

    fn between(&self, from: i64, to: i64) -> Result<std::result::Result<(), Option<i64>>> {
        let (columns, table) = (&self.columns, self.table);
        let sql =
            format!("SELECT rowid, {columns} FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid");
        self.copy(&sql, [from, to])
    }

    /// Copies what a query answers. Where it cannot be read on, the id of the last row that was.
    fn copy(&self, sql: &str, params: impl rusqlite::Params) -> Result<std::result::Result<(), Option<i64>>> {
        let mut last = None;
        let mut insert = self.into.prepare_cached(&self.insert)?;
        let Ok(mut statement) = self.damaged.prepare(sql) else { return Ok(Err(None)) };
        let width = statement.column_count();
        let Ok(mut rows) = statement.query(params) else { return Ok(Err(None)) };
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(Ok(())),
                Err(_) => return Ok(Err(last)),
            };
            let Ok(id) = row.get(0) else { return Ok(Err(last)) };
            let Ok(values) = (1..width).map(|at| row.get::<_, Value>(at)).collect::<Result<Vec<_>, _>>() else {
                return Ok(Err(last));
            };
            // What no steward would have written is none of its rows; verify finds that it is missing.
            let _ = insert.execute(params_from_iter(values));
            last = id;
        }
    }
}
