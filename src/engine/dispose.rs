//! Disposing of values under a records schedule (store.md, "The operation log").
//!
//! Only what can no longer take part in a decision: items that went all their way or were closed, and entries that lost for good. An item
//! and the entry that it brought hold one value, so they go together, and with them the attempts before and what other
//! rows copied of it. It is not taken back: what is gone is gone, and so is the memory that a person once rejected it.
//! What is under a legal hold stays. Of many rows it is done in several operations.

use std::collections::{HashMap, HashSet, VecDeque};

use super::asked::invalid;
use super::command::{Command, Rows};
use super::{Done, Error, Operation};
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::store::{Change, Copied, DisposalEntry, DisposalFact, DisposalItem, Hold};

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 500;

/// What goes with a row, if it goes.
#[derive(Default)]
struct Along {
    earlier: Vec<i64>,
    copies: Vec<Copied>,
}

impl Operation<'_, '_> {
    pub(super) fn dispose(
        &mut self,
        command: &Command,
        table: Table,
        rows: &Rows,
        reason: &str,
    ) -> Result<Done, Error> {
        let ids = self.asked_for(table, rows)?;
        let listed: Vec<i64> = self.listed(command, ids)?.into_iter().map(|(id, _)| id).collect();
        self.dispose_each(table, &listed)?;
        Ok(done(reason, told(table, self.effects.changed, self.effects.held_back_rows())))
    }

    /// The rows in the order in which they are disposed of, each with what it is not parted from: the newest attempt at a
    /// value comes before those that led to it.
    pub(super) fn disposal_order(&self, table: Table, ids: Vec<i64>) -> Result<VecDeque<(i64, u64)>, Error> {
        match table {
            Table::SyncItems => Ok(self.write.last_attempts(&ids)?.into()),
            Table::Ledger => Ok(ids.into_iter().map(|id| (id, id as u64)).collect()),
            _ => Err(invalid("table", "only sync-items and ledger hold values to dispose of.".into()).into()),
        }
    }

    pub(super) fn dispose_each(&mut self, table: Table, ids: &[i64]) -> Result<(), Error> {
        self.write.overwrite_freed(true)?;
        let mut went_along = HashSet::new();
        for ids in ids.chunks(ROWS_AT_ONCE) {
            let facts = self.write.disposal_facts(table, ids)?;
            let mut facts: HashMap<i64, DisposalFact> = facts.into_iter().map(|fact| (fact.id, fact)).collect();
            let holds = Holds::on(self, facts.values())?;
            for fact in ids.iter().filter_map(|id| facts.remove(id)) {
                self.dispose_one(table, &fact, &holds, &mut went_along)?;
            }
        }
        self.write.overwrite_freed(false)?;
        self.effects.named.operations.extend(self.write.take_naming_operations());
        self.effects.named.value_maps.extend(self.write.take_naming_maps());
        Ok(())
    }

    fn dispose_one(
        &mut self,
        table: Table,
        fact: &DisposalFact,
        holds: &Holds,
        went_along: &mut HashSet<i64>,
    ) -> Result<(), Error> {
        if table == Table::SyncItems && went_along.contains(&fact.id) {
            self.effects.change(&fact.target_table, &fact.source);
            return Ok(());
        }
        if let Some(why) = self.kept(table, fact)? {
            self.effects.hold_back(why, table.row_name(fact.id));
            return Ok(());
        }
        let along = self.what_goes_along(fact)?;
        let held = match holds.of(fact) {
            Some(hold) => Some(hold.clone()),
            None => self.held_along(&along)?,
        };
        if let Some(hold) = held {
            let why = format!("is under the legal hold {}: {}", hold.name(), hold.reason);
            self.effects.hold_back(why, table.row_name(fact.id));
            return Ok(());
        }
        if along.copies.iter().any(|copied| copied.waits) {
            let why = "is what a receiver has, or had before what still waits to go out to it";
            self.effects.hold_back(why, table.row_name(fact.id));
            return Ok(());
        }
        went_along.extend(&along.earlier);
        self.dispose_with(fact, along)
    }

    /// Why a row keeps its values, if it does. Who edited the input of a value is told by the attempts before it, and must
    /// be known as long as somebody may certify it.
    fn kept(&self, table: Table, row: &DisposalFact) -> Result<Option<&'static str>, Error> {
        if let Some(why) = kept(table, row) {
            return Ok(Some(why));
        }
        if let (true, Some(newest)) = (is_earlier_attempt(row), self.write.standing_attempt(row.id)?) {
            let newest = self.write.disposal_facts(Table::SyncItems, &[newest])?.pop();
            let disposed = newest.and_then(|row| row.item).is_some_and(|item| item.disposed);
            return Ok((!disposed).then_some("tells who edited the input of a newer attempt"));
        }
        Ok(None)
    }

    fn what_goes_along(&self, fact: &DisposalFact) -> Result<Along, Error> {
        let mut along = Along::default();
        if let Some(item) = fact.item.filter(|item| !item.disposed) {
            along.earlier = self.write.earlier_attempts(item.id)?;
        }
        if let Some(entry) = fact.entry.filter(|entry| !entry.disposed) {
            along.copies = self.write.copies_of(entry.id)?;
        }
        Ok(along)
    }

    fn held_along(&self, along: &Along) -> Result<Option<Hold>, Error> {
        let items: Vec<i64> =
            along.earlier.iter().copied().chain(along.copies.iter().map(|copied| copied.item)).collect();
        Ok(self.write.held(Table::SyncItems, &items)?.into_values().next())
    }

    fn dispose_with(&mut self, row: &DisposalFact, along: Along) -> Result<(), Error> {
        for copied in along.copies {
            self.write.dispose_copy(copied)?;
        }
        if let Some(entry) = row.entry.filter(|entry| !entry.disposed) {
            if entry.active {
                // It must not come back as a candidate without a value.
                self.write.change_entry(entry.id, &[Change::int("statecode", 1), Change::int("statuscode", 2)])?;
            }
            self.write.dispose(Table::Ledger, entry.id)?;
        }
        let item = row.item.filter(|item| !item.disposed).map(|item| item.id);
        for item in item.into_iter().chain(along.earlier) {
            self.write.forget_disposed(item)?;
            self.write.dispose(Table::SyncItems, item)?;
        }
        self.effects.change(&row.target_table, &row.source);
        Ok(())
    }
}

pub(super) fn told(table: Table, changed: i64, held_back: i64) -> String {
    let disposed = counted(changed, table.info().one);
    let held_back = match held_back {
        0 => String::new(),
        rows => format!(", held back {}", counted(rows, table.info().one)),
    };
    format!("Disposed of the values of {disposed} and what goes with them{held_back}")
}

pub(super) fn done(reason: &str, summary: String) -> Done {
    let tables: &[Table] = &[Table::SyncItems, Table::Ledger];
    Done { reason: Some(reason.to_string()), ..Done::new("dispose", summary, tables) }
}

/// The legal holds on some rows and what they go with.
struct Holds {
    items: HashMap<i64, Hold>,
    entries: HashMap<i64, Hold>,
}

impl Holds {
    fn on<'f>(operation: &Operation, facts: impl Iterator<Item = &'f DisposalFact>) -> Result<Holds, Error> {
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        for fact in facts {
            items.extend(fact.item.map(|item| item.id));
            entries.extend(fact.entry.map(|entry| entry.id));
        }
        let items = operation.write.held(Table::SyncItems, &items)?;
        Ok(Holds { items, entries: operation.write.held(Table::Ledger, &entries)? })
    }

    fn of(&self, fact: &DisposalFact) -> Option<&Hold> {
        let item = fact.item.and_then(|item| self.items.get(&item.id));
        item.or_else(|| fact.entry.and_then(|entry| self.entries.get(&entry.id)))
    }
}

/// Why a row keeps its values, if it does.
fn kept(table: Table, row: &DisposalFact) -> Option<&'static str> {
    let disposed = match table {
        Table::Ledger => row.entry.is_some_and(|entry| entry.disposed),
        _ => row.item.is_some_and(|item| item.disposed),
    };
    if disposed {
        Some("was disposed of already")
    } else if row.in_force {
        Some("is behind a value in force")
    } else if !row.item.is_none_or(gone_its_way) || !row.entry.is_none_or(lost) {
        Some("can still be decided on or come into force")
    } else {
        None
    }
}

/// An item that another attempt took the place of; it brought nothing.
fn is_earlier_attempt(row: &DisposalFact) -> bool {
    row.entry.is_none() && row.item.is_some_and(|item| !item.active)
}

fn gone_its_way(item: DisposalItem) -> bool {
    !item.active
        || matches!(
            item.state,
            ItemState::Applied | ItemState::Unchanged | ItemState::Superseded | ItemState::Rejected | ItemState::Closed
        )
}

fn lost(entry: DisposalEntry) -> bool {
    !entry.active || matches!(entry.status, LedgerStatus::Rejected | LedgerStatus::Revoked)
}
