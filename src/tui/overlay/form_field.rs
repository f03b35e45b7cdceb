//! One field of a form: what it held, what is typed, and whether that can be.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::choices::meaning;
use crate::engine::sources_problem;
use crate::model::choice::{ChoiceSet, YesNo};
use crate::model::table::NEW_TARGET;
use crate::model::text::{counted, grouped};
use crate::model::{Field, Kind, Row, row, shown};
use crate::tui::cut;
use crate::tui::entry::Entry;
use crate::tui::paint::Paint;
use crate::tui::theme::Role;

/// The most days that the engine takes: a century of centuries.
const MOST_DAYS: i64 = 3_652_500;

/// Cells of a field's title, and of what is typed.
pub const LABEL: usize = 22;
const ENTRY: u16 = 30;
/// The cells that an id takes, with one for the cursor.
const ID_ENTRY: u16 = 37;

#[derive(Debug)]
pub struct FormField {
    pub field: &'static Field,
    entry: Entry,
    was: String,
    /// Of a row that is added: there was nothing before.
    fresh: bool,
}

impl FormField {
    pub fn new(field: &'static Field, row: &Row) -> FormField {
        let was = match *field == NEW_TARGET {
            true => YesNo::No.label().to_string(),
            false => row::display(field, row.value(field.name)).into_owned(),
        };
        FormField { field, entry: Entry::new(&was), was, fresh: row.id == 0 }
    }

    /// Takes what the row holds by now; what was typed stays.
    pub fn take_up(&mut self, row: &Row) {
        if *self.field == NEW_TARGET {
            return;
        }
        let now = row::display(self.field, row.value(self.field.name)).into_owned();
        if !self.changed() {
            self.entry.set(&now);
        }
        self.was = now;
    }

    pub fn text(&self) -> &str {
        self.entry.text()
    }

    pub fn set(&mut self, text: &str) {
        self.entry.set(text);
    }

    pub fn changed(&self) -> bool {
        self.text() != self.was
    }

    pub fn choices(&self) -> Option<&'static ChoiceSet> {
        match self.field.kind {
            Kind::Choice(set) => Some(set),
            Kind::Flag => Some(YesNo::SET),
            _ => None,
        }
    }

    pub fn is_choice(&self) -> bool {
        self.choices().is_some()
    }

    /// Takes a key; true if the text changed.
    pub fn key(&mut self, key: &KeyEvent, name: &str) -> bool {
        match (self.choices(), name) {
            (_, "Ctrl+R") => self.entry.set(&self.was),
            (Some(set), "Left" | "Right" | "Space") => self.turn(set, name == "Left"),
            (Some(_), _) => return false,
            (None, _) => return self.entry.key(key),
        }
        true
    }

    /// Takes what was pasted; a choice takes the name of one of its options.
    pub fn paste(&mut self, text: &str) {
        match self.choices() {
            None => self.entry.paste(text),
            Some(set) => {
                if let Some(label) = set.code(text.trim()).and_then(|code| set.label(code)) {
                    self.entry.set(label);
                }
            }
        }
    }

    /// The field with what it holds, where there is no cursor; of a choice what it can hold.
    pub fn told(&self) -> String {
        let Some(set) = self.choices() else { return format!("{}: {}", self.field.title, shown(self.text())) };
        let means = match meaning(self.field.name, self.text()) {
            "" => String::new(),
            meaning => format!(" {meaning}"),
        };
        format!("{}: {} (one of {}){means}", self.field.title, shown(self.text()), set.labels())
    }

    /// Turns a choice to its next or previous option.
    fn turn(&mut self, set: &'static ChoiceSet, back: bool) {
        let len = set.options.len();
        let next = match set.options.iter().position(|option| option.label == self.text()) {
            Some(at) => at + if back { len.saturating_sub(1) } else { 1 },
            None if back => len.saturating_sub(1),
            None => 0,
        };
        if let Some(option) = set.options.get(next % len.max(1)) {
            self.entry.set(option.label);
        }
    }

    /// What is wrong with the text by itself, in a few words. An empty text is no value.
    pub fn problem(&self) -> Option<String> {
        let text = self.text();
        match self.field.kind {
            _ if text.trim().is_empty() => None,
            _ if text.contains('\0') => Some("holds a NUL".into()),
            Kind::Text(most) => {
                let n = text.chars().count();
                let long = || format!("{}, at most {}", counted(n as i64, "character"), grouped(most as i64));
                let ranking = self.field.name == "authoritative_sources";
                (n > most).then(long).or_else(|| sources_problem(text).filter(|_| ranking))
            }
            Kind::Hundredths => {
                row::parse_hundredths(text).is_none().then(|| "a number from 0 to 1, such as 0.95".into())
            }
            Kind::Int => {
                let days = text.trim().parse::<i64>();
                let fits = days.is_ok_and(|days| (0..=MOST_DAYS).contains(&days));
                (!fits).then(|| "a whole number of days, such as 30".into())
            }
            _ => None,
        }
    }

    /// Draws the field with what is wrong with it, else what it was, else what there is to note of its text.
    pub fn draw(
        &self,
        paint: &mut Paint,
        area: Rect,
        focus: bool,
        problem: Option<String>,
        note: Option<&'static str>,
    ) {
        let pointer = if focus { '>' } else { ' ' };
        let changed = if self.changed() { '*' } else { ' ' };
        let (open, close) = if self.is_choice() { ("< ", " >") } else { ("[ ", " ]") };
        let start = format!("{pointer}{changed}{:<LABEL$}{open}", self.field.title);
        let x = paint.put_at(area, area.x, &start, Role::Plain);
        let width = if self.field.name == "target_id" { ID_ENTRY } else { ENTRY };
        let width = width.min(area.right().saturating_sub(x));
        self.entry.draw(paint, Rect { x, width, ..area }, focus);
        let x = paint.put_at(area, x + width, close, Role::Plain) + 1;
        let rest = usize::from(area.right().saturating_sub(x));
        if let Some(problem) = problem {
            paint.put_at(area, x, &cut::cut_shown(format!("! {problem}").into(), rest), Role::Error);
        } else if self.changed() && !self.fresh {
            let was = if self.was.is_empty() { "(empty)".into() } else { shown(&self.was) };
            let note = note.map(|note| format!("{note}, ")).unwrap_or_default();
            paint.put_at(area, x, &cut::cut_shown(format!("{note}was {was}").into(), rest), Role::Quiet);
        } else if let Some(note) = note {
            paint.put_at(area, x, &cut::cut_shown(note.into(), rest), Role::Quiet);
        }
    }
}
