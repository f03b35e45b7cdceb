//! The row under the cursor is held there when others change it: a key falls on what was on the screen, and on nothing that
//! took its place without a word.

use super::pane::Pane;
use super::state_mark;
use crate::model::Row;
use crate::model::query::Cursor;

impl Pane {
    /// What others did to a row is told until the cursor moves on.
    pub(super) fn forget_left_behind(&mut self) {
        if self.changed().is_none() {
            self.changed = None;
        }
    }

    /// What somebody else did to the row under the cursor since it came there, as visible text: no key acts on it until the
    /// cursor moves.
    pub fn changed(&self) -> Option<&str> {
        let (id, what) = self.changed.as_ref()?;
        self.selected().filter(|row| row.id == *id).map(|_| what.as_str())
    }

    /// Keeps the row that was under the cursor there, whatever others did to it. Answers what they did, where they did.
    pub(super) fn kept(
        &mut self,
        (was, place): (Row, Cursor),
        left: Option<Row>,
        height: usize,
    ) -> Option<(i64, String)> {
        let before = self.changed.take().filter(|(id, _)| *id == was.id);
        let now = match self.window.selected() {
            Some(row) if row.id == was.id => row.clone(),
            // Whoever moved on meanwhile is where the neighbours are.
            _ => {
                let now = left.filter(|row| row.id == was.id).unwrap_or_else(|| was.clone());
                self.window.keep(now.clone(), place, height);
                return Some((was.id, state_mark::became(&was, &now)));
            }
        };
        match now.int("row_version") == was.int("row_version") {
            true => before,
            false => Some((was.id, state_mark::became(&was, &now))),
        }
    }
}
