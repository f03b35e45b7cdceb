//! Disposal under a records schedule: values go, and the log can still be checked.
//!
//! The values go from the row and from the before and after images that the log holds of it. What they hashed to stays:
//! the leaf of the row as it was made, and of each change that named a value. A leaf of the disposal's own vouches from
//! then on for what is left of the row and of its changes. What was left *before* the disposal cannot be told from these
//! hashes alone any more: check the store before disposing.
//!
//! The pages are overwritten in the file. Not reached: its write-ahead log until the next checkpoint, backups, and what
//! people wrote into notes, reasons and summaries.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
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
        let mut statement =
            conn.prepare_cached("SELECT table_name, row_id, leaf FROM disposed WHERE seq = ? ORDER BY ordinal")?;
        let mut rows = statement.query([seq])?;
        let mut canonical = Canonical::default();
        while let Some(row) = rows.next()? {
            let (table, id): (String, i64) = (row.get(0)?, row.get(1)?);
            self.disposals += 1;
            match Logged::find(&table) {
                Some(logged) => sink(self.disposal(&mut canonical, seq, logged, id, row.get(2)?)?),
                None => self.find(Some(seq), format!("it disposed of rows of {table}, which is no logged table")),
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

    fn changes_until(&self, logged: &Logged, id: i64, seq: i64) -> Result<Vec<PlacedChange>> {
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
struct PlacedChange {
    seq: i64,
    ordinal: i64,
    leaf: Hash,
    before: String,
    after: String,
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
            format!("EXISTS (SELECT 1 FROM disposed WHERE table_name = '{}' AND row_id = {alias}.id)", logged.name)
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

    /// Takes the values from a row and from its changes, and keeps what they hash to.
    pub fn dispose(&mut self, table: Table, id: i64) -> Result<()> {
        let logged = Logged::find(table.info().sql).filter(|logged| !logged.values().is_empty());
        let Some(logged) = logged else { bail!("{} have no values to dispose of", table.info().name) };
        // Freed space would keep the values for whoever reads the file's bytes.
        self.tx.pragma_update(None, "secure_delete", true)?;
        self.write_recorded()?;
        let mut leaves = Leaves::new(&self.tx);
        let image = leaves.as_made(logged, id)?.context("The row is gone")?;
        if !leaves.findings.is_empty() {
            bail!(
                "{} is not what the log says of it: nothing was disposed of. See: steward verify",
                table.row_name(id)
            );
        }
        let made = row_leaf(&mut Canonical::default(), logged, id, image.iter().map(Into::into));
        let changes = leaves.changes_until(logged, id, self.seq)?;
        for change in changes {
            self.redact(logged, &change)?;
        }
        let version = self.blank(logged, id)?;
        self.changed_rows.push((logged.name, id, version));
        let ordinal = self.disposed.len() as i64 + 1;
        self.tx
            .prepare_cached("INSERT INTO disposed (table_name, row_id, seq, ordinal, leaf) VALUES (?, ?, ?, ?, ?)")?
            .execute((logged.name, id, self.seq, ordinal, made))?;
        let leaf = Leaves::new(&self.tx).disposal(&mut Canonical::default(), self.seq, logged, id, made)?;
        self.disposed.push(leaf);
        Ok(())
    }

    /// Answers the row's new version.
    fn blank(&self, logged: &Logged, id: i64) -> Result<i64> {
        let sets: Vec<String> = logged.values().iter().map(|column| format!("{column} = NULL")).collect();
        let sql = format!(
            "UPDATE {} SET {}, row_version = row_version + 1, modified_on = ?, modified_by = ? WHERE id = ?
             RETURNING row_version",
            logged.name,
            sets.join(", ")
        );
        Ok(self.tx.prepare_cached(&sql)?.query_row((self.stamp.at, self.stamp.user, id), |row| row.get(0))?)
    }

    fn redact(&self, logged: &Logged, change: &PlacedChange) -> Result<()> {
        let (Some(before), Some(after)) = (without(logged, &change.before)?, without(logged, &change.after)?) else {
            return Ok(());
        };
        self.tx
            .prepare_cached("INSERT INTO disposed_change (seq, ordinal, leaf) VALUES (?, ?, ?)")?
            .execute((change.seq, change.ordinal, change.leaf))?;
        self.tx
            .prepare_cached("UPDATE operation_change SET before = ?, after = ? WHERE seq = ? AND ordinal = ?")?
            .execute((before, after, change.seq, change.ordinal))?;
        Ok(())
    }
}

/// An image of a change without the values; none if there were none.
fn without(logged: &Logged, json: &str) -> Result<Option<String>> {
    let mut object: Map<String, Json> = serde_json::from_str(json)?;
    let before = object.len();
    object.retain(|column, _| !logged.values().contains(&column.as_str()));
    Ok((object.len() < before).then(|| Json::Object(object).to_string()))
}
