//! Editing the input of a sync item and trying it again: what was delivered stays as it is, the copy of it is changed.
//!
//! The text is checked as one types, and a reason is needed. The command carries the row version that the form began
//! with; where the engine refuses, the draft stays on the screen.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::preview::button;
use super::{Hint, Overlay, Picked, Spoken, Step};
use crate::engine::{Command, Error, Mode, Outcome};
use crate::model::text::{counted, grouped};
use crate::model::{Row, code, shown};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::theme::Role;

/// The longest value and the longest reason that the engine takes, in characters.
const MAX_VALUE: usize = 4_000;
const MAX_REASON: usize = 500;
/// Lines to type in and to press, with one between them.
const FORM: u16 = 4;
/// Cells of a line's title.
const LABEL: usize = 14;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Input,
    Reason,
    Go,
    Cancel,
}

const ORDER: [Focus; 4] = [Focus::Input, Focus::Reason, Focus::Go, Focus::Cancel];

#[derive(Debug)]
pub struct EditInput {
    row: Row,
    input: Entry,
    reason: Entry,
    focus: Focus,
    running: Option<u64>,
    /// Esc was pressed once over changes.
    leaving: bool,
}

impl EditInput {
    pub fn open(row: &Row) -> EditInput {
        EditInput {
            input: Entry::new(row.text("raw_value")),
            row: row.clone(),
            reason: Entry::default(),
            focus: Focus::Input,
            running: None,
            leaving: false,
        }
    }

    fn changed(&self) -> bool {
        self.input.text() != self.row.text("raw_value")
    }

    /// What is wrong with the input, as a few words that are true while one types.
    fn problem(&self) -> Option<String> {
        let text = self.input.text();
        too_long(text, MAX_VALUE).or_else(|| text.contains('\0').then(|| "holds a NUL".into()))
    }

    fn reason_problem(&self) -> Option<String> {
        too_long(self.reason.text(), MAX_REASON)
    }

    /// Why it cannot be tried yet.
    fn obstacle(&self) -> Option<String> {
        if let Some(problem) = self.problem() {
            return Some(format!("Input: {problem}."));
        }
        if !self.changed() {
            return Some("The input is what it was: t tries it again as it is.".into());
        }
        if self.reason.text().trim().is_empty() {
            return Some("A reason is needed; it is kept in the history.".into());
        }
        self.reason_problem().map(|problem| format!("Reason: {problem}."))
    }

    fn go(&mut self, desk: &mut Desk) -> Step {
        if let Some(obstacle) = self.obstacle() {
            desk.complain(obstacle);
            return Step::Stay;
        }
        let command = Command::EditRetry {
            item: self.row.id,
            row_version: self.row.int("row_version").unwrap_or_default(),
            raw: self.input.text().into(),
            reason: self.reason.text().trim().into(),
        };
        self.running = desk.write("Retrying", command, Mode::Real);
        Step::Stay
    }

    fn leave(&mut self, desk: &mut Desk) -> Step {
        if self.leaving || (!self.changed() && self.reason.text().is_empty()) {
            return Step::Close;
        }
        self.leaving = true;
        desk.complain("The new input is not saved: Esc again drops it.");
        Step::Stay
    }

    fn move_focus(&mut self, by: usize) {
        let at = ORDER.iter().position(|focus| *focus == self.focus).unwrap_or_default();
        self.focus = ORDER[(at + by) % ORDER.len()];
    }

    fn entry(&mut self) -> Option<&mut Entry> {
        match self.focus {
            Focus::Input => Some(&mut self.input),
            Focus::Reason => Some(&mut self.reason),
            Focus::Go | Focus::Cancel => None,
        }
    }

    /// What the item is, and why it did not go on.
    fn about(&self, width: usize) -> Vec<(String, String, Role)> {
        let text = |name: &str| cut::cut(self.row.text(name), width).into_owned();
        let key = format!("{} {}", shown(self.row.text("source_system_key")), shown(self.row.text("external_key")));
        let field = format!("{} of {}", shown(self.row.text("field_name")), shown(self.row.text("target_table")));
        let mut lines = vec![
            ("Record".to_string(), cut::cut_shown(key.into(), width).into_owned(), Role::Plain),
            ("Field".into(), cut::cut_shown(field.into(), width).into_owned(), Role::Plain),
            ("Was".into(), text("raw_value"), Role::Plain),
        ];
        let mut label = "Problem";
        if let Some(code) = code::find(self.row.text("code")) {
            for line in cut::wrapped_shown(&format!("{} {} {}", code.code, code.cause, code.remedy), width, 2) {
                lines.push((label.into(), line, Role::Note));
                label = "";
            }
        }
        lines
    }

    fn draw_entry(&self, paint: &mut Paint, area: Rect, label: &str, entry: &Entry, focus: Focus) {
        let here = self.focus == focus;
        let pointer = if here { '>' } else { ' ' };
        let x = paint.put_at(area, area.x, &format!("{pointer} {label:<LABEL$}[ "), Role::Plain);
        let room = area.right().saturating_sub(x + 3);
        entry.draw(paint, Rect { x, width: room, ..area }, here);
        paint.put_right(area, x, " ] ", Role::Plain);
    }
}

fn too_long(text: &str, most: usize) -> Option<String> {
    let n = text.chars().count();
    (n > most).then(|| format!("{}, at most {}", counted(n as i64, "character"), grouped(most as i64)))
}

impl Overlay for EditInput {
    fn title(&self) -> String {
        let changed = if self.changed() { " — changed" } else { "" };
        format!("Edit the input of {} and try it again{changed}", shown(self.row.name()))
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Tab", "next"), ("Shift+Tab", "back"), ("Ctrl+S", "retry"), ("Ctrl+R", "put back"), ("Esc", "cancel")]
    }

    fn keys(&self) -> Option<Over> {
        Some(Over::EditInput)
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match (name, self.focus) {
            ("Esc", _) => return self.leave(desk),
            ("Ctrl+S", _) | ("Enter", Focus::Go) => return self.go(desk),
            ("Enter", Focus::Cancel) => return Step::Close,
            ("Tab" | "Down" | "Enter", _) | ("Right", Focus::Go) => self.move_focus(1),
            ("Shift+Tab" | "Up", _) | ("Left", Focus::Cancel) => self.move_focus(ORDER.len() - 1),
            ("Ctrl+R", _) => self.input.set(self.row.text("raw_value")),
            _ => {
                self.leaving = false;
                if let Some(entry) = self.entry() {
                    entry.key(key);
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _desk: &mut Desk) -> Step {
        if let Some(entry) = self.entry() {
            entry.paste(text);
        }
        Step::Stay
    }

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, _desk: &mut Desk) -> Option<Step> {
        self.running.take_if(|running| *running == ticket)?;
        Some(if outcome.is_ok() { Step::Close } else { Step::Stay })
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let field = |label: &str, entry: &Entry| match entry.text() {
            "" => format!("{label}: empty"),
            text => format!("{label}: {}", shown(text)),
        };
        let line = |(label, text, _): (String, String, Role)| format!("{label} {text}").trim_start().to_string();
        let choice = |focus: Focus| match focus {
            Focus::Input => field("Input", &self.input),
            Focus::Reason => field("Reason, which is needed", &self.reason),
            Focus::Go => "Save and retry".into(),
            Focus::Cancel => "Cancel".into(),
        };
        let about = self.about(usize::from(u16::MAX)).into_iter().map(line).collect();
        Some(Spoken { about, choices: ORDER.into_iter().map(choice).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        let Some(focus) = ORDER.get(at) else { return Picked::Nothing };
        self.focus = *focus;
        if matches!(focus, Focus::Input | Focus::Reason) { Picked::Type } else { Picked::Press }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = areas.content;
        let width = usize::from(area.width).saturating_sub(LABEL + 4);
        let about = self.about(width);
        // The lines to type in stand below what there is to know, and are there in the smallest terminal too.
        let room = area.height.saturating_sub(FORM).min(about.len() as u16 + 1);
        let form = Rect { y: area.y + room, height: area.height - room, ..area };
        for (at, (label, text, role)) in (0..room).zip(about) {
            let line = layout::line(area, at);
            let x = paint.put_at(line, line.x, &format!("  {label:<LABEL$}  "), Role::Quiet);
            paint.put_at(line, x, &text, role);
        }
        self.draw_entry(paint, layout::line(form, 0), "Input", &self.input, Focus::Input);
        self.draw_entry(paint, layout::line(form, 1), "Reason", &self.reason, Focus::Reason);
        let buttons = layout::line(form, 3);
        let x = button(paint, buttons, buttons.x + 1, "Save and retry", self.focus == Focus::Go);
        button(paint, buttons, x + 3, "Cancel", self.focus == Focus::Cancel);
        let problems = [("Input", self.problem()), ("Reason", self.reason_problem())];
        let problem = problems.into_iter().find_map(|(name, problem)| Some(format!(" {name}: {}.", problem?)));
        if let Some(problem) = problem {
            paint.put(areas.status, &problem, Role::Error);
        }
    }
}
