//! The end of a write transaction: what follows from its rows, its row of the operation log, and the commit.
//!
//! # Format
//! What an independent verifier needs; `tests/verify.py` is one. All integers, texts and blobs are taken as the database
//! holds them. *Canonical bytes* and the Merkle tree are as [`super::canonical`] says; H is SHA-256, ‖ joins bytes.
//!
//! 1. **The store** has an id: `setting.value` where `setting.key = 'store_id'`.
//! 2. **An operation** is a row of `operation`, with `seq` from 1 on without gaps. `hash` = H(0x00 ‖ canonical bytes) under
//!    the tag `steward-operation-1` of, in this order: `prev_hash`, the store's id, `seq`, `op_id`, `kind`, `at`, `actor`,
//!    `role`, `on_behalf_of`, `host`, `program_version`, `summary`, `reason`, `undoes`, `rows_created`, `rows_changed`,
//!    `rows_hash`. `prev_hash` is the `hash` of the operation before it, and 32 zero bytes for the first.
//! 3. **`rows_created`** is a JSON array of `[table, first id, last id]`, one for each table with new rows. The ids of a
//!    table go on from range to range, from 1, over all operations; rows are never deleted. So a row that stands in no
//!    range was written by no operation.
//! 4. **`rows_changed`** is the number of rows of `operation_change` with the operation's `seq`; in the order of their
//!    `ordinal`. Every row of `operation_change` belongs to an operation.
//! 5. **`rows_hash`** is the Merkle root over the leaves of the created rows, range by range, then of the changes, then of
//!    the disposals (12).
//! 6. **A created row's leaf** = H(0x00 ‖ canonical bytes) under the tag `steward-row-1` of the table's name, the row's id,
//!    and its covered columns as [`super::logged`] lists them *when it was made*: for the six tables with platform columns
//!    `guid` stands before them and `statecode`, `statuscode`, `created_on`, `created_by`, `owner` after them. Where any of
//!    the table's *added* columns was not NULL when the row was made, the tag is `steward-row-2` and all added columns
//!    follow. (`code_binding` has one, `on_empty`, since format 4; a store of an older format has none, which counts as
//!    NULL. `integration_sync_job` has one, `process_message`: a withdrawn delivery's says why.)
//! 7. **To take a row back** to when it was made, go through its rows of `operation_change` (`table_name`, `row_id`) from the
//!    newest to the oldest by `seq`, then `ordinal`. `before` and `after` are JSON objects from column to value: an integer,
//!    a text or null; covered and added columns alike. Each column in `after` must hold that value at this point; then each column in `before` is put.
//! 8. **A change's leaf** = H(0x00 ‖ canonical bytes) under the tag `steward-change-1` of `table_name`, `row_id`,
//!    `row_version`, `before`, `after`, the last two as the texts that they are.
//! 9. **A digest** is a JSON object with `store_id`, `seq` and `hash` (hex) of the last operation when it was made. The log
//!    goes on from it if the store has this id and operation `seq` has this hash.
//! 10. **The first operation that does not fit** is the least `seq` that is missing, does not follow, has another hash, has
//!     another root, has rows missing or out of order, or whose change of a row is not what the row then held.
//! 11. **A proof** of one row (`steward prove --json`) has `format` = `steward-proof-1`, `store_id`, `table`, `id`; `leaves`:
//!     the row as it was made, then its changes, each with the number of its `operation`, its `canonical` bytes in hex
//!     digits, its `index` from 0 `of` so many leaves, and the audit `path` of RFC 6962, section 2.1.1, in hex digits, the
//!     nearest hash first; and `operations`: the columns of 2 of each operation from the first of these to the digest's,
//!     blobs in hex digits. It holds if each leaf is of this table and id and leads to its operation's `rows_hash`, each
//!     operation has its hash and follows the one before it, and the last one is the digest's.
//!     Where it has `format` = `steward-proof-2` and `last`, the row's state is proved to be its last one up to the digest:
//!     `last` has an entry for each of the operations whose `touched` (14) is not the root of no leaves, with the number of
//!     the `operation`, and `leaves` of the tree of 14, `of` so many: the row's own, or the two neighbours between which it
//!     would stand, or the first or the last one where it would stand before or behind all. Each has its `index`, its
//!     `canonical` bytes and its `path`. The `row_version`s of the changes among the proof's leaves then go on from 2 without
//!     a gap, and the last one is that of the row's last own leaf in `last`; where it has none, the row has no changes, and
//!     all operations have `touched`.
//! 12. **Disposal** takes values from a row and from its changes. A row of `disposed` names it (`table_name`, `row_id`), the
//!     operation (`seq`) and the place in it (`ordinal`), and keeps the row's `leaf` of 6, which is taken as given. A row of
//!     `disposed_change` (`seq`, `ordinal`) keeps the `leaf` of a change of such a row up to the disposal, which is then taken
//!     as given instead of 8. The disposal's own leaf = H(0x00 ‖ canonical bytes) under the tag `steward-disposal-1` of
//!     the table's name, the row's id, the kept leaf, the covered columns as the disposal left them (taken back through
//!     the later changes as in 7), and of each change of the row up to and with the disposal's operation, in the order of
//!     `seq` and `ordinal`: `seq`, `ordinal`, its leaf, `before`, `after`. Every row of `disposed` belongs to an operation.
//!     Since format 6 a row may be disposed of again: then `disposed_earlier` (`seq`, `ordinal`) keeps the leaf of the disposal
//!     before, which is taken as given. A leaf that is kept of a disposal after which its row was not disposed of again, by
//!     `seq` and then `ordinal`, counts for nothing. (`disposed.copies` says what for, and no hash holds it.)
//! 13. **Operations since format 6** have `touched` and `kept`, both not NULL; the tag of 2 is then `steward-operation-2`, and
//!     the two follow `rows_hash`. An operation after one that has them has them, too. (In a store of an older format the
//!     columns are not there, which counts as NULL.)
//! 14. **`touched`** is the Merkle root over one leaf for each row that the operation changed (its rows of
//!     `operation_change`) or disposed of, in the order of the tables' names bytewise, then of the ids. A leaf = H(0x00 ‖
//!     canonical bytes) under the tag `steward-touched-1` of the table's name, the row's id, and the greatest `row_version`
//!     of its changes by this operation, or NULL where the operation disposed of its values.
//! 15. **`kept`** is the sum over all that was kept beside the logged rows when the operation was written; the last
//!     operation's is the sum over what is there. It has 16 numbers of 64 bits, big-endian. An element of the sum is H(0x00 ‖
//!     canonical bytes) under the tag `steward-kept-1` of the table's name and the columns named here; with h for this hash its
//!     16 numbers are H(h ‖ 0x00) ‖ H(h ‖ 0x01) ‖ H(h ‖ 0x02) ‖ H(h ‖ 0x03), and the sum adds each of them to its like modulo
//!     2^64. Elements are the rows of
//!     `vocabulary` (`kind`, `folded`, `spelling`), `field_set` (`id`, `fields`), `binding_change` (`binding`, `changed_on`),
//!     `last_word` (`identifier`, `field`, `said`, `job`, `sequence`, `closed`), `last_repeat` (`identifier`, `fields`, `job`),
//!     `integration_sync_job` (`id`, `records`, `finished_on`, `unchanged`) unless these are 0, NULL and 0,
//!     `integration_identifier` (`id`, `last_seen_date_time`) unless that is its `first_seen_date_time`, and `current_value`
//!     (`target_table`, `target_id`, `field_name`, `confirmed_on`, `counted_from`, `stale_on`) unless `stale_on` is NULL and both
//!     other times are the `created_on` of its `ledger`.

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;
use uuid::Uuid;

use super::canonical::{Canonical, Hash, Merkle, root};
use super::kept::Sum;
use super::logged::{KEEPING_OPERATION_TAG, LOGGED, OPERATION_TAG};
use super::touched::{leaves, newest, touched};
use super::write::Write;
use crate::model::choice::{ItemState, OverallResult};
use crate::model::time::{Micros, rfc3339};

/// The machine's name, as the log keeps it.
pub fn host() -> String {
    nix::unistd::gethostname().map_or_else(|_| "unknown".into(), |name| name.to_string_lossy().into())
}

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
    /// What rows it changed, and what was kept beside the log then; operations of older formats do not say.
    pub vouches: Option<(&'a [u8], &'a [u8])>,
}

impl Hashed<'_> {
    /// SHA-256 of the operation's canonical bytes, the previous hash first.
    pub fn hash(&self) -> Hash {
        let mut canonical = Canonical::default();
        canonical
            .begin(if self.vouches.is_some() { KEEPING_OPERATION_TAG } else { OPERATION_TAG })
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
            .blob(self.rows_hash);
        if let Some((touched, kept)) = self.vouches {
            canonical.blob(touched).blob(kept);
        }
        canonical.hash()
    }
}

impl Write<'_> {
    /// Whether anything was created or changed so far.
    pub fn wrote_rows(&self) -> bool {
        !self.created.is_empty() || !self.changed_rows.is_empty()
    }

    /// From here on the log gets no rows of what is changed: it is all taken back. Not for what reads its own changes there.
    pub fn rehearse(&mut self) {
        self.rehearsal = true;
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
    pub fn commit(mut self, draft: &Draft) -> Result<i64> {
        ensure!(!self.rehearsal, "what was only rehearsed cannot be kept");
        self.put_gathered()?;
        let op_id = self.new_guid();
        self.write_recorded()?;
        self.append(draft, op_id)?;
        let (seq, store) = (self.seq, self.store);
        match self.tx.commit() {
            Ok(()) => Ok(seq),
            Err(error) => super::unwritten::find_out(store, op_id, &error),
        }
    }

    fn append(&self, draft: &Draft, op_id: Uuid) -> Result<()> {
        let store_id = store_id(&self.tx)?;
        let last: Option<(Vec<u8>, Micros, Option<Vec<u8>>)> = self
            .tx
            .query_row("SELECT hash, at, kept FROM operation ORDER BY seq DESC LIMIT 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        // A clock that was set back is no reason to refuse somebody's work; who reads the log is to know.
        let summary = match last {
            Some((_, before, _)) if self.stamp.at < before => {
                format!("{} (the clock is behind: the operation before is of {})", draft.summary, rfc3339(before))
            }
            _ => draft.summary.to_string(),
        };
        let kept_before = last.as_ref().and_then(|(_, _, kept)| Sum::of_bytes(kept.as_deref()?));
        let kept = self.sum_kept(kept_before)?.bytes();
        // What was disposed of counts by its row in the log; the rest is known without asking for it.
        let touched = match self.disposed.is_empty() {
            true => newest(&self.changed_rows),
            false => touched(&self.tx, self.seq)?,
        };
        let touched = root(&leaves(&touched));
        let prev_hash = last.map_or_else(|| vec![0; 32], |(hash, ..)| hash);
        let mut tree = Merkle::default();
        let mut ranges = Vec::new();
        for (place, (first, leaves)) in &self.created {
            ranges.push(json!([LOGGED[*place].name, first, first + leaves.len() as i64 - 1]));
            leaves.iter().for_each(|leaf| tree.push(*leaf));
        }
        self.changed.iter().chain(&self.disposed).for_each(|leaf| tree.push(*leaf));
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
            summary: &summary,
            reason: draft.reason,
            undoes: draft.undoes,
            rows_created: &rows_created,
            rows_changed: self.changed.len() as i64,
            rows_hash: &rows_hash,
            vouches: Some((&touched, &kept)),
        };
        let hash = hashed.hash();
        self.tx
            .prepare_cached(
                "INSERT INTO operation (seq, op_id, kind, at, actor, role, on_behalf_of, host, program_version, summary,
                    reason, undoes, rows_created, rows_changed, rows_hash, prev_hash, hash, touched, kept)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                touched,
                kept,
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
