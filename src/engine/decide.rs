//! Certifying, rejecting, revoking, reopening and recertifying ledger entries, one or all that match (engine.md, "What people do").

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::command::{Rows, Verb};
use super::four_eyes::OwnPart;
use super::{Done, Error, Operation};
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::setting::FourEyes;
use crate::model::table::Table;
use crate::model::text::counted;
use crate::rules::survivorship::before;
use crate::rules::transition::{LedgerAct, ledger};
use crate::store::{Change, DecisionFact, EntryFact, FieldKey};

/// Entries that are read at once.
pub(super) const ENTRIES_AT_ONCE: usize = 500;

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems, Table::Ledger];

const RIVAL: &str =
    "rivals another pending value of its field that stands before it: certify it by itself to choose it";

/// Entries that a person had a hand in and that an outcome names, so that they can be decided by themselves.
pub(super) const OWN_NAMED: usize = 10_000;

const WITHDRAWN: &str = "is of a delivery that was withdrawn; undo the withdrawal instead";

/// What certifying several entries of one field at once makes of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// It says the same as the one that stands before it.
    Same,
    Rival,
}

/// Why an entry is left alone.
enum Unallowed {
    Stands(String),
    /// The person had a hand in its value.
    Own(OwnPart),
}

/// Why people decide so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noted<'r> {
    pub reason: Option<&'r str>,
    /// It lifts four eyes: it is a reason, and for entries alone that the person had a hand in.
    pub own_alone: bool,
}

impl Operation<'_, '_> {
    pub(super) fn decide(&mut self, verb: Verb, rows: &Rows, reason: Option<&str>) -> Result<Done, Error> {
        let mut ids = self.asked_for(Table::Ledger, rows)?;
        if verb == Verb::Reopen {
            // Of a source's rejected values for a field the newest is its word.
            ids.reverse();
        }
        let noted = Noted { reason, own_alone: self.is_for_own_alone(verb, &ids, reason)? };
        self.decide_each(verb, &ids, noted)?;
        self.refuse_alone(rows)?;
        let changed = match self.effects.only_row() {
            Some((table, id)) => table.row_name(id),
            None => counted(self.effects.changed, "ledger entry"),
        };
        Ok(done(verb, reason, said(verb, &changed, self.effects.held_back_rows())))
    }

    /// Decides the entries that may be decided so, and holds the others back with the reason.
    pub(super) fn decide_each(&mut self, verb: Verb, ids: &[i64], noted: Noted) -> Result<(), Error> {
        let certifies = matches!(verb, Verb::Certify | Verb::Recertify);
        let rule = self.four_eyes()?;
        let beside = if verb == Verb::Certify { self.beside(ids)? } else { HashMap::new() };
        // One that is reopened stands in the way of those before it.
        let at_once = if verb == Verb::Reopen { 1 } else { ENTRIES_AT_ONCE };
        let of = ids.len();
        for ids in ids.chunks(at_once) {
            let own = match certifies && rule.eyes != FourEyes::Off {
                true => self.own_parts(ids, rule)?,
                false => HashMap::new(),
            };
            for entry in self.write.decisions(ids)? {
                let (own, beside) = (own.get(&entry.id).copied(), beside.get(&entry.id).copied());
                // Without a reason that is for such entries alone nobody certifies what they had a hand in.
                let unseen = own.filter(|_| rule.eyes == FourEyes::Enforce && !noted.own_alone);
                match allowed(verb, &entry, beside, unseen) {
                    Ok(status) => self.decide_entry(&entry, status, noted.reason, own, beside)?,
                    Err(Unallowed::Own(part)) => self.hold_own_back(part, entry.id, of),
                    Err(Unallowed::Stands(why)) => {
                        let stands = ledger(act_of(verb), entry.status, entry.active, entry.stale).is_err();
                        let why = if stands { self.as_it_stands(&why, Table::Ledger, entry.id, of)? } else { why };
                        self.effects.hold_back(why, Table::Ledger.row_name(entry.id));
                    }
                }
            }
        }
        Ok(())
    }

    /// The entries of some that do not stand first among those of their field: rank and time decide which does, since
    /// nobody chose between them. One that may not be certified is first all the same.
    fn beside(&self, ids: &[i64]) -> Result<HashMap<i64, Beside>, Error> {
        let mut first: HashMap<FieldKey, EntryFact> = HashMap::new();
        let mut after = Vec::new();
        for ids in self.of_one_field(ids)?.chunks(ENTRIES_AT_ONCE) {
            let facts = self.write.entries_by_id(ids)?.into_iter();
            for fact in facts.filter(|fact| fact.entry.active && fact.entry.status == LedgerStatus::Pending) {
                match first.entry(fact.key.clone()) {
                    Entry::Vacant(place) => drop(place.insert(fact)),
                    Entry::Occupied(mut place) if before(&fact.entry, &place.get().entry) => {
                        after.push(place.insert(fact));
                    }
                    Entry::Occupied(_) => after.push(fact),
                }
            }
        }
        let beside = |fact: EntryFact| {
            let same = first.get(&fact.key).is_some_and(|first| first.value == fact.value);
            (fact.entry.id, if same { Beside::Same } else { Beside::Rival })
        };
        Ok(after.into_iter().map(beside).collect())
    }

    /// Those of some entries that have another one of their field among them: most often there is none.
    fn of_one_field(&self, ids: &[i64]) -> Result<Vec<i64>, Error> {
        let mut fields = Vec::with_capacity(ids.len());
        if ids.len() > 1 {
            for ids in ids.chunks(ENTRIES_AT_ONCE) {
                fields.extend(self.write.entry_fields(ids)?);
            }
        }
        fields.sort_unstable_by_key(|(_, field)| *field);
        let several = fields.chunk_by(|(_, one), (_, next)| one == next).filter(|of_one| of_one.len() > 1);
        Ok(several.flatten().map(|(id, _)| *id).collect())
    }

    fn decide_entry(
        &mut self,
        entry: &DecisionFact,
        status: LedgerStatus,
        reason: Option<&str>,
        own: Option<OwnPart>,
        beside: Option<Beside>,
    ) -> Result<(), Error> {
        let at = self.write.stamp().at;
        let person = self.session.person.id;
        let mut changes = vec![Change::int("ledger_status", status.code()), Change::int("live", 0)];
        let own = own.map(|part| {
            let mark = match reason {
                Some(reason) => format!("Certified by {}: {reason}", part.who()),
                None => format!("Certified by {}", part.who()),
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
        self.effects.act_on(Table::Ledger, entry.id);
        self.move_item(entry, status, at)?;
        if entry.status == LedgerStatus::Certified && status == LedgerStatus::Certified {
            let key = (entry.target_table.clone(), entry.target_id.clone(), entry.field_name.clone());
            self.effects.confirm(key, entry.value.as_deref());
        }
        if status == LedgerStatus::Certified {
            if beside.is_none() {
                let key = (entry.target_table.clone(), entry.target_id.clone(), entry.field_name.clone());
                self.effects.choose(key, entry.id);
            }
            self.effects.own += i64::from(own.is_some());
        }
        self.effects.change(&entry.target_table, &entry.source);
        Ok(())
    }

    fn hold_own_back(&mut self, part: OwnPart, entry: i64, of: usize) {
        let with = if of == 1 { "a reason" } else { "a reason that is given for such entries alone" };
        let why = format!("{}: somebody else certifies it, or you with {with}", part.what());
        self.effects.hold_back(why, Table::Ledger.row_name(entry));
        if self.effects.own_held.len() < OWN_NAMED {
            self.effects.own_held.push(entry);
        }
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

/// The status that an entry gets, or why it is left alone. `unseen`: what the person had to do with its value, where that
/// forbids it.
fn allowed(
    verb: Verb,
    entry: &DecisionFact,
    beside: Option<Beside>,
    unseen: Option<OwnPart>,
) -> Result<LedgerStatus, Unallowed> {
    let stands = |why: &str| Err(Unallowed::Stands(why.into()));
    let status = match ledger(act_of(verb), entry.status, entry.active, entry.stale) {
        Ok(status) => status,
        Err(why) => return stands(why),
    };
    if verb == Verb::Reopen && entry.withdrawn {
        return stands(WITHDRAWN);
    }
    if verb == Verb::Reopen && entry.newer_open {
        return stands("has a newer value of its source to decide on");
    }
    if beside == Some(Beside::Rival) {
        return stands(RIVAL);
    }
    unseen.map_or(Ok(status), |part| Err(Unallowed::Own(part)))
}

/// Whether an entry may be decided so as it stands.
pub(super) fn may_be(verb: Verb, entry: &DecisionFact) -> bool {
    ledger(act_of(verb), entry.status, entry.active, entry.stale).is_ok()
}

fn act_of(verb: Verb) -> LedgerAct {
    match verb {
        Verb::Certify => LedgerAct::Certify,
        Verb::Reject => LedgerAct::Reject,
        Verb::Revoke => LedgerAct::Revoke,
        Verb::Reopen => LedgerAct::Reopen,
        Verb::Recertify => LedgerAct::Recertify,
    }
}

/// `Certified 3 ledger entries, held back 1 entry`
pub(super) fn told(verb: Verb, changed: i64, held_back: i64) -> String {
    said(verb, &counted(changed, "ledger entry"), held_back)
}

/// The same, of what is named already.
fn said(verb: Verb, changed: &str, held_back: i64) -> String {
    let mut told = format!("{} {changed}", capital(verb.done()));
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
