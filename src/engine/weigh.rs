//! Deciding on values: facts of a run of records, each value's verdict, and what is written for it.
//!
//! A delivery, the release of held items and a retry decide by the same code. All targets of one run differ, so that the facts
//! read at its beginning hold for each of its values.

use anyhow::Result;

use super::normalise::Normalised;
use super::outbound::answered;
use super::plan::FieldPlan;
use super::run_facts::RunFacts;
use super::settle::{Effects, owned};
use crate::model::choice::{ItemState, LedgerAspect, LedgerStatus};
use crate::model::code::{self, Code};
use crate::model::time::{Micros, rfc3339};
use crate::rules::last_word::Judged;
use crate::rules::name;
use crate::rules::ranking::Place;
use crate::rules::verdict::{Action, Age, Facts, Holder, Verdict, decide};
use crate::store::{
    Change, Current, ENGINE_USER, HeldFact, HolderFact, NewEntry, OpenFact, Spot, TurnedDownFact, Write,
};

/// Where and when a value was delivered.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub source: &'a str,
    pub table: &'a str,
    pub target: &'a str,
    pub field: &'a str,
    pub source_time: Micros,
    pub sequence: i64,
}

/// What was decided on a value, for the item that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub state: ItemState,
    pub code: Option<&'static Code>,
    /// What there is to say of it besides its code.
    pub note: Option<String>,
    pub value: Option<String>,
    pub old_value: Option<String>,
    pub map: Option<i64>,
    pub ledger: Option<i64>,
    /// An unchanged value confirmed the one in force and restarts its stale clock.
    pub confirms: bool,
}

/// One value to decide on, with what is known of it.
pub struct Candidate<'a> {
    pub facts: &'a RunFacts,
    pub plan: &'a FieldPlan,
    pub origin: Origin<'a>,
    /// As delivered.
    pub raw: &'a str,
    /// The id of the item that stands for the value, or will.
    pub item: i64,
    /// A person typed it in the place of what was delivered.
    pub typed: bool,
    /// What the facts are looked up by, found once: a value is looked up half a dozen times.
    pub spot: Option<Spot>,
    /// When this source last delivered the field by a word that counts, if it did.
    own_last: Option<Micros>,
    /// This source said something of the field before.
    spoke: bool,
    /// A word that its source said before is decided on as if it came for the first time: with the entry of it that waits, if
    /// one does, and gives way.
    anew: Option<Option<i64>>,
}

impl<'a> Candidate<'a> {
    pub fn new(facts: &'a RunFacts, plan: &'a FieldPlan, origin: Origin<'a>, raw: &'a str, item: i64) -> Candidate<'a> {
        let spot = facts.spot(origin.target, origin.field);
        let own_last = facts.last(spot);
        let holds = || facts.holder(spot).is_some_and(|holder| name::same(&holder.source, origin.source));
        let spoke = own_last.is_some() || facts.open(spot).next().is_some() || holds();
        Candidate { facts, plan, origin, raw, item, typed: false, spot, own_last, spoke, anew: None }
    }

    /// A word after those that its source said of the field, as they were judged at its spot.
    pub fn after(
        facts: &'a RunFacts,
        plan: &'a FieldPlan,
        origin: Origin<'a>,
        raw: &'a str,
        item: i64,
        (spot, judged): (Option<Spot>, &Judged),
    ) -> Candidate<'a> {
        let (own_last, spoke) = (judged.newest, judged.spoke);
        Candidate { facts, plan, origin, raw, item, typed: false, spot, own_last, spoke, anew: None }
    }

    /// The candidate as one to decide on although its source said it before; `waits`: the entry that it brought then.
    pub fn anew(self, waits: Option<i64>) -> Candidate<'a> {
        Candidate { anew: Some(waits), ..self }
    }

    pub fn typed(self, typed: bool) -> Candidate<'a> {
        Candidate { typed, ..self }
    }

    /// The verdict on a value; none where no one policy applies. `repeats_own`: it equals an open candidate or a held item of
    /// its source.
    pub fn verdict(&self, value: Option<&str>, confident: bool, repeats_own: bool, now: Micros) -> Option<Verdict> {
        let (policy, place) = self.plan.policy.as_ref().ok()?;
        let holder = self.holder();
        Some(decide(&Facts {
            mode: policy.mode,
            auto_certify: policy.auto_certify,
            typed: self.typed,
            place: *place,
            confident,
            age: self.age(),
            own_last: self.own_last,
            repeats_own,
            equals_current: holder.is_some_and(|holder| holder.value.as_deref() == value),
            holder: holder.map(|holder| rival(holder, self.spoke, now)),
        }))
    }

    /// Decides, and writes the ledger entry where there is one to write.
    pub fn weigh(&self, write: &mut Write, effects: &mut Effects, normalised: Normalised) -> Result<Decided> {
        if self.is_late() {
            return Ok(self.decided(ItemState::Superseded));
        }
        match normalised {
            Normalised::Held { code, map } => self.hold(write, code, map),
            Normalised::Failed { code } => Ok(Decided { code: Some(code), ..self.decided(ItemState::Failed) }),
            Normalised::Nothing => Ok(self.decided(ItemState::Unchanged)),
            Normalised::KeepCurrent { map } => self.keep_current(write, map),
            Normalised::Value { value, map, confident } => self.weigh_value(write, effects, value, map, confident),
        }
    }

    /// The source's newer word changes nothing in force, but what it proposed before is no longer its word.
    fn keep_current(&self, write: &mut Write, map: Option<i64>) -> Result<Decided> {
        supersede_held(write, self.held())?;
        supersede_open(write, self.outdone(true))?;
        Ok(Decided { map, ..self.decided(ItemState::Unchanged) })
    }

    /// Holds the value in the place of what is held of its source, once.
    fn hold(&self, write: &mut Write, code: &'static Code, map: Option<i64>) -> Result<Decided> {
        supersede_held(write, self.held().filter(|held| !self.repeats(held)))?;
        if self.held().any(|held| self.repeats(held)) {
            return Ok(self.decided(ItemState::Unchanged));
        }
        Ok(Decided { code: Some(code), map, ..self.decided(ItemState::Held) })
    }

    fn weigh_value(
        &self,
        write: &mut Write,
        effects: &mut Effects,
        value: Option<String>,
        map: Option<i64>,
        confident: bool,
    ) -> Result<Decided> {
        let place = match &self.plan.policy {
            Ok((_, place)) => *place,
            Err(code) => return self.hold(write, code, map),
        };
        let now = write.stamp().at;
        // Held again for the same reason; a value that became confident goes on.
        let held_again = !confident && self.held().any(|held| self.repeats(held));
        let equals_current = self.holder().is_some_and(|holder| holder.value == value);
        let proposed = |own: Option<i64>| self.open().any(|open| open.value == value && Some(open.ledger) != own);
        let repeats_own = self.anew.map_or_else(|| held_again || proposed(None), proposed);
        let Some(verdict) = self.verdict(value.as_deref(), confident, repeats_own, now) else {
            return Ok(self.decided(ItemState::Unchanged));
        };
        let decided = |state| Decided { value: value.clone(), map, ..self.decided(state) };
        if verdict.action != Action::Supersede {
            supersede_held(write, self.held().filter(|held| !(held_again && self.repeats(held))))?;
        }
        // What a map is not sure of says nothing yet of what the source has.
        let answers = confident && verdict.action != Action::Supersede;
        if let (true, Some(sent)) = (answers, self.facts.sent(self.spot)) {
            answered(write, sent, value.as_deref(), self.origin.source_time)?;
        }
        if let (Action::Write { .. } | Action::Wait { .. }, Some(fact)) =
            (verdict.action, self.turned_down_before(value.as_deref(), map))
        {
            // What is in force already is not closed: it is nothing new.
            if equals_current {
                supersede_open(write, self.outdone(true).filter(|open| open.value != value))?;
                return Ok(decided(ItemState::Unchanged));
            }
            let note = format!("{} before by {} on {}.", fact.status.label(), fact.by, rfc3339(fact.on));
            supersede_open(write, self.outdone(true))?;
            return Ok(Decided { note: Some(note), ..decided(ItemState::Rejected) });
        }
        match verdict.action {
            Action::Supersede => Ok(decided(ItemState::Superseded)),
            Action::Hold => Ok(Decided { code: Some(code::LOW_CONFIDENCE), ..decided(ItemState::Held) }),
            // What is held still waits for a steward; until then what the source proposed before stands.
            Action::Unchanged { .. } if held_again => Ok(decided(ItemState::Unchanged)),
            Action::Unchanged { restart_clock } => {
                // What the source proposed in between is no longer its word.
                supersede_open(write, self.outdone(true).filter(|open| open.value != value))?;
                Ok(Decided { confirms: restart_clock, ..decided(ItemState::Unchanged) })
            }
            Action::Wait { conflict, .. } => {
                let ledger = self.enter(write, value.as_deref(), place, LedgerStatus::Pending, false)?;
                let note =
                    conflict.then(|| "Its source's value changed since a person pinned the value in force.".into());
                Ok(Decided { ledger: Some(ledger), note, ..decided(ItemState::Waiting) })
            }
            Action::Write { certified } => {
                let status = if certified { LedgerStatus::Certified } else { LedgerStatus::Pending };
                let ledger = self.enter(write, value.as_deref(), place, status, !certified)?;
                self.put_in_force(write, effects, value.as_deref(), ledger)?;
                Ok(Decided { ledger: Some(ledger), ..decided(ItemState::Applied) })
            }
        }
    }

    /// Writes the value's ledger entry in the place of the source's open one.
    fn enter(
        &self,
        write: &mut Write,
        value: Option<&str>,
        place: Place,
        status: LedgerStatus,
        live: bool,
    ) -> Result<i64> {
        let waits = status == LedgerStatus::Pending && !live;
        supersede_open(write, self.outdone(waits))?;
        let certified = (status == LedgerStatus::Certified).then_some((ENGINE_USER, write.stamp().at));
        write.insert_entry(&NewEntry {
            aspect: LedgerAspect::Field,
            target_table: self.origin.table,
            target_id: self.origin.target,
            aspect_key: self.origin.field,
            source: Some(self.origin.source),
            value,
            status,
            certified,
            live,
            rank: place.rank,
            item: Some(self.item),
            supersedes: self.outdone(waits).last().map(|open| open.ledger),
            notes: None,
            source_time: self.origin.source_time,
            sequence: self.origin.sequence,
        })
    }

    /// The first value of a field has no rival; any other is settled with its rivals.
    fn put_in_force(&self, write: &mut Write, effects: &mut Effects, value: Option<&str>, ledger: i64) -> Result<()> {
        let origin = &self.origin;
        let key = (origin.table, origin.target, origin.field);
        if self.holder().is_some() {
            effects.choose_new(owned(key), ledger);
            return Ok(());
        }
        let at = write.stamp().at;
        effects.value(key, None, value);
        let stale_on = self.plan.stale_on(at);
        write.put_first_current(key, &Current { value, ledger, confirmed_on: at, counted_from: at, stale_on })
    }

    /// An outcome without a code, a value or an entry.
    pub fn decided(&self, state: ItemState) -> Decided {
        let old_value = self.holder().and_then(|holder| holder.value.clone());
        Decided { state, code: None, note: None, value: None, old_value, map: None, ledger: None, confirms: false }
    }

    fn age(&self) -> Age<'_> {
        Age { source_time: self.origin.source_time, sequence: self.origin.sequence, source: self.origin.source }
    }

    /// Older than what its source said last of the field.
    pub fn is_late(&self) -> bool {
        self.own_last.is_some_and(|last| self.origin.source_time < last)
    }

    /// The same value, come the same way, that a person turned down.
    fn turned_down_before(&self, value: Option<&str>, map: Option<i64>) -> Option<&TurnedDownFact> {
        let mut facts = self.turned_down_as_it_comes();
        facts.find(|fact| fact.value.as_deref() == value && fact.value_map == map)
    }

    /// What a person turned down of this text, newest first, where neither map nor policy nor binding was changed since.
    pub fn turned_down_as_it_comes(&self) -> impl Iterator<Item = &TurnedDownFact> {
        self.facts.turned_down(self.spot).rev().filter(|fact| {
            let texts = [&fact.raw_value, &fact.delivered];
            texts.iter().any(|text| text.as_deref() == Some(self.raw))
                && fact.policy == self.plan.policy_id()
                && fact.on >= self.plan.bound_on
        })
    }

    pub fn holder(&self) -> Option<&'a HolderFact> {
        self.facts.holder(self.spot)
    }

    fn open(&self) -> impl Iterator<Item = &'a OpenFact> {
        self.facts.open(self.spot)
    }

    /// The source's own candidates that a newer value takes the place of. While that waits, what is in force stays: it
    /// gives way only to what is written.
    fn outdone(&self, waits: bool) -> impl Iterator<Item = &'a OpenFact> {
        let in_force = self.holder().map(|holder| holder.ledger).filter(|_| waits);
        self.open().filter(move |open| Some(open.ledger) != in_force)
    }

    fn held(&self) -> impl Iterator<Item = &'a HeldFact> {
        self.facts.held(self.spot)
    }

    fn repeats(&self, held: &HeldFact) -> bool {
        held.raw_value.as_deref() == Some(self.raw)
    }
}

/// The holder of the current value as the verdict sees it.
///
/// `spoke_before`: the candidate's source delivered the field before, so that a value to decide on is a changed one.
fn rival(holder: &HolderFact, spoke_before: bool, now: Micros) -> Holder<'_> {
    Holder {
        rank: holder.rank,
        age: Age { source_time: holder.source_time, sequence: holder.sequence, source: &holder.source },
        stale: holder.stale_on.is_some_and(|stale_on| now >= stale_on),
        pinned: holder.pinned,
        changed_since_pin: holder.pinned && spoke_before,
    }
}

/// A source's older proposals give way to its newer word.
fn supersede_open<'a>(write: &mut Write, open: impl Iterator<Item = &'a OpenFact>) -> Result<()> {
    for open in open {
        write.change_entry(open.ledger, &[Change::int("statecode", 1), Change::int("statuscode", 2)])?;
        if let Some(item) = open.item {
            write.change_item(item, &[Change::int("state", ItemState::Superseded.code())])?;
        }
    }
    Ok(())
}

/// Held values give way to a newer one of their source.
fn supersede_held<'a>(write: &mut Write, held: impl IntoIterator<Item = &'a HeldFact>) -> Result<()> {
    for held in held {
        write.change_item(held.item, &[Change::int("state", ItemState::Superseded.code())])?;
    }
    Ok(())
}

impl Decided {
    /// Held or failed before there was anything to weigh.
    pub fn stopped(state: ItemState, code: &'static Code) -> Decided {
        Decided { code: Some(code), ..Decided::of(state) }
    }

    /// An outcome with nothing else to say of it.
    pub fn of(state: ItemState) -> Decided {
        Decided {
            state,
            code: None,
            note: None,
            value: None,
            old_value: None,
            map: None,
            ledger: None,
            confirms: false,
        }
    }

    /// What the item's `process_message` says: the code in brackets, the cause and the remedy, then the note.
    pub fn message(&self) -> Option<String> {
        let code = self.code.map(Code::message);
        let parts: Vec<String> = code.into_iter().chain(self.note.clone()).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}
