//! One row in full: every field with its whole text.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Step};
use crate::model::{Field, Row, shown};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Paint;
use crate::tui::panes::PaneSpec;
use crate::tui::theme::Role;

/// Lines of one field that are shown; the command line's `show` prints any value whole.
const FIELD_LINES: usize = 400;
const LABEL: usize = 24;

#[derive(Debug)]
pub struct Full {
    row: Row,
    /// The pane's detail first, then what the table has besides.
    fields: Vec<&'static Field>,
    top: usize,
}

impl Full {
    pub fn new(spec: &PaneSpec, row: Row) -> Full {
        Full { row, fields: spec.fields().collect(), top: 0 }
    }

    /// The fields as lines of label and text.
    fn lines(&self, width: usize, desk: &Desk) -> Vec<(String, String)> {
        let cells = width.saturating_sub(LABEL + 2);
        let mut lines = Vec::new();
        for field in &self.fields {
            let text = desk.zone.display(&self.row, field.name);
            let mut label = field.title;
            let wrapped = cut::wrapped(&text, cells, FIELD_LINES);
            for line in if wrapped.is_empty() { vec![String::new()] } else { wrapped } {
                lines.push((label.to_string(), line));
                label = "";
            }
        }
        lines
    }
}

impl Overlay for Full {
    fn title(&self) -> String {
        format!("{} {}, in full", self.row.table.info().one, shown(self.row.name()))
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Up/Down", "scroll"), ("PgUp/PgDn", "page"), ("Esc", "close")]
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" | "Enter" | "Backspace" | "q" => return Step::Close,
            "Up" | "k" => self.top = self.top.saturating_sub(1),
            "Down" | "j" => self.top = self.top.saturating_add(1),
            "PgUp" => self.top = self.top.saturating_sub(10),
            "PgDn" => self.top = self.top.saturating_add(10),
            "Home" | "g" => self.top = 0,
            "End" | "G" => self.top = usize::MAX,
            _ => {}
        }
        let height = layout::areas(desk.size.0, desk.size.1).map_or(0, |areas| areas.content.height.into());
        self.top = self.top.min(self.lines(desk.size.0.into(), desk).len().saturating_sub(height));
        Step::Stay
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk) {
        let lines = self.lines(areas.content.width.into(), desk);
        let height = usize::from(areas.content.height);
        let top = self.top.min(lines.len().saturating_sub(height));
        for (at, (label, text)) in (0..).zip(lines.iter().skip(top).take(height)) {
            let area = layout::line(areas.content, at);
            let x = paint.put_at(area, area.x, &format!(" {label:<LABEL$} "), Role::Quiet);
            paint.put_at(area, x, text, Role::Plain);
        }
    }
}
