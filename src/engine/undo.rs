//! Undo: the before images of an operation's rows come back where the rows have not moved since, and rows that it made
//! are retired. It is itself an operation, so that an undo can be undone.
//!
//! Rows that stand for one thing go together: an attempt at a delivered value only with the ledger entry it brought, and
//! the attempt before comes back only where no other stands in its place. An entry is not to be decided on again where its
//! source has proposed another value since.

use std::collections::HashMap;

use super::in_chunks::goes_on_with;
use super::session::Permission;
use super::{Done, Error, Operation, Refusal};
use crate::model::table::Table;
use crate::model::text::grouped;
use crate::store::{ChangedRow, Changes, UndoFact};

/// The kinds of operations that can be taken back, with who may do them, and so may take them back. Whoever takes back
/// an undo does the operation again, and needs the same.
const UNDOABLE: [(&str, Permission); 23] = [
    ("map", Permission::Steward),
    ("edit", Permission::Steward),
    ("retire map", Permission::Steward),
    ("retire identifier", Permission::Steward),
    ("reject match", Permission::Steward),
    ("import", Permission::Steward),
    ("policy", Permission::Admin),
    ("reevaluate", Permission::Admin),
    ("remap", Permission::Steward),
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
    ("setting", Permission::Admin),
];

/// The table of bindings, by which values go out.
const BINDINGS: &str = "code_binding";

const MOVED: &str = "has changed since";
const TRIED_AGAIN: &str = "has a newer attempt";
const WAITS: &str = "has a newer value waiting to go out";
const PREFERRED: &str = "gave way to another preferred map";
const LAST_ADMIN: &str = "would leave the store without an admin";
const NEWER_WORD: &str = "has a newer value of its source to decide on";

impl Operation<'_, '_> {
    pub(super) fn undo(&mut self, operation: Option<i64>) -> Result<Done, Error> {
        let mut undone = self.undoable(operation)?;
        let parts = self.write.going_on(&goes_on_with(undone.seq))?;
        let seqs: Vec<i64> = parts.iter().map(|part| part.seq).chain([undone.seq]).collect();
        undone.created.extend(parts.into_iter().flat_map(|part| part.created));
        let changes = self.write.changes_of(&seqs)?;
        let until = seqs.first().copied().unwrap_or(undone.seq);
        let newest = self.write.newest_entry_at(until)?;
        let mut taken = TakenBack { undone: &undone, changes: &changes, until, newest, judged: HashMap::new() };
        self.retire_created(&mut taken)?;
        self.restore_changed(&mut taken)?;
        let skipped = self.effects.held_back_rows();
        if let (0, Some((why, row))) = (self.effects.changed, self.effects.left_alone()) {
            let all = if skipped > 1 {
                format!("none of its {} rows can come back. ", grouped(skipped))
            } else {
                String::new()
            };
            return Err(
                Refusal::Undo(format!("Operation {} cannot be taken back: {all}{row} {why}.", undone.seq)).into()
            );
        }
        let mut summary = format!("Took back operation {}: {}", undone.seq, undone.summary);
        if skipped > 0 {
            summary.push_str(&format!(" ({} rows were left alone)", grouped(skipped)));
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
        if self.write.only_set_clocks(found.seq)? {
            return Err(Refusal::Undo(format!(
                "Operation {} set only the days on which values get stale, which follow the policy. \
                 To change them, change the policy and re-evaluate.",
                found.seq
            ))
            .into());
        }
        if let Some(by) = found.undone_by {
            return Err(
                Refusal::Undo(format!("Operation {} was taken back already, by operation {by}.", found.seq)).into()
            );
        }
        Ok(found)
    }

    fn retire_created(&mut self, taken: &mut TakenBack) -> Result<(), Error> {
        for (table, first, last) in &taken.undone.created {
            self.effects.rebound |= table == BINDINGS;
            for id in *first..=*last {
                // What goes out follows from the values in force, and settling takes it back with them.
                if self.write.is_outbound(table, id)? {
                    continue;
                }
                let stays = match self.untouched(table, id, taken.changes)? {
                    true if self.write.takes_last_admin(table, id, &Changes::default())? => Some(LAST_ADMIN),
                    true => None,
                    false => Some(MOVED),
                };
                taken.judged.insert((table, id), stays);
                match stays {
                    None => self.effects.changed += i64::from(self.write.retire(table, id)?),
                    Some(why) => self.leave_alone(why, table, id)?,
                }
            }
        }
        Ok(())
    }

    fn leave_alone(&mut self, why: &str, table: &str, id: i64) -> Result<(), Error> {
        let label = self.write.row_label(table, id)?;
        self.effects.hold_back(why, label);
        Ok(())
    }

    /// Whether a row that the operation made, and the ledger entry of an item, are as it left them.
    fn untouched(&mut self, table: &str, id: i64, changes: &Changes) -> Result<bool, Error> {
        if self.write.row_version(table, id)? != Some(changes.left(table, id)) {
            return Ok(false);
        }
        if Table::find(table) != Some(Table::SyncItems) {
            return Ok(true);
        }
        match self.write.entry_of_item(id)? {
            Some(entry) => self.untouched(Table::Ledger.info().sql, entry, changes),
            None => Ok(true),
        }
    }

    /// Puts rows back that were there before the operation, change by change from the last one.
    fn restore_changed(&mut self, taken: &mut TakenBack) -> Result<(), Error> {
        for change in taken.changes.iter().filter(|change| !taken.undone.made(&change.table, change.row)) {
            if self.stays(change, taken)?.is_none() {
                self.write.restore(&change.table, change.row, &change.before)?;
                self.effects.rebound |= change.table == BINDINGS;
                // What goes out is looked at again, in case another value came into force meanwhile.
                if let Some(field) = self.write.field_sent(&change.table, change.row)? {
                    self.effects.look_again(field);
                }
            }
        }
        Ok(())
    }

    /// Why a row cannot come back, by its last change, if it cannot; then it is listed.
    fn stays<'c>(&mut self, change: &'c ChangedRow, taken: &mut TakenBack<'c>) -> Result<Option<&'static str>, Error> {
        let key = (change.table.as_str(), change.row);
        if let Some(known) = taken.judged.get(&key) {
            return Ok(*known);
        }
        let stays = match Table::find(&change.table) {
            _ if self.write.row_version(&change.table, change.row)? != Some(change.version) => Some(MOVED),
            Some(Table::SyncItems) => self.item_stays(change, taken)?,
            Some(Table::Ledger) if self.reopens(change.row, taken)? => Some(NEWER_WORD),
            Some(Table::ValueMaps) if self.write.prefers_beside(change.row, taken.changes)? => Some(PREFERRED),
            _ if self.write.takes_last_admin(&change.table, change.row, taken.changes)? => Some(LAST_ADMIN),
            _ => None,
        };
        match stays {
            None => self.effects.changed += 1,
            // What was queued in its place follows the value in force, unless it was the export itself that is undone.
            Some(WAITS) if taken.undone.kind != "export" => {}
            Some(why) => self.leave_alone(why, &change.table, change.row)?,
        }
        taken.judged.insert(key, stays);
        Ok(stays)
    }

    fn reopens(&self, entry: i64, taken: &TakenBack) -> Result<bool, Error> {
        Ok(self.write.reopens_beside(entry, taken.changes, taken.until, taken.newest)?)
    }

    /// An item goes with the entry it brought, and as long as nobody tried its value again.
    fn item_stays<'c>(
        &mut self,
        change: &'c ChangedRow,
        taken: &mut TakenBack<'c>,
    ) -> Result<Option<&'static str>, Error> {
        if change.queues() && self.write.another_waits(change.row)? {
            return Ok(Some(WAITS));
        }
        if change.revives() && self.write.standing_attempt(change.row)?.is_some() {
            return Ok(Some(TRIED_AGAIN));
        }
        let Some(entry) = self.write.entry_of_item(change.row)? else { return Ok(None) };
        let ledger = Table::Ledger.info().sql;
        if let Some(known) = taken.judged.get(&(ledger, entry)) {
            return Ok(*known);
        }
        let of_entry = taken.changes.of_row(ledger, entry).next();
        of_entry.map_or(Ok(None), |change| self.stays(change, taken))
    }
}

/// An operation that is taken back: what it did, and why rows of it stay as they are.
struct TakenBack<'c> {
    undone: &'c UndoFact,
    changes: &'c Changes,
    /// The last operation that is a part of it.
    until: i64,
    /// The newest entry that there was when it was done.
    newest: i64,
    judged: HashMap<(&'c str, i64), Option<&'static str>>,
}
