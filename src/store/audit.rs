//! Checking the log: the chain of hashes, each operation's rows, and that there are no rows besides.
//!
//! What a leaf is made of stands in [`super::leaves`], the format as others may read it in [`super::log`].

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::canonical::{Merkle, hex, root};
use super::kept;
use super::leaves::Leaves;
use super::log::store_id;
use super::logged::LOGGED;
use super::reader::Reader;
use super::stored::{COLUMNS, Stored};
use super::touched::{leaves, touched};
use crate::model::text::counted;
use crate::model::time::Micros;

/// What is wrong with the log: the operation that does not fit, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// None where all operations fit, and something stands beside them.
    pub seq: Option<i64>,
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
    /// Operations that were checked, and the rows that they created.
    pub operations: i64,
    pub rows: i64,
    /// At most [`FINDINGS`], the first operations first.
    pub findings: Vec<Finding>,
    /// What is kept beside the log is what the last operation left; else that is one of the findings.
    pub kept: bool,
}

/// Findings that are kept.
const FINDINGS: usize = 100;

impl Reader {
    /// From here on this reader sees the store as it now is, whatever others write, until it is dropped.
    pub fn hold_still(&self) -> Result<()> {
        Ok(self.conn.execute_batch("BEGIN")?)
    }

    /// The number of the last operation; 0 where there is none.
    pub fn last_seq(&self) -> Result<i64> {
        Ok(self.conn.query_row("SELECT coalesce(max(seq), 0) FROM operation", [], |row| row.get(0))?)
    }

    /// Faults that SQLite itself finds in the file.
    pub fn integrity(&self) -> Result<Vec<String>> {
        let lines = lines(self, "PRAGMA integrity_check(20)")?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// The end of the log.
    pub fn digest(&self) -> Result<Digest> {
        self.digest_of(self.last_seq()?)
    }

    /// The log up to an operation.
    pub fn digest_of(&self, seq: i64) -> Result<Digest> {
        let sql = "SELECT seq, hash, at FROM operation WHERE seq = ?";
        let (seq, hash, at): (i64, Vec<u8>, Micros) =
            self.conn.query_row(sql, [seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
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

    /// The last operation up to one that put a backup in the store's place, and when.
    pub fn restored_before(&self, seq: i64) -> Result<Option<(i64, Micros)>> {
        let sql = "SELECT seq, at FROM operation WHERE kind = 'restore' AND seq <= ? ORDER BY seq DESC LIMIT 1";
        Ok(self.conn.query_row(sql, [seq], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// How many operations from one on were written by a clock that was behind the operation before, and the first of them.
    pub fn clock_went_back(&self, since: i64) -> Result<Option<(i64, i64)>> {
        let sql = "SELECT count(*), min(seq) FROM
                     (SELECT seq, at < lag(at) OVER (ORDER BY seq) AS back FROM operation WHERE seq >= ?1 - 1)
                   WHERE back AND seq >= ?1";
        let (n, first): (i64, Option<i64>) = self.conn.query_row(sql, [since], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(first.map(|first| (n, first)))
    }

    /// The first operation that was written at a time or later.
    pub fn first_operation_from(&self, time: Micros) -> Result<Option<i64>> {
        let sql = "SELECT min(seq) FROM operation WHERE at >= ?";
        Ok(self.conn.query_row(sql, [time], |row| row.get(0))?)
    }

    /// Checks the chain from an operation on; from the first one that is everything. The hash of the operation before it
    /// is taken as given.
    pub fn chain(&self, since: i64) -> Result<Chain> {
        let mut audit = Audit::new(self, since)?;
        let store_id = store_id(&self.conn)?;
        let mut statement =
            self.conn.prepare(&format!("SELECT {COLUMNS} FROM operation WHERE seq >= ? ORDER BY seq"))?;
        let mut rows = statement.query([since])?;
        let mut expected_seq = since;
        while let Some(row) = rows.next()? {
            let stored = Stored::read(row)?;
            if stored.seq != expected_seq {
                audit.leaves.find(Some(expected_seq), format!("operation {expected_seq} is missing"));
                expected_seq = stored.seq;
            }
            expected_seq += 1;
            audit.operation(&store_id, &stored)?;
            audit.prev_hash = stored.hash;
            audit.kept = stored.kept;
        }
        audit.older_rows()?;
        audit.no_rows_besides()?;
        let kept = audit.what_is_kept()?;
        let Leaves { rows, mut findings, .. } = audit.leaves;
        findings.sort_by_key(|finding| finding.seq.unwrap_or(i64::MAX));
        findings.truncate(FINDINGS);
        Ok(Chain { operations: expected_seq - since, rows, findings, kept })
    }
}

struct Audit<'a> {
    reader: &'a Reader,
    since: i64,
    leaves: Leaves<'a>,
    prev_hash: Vec<u8>,
    /// What the operation before vouches for, if it does.
    kept: Option<Vec<u8>>,
    /// The first id of each table that an operation from `since` on may have created, and the next one.
    first_ids: BTreeMap<String, i64>,
    next_ids: BTreeMap<String, i64>,
    changes: i64,
}

impl<'a> Audit<'a> {
    fn new(reader: &'a Reader, since: i64) -> Result<Audit<'a>> {
        let prev = "SELECT hash, kept FROM operation WHERE seq = ? - 1";
        let prev = reader.conn.query_row(prev, [since], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (prev_hash, kept) = prev.unwrap_or_else(|| (vec![0; 32], None));
        let mut statement = reader.conn.prepare(
            "SELECT r.value ->> 0, max(r.value ->> 2) + 1 FROM operation AS o, json_each(o.rows_created) AS r
             WHERE o.seq < ? GROUP BY 1",
        )?;
        let first_ids: BTreeMap<String, i64> =
            statement.query_map([since], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok(Audit {
            reader,
            since,
            leaves: Leaves::new(&reader.conn),
            prev_hash,
            kept,
            next_ids: first_ids.clone(),
            first_ids,
            changes: 0,
        })
    }

    fn operation(&mut self, store_id: &str, stored: &Stored) -> Result<()> {
        let seq = stored.seq;
        if stored.prev_hash != self.prev_hash {
            self.leaves.find(Some(seq), "it does not follow the operation before it".into());
        }
        if stored.hash_again(store_id).as_slice() != stored.hash {
            self.leaves.find(Some(seq), "its row in the log was changed".into());
        }
        self.vouches(stored)?;
        let before = self.leaves.findings.len();
        self.contiguous(stored);
        let mut tree = Merkle::default();
        let changes = self.leaves.of(stored, &mut |leaf| tree.push(leaf))?;
        self.changes += changes;
        if changes != stored.rows_changed {
            let problem = format!("it changed {} rows, and {changes} are in the log", stored.rows_changed);
            self.leaves.find(Some(seq), problem);
        }
        let explained = self.leaves.findings[before..].iter().any(|finding| finding.seq == Some(seq));
        if tree.root().as_slice() != stored.rows_hash && !explained {
            self.leaves.find(Some(seq), "the rows that it created or changed are not what it wrote".into());
        }
        Ok(())
    }

    /// Since format 6 each operation says which rows it changed, and vouches for what is kept beside the log.
    fn vouches(&mut self, stored: &Stored) -> Result<()> {
        let seq = stored.seq;
        if self.kept.is_some() && stored.kept.is_none() || stored.kept.is_some() != stored.touched.is_some() {
            self.leaves.find(Some(seq), "it does not vouch for what is kept beside the log".into());
        }
        if let Some(said) = &stored.touched
            && root(&leaves(&touched(&self.reader.conn, seq)?)).as_slice() != said
        {
            self.leaves.find(Some(seq), "it names other rows as changed than it changed".into());
        }
        Ok(())
    }

    /// Whether what is kept beside the log is what the last operation left.
    fn what_is_kept(&mut self) -> Result<bool> {
        let sum = kept::sum(&self.reader.conn)?.bytes();
        let kept = self.kept.as_ref() == Some(&sum);
        if !kept {
            let problem = "names, last words, repeats, stale clocks, when keys were last seen or how far deliveries came are \
                           not what the last operation left";
            self.leaves.find(None, problem.into());
        }
        Ok(kept)
    }

    /// The ids that an operation gave follow those of the operations before it.
    fn contiguous(&mut self, stored: &Stored) {
        for (table, first, last) in stored.created() {
            let expected = self.next_ids.insert(table.clone(), last + 1).unwrap_or(1);
            if first != expected {
                let problem = format!("its rows of {table} do not follow the ones before them");
                self.leaves.find(Some(stored.seq), problem);
            }
        }
    }

    /// Rows that older operations created, as far as the checked ones changed them.
    fn older_rows(&mut self) -> Result<()> {
        if self.since > 1 {
            for logged in LOGGED {
                let first_new = self.first_ids.get(logged.name).copied().unwrap_or(1);
                self.leaves.changed_since(self.since, logged, first_new)?;
            }
        }
        Ok(())
    }

    /// Rows and changes that no operation wrote.
    fn no_rows_besides(&mut self) -> Result<()> {
        let conn = &self.reader.conn;
        for logged in LOGGED {
            let next = self.next_ids.get(logged.name).copied().unwrap_or(1);
            let sql = format!("SELECT count(*), coalesce(min(id), 1) FROM {} WHERE id >= ? OR id < 1", logged.name);
            let (n, first): (i64, i64) = conn.query_row(&sql, [next], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if n > 0 {
                let rows = counted(n, "row");
                self.leaves.find(None, format!("{rows} of {}, the first {first}, stand in no operation", logged.name));
            }
        }
        for (table, read, noun) in
            [("operation_change", self.changes, "change"), ("disposed", self.leaves.disposals, "disposal")]
        {
            let sql = format!("SELECT count(*) FROM {table} WHERE seq >= ?");
            let n: i64 = conn.query_row(&sql, [self.since], |row| row.get(0))?;
            if n != read {
                self.leaves.find(None, format!("{} stand in no operation", counted(n - read, noun)));
            }
        }
        Ok(())
    }
}

/// The rows of a query that answers sentences.
pub(super) fn lines(reader: &Reader, sql: &str) -> Result<Vec<String>> {
    let mut statement = reader.conn.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
