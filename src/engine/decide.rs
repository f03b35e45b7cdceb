//! Certifying, rejecting, revoking, reopening and recertifying ledger entries, one or all that match (engine.md, "What people do").

use std::collections::BTreeSet;

use super::command::{Rows, Verb};
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::filter::Filter;
use crate::model::table::Table;
use crate::model::text::counted;
use crate::rules::transition::{LedgerAct, ledger};
use crate::store::{Change, DecisionFact};

/// Entries that are read at once.
const ENTRIES_AT_ONCE: usize = 500;

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems, Table::Ledger];

impl Operation<'_, '_> {
    pub(super) fn decide(&mut self, verb: Verb, rows: &Rows, reason: Option<&str>) -> Result<Done, Error> {
        check_reason(reason)?;
        let ids = self.asked_for(rows)?;
        self.decide_each(verb, &ids, reason)?;
        if let (1, 0, Rows::Ids(_)) = (ids.len(), self.effects.changed, rows) {
            return Err(self.refused_one(ids[0]));
        }
        let mut summary = format!("{} {}", capital(verb.done()), counted(self.effects.changed, "ledger entry"));
        let held_back = self.effects.held_back_rows();
        if held_back > 0 {
            summary.push_str(&format!(", held back {}", counted(held_back, "entry")));
        }
        Ok(Done { reason: reason.map(str::to_string), ..Done::new(verb.name(), summary, TABLES) })
    }

    /// Decides the entries that may be decided so, and holds the others back with the reason.
    pub(super) fn decide_each(&mut self, verb: Verb, ids: &[i64], reason: Option<&str>) -> Result<(), Error> {
        let four_eyes = self.write.setting("four_eyes")?.unwrap_or_else(|| "enforce".into());
        for ids in ids.chunks(ENTRIES_AT_ONCE) {
            for entry in self.write.decisions(ids)? {
                match self.allowed(verb, &entry, reason, &four_eyes) {
                    Ok(status) => self.decide_entry(&entry, status, reason)?,
                    Err(why) => self.effects.hold_back(why, Table::Ledger.row_name(entry.id)),
                }
            }
        }
        Ok(())
    }

    fn asked_for(&mut self, rows: &Rows) -> Result<Vec<i64>, Error> {
        match rows {
            Rows::Filter(text) => {
                let filter = Filter::parse(Table::Ledger, text).map_err(Refusal::Filter)?;
                Ok(self.write.matching(Table::Ledger, &filter)?)
            }
            Rows::Ids(ids) => {
                let wanted: BTreeSet<i64> = ids.iter().copied().collect();
                let wanted: Vec<i64> = wanted.into_iter().collect();
                let found: BTreeSet<i64> = self.write.decisions(&wanted)?.iter().map(|entry| entry.id).collect();
                match wanted.iter().find(|id| !found.contains(id)) {
                    Some(id) => Err(Refusal::NotFound {
                        what: "ledger entry",
                        name: Table::Ledger.row_name(*id),
                        hint: String::new(),
                    }
                    .into()),
                    None => Ok(wanted),
                }
            }
        }
    }

    /// The status that the entry gets, or why it is left alone.
    fn allowed(
        &self,
        verb: Verb,
        entry: &DecisionFact,
        reason: Option<&str>,
        four_eyes: &str,
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
        let own = entry.map_author == Some(self.session.person.id);
        if status == LedgerStatus::Certified && own && four_eyes == "enforce" && reason.is_none() {
            return Err(
                "came through a value map that you decided: somebody else certifies it, or you with a reason".into()
            );
        }
        Ok(status)
    }

    fn decide_entry(&mut self, entry: &DecisionFact, status: LedgerStatus, reason: Option<&str>) -> Result<(), Error> {
        let at = self.write.stamp().at;
        let person = self.session.person.id;
        let mut changes = vec![Change::int("ledger_status", status.code()), Change::int("live", 0)];
        let own = format!("Certified by the author of its value map: {}", reason.unwrap_or_default());
        let own: String = own.chars().take(500).collect();
        match status {
            LedgerStatus::Certified => {
                changes.push(Change::int("certified_by", person));
                changes.push(Change::int("certified_date_time", at));
                if entry.map_author == Some(person) {
                    changes.push(Change::text("notes", Some(&own)));
                } else if reason.is_some() {
                    changes.push(Change::text("notes", reason));
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

    fn refused_one(&self, id: i64) -> Error {
        let why = self.effects.first_reason().unwrap_or_default();
        Refusal::Transition(format!("{} {why}.", Table::Ledger.row_name(id))).into()
    }
}

/// Refuses a reason that is too long to be kept with the entries.
pub(super) fn check_reason(reason: Option<&str>) -> Result<(), Refusal> {
    if reason.is_some_and(|reason| reason.chars().count() > 500) {
        let problem = "a reason has at most 500 characters.".to_string();
        return Err(Refusal::Invalid { place: String::new(), field: "reason".into(), problem });
    }
    Ok(())
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
