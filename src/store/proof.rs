//! Proofs that the log vouches for a row, for somebody who has nothing but a digest.
//!
//! A proof holds a leaf for the row as it was made and one for each of its changes, each with the path to the root that
//! its operation states, and all operations from the first of these to the digest's: each holds the hash of the one
//! before it, and the last hash is the digest's. So it grows with the operations in between and not with the rows.
//!
//! That the row's state is its last one, too, is proved where the operations since say which rows they changed: each that
//! changed any shows the row among them, or the two between which it would stand.

use anyhow::{Context, Result, bail};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use super::audit::Digest;
use super::canonical::{Canonical, Hash, audit_path, hex, root};
use super::leaves::{CHANGES, Leaves, read_change_leaf};
use super::log::store_id;
use super::logged::Logged;
use super::reader::Reader;
use super::stored::{COLUMNS, Stored};
use super::touched::{self, touched};
use super::write::row_leaf;
use crate::model::table::Table;

pub(super) const PROOF_FORMAT: &str = "steward-proof-1";
/// Of a proof that the row's state is its last one.
pub(super) const LAST_FORMAT: &str = "steward-proof-2";

/// The proof of one row; as JSON it is what `steward check-proof` and `tests/verify.py --proof` read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// `steward-proof-1`, or `steward-proof-2` where there is `last`.
    pub format: String,
    pub store_id: String,
    pub table: String,
    pub id: i64,
    /// The row as it was made, then each of its changes.
    pub leaves: Vec<Proven>,
    /// From the one that made the row to the one it is proved against, without gaps.
    pub operations: Vec<Stored>,
    /// Of each of these that changed rows, whether this one is among them. None where some do not say: the row was made by
    /// an operation of an older format and not changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Vec<TouchedProof>>,
}

/// Where a row stands, or would stand, among those that an operation changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TouchedProof {
    pub operation: i64,
    /// How many rows it changed.
    pub of: usize,
    /// The row's own, or its neighbours': one at the beginning or the end, else two.
    pub leaves: Vec<TouchedLeaf>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TouchedLeaf {
    pub index: usize,
    pub canonical: String,
    pub path: Vec<String>,
}

/// One leaf and its way to its operation's `rows_hash`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// The operation that wrote it.
    pub operation: i64,
    /// Its place among the operation's leaves, from 0, and how many these are.
    pub index: usize,
    pub of: usize,
    /// The canonical bytes, as hex digits.
    pub canonical: String,
    pub hash: String,
    /// The audit path of RFC 6962, section 2.1.1, the nearest hash first.
    pub path: Vec<String>,
}

/// Where one of the row's leaves stands.
struct Place {
    seq: i64,
    /// The change's number in its operation, from 1; none for the row as it was made.
    ordinal: Option<i64>,
}

impl Reader {
    /// Proves a row against a digest, or against the end of the log.
    ///
    /// # Errors
    /// A sentence where the row was made after the digest, or the log does not vouch for it.
    pub fn prove(&self, table: Table, id: i64, digest: Option<&Digest>) -> Result<Proof> {
        let name = table.row_name(id);
        let logged = Logged::find(table.info().sql).context("The log does not vouch for this table")?;
        let store_id = store_id(&self.conn)?;
        let end = match digest {
            Some(digest) => self.vouched(digest, &store_id)?,
            None => self.digest()?.seq,
        };
        if Leaves::new(&self.conn).disposed_among(logged, id, id)?.contains_key(&id) {
            bail!("The values of {name} were disposed of: what is left of it does not tell what it was.");
        }
        let places = self.places(logged, id, end)?;
        let Some(first) = places.first() else {
            bail!("{name} was not made by any operation up to {end}. To check the whole store: steward verify");
        };
        let mut leaves = Leaves::new(&self.conn);
        let proven = places.iter().map(|place| self.proven(&mut leaves, logged, id, place)).collect::<Result<_>>()?;
        if !leaves.findings.is_empty() {
            bail!("{name} is not what the log says of it. To see what was changed: steward verify");
        }
        let operations = self.operations_between(first.seq, end)?;
        let last = self.last_state(logged, id, &operations)?;
        Ok(Proof {
            format: if last.is_some() { LAST_FORMAT } else { PROOF_FORMAT }.to_string(),
            store_id,
            table: logged.name.to_string(),
            id,
            leaves: proven,
            operations,
            last,
        })
    }

    /// Where the row stands among those that each operation changed.
    fn last_state(&self, logged: &Logged, id: i64, operations: &[Stored]) -> Result<Option<Vec<TouchedProof>>> {
        let own = (logged.name, id);
        let mut out = Vec::new();
        let mut known = operations.first().is_some_and(|made| made.touched.is_some());
        for operation in operations.iter().filter(|operation| operation.touched.is_some()) {
            let rows = touched(&self.conn, operation.seq)?;
            let leaves = touched::leaves(&rows);
            if Some(root(&leaves).as_slice()) != operation.touched.as_deref() {
                bail!("Operation {} did not change the rows that it names. To see more: steward verify", operation.seq);
            }
            if rows.is_empty() {
                continue;
            }
            let shown = match rows.binary_search_by(|row| (row.table.as_str(), row.row).cmp(&own)) {
                Ok(at) => {
                    known = true;
                    at..at + 1
                }
                Err(at) => at.saturating_sub(1)..rows.len().min(at + 1),
            };
            let mut canonical = Canonical::default();
            let leaf = |index: usize| {
                rows[index].leaf(&mut canonical);
                let path = audit_path(&leaves, index).iter().map(|hash| hex(hash)).collect();
                TouchedLeaf { index, canonical: hex(canonical.bytes()), path }
            };
            out.push(TouchedProof { operation: operation.seq, of: rows.len(), leaves: shown.map(leaf).collect() });
        }
        Ok(known.then_some(out))
    }

    /// The operation of a digest that fits this store.
    fn vouched(&self, digest: &Digest, store_id: &str) -> Result<i64> {
        if digest.store_id != store_id {
            bail!("The digest is of another store.");
        }
        if self.operation_hash(digest.seq)?.as_deref() != Some(digest.hash.as_str()) {
            bail!("Operation {} is not the one of the digest. To see more: steward verify --digest FILE", digest.seq);
        }
        Ok(digest.seq)
    }

    /// Where the row's leaves stand up to an operation, the oldest first.
    fn places(&self, logged: &Logged, id: i64, end: i64) -> Result<Vec<Place>> {
        let made = "SELECT o.seq FROM operation AS o, json_each(o.rows_created) AS r
                    WHERE r.value ->> 0 = ?1 AND ?2 BETWEEN r.value ->> 1 AND r.value ->> 2 AND o.seq <= ?3";
        let made = self.conn.query_row(made, (logged.name, id, end), |row| row.get(0)).optional()?;
        let Some(made) = made else { return Ok(Vec::new()) };
        let mut statement = self.conn.prepare(
            "SELECT seq, ordinal FROM operation_change WHERE table_name = ? AND row_id = ? AND seq <= ?
             ORDER BY seq, ordinal",
        )?;
        let changes = statement
            .query_map((logged.name, id, end), |row| Ok(Place { seq: row.get(0)?, ordinal: Some(row.get(1)?) }))?;
        std::iter::once(Ok(Place { seq: made, ordinal: None })).chain(changes).map(|place| Ok(place?)).collect()
    }

    fn proven(&self, leaves: &mut Leaves, logged: &'static Logged, id: i64, place: &Place) -> Result<Proven> {
        let operation = Stored::find(&self.conn, place.seq)?;
        let mut all = Vec::new();
        leaves.of(&operation, &mut |leaf| all.push(leaf))?;
        let mut canonical = Canonical::default();
        let (hash, index) = match place.ordinal {
            None => (self.made_leaf(&mut canonical, leaves, logged, id)?, index_of_made(&operation, logged, id)),
            Some(ordinal) => {
                let created: i64 = operation.created().iter().map(|(_, first, last)| last - first + 1).sum();
                (self.change_leaf(&mut canonical, place.seq, ordinal)?, created + ordinal - 1)
            }
        };
        let index = usize::try_from(index)?;
        if all.get(index) != Some(&hash) || root(&all).as_slice() != operation.rows_hash {
            bail!("Operation {} did not write its rows as they are. To see more: steward verify", place.seq);
        }
        Ok(Proven {
            operation: place.seq,
            index,
            of: all.len(),
            canonical: hex(canonical.bytes()),
            hash: hex(&hash),
            path: audit_path(&all, index).iter().map(|hash| hex(hash)).collect(),
        })
    }

    fn made_leaf(
        &self,
        canonical: &mut Canonical,
        leaves: &mut Leaves,
        logged: &'static Logged,
        id: i64,
    ) -> Result<Hash> {
        let image = leaves.as_made(logged, id)?.context("The row is gone. To see more: steward verify")?;
        Ok(row_leaf(canonical, logged, id, image.iter().map(Into::into)))
    }

    fn change_leaf(&self, canonical: &mut Canonical, seq: i64, ordinal: i64) -> Result<Hash> {
        let mut statement = self.conn.prepare_cached(&format!("{CHANGES} WHERE c.seq = ? AND c.ordinal = ?"))?;
        let mut rows = statement.query([seq, ordinal])?;
        let row = rows.next()?.context("The change is not in the log")?;
        read_change_leaf(canonical, row)
    }

    fn operations_between(&self, first: i64, last: i64) -> Result<Vec<Stored>> {
        let sql = format!("SELECT {COLUMNS} FROM operation WHERE seq BETWEEN ? AND ? ORDER BY seq");
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map([first, last], Stored::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The place of a created row's leaf: the ranges stand one after the other.
fn index_of_made(operation: &Stored, logged: &Logged, id: i64) -> i64 {
    let mut before = 0;
    for (table, first, last) in operation.created() {
        if table == logged.name && (first..=last).contains(&id) {
            return before + id - first;
        }
        before += last - first + 1;
    }
    before
}
