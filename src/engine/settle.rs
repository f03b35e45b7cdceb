//! What follows from an operation's rows: values in force, counts, job statuses. Every operation ends here.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;

use super::command::MapChoice;
use super::foremost::{Succession, foremost};
use super::outbound::queue;
use super::outcome::{Came, EXAMPLES, HeldBack, Named, Outcome, SAMPLE, Spread, ValueChange, Withdrawn};
use super::plan::Setup;
use super::target_named::SecondKeys;
use crate::model::choice::ItemState;
use crate::model::fact::Entry;
use crate::model::table::Table;
use crate::rules::status::{Counters, job_status};
use crate::rules::survivorship::{before, eligible, holder};
use crate::store::{Before, Change, Current, CurrentFact, EntryFact, FieldKey, JobCounters, PutBack, WaitsOut, Write};

/// What an operation does, gathered while it runs.
#[derive(Debug, Default)]
pub struct Effects {
    pub changed: i64,
    pub released: i64,
    /// Waiting items that were looked at, and what was left for a later operation: items by map, and codes.
    pub taken: usize,
    pub unreleased: Vec<(Wait, Vec<i64>)>,
    pub undecided: Vec<MapChoice>,
    /// Proposals that were closed since a decision speaks for them, too; and those that are not to be, since a person left
    /// them out, or an earlier operation of the same act closed them.
    pub closed: Vec<i64>,
    pub spared: HashSet<i64>,
    /// The first of several codes that were decided, in words.
    pub first_code: Option<String>,
    held_back: BTreeMap<String, (i64, Vec<String>)>,
    spread: BTreeMap<(String, String), i64>,
    values_changed: i64,
    pub own: i64,
    /// Entries that were left alone since the person had a hand in them.
    pub own_held: Vec<i64>,
    /// Of the rows that are held back, those that an attestation does not vouch for.
    pub left: i64,
    pub parked: i64,
    /// What the one item that is tried again from another input came to.
    pub came: Option<Came>,
    /// What the withdrawal of a delivery came to.
    pub withdrawn: Option<Withdrawn>,
    /// What names what was disposed of, and stays.
    pub named: Named,
    /// The one row that was imported, if it was one alone.
    pub imported: Option<(Table, i64)>,
    /// The rows that were acted on, while that is one alone.
    only: Only,
    /// Whether what an undo puts back is listed, and that.
    pub lists: bool,
    pub put_back: Vec<PutBack>,
    /// Records that a source comes to know by a second key.
    pub second_keys: SecondKeys,
    /// Outbound items made.
    pub outbound: i64,
    /// Sources may have been bound, or bound no more, to receive values.
    pub rebound: bool,
    /// What there was before what an undo takes back.
    pub takes_back: Option<Before>,
    /// What it took out of the queue, by the receiver and the field.
    taken_out: HashMap<(String, FieldKey), WaitsOut>,
    /// Stale clocks that follow another policy, which no row of the log shows.
    pub clocks: i64,
    /// Whether values go out, so that the fields whose values changed are gathered.
    sends: bool,
    changed_fields: BTreeSet<FieldKey>,
    sample: Vec<ValueChange>,
    /// Entries that a verdict or a person put before all rivals of their field.
    chosen: HashMap<FieldKey, Chosen>,
}

/// The rows that were acted on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Only {
    #[default]
    None,
    One(Table, i64),
    Several,
}

/// A map that was decided, and the one that items wait for: itself, or one that it speaks for, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    pub decided: i64,
    pub at: i64,
}

/// An entry that was put before its rivals.
#[derive(Debug, Clone, Copy)]
struct Chosen {
    entry: i64,
    /// It was written by this operation, as the only one of its field, and of its rivals none came to count since the
    /// field was last settled: some may only have ceased to.
    new: bool,
}

/// Rows among which an earlier change of one is looked for.
const NEAR: usize = 50;

/// Fields whose entries are read at once.
const FIELDS_AT_ONCE: usize = 500;

impl Effects {
    pub fn new(setup: &Setup) -> Effects {
        Effects { sends: setup.sends(), ..Effects::default() }
    }

    /// A row that was asked for is left alone.
    pub fn hold_back(&mut self, reason: impl Into<String>, row: String) {
        let (rows, examples) = self.held_back.entry(reason.into()).or_default();
        *rows += 1;
        if examples.len() < EXAMPLES {
            examples.push(row);
        }
    }

    /// A value that is vouched for again, and stays as it is.
    pub fn confirm(&mut self, key: FieldKey, value: Option<&str>) {
        if self.sample.len() < SAMPLE {
            let (target_table, target_id, field_name) = key;
            let [before, after] = [value, value].map(|value| value.map(str::to_string));
            self.sample.push(ValueChange { target_table, target_id, field_name, before, after });
        }
    }

    /// A row below what is attested is none of what is vouched for.
    pub fn leave(&mut self, reason: impl Into<String>, row: String) {
        self.left += 1;
        self.hold_back(reason, row);
    }

    /// A row that was asked for changes.
    pub fn change(&mut self, target_table: &str, source: &str) {
        self.changed += 1;
        *self.spread.entry((target_table.to_string(), source.to_string())).or_default() += 1;
    }

    /// A row is acted on: a decision, or another attempt.
    pub fn act_on(&mut self, table: Table, id: i64) {
        self.only = match self.only {
            Only::None => Only::One(table, id),
            Only::One(of, one) if (of, one) == (table, id) => self.only,
            Only::One(..) | Only::Several => Only::Several,
        };
    }

    /// A row that an undo puts back; its changes come one after the other, the last one first.
    pub fn list(&mut self, back: PutBack) {
        // A field's rows come together, so that an earlier change of the same row is not far.
        let near = self.put_back.iter_mut().rev().take(NEAR);
        match near.into_iter().find(|known| known.table == back.table && known.id == back.id) {
            Some(known) => known.goes_on_to(back),
            None => self.put_back.push(back),
        }
    }

    /// The one row that was acted on.
    pub fn only_row(&self) -> Option<(Table, i64)> {
        if let Only::One(table, id) = self.only { Some((table, id)) } else { None }
    }

    /// Puts an entry before the rivals it has now.
    pub fn choose(&mut self, key: FieldKey, entry: i64) {
        self.chosen.insert(key, Chosen { entry, new: false });
    }

    /// Puts the entry that was just written for a delivered value before its rivals.
    pub fn choose_new(&mut self, key: FieldKey, entry: i64) {
        let new = !self.chosen.contains_key(&key);
        self.chosen.insert(key, Chosen { entry, new });
    }

    /// Notes that a value in force changed.
    pub fn value(&mut self, key: (&str, &str, &str), before: Option<&str>, after: Option<&str>) {
        if before == after {
            return;
        }
        self.values_changed += 1;
        if self.sends {
            self.changed_fields.insert(owned(key));
        }
        if self.sample.len() < SAMPLE {
            self.sample.push(ValueChange {
                target_table: key.0.to_string(),
                target_id: key.1.to_string(),
                field_name: key.2.to_string(),
                before: before.map(str::to_string),
                after: after.map(str::to_string),
            });
        }
    }

    /// What waited for a receiver was taken out of the queue, and what goes out of the field is looked at again.
    pub fn take_out(&mut self, item: WaitsOut) {
        self.look_again(item.field.clone());
        self.taken_out.insert((item.receiver.clone(), item.field.clone()), item);
    }

    /// What was taken out of the queue of a receiver's field, once.
    pub fn taken_out(&mut self, receiver: &str, key: (&str, &str, &str)) -> Option<WaitsOut> {
        if self.taken_out.is_empty() {
            return None;
        }
        self.taken_out.remove(&(receiver.to_string(), owned(key)))
    }

    /// Has what goes out of a field looked at again, although its value may be the same.
    pub fn look_again(&mut self, key: FieldKey) {
        self.changed_fields.insert(key);
    }

    /// The fields whose values changed since the last call, where values go out.
    pub fn take_changed_fields(&mut self) -> BTreeSet<FieldKey> {
        std::mem::take(&mut self.changed_fields)
    }

    /// The first reason for leaving rows alone, where there is one, and the first row it was for.
    pub fn left_alone(&self) -> Option<(&str, &str)> {
        let (reason, (_, rows)) = self.held_back.first_key_value()?;
        Some((reason, rows.first()?))
    }

    /// The rows that were held back, in all.
    pub fn held_back_rows(&self) -> i64 {
        self.held_back.values().map(|(rows, _)| rows).sum()
    }

    pub fn outcome(self, summary: String, tables: &[Table], fingerprint: String) -> Outcome {
        let held_back =
            self.held_back.into_iter().map(|(reason, (rows, examples))| HeldBack { reason, rows, examples }).collect();
        let spread = self
            .spread
            .into_iter()
            .map(|((target_table, source_system_key), rows)| Spread { target_table, source_system_key, rows })
            .collect();
        let mut outcome = Outcome {
            operation: None,
            summary,
            changed: self.changed,
            held_back,
            released: self.released,
            values_changed: self.values_changed,
            own: self.own,
            own_held: self.own_held,
            left: self.left,
            parked: self.parked,
            outbound: self.outbound,
            sample: self.sample,
            spread,
            tables: tables.to_vec(),
            put_back: self.put_back,
            about: None,
            warnings: self.second_keys.told(),
            came: self.came,
            withdrawn: self.withdrawn,
            stopped: false,
            named: self.named.told(),
            erased: None,
            imported: self.imported,
            fingerprint,
        };
        outcome.in_order();
        outcome
    }
}

/// A field's key as it is kept.
pub fn owned((table, target, field): (&str, &str, &str)) -> FieldKey {
    (table.to_string(), target.to_string(), field.to_string())
}

fn borrowed((table, target, field): &FieldKey) -> (&str, &str, &str) {
    (table, target, field)
}

/// Recomputes what follows from the rows written so far.
pub fn settle(write: &mut Write, setup: &Setup, effects: &mut Effects) -> Result<()> {
    settle_values(write, setup, effects)?;
    queue(write, setup, effects)?;
    for counters in write.flush_counts()? {
        write.set_job_status(counters.job, job_status(&counters_of(&counters)))?;
    }
    Ok(())
}

/// Puts in force what was written so far, if any of it is about these targets: the next values for them find it.
pub fn settle_before(
    write: &mut Write,
    setup: &Setup,
    effects: &mut Effects,
    table: &str,
    targets: &[&str],
) -> Result<()> {
    let targets: HashSet<&str> = targets.iter().copied().collect();
    let meant = |key: &FieldKey| key.0 == table && targets.contains(key.1.as_str());
    if effects.chosen.keys().any(meant) || write.touched_fields().any(meant) {
        settle_values(write, setup, effects)?;
    }
    Ok(())
}

fn settle_values(write: &mut Write, setup: &Setup, effects: &mut Effects) -> Result<()> {
    for (key, _) in effects.chosen.iter() {
        write.touch_field(key.clone());
    }
    let touched = write.take_touched_fields();
    for keys in touched.chunks(FIELDS_AT_ONCE) {
        settle_fields(write, setup, effects, keys)?;
    }
    effects.chosen.clear();
    // Displacing rivals changes entries of the fields that were just settled.
    write.take_touched_fields();
    Ok(())
}

fn settle_fields(write: &mut Write, setup: &Setup, effects: &mut Effects, keys: &[FieldKey]) -> Result<()> {
    let mut currents = write.currents(keys)?;
    let new = keys.iter().filter_map(|key| {
        let chosen = effects.chosen.get(key).filter(|chosen| chosen.new)?;
        Some(Succession { key, entry: chosen.entry, holder: currents.get(key)?.ledger })
    });
    let mut entries = foremost(write, new.collect())?;
    let rest: Vec<&FieldKey> = keys.iter().filter(|key| !entries.contains_key(*key)).collect();
    for fact in write.entries(&rest)? {
        entries.entry(fact.key.clone()).or_default().push(fact);
    }
    for key in keys {
        let mut facts = entries.remove(key).unwrap_or_default();
        if let Some(chosen) = effects.chosen.get(key) {
            displace(write, &mut facts, chosen.entry)?;
        }
        let rivals: Vec<Entry> = facts.iter().map(|fact| fact.entry.clone()).collect();
        let winner = holder(&rivals).and_then(|winner| facts.iter().find(|fact| fact.entry.id == winner.id));
        debug_assert_eq!(winner.map(|winner| winner.entry.id), holder_of_all(write, key), "of {key:?}");
        put_in_force(write, setup, effects, key, currents.remove(key), winner)?;
    }
    Ok(())
}

/// The holder among all entries of a field, which those that were read have to agree with.
fn holder_of_all(write: &Write, key: &FieldKey) -> Option<i64> {
    let all: Vec<Entry> = write.entries(&[key]).ok()?.into_iter().map(|fact| fact.entry).collect();
    holder(&all).map(|holder| holder.id)
}

/// Marks the rivals that would win over the chosen entry, and takes its own marks away.
fn displace(write: &mut Write, facts: &mut [EntryFact], chosen: i64) -> Result<()> {
    let Some(own) = facts.iter().find(|fact| fact.entry.id == chosen).map(|fact| fact.entry.clone()) else {
        return Ok(());
    };
    for fact in facts {
        let rival = &mut fact.entry;
        if rival.id == chosen {
            if rival.displaced_by.take().is_some() {
                write.change_entry(chosen, &[Change::id("displaced_by", None)])?;
            }
        } else if eligible(rival) && before(rival, &own) && rival.displaced_by != Some(chosen) {
            write.change_entry(rival.id, &[Change::id("displaced_by", Some(chosen))])?;
            rival.displaced_by = Some(chosen);
        }
    }
    Ok(())
}

fn put_in_force(
    write: &mut Write,
    setup: &Setup,
    effects: &mut Effects,
    key: &FieldKey,
    now: Option<CurrentFact>,
    winner: Option<&EntryFact>,
) -> Result<()> {
    let before = now.as_ref().and_then(|current| current.value.clone());
    let Some(winner) = winner else {
        effects.value(borrowed(key), before.as_deref(), None);
        return if now.is_some() { write.set_current(key, None) } else { Ok(()) };
    };
    let current = current_of(setup, key, now.as_ref(), winner);
    effects.value(borrowed(key), before.as_deref(), current.value);
    write.set_current(key, Some(&current))
}

/// What is kept of the entry that holds a field.
pub(super) fn current_of<'a>(
    setup: &Setup,
    key: &FieldKey,
    now: Option<&CurrentFact>,
    winner: &'a EntryFact,
) -> Current<'a> {
    let confirmed_on = match now {
        // A holder that stays keeps the clock that its source may have restarted.
        Some(current) if current.ledger == winner.entry.id => current.confirmed_on,
        _ => winner.made,
    };
    let counted_from = confirmed_on.max(winner.since);
    let stale_on = match now {
        // A policy that was edited since speaks of the value when its clock starts anew, and not before.
        Some(current) if current.ledger == winner.entry.id && current.counted_from == counted_from => current.stale_on,
        _ => setup.stale_on(&key.0, &key.2, counted_from),
    };
    Current { value: winner.value.as_deref(), ledger: winner.entry.id, confirmed_on, counted_from, stale_on }
}

/// A job's counters as the rule for its status takes them.
pub(super) fn counters_of(counters: &JobCounters) -> Counters {
    let of = |state: ItemState| counters.states[state as usize];
    Counters {
        queued: of(ItemState::Queued),
        applied: of(ItemState::Applied),
        unchanged: of(ItemState::Unchanged),
        waiting: of(ItemState::Waiting),
        held: of(ItemState::Held),
        failed: of(ItemState::Failed),
        rejected: of(ItemState::Rejected),
        superseded: of(ItemState::Superseded),
        parked: of(ItemState::Parked),
        closed: of(ItemState::Closed),
    }
}
