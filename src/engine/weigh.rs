//! Deciding on values: facts of a run of records, each value's verdict, and what is written for it.
//!
//! A delivery and the release of held items decide by the same code. All targets of one run differ, so that the facts
//! read at its beginning hold for each of its values.

use std::collections::HashMap;

use anyhow::Result;

use super::normalise::Normalised;
use super::plan::FieldPlan;
use super::settle::Effects;
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::code::{self, Code};
use crate::model::time::Micros;
use crate::rules::verdict::{Action, Age, Facts, Holder, decide};
use crate::store::{Change, Current, ENGINE_USER, HeldFact, HolderFact, NewEntry, OpenFact, Write};

/// What a run's decisions look at, by (target id, field).
#[derive(Default)]
pub struct RunFacts {
    holders: HashMap<(String, String), HolderFact>,
    open: HashMap<(String, String), OpenFact>,
    held: HashMap<(String, String), HeldFact>,
    /// When the source last delivered a field, where an entry of it tells.
    last: HashMap<(String, String), Micros>,
}

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
    pub value: Option<String>,
    pub old_value: Option<String>,
    pub map: Option<i64>,
    pub ledger: Option<i64>,
    /// An unchanged value confirmed the one in force and restarts its stale clock.
    pub confirms: bool,
}

impl RunFacts {
    /// Reads what a source's values for some fields of some targets are decided on.
    ///
    /// `late`: the delivery may be older than the source's last one, so the entries are asked for their times.
    pub fn read(
        write: &Write,
        source: &str,
        table: &str,
        targets: &[&str],
        fields: &[&str],
        late: bool,
    ) -> Result<RunFacts> {
        let mut facts = RunFacts::default();
        if targets.is_empty() {
            return Ok(facts);
        }
        for fact in write.holders(table, targets, fields)? {
            facts.holders.insert((fact.target_id.clone(), fact.field_name.clone()), fact);
        }
        for fact in write.open_candidates(source, table, targets, fields)? {
            facts.open.insert((fact.target_id.clone(), fact.field_name.clone()), fact);
        }
        for fact in write.held_items(source, table, targets, fields)? {
            facts.held.insert((fact.target_id.clone(), fact.field_name.clone()), fact);
        }
        if late {
            for fact in write.last_delivered(source, table, targets, fields)? {
                facts.last.insert((fact.target_id, fact.field_name), fact.source_time);
            }
        }
        Ok(facts)
    }

    /// A held item that is being decided on is not its own rival.
    pub fn forget_held(&mut self, target: &str, field: &str) {
        self.held.remove(&(target.to_string(), field.to_string()));
    }
}

/// Decides on one value and writes its ledger entry. `item` is the id of the item that stands for the value, or will.
pub fn weigh(
    write: &mut Write,
    effects: &mut Effects,
    facts: &RunFacts,
    plan: &FieldPlan,
    origin: Origin,
    raw: &str,
    normalised: Normalised,
    item: i64,
) -> Result<Decided> {
    let key = (origin.target.to_string(), origin.field.to_string());
    let holder = facts.holders.get(&key);
    let held = facts.held.get(&key);
    let old_value = holder.and_then(|holder| holder.value.clone());
    let plain = |state, code, map| Decided {
        state,
        code,
        value: None,
        old_value: old_value.clone(),
        map,
        ledger: None,
        confirms: false,
    };
    let own_last = [
        facts.last.get(&key).copied(),
        held.map(|held| held.source_time),
        facts.open.get(&key).map(|open| open.source_time),
    ]
    .into_iter()
    .flatten()
    .max();
    if own_last.is_some_and(|last| origin.source_time < last) {
        return Ok(plain(ItemState::Superseded, None, None));
    }
    if held.is_some_and(|held| held.raw_value.as_deref() == Some(raw)) && matches!(normalised, Normalised::Held { .. })
    {
        return Ok(plain(ItemState::Unchanged, None, None));
    }
    let (value, map, confident) = match normalised {
        Normalised::Held { code, map } => {
            supersede_held(write, held)?;
            return Ok(plain(ItemState::Held, Some(code), map));
        }
        Normalised::Failed { code } => return Ok(plain(ItemState::Failed, Some(code), None)),
        Normalised::KeepCurrent { map } => return Ok(plain(ItemState::Unchanged, None, map)),
        Normalised::Value { value, map, confident } => (value, map, confident),
    };
    let (policy, place) = match &plan.policy {
        Ok(applied) => applied,
        Err(code) => return Ok(plain(ItemState::Held, Some(*code), map)),
    };
    let own_open = facts.open.get(&key);
    let verdict = decide(&Facts {
        mode: policy.mode,
        auto_certify: policy.auto_certify,
        place: *place,
        confident,
        age: Age { source_time: origin.source_time, sequence: origin.sequence, source: origin.source },
        own_last,
        repeats_own: own_open.is_some_and(|open| open.value == value),
        equals_current: holder.is_some_and(|holder| holder.value == value),
        holder: holder.map(|holder| Holder {
            rank: holder.rank,
            age: Age { source_time: holder.source_time, sequence: holder.sequence, source: &holder.source },
            stale: holder.stale_on.is_some_and(|stale_on| write.stamp().at >= stale_on),
            pinned: holder.pinned,
            changed_since_pin: holder.pinned && holder.source != origin.source,
        }),
    });
    let decided = |state, code, ledger, confirms| Decided {
        state,
        code,
        value: value.clone(),
        old_value: old_value.clone(),
        map,
        ledger,
        confirms,
    };
    match verdict.action {
        Action::Supersede => Ok(decided(ItemState::Superseded, None, None, false)),
        Action::Hold => {
            supersede_held(write, held)?;
            Ok(decided(ItemState::Held, Some(code::LOW_CONFIDENCE), None, false))
        }
        Action::Unchanged { restart_clock } => {
            // The source went back to the value in force: what it proposed in between is no longer its word.
            if let Some(open) = own_open.filter(|open| open.value != value) {
                supersede_open(write, open)?;
            }
            supersede_held(write, held)?;
            Ok(decided(ItemState::Unchanged, None, None, restart_clock))
        }
        Action::Write { .. } | Action::Wait { .. } => {
            let (written, certified) = match verdict.action {
                Action::Write { certified } => (true, certified),
                _ => (false, false),
            };
            supersede_held(write, held)?;
            if let Some(open) = own_open {
                supersede_open(write, open)?;
            }
            let at = write.stamp().at;
            let ledger = write.insert_entry(&NewEntry {
                target_table: origin.table,
                target_id: origin.target,
                field_name: origin.field,
                source: origin.source,
                value: value.as_deref(),
                status: if certified { LedgerStatus::Certified } else { LedgerStatus::Pending },
                certified: certified.then_some((ENGINE_USER, at)),
                live: written && !certified,
                rank: place.rank,
                item: Some(item),
                supersedes: own_open.map(|open| open.ledger),
                notes: None,
                source_time: origin.source_time,
                sequence: origin.sequence,
            })?;
            if written {
                write_current(write, effects, origin, plan, holder.is_some(), value.as_deref(), ledger)?;
            }
            let state = if written { ItemState::Applied } else { ItemState::Waiting };
            Ok(decided(state, None, Some(ledger), false))
        }
    }
}

/// Puts a written value in force. The first value of a field has no rival; any other is settled with its rivals.
fn write_current(
    write: &mut Write,
    effects: &mut Effects,
    origin: Origin,
    plan: &FieldPlan,
    has_holder: bool,
    value: Option<&str>,
    ledger: i64,
) -> Result<()> {
    let key = (origin.table.to_string(), origin.target.to_string(), origin.field.to_string());
    if has_holder {
        effects.choose(key, ledger);
        return Ok(());
    }
    let at = write.stamp().at;
    effects.value(&key, None, value);
    write.set_current(&key, Some(&Current { value, ledger, confirmed_on: at, stale_on: plan.stale_on(at) }))
}

/// A source's older proposal gives way to its newer one.
fn supersede_open(write: &mut Write, open: &OpenFact) -> Result<()> {
    write.change_entry(open.ledger, &[Change::int("statecode", 1), Change::int("statuscode", 2)])?;
    if let Some(item) = open.item {
        write.change_item(item, &[Change::int("state", ItemState::Superseded.code())])?;
    }
    Ok(())
}

/// A held value gives way to a newer one of its source.
fn supersede_held(write: &mut Write, held: Option<&HeldFact>) -> Result<()> {
    if let Some(held) = held {
        write.change_item(held.item, &[Change::int("state", ItemState::Superseded.code())])?;
    }
    Ok(())
}

/// What an item's `process_message` says of a code: the code in brackets, the cause, the remedy.
pub fn message(code: &Code) -> String {
    format!("[{}] {} {}", code.code, code.cause, code.remedy)
}
