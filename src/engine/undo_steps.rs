//! What an undo has to take back, in the order in which it is done: setup first, since a code that is to be decided again
//! must not be used meanwhile; then field by field what values became; then the rest.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use crate::model::table::Table;
use crate::store::{Before, Changes, UndoFact, Write};

/// One row that the operation made, or one of its changes by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Retire(&'static str, i64),
    Restore(usize),
}

/// What steps are done together, by the order in which groups are: setup, fields, the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    phase: u8,
    rank: u32,
}

/// An operation that is taken back: what it did, and how far that is.
pub(super) struct TakenBack {
    pub undone: UndoFact,
    pub changes: Changes,
    /// The last operation that is a part of it.
    pub until: i64,
    /// The newest entry that there was when it was done.
    pub newest: i64,
    /// What there was before it was done.
    pub before: Before,
    /// The operations that took rows of it back before the undo itself, newest first.
    pub parts: Vec<i64>,
    /// In how many further operations it was done itself.
    pub parts_undone: i64,
    /// Rows that went back, and those that were left alone.
    pub back: i64,
    pub left_alone: i64,
    steps: Vec<(Place, Step)>,
    done: usize,
}

impl TakenBack {
    /// Reads what an operation and its parts did, but for what was taken back of it already.
    pub fn read(write: &Write, mut undone: UndoFact) -> Result<TakenBack> {
        let parts = write.parts_of(&undone)?;
        let parts_undone = parts.len() as i64;
        let mut seqs: Vec<i64> = parts.iter().map(|part| part.seq).chain([undone.seq]).collect();
        seqs.sort_unstable_by(|one, next| next.cmp(one));
        undone.created.extend(parts.into_iter().flat_map(|part| part.created));
        let changes = write.changes_of(&seqs)?;
        let until = seqs.first().copied().unwrap_or(undone.seq);
        let begun = write.begun_to_take_back(undone.seq)?;
        let back: HashSet<(&str, i64)> =
            write.changes_of(&begun)?.iter().map(|change| (change.table, change.row)).collect();
        let mut steps: Vec<Step> = Vec::with_capacity(changes.len());
        for (table, first, last) in &undone.created {
            steps.extend((*first..=*last).map(|id| Step::Retire(table, id)));
        }
        let restored = changes.iter().enumerate().filter(|(_, change)| !undone.made(change.table, change.row));
        steps.extend(restored.map(|(place, _)| Step::Restore(place)));
        steps.retain(|step| !back.contains(&row(step, &changes)));
        let steps = in_order(write, steps, &changes, undone.kind == "withdraw")?;
        let newest = write.newest_entry_at(until)?;
        let before = write.before(undone.seq)?;
        Ok(TakenBack {
            undone,
            changes,
            until,
            newest,
            before,
            parts: begun,
            parts_undone,
            back: 0,
            left_alone: 0,
            steps,
            done: 0,
        })
    }

    /// Whether it is a withdrawal that is taken back, or done again.
    pub fn withdraws(&self) -> bool {
        self.undone.kind == "withdraw"
    }

    /// Whether keys themselves lead elsewhere with it, and take their items along.
    pub fn leads_keys(&self) -> bool {
        let identifiers = Table::Identifiers.info().sql;
        self.changes.iter().any(|change| change.table == identifiers)
    }

    /// The items among some steps.
    pub fn restored_items(&self, steps: &[Step]) -> Vec<i64> {
        let items = Table::SyncItems.info().sql;
        steps.iter().map(|step| self.row(step)).filter(|(table, _)| *table == items).map(|(_, row)| row).collect()
    }

    /// The steps that are left.
    pub fn left(&self) -> usize {
        self.steps.len() - self.done
    }

    /// Steps of at least so many rows, if there are as many; a group is not parted.
    pub fn next(&mut self, rows: usize) -> Vec<Step> {
        let left = self.steps.get(self.done..).unwrap_or_default();
        let mut n = rows.min(left.len());
        while n > 0 && n < left.len() && left[n].0 == left[n - 1].0 {
            n += 1;
        }
        self.done += n;
        left[..n].iter().map(|(_, step)| *step).collect()
    }

    pub fn row(&self, step: &Step) -> (&'static str, i64) {
        row(step, &self.changes)
    }

    /// The last operation in the log of which the undo knows what it did.
    pub fn last_known(&self) -> i64 {
        let after = self.until + 1..;
        // Between the operation and its last part, and after that, others may have done something.
        let known = self.parts.iter().rev().zip(after).take_while(|(part, next)| **part == *next).count();
        self.until + known as i64
    }
}

fn row(step: &Step, changes: &Changes) -> (&'static str, i64) {
    match step {
        Step::Retire(table, id) => (table, *id),
        Step::Restore(place) => changes.at(*place).map_or(("", 0), |change| (change.table, change.row)),
    }
}

/// Orders the steps by what belongs together: within a group rows that were made go first, then changes from the last on.
/// `job_first`: whether the words of a job count again is to be known before those of its items are looked at.
fn in_order(write: &Write, steps: Vec<Step>, changes: &Changes, job_first: bool) -> Result<Vec<(Place, Step)>> {
    let groups = groups(write, &steps, changes)?;
    let mut ranks: HashMap<u64, u32> = HashMap::new();
    let mut placed: Vec<(Place, Step)> = Vec::with_capacity(steps.len());
    let mut alone: HashMap<(&'static str, i64), u32> = HashMap::new();
    for step in steps {
        let key = row(&step, changes);
        let next = (ranks.len() + alone.len()) as u32;
        let rank = match groups.get(&key) {
            Some(group) => *ranks.entry(*group).or_insert(next),
            None => *alone.entry(key).or_insert(next),
        };
        placed.push((Place { phase: phase(key.0, job_first), rank }, step));
    }
    placed.sort_by_key(|(place, _)| *place);
    Ok(placed)
}

fn phase(table: &str, job_first: bool) -> u8 {
    match Table::find(table) {
        Some(Table::SyncJobs) if job_first => 0,
        Some(Table::SyncItems | Table::Ledger) => 1,
        Some(Table::SyncJobs | Table::Identifiers) => 2,
        _ => 0,
    }
}

/// What items and ledger entries belong to: their field; an attempt that led to no record belongs to the next one.
fn groups(write: &Write, steps: &[Step], changes: &Changes) -> Result<HashMap<(&'static str, i64), u64>> {
    let (items, ledger) = (Table::SyncItems.info().sql, Table::Ledger.info().sql);
    let mut out = HashMap::new();
    for table in [items, ledger] {
        let mut rows: Vec<i64> =
            steps.iter().map(|step| row(step, changes)).filter(|(of, _)| *of == table).map(|(_, row)| row).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut grouped = write.grouped(table, &rows)?;
        // The newest attempt first.
        grouped.reverse();
        for found in grouped {
            let known = out.get(&(table, found.row)).copied();
            let group = found.group.or(known).unwrap_or(found.row as u64);
            out.insert((table, found.row), group);
            if let Some(parent) = found.parent {
                out.entry((table, parent)).or_insert(group);
            }
        }
    }
    Ok(out)
}
