//! Marks: rows by hand, by range, or all that match by a rule.

use std::collections::BTreeSet;

use super::desk::Desk;
use super::pane::Pane;
use super::read::Chosen;
use super::window::Edge;
use crate::engine::Rows;
use crate::model::Row;
use crate::model::filter::Filter;
use crate::model::query::Query;

/// Which rows a bulk action is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Marks {
    #[default]
    None,
    Ids(BTreeSet<i64>),
    /// All that match a filter, whenever they are asked for: never a list of ten million ids.
    Rule(String),
}

/// How far a range is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
}

/// A range that is being drawn: the row where it began, and what was marked before.
#[derive(Debug)]
pub(super) struct Range {
    anchor: i64,
    before: BTreeSet<i64>,
}

impl Pane {
    /// The rows that a bulk action is for: the marked ones, else all that match.
    pub fn chosen(&self) -> Rows {
        match &self.marks {
            Marks::None => Rows::Filter(self.listing.text().into()),
            Marks::Ids(ids) => Rows::Ids(ids.iter().copied().collect()),
            Marks::Rule(filter) => Rows::Filter(filter.clone()),
        }
    }

    /// The rows that leave the workbench: the marked ones, else what is listed.
    pub fn taken(&self) -> Chosen {
        let query = self.listing.query();
        match &self.marks {
            Marks::None => Chosen { query, ids: None },
            Marks::Ids(ids) => Chosen { query, ids: Some(ids.iter().copied().collect()) },
            Marks::Rule(filter) => {
                // A rule was a filter that could be read when it was made.
                let filter = Filter::parse(self.spec.table, filter).unwrap_or_else(|_| query.filter.clone());
                Chosen { query: Query { filter, ..query }, ids: None }
            }
        }
    }

    /// The first of the rows in memory that is marked, the one under the cursor before all others.
    pub fn first_marked(&self) -> Option<&Row> {
        let here = self.selected().filter(|row| self.is_marked(row));
        here.or_else(|| self.window.rows().find(|row| self.is_marked(row)))
    }

    /// What was done to these rows is done: they are marked no more.
    pub fn acted_on(&mut self, rows: &Rows) {
        if self.marks != Marks::None && self.chosen() == *rows {
            self.marks = Marks::None;
        }
    }

    pub fn is_marked(&self, row: &Row) -> bool {
        match &self.marks {
            Marks::None => false,
            Marks::Ids(ids) => ids.contains(&row.id),
            Marks::Rule(filter) => filter == self.listing.text(),
        }
    }

    /// Takes the rows that are marked one by one; a rule is none of them.
    fn take_ids(&mut self) -> BTreeSet<i64> {
        match std::mem::take(&mut self.marks) {
            Marks::Ids(ids) => ids,
            Marks::None | Marks::Rule(_) => BTreeSet::new(),
        }
    }

    fn mark_ids(&mut self, ids: BTreeSet<i64>) {
        self.marks = if ids.is_empty() { Marks::None } else { Marks::Ids(ids) };
    }

    pub fn toggle_mark(&mut self) {
        let Some(id) = self.selected().map(|row| row.id) else { return };
        let mut ids = self.take_ids();
        if !ids.remove(&id) {
            ids.insert(id);
        }
        self.mark_ids(ids);
    }

    /// Moves the cursor within the rows in memory and marks all from where the range began; going back unmarks again.
    pub fn reach(&mut self, reach: Reach, desk: &mut Desk, height: usize) {
        let Some(here) = self.selected().map(|row| row.id) else { return };
        let ids = self.take_ids();
        let range = self.range.take().unwrap_or_else(|| Range { anchor: here, before: ids.clone() });
        // A range ends where the rows in memory end.
        match reach {
            Reach::Down | Reach::Up => {
                self.window.step(if reach == Reach::Down { 1 } else { -1 }, height);
            }
            Reach::PageDown | Reach::PageUp => {
                self.window.page(reach == Reach::PageDown, height);
            }
            Reach::First => self.window.end(Edge::Before, height),
            Reach::Last => self.window.end(Edge::After, height),
        }
        let marked: BTreeSet<i64> = match self.window.ids_from(range.anchor) {
            Some(between) => range.before.iter().copied().chain(between).collect(),
            // Where the range began is no longer in memory: what it took in stays.
            None => ids.into_iter().chain(self.window.ids_from(here).unwrap_or_default()).collect(),
        };
        self.mark_ids(marked);
        self.range = Some(range);
        self.fill(desk, height);
    }

    /// The next range begins anew.
    pub fn end_range(&mut self) {
        self.range = None;
    }
}
