//! Disposal under a records schedule: values go, and the log can still be checked.
//!
//! The values go from the row and from the before and after images that the log holds of it. What they hashed to stays:
//! the leaf of the row as it was made, and of each change that named a value. A leaf of the disposal's own vouches from
//! then on for what is left of the row and of its changes. What was left *before* the disposal cannot be told from these
//! hashes alone any more: check the store before disposing.
//!
//! Where other rows hold copies of a value (what was in force before, what a receiver was sent), these go with it
//! ([`super::dispose_copies`]). So a row may be disposed of again: the leaf of the disposal before is then kept, too.
//!
//! What was freed in the file is overwritten afterwards ([`super::scrub`]). Not reached: copies of the file, and what the
//! summaries and reasons of the log's operations say, which their hashes hold; those are told.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use rusqlite::OptionalExtension;
use serde_json::{Map, Value as Json};

use super::canonical::{Canonical, Hash};
use super::facts::choice;
use super::leaves::{CHANGES, Leaves, Sink, read_change_leaf};
use super::logged::{DISPOSAL_TAG, ITEM, LEDGER, Logged};
use super::rewind::{LoggedChange, image, select};
use super::write::{Write, row_leaf};
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::table::Table;

/// A row as the question sees it whether its values may go, with its partner: an item and the entry that it brought hold
/// the same value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisposalFact {
    pub id: i64,
    pub target_table: String,
    pub source: String,
    /// Whether the entry holds the value in force.
    pub in_force: bool,
    pub item: Option<DisposalItem>,
    pub entry: Option<DisposalEntry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisposalItem {
    pub id: i64,
    pub state: ItemState,
    /// False for an attempt that a newer one took the place of.
    pub active: bool,
    pub disposed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisposalEntry {
    pub id: i64,
    pub status: LedgerStatus,
    pub active: bool,
    pub disposed: bool,
}

impl Leaves<'_> {
    /// The kept leaves of rows of a range, as they were made.
    pub fn disposed_among(&self, logged: &Logged, first: i64, last: i64) -> Result<HashMap<i64, Hash>> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT row_id, leaf FROM disposed WHERE table_name = ? AND row_id BETWEEN ? AND ?")?;
        let rows = statement.query_map((logged.name, first, last), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The leaves of a disposal.
    pub fn disposed_by(&mut self, seq: i64, sink: Sink) -> Result<()> {
        let conn = self.conn;
        // A leaf that is kept of a disposal whose row was not disposed of again counts for nothing.
        let mut statement = conn.prepare_cached(
            "SELECT d.table_name, d.row_id, d.leaf, k.leaf FROM disposed AS d
             LEFT JOIN disposed_earlier AS k ON k.seq = d.seq AND k.ordinal = d.ordinal AND EXISTS (
                SELECT 1 FROM disposed AS l WHERE l.table_name = d.table_name AND l.row_id = d.row_id 
                    AND (l.seq, l.ordinal) > (d.seq, d.ordinal))
             WHERE d.seq = ? ORDER BY d.ordinal",
        )?;
        let mut rows = statement.query([seq])?;
        let mut canonical = Canonical::default();
        while let Some(row) = rows.next()? {
            let (table, id, kept): (String, i64, Option<Hash>) = (row.get(0)?, row.get(1)?, row.get(3)?);
            self.disposals += 1;
            match (Logged::find(&table), kept) {
                (Some(_), Some(kept)) => sink(kept),
                (Some(logged), None) => sink(self.disposal(&mut canonical, seq, logged, id, row.get(2)?)?),
                (None, _) => self.find(Some(seq), format!("it disposed of rows of {table}, which is no logged table")),
            }
        }
        Ok(())
    }

    /// What a disposal left of a row and of its changes up to then.
    fn disposal(
        &mut self,
        canonical: &mut Canonical,
        seq: i64,
        logged: &'static Logged,
        id: i64,
        made: Hash,
    ) -> Result<Hash> {
        let conn = self.conn;
        let mut later = conn.prepare_cached(
            "SELECT seq, row_id, before, after FROM operation_change
             WHERE table_name = ? AND row_id = ? AND seq > ? ORDER BY seq DESC, ordinal DESC",
        )?;
        let later: Vec<LoggedChange> =
            later.query_map((logged.name, id, seq), LoggedChange::read)?.collect::<Result<_, _>>()?;
        let mut statement = conn.prepare_cached(&format!("{} WHERE id = ?", select(logged)))?;
        let now = statement.query_row([id], |row| image(logged, row)).context("A row that was disposed of is gone")?;
        let left = self.rewound(logged, id, now, &later);
        let changes = self.changes_until(logged, id, seq)?;
        canonical.begin(DISPOSAL_TAG).text(logged.name).int(id).blob(&made);
        left.iter().for_each(|value| {
            canonical.value(value.into());
        });
        for change in changes {
            canonical.int(change.seq).int(change.ordinal).blob(&change.leaf).text(&change.before).text(&change.after);
        }
        Ok(canonical.hash())
    }

    pub(super) fn changes_until(&self, logged: &Logged, id: i64, seq: i64) -> Result<Vec<PlacedChange>> {
        let sql = format!("{CHANGES} WHERE c.table_name = ? AND c.row_id = ? AND c.seq <= ? ORDER BY c.seq, c.ordinal");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query((logged.name, id, seq))?;
        let mut canonical = Canonical::default();
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(PlacedChange {
                leaf: read_change_leaf(&mut canonical, row)?,
                before: row.get(3)?,
                after: row.get(4)?,
                seq: row.get(6)?,
                ordinal: row.get(7)?,
            });
        }
        Ok(out)
    }
}

/// A change with its place in the log and its leaf.
pub(super) struct PlacedChange {
    pub seq: i64,
    ordinal: i64,
    leaf: Hash,
    pub before: String,
    pub after: String,
}

impl Write<'_> {
    /// Some items or ledger entries by id; no other table has values.
    pub fn disposal_facts(&self, table: Table, ids: &[i64]) -> Result<Vec<DisposalFact>> {
        let (own, joined) = match table {
            Table::Ledger => {
                ("l", "integration_ledger AS l LEFT JOIN integration_sync_item AS i ON i.id = l.sync_item")
            }
            _ => ("i", "integration_sync_item AS i LEFT JOIN integration_ledger AS l ON l.id = i.ledger"),
        };
        let disposed = |logged: &Logged, alias: &str| {
            format!(
                "EXISTS (SELECT 1 FROM disposed WHERE table_name = '{}' AND row_id = {alias}.id AND copies = 0)",
                logged.name
            )
        };
        let sql = format!(
            "SELECT {own}.id, {own}.target_table, {own}.source_system_key,
                    EXISTS (SELECT 1 FROM current_value AS c WHERE c.ledger = l.id),
                    i.id, i.state, {}, l.id, l.ledger_status, l.statecode = 0, {}, i.statecode = 0
             FROM {joined} WHERE {own}.id IN (SELECT value FROM json_each(?)) ORDER BY {own}.id",
            disposed(&ITEM, "i"),
            disposed(&LEDGER, "l"),
        );
        self.rows(&sql, [serde_json::to_string(ids)?], |row| {
            let item = |id| {
                let state = choice(row.get(5)?, ItemState::from_code)?;
                Ok::<_, rusqlite::Error>(DisposalItem { id, state, active: row.get(11)?, disposed: row.get(6)? })
            };
            let entry = |id| {
                let status = choice(row.get(8)?, LedgerStatus::from_code)?;
                Ok::<_, rusqlite::Error>(DisposalEntry { id, status, active: row.get(9)?, disposed: row.get(10)? })
            };
            Ok(DisposalFact {
                id: row.get(0)?,
                target_table: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                source: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                in_force: row.get(3)?,
                item: row.get::<_, Option<i64>>(4)?.map(item).transpose()?,
                entry: row.get::<_, Option<i64>>(7)?.map(entry).transpose()?,
            })
        })
    }

    /// Has SQLite overwrite at once what it frees where it can, or no more; the rest is done when all is disposed of. Not row
    /// by row: it has every statement prepared anew.
    pub fn overwrite_freed(&self, on: bool) -> Result<()> {
        Ok(self.tx.pragma_update(None, "secure_delete", on)?)
    }

    /// Takes the values from a row and from its changes, and keeps what they hash to.
    pub fn dispose(&mut self, table: Table, id: i64) -> Result<()> {
        let Some(logged) = Logged::find(table.info().sql) else { bail!("{} have no values", table.info().name) };
        let mut columns = logged.values().to_vec();
        if columns.is_empty() {
            bail!("{} have no values to dispose of", table.info().name);
        }
        let held = self.values_held(logged, id)?;
        columns.extend(self.naming_columns(logged, id, &held)?);
        self.note_naming_operations(logged, id, &held)?;
        self.note_naming_map(logged, id)?;
        self.dispose_columns(logged, id, &columns, false)
    }

    /// Takes some columns from a row and from its changes. Of a row that only held copies it is known that it is not gone.
    pub(super) fn dispose_columns(
        &mut self,
        logged: &'static Logged,
        id: i64,
        columns: &[&str],
        copies: bool,
    ) -> Result<()> {
        self.write_recorded()?;
        let made = match self.disposed_before(logged, id)? {
            Some(made) => made,
            None => self.made_leaf(logged, id)?,
        };
        let changes = Leaves::new(&self.tx).changes_until(logged, id, self.seq)?;
        for change in changes {
            self.redact(columns, &change)?;
        }
        let version = self.blank(logged, id, columns)?;
        self.changed_rows.push((logged.name, id, version));
        let ordinal = self.disposed.len() as i64 + 1;
        self.tx
            .prepare_cached(
                "INSERT INTO disposed (table_name, row_id, seq, ordinal, leaf, copies) VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute((logged.name, id, self.seq, ordinal, made, copies))?;
        let leaf = Leaves::new(&self.tx).disposal(&mut Canonical::default(), self.seq, logged, id, made)?;
        self.disposed.push(leaf);
        Ok(())
    }

    fn made_leaf(&self, logged: &'static Logged, id: i64) -> Result<Hash> {
        let mut leaves = Leaves::new(&self.tx);
        let image = leaves.as_made(logged, id)?.context("The row is gone")?;
        refuse_findings(&leaves, logged, id)?;
        Ok(row_leaf(&mut Canonical::default(), logged, id, image.iter().map(Into::into)))
    }

    /// Keeps the leaf of the last disposal of a row, which is disposed of again. Answers that of the row as it was made.
    fn disposed_before(&self, logged: &'static Logged, id: i64) -> Result<Option<Hash>> {
        let sql = "SELECT seq, ordinal, leaf FROM disposed WHERE table_name = ? AND row_id = ? 
                   ORDER BY seq DESC, ordinal DESC LIMIT 1";
        let last: Option<(i64, i64, Hash)> = self
            .tx
            .prepare_cached(sql)?
            .query_row((logged.name, id), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((seq, ordinal, made)) = last else { return Ok(None) };
        let leaf = match self.disposed.get(ordinal as usize - 1) {
            Some(leaf) if seq == self.seq => *leaf,
            _ => {
                let mut leaves = Leaves::new(&self.tx);
                let leaf = leaves.disposal(&mut Canonical::default(), seq, logged, id, made)?;
                refuse_findings(&leaves, logged, id)?;
                leaf
            }
        };
        self.tx
            .prepare_cached("INSERT INTO disposed_earlier (seq, ordinal, leaf) VALUES (?, ?, ?)")?
            .execute((seq, ordinal, leaf))?;
        Ok(Some(made))
    }

    /// Answers the row's new version.
    fn blank(&self, logged: &Logged, id: i64, columns: &[&str]) -> Result<i64> {
        let sets: Vec<String> = columns.iter().map(|column| format!("{column} = NULL")).collect();
        let sql = format!(
            "UPDATE {} SET {}, row_version = row_version + 1, modified_on = ?, modified_by = ? WHERE id = ?
             RETURNING row_version",
            logged.name,
            sets.join(", ")
        );
        Ok(self.tx.prepare_cached(&sql)?.query_row((self.stamp.at, self.stamp.user, id), |row| row.get(0))?)
    }

    fn redact(&self, columns: &[&str], change: &PlacedChange) -> Result<()> {
        let (Some(before), Some(after)) = (without(columns, &change.before)?, without(columns, &change.after)?) else {
            return Ok(());
        };
        // A change that was redacted before has its leaf already.
        self.tx
            .prepare_cached("INSERT INTO disposed_change (seq, ordinal, leaf) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")?
            .execute((change.seq, change.ordinal, change.leaf))?;
        self.tx
            .prepare_cached("UPDATE operation_change SET before = ?, after = ? WHERE seq = ? AND ordinal = ?")?
            .execute((before, after, change.seq, change.ordinal))?;
        Ok(())
    }
}

fn refuse_findings(leaves: &Leaves, logged: &Logged, id: i64) -> Result<()> {
    if !leaves.findings.is_empty() {
        bail!("Row {id} of {} is not what the log says of it, and its values stay. See: steward verify", logged.name);
    }
    Ok(())
}

/// An image of a change without some columns; none if it had none of them.
fn without(columns: &[&str], json: &str) -> Result<Option<String>> {
    let mut object: Map<String, Json> = serde_json::from_str(json)?;
    let before = object.len();
    object.retain(|column, _| !columns.contains(&column.as_str()));
    Ok((object.len() < before).then(|| Json::Object(object).to_string()))
}
