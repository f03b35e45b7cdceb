//! What an operation changed, as undo goes through it: change by change from the last one, and by row.

use std::collections::HashMap;

use super::logged::Logged;
use crate::model::choice::ItemState;

/// A row that an operation changed, with the changed columns as they were before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRow {
    pub table: &'static str,
    pub row: i64,
    /// The row's version after the change.
    pub version: i64,
    pub before: String,
}

/// All changes of an operation, last first.
#[derive(Debug, Default)]
pub struct Changes {
    rows: Vec<ChangedRow>,
    /// The place of a row's last change, and of the change before each: a bulk decision has hundreds of thousands.
    last: HashMap<(&'static str, i64), u32>,
    earlier: Vec<Option<u32>>,
}

impl Changes {
    pub(super) fn of(rows: Vec<ChangedRow>) -> Changes {
        let mut last = HashMap::with_capacity(rows.len());
        let mut earlier = vec![None; rows.len()];
        for (at, change) in rows.iter().enumerate().rev() {
            earlier[at] = last.insert((change.table, change.row), at as u32);
        }
        Changes { rows, last, earlier }
    }

    pub fn iter(&self) -> impl Iterator<Item = &ChangedRow> {
        self.rows.iter()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn at(&self, place: usize) -> Option<&ChangedRow> {
        self.rows.get(place)
    }

    /// The changes of one row, last first.
    pub fn of_row(&self, table: &'static str, row: i64) -> impl Iterator<Item = &ChangedRow> {
        let first = self.last.get(&(table, row)).copied();
        let places = std::iter::successors(first, |at| self.earlier.get(*at as usize).copied().flatten());
        places.filter_map(|at| self.rows.get(at as usize))
    }

    /// The version in which the operation left a row that it changed, or that it made and did not change again.
    pub fn left(&self, table: &'static str, row: i64) -> i64 {
        self.of_row(table, row).next().map_or(1, |change| change.version)
    }
}

impl ChangedRow {
    /// A column as it was before, where it changed and held a number.
    pub(super) fn was(&self, column: &str) -> Option<i64> {
        // Few changes are of the column that is asked for, and most texts need not be read through for it.
        self.before
            .contains(column)
            .then(|| serde_json::from_str::<serde_json::Value>(&self.before).ok()?[column].as_i64())?
    }

    /// Whether taking the change back makes a row active again that the operation had retired.
    pub fn revives(&self) -> bool {
        self.was("statecode") == Some(0)
    }

    /// Whether taking the change back retires a row again that the operation had revived.
    pub fn was_inactive(&self) -> bool {
        self.was("statecode") == Some(1)
    }

    /// Whether taking the change back puts an item among those that wait, if it goes out.
    pub fn queues(&self) -> bool {
        let state = self.was("state").and_then(ItemState::from_code);
        state.is_some_and(|state| matches!(state, ItemState::Queued | ItemState::Held | ItemState::Parked))
    }
}

/// The name of a logged table; the log names no other.
pub(super) fn known(table: &str) -> rusqlite::Result<&'static str> {
    let unknown = || {
        let text = format!("the log names the table {table}, which is none of this program's");
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, text.into())
    };
    Logged::find(table).map(|logged| logged.name).ok_or_else(unknown)
}
