//! The rows in memory: a window of a few screens on a listing of any length.
//!
//! It grows at the edge that the cursor comes near and is trimmed at the other, so that ten million rows need no more memory
//! than a hundred. It does not read: [`super::pane`] asks for pages and hands them over. A row is known by its id; its place
//! in the window is only where it stands now.

use std::collections::VecDeque;

use crate::model::query::{Count, Cursor, Page};
use crate::model::{Field, Row, Value};

/// Rows kept, in screens.
const SCREENS: usize = 6;

/// The two ends of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    Before,
    After,
}

#[derive(Debug, Default)]
pub struct Window {
    rows: VecDeque<(Row, Cursor)>,
    /// The first row on the screen, and the one under the cursor.
    top: usize,
    at: usize,
    more_before: bool,
    more_after: bool,
    /// The number of the window's first row in the listing, from 1, where that is known.
    first: Option<i64>,
    /// That number was reckoned from the end, and a newer count changes it.
    reckoned: bool,
    /// The row under the cursor is shown although it is no longer listed.
    left: bool,
}

impl Window {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn selected(&self) -> Option<&Row> {
        self.rows.get(self.at).map(|(row, _)| row)
    }

    /// A copy of the row under the cursor with its place, to compare with what is read in its stead.
    pub fn copy_of_selected(&self) -> Option<(Row, Cursor)> {
        self.rows.get(self.at).cloned()
    }

    /// The id and the place of the row under the cursor.
    pub fn place(&self) -> Option<(i64, Cursor)> {
        self.rows.get(self.at).map(|(row, cursor)| (row.id, cursor.clone()))
    }

    /// Whether the first row of the listing is the first one on the screen.
    pub fn is_at_beginning(&self) -> bool {
        !self.more_before && self.top == 0
    }

    /// How far below the top of the screen the cursor stands.
    pub fn line(&self) -> usize {
        self.at.saturating_sub(self.top)
    }

    /// The rows on the screen, and whether each is the one under the cursor.
    pub fn visible(&self, height: usize) -> impl Iterator<Item = (&Row, bool)> {
        let rows = self.rows.iter().enumerate().skip(self.top).take(height);
        rows.map(|(at, (row, _))| (row, at == self.at))
    }

    /// The rows in memory.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().map(|(row, _)| row)
    }

    /// The bytes of the longest text that a row in memory has in a field: cells, where it is a name.
    pub fn longest(&self, field: &Field) -> usize {
        let Some((row, _)) = self.rows.front() else { return 0 };
        let at = row.table.fields().iter().position(|other| other.name == field.name);
        let value = |row: &Row| match at.and_then(|at| row.values.get(at)) {
            Some(Value::Text(text) | Value::Link(_, text)) => text.len(),
            _ => 0,
        };
        self.rows.iter().map(|(row, _)| value(row)).max().unwrap_or(0)
    }

    /// The number of the row under the cursor in the whole listing, where it is known.
    pub fn number(&self) -> Option<i64> {
        self.first.filter(|_| !self.left).map(|first| first + self.at as i64)
    }

    /// How many of the rows in memory are listed.
    fn listed(&self) -> i64 {
        self.rows.len() as i64 - i64::from(self.left)
    }

    /// The rows of the listing, where the window has seen both of its ends.
    pub fn whole(&self) -> Option<Count> {
        let whole = !self.more_before && !self.more_after;
        whole.then_some(Count { n: self.listed(), exact: true })
    }

    /// Takes the first page of a listing.
    pub fn show_first(&mut self, page: Page) {
        *self = Window { more_after: page.more, first: Some(1), ..Window::default() };
        self.rows = pairs(page).collect();
    }

    /// Takes the last page of a listing, with the cursor on its last row.
    pub fn show_last(&mut self, page: Page, height: usize) {
        *self = Window { more_before: page.more, ..Window::default() };
        self.first = (!page.more).then_some(1);
        self.rows = pairs(page).collect();
        self.at = self.rows.len().saturating_sub(1);
        self.scroll(height);
    }

    /// Takes the rows around one row, with the cursor on it and so many lines above it as there were; `number` is that
    /// row's, where it is known.
    pub fn show_around(&mut self, before: Page, from: Page, number: Option<i64>, line: usize, height: usize) {
        *self = Window { more_before: before.more, more_after: from.more, ..Window::default() };
        self.at = before.rows.len();
        self.first = match number {
            _ if !before.more => Some(1),
            number => number.map(|number| number - self.at as i64),
        };
        self.top = self.at.saturating_sub(line);
        self.rows = pairs(before).chain(pairs(from)).collect();
        self.at = self.at.min(self.rows.len().saturating_sub(1));
        self.scroll(height);
    }

    /// Keeps a row under the cursor that is no longer listed, until the cursor moves.
    pub fn keep(&mut self, row: Row, place: Cursor, height: usize) {
        self.rows.insert(self.at, (row, place));
        self.left = true;
        self.scroll(height);
    }

    /// The cursor leaves its row: one that was only kept there is gone.
    fn leave(&mut self, kept: usize) {
        if self.at == kept || !std::mem::take(&mut self.left) {
            return;
        }
        self.rows.remove(kept);
        for place in [&mut self.at, &mut self.top] {
            *place -= usize::from(*place > kept);
        }
    }

    /// By how many rows the cursor stands behind a row in memory, or before it.
    pub fn moved_from(&self, id: i64) -> Option<isize> {
        let from = self.rows.iter().position(|(row, _)| row.id == id)?;
        Some(self.at as isize - from as isize)
    }

    /// Adds the rows after the window.
    pub fn append(&mut self, page: Page, height: usize) {
        self.more_after = page.more;
        self.rows.extend(pairs(page));
        let surplus = self.rows.len().saturating_sub(height.max(1) * SCREENS).min(self.top);
        self.rows.drain(..surplus);
        self.more_before |= surplus > 0;
        self.top -= surplus;
        self.at -= surplus;
        self.first = self.first.map(|first| first + surplus as i64);
    }

    /// Adds the rows before the window.
    pub fn prepend(&mut self, page: Page, height: usize) {
        let added = page.rows.len();
        self.more_before = page.more;
        pairs(page).rev().for_each(|pair| self.rows.push_front(pair));
        self.top += added;
        self.at += added;
        self.first = match self.first {
            _ if !self.more_before => Some(1),
            first => first.map(|first| first - added as i64),
        };
        let keep = (height.max(1) * SCREENS).max(self.top + height).max(self.at + 1);
        self.more_after |= self.rows.len() > keep;
        self.rows.truncate(keep);
    }

    /// Learns how long the listing is: a window at its end then knows where it stands.
    pub fn counted(&mut self, count: Count) {
        if !self.more_after && count.exact && (self.first.is_none() || self.reckoned) {
            self.first = Some(count.n - self.listed() + 1).filter(|first| *first >= 1);
            self.reckoned = true;
        }
    }

    /// Moves the cursor to the first or last row in memory.
    pub fn end(&mut self, edge: Edge, height: usize) {
        self.step(if edge == Edge::Before { isize::MIN } else { isize::MAX }, height);
    }

    /// The ids from a row to the one under the cursor, both included, in whichever direction; none if the row is not here.
    pub fn ids_from(&self, id: i64) -> Option<Vec<i64>> {
        let from = self.rows.iter().position(|(row, _)| row.id == id)?;
        let (low, high) = (from.min(self.at), from.max(self.at));
        Some(self.rows.range(low..=high).map(|(row, _)| row.id).collect())
    }

    /// Moves the cursor by so many rows, as far as the window goes. Answers by how many it could not move although the
    /// listing goes on there.
    pub fn step(&mut self, rows: isize, height: usize) -> isize {
        let left = self.go(rows);
        self.scroll(height);
        left
    }

    /// Moves the screen and the cursor by a page; answers as [`Window::step`] does.
    pub fn page(&mut self, down: bool, height: usize) -> isize {
        let step = height.saturating_sub(1).max(1) as isize;
        let line = self.line();
        let left = self.go(if down { step } else { -step });
        self.top = self.at.saturating_sub(line);
        self.scroll(height);
        left
    }

    fn go(&mut self, rows: isize) -> isize {
        let before = self.at;
        self.at = self.at.saturating_add_signed(rows).min(self.rows.len().saturating_sub(1));
        let goes_on = if rows > 0 { self.more_after } else { self.more_before };
        let left = if goes_on { rows - (self.at as isize - before as isize) } else { 0 };
        self.leave(before);
        left
    }

    /// Moves the cursor to the listing's first or last row, if the window holds it.
    pub fn jump(&mut self, edge: Edge, height: usize) -> bool {
        let (here, target) = match edge {
            Edge::Before => (!self.more_before, 0),
            Edge::After => (!self.more_after, self.rows.len().saturating_sub(1)),
        };
        if here {
            let before = std::mem::replace(&mut self.at, target);
            self.leave(before);
            self.scroll(height);
        }
        here
    }

    /// Keeps the cursor on the screen, and the screen filled.
    pub fn scroll(&mut self, height: usize) {
        let height = height.max(1);
        let lowest = self.rows.len().saturating_sub(height);
        self.top = self.top.min(self.at).max(self.at.saturating_sub(height - 1)).min(lowest);
    }

    /// The edge that the screen comes near and beyond which there is more, with the place to read on from.
    pub fn wants(&self, height: usize) -> Option<(Edge, Cursor)> {
        let below = self.rows.len().saturating_sub(self.top + height);
        if self.more_after && below < height {
            return self.rows.back().map(|(_, cursor)| (Edge::After, cursor.clone()));
        }
        if self.more_before && self.top < height {
            return self.rows.front().map(|(_, cursor)| (Edge::Before, cursor.clone()));
        }
        None
    }
}

fn pairs(page: Page) -> impl DoubleEndedIterator<Item = (Row, Cursor)> {
    page.rows.into_iter().zip(page.cursors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Table;

    fn page(ids: std::ops::Range<i64>, more: bool) -> Page {
        let rows = ids.clone().map(|id| Row { table: Table::SyncItems, id, values: Vec::new() }).collect();
        Page { rows, cursors: ids.map(|id| Cursor { keys: Vec::new(), id }).collect(), more }
    }

    fn id(window: &Window) -> i64 {
        window.selected().map_or(0, |row| row.id)
    }

    #[test]
    fn the_window_follows_the_cursor_through_a_long_listing_and_back() {
        let mut window = Window::default();
        window.show_first(page(1..31, true));
        for _ in 0..500 {
            window.step(1, 10);
            if let Some((Edge::After, cursor)) = window.wants(10) {
                window.append(page(cursor.id + 1..cursor.id + 21, cursor.id + 21 < 1000), 10);
            }
        }
        assert_eq!((id(&window), window.number()), (501, Some(501)));
        assert!(window.rows.len() <= 80);
        for _ in 0..500 {
            window.step(-1, 10);
            if let Some((Edge::Before, cursor)) = window.wants(10) {
                window.prepend(page((cursor.id - 20).max(1)..cursor.id, cursor.id > 21), 10);
            }
        }
        assert_eq!((id(&window), window.number()), (1, Some(1)));
        assert!(window.rows.len() <= 80);
    }

    #[test]
    fn a_row_that_left_the_listing_stays_under_the_cursor_until_it_moves() {
        for (by, there) in [(1, 101), (-1, 99), (7, 107)] {
            let mut window = Window::default();
            window.show_around(page(80..100, false), page(101..130, false), Some(21), 4, 10);
            let cursor = Cursor { keys: Vec::new(), id: 100 };
            window.keep(Row { table: Table::SyncItems, id: 100, values: Vec::new() }, cursor, 10);
            assert_eq!((id(&window), window.number(), window.line()), (100, None, 4));
            assert_eq!(window.whole().map(|whole| whole.n), Some(49));
            // Where it cannot move, it stays.
            window.step(0, 10);
            assert_eq!(id(&window), 100);
            window.step(by, 10);
            assert_eq!(id(&window), there);
            let number = if there < 100 { there - 79 } else { there - 80 };
            assert_eq!((window.number(), window.whole().map(|whole| whole.n)), (Some(number), Some(49)));
            assert!(!window.visible(100).any(|(row, _)| row.id == 100));
        }
    }

    #[test]
    fn rows_around_one_row_keep_it_where_it_was_on_the_screen() {
        let mut window = Window::default();
        window.show_around(page(80..100, true), page(100..130, true), None, 4, 10);
        assert_eq!((id(&window), window.line(), window.number()), (100, 4, None));
        window.show_around(page(1..3, false), page(3..30, true), None, 4, 10);
        assert_eq!((id(&window), window.line(), window.number()), (3, 2, Some(3)));
        window.show_around(page(80..100, true), page(100..130, true), Some(700), 4, 10);
        assert_eq!((id(&window), window.number()), (100, Some(700)));
    }

    #[test]
    fn the_last_page_is_numbered_once_the_rows_are_counted() {
        let mut window = Window::default();
        window.show_last(page(71..101, true), 10);
        assert_eq!((id(&window), window.number()), (100, None));
        window.counted(Count { n: 100, exact: true });
        assert_eq!(window.number(), Some(100));
        window.counted(Count { n: 90, exact: true });
        assert_eq!(window.number(), Some(90));
    }

    #[test]
    fn an_empty_listing_is_no_trouble() {
        let mut window = Window::default();
        window.show_first(Page::default());
        window.step(5, 10);
        window.page(false, 0);
        assert!(window.selected().is_none() && window.wants(10).is_none() && window.jump(Edge::After, 3));
        assert_eq!(window.whole(), Some(Count { n: 0, exact: true }));
    }
}
