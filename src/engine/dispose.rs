//! Disposing of values under a records schedule (store.md, "The operation log").
//!
//! Only what can no longer take part in a decision: items that went all their way or were closed, and entries that lost for good. An item
//! and the entry that it brought hold one value, so they go together. It is not taken back: what is gone is gone,
//! and so is the memory that a person once rejected it.

use super::command::Rows;
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::store::{Change, DisposalEntry, DisposalFact, DisposalItem};

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 500;

impl Operation<'_, '_> {
    pub(super) fn dispose(&mut self, table: Table, rows: &Rows, reason: &str) -> Result<Done, Error> {
        let invalid = |field: &str, problem: &str| Refusal::Invalid {
            place: "".into(),
            field: field.into(),
            problem: problem.into(),
        };
        if !matches!(table, Table::SyncItems | Table::Ledger) {
            return Err(invalid("table", "only sync-items and ledger hold values to dispose of.").into());
        }
        let ids = self.asked_for(table, rows)?;
        // The newest attempt at a value before those that led to it.
        for led_to_another in [false, true] {
            for ids in ids.chunks(ROWS_AT_ONCE) {
                let mut rows = self.write.disposal_facts(table, ids)?;
                rows.retain(|row| is_earlier_attempt(row) == led_to_another);
                for row in rows {
                    match self.kept(table, &row)? {
                        Some(why) => self.effects.hold_back(why, table.row_name(row.id)),
                        None => self.dispose_pair(&row)?,
                    }
                }
            }
        }
        let disposed = counted(self.effects.changed, table.info().one);
        let held_back = match self.effects.held_back_rows() {
            0 => String::new(),
            rows => format!(", held back {}", counted(rows, table.info().one)),
        };
        let summary = format!("Disposed of the values of {disposed} and what goes with them{held_back}");
        let tables: &[Table] = &[Table::SyncItems, Table::Ledger];
        Ok(Done { reason: Some(reason.to_string()), ..Done::new("dispose", summary, tables) })
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

    fn dispose_pair(&mut self, row: &DisposalFact) -> Result<(), Error> {
        if let Some(entry) = row.entry.filter(|entry| !entry.disposed) {
            if entry.active {
                // It must not come back as a candidate without a value.
                self.write.change_entry(entry.id, &[Change::int("statecode", 1), Change::int("statuscode", 2)])?;
            }
            self.write.dispose(Table::Ledger, entry.id)?;
        }
        if let Some(item) = row.item.filter(|item| !item.disposed) {
            self.write.forget_disposed(item.id)?;
            self.write.dispose(Table::SyncItems, item.id)?;
        }
        self.effects.change(&row.target_table, &row.source);
        Ok(())
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
