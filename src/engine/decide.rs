//! Certifying, rejecting, revoking, reopening and recertifying ledger entries, one or all that match (engine.md, "What people do").

use super::asked::check_reason;
use super::command::{Rows, Verb};
use super::{Done, Error, Operation};
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::setting::{FOUR_EYES, FourEyes};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::rules::transition::{LedgerAct, ledger};
use crate::store::{Change, DecisionFact};

/// Entries that are read at once.
const ENTRIES_AT_ONCE: usize = 500;

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems, Table::Ledger];

/// How a person caused a value that they are about to certify (engine.md, "Four eyes").
enum OwnPart {
    Map,
    Input,
}

impl Operation<'_, '_> {
    pub(super) fn decide(&mut self, verb: Verb, rows: &Rows, reason: Option<&str>) -> Result<Done, Error> {
        let mut ids = self.asked_for(Table::Ledger, rows)?;
        if verb == Verb::Reopen {
            // Of a source's rejected values for a field the newest is its word.
            ids.reverse();
        }
        self.decide_each(verb, &ids, reason)?;
        self.refuse_alone(rows)?;
        Ok(done(verb, reason, told(verb, self.effects.changed, self.effects.held_back_rows())))
    }

    /// Decides the entries that may be decided so, and holds the others back with the reason.
    pub(super) fn decide_each(&mut self, verb: Verb, ids: &[i64], reason: Option<&str>) -> Result<(), Error> {
        check_reason(reason)?;
        let four_eyes = self.four_eyes()?;
        // One that is reopened stands in the way of those before it.
        let at_once = if verb == Verb::Reopen { 1 } else { ENTRIES_AT_ONCE };
        for ids in ids.chunks(at_once) {
            for entry in self.write.decisions(ids)? {
                match self.allowed(verb, &entry, reason, four_eyes) {
                    Ok(status) => self.decide_entry(&entry, status, reason, four_eyes)?,
                    Err(why) => self.effects.hold_back(why, Table::Ledger.row_name(entry.id)),
                }
            }
        }
        Ok(())
    }

    fn four_eyes(&self) -> Result<FourEyes, Error> {
        let set = self.write.setting(FOUR_EYES.key)?;
        // A value that nobody could have set keeps the rule rather than lifting it.
        Ok(set.as_deref().and_then(FourEyes::parse).unwrap_or(FourEyes::Enforce))
    }

    /// The status that the entry gets, or why it is left alone.
    fn allowed(
        &self,
        verb: Verb,
        entry: &DecisionFact,
        reason: Option<&str>,
        four_eyes: FourEyes,
    ) -> Result<LedgerStatus, String> {
        let act = match verb {
            Verb::Certify => LedgerAct::Certify,
            Verb::Reject => LedgerAct::Reject,
            Verb::Revoke => LedgerAct::Revoke,
            Verb::Reopen => LedgerAct::Reopen,
            Verb::Recertify => LedgerAct::Recertify,
        };
        let status = ledger(act, entry.status, entry.active, entry.stale)?;
        if verb == Verb::Reopen && entry.newer_open {
            return Err("has a newer value of its source to decide on".into());
        }
        let unseen = status == LedgerStatus::Certified && four_eyes == FourEyes::Enforce && reason.is_none();
        if let (true, Some(part)) = (unseen, self.own_part(entry)) {
            let what = match part {
                OwnPart::Map => "came through a value map that you decided",
                OwnPart::Input => "came from an input that you edited",
            };
            return Err(format!("{what}: somebody else certifies it, or you with a reason"));
        }
        Ok(status)
    }

    /// What the acting person had to do with an entry's value coming about, if anything.
    fn own_part(&self, entry: &DecisionFact) -> Option<OwnPart> {
        let person = Some(self.session.person.id);
        if entry.map_author == person {
            return Some(OwnPart::Map);
        }
        (entry.input_editor == person).then_some(OwnPart::Input)
    }

    fn decide_entry(
        &mut self,
        entry: &DecisionFact,
        status: LedgerStatus,
        reason: Option<&str>,
        four_eyes: FourEyes,
    ) -> Result<(), Error> {
        let at = self.write.stamp().at;
        let person = self.session.person.id;
        let mut changes = vec![Change::int("ledger_status", status.code()), Change::int("live", 0)];
        let own = self.own_part(entry).filter(|_| four_eyes != FourEyes::Off).map(|part| {
            let who = match part {
                OwnPart::Map => "the author of its value map",
                OwnPart::Input => "the editor of its input",
            };
            let mark = match reason {
                Some(reason) => format!("Certified by {who}: {reason}"),
                None => format!("Certified by {who}"),
            };
            mark.chars().take(500).collect::<String>()
        });
        match status {
            LedgerStatus::Certified => {
                changes.push(Change::int("certified_by", person));
                changes.push(Change::int("certified_date_time", at));
                if let Some(note) = own.as_deref().or(reason) {
                    changes.push(Change::text("notes", Some(note)));
                }
            }
            _ if reason.is_some() => changes.push(Change::text("reason", reason)),
            _ => {}
        }
        self.write.change_entry(entry.id, &changes)?;
        self.move_item(entry, status, at)?;
        if status == LedgerStatus::Certified {
            let key = (entry.target_table.clone(), entry.target_id.clone(), entry.field_name.clone());
            self.effects.choose(key, entry.id);
            self.effects.own += i64::from(own.is_some());
        }
        self.effects.change(&entry.target_table, &entry.source);
        Ok(())
    }

    /// The item goes where its entry went; one that was revoked stays applied, since it was.
    fn move_item(&mut self, entry: &DecisionFact, status: LedgerStatus, at: i64) -> Result<(), Error> {
        let (Some(item), Some(state)) = (entry.item, entry.item_state) else { return Ok(()) };
        match (status, state) {
            (LedgerStatus::Certified, ItemState::Waiting) => {
                let changes = [Change::int("state", ItemState::Applied.code()), Change::int("applied_date_time", at)];
                self.write.change_item(item, &changes)?;
            }
            (LedgerStatus::Pending, ItemState::Rejected) => {
                self.write.change_item(item, &[Change::int("state", ItemState::Waiting.code())])?;
            }
            (LedgerStatus::Rejected, ItemState::Waiting | ItemState::Applied) => {
                self.write.change_item(item, &[Change::int("state", ItemState::Rejected.code())])?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// `Certified 3 ledger entries, held back 1 entry`
pub(super) fn told(verb: Verb, changed: i64, held_back: i64) -> String {
    let mut told = format!("{} {}", capital(verb.done()), counted(changed, "ledger entry"));
    if held_back > 0 {
        told.push_str(&format!(", held back {}", counted(held_back, "entry")));
    }
    told
}

pub(super) fn done(verb: Verb, reason: Option<&str>, summary: String) -> Done {
    Done { reason: reason.map(str::to_string), ..Done::new(verb.name(), summary, TABLES) }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
