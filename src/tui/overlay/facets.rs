//! The values of a column with how many rows hold each; Enter keeps the rows with one of them, and Left and Right go to
//! another column.

use crossterm::event::KeyEvent;
use ratatui::layout::Position;

use super::{Hint, Overlay, Picked, Spoken, Step, choose, entry_at, scrolled};
use crate::model::text::{counted, grouped};
use crate::model::{Field, Kind, shown};
use crate::tui::cut;
use crate::tui::desk::{Desk, Effect};
use crate::tui::layout::{self, Areas};
use crate::tui::listing::{Listing, shown_condition};
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::pane::Pane;
use crate::tui::read::{Answer, FACET_ROWS, FACETS, Request, Slot};
use crate::tui::theme::Role;

#[derive(Debug)]
pub struct Facets {
    listing: Listing,
    /// The columns that have values to count: a name or an id is each row's own.
    fields: Vec<&'static Field>,
    column: usize,
    asked: Option<u64>,
    /// The values, most frequent first, and the rows that were looked at.
    values: Vec<(String, i64)>,
    rows: i64,
    at: usize,
}

impl Facets {
    /// Counts the values of the column with the cursor; where that has none to count, the states of the rows.
    pub fn open(pane: &Pane, desk: &mut Desk) -> Option<Facets> {
        let table = pane.spec.table;
        let state = table.field(table.state_field());
        let mut fields: Vec<&Field> = pane.columns.shown().iter().map(|column| column.field).collect();
        fields.retain(|field| !field.looked_up && !matches!(field.kind, Kind::Name | Kind::Guid));
        let place = |field: &Field| fields.iter().position(|known| known.name == field.name);
        let column = match pane.field().and_then(place).or_else(|| state.and_then(place)) {
            Some(column) => column,
            None => {
                fields.insert(0, state?);
                0
            }
        };
        let listing = pane.listing.clone();
        let mut facets = Facets { listing, fields, column, asked: None, values: Vec::new(), rows: 0, at: 0 };
        facets.count(desk);
        Some(facets)
    }

    fn field(&self) -> &'static Field {
        self.fields[self.column]
    }

    fn count(&mut self, desk: &mut Desk) {
        (self.values, self.rows, self.at) = (Vec::new(), 0, 0);
        let request = Request::Facets { query: self.listing.query(), field: self.field() };
        self.asked = Some(desk.ask(Slot::Facets, request));
    }

    fn turn(&mut self, right: bool, desk: &mut Desk) -> Step {
        let next = if right { self.column + 1 } else { self.column.wrapping_sub(1) };
        if next < self.fields.len() {
            self.column = next;
            self.count(desk);
        }
        Step::Stay
    }

    /// Lists the rows with the chosen value, or without it.
    fn narrow(&self, keep: bool) -> Step {
        let Some((value, _)) = self.values.get(self.at) else { return Step::Stay };
        let mut listing = self.listing.clone();
        match listing.set_filter(&self.listing.with(&shown_condition(self.field(), value, keep))) {
            Ok(()) => Step::List(listing),
            Err(_) => Step::Stay,
        }
    }

    fn leave(&self, desk: &mut Desk) -> Step {
        if self.asked.is_some() {
            desk.push(Effect::StopReading(Some(Slot::Facets)));
        }
        Step::Close
    }

    /// What was looked at, as far as it is not everything.
    fn remark(&self) -> String {
        let values = match self.values.len() {
            FACETS => format!("the {FACETS} most frequent values"),
            n => counted(n as i64, "value"),
        };
        let first = if self.rows == FACET_ROWS { "the first " } else { "" };
        format!("{values} in {first}{}", counted(self.rows, "row"))
    }
}

impl Overlay for Facets {
    fn title(&self) -> String {
        match self.asked {
            Some(_) => format!("Values of {}: counting… (Esc stops)", self.field().title),
            None => format!("Values of {}: {}", self.field().title, self.remark()),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        vec![
            ("Up/Down", "choose"),
            ("Left/Right", "column"),
            ("Enter", "keep this value"),
            ("!", "leave it out"),
            ("Esc", "close"),
        ]
    }

    fn keys(&self) -> Option<Over> {
        Some(Over::Facets)
    }

    fn click(&mut self, at: Position, areas: &Areas, _desk: &mut Desk) -> Step {
        self.at = entry_at(at, areas.content, self.at, self.values.len()).unwrap_or(self.at);
        Step::Stay
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        if choose(name, &mut self.at, self.values.len()) {
            return Step::Stay;
        }
        match name {
            "Left" | "h" => self.turn(false, desk),
            "Right" | "l" => self.turn(true, desk),
            "Enter" | "=" => self.narrow(true),
            "!" => self.narrow(false),
            "Esc" | "Backspace" | "q" => self.leave(desk),
            _ => Step::Stay,
        }
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        self.asked = None;
        if let Answer::Facets(facets) = answer {
            (self.values, self.rows) = (facets.values, facets.rows);
        }
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let line = |(value, n): &(String, i64)| match value.as_str() {
            "" => format!("(empty): {}", counted(*n, "row")),
            value => format!("{}: {}", shown(value), counted(*n, "row")),
        };
        let about = vec!["A number keeps the rows with that value.".to_string()];
        Some(Spoken { about, choices: self.values.iter().map(line).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        let there = at < self.values.len();
        self.at = if there { at } else { self.at };
        if there { Picked::Press } else { Picked::Nothing }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        const BAR: i64 = 20;
        let height = usize::from(areas.content.height);
        let most = self.values.iter().map(|(_, n)| *n).max().unwrap_or_default().max(1);
        let room = usize::from(areas.content.width).saturating_sub(14 + BAR as usize + 3);
        let values = self.values.iter().enumerate().skip(scrolled(self.at, height)).take(height);
        for (line, (at, (value, n))) in (0..).zip(values) {
            let area = layout::line(areas.content, line);
            let pointer = if at == self.at { '>' } else { ' ' };
            let value = if value.is_empty() { "(empty)" } else { value };
            let bar = "#".repeat((n * BAR / most).max(1) as usize);
            let text = format!("{pointer} {} {:>12} ", cut::fit(value, room), grouped(*n));
            let x = paint.put_at(area, area.x, &text, Role::Plain);
            paint.put_at(area, x, &bar, Role::Quiet);
            if at == self.at {
                paint.tint(area, Role::Selected);
            }
        }
    }
}
