//! The end of a write transaction: what follows from its rows, its row of the operation log, and the commit.

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;
use uuid::Uuid;

use super::canonical::{Canonical, Hash, Merkle};
use super::logged::{LOGGED, OPERATION_TAG};
use super::write::Write;
use crate::model::choice::{ItemState, OverallResult};
use crate::model::time::Micros;

/// What the log says of an operation besides its rows.
#[derive(Debug, Clone, Default)]
pub struct Draft<'a> {
    pub kind: &'a str,
    pub summary: &'a str,
    pub reason: Option<&'a str>,
    pub undoes: Option<i64>,
    pub actor: &'a str,
    pub role: &'a str,
    pub on_behalf_of: Option<&'a str>,
    pub host: &'a str,
}

/// The counters of a job, as the sums of its items' states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobCounters {
    pub job: i64,
    pub states: [i64; ItemState::ALL.len()],
}

/// A row of the log without its hash, as the hash sees it.
pub(super) struct Hashed<'a> {
    pub store_id: &'a str,
    pub prev_hash: &'a [u8],
    pub seq: i64,
    pub op_id: &'a [u8],
    pub kind: &'a str,
    pub at: Micros,
    pub actor: &'a str,
    pub role: &'a str,
    pub on_behalf_of: Option<&'a str>,
    pub host: &'a str,
    pub program_version: &'a str,
    pub summary: &'a str,
    pub reason: Option<&'a str>,
    pub undoes: Option<i64>,
    pub rows_created: &'a str,
    pub rows_changed: i64,
    pub rows_hash: &'a [u8],
}

impl Hashed<'_> {
    /// SHA-256 of the operation's canonical bytes, the previous hash first.
    pub fn hash(&self) -> Hash {
        Canonical::default()
            .begin(OPERATION_TAG)
            .blob(self.prev_hash)
            .text(self.store_id)
            .int(self.seq)
            .blob(self.op_id)
            .text(self.kind)
            .int(self.at)
            .text(self.actor)
            .text(self.role)
            .optional_text(self.on_behalf_of)
            .text(self.host)
            .text(self.program_version)
            .text(self.summary)
            .optional_text(self.reason)
            .optional_int(self.undoes)
            .text(self.rows_created)
            .int(self.rows_changed)
            .blob(self.rows_hash)
            .hash()
    }
}

impl Write<'_> {
    /// Whether anything was created or changed so far.
    pub fn wrote_rows(&self) -> bool {
        !self.created.is_empty() || !self.changed.is_empty()
    }

    /// A hash over exactly the rows that were created and changed so far, times and ids of the exchange aside: two runs
    /// of the same operation on the same rows agree.
    pub fn fingerprint(&self) -> String {
        let mut tree = Merkle::default();
        let mut canonical = Canonical::default();
        for (place, (first, leaves)) in &self.created {
            tree.push(canonical.begin("created").int(*place as i64).int(*first).int(leaves.len() as i64).hash());
        }
        for (table, row, version) in &self.changed_rows {
            tree.push(canonical.begin("changed").text(table).int(*row).int(*version).hash());
        }
        super::canonical::hex(&tree.root())
    }

    /// Adds the job counters, row counts and waiting counts of what was written, and answers the jobs that it touched
    /// with their counters as they now are.
    pub fn flush_counts(&mut self) -> Result<Vec<JobCounters>> {
        let deltas = std::mem::take(&mut self.deltas.rows);
        for ((table, facet), n) in deltas {
            self.tx
                .prepare_cached(
                    "INSERT INTO row_count (table_name, facet, n) VALUES (?, ?, ?)
                     ON CONFLICT (table_name, facet) DO UPDATE SET n = n + excluded.n",
                )?
                .execute((table, facet, n))?;
        }
        for (map, n) in std::mem::take(&mut self.deltas.waiting) {
            self.tx
                .prepare_cached("UPDATE integration_value_map SET waiting = waiting + ? WHERE id = ?")?
                .execute((n, map))?;
        }
        let jobs = std::mem::take(&mut self.deltas.jobs);
        jobs.into_iter().map(|(job, delta)| self.add_to_job(job, &delta)).collect()
    }

    fn add_to_job(&mut self, job: i64, delta: &[i64; ItemState::ALL.len()]) -> Result<JobCounters> {
        let columns: Vec<String> = ItemState::ALL.iter().map(|state| state.label().to_lowercase()).collect();
        let sets: Vec<String> = columns.iter().map(|column| format!("{column} = {column} + ?")).collect();
        let items: i64 = delta.iter().sum();
        let sql = format!(
            "UPDATE integration_sync_job SET {}, items = items + {items} WHERE id = {job} RETURNING {}",
            sets.join(", "),
            columns.join(", ")
        );
        let mut states = [0; ItemState::ALL.len()];
        self.tx.prepare_cached(&sql)?.query_row(rusqlite::params_from_iter(delta), |row| {
            for (at, state) in states.iter_mut().enumerate() {
                *state = row.get(at)?;
            }
            Ok(())
        })?;
        Ok(JobCounters { job, states })
    }

    /// Counts values that are kept as no row.
    pub fn count_unchanged(&mut self, job: i64, n: i64) {
        self.deltas.jobs.entry(job).or_default()[ItemState::Unchanged as usize] += n;
    }

    pub fn set_job_status(&mut self, job: i64, status: OverallResult) -> Result<()> {
        self.tx
            .prepare_cached("UPDATE integration_sync_job SET job_status = ? WHERE id = ? AND job_status <> ?1")?
            .execute((status.code(), job))?;
        Ok(())
    }

    /// Appends the operation to the log and commits. Answers its number.
    ///
    /// # Errors
    /// Where the commit itself failed, the error says whether the operation is in the store after all, or that this
    /// could not be told.
    pub fn commit(self, draft: &Draft) -> Result<i64> {
        let op_id = self.new_guid();
        self.append(draft, op_id)?;
        let (seq, store) = (self.seq, self.store);
        match self.tx.commit() {
            Ok(()) => Ok(seq),
            Err(error) => outcome_of(store, op_id).with_context(|| format!("The commit failed ({error})")),
        }
    }

    fn append(&self, draft: &Draft, op_id: Uuid) -> Result<()> {
        let store_id = store_id(&self.tx)?;
        let prev_hash: Vec<u8> = self
            .tx
            .query_row("SELECT hash FROM operation ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))
            .optional()?
            .unwrap_or_else(|| vec![0; 32]);
        let mut tree = Merkle::default();
        let mut ranges = Vec::new();
        for (place, (first, leaves)) in &self.created {
            ranges.push(json!([LOGGED[*place].name, first, first + leaves.len() as i64 - 1]));
            leaves.iter().for_each(|leaf| tree.push(*leaf));
        }
        self.changed.iter().for_each(|leaf| tree.push(*leaf));
        let rows_created = serde_json::to_string(&ranges)?;
        let rows_hash = tree.root();
        let hashed = Hashed {
            store_id: &store_id,
            prev_hash: &prev_hash,
            seq: self.seq,
            op_id: op_id.as_bytes(),
            kind: draft.kind,
            at: self.stamp.at,
            actor: draft.actor,
            role: draft.role,
            on_behalf_of: draft.on_behalf_of,
            host: draft.host,
            program_version: env!("CARGO_PKG_VERSION"),
            summary: draft.summary,
            reason: draft.reason,
            undoes: draft.undoes,
            rows_created: &rows_created,
            rows_changed: self.changed.len() as i64,
            rows_hash: &rows_hash,
        };
        let hash = hashed.hash();
        self.tx
            .prepare_cached(
                "INSERT INTO operation (seq, op_id, kind, at, actor, role, on_behalf_of, host, program_version, summary,
                    reason, undoes, rows_created, rows_changed, rows_hash, prev_hash, hash)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(rusqlite::params![
                hashed.seq,
                hashed.op_id,
                hashed.kind,
                hashed.at,
                hashed.actor,
                hashed.role,
                hashed.on_behalf_of,
                hashed.host,
                hashed.program_version,
                hashed.summary,
                hashed.reason,
                hashed.undoes,
                hashed.rows_created,
                hashed.rows_changed,
                hashed.rows_hash,
                hashed.prev_hash,
                hash,
            ])
            .context("The operation log cannot be written")?;
        Ok(())
    }
}

/// The id that every hash of the log holds, so that rows of another store do not fit in.
pub(super) fn store_id(conn: &Connection) -> Result<String> {
    let id = conn.query_row("SELECT value FROM setting WHERE key = 'store_id'", [], |row| row.get(0)).optional()?;
    id.context("The store has no store_id in its settings")
}

/// Looks an operation up on a new connection after its commit failed.
fn outcome_of(store: &super::Store, op_id: Uuid) -> Result<i64> {
    let reader = store.reader().context("and the store cannot be read to see whether the operation is in it")?;
    let found = reader
        .conn
        .query_row("SELECT seq FROM operation WHERE op_id = ?", [op_id.as_bytes().as_slice()], |row| row.get(0))
        .optional()
        .context("and the log cannot be read to see whether the operation is in it")?;
    found.context("the operation is not in the log: nothing was changed")
}
