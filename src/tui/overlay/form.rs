//! A value map as a form: each field is checked as one types, and only what was changed is saved.
//!
//! The command carries the row version that the form began with, so that a row somebody else has changed meanwhile is not
//! overwritten; the draft then stays on the screen.

use std::collections::BTreeMap;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::form_field::{FormField, LABEL};
use super::preview::button;
use super::{Hint, Overlay, Picked, Spoken, Step, scrolled};
use crate::engine::{Command, Error, Mode, Outcome};
use crate::model::text::counted;
use crate::model::{Row, shown};
use crate::store::CodeEntry;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Paint;
use crate::tui::read::{Answer, Request, Slot};
use crate::tui::theme::Role;

/// Codes that are offered below the form.
const OFFERED: usize = 4;
/// The field whose text must be a code of the list.
const CANONICAL: &str = "canonical_code_value";
/// What the map is about: shown above the fields, and fixed.
const ABOUT: [&str; 3] = ["source_system_key", "code_list", "source_code"];

/// What is known of the code list for the text of the canonical code.
#[derive(Debug, Default)]
struct Codes {
    offered: Vec<CodeEntry>,
    exact: Option<CodeEntry>,
    /// A list without codes is not loaded, and then any code may be right.
    loaded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Field(usize),
    /// A code that is offered for the canonical code.
    Offer(usize),
    Save,
    Cancel,
}

#[derive(Debug)]
pub struct Form {
    row: Row,
    inputs: Vec<FormField>,
    focus: Focus,
    codes: Codes,
    asked: Option<u64>,
    running: Option<u64>,
    /// Esc was pressed once over changes.
    leaving: bool,
}

impl Form {
    /// Opens the form on a row's fields, with the cursor in one of them.
    pub fn open(row: &Row, names: &[&'static str], at: Option<&str>, desk: &mut Desk) -> Form {
        let fields = row.table.fields().iter();
        let field = |name: &&str| fields.clone().find(|field| field.name == *name);
        let inputs: Vec<FormField> = names.iter().filter_map(field).map(|field| FormField::new(field, row)).collect();
        let first = inputs.iter().position(|input| Some(input.field.name) == at).unwrap_or_default();
        let mut form = Form {
            row: row.clone(),
            inputs,
            focus: Focus::Field(first),
            codes: Codes::default(),
            asked: None,
            running: None,
            leaving: false,
        };
        form.look_up(desk);
        form
    }

    fn canonical(&self) -> &str {
        self.inputs.iter().find(|input| input.field.name == CANONICAL).map_or("", |input| input.text().trim())
    }

    /// Asks for the codes that the canonical code's text may mean.
    fn look_up(&mut self, desk: &mut Desk) {
        let request = Request::Codes { list: self.row.text("code_list").into(), part: self.canonical().into() };
        self.asked = Some(desk.ask(Slot::Overlay, request));
    }

    /// What is wrong with a field, in a few words.
    fn problem(&self, input: &FormField) -> Option<String> {
        let judged = self.asked.is_none() && self.codes.loaded && !input.text().trim().is_empty();
        if judged && input.field.name == CANONICAL {
            return match &self.codes.exact {
                None => Some(format!("not in code list {}", shown(self.row.text("code_list")))),
                Some(code) if !code.active => Some("retired".into()),
                Some(_) => None,
            };
        }
        input.problem()
    }

    /// The problem to tell in full: that of the field with the cursor, else the first one.
    fn most_pressing(&self) -> Option<String> {
        let here = match self.focus {
            Focus::Field(at) => self.inputs.get(at),
            Focus::Offer(_) | Focus::Save | Focus::Cancel => None,
        };
        let sentence = |input: &FormField| Some(format!("{}: {}.", input.field.title, self.problem(input)?));
        here.and_then(sentence).or_else(|| self.inputs.iter().find_map(sentence))
    }

    fn changes(&self) -> BTreeMap<String, String> {
        let changed = self.inputs.iter().filter(|input| input.changed());
        changed.map(|input| (input.field.name.to_string(), input.text().to_string())).collect()
    }

    fn save(&mut self, desk: &mut Desk) -> Step {
        if let Some(problem) = self.most_pressing() {
            desk.complain(problem);
            return Step::Stay;
        }
        let changes = self.changes();
        if changes.is_empty() {
            desk.say("Nothing was changed.");
            return Step::Close;
        }
        let row_version = self.row.int("row_version").unwrap_or_default();
        let command = Command::EditValueMap { id: self.row.id, row_version, changes };
        self.running = desk.write("Saving", command, Mode::Real);
        Step::Stay
    }

    fn leave(&mut self, desk: &mut Desk) -> Step {
        let changes = self.changes().len();
        if changes == 0 || self.leaving {
            return Step::Close;
        }
        self.leaving = true;
        desk.complain(format!("{} not saved: Esc again drops them.", counted(changes as i64, "change")));
        Step::Stay
    }

    fn on_canonical(&self) -> bool {
        matches!(self.focus, Focus::Field(at) if self.inputs.get(at).is_some_and(|input| input.field.name == CANONICAL))
    }

    fn offers(&self) -> usize {
        self.codes.offered.len().min(OFFERED)
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
            (Focus::Offer(_), _) => {
                let canonical = self.inputs.iter().position(|input| input.field.name == CANONICAL).unwrap_or_default();
                Focus::Field(if forward { (canonical + 1).min(last) } else { canonical })
            }
        };
    }

    fn down(&mut self) {
        self.focus = match self.focus {
            Focus::Field(_) if self.on_canonical() && self.offers() > 0 => Focus::Offer(0),
            Focus::Offer(at) if at + 1 < self.offers() => Focus::Offer(at + 1),
            _ => return self.move_focus(true),
        };
    }

    fn up(&mut self) {
        match self.focus {
            Focus::Offer(at) if at > 0 => self.focus = Focus::Offer(at - 1),
            _ => self.move_focus(false),
        }
    }

    fn enter(&mut self, desk: &mut Desk) -> Step {
        match self.focus {
            Focus::Field(_) => self.move_focus(true),
            Focus::Offer(at) => self.take_offer(at, desk),
            Focus::Save => return self.save(desk),
            Focus::Cancel => return Step::Close,
        }
        Step::Stay
    }

    fn take_offer(&mut self, at: usize, desk: &mut Desk) {
        let code = self.codes.offered.get(at).map(|entry| entry.code.clone());
        let input = self.inputs.iter_mut().find(|input| input.field.name == CANONICAL);
        if let (Some(code), Some(input)) = (code, input) {
            input.set(&code);
            self.look_up(desk);
        }
        self.move_focus(true);
    }

    fn type_into(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) {
        let Focus::Field(at) = self.focus else { return };
        let Some(input) = self.inputs.get_mut(at) else { return };
        if input.key(key, name) {
            self.leaving = false;
            self.look_up(desk);
        }
    }

    /// Draws what the map is about and its fields, so that the one with the cursor is in sight; answers the lines used.
    fn draw_fields(&self, paint: &mut Paint, area: Rect) -> u16 {
        let all = ABOUT.len() + self.inputs.len();
        let here = match self.focus {
            Focus::Field(at) => ABOUT.len() + at,
            Focus::Offer(_) => ABOUT.len(),
            Focus::Save | Focus::Cancel => all.saturating_sub(1),
        };
        let skip = scrolled(here, area.height.into());
        for (line, at) in (0..area.height).zip(skip..all) {
            let area = layout::line(area, line);
            match at.checked_sub(ABOUT.len()).and_then(|at| Some((at, self.inputs.get(at)?))) {
                Some((at, input)) => input.draw(paint, area, self.focus == Focus::Field(at), self.problem(input)),
                None => self.draw_fixed(paint, area, ABOUT[at]),
            }
        }
        (all - skip) as u16
    }

    fn draw_fixed(&self, paint: &mut Paint, area: Rect, name: &str) {
        let title = title(&self.row, name);
        let x = paint.put_at(area, area.x, &format!("  {title:<LABEL$}  "), Role::Quiet);
        let rest = Rect { x, width: area.right().saturating_sub(x), ..area };
        paint.stored(rest, self.row.text(name), Role::Plain);
    }

    fn draw_offers(&self, paint: &mut Paint, area: Rect) {
        let heading = format!("Codes of {}", shown(self.row.text("code_list")));
        paint.rule(layout::line(area, 0), &heading);
        for (line, (at, code)) in (1..).zip(self.codes.offered.iter().take(OFFERED).enumerate()) {
            let area = layout::line(area, line);
            let pointer = if self.focus == Focus::Offer(at) { '>' } else { ' ' };
            let retired = if code.active { "" } else { "  (retired)" };
            let width = usize::from(area.width).saturating_sub(34);
            let text = format!(" {pointer} {} {}{retired}", cut::fit(&code.code, 18), cut::cut(&code.label, width));
            paint.put(area, &text, Role::Plain);
            if self.focus == Focus::Offer(at) {
                paint.tint(area, Role::Selected);
            }
        }
    }
}

fn title<'a>(row: &Row, name: &'a str) -> &'a str {
    row.table.field(name).map_or(name, |field| field.title)
}

fn waits(n: i64) -> String {
    if n == 1 { "1 item waits".into() } else { format!("{} wait", counted(n, "item")) }
}

impl Overlay for Form {
    fn title(&self) -> String {
        let changes = self.changes().len();
        let changed = if changes > 0 { format!(" — {changes} changed") } else { String::new() };
        format!("Edit {} {}{changed}", self.row.table.info().one, shown(self.row.name()))
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = vec![("Tab", "next"), ("Shift+Tab", "back"), ("Ctrl+S", "save"), ("Ctrl+R", "put back")];
        if self.on_canonical() && self.offers() > 0 {
            hints.insert(0, ("Down", "codes"));
        }
        hints.push(("Esc", "cancel"));
        hints
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" => return self.leave(desk),
            "Ctrl+S" => return self.save(desk),
            "Enter" => return self.enter(desk),
            "Tab" => self.move_focus(true),
            "Shift+Tab" => self.move_focus(false),
            "Down" => self.down(),
            "Up" => self.up(),
            _ => self.type_into(key, name, desk),
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, desk: &mut Desk) -> Step {
        if let Focus::Field(at) = self.focus
            && let Some(input) = self.inputs.get_mut(at)
        {
            input.paste(text);
            self.look_up(desk);
        }
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        if let Answer::Codes { offered, exact, loaded } = answer {
            self.asked = None;
            self.codes = Codes { offered, exact, loaded };
            if let Focus::Offer(at) = self.focus {
                self.focus = Focus::Offer(at.min(self.offers().saturating_sub(1)));
            }
        }
    }

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, _desk: &mut Desk) -> Option<Step> {
        self.running.take_if(|running| *running == ticket)?;
        Some(if outcome.is_ok() { Step::Close } else { Step::Stay })
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let value = |name: &str| format!("{}: {}", title(&self.row, name), shown(self.row.text(name)));
        let mut about: Vec<String> = ABOUT.iter().map(|name| value(name)).collect();
        about.extend(self.most_pressing());
        let offered = self.codes.offered.iter().take(OFFERED);
        about.extend(offered.map(|code| format!("Offered: {}, {}", shown(&code.code), shown(&code.label))));
        let field = |input: &FormField| format!("{}: {}", input.field.title, shown(input.text()));
        let mut choices: Vec<String> = self.inputs.iter().map(field).collect();
        choices.extend(["Save".to_string(), "Cancel".to_string()]);
        Some(Spoken { about, choices })
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
        if let Some(problem) = self.most_pressing() {
            paint.put(areas.status, &format!(" {problem}"), Role::Error);
        }
        let footer = layout::bottom(area, 2);
        let upper = Rect { height: area.height.saturating_sub(footer.height), ..area };
        let used = self.draw_fields(paint, upper);
        let left = upper.height.saturating_sub(used);
        // Where there is no room for them, codes lie over the fields while one of them is chosen.
        let choosing = matches!(self.focus, Focus::Offer(_));
        let offers = layout::bottom(upper, if choosing { left.max(OFFERED as u16 + 1) } else { left });
        if offers.height > 1 && !self.codes.offered.is_empty() {
            paint.clear(offers);
            self.draw_offers(paint, offers);
        }
        let waiting = self.row.int("waiting").unwrap_or_default();
        if waiting > 0 {
            let effect = format!(" {} for this map: a canonical code releases them.", waits(waiting));
            paint.put(layout::line(footer, 0), &effect, Role::Note);
        }
        let buttons = layout::line(footer, 1);
        let x = button(paint, buttons, buttons.x + 1, "Save", self.focus == Focus::Save);
        button(paint, buttons, x + 3, "Cancel", self.focus == Focus::Cancel);
    }
}
