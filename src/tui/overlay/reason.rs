//! Why one entry is rejected or revoked, or one item closed: a listed reason by its digit, or one that is typed.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::{Hint, Overlay, Picked, Place, Spoken, Step};
use crate::engine::{Mode, Rows, Seen};
use crate::model::{Row, is_blank, shown};
use crate::tui::bulk::Bulk;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Paint;
use crate::tui::theme::Role;

/// Cells of the value in the title.
const VALUE_CELLS: usize = 24;

#[derive(Debug)]
pub struct Reason {
    what: Bulk,
    seen: Seen,
    /// The row as a title shows it: its name, its field and its value, which the list below may hide.
    row_shown: String,
    entry: Entry,
    problem: Option<&'static str>,
}

impl Reason {
    pub fn new(what: Bulk, row: &Row) -> Reason {
        let [field, value] = if what.is_decision() { ["aspect_key", "value"] } else { ["field_name", "raw_value"] };
        let (field, value) = (shown(row.text(field)), cut::cut(row.text(value), VALUE_CELLS));
        let row_shown = format!("{} {field} {value}", shown(row.name())).trim_end().to_string();
        Reason { what, seen: Seen::of(row), row_shown, entry: Entry::default(), problem: None }
    }

    fn listed(&self) -> &'static [&'static str] {
        self.what.listed()
    }

    /// The listed reason that a key gives: once one types, digits are digits.
    fn by_digit(&self, name: &str) -> Option<&'static str> {
        let at = name.parse::<usize>().ok().filter(|_| self.entry.text().is_empty())?.checked_sub(1)?;
        self.listed().get(at).copied()
    }

    fn decide(&mut self, reason: &str) -> Step {
        if is_blank(reason) {
            self.problem = Some("A reason is needed: a digit gives a listed one, or type it.");
            return Step::Stay;
        }
        let rows = Rows::Ids(vec![self.seen.id]);
        let command = self.what.command(rows, Some(reason.into()));
        Step::Run(self.what.doing(), command, Mode::AsSeen(self.seen))
    }
}

impl Overlay for Reason {
    fn place(&self) -> Place {
        Place::Bottom(self.listed().len() as u16 + 2)
    }

    fn title(&self) -> String {
        format!("Why {} {}?", self.what.title().to_lowercase(), self.row_shown)
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = vec![("Enter", "do it"), ("Ctrl+U", "clear"), ("Esc", "cancel")];
        if self.entry.text().is_empty() {
            hints.insert(0, ("1-5", "listed reason, at once"));
        }
        hints
    }

    fn key(&mut self, key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        self.problem = None;
        match (name, self.by_digit(name)) {
            ("Esc", _) => return Step::Close,
            ("Enter", _) => {
                let typed = self.entry.text().trim().to_string();
                return self.decide(&typed);
            }
            (_, Some(reason)) => return self.decide(reason),
            _ => {
                self.entry.key(key);
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _desk: &mut Desk) -> Step {
        self.problem = None;
        self.entry.paste(text);
        Step::Stay
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let about = vec!["A number chooses a reason, and it is done; or type one of your own, then Enter.".into()];
        Some(Spoken { about, choices: self.listed().iter().map(ToString::to_string).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        let Some(reason) = self.listed().get(at) else { return Picked::Nothing };
        self.entry.set(reason);
        Picked::Press
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = layout::bottom(areas.content, self.listed().len() as u16 + 2);
        paint.clear(area);
        paint.rule(layout::line(area, 0), &self.title());
        for (at, reason) in (1..).zip(self.listed()) {
            paint.put(layout::line(area, at), &format!("  {at}  {reason}"), Role::Plain);
        }
        let line = layout::line(area, area.height.saturating_sub(1));
        let x = paint.put_at(line, line.x, " Another: ", Role::Heading);
        self.entry.draw(paint, Rect { x, width: line.right().saturating_sub(x + 1), ..line }, true);
        paint.clear(areas.message);
        match self.problem {
            Some(problem) => paint.sentence(&areas.rising(), problem, Role::Error),
            None if self.what.is_decision() => {
                paint.put(areas.message, " The reason is kept with the entry; u undoes the decision.", Role::Quiet);
            }
            None => paint.put(areas.message, " The reason is kept in the history; u undoes the closing.", Role::Quiet),
        }
    }
}
