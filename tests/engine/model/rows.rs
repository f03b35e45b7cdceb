//! Rows that remember which operation moved them last, so that undo can tell what moved since.

use std::ops::Index;

use steward::model::time::Micros;

/// The operation that writes, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub operation: usize,
    pub at: Micros,
}

impl Stamp {
    /// Before the first operation.
    pub const START: Stamp = Stamp { operation: usize::MAX, at: 0 };
}

/// Nothing is ever deleted: a row that is taken back gets inactive.
pub trait Retire {
    fn is_active(&self) -> bool;
    fn retire(&mut self);
}

#[derive(Debug, Clone)]
struct Stored<T> {
    row: T,
    moved: Stamp,
}

/// A table; a row's id is its place, from 0.
#[derive(Debug, Clone)]
pub struct Rows<T>(Vec<Stored<T>>);

impl<T> Default for Rows<T> {
    fn default() -> Rows<T> {
        Rows(Vec::new())
    }
}

impl<T> Index<usize> for Rows<T> {
    type Output = T;

    fn index(&self, id: usize) -> &T {
        &self.0[id].row
    }
}

impl<T: Clone + PartialEq + Retire> Rows<T> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &T)> + Clone {
        self.0.iter().map(|stored| &stored.row).enumerate()
    }

    pub fn add(&mut self, row: T, stamp: Stamp) -> usize {
        self.0.push(Stored { row, moved: stamp });
        self.0.len() - 1
    }

    /// A change that changes nothing moves nothing.
    pub fn change(&mut self, id: usize, stamp: Stamp, edit: impl FnOnce(&mut T)) {
        let before = self.0[id].row.clone();
        edit(&mut self.0[id].row);
        if self.0[id].row != before {
            self.0[id].moved = stamp;
        }
    }

    pub fn moved_at(&self, id: usize) -> Micros {
        self.0[id].moved.at
    }

    /// The rows whose last move was this operation's.
    pub fn moved_by(&self, operation: usize) -> Vec<usize> {
        (0..self.0.len()).filter(|id| self.is_moved_by(*id, operation)).collect()
    }

    pub fn is_moved_by(&self, id: usize, operation: usize) -> bool {
        self.0[id].moved.operation == operation
    }

    /// Whether a row is as it was in another world.
    pub fn is_as_in(&self, id: usize, other: &Rows<T>) -> bool {
        other.0.get(id).is_some_and(|then| then.row == self.0[id].row)
    }

    /// Retires the rows that an operation made, then puts back those that it moved; what gets inactive goes first. Rows
    /// that are not as it left them and rows that may not come back stay as they are.
    pub fn take_back(&mut self, undone: Span<T>, stamp: Stamp, may: impl Fn(&Rows<T>, usize) -> bool) -> Taken {
        let mut taken = Taken::default();
        let before = &undone.before.0;
        let mut ids = undone.after.moved_by(undone.operation);
        ids.sort_by_key(|id| before.get(*id).is_some_and(|old| old.row.is_active()));
        for id in ids {
            if !self.is_as_in(id, undone.after) || !may(self, id) {
                taken.left_alone += 1;
                continue;
            }
            taken.back.push(id);
            self.change(id, stamp, |row| match before.get(id) {
                Some(old) => *row = old.row.clone(),
                None => row.retire(),
            });
        }
        taken
    }
}

/// A table as it was before and after an operation.
pub struct Span<'a, T> {
    pub operation: usize,
    pub before: &'a Rows<T>,
    pub after: &'a Rows<T>,
}

/// What an undo did to a table.
#[derive(Debug, Default)]
pub struct Taken {
    pub back: Vec<usize>,
    pub left_alone: usize,
}
