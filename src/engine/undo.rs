//! Undo: the before images of an operation's rows come back where the rows are as it left them, and rows that it made
//! are retired. It is itself an operation, so that an undo can be undone. Later changes that were themselves taken back do
//! not count: several acts are taken back one after the other, the last one first.
//!
//! Rows that stand for one thing go together: an attempt at a delivered value only with the ledger entry it brought, and
//! the attempt before comes back only where no other stands in its place. An entry is not to be decided on again where its
//! source has proposed another value since.
//!
//! What is much is taken back in several operations, field by field, so that each leaves whole fields behind it. The undo
//! itself is the last one and says what was taken back; those before it say so in their reason. Where the program ends in
//! between, the operation does not count as taken back, and undo asked again goes on with what is left.

use std::collections::HashMap;

use super::outbound::out_of_queue;
use super::session::Permission;
use super::undo_steps::{Step, TakenBack};
use super::{Done, Error, Operation, Refusal};
use crate::model::table::Table;
use crate::model::text::{counted, grouped};
use crate::model::time::{self, DAY, Micros};
use crate::store::{ChangedRow, Changes, PARTS, PutBack, Standing, UndoFact, takes_back};

/// The kinds of operations that can be taken back, with who may do them, and so may take them back. Whoever takes back
/// an undo does the operation again, and needs the same.
const UNDOABLE: [(&str, Permission); 29] = [
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
    ("close", Permission::Support),
    ("attest", Permission::Reviewer),
    ("withdraw", Permission::Reviewer),
    ("send", Permission::Support),
    // What sending was called before.
    ("export", Permission::Support),
    ("backfill", Permission::Support),
    ("hold", Permission::Reviewer),
    ("lift hold", Permission::Reviewer),
    ("user", Permission::Admin),
    ("setting", Permission::Admin),
];

/// Kinds that are nobody's last operation: what was refused did nothing, and an undo takes back what came before it.
const PASSED_OVER: [&str; 2] = ["undo", "refused"];

/// An operation that is older is taken back by its number alone: a day.
const LONG_AGO: Micros = DAY;

/// The table of bindings, by which values go out.
const BINDINGS: &str = "code_binding";

const MOVED: &str = "has changed since";
const TRIED_AGAIN: &str = "has a newer attempt";
const SENT: &str = "was sent since";
const WAITS: &str = "has a newer value waiting to go out";
const PREFERRED: &str = "gave way to another preferred map";
const LAST_ADMIN: &str = "would leave the store without an admin";
const NEWER_WORD: &str = "has a newer value of its source to decide on";
const WITHDRAWN: &str = "is of a delivery that was withdrawn since";
const USED: &str = "was used by deliveries since: take it out of use (steward retire --identifier NAME --reason WHY), or edit its target_id";

/// What is known of the rows of some steps: how they stand, and which of them stay as they are.
#[derive(Default)]
struct Judged {
    standing: HashMap<(&'static str, i64), Standing>,
    stays: HashMap<(&'static str, i64), Option<&'static str>>,
}

/// Whether operations of a kind can be taken back at all; whether this one still can is found when it is tried.
pub fn can_be_undone(kind: &str) -> bool {
    UNDOABLE.iter().any(|(known, _)| *known == kind)
}

impl Operation<'_, '_> {
    pub(super) fn undo(&mut self, operation: Option<i64>) -> Result<Done, Error> {
        let mut taken = self.read_undo(operation)?;
        self.take_back(&mut taken, usize::MAX)
    }

    /// What there is to take back of an operation.
    pub(super) fn read_undo(&mut self, operation: Option<i64>) -> Result<TakenBack, Error> {
        let undone = self.undoable(operation)?;
        Ok(TakenBack::read(self.write, undone)?)
    }

    /// Takes so many rows back, or a few more: a field is not parted. The last of them end it.
    pub(super) fn take_back(&mut self, taken: &mut TakenBack, rows: usize) -> Result<Done, Error> {
        let undone = taken.undone.seq;
        let known = taken.parts.first().copied().unwrap_or(undone);
        if self.write.taken_back_further(undone, known)? {
            let said = format!("Somebody else is taking operation {undone} back, too.");
            return Err(Refusal::Undo(said).into());
        }
        self.effects.takes_back = Some(taken.before);
        let steps = taken.next(rows);
        let mut judged = self.as_they_stand(taken, &steps)?;
        for step in &steps {
            match *step {
                Step::Retire(table, id) => self.retire_created((table, id), taken, &mut judged)?,
                Step::Restore(place) => self.restore_changed(place, taken, &mut judged)?,
            }
        }
        if !taken.leads_keys() {
            self.lead_where_keys_do(&taken.restored_items(&steps))?;
        }
        if taken.withdraws() {
            self.write.keep_words_of_restored(&taken.restored_items(&steps))?;
        }
        taken.back += self.effects.changed;
        taken.left_alone += self.effects.held_back_rows();
        if taken.left() > 0 {
            let summary = format!("Took back {} of operation {undone}", counted(self.effects.changed, "row"));
            return Ok(Done { reason: Some(takes_back(undone)), ..Done::new("part", summary, &Table::ALL) });
        }
        self.end(taken)
    }

    fn end(&mut self, taken: &TakenBack) -> Result<Done, Error> {
        let TakenBack { undone, left_alone, .. } = taken;
        let went_back = taken.back > 0 || !taken.parts.is_empty();
        if let (false, Some((why, row))) = (went_back, self.effects.left_alone()) {
            let all = if *left_alone > 1 {
                format!("none of its {} rows can come back. ", grouped(*left_alone))
            } else {
                String::new()
            };
            return Err(
                Refusal::Undo(format!("Operation {} cannot be taken back: {all}{row} {why}.", undone.seq)).into()
            );
        }
        let parts = match taken.parts_undone {
            0 => String::new(),
            // The sentence of an act in several operations is that of the first of them.
            n => format!(" and its {}, which began", counted(n, "part")),
        };
        let mut summary = match undone.undoes {
            Some(first) => {
                let what = self.write.operation(first)?.map_or_else(String::new, |first| first.summary);
                format!("Did operation {first} again{parts}: {what}")
            }
            None => format!("Took back operation {}{parts}: {}", undone.seq, undone.summary),
        };
        if *left_alone > 0 {
            let were = if *left_alone == 1 { "was" } else { "were" };
            summary.push_str(&format!(" ({} {were} left alone)", counted(*left_alone, "row")));
        }
        let ends = !taken.parts.is_empty();
        Ok(Done { undoes: Some(undone.seq), ends, ..Done::new("undo", summary, &Table::ALL) })
    }

    fn undoable(&mut self, operation: Option<i64>) -> Result<UndoFact, Error> {
        let login = &self.session.person.login;
        let found = match operation {
            Some(seq) => self.write.operation(seq)?.ok_or_else(|| Refusal::NotFound {
                what: "operation",
                name: seq.to_string(),
                hint: " See them with: steward history".into(),
            })?,
            None => self.last_of(login)?,
        };
        let permission = UNDOABLE.iter().find(|(kind, _)| *kind == found.kind).map(|(_, permission)| *permission);
        if PARTS.contains(&found.kind.as_str()) {
            return Err(Refusal::Undo(format!(
                "Operation {} is only a part: \"{}\". Take back that decision, and this goes with it.",
                found.seq,
                found.reason.unwrap_or_default()
            ))
            .into());
        }
        if found.kind == "refused" {
            let said = format!("Operation {} was refused, so there is nothing to take back.", found.seq);
            return Err(Refusal::Undo(said).into());
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

    /// What a person means who names no operation: what they did just now, and nothing that they may have forgotten.
    fn last_of(&self, login: &str) -> Result<UndoFact, Error> {
        let kinds: Vec<&str> = UNDOABLE.iter().map(|(kind, _)| *kind).collect();
        let Some(last) = self.write.last_operation_of(login, &kinds)? else {
            return Err(Refusal::Undo("Nothing that you did is left to take back.".into()).into());
        };
        let passed_over: Vec<&str> = kinds.into_iter().chain(PARTS).chain(PASSED_OVER).collect();
        if let Some((seq, summary)) = self.write.later_operation_of(login, last.seq, &passed_over)? {
            return Err(Refusal::Undo(format!(
                "Your last operation, {seq}, {summary}, cannot be taken back. See the others with: steward history; \
                 take one back by its number: steward undo {}.",
                last.seq
            ))
            .into());
        }
        let at = self.write.done_at(last.seq)?;
        if self.write.stamp().at - at > LONG_AGO {
            return Err(Refusal::Undo(format!(
                "Your last operation, {}, {}, is of {}. To take it back all the same: steward undo {}",
                last.seq,
                last.summary,
                time::short_local(at).split(' ').next().unwrap_or_default(),
                last.seq
            ))
            .into());
        }
        Ok(last)
    }

    /// How the rows of some steps stand before the first of them.
    fn as_they_stand(&mut self, taken: &TakenBack, steps: &[Step]) -> Result<Judged, Error> {
        let mut rows: HashMap<&'static str, Vec<i64>> = HashMap::new();
        for step in steps {
            let (table, row) = taken.row(step);
            rows.entry(table).or_default().push(row);
        }
        let mut judged = Judged::default();
        for (table, rows) in rows {
            let mut standing = self.write.standing(table, &rows)?;
            self.write.forgive_what_came_to_nothing(table, &mut standing, &taken.changes)?;
            judged.standing.extend(standing.into_iter().map(|(row, standing)| ((table, row), standing)));
        }
        Ok(judged)
    }

    fn retire_created(
        &mut self,
        (table, id): (&'static str, i64),
        taken: &TakenBack,
        judged: &mut Judged,
    ) -> Result<(), Error> {
        self.effects.rebound |= table == BINDINGS;
        if judged.standing.get(&(table, id)).is_some_and(|standing| standing.outbound) {
            return self.take_out_of_queue((table, id), taken);
        }
        let withdrawn = judged.standing.get(&(table, id)).is_some_and(|standing| standing.withdrawn);
        let stays = match judged.untouched(table, id, &taken.changes) {
            true if withdrawn && !taken.withdraws() => Some(WITHDRAWN),
            true if self.write.takes_last_admin(table, id, &Changes::default())? => Some(LAST_ADMIN),
            true if self.takes_used_key(table, id, taken)? => Some(USED),
            true => None,
            false => Some(MOVED),
        };
        judged.stays.insert((table, id), stays);
        match stays {
            None => {
                if self.effects.lists {
                    self.effects.list(PutBack::retired(table, id));
                }
                self.effects.changed += i64::from(self.write.retire(table, id)?);
            }
            Some(why) => self.leave_alone(why, table, id)?,
        }
        Ok(())
    }

    /// What the operation queued is not to go out, unless it turns out to be in force all the same; what waited before it
    /// comes back with the changes. A receiver that was sent it meanwhile is sent what is in force then.
    fn take_out_of_queue(&mut self, (table, id): (&'static str, i64), taken: &TakenBack) -> Result<(), Error> {
        if Table::find(table) != Some(Table::SyncItems) {
            return Ok(());
        }
        let asked_for = taken.undone.kind == "backfill";
        match self.write.waits_to_go_out(id)? {
            Some(waits) => {
                out_of_queue(self.write, id)?;
                match asked_for {
                    true => self.effects.changed += 1,
                    false => self.effects.take_out(waits),
                }
            }
            None if asked_for => self.leave_alone(SENT, table, id)?,
            None => {}
        }
        Ok(())
    }

    fn leave_alone(&mut self, why: &str, table: &str, id: i64) -> Result<(), Error> {
        let label = self.write.row_label(table, id)?;
        self.effects.hold_back(why, label);
        Ok(())
    }

    /// Takes a change of a row back that was there before the operation; its last change comes first.
    fn restore_changed(&mut self, place: usize, taken: &TakenBack, judged: &mut Judged) -> Result<(), Error> {
        let Some(change) = taken.changes.at(place) else { return Ok(()) };
        if self.stays(change, taken, judged)?.is_some() {
            return Ok(());
        }
        let led_to = match Table::find(change.table) {
            Some(Table::Identifiers) => self.write.identifier(change.row)?,
            _ => None,
        };
        if self.effects.lists {
            let back = self.write.put_back(change)?;
            self.effects.list(back);
        }
        self.write.restore(change.table, change.row, &change.before)?;
        if let (Some(before), Some(after)) = (&led_to, led_to.as_ref().and(self.write.identifier(change.row)?)) {
            self.take_items_along(before, &after)?;
        }
        self.effects.rebound |= change.table == BINDINGS;
        let outbound = judged.standing.get(&(change.table, change.row)).is_some_and(|standing| standing.outbound);
        // What goes out is looked at again, in case another value came into force meanwhile.
        if outbound && let Some(field) = self.write.field_sent(change.table, change.row)? {
            self.effects.look_again(field);
        }
        Ok(())
    }

    /// Why a row cannot come back, by its last change, if it cannot; then it is listed.
    fn stays(
        &mut self,
        change: &ChangedRow,
        taken: &TakenBack,
        judged: &mut Judged,
    ) -> Result<Option<&'static str>, Error> {
        let key = (change.table, change.row);
        if let Some(known) = judged.stays.get(&key) {
            return Ok(*known);
        }
        let Some(standing) = judged.standing.get(&key).copied() else { return Ok(Some(MOVED)) };
        let stays = match Table::find(change.table) {
            _ if standing.version != change.version => Some(MOVED),
            _ if standing.withdrawn && !taken.withdraws() => Some(WITHDRAWN),
            Some(Table::SyncItems) => self.item_stays(change, standing, taken, judged)?,
            Some(Table::Ledger) if self.reopens(change.row, standing, taken)? => Some(NEWER_WORD),
            Some(Table::Identifiers)
                if change.was_inactive() && self.takes_used_key(change.table, change.row, taken)? =>
            {
                Some(USED)
            }
            Some(Table::ValueMaps) if self.write.prefers_beside(change.row, &taken.changes)? => Some(PREFERRED),
            _ if self.write.takes_last_admin(change.table, change.row, &taken.changes)? => Some(LAST_ADMIN),
            _ => None,
        };
        match stays {
            None => self.effects.changed += 1,
            // What was queued in its place follows the value in force, unless it was the sending itself that is undone.
            Some(WAITS) if !["send", "export"].contains(&taken.undone.kind.as_str()) => {}
            Some(why) => self.leave_alone(why, change.table, change.row)?,
        }
        judged.stays.insert(key, stays);
        Ok(stays)
    }

    /// Whether taking an import back would take a key away that deliveries came by since: its next delivery would make
    /// another record of what is known already.
    fn takes_used_key(&self, table: &str, id: i64, taken: &TakenBack) -> Result<bool, Error> {
        let imported = taken.undone.kind == "import" && Table::find(table) == Some(Table::Identifiers);
        Ok(imported && self.write.key_used_since(id, taken.undone.seq)?)
    }

    fn reopens(&self, entry: i64, standing: Standing, taken: &TakenBack) -> Result<bool, Error> {
        let Some(proposal) = standing.proposal.filter(|_| self.write.last_operation() > taken.last_known()) else {
            // Nobody has done anything since.
            return Ok(false);
        };
        Ok(self.write.reopens_beside((entry, proposal), &taken.changes, taken.until, taken.newest)?)
    }

    /// An item goes with the entry it brought, and as long as nobody tried its value again.
    fn item_stays(
        &mut self,
        change: &ChangedRow,
        standing: Standing,
        taken: &TakenBack,
        judged: &mut Judged,
    ) -> Result<Option<&'static str>, Error> {
        if standing.outbound && change.queues() && self.write.another_waits(change.row)? {
            return Ok(Some(WAITS));
        }
        if change.revives() && self.write.standing_attempt(change.row)?.is_some() {
            return Ok(Some(TRIED_AGAIN));
        }
        let Some(entry) = standing.entry else { return Ok(None) };
        let ledger = Table::Ledger.info().sql;
        if let Some(known) = judged.stays.get(&(ledger, entry)) {
            return Ok(*known);
        }
        let of_entry = taken.changes.of_row(ledger, entry).next();
        of_entry.map_or(Ok(None), |change| self.stays(change, taken, judged))
    }
}

impl Judged {
    /// Whether a row that the operation made, and the ledger entry of an item, are as it left them.
    fn untouched(&self, table: &'static str, id: i64, changes: &Changes) -> bool {
        let Some(standing) = self.standing.get(&(table, id)) else { return false };
        let ledger = Table::Ledger.info().sql;
        let entry = standing.entry.filter(|_| Table::find(table) == Some(Table::SyncItems));
        standing.version == changes.left(table, id) && entry.is_none_or(|entry| self.untouched(ledger, entry, changes))
    }
}
