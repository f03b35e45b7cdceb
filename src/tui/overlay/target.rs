//! One target record: each field's current value, where it came from and how it stands.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Step, choose, scrolled};
use crate::model::filter::{Filter, quoted};
use crate::model::query::{Position, Query, Sort};
use crate::model::{Row, Table, shown};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::{Paint, Span};
use crate::tui::panes::Target as Rows;
use crate::tui::read::{Answer, Request, Slot};
use crate::tui::state_mark;
use crate::tui::theme::Role;

/// Fields that are shown; records have tens.
const FIELDS: usize = 1_000;
const FIELD: usize = 20;

#[derive(Debug)]
pub struct Target {
    /// What the record is called: the identifier's key, and the table and id that it stands for.
    name: String,
    asked: Option<u64>,
    entries: Vec<Row>,
    at: usize,
}

impl Target {
    /// The record that an identifier stands for.
    pub fn open(identifier: &Row, desk: &mut Desk) -> Target {
        let (table, id) = (identifier.text("target_table"), identifier.text("target_id"));
        let filter = format!("is:current target:{} table:{}", quoted(id), quoted(table));
        let query = Query {
            table: Table::Ledger,
            filter: Filter::parse(Table::Ledger, &filter).unwrap_or_default(),
            sort: Sort::parse(Table::Ledger, "aspect_key").unwrap_or(Sort::OLDEST),
        };
        let request = Request::Page { query, position: Position::First, limit: FIELDS };
        let asked = Some(desk.ask(Slot::Overlay, request));
        let name = format!("{} {}, {}", shown(table), shown(identifier.text("external_key")), shown(id));
        Target { name, asked, entries: Vec::new(), at: 0 }
    }

    fn entry(&self) -> Step {
        let target = |row: &Row| Step::Go(Table::Ledger, Rows::Row(row.id, row.name().into()));
        self.entries.get(self.at).map_or(Step::Stay, target)
    }
}

fn spans(row: &Row, chosen: bool, width: usize, desk: &Desk) -> Vec<Span> {
    const AFTER: usize = 11 + 11 + 17;
    let (mark, role) = state_mark::of(row);
    let show = |name: &str, cells: usize| format!("{} ", cut::fit(&desk.zone.display(row, name), cells));
    vec![
        (if chosen { "> " } else { "  " }.into(), Role::Plain),
        (format!("{mark} "), role),
        (show("aspect_key", FIELD), Role::Quiet),
        (show("value", width.saturating_sub(5 + FIELD + 1 + AFTER)), Role::Plain),
        (show("source_system_key", 10), Role::Plain),
        (show("ledger_status", 10), role),
        (show("created_on", 16), Role::Quiet),
    ]
}

impl Overlay for Target {
    fn title(&self) -> String {
        format!("Record {}", self.name)
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Up/Down", "choose"), ("Enter", "open the ledger entry"), ("Esc", "close")]
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        let moved = match name {
            "k" => "Up",
            "j" => "Down",
            name => name,
        };
        if choose(moved, &mut self.at, self.entries.len()) {
            return Step::Stay;
        }
        match name {
            "Enter" => self.entry(),
            "Esc" | "Backspace" | "q" => Step::Close,
            _ => Step::Stay,
        }
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        self.asked = None;
        if let Answer::Page(page) = answer {
            self.entries = page.rows;
        }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk) {
        if self.entries.is_empty() {
            let text = if self.asked.is_some() { " reading…" } else { " No value of this record is in force yet." };
            paint.put(areas.content, text, Role::Quiet);
        }
        let height = usize::from(areas.content.height);
        let entries = self.entries.iter().enumerate().skip(scrolled(self.at, height)).take(height);
        for (line, (at, row)) in (0..).zip(entries) {
            let area = layout::line(areas.content, line);
            paint.spans(area, &spans(row, at == self.at, area.width.into(), desk));
            if at == self.at {
                paint.tint(area, Role::Selected);
            }
        }
    }
}
