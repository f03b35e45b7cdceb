//! Undo: the before images of an operation's rows come back where the rows have not moved since, and rows that it made
//! are retired. It is itself an operation, so that an undo can be undone.

use super::session::Permission;
use super::{Done, Error, Operation, Refusal};
use crate::model::table::Table;
use crate::model::text::grouped;
use crate::store::{ChangedRow, UndoFact};

/// The kinds of operations that can be taken back, with who may do them.
const UNDOABLE: [(&str, Permission); 14] = [
    ("map", Permission::Steward),
    ("edit", Permission::Steward),
    ("import", Permission::Steward),
    ("certify", Permission::Reviewer),
    ("reject", Permission::Reviewer),
    ("revoke", Permission::Reviewer),
    ("reopen", Permission::Reviewer),
    ("recertify", Permission::Reviewer),
    ("pin", Permission::Reviewer),
    ("unpin", Permission::Reviewer),
    ("attest", Permission::Reviewer),
    ("export", Permission::Support),
    ("user", Permission::Admin),
    ("undo", Permission::Any),
];

const MOVED: &str = "has changed since";

impl Operation<'_, '_> {
    pub(super) fn undo(&mut self, operation: Option<i64>) -> Result<Done, Error> {
        let undone = self.undoable(operation)?;
        self.retire_created(&undone)?;
        for change in self.write.changes_of(undone.seq)? {
            self.take_back(&change)?;
        }
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
                let kinds: Vec<&str> = UNDOABLE.iter().map(|(kind, _)| *kind).filter(|kind| *kind != "undo").collect();
                let last = self.write.last_operation_of(login, &kinds)?;
                last.ok_or_else(|| Refusal::Undo("You have done nothing yet that could be taken back.".into()))?
            }
        };
        let permission = UNDOABLE.iter().find(|(kind, _)| *kind == found.kind).map(|(_, permission)| *permission);
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

    fn retire_created(&mut self, undone: &UndoFact) -> Result<(), Error> {
        for (table, first, last) in &undone.created {
            for id in *first..=*last {
                // What goes out follows from the values in force, and settling takes it back with them.
                if self.write.is_outbound(table, id)? {
                    continue;
                }
                // A new row has the version 1, until something changes it.
                if self.write.row_version(table, id)? == Some(1) {
                    if self.write.retire(table, id)? {
                        self.effects.changed += 1;
                    }
                } else {
                    let label = self.write.row_label(table, id)?;
                    self.effects.hold_back(MOVED, label);
                }
            }
        }
        Ok(())
    }

    fn take_back(&mut self, change: &ChangedRow) -> Result<(), Error> {
        if self.write.row_version(&change.table, change.row)? != Some(change.version) {
            let label = self.write.row_label(&change.table, change.row)?;
            self.effects.hold_back(MOVED, label);
            return Ok(());
        }
        if self.write.restore(&change.table, change.row, &change.before)? {
            self.effects.changed += 1;
        }
        Ok(())
    }
}
