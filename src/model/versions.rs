//! A row through time: as it was made, and as each operation that changed it left it.
//!
//! Operations are named by their number in the log, not by their time: a clock may stand still or be set back, the log
//! cannot. What is derived from other rows (counters, `waiting`, row versions) is not in the log, so it is empty here.

use super::row::Row;

/// One row with all its states, each with the operation that brought it about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    made_by: i64,
    made: Row,
    /// Oldest first, one for each operation.
    changes: Vec<(i64, Row)>,
}

impl Versions {
    /// `changes`: oldest first.
    pub fn new(made_by: i64, made: Row, changes: Vec<(i64, Row)>) -> Versions {
        Versions { made_by, made, changes }
    }

    pub fn id(&self) -> i64 {
        self.made.id
    }

    /// The operation that made the row.
    pub fn made_by(&self) -> i64 {
        self.made_by
    }

    /// The row as it was made, before anything in the same operation changed it.
    pub fn as_made(&self) -> &Row {
        &self.made
    }

    /// The row as an operation left it; `None` where it was made later.
    pub fn at(&self, operation: i64) -> Option<&Row> {
        let changed = self.changes.iter().rev().find(|(by, _)| *by <= operation);
        changed.map(|(_, row)| row).or_else(|| (self.made_by <= operation).then_some(&self.made))
    }

    /// Every state with its operation, oldest first.
    pub fn states(&self) -> impl Iterator<Item = (i64, &Row)> {
        [(self.made_by, &self.made)].into_iter().chain(self.changes.iter().map(|(by, row)| (*by, row)))
    }

    /// The operation that gave a field the value it had after `operation`.
    pub fn set_by(&self, field: &str, operation: i64) -> i64 {
        let mut set_by = self.made_by;
        let mut value = self.made.value(field);
        for (by, row) in self.changes.iter().filter(|(by, _)| *by <= operation) {
            if row.value(field) != value {
                (set_by, value) = (*by, row.value(field));
            }
        }
        set_by
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Table, Value};

    fn row(version: i64) -> Row {
        let at = Table::Ledger.fields().iter().position(|field| field.name == "rank").unwrap();
        let mut values = vec![Value::Null; Table::Ledger.fields().len()];
        values[at] = Value::Int(version);
        Row { table: Table::Ledger, id: 7, values }
    }

    #[test]
    fn each_operation_finds_the_state_it_left() {
        let versions = Versions::new(3, row(1), vec![(3, row(2)), (5, row(3)), (9, row(3)), (12, row(4))]);
        let rank = |operation| versions.at(operation).and_then(|row| row.int("rank"));
        assert_eq!(
            [2, 3, 4, 5, 9, 11, 12, 99].map(rank),
            [None, 2.into(), 2.into(), 3.into(), 3.into(), 3.into(), 4.into(), 4.into()]
        );
        assert_eq!(versions.as_made().int("rank"), Some(1));
        assert_eq!([3, 4, 5, 11, 12].map(|operation| versions.set_by("rank", operation)), [3, 3, 5, 5, 12]);
        assert_eq!(versions.set_by("value", 12), 3);
        assert_eq!(versions.states().map(|(by, _)| by).collect::<Vec<_>>(), [3, 3, 5, 9, 12]);
    }
}
