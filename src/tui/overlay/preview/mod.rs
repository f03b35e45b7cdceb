//! Before anything is done to many rows: what it would do, to how many, and why not to the others. What a preview can be
//! about stands in [`Proposal`], what it says in [`told`].
//!
//! The numbers come from a dry run of the same command. What is then done is exactly what was shown: the command carries the
//! dry run's fingerprint, and if rows moved meanwhile nothing is written and everything is counted again.

mod controls;
mod leave;
mod listed;
mod told;

use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Rect};

use super::{Hint, NOTCH, Overlay, Picked, Spoken, Step, hand};
use crate::engine::{Error, Mode, Outcome, Refusal, Rows};
use crate::model::text::grouped;
use crate::model::{is_blank, shown};
use crate::store::CameThrough;
use crate::tui::bulk::{Bulk, Reason};
use crate::tui::deck::Told;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::{Paint, Span};
use crate::tui::proposal::Proposal;
use crate::tui::read::{Answer, Request, Slot};
use leave::Leaving;

/// Lines below what is told: the reason, the number and the buttons.
const CONTROLS: u16 = 3;

#[derive(Debug)]
enum Stage {
    /// What it is about is being found out.
    Reading(u64),
    Counting(u64),
    Ready(Outcome),
    Running(u64, Outcome),
    /// There is nothing to show; the sentence says why.
    Failed(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Cancel,
    /// The suggestions, of which single ones are left out.
    List,
    Reason,
    Number,
    Go,
    /// What the person had a hand in alone.
    Own,
}

#[derive(Debug)]
pub struct Preview {
    what: Proposal,
    stage: Stage,
    reason: Entry,
    number: Entry,
    focus: Focus,
    /// Whether the numbers are those of a run that gives a reason.
    counted_with_reason: bool,
    /// The others were left out: it is about entries that the person had a hand in.
    own_alone: bool,
    leaving: Leaving,
    /// What came through the value map that it is about, and the question for that.
    through: Option<CameThrough>,
    asked: Option<u64>,
    /// The first line that is shown, and whether the last one has been.
    top: usize,
    seen: bool,
}

impl Preview {
    /// Opens the preview of something done to rows.
    pub fn open(what: Bulk, rows: Rows, desk: &mut Desk) -> Option<Preview> {
        Preview::of(Proposal::Rows(what, rows), desk)
    }

    /// Opens the preview and has its numbers counted; `None` if the writer is busy, which the message line says.
    pub fn of(what: Proposal, desk: &mut Desk) -> Option<Preview> {
        let mut preview = Preview {
            what,
            stage: Stage::Failed(String::new()),
            reason: Entry::default(),
            number: Entry::default(),
            focus: Focus::Cancel,
            counted_with_reason: false,
            own_alone: false,
            leaving: Leaving::default(),
            through: None,
            asked: None,
            top: 0,
            seen: false,
        };
        if let Some(request) = preview.what.needs() {
            preview.stage = Stage::Reading(desk.ask(Slot::Facets, request));
            return Some(preview);
        }
        preview.asked = preview.what.map().map(|map| desk.ask(Slot::Facets, Request::CameThrough(map)));
        preview.count(desk).then_some(preview)
    }

    fn count(&mut self, desk: &mut Desk) -> bool {
        self.counted_with_reason = self.given_reason().is_some();
        self.counts_without();
        let work = self.what.work(self.given_reason());
        let ticket = work.and_then(|work| desk.write("Counting", work, Mode::DryRun));
        self.stage = ticket.map_or(Stage::Failed("The preview could not start.".into()), Stage::Counting);
        ticket.is_some()
    }

    fn given_reason(&self) -> Option<String> {
        Some(self.reason.text().trim().to_string()).filter(|reason| !is_blank(reason))
    }

    /// Certifying with a reason can take in rows that are held back without one: then everything is counted again.
    fn count_anew(&mut self, desk: &mut Desk) -> bool {
        let moved = self.what.reason_counts() && self.counted_with_reason != self.given_reason().is_some();
        moved && matches!(self.stage, Stage::Ready(_)) && self.count(desk)
    }

    fn outcome(&self) -> Option<&Outcome> {
        match &self.stage {
            Stage::Ready(outcome) | Stage::Running(_, outcome) => Some(outcome),
            Stage::Reading(_) | Stage::Counting(_) | Stage::Failed(_) => None,
        }
    }

    fn needs_number(&self) -> bool {
        self.outcome().is_some_and(|outcome| outcome.changed >= self.what.typed_from())
    }

    /// Why it cannot be done yet.
    fn obstacle(&self) -> Option<String> {
        let Stage::Ready(outcome) = &self.stage else { return Some("The numbers are not there yet.".into()) };
        let typed: String = self.number.text().chars().filter(char::is_ascii_digit).collect();
        if outcome.changed == 0 {
            Some("No row would change.".into())
        } else if self.what.reason() == Reason::Needed && self.given_reason().is_none() {
            Some(self.what.reason_missing())
        } else if self.needs_number() && typed != outcome.changed.to_string() {
            Some(format!("Type the number of rows that will change: {}.", grouped(outcome.changed)))
        } else if !self.seen && self.lists() {
            Some("Look through the sample to its end first: PgDn.".into())
        } else {
            None
        }
    }

    fn go(&mut self, desk: &mut Desk) -> Step {
        if self.count_anew(desk) {
            return Step::Stay;
        }
        if let Some(obstacle) = self.obstacle() {
            desk.complain(obstacle);
            return Step::Stay;
        }
        let Stage::Ready(outcome) = &self.stage else { return Step::Stay };
        let mode = Mode::AsPreviewed(outcome.fingerprint.clone());
        let work = self.what.work(self.given_reason());
        if let Some(ticket) = work.and_then(|work| desk.write(self.what.doing(), work, mode)) {
            self.stage = Stage::Running(ticket, outcome.clone());
        }
        Step::Stay
    }

    fn move_focus(&mut self, forward: bool, desk: &mut Desk) {
        let order = self.order();
        let at = order.iter().position(|focus| *focus == self.focus).unwrap_or_default();
        let next = if forward { at + 1 } else { at + order.len() - 1 };
        self.focus = order[next % order.len()];
        self.count_anew(desk);
    }

    fn enter(&mut self, desk: &mut Desk) -> Step {
        match self.focus {
            Focus::Cancel => self.leave(desk),
            Focus::Go => self.go(desk),
            Focus::Own => {
                self.take_own_alone(desk);
                Step::Stay
            }
            Focus::List => {
                self.list_key("Space", desk);
                Step::Stay
            }
            Focus::Reason | Focus::Number => {
                self.move_focus(true, desk);
                Step::Stay
            }
        }
    }

    fn entry(&mut self) -> Option<&mut Entry> {
        match self.focus {
            Focus::Reason => Some(&mut self.reason),
            Focus::Number => Some(&mut self.number),
            Focus::Cancel | Focus::List | Focus::Go | Focus::Own => None,
        }
    }

    /// Numbers that nobody waits for any more are not counted on: they would keep others from writing.
    fn leave(&self, desk: &mut Desk) -> Step {
        if matches!(self.stage, Stage::Counting(_)) {
            desk.stop_writing();
        }
        Step::Close
    }
}

/// So wide that no line is broken.
const UNBROKEN: usize = 10_000;

impl Overlay for Preview {
    fn title(&self) -> String {
        format!("{}: check before you commit", self.what.title())
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = vec![("Tab", "next"), ("Shift+Tab", "back")];
        match self.focus {
            Focus::List => hints.splice(0..0, [("Space", "leave out"), ("Up/Down", "choose")]).for_each(drop),
            _ => hints.push(("Enter", "press")),
        }
        hints.extend(self.takes_digits().then_some(("1-5", "reason")));
        hints.extend((self.lists() && self.focus != Focus::List).then_some(("PgDn", "sample")));
        hints.push(("Esc", "cancel"));
        hints
    }

    fn more_keys(&self) -> Vec<Hint> {
        let mut keys = vec![("Up/Down", "another field or button"), ("PgUp/PgDn", "scroll what is shown")];
        match self.focus {
            Focus::Reason | Focus::Number => keys.push(("Ctrl+U", "delete what stands before the cursor")),
            Focus::Cancel | Focus::Own | Focus::Go => keys.push(("Left/Right", "another button")),
            Focus::List => keys.clear(),
        }
        keys
    }

    /// A click goes to a button or field; a second one on a button presses it.
    fn click(&mut self, at: Position, areas: &Areas, desk: &mut Desk) -> Step {
        let Some(focus) = self.control_at(at, areas) else { return Step::Stay };
        if focus == self.focus {
            return self.enter(desk);
        }
        self.focus = focus;
        self.count_anew(desk);
        Step::Stay
    }

    fn wheel(&mut self, _at: Position, down: bool, desk: &mut Desk) -> bool {
        self.scroll_by(NOTCH, down, desk);
        true
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" => return self.leave(desk),
            "Enter" => return self.enter(desk),
            _ if self.focus == Focus::List && self.list_key(name, desk) => {}
            "PgDn" | "PgUp" => self.scroll(name == "PgDn", desk),
            "Home" | "End" if self.entry().is_none() => self.scroll_by(usize::MAX / 2, name == "End", desk),
            _ if self.choose_reason(name, desk) => {}
            "Tab" | "Down" => self.move_focus(true, desk),
            "Shift+Tab" | "Up" => self.move_focus(false, desk),
            _ => match (self.entry(), name) {
                (Some(entry), _) => {
                    entry.key(key);
                }
                (None, "Left") => self.move_focus(false, desk),
                (None, "Right") => self.move_focus(true, desk),
                (None, _) => {}
            },
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _desk: &mut Desk) -> Step {
        if let Some(entry) = self.entry() {
            entry.paste(text);
        }
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket) || matches!(self.stage, Stage::Reading(reading) if reading == ticket)
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::CameThrough(through) => {
                self.asked = None;
                self.through = Some(through);
            }
            Answer::Deck(told) => {
                if let Told::Accept(found) = *told {
                    self.what.found(found);
                }
            }
            _ => {}
        }
    }

    fn missed(&mut self, ticket: u64) {
        self.asked.take_if(|asked| *asked == ticket);
        if matches!(self.stage, Stage::Reading(reading) if reading == ticket) {
            self.stage = Stage::Failed("The suggestions could not be read.".into());
        }
    }

    fn follow(&mut self, desk: &mut Desk) {
        if matches!(self.stage, Stage::Reading(_)) && self.what.needs().is_none() {
            self.count(desk);
        }
        self.look(desk);
    }

    fn at_hand(&self) -> Option<u64> {
        hand(self.outcome().map(|outcome| &outcome.fingerprint))
    }

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, desk: &mut Desk) -> Option<Step> {
        match (&self.stage, outcome) {
            (Stage::Counting(mine), _) if *mine == ticket && self.is_outdated() => {
                self.count(desk);
            }
            (Stage::Counting(mine), Ok(outcome)) if *mine == ticket => self.stage = Stage::Ready(outcome.clone()),
            (Stage::Counting(mine), Err(error)) if *mine == ticket => self.stage = Stage::Failed(error.to_string()),
            (Stage::Running(mine, _), Ok(_)) if *mine == ticket => {
                return Some(match &self.what {
                    // The form that asked where to send them has done its part.
                    Proposal::Send(_) => Step::CloseBoth(None),
                    Proposal::MapMarked { rows, .. } => Step::CloseBoth(Some(rows.clone())),
                    Proposal::Rows(_, rows) | Proposal::Dispose { rows, .. } => Step::Acted(rows.clone()),
                    _ => Step::Close,
                });
            }
            (Stage::Running(mine, _), Err(Error::Refused(Refusal::PreviewMoved))) if *mine == ticket => {
                self.focus = Focus::Cancel;
                self.number = Entry::default();
                self.count(desk);
            }
            (Stage::Running(mine, shown), Err(_)) if *mine == ticket => self.stage = Stage::Ready(shown.clone()),
            _ => return None,
        }
        Some(Step::Stay)
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let text = |spans: Vec<Span>| spans.into_iter().map(|(text, _)| text).collect::<String>();
        let field = |label: &str, entry: &Entry| match entry.text() {
            "" => format!("{label}: empty"),
            text => format!("{label}: {}", shown(text)),
        };
        let choice = |focus: Focus| match focus {
            Focus::Reason => field(self.what.reason_kept().trim_end(), &self.reason),
            Focus::Number => field("How many rows will change", &self.number),
            button => self.says(button),
        };
        // Each suggestion is a choice of its own.
        let places = self.order().into_iter().filter(|focus| *focus != Focus::List).map(choice);
        let choices = places.chain(self.spoken_list()).collect();
        let lines = if self.lists() { self.above(UNBROKEN) } else { self.lines(UNBROKEN) };
        Some(Spoken { about: lines.into_iter().map(text).collect(), choices })
    }

    fn pick(&mut self, at: usize) -> Picked {
        let places: Vec<Focus> = self.order().into_iter().filter(|focus| *focus != Focus::List).collect();
        let Some(focus) = places.get(at).copied() else { return self.pick_in_list(at - places.len()) };
        self.focus = focus;
        if matches!(focus, Focus::Reason | Focus::Number) { Picked::Type } else { Picked::Press }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let controls = layout::bottom(areas.content, CONTROLS);
        let listed = self.listed(areas.content.height);
        let room = self.room(areas.content.height);
        let lines = self.lines(areas.content.width.into());
        let top = self.top.min(lines.len().saturating_sub(room.into()));
        paint.lines(Rect { height: room.min(areas.content.height), ..areas.content }, &lines, top);
        let area = layout::bottom(areas.content, CONTROLS + listed.len() as u16);
        self.draw_listed(paint, Rect { height: area.height.saturating_sub(CONTROLS), ..area }, listed);
        self.draw_controls(paint, controls);
    }
}

#[cfg(test)]
mod tests;
