//! The columns of a pane: shown or hidden, in which order, how wide.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Step, choose, scrolled};
use crate::tui::columns::{Column, Columns};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::panes::{PaneSpec, Width};
use crate::tui::theme::Role;

/// Cells by which a key changes a width.
const NOTCH: i16 = 2;

#[derive(Debug)]
pub struct ColumnChoice {
    spec: &'static PaneSpec,
    columns: Columns,
    at: usize,
}

impl ColumnChoice {
    /// Opens with one of the shown columns under the cursor.
    pub fn open(spec: &'static PaneSpec, columns: Columns, at: usize) -> ColumnChoice {
        ColumnChoice { spec, columns, at }
    }

    fn change(&mut self, change: impl FnOnce(&mut Column)) {
        if let Some(column) = self.columns.get_mut(self.at) {
            change(column);
        }
    }
}

fn width(column: &Column) -> String {
    match (column.given, column.width()) {
        (Some(cells), _) => format!("{cells} wide"),
        (None, Width::Cells(cells)) => format!("auto: {cells}"),
        (None, Width::Fill(_) | Width::Name) => format!("auto: {} or more", column.least()),
    }
}

impl Overlay for ColumnChoice {
    fn title(&self) -> String {
        let columns = &self.columns;
        format!(
            "Columns of {}: {} of {} shown",
            self.spec.table.info().title,
            columns.shown().len(),
            columns.all().len()
        )
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = vec![("Up/Down", "choose"), ("Enter", "done"), ("Space", "show/hide")];
        if self.columns.all().get(self.at).is_some_and(|column| column.shown) {
            hints.extend([("</>", "move"), ("-/+", "width"), ("a", "auto width")]);
        }
        hints.extend([("Ctrl+R", "put back"), ("Esc", "leave as it was")]);
        hints
    }

    fn keys(&self) -> Option<Over> {
        Some(Over::Columns)
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        if choose(name, &mut self.at, self.columns.all().len()) {
            return Step::Stay;
        }
        match name {
            "Esc" => return Step::Close,
            "Enter" | "|" => return Step::Columns(self.columns.clone()),
            "Space" => {
                // The cursor stays where it is, so that several are hidden or shown one after the other.
                self.columns.toggle(self.at);
            }
            "<" | "Shift+Up" => self.at = self.columns.shift(self.at, false),
            ">" | "Shift+Down" => self.at = self.columns.shift(self.at, true),
            "-" | "Left" => self.change(|column| column.widen(-NOTCH)),
            "+" | "Right" => self.change(|column| column.widen(NOTCH)),
            "a" => self.change(|column| column.given = None),
            "Ctrl+R" => self.columns = Columns::described(self.spec),
            _ => {}
        }
        Step::Stay
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = areas.content;
        let heading = format!("     {:<26}{:<20}{}", "Column", "Width", "In filters");
        paint.put(layout::line(area, 0), &heading, Role::Column);
        let height = usize::from(area.height.saturating_sub(1));
        let skip = scrolled(self.at, height);
        for (line, (at, column)) in (1..).zip(self.columns.all().iter().enumerate().skip(skip).take(height)) {
            let area = layout::line(area, line);
            let pointer = if at == self.at { '>' } else { ' ' };
            let (mark, role) = if column.shown { ('x', Role::Plain) } else { (' ', Role::Quiet) };
            let width = if column.shown { width(column) } else { String::new() };
            let title = cut::fit(column.field.title, 25);
            paint.put(area, &format!("{pointer}[{mark}] {title} {width:<20}{}", column.field.short), role);
            if at == self.at {
                paint.tint(area, Role::Selected);
            }
        }
    }
}
