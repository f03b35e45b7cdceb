//! Checking a proof with nothing but itself and a digest: no store is read, and what the proof says is not believed but
//! computed again. The format is 11 and 16 of [`super::log`].

use std::collections::BTreeMap;

use serde_json::Value as Json;
use thiserror::Error;

use super::audit::Digest;
use super::canonical::{Canonical, Part, hex, parts, root, root_by, unhex};
use super::logged::{ADDED_ROW_TAG, CHANGE_TAG, Logged, ROW_TAG};
use super::proof::{LAST_FORMAT, PROOF_FORMAT, Proof, Proven, TouchedProof};
use super::stored::Stored;
use super::touched::TOUCHED_TAG;

/// What a proof that holds proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// The row as its last proven change left it: a column and its value each, in the order of the log.
    pub columns: Vec<(String, Json)>,
    /// Whether no operation up to the proof's last one changed the row since.
    pub last: bool,
}

/// Why a proof does not hold; no stop at the end.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofFault {
    #[error("{0}")]
    Forged(String),
    /// It may hold, and is not a proof against this digest.
    #[error("{0}")]
    OtherDigest(String),
}

type Checked<T> = Result<T, ProofFault>;

fn forged<T>(problem: impl Into<String>) -> Checked<T> {
    Err(ProofFault::Forged(problem.into()))
}

impl Proof {
    /// Checks all of it, and where there is one that it ends with the digest.
    ///
    /// # Errors
    /// What does not fit.
    pub fn check(&self, digest: Option<&Digest>) -> Checked<Proved> {
        if ![PROOF_FORMAT, LAST_FORMAT].contains(&self.format.as_str()) {
            return forged(format!("its format is not {PROOF_FORMAT} or {LAST_FORMAT}"));
        }
        let Some(logged) = Logged::find(&self.table) else {
            return forged("it is of a table that the log does not vouch for");
        };
        let operations = self.chain()?;
        if let Some(digest) = digest {
            self.ends_with(digest)?;
        }
        let Some((made, changes)) = self.leaves.split_first() else { return forged("it has no leaf") };
        self.leaf(&operations, made, &[ROW_TAG, ADDED_ROW_TAG])?;
        changes.iter().try_for_each(|change| self.leaf(&operations, change, &[CHANGE_TAG]))?;
        let in_order = self.leaves.windows(2).all(|two| two[0].operation <= two[1].operation);
        if !in_order {
            return forged("its leaves are not in the order of their operations");
        }
        let mut columns = made_columns(logged, made)?;
        let mut version = 1;
        for change in changes {
            version = version_of(change).filter(|of| *of > version).ok_or_else(|| lacks(version))?;
            apply(change, &mut columns)?;
        }
        let last = match self.last.as_deref() {
            Some(touched) => {
                let complete = changes.len() as i64 + 1 == version;
                if !complete {
                    return Err(lacks(version));
                }
                self.is_last(&operations, touched, version)?;
                true
            }
            None => false,
        };
        Ok(Proved { columns, last })
    }

    /// The operations by number, once each is known to follow the one before it.
    fn chain(&self) -> Checked<BTreeMap<i64, &Stored>> {
        for two in self.operations.windows(2) {
            if two[1].seq != two[0].seq + 1 || two[1].prev_hash != two[0].hash {
                return forged(format!("operation {} does not follow the one before it", two[1].seq));
            }
        }
        for operation in &self.operations {
            if operation.hash_again(&self.store_id).as_slice() != operation.hash {
                return forged(format!("operation {} was changed", operation.seq));
            }
        }
        Ok(self.operations.iter().map(|operation| (operation.seq, operation)).collect())
    }

    fn ends_with(&self, digest: &Digest) -> Checked<()> {
        let other = |problem: String| Err(ProofFault::OtherDigest(problem));
        if digest.store_id != self.store_id {
            return other("the digest is of another store".into());
        }
        match self.operations.last() {
            Some(last) if last.seq == digest.seq && hex(&last.hash) == digest.hash => Ok(()),
            Some(last) => other(format!(
                "it ends with operation {}, which is not the operation {} of the digest: ask for a proof against this \
                 digest (steward prove TABLE ROW --digest FILE)",
                last.seq, digest.seq
            )),
            None => forged("it has no operation"),
        }
    }

    /// A leaf is of this row, and leads to what its operation wrote.
    fn leaf(&self, operations: &BTreeMap<i64, &Stored>, proven: &Proven, tags: &[&str]) -> Checked<()> {
        let seq = proven.operation;
        let Some(operation) = operations.get(&seq) else { return forged(format!("it lacks operation {seq}")) };
        let created: i64 = operation.created().iter().map(|(_, first, last)| last - first + 1).sum();
        // Disposals have leaves, too.
        if (proven.of as i64) < created + operation.rows_changed {
            return forged(format!("operation {seq} wrote another number of rows"));
        }
        let content = bytes_of(&proven.canonical)?;
        let begins =
            |tag: &&str| content.starts_with(Canonical::default().begin(tag).text(&self.table).int(self.id).bytes());
        if !tags.iter().any(begins) {
            return forged(format!("a leaf of operation {seq} is of another row"));
        }
        leads_to(&content, proven.index, proven.of, &proven.path, &operation.rows_hash)
            .ok_or_else(|| ProofFault::Forged(format!("a leaf does not lead to the rows of operation {seq}")))
    }

    /// No operation changed the row after the version that is proven: each that changed rows shows where this one would
    /// stand among them.
    fn is_last(&self, operations: &BTreeMap<i64, &Stored>, shown: &[TouchedProof], version: i64) -> Checked<()> {
        let mut shown: BTreeMap<i64, &TouchedProof> =
            shown.iter().map(|touched| (touched.operation, touched)).collect();
        let mut found = None;
        let mut silent = false;
        for (seq, operation) in operations {
            let Some(said) = &operation.touched else {
                silent = true;
                continue;
            };
            if *said == root(&[]) {
                continue;
            }
            let Some(touched) = shown.remove(seq) else {
                return forged(format!("it does not show whether operation {seq} changed the row"));
            };
            if let Some(left) = self.touched_by(touched, said)? {
                found = Some(left);
            }
        }
        let is = match found {
            Some(left) => left == Some(version),
            // Made by an operation that says what it changed, and never changed.
            None => !silent && version == 1,
        };
        if is { Ok(()) } else { Err(lacks(version)) }
    }

    /// The version that an operation left the row at, if it changed it.
    fn touched_by(&self, touched: &TouchedProof, said: &[u8]) -> Checked<Option<Option<i64>>> {
        let seq = touched.operation;
        let wrong =
            || ProofFault::Forged(format!("what it shows of the rows that operation {seq} changed does not fit"));
        let mut rows = Vec::new();
        for leaf in &touched.leaves {
            let content = bytes_of(&leaf.canonical)?;
            leads_to(&content, leaf.index, touched.of, &leaf.path, said).ok_or_else(wrong)?;
            match parts(&content).as_deref() {
                Some([Part::Text(tag), Part::Text(table), Part::Int(row), version]) if *tag == TOUCHED_TAG => {
                    let version = if let Part::Int(version) = version { Some(*version) } else { None };
                    rows.push((leaf.index, (table.to_string(), *row), version));
                }
                _ => return Err(wrong()),
            }
        }
        let own = (self.table.clone(), self.id);
        match rows.as_slice() {
            [(_, row, version)] if *row == own => Ok(Some(*version)),
            [(0, row, _)] if *row > own => Ok(None),
            [(at, row, _)] if *row < own && at + 1 == touched.of => Ok(None),
            [(at, before, _), (next, after, _)] if at + 1 == *next && *before < own && own < *after => Ok(None),
            _ => Err(wrong()),
        }
    }
}

fn lacks(version: i64) -> ProofFault {
    ProofFault::Forged(format!("it lacks a change of the row around its version {version}"))
}

fn bytes_of(digits: &str) -> Checked<Vec<u8>> {
    unhex(digits).ok_or_else(|| ProofFault::Forged("it holds what are no hex digits".into()))
}

/// Whether a leaf's content leads to a root.
fn leads_to(content: &[u8], index: usize, of: usize, path: &[String], to: &[u8]) -> Option<()> {
    let path: Option<Vec<_>> = path.iter().map(|digits| unhex(digits)?.try_into().ok()).collect();
    let found = root_by(&path?, Canonical::leaf_of(content), index, of)?;
    (found.as_slice() == to).then_some(())
}

/// The columns of a row as it was made.
fn made_columns(logged: &Logged, made: &Proven) -> Checked<Vec<(String, Json)>> {
    let content = bytes_of(&made.canonical)?;
    let values = parts(&content).unwrap_or_default();
    // The tag, the table, and the id stand before them.
    let values = values.get(3..).unwrap_or_default();
    if ![logged.covered.len(), logged.width()].contains(&values.len()) {
        return forged("its first leaf has other columns than the table");
    }
    Ok(logged.columns().map(String::from).zip(values.iter().map(Part::json)).collect())
}

fn version_of(change: &Proven) -> Option<i64> {
    match parts(&unhex(&change.canonical)?)?.get(3)? {
        Part::Int(version) => Some(*version),
        _ => None,
    }
}

/// What a change made of the columns; it must have found them as they were.
fn apply(change: &Proven, columns: &mut Vec<(String, Json)>) -> Checked<()> {
    let wrong = || ProofFault::Forged(format!("the change by operation {} does not fit the row", change.operation));
    let content = bytes_of(&change.canonical)?;
    let content = parts(&content).ok_or_else(wrong)?;
    let [.., Part::Text(before), Part::Text(after)] = content.as_slice() else { return Err(wrong()) };
    let image = |text: &str| serde_json::from_str::<serde_json::Map<String, Json>>(text).map_err(|_| wrong());
    let (before, after) = (image(before)?, image(after)?);
    for (column, value) in after {
        let held = before.get(&column).ok_or_else(wrong)?;
        match columns.iter_mut().find(|(name, _)| *name == column) {
            Some((_, now)) if now == held => *now = value,
            // An added column of a row that had none of them set.
            None if held.is_null() => columns.push((column, value)),
            _ => return Err(wrong()),
        }
    }
    Ok(())
}
