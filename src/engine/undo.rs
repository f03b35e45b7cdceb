//! Undo: the before images of an operation's rows come back where the rows have not moved since, and rows that it made
//! are retired. It is itself an operation, so that an undo can be undone.
//!
//! Rows that stand for one thing go together: an attempt at a delivered value only with the ledger entry it brought, and
//! the attempt before comes back only where no other stands in its place.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::in_chunks::goes_on_with;
use super::session::Permission;
use super::{Done, Error, Operation, Refusal};
use crate::model::table::Table;
use crate::model::text::grouped;
use crate::store::{ChangedRow, UndoFact};

/// The kinds of operations that can be taken back, with who may do them, and so may take them back. Whoever takes back
/// an undo does the operation again, and needs the same.
const UNDOABLE: [(&str, Permission); 19] = [
    ("map", Permission::Steward),
    ("edit", Permission::Steward),
    ("retire map", Permission::Steward),
    ("reject match", Permission::Steward),
    ("import", Permission::Steward),
    ("policy", Permission::Admin),
    ("certify", Permission::Reviewer),
    ("reject", Permission::Reviewer),
    ("revoke", Permission::Reviewer),
    ("reopen", Permission::Reviewer),
    ("recertify", Permission::Reviewer),
    ("pin", Permission::Reviewer),
    ("unpin", Permission::Reviewer),
    ("retry", Permission::Support),
    ("park", Permission::Support),
    ("unpark", Permission::Support),
    ("attest", Permission::Reviewer),
    ("export", Permission::Support),
    ("user", Permission::Admin),
];

const MOVED: &str = "has changed since";
const TRIED_AGAIN: &str = "has a newer attempt";

impl Operation<'_, '_> {
    pub(super) fn undo(&mut self, operation: Option<i64>) -> Result<Done, Error> {
        let mut undone = self.undoable(operation)?;
        let mut changes = Vec::new();
        for part in self.write.going_on(&goes_on_with(undone.seq))? {
            changes.extend(self.write.changes_of(part.seq)?);
            undone.created.extend(part.created);
        }
        changes.extend(self.write.changes_of(undone.seq)?);
        let left = Left::by(&changes);
        self.retire_created(&undone, &left)?;
        self.restore_changed(&undone, &changes)?;
        let skipped = self.effects.held_back_rows();
        if self.effects.changed == 0 && skipped > 0 {
            return Err(Refusal::Undo(format!(
                "Operation {} cannot be taken back: all of its {} rows have changed since.",
                undone.seq,
                grouped(skipped)
            ))
            .into());
        }
        let mut summary = format!("Took back operation {}: {}", undone.seq, undone.summary);
        if skipped > 0 {
            summary.push_str(&format!(" ({} rows that changed since were left alone)", grouped(skipped)));
        }
        Ok(Done { undoes: Some(undone.seq), ..Done::new("undo", summary, &Table::ALL) })
    }

    fn undoable(&mut self, operation: Option<i64>) -> Result<UndoFact, Error> {
        let login = &self.session.person.login;
        let found = match operation {
            Some(seq) => self.write.operation(seq)?.ok_or_else(|| Refusal::NotFound {
                what: "operation",
                name: seq.to_string(),
                hint: " See them with: steward history".into(),
            })?,
            None => {
                let kinds: Vec<&str> = UNDOABLE.iter().map(|(kind, _)| *kind).collect();
                let last = self.write.last_operation_of(login, &kinds)?;
                last.ok_or_else(|| Refusal::Undo("You have done nothing yet that could be taken back.".into()))?
            }
        };
        let permission = UNDOABLE.iter().find(|(kind, _)| *kind == found.kind).map(|(_, permission)| *permission);
        if found.kind == "release" {
            return Err(Refusal::Undo(format!(
                "Operation {} only goes on with a decision on codes. Take back that decision, and this goes with it.",
                found.seq
            ))
            .into());
        }
        let Some(permission) = permission else {
            return Err(Refusal::Undo(format!(
                "Operation {} is of the kind {}, which cannot be taken back. \
                 What a delivery brought is rejected or revoked in the ledger.",
                found.seq, found.kind
            ))
            .into());
        };
        self.session.check(permission, "take back this operation")?;
        if let Some(by) = found.undone_by {
            return Err(
                Refusal::Undo(format!("Operation {} was taken back already, by operation {by}.", found.seq)).into()
            );
        }
        Ok(found)
    }

    fn retire_created(&mut self, undone: &UndoFact, left: &Left) -> Result<(), Error> {
        for (table, first, last) in &undone.created {
            for id in *first..=*last {
                // What goes out follows from the values in force, and settling takes it back with them.
                if self.write.is_outbound(table, id)? {
                    continue;
                }
                if self.untouched(table, id, left)? {
                    self.effects.changed += i64::from(self.write.retire(table, id)?);
                } else {
                    let label = self.write.row_label(table, id)?;
                    self.effects.hold_back(MOVED, label);
                }
            }
        }
        Ok(())
    }

    /// Whether a row that the operation made, and the ledger entry of an item, are as it left them.
    fn untouched(&mut self, table: &str, id: i64, left: &Left) -> Result<bool, Error> {
        if self.write.row_version(table, id)? != Some(left.version(table, id)) {
            return Ok(false);
        }
        if Table::find(table) != Some(Table::SyncItems) {
            return Ok(true);
        }
        match self.write.entry_of_item(id)? {
            Some(entry) => self.untouched(Table::Ledger.info().sql, entry, left),
            None => Ok(true),
        }
    }

    /// Puts rows back that were there before the operation, change by change from the last one.
    fn restore_changed(&mut self, undone: &UndoFact, changes: &[ChangedRow]) -> Result<(), Error> {
        let mut stands: HashMap<(&str, i64), bool> = HashMap::new();
        for change in changes.iter().filter(|change| !undone.made(&change.table, change.row)) {
            let stands = match stands.entry((&change.table, change.row)) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(first) => *first.insert(self.comes_back(change)?),
            };
            if stands {
                self.write.restore(&change.table, change.row, &change.before)?;
            }
        }
        Ok(())
    }

    /// Whether a row can come back by its last change; one that cannot is listed.
    fn comes_back(&mut self, change: &ChangedRow) -> Result<bool, Error> {
        let moved = self.write.row_version(&change.table, change.row)? != Some(change.version);
        let is_item = Table::find(&change.table) == Some(Table::SyncItems);
        let why = if moved {
            MOVED
        } else if is_item && change.revives() && self.write.standing_attempt(change.row)?.is_some() {
            TRIED_AGAIN
        } else {
            self.effects.changed += 1;
            return Ok(true);
        };
        let label = self.write.row_label(&change.table, change.row)?;
        self.effects.hold_back(why, label);
        Ok(false)
    }
}

/// The versions in which an operation left the rows that it changed.
struct Left<'a>(HashMap<(&'a str, i64), i64>);

impl<'a> Left<'a> {
    /// From an operation's changes, last first.
    fn by(changes: &'a [ChangedRow]) -> Left<'a> {
        let mut versions = HashMap::new();
        for change in changes {
            versions.entry((change.table.as_str(), change.row)).or_insert(change.version);
        }
        Left(versions)
    }

    /// A new row has the version 1, until something changes it.
    fn version(&self, table: &str, id: i64) -> i64 {
        self.0.get(&(table, id)).copied().unwrap_or(1)
    }
}
