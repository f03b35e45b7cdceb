//! Editing the input of a sync item and trying it again: what was delivered stays as it is, the copy of it is changed.
//!
//! The text is checked as one types, codes that the source is known to use complete it, and what would come of it is
//! worked out beside the keys, by the same command. A reason is needed. The command carries the row version that the form
//! began with; where the engine refuses, the draft stays on the screen.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::buttons::{self, CANCEL};
use super::effect::Effect;
use super::offers::{self, Offer, Offers};
use super::{Hint, Overlay, Picked, Spoken, Step};
use crate::engine::{Command, Error, Mode, Outcome, Refusal};
use crate::model::text::{counted, grouped};
use crate::model::{Row, code, is_blank, shown};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::read::{Answer, Request};
use crate::tui::theme::Role;

/// The longest value and the longest reason that the engine takes, in characters.
const MAX_VALUE: usize = 4_000;
const MAX_REASON: usize = 500;
/// Lines to type in, the effect, and a line to press.
const FORM: u16 = 4;
/// The reason that an effect is worked out with: none is kept of it.
const REHEARSED: &str = "rehearsed";
/// Cells of a line's title.
const LABEL: usize = 14;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Input,
    /// A code that is offered for the input.
    Offer(usize),
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
    offers: Offers,
    effect: Effect,
    running: Option<u64>,
    /// Esc was pressed once over changes.
    leaving: bool,
}

impl EditInput {
    pub fn open(row: &Row, desk: &mut Desk) -> EditInput {
        let mut form = EditInput {
            input: Entry::new(row.text("raw_value")),
            row: row.clone(),
            reason: Entry::default(),
            focus: Focus::Input,
            offers: Offers::default(),
            effect: Effect::default(),
            running: None,
            leaving: false,
        };
        form.look_up(desk);
        form
    }

    /// Asks for the codes that the source is known to use, where the field's values are codes.
    fn look_up(&mut self, desk: &mut Desk) {
        // What is there is no beginning of a code until it is changed.
        let part = if self.changed() { self.input.text().trim() } else { "" };
        self.offers.look_up(Request::SourceCodes { item: self.row.id, part: part.into() }, desk);
    }

    /// Codes for the input, while the cursor is there.
    fn offered(&self) -> Vec<Offer> {
        match self.focus {
            Focus::Input | Focus::Offer(_) => self.offers.codes(),
            _ => Vec::new(),
        }
    }

    /// The edit with a reason.
    fn command(&self, reason: &str) -> Command {
        Command::EditRetry {
            item: self.row.id,
            row_version: self.row.int("row_version").unwrap_or_default(),
            raw: self.input.text().into(),
            reason: reason.into(),
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
        if is_blank(self.reason.text()) {
            return Some("A reason is needed; it is kept in the history.".into());
        }
        self.reason_problem().map(|problem| format!("Reason: {problem}."))
    }

    fn go(&mut self, desk: &mut Desk) -> Step {
        if let Some(obstacle) = self.obstacle() {
            desk.complain(obstacle);
            return Step::Stay;
        }
        let command = self.command(self.reason.text().trim());
        // What was shown is what is done, or nothing is.
        let shown = self.effect.fingerprint().map(|fingerprint| Mode::AsPreviewed(fingerprint.into()));
        self.running = desk.write("Retrying", command, shown.unwrap_or(Mode::Real));
        Step::Stay
    }

    fn leave(&mut self, desk: &mut Desk) -> Step {
        if self.leaving || (!self.changed() && self.reason.text().is_empty()) {
            return self.close(desk);
        }
        self.leaving = true;
        desk.complain("The new input is not saved: Esc again drops it.");
        Step::Stay
    }

    fn close(&self, desk: &mut Desk) -> Step {
        desk.end_rehearsal();
        Step::Close
    }

    /// Down into what is offered and on in it; from its end, or where nothing is offered, to the next line.
    fn down(&mut self) {
        let len = self.offered().len();
        self.focus = match self.focus {
            Focus::Input if len > 0 => Focus::Offer(0),
            Focus::Offer(at) if at + 1 < len => Focus::Offer(at + 1),
            _ => return self.move_focus(1),
        };
    }

    fn up(&mut self) {
        self.focus = match self.focus {
            Focus::Offer(0) => Focus::Input,
            Focus::Offer(at) => Focus::Offer(at - 1),
            _ => return self.move_focus(ORDER.len() - 1),
        };
    }

    fn take_offer(&mut self, at: usize, desk: &mut Desk) {
        if let Some((code, _)) = self.offered().into_iter().nth(at) {
            self.input.set(&code);
            self.look_up(desk);
        }
        self.focus = Focus::Reason;
    }

    fn move_focus(&mut self, by: usize) {
        // What is offered belongs to the input.
        let at = ORDER.iter().position(|focus| *focus == self.focus).unwrap_or_default();
        self.focus = ORDER[(at + by) % ORDER.len()];
    }

    fn entry(&mut self) -> Option<&mut Entry> {
        match self.focus {
            Focus::Input => Some(&mut self.input),
            Focus::Reason => Some(&mut self.reason),
            Focus::Offer(_) | Focus::Go | Focus::Cancel => None,
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

    /// Draws the codes that are offered below the form, or while one of them is chosen over what is known of the item.
    fn draw_offers(&self, paint: &mut Paint, area: Rect, form: Rect) {
        let offered = self.offered();
        let below = Rect { y: form.y + FORM.min(form.height), height: form.height.saturating_sub(FORM), ..form };
        let choosing = matches!(self.focus, Focus::Offer(_));
        let lines = (offered.len() as u16).min(offers::LINES) + 1;
        let over = Rect { height: form.y.saturating_sub(area.y).min(lines), ..area };
        let place = if below.height >= lines || !choosing { below } else { over };
        if offered.is_empty() || place.height < 2 {
            return;
        }
        let chosen = if let Focus::Offer(at) = self.focus { Some(at) } else { None };
        let heading = "Codes that the source is known to use";
        offers::draw(paint, place, heading, (&offered, chosen), |(code, canonical), width| {
            format!("{} → {}", cut::fit(code, 20), cut::cut(canonical, width.saturating_sub(28)))
        });
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

/// What an item would come to, and what that would change.
fn becomes(outcome: &Outcome) -> String {
    let state = outcome.came.map_or(String::new(), |came| came.words());
    let side = |value: &Option<String>| value.as_ref().map_or("(none)".into(), |text| shown(text).into_owned());
    match outcome.sample.first() {
        Some(change) => format!("{state}; value in force {} → {}", side(&change.before), side(&change.after)),
        None => format!("{state}; no value in force changes"),
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
        let mut hints = vec![("Tab", "next"), ("Shift+Tab", "back"), ("Ctrl+S", "retry"), ("Ctrl+R", "put back")];
        if self.focus == Focus::Input && !self.offered().is_empty() {
            hints.insert(0, ("Down", "codes"));
        }
        hints.push(("Esc", "cancel"));
        hints
    }

    fn keys(&self) -> Option<Over> {
        Some(Over::EditInput)
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match (name, self.focus) {
            ("Esc", _) => return self.leave(desk),
            ("Ctrl+S", _) | ("Enter", Focus::Go) => return self.go(desk),
            ("Enter", Focus::Cancel) => return self.close(desk),
            ("Enter", Focus::Offer(at)) => self.take_offer(at, desk),
            ("Down", _) => self.down(),
            ("Up", _) => self.up(),
            // What is chosen among the offers is meant.
            ("Tab", Focus::Offer(at)) => self.take_offer(at, desk),
            ("Shift+Tab", Focus::Offer(_)) => self.focus = Focus::Input,
            ("Tab" | "Enter", _) | ("Right", Focus::Go | Focus::Cancel) => self.move_focus(1),
            ("Shift+Tab", _) | ("Left", Focus::Go | Focus::Cancel) => self.move_focus(ORDER.len() - 1),
            ("Ctrl+R", _) => {
                self.input.set(self.row.text("raw_value"));
                self.look_up(desk);
            }
            _ => {
                self.leaving = false;
                if self.entry().is_some_and(|entry| entry.key(key)) && self.focus == Focus::Input {
                    self.look_up(desk);
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, desk: &mut Desk) -> Step {
        if let Some(entry) = self.entry() {
            entry.paste(text);
            self.look_up(desk);
        }
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.offers.awaits(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        self.offers.answered(answer);
        if let Focus::Offer(at) = self.focus {
            self.focus = Focus::Offer(at.min(self.offered().len().saturating_sub(1)));
        }
    }

    fn missed(&mut self, ticket: u64) {
        self.offers.missed(ticket);
    }

    /// Has the effect worked out of an input that can be tried; a reason changes nothing of it.
    fn follow(&mut self, desk: &mut Desk) {
        let tried = self.changed() && self.problem().is_none() && self.running.is_none();
        if tried || self.running.is_none() {
            self.effect.follow(tried.then(|| self.command(REHEARSED)), desk);
        }
    }

    /// Others may have written what the effect depends on.
    fn outdated(&mut self, _desk: &mut Desk) {
        self.effect.forget();
    }

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, _desk: &mut Desk) -> Option<Step> {
        if self.effect.done(ticket, outcome) {
            return Some(Step::Stay);
        }
        self.running.take_if(|running| *running == ticket)?;
        if let Err(Error::Refused(Refusal::PreviewMoved)) = outcome {
            self.effect.forget();
        }
        Some(if outcome.is_ok() { Step::Close } else { Step::Stay })
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let field = |label: &str, entry: &Entry| match entry.text() {
            "" => format!("{label}: empty"),
            text => format!("{label}: {}", shown(text)),
        };
        let line = |(label, text, _): (String, String, Role)| format!("{label} {text}").trim_start().to_string();
        let choice = |focus: Focus| match focus {
            Focus::Input | Focus::Offer(_) => field("Input", &self.input),
            Focus::Reason => field("Reason, which is needed", &self.reason),
            Focus::Go => "Save and retry".into(),
            Focus::Cancel => CANCEL.into(),
        };
        let mut about: Vec<String> = self.about(usize::from(u16::MAX)).into_iter().map(line).collect();
        about.extend(self.effect.text(becomes).map(|effect| format!("Would be {effect}")));
        about.extend(self.offered().iter().take(offers::SPOKEN).map(|(code, _)| format!("Offered: {}", shown(code))));
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
        if self.changed() {
            let line = layout::line(form, 2);
            let x = paint.put_at(line, line.x, &format!("  {:<LABEL$}  ", "Would be"), Role::Quiet);
            let effect = self.effect.text(becomes).unwrap_or_else(|| "…".into());
            paint.put_at(line, x, &cut::cut_shown(effect.into(), width), Role::Note);
        }
        let here = [Focus::Go, Focus::Cancel].iter().position(|button| *button == self.focus);
        buttons::draw(paint, layout::line(form, 3), &["Save and retry", CANCEL], here);
        self.draw_offers(paint, area, form);
        let problems = [("Input", self.problem()), ("Reason", self.reason_problem())];
        let problem = problems.into_iter().find_map(|(name, problem)| Some(format!(" {name}: {}.", problem?)));
        if let Some(problem) = problem {
            paint.put(areas.status, &problem, Role::Error);
        }
    }
}
