//! The rows of an operation: what it made of each. Enter leads to one.

use crossterm::event::KeyEvent;
use ratatui::layout::Position;

use super::split::{Part, Split};
use super::{Hint, Overlay, Picked, Spoken, Step, hand};
use crate::model::text::grouped;
use crate::model::{field_title, logged_value, shown};
use crate::store::{OperationRow, Touched};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::Areas;
use crate::tui::paint::{Paint, Span};
use crate::tui::panes::Target;
use crate::tui::read::{Answer, Request, Slot, TOUCHED};
use crate::tui::theme::Role;

/// Cells of a row's name and of a field's title; lines of one text.
const NAME: usize = 13;
const LABEL: usize = 20;
const LINES: usize = 20;

#[derive(Debug)]
pub struct Rows {
    operation: OperationRow,
    rows: Vec<Touched>,
    split: Split,
    asked: Option<u64>,
}

impl Rows {
    pub fn open(operation: OperationRow, desk: &mut Desk) -> Rows {
        let asked = Some(desk.ask(Slot::Field, Request::Touched(operation.seq)));
        Rows { operation, rows: Vec::new(), split: Split::default(), asked }
    }

    fn here(&self) -> Option<&Touched> {
        self.rows.get(self.split.at)
    }

    fn lines(&self, width: usize) -> Vec<Vec<Span>> {
        let Some(row) = self.here() else { return Vec::new() };
        let mut lines = Vec::new();
        let mut put = |label: &str, text: &str| {
            let mut label = label.to_string();
            for text in cut::wrapped_shown(text, width.saturating_sub(LABEL + 3), LINES) {
                lines.push(vec![(format!(" {label:<LABEL$} "), Role::Quiet), (text, Role::Plain)]);
                label.clear();
            }
        };
        if let Some(about) = &row.about {
            put("Now", &shown(about));
        }
        for (field, was, is) in row.changes.iter().flatten() {
            let value = |value| logged_value(Some(row.table), field, value);
            put(field_title(Some(row.table), field), &shown(&format!("{} → {}", value(was), value(is))));
        }
        if row.changes.is_none() {
            put("Made", "It did not exist before.");
        }
        lines
    }

    fn line(&self, at: usize, width: usize) -> Vec<Span> {
        let Some(row) = self.rows.get(at) else { return Vec::new() };
        let pointer = if at == self.split.at { ">" } else { " " };
        let rest = width.saturating_sub(NAME + 3);
        vec![
            (format!("{pointer} {} ", cut::fit(&row.table.row_name(row.id), NAME)), Role::Plain),
            (cut::cut(&told(row), rest).into_owned(), Role::Plain),
        ]
    }
}

/// A row in one line: what it is, and what became of it.
fn told(row: &Touched) -> String {
    let change = |(field, was, is): &(String, serde_json::Value, serde_json::Value)| {
        let value = |value| logged_value(Some(row.table), field, value);
        format!("{} {} → {}", field_title(Some(row.table), field), value(was), value(is))
    };
    let became = match &row.changes {
        Some(changes) => changes.iter().map(change).collect::<Vec<_>>().join("; "),
        None => "made".into(),
    };
    match &row.about {
        Some(about) => format!("{about}: {became}"),
        None => became,
    }
}

impl Overlay for Rows {
    fn title(&self) -> String {
        let all = self.operation.created + self.operation.changed;
        let some =
            if self.rows.len() == TOUCHED { format!(", the first {}", grouped(TOUCHED as i64)) } else { String::new() };
        format!("Operation {}: {} rows{some}", self.operation.seq, grouped(all))
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = match self.split.part {
            Part::List => vec![("Up/Down", "row"), ("Tab", "what changed")],
            Part::Detail => vec![("Up/Down", "scroll"), ("Tab", "rows")],
        };
        hints.extend(self.here().map(|_| ("Enter", "go to it")));
        hints.push(("Esc", "back"));
        hints
    }

    fn click(&mut self, at: Position, areas: &Areas, _desk: &mut Desk) -> Step {
        self.split.click(at, areas, self.rows.len());
        Step::Stay
    }

    fn wheel(&mut self, at: Position, down: bool, desk: &mut Desk) -> bool {
        let mut split = std::mem::take(&mut self.split);
        let took = split.wheel(at, down, self.rows.len(), |width| self.lines(width).len(), desk);
        self.split = split;
        took
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match (name, self.here()) {
            ("Esc" | "Backspace" | "q", _) => return Step::Close,
            ("Enter", Some(row)) => return Step::Go(row.table, Target::Row(row.id, row.table.row_name(row.id))),
            _ => {
                let mut split = std::mem::take(&mut self.split);
                split.key(name, self.rows.len(), |width| self.lines(width).len(), desk);
                self.split = split;
            }
        }
        Step::Stay
    }

    fn at_hand(&self) -> Option<u64> {
        hand(&self.rows)
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        if let Answer::Touched(rows) = answer {
            self.asked = None;
            self.split.place(None, rows.len());
            self.rows = rows;
        }
    }

    fn missed(&mut self, ticket: u64) {
        self.asked.take_if(|asked| *asked == ticket);
    }

    fn stays(&self) -> bool {
        true
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let text = |spans: Vec<Span>| spans.into_iter().map(|(text, _)| text).collect::<String>();
        let about = self.lines(2_000).into_iter().map(text).collect();
        let row = |row: &Touched| format!("{}: {}", row.table.row_name(row.id), shown(&told(row)));
        Some(Spoken { about, choices: self.rows.iter().map(row).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        if at >= self.rows.len() {
            return Picked::Nothing;
        }
        self.split.go_to(at);
        Picked::Chosen
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let parts = Split::areas(areas.content, self.rows.len());
        let heading = format!("  {} What became of it", cut::fit("Row", NAME));
        self.split.draw_list(paint, &parts, &heading, self.rows.len(), |at, width| self.line(at, width));
        if self.rows.is_empty() {
            let text = if self.asked.is_some() { " reading…" } else { " It changed no row of the six tables." };
            paint.put(parts.list, text, Role::Quiet);
        }
        let heading = self.here().map(|row| row.table.row_name(row.id)).unwrap_or_default();
        self.split.draw_detail(paint, &parts, &heading, |width| self.lines(width));
    }
}
