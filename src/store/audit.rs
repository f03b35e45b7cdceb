//! Checking the log: the chain of hashes, each operation's rows, and that there are no rows besides.
//!
//! A created row's leaf holds the row as it was made. So a row that was changed since is taken back through the before
//! images of its changes, newest first; on the way each after image must be what the row then held. What somebody
//! changed past the log shows as an after image, or a leaf, that does not fit.

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::Row;

use super::canonical::{Canonical, Hash, Merkle, hex};
use super::log::{Hashed, store_id};
use super::logged::{LOGGED, Logged};
use super::reader::Reader;
use super::rewind::{LoggedChange, changes_of, holds, image, put, select};
use super::write::{change_leaf, row_leaf};
use crate::model::time::Micros;

/// What is wrong with the log: the operation that does not fit, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub seq: i64,
    pub problem: String,
}

/// One line to keep outside the store: the end of the log at a time.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Digest {
    pub store_id: String,
    pub seq: i64,
    /// 64 hex digits.
    pub hash: String,
    /// When the operation was written, and when the digest was made: RFC 3339.
    pub at: String,
    pub made: String,
}

/// What a chain of operations came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub operations: i64,
    pub rows: i64,
    /// At most [`FINDINGS`], the first operations first.
    pub findings: Vec<Finding>,
}

/// Findings that are kept.
const FINDINGS: usize = 100;

/// An operation of the log as it is read.
struct Stored {
    seq: i64,
    op_id: Vec<u8>,
    kind: String,
    at: Micros,
    actor: String,
    role: String,
    on_behalf_of: Option<String>,
    host: String,
    program_version: String,
    summary: String,
    reason: Option<String>,
    undoes: Option<i64>,
    rows_created: String,
    rows_changed: i64,
    rows_hash: Vec<u8>,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl Reader {
    /// Faults that SQLite itself finds in the file.
    pub fn integrity(&self) -> Result<Vec<String>> {
        let mut statement = self.conn.prepare("PRAGMA integrity_check(20)")?;
        let lines: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// The end of the log.
    pub fn digest(&self) -> Result<Digest> {
        let (seq, hash, at): (i64, Vec<u8>, Micros) =
            self.conn.query_row("SELECT seq, hash, at FROM operation ORDER BY seq DESC LIMIT 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        let rfc3339 = crate::model::time::rfc3339;
        Ok(Digest {
            store_id: store_id(&self.conn)?,
            seq,
            hash: hex(&hash),
            at: rfc3339(at),
            made: rfc3339(self.now()),
        })
    }

    /// The hash of an operation as hex digits, where there is such an operation.
    pub fn operation_hash(&self, seq: i64) -> Result<Option<String>> {
        let mut statement = self.conn.prepare_cached("SELECT hash FROM operation WHERE seq = ?")?;
        let mut rows = statement.query([seq])?;
        rows.next()?.map(|row| Ok(hex(&row.get::<_, Vec<u8>>(0)?))).transpose()
    }

    /// Checks the whole chain.
    pub fn chain(&self) -> Result<Chain> {
        let mut audit = Audit { reader: self, next_ids: BTreeMap::new(), changes: 0, rows: 0, findings: Vec::new() };
        let store_id = store_id(&self.conn)?;
        let mut statement = self.conn.prepare(
            "SELECT seq, op_id, kind, at, actor, role, on_behalf_of, host, program_version, summary, reason, undoes,
                    rows_created, rows_changed, rows_hash, prev_hash, hash FROM operation ORDER BY seq",
        )?;
        let mut rows = statement.query([])?;
        let mut expected_seq = 1;
        let mut prev_hash = vec![0; 32];
        while let Some(row) = rows.next()? {
            let stored = read_operation(row)?;
            if stored.seq != expected_seq {
                audit.find(expected_seq, format!("operation {expected_seq} is missing"));
                expected_seq = stored.seq;
            }
            expected_seq += 1;
            audit.operation(&store_id, &stored, &prev_hash)?;
            prev_hash = stored.hash;
        }
        audit.no_rows_besides(expected_seq)?;
        audit.findings.sort();
        audit.findings.truncate(FINDINGS);
        Ok(Chain { operations: expected_seq - 1, rows: audit.rows, findings: audit.findings })
    }
}

struct Audit<'a> {
    reader: &'a Reader,
    /// The next id that an operation may have created, by table.
    next_ids: BTreeMap<&'static str, i64>,
    changes: i64,
    rows: i64,
    findings: Vec<Finding>,
}

impl Audit<'_> {
    fn find(&mut self, seq: i64, problem: String) {
        if self.findings.len() < 10 * FINDINGS {
            self.findings.push(Finding { seq, problem });
        }
    }

    fn operation(&mut self, store_id: &str, stored: &Stored, prev_hash: &[u8]) -> Result<()> {
        let seq = stored.seq;
        if stored.prev_hash != prev_hash {
            self.find(seq, "it does not follow the operation before it".into());
        }
        if hash_of(store_id, stored).as_slice() != stored.hash {
            self.find(seq, "its row in the log was changed".into());
        }
        let before = self.findings.len();
        let root = self.rows_root(stored)?;
        if root.as_slice() != stored.rows_hash && self.findings.len() == before {
            self.find(seq, "the rows that it created or changed are not what it wrote".into());
        }
        Ok(())
    }

    /// The root over the operation's rows, as the store now tells them.
    fn rows_root(&mut self, stored: &Stored) -> Result<Hash> {
        let mut tree = Merkle::default();
        let ranges: Vec<(String, i64, i64)> = serde_json::from_str(&stored.rows_created).unwrap_or_default();
        for (table, first, last) in ranges {
            let Some(logged) = Logged::find(&table) else {
                self.find(stored.seq, format!("it names rows of {table}, which is no logged table"));
                continue;
            };
            let next = self.next_ids.entry(logged.name).or_insert(1);
            let expected = std::mem::replace(next, last + 1);
            if first != expected {
                self.find(stored.seq, format!("its rows of {table} do not follow the ones before them"));
            }
            self.created(stored.seq, logged, first, last, &mut tree)?;
        }
        let changes = self.changed(stored.seq, &mut tree)?;
        self.changes += changes;
        if changes != stored.rows_changed {
            self.find(stored.seq, format!("it changed {} rows, and {changes} are in the log", stored.rows_changed));
        }
        Ok(tree.root())
    }

    fn created(&mut self, seq: i64, logged: &'static Logged, first: i64, last: i64, tree: &mut Merkle) -> Result<()> {
        let sql = format!("{} WHERE id BETWEEN ? AND ? ORDER BY id", select(logged));
        let mut changes = changes_of(&self.reader.conn, logged, first, last)?;
        let mut canonical = Canonical::default();
        let conn = &self.reader.conn;
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query([first, last])?;
        let mut expected = first;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if id != expected {
                self.find(seq, format!("row {expected} of {} is missing", logged.name));
            }
            expected = id + 1;
            self.rows += 1;
            let leaf = match changes.remove(&id) {
                None => {
                    let values = (1..=logged.covered.len()).map(|at| row.get_ref(at));
                    row_leaf(&mut canonical, logged, id, values.collect::<Result<Vec<_>, _>>()?.into_iter())
                }
                Some(changes) => self.rewound(logged, id, row, &changes, &mut canonical)?,
            };
            tree.push(leaf);
        }
        if expected != last + 1 {
            self.find(seq, format!("row {expected} of {} is missing", logged.name));
        }
        Ok(())
    }

    /// The leaf of a row as it was made, from the row as it is and its changes.
    fn rewound(
        &mut self,
        logged: &'static Logged,
        id: i64,
        row: &Row,
        changes: &[LoggedChange],
        canonical: &mut Canonical,
    ) -> Result<Hash> {
        let mut image = image(logged, row)?;
        for change in changes {
            if !holds(logged, &image, &change.after) {
                let problem = format!("row {id} of {} is not as this operation left it", logged.name);
                self.find(change.seq, problem);
            }
            put(logged, &mut image, &change.before);
        }
        Ok(row_leaf(canonical, logged, id, image.iter().map(Into::into)))
    }

    fn changed(&mut self, seq: i64, tree: &mut Merkle) -> Result<i64> {
        let mut statement = self.reader.conn.prepare_cached(
            "SELECT ordinal, table_name, row_id, row_version, before, after FROM operation_change
             WHERE seq = ? ORDER BY ordinal",
        )?;
        let mut rows = statement.query([seq])?;
        let mut canonical = Canonical::default();
        let mut n = 0;
        while let Some(row) = rows.next()? {
            n += 1;
            let table = row.get_ref(1)?.as_str()?;
            let (before, after) = (row.get_ref(4)?.as_str()?, row.get_ref(5)?.as_str()?);
            tree.push(change_leaf(&mut canonical, table, row.get(2)?, row.get(3)?, before, after));
        }
        Ok(n)
    }

    /// Rows and changes that no operation wrote.
    fn no_rows_besides(&mut self, end: i64) -> Result<()> {
        for logged in LOGGED {
            let next = self.next_ids.get(logged.name).copied().unwrap_or(1);
            let sql = format!("SELECT count(*), coalesce(min(id), 1) FROM {} WHERE id >= ? OR id < 1", logged.name);
            let (besides, first): (i64, i64) =
                self.reader.conn.query_row(&sql, [next], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if besides > 0 {
                self.find(end, format!("{besides} rows of {} from row {first} on stand in no operation", logged.name));
            }
        }
        let changes: i64 = self.reader.conn.query_row("SELECT count(*) FROM operation_change", [], |row| row.get(0))?;
        if changes != self.changes {
            self.find(end, format!("{} changes stand in no operation", changes - self.changes));
        }
        Ok(())
    }
}

fn read_operation(row: &Row) -> rusqlite::Result<Stored> {
    Ok(Stored {
        seq: row.get(0)?,
        op_id: row.get(1)?,
        kind: row.get(2)?,
        at: row.get(3)?,
        actor: row.get(4)?,
        role: row.get(5)?,
        on_behalf_of: row.get(6)?,
        host: row.get(7)?,
        program_version: row.get(8)?,
        summary: row.get(9)?,
        reason: row.get(10)?,
        undoes: row.get(11)?,
        rows_created: row.get(12)?,
        rows_changed: row.get(13)?,
        rows_hash: row.get(14)?,
        prev_hash: row.get(15)?,
        hash: row.get(16)?,
    })
}

fn hash_of(store_id: &str, stored: &Stored) -> Hash {
    Hashed {
        store_id,
        prev_hash: &stored.prev_hash,
        seq: stored.seq,
        op_id: &stored.op_id,
        kind: &stored.kind,
        at: stored.at,
        actor: &stored.actor,
        role: &stored.role,
        on_behalf_of: stored.on_behalf_of.as_deref(),
        host: &stored.host,
        program_version: &stored.program_version,
        summary: &stored.summary,
        reason: stored.reason.as_deref(),
        undoes: stored.undoes,
        rows_created: &stored.rows_created,
        rows_changed: stored.rows_changed,
        rows_hash: &stored.rows_hash,
    }
    .hash()
}

/// Runs a query whose rows are (key text, n) pairs that two counts disagree on.
pub(super) fn disagreements(reader: &Reader, sql: &str) -> Result<Vec<String>> {
    let mut statement = reader.conn.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
