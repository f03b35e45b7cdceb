//! A row as a form, to change it or to add it: each field is checked as one types, and only what was changed is saved.
//!
//! The command carries the row version that the form began with, so that a row somebody else has changed meanwhile is not
//! overwritten; the draft then stays on the screen.

mod draw;
mod save;

use std::collections::BTreeMap;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::buttons::{self, CANCEL};
use super::effect::Effect;
use super::form_field::FormField;
use super::form_kind::{Purpose, added, blank, title, waits};
use super::offers::{self, CANONICAL, Offer, Offers, TARGET, completed, names_of};
use super::{Hint, Overlay, Picked, Spoken, Step};
use crate::engine::{Error, Outcome, Refusal};
use crate::model::text::counted;
use crate::model::{Row, Table, shown};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::read::{Answer, Request};
use crate::tui::theme::Role;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Field(usize),
    /// What is offered for a field: the field's place, and the offer's.
    Offer(usize, usize),
    Save,
    Cancel,
}

#[derive(Debug)]
pub struct Form {
    purpose: Purpose,
    row: Row,
    /// What the row is about: shown above the fields, and fixed.
    about: Vec<&'static str>,
    inputs: Vec<FormField>,
    focus: Focus,
    offers: Offers,
    /// What saving would come to, of an identifier: a slip of the pen in a key or an id is seen by nothing else.
    effect: Effect,
    running: Option<u64>,
    /// The row is being read again.
    reading: Option<u64>,
    /// Esc was pressed once over changes.
    leaving: bool,
    /// What looks wrong was told when it was to be saved.
    warned: bool,
}

impl Form {
    /// Opens the form on a row's fields, with the cursor in one of them.
    pub fn edit(row: &Row, names: &[&'static str], at: Option<&str>, desk: &mut Desk) -> Form {
        Form::open(Purpose::Edit, row, names, at, desk)
    }

    /// Opens an empty form for a row of a table that people add rows to.
    pub fn add(table: Table, desk: &mut Desk) -> Option<Form> {
        let names = added(table)?;
        Some(Form::open(Purpose::Add, &blank(table), names, None, desk))
    }

    fn open(purpose: Purpose, row: &Row, names: &[&'static str], at: Option<&str>, desk: &mut Desk) -> Form {
        let field = |name: &&str| row.table.asked_in_forms(name);
        let inputs: Vec<FormField> = names.iter().filter_map(field).map(|field| FormField::new(field, row)).collect();
        let first = inputs.iter().position(|input| Some(input.field.name) == at).unwrap_or_default();
        let mut form = Form {
            purpose,
            row: row.clone(),
            about: purpose.about(row.table).iter().copied().filter(|name| !names.contains(name)).collect(),
            inputs,
            focus: Focus::Field(first),
            offers: Offers::default(),
            effect: Effect::default(),
            running: None,
            reading: None,
            leaving: false,
            warned: false,
        };
        form.look_up(desk);
        form
    }

    fn typed(&self, name: &str) -> Option<&str> {
        self.inputs.iter().find(|input| input.field.name == name).map(|input| input.text().trim())
    }

    /// The code list that the canonical code is one of.
    fn list(&self) -> &str {
        self.typed("code_list").unwrap_or(self.row.text("code_list"))
    }

    /// Asks for the codes that the canonical code's text may mean.
    fn look_up(&mut self, desk: &mut Desk) {
        if let Some(part) = self.typed(CANONICAL) {
            let request = Request::Codes { list: self.list().into(), part: part.into() };
            self.offers.look_up(request, desk);
        }
        if let Some(target) = self.inputs.iter().find(|input| input.field.name == TARGET) {
            // What stands there already would be the only one of its name.
            let part = if target.changed() { target.text().trim() } else { "" };
            let table = self.typed("target_table").unwrap_or(self.row.text("target_table"));
            let request = Request::Records { table: table.into(), part: part.into() };
            self.offers.look_up(request, desk);
        }
    }

    /// The field with the cursor, or for which something is offered.
    fn here(&self) -> Option<&FormField> {
        match self.focus {
            Focus::Field(at) | Focus::Offer(at, _) => self.inputs.get(at),
            Focus::Save | Focus::Cancel => None,
        }
    }

    /// What is offered for the field with the cursor: codes of the list, or names that the store knows.
    fn offered(&self) -> Vec<Offer> {
        match self.here() {
            Some(input) if input.field.name == CANONICAL => self.offers.codes(),
            Some(input) if input.field.name == TARGET => self.offers.records(),
            Some(input) => self.offers.of_field(input.field, input.text()),
            None => Vec::new(),
        }
    }

    /// What is listed below the fields: what is offered, else the codes, which are what one decides by.
    fn listed(&self) -> (String, Vec<Offer>) {
        if self.is_at_target() {
            let table = self.typed("target_table").unwrap_or(self.row.text("target_table"));
            return (format!("Records of {}, by id, key or label", shown(table)), self.offers.records());
        }
        match self.here().filter(|input| names_of(input.field).is_some()) {
            Some(input) => (format!("{}: what the store knows", input.field.title), self.offered()),
            None => (format!("Codes of {}", shown(self.list())), self.offers.codes()),
        }
    }

    /// Whether the field with the cursor names a record.
    fn is_at_target(&self) -> bool {
        self.here().is_some_and(|input| input.field.name == TARGET)
    }

    /// What is wrong with a field, in a few words.
    fn problem(&self, input: &FormField) -> Option<String> {
        input.problem().or_else(|| self.offers.problem(input.field, input.text(), self.list()))
    }

    /// The problem to tell in full, and its field: that with the cursor, else the first one.
    fn most_pressing(&self) -> Option<(usize, String)> {
        let told = |(at, input): (usize, &FormField)| {
            let problem = self.problem(input)?;
            Some((at, format!("{}: {}.", input.field.title, problem.trim_end_matches('.'))))
        };
        let here = if let Focus::Field(at) = self.focus { Some(at) } else { None };
        let of_here = here.and_then(|at| Some((at, self.inputs.get(at)?))).and_then(told);
        of_here.or_else(|| self.inputs.iter().enumerate().find_map(told))
    }

    fn changes(&self) -> BTreeMap<String, String> {
        let changed = self.inputs.iter().filter(|input| input.changed());
        changed.map(|input| (input.field.name.to_string(), input.text().to_string())).collect()
    }

    fn leave(&mut self, desk: &mut Desk) -> Step {
        let changes = self.changes().len();
        if changes == 0 || self.leaving {
            return self.close(desk);
        }
        self.leaving = true;
        desk.complain(format!("{} not saved: Esc again drops them.", counted(changes as i64, "change")));
        Step::Stay
    }

    fn close(&self, desk: &mut Desk) -> Step {
        desk.end_rehearsal();
        Step::Close
    }

    fn move_focus(&mut self, forward: bool) {
        let last = self.inputs.len().saturating_sub(1);
        self.focus = match (self.focus, forward) {
            (Focus::Field(at), true) if at < last => Focus::Field(at + 1),
            (Focus::Field(_), true) => Focus::Save,
            (Focus::Save, true) => Focus::Cancel,
            (Focus::Cancel, true) => Focus::Field(0),
            (Focus::Field(0), false) => Focus::Cancel,
            (Focus::Field(at), false) => Focus::Field(at - 1),
            (Focus::Save, false) => Focus::Field(last),
            (Focus::Cancel, false) => Focus::Save,
            (Focus::Offer(at, _), true) => Focus::Field((at + 1).min(last)),
            (Focus::Offer(at, _), false) => Focus::Field(at),
        };
    }

    fn down(&mut self) {
        self.focus = match self.focus {
            Focus::Field(at) if !self.offered().is_empty() => Focus::Offer(at, 0),
            Focus::Offer(at, n) if n + 1 < self.offered().len() => Focus::Offer(at, n + 1),
            _ => return self.move_focus(true),
        };
    }

    fn up(&mut self) {
        match self.focus {
            Focus::Offer(at, n) if n > 0 => self.focus = Focus::Offer(at, n - 1),
            _ => self.move_focus(false),
        }
    }

    fn enter(&mut self, desk: &mut Desk) -> Step {
        match self.focus {
            Focus::Field(_) => self.move_focus(true),
            Focus::Offer(at, n) => self.take_offer(at, n, desk),
            Focus::Save => return self.save(desk),
            Focus::Cancel => return self.close(desk),
        }
        Step::Stay
    }

    /// What is chosen among the offers is meant.
    fn leave_field(&mut self, desk: &mut Desk) {
        match self.focus {
            Focus::Offer(at, n) => self.take_offer(at, n, desk),
            _ => self.move_focus(true),
        }
    }

    fn take_offer(&mut self, at: usize, n: usize, desk: &mut Desk) {
        let offer = self.offered().into_iter().nth(n);
        if let (Some((text, _)), Some(input)) = (offer, self.inputs.get_mut(at)) {
            input.set(&completed(input.field, input.text(), &text));
            self.warned = false;
            self.look_up(desk);
        }
        self.move_focus(true);
    }

    fn type_into(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) {
        // Typed beside what is offered, it is for the field all the same.
        let (Focus::Field(at) | Focus::Offer(at, _)) = self.focus else { return };
        let Some(input) = self.inputs.get_mut(at) else { return };
        if input.key(key, name) {
            (self.leaving, self.warned, self.focus) = (false, false, Focus::Field(at));
            self.look_up(desk);
        }
    }
}

impl Overlay for Form {
    fn title(&self) -> String {
        let changes = self.changes().len();
        let changed = if changes > 0 { format!(" — {changes} changed") } else { String::new() };
        match self.purpose {
            Purpose::Edit => format!("Edit {} {}{changed}", self.row.table.info().one, shown(self.row.name())),
            Purpose::Add => format!("Add: {}{changed}", self.row.table.info().one),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = vec![("Tab", "next"), ("Shift+Tab", "back"), ("Ctrl+S", "save"), ("Ctrl+R", "put back")];
        if matches!(self.focus, Focus::Field(_)) && !self.offered().is_empty() {
            let canonical = self.here().is_some_and(|input| input.field.name == CANONICAL);
            hints.insert(0, ("Down", if canonical { "codes" } else { "choose" }));
        }
        if matches!(self.focus, Focus::Offer(..)) {
            hints.insert(0, ("Enter", "take it"));
        }
        if self.here().is_some_and(FormField::is_choice) {
            hints.insert(0, ("Left/Right", "change"));
        }
        hints.push(("Esc", "cancel"));
        hints
    }

    fn more_keys(&self) -> Vec<Hint> {
        let mut keys = vec![("Up/Down", "another field or button")];
        match self.here() {
            Some(input) if input.is_choice() => keys.push(("Space", "another choice")),
            Some(_) => keys.push(("Ctrl+U", "delete what stands before the cursor")),
            None => keys.extend([("Enter", "press"), ("Left/Right", "another button")]),
        }
        keys
    }

    fn keys(&self) -> Option<Over> {
        Some(Over::Form)
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" => return self.leave(desk),
            "Ctrl+S" => return self.save(desk),
            "Enter" => return self.enter(desk),
            "Tab" => self.leave_field(desk),
            "Shift+Tab" => self.move_focus(false),
            "Down" => self.down(),
            "Up" => self.up(),
            "Left" | "Right" if self.here().is_none() => self.move_focus(name == "Right"),
            _ => self.type_into(key, name, desk),
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, desk: &mut Desk) -> Step {
        if let Focus::Field(at) | Focus::Offer(at, _) = self.focus
            && let Some(input) = self.inputs.get_mut(at)
        {
            input.paste(text);
            (self.warned, self.focus) = (false, Focus::Field(at));
            self.look_up(desk);
        }
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.offers.awaits(ticket) || self.reading == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Around { from, .. } => self.take_up(from.rows.into_iter().next()),
            answer => self.offers.answered(answer),
        }
        if let Focus::Offer(at, n) = self.focus {
            self.focus = Focus::Offer(at, n.min(self.offered().len().saturating_sub(1)));
        }
    }

    /// Others may have written what the effect depends on.
    fn outdated(&mut self, _desk: &mut Desk) {
        self.effect.forget();
    }

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, desk: &mut Desk) -> Option<Step> {
        if self.effect.done(ticket, outcome) {
            return Some(Step::Stay);
        }
        self.running.take_if(|running| *running == ticket)?;
        if let Err(Error::Refused(Refusal::RowMoved { .. })) = outcome {
            self.read_again(desk);
        }
        // A row that was there already was not added, and the draft stays.
        let done = outcome.as_ref().is_ok_and(|outcome| self.purpose == Purpose::Edit || outcome.operation.is_some());
        Some(if done { Step::Close } else { Step::Stay })
    }

    fn missed(&mut self, ticket: u64) {
        self.reading.take_if(|reading| *reading == ticket);
        self.offers.missed(ticket);
    }

    fn follow(&mut self, desk: &mut Desk) {
        let names = self.here().and_then(|input| names_of(input.field));
        self.offers.want(names, desk);
        if self.running.is_none() {
            self.effect.follow(self.wanted(), desk);
        }
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        Some(self.told())
    }

    fn pick(&mut self, at: usize) -> Picked {
        let fields = self.inputs.len();
        self.focus = match at {
            _ if at < fields => Focus::Field(at),
            _ if at == fields => Focus::Save,
            _ if at == fields + 1 => Focus::Cancel,
            _ => return Picked::Nothing,
        };
        if at < fields { Picked::Type } else { Picked::Press }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = areas.content;
        if let Some((_, problem)) = self.most_pressing() {
            paint.put(areas.status, &format!(" {problem}"), Role::Error);
        }
        let footer = layout::bottom(area, 2);
        let upper = Rect { height: area.height.saturating_sub(footer.height), ..area };
        let used = self.draw_fields(paint, upper);
        let left = upper.height.saturating_sub(used);
        // Where there is no room for them, codes lie over the fields while one of them is chosen.
        let choosing = matches!(self.focus, Focus::Offer(..));
        let offers = layout::bottom(upper, if choosing { left.max(offers::LINES + 1) } else { left });
        self.draw_below(paint, offers);
        let waiting = self.row.int("waiting").unwrap_or_default();
        if waiting > 0 {
            let effect = format!(" {} for this map: a canonical code releases them.", waits(waiting));
            paint.put(layout::line(footer, 0), &effect, Role::Note);
        }
        if let Some(effect) = self.effect.text(save::stands_for) {
            let text = format!(" Then: {effect}.");
            paint.put(layout::line(footer, 0), &cut::cut_shown(text.into(), area.width.into()), Role::Note);
        }
        let here = [Focus::Save, Focus::Cancel].iter().position(|button| *button == self.focus);
        buttons::draw(paint, layout::line(footer, 1), &["Save", CANCEL], here);
    }
}
