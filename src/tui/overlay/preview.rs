//! Before anything is done to many rows: what it would do, to how many, and why not to the others.
//!
//! The numbers come from a dry run of the same command. What is then done is exactly what was shown: the command carries the
//! dry run's fingerprint, and if rows moved meanwhile nothing is written and everything is counted again.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Picked, Spoken, Step};
use crate::engine::{Command, Error, Mode, Outcome, Refusal, Rows, Verb};
use crate::model::shown;
use crate::model::text::{counted, grouped};
use crate::tui::bulk::{Bulk, Reason};
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::{Paint, Span};
use crate::tui::theme::Role;

/// From so many rows on their number has to be typed.
const TYPED_FROM: i64 = 1_000;

#[derive(Debug)]
enum Stage {
    Counting(u64),
    Ready(Outcome),
    Running(u64, Outcome),
    /// There is nothing to show; the sentence says why.
    Failed(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Cancel,
    Reason,
    Number,
    Go,
}

#[derive(Debug)]
pub struct Preview {
    what: Bulk,
    rows: Rows,
    stage: Stage,
    reason: Entry,
    number: Entry,
    focus: Focus,
    /// Whether the numbers are those of a run that gives a reason.
    counted_with_reason: bool,
}

impl Preview {
    /// Opens the preview and has its numbers counted; `None` if the writer is busy, which the message line says.
    pub fn open(what: Bulk, rows: Rows, desk: &mut Desk) -> Option<Preview> {
        let mut preview = Preview {
            what,
            rows,
            stage: Stage::Failed(String::new()),
            reason: Entry::default(),
            number: Entry::default(),
            focus: Focus::Cancel,
            counted_with_reason: false,
        };
        preview.count(desk).then_some(preview)
    }

    fn count(&mut self, desk: &mut Desk) -> bool {
        self.counted_with_reason = self.given_reason().is_some();
        let ticket = desk.write("Counting", self.command(), Mode::DryRun);
        self.stage = ticket.map_or(Stage::Failed("The preview could not start.".into()), Stage::Counting);
        ticket.is_some()
    }

    fn command(&self) -> Command {
        self.what.command(self.rows.clone(), self.given_reason())
    }

    fn given_reason(&self) -> Option<String> {
        Some(self.reason.text().trim().to_string()).filter(|reason| !reason.is_empty())
    }

    /// Certifying with a reason can take in rows that are held back without one: then everything is counted again.
    fn count_anew(&mut self, desk: &mut Desk) -> bool {
        let certify = self.what == Bulk::Decide(Verb::Certify);
        let moved = certify && self.counted_with_reason != self.given_reason().is_some();
        moved && matches!(self.stage, Stage::Ready(_)) && self.count(desk)
    }

    fn outcome(&self) -> Option<&Outcome> {
        match &self.stage {
            Stage::Ready(outcome) | Stage::Running(_, outcome) => Some(outcome),
            Stage::Counting(_) | Stage::Failed(_) => None,
        }
    }

    fn needs_number(&self) -> bool {
        self.outcome().is_some_and(|outcome| outcome.changed >= TYPED_FROM)
    }

    /// Why it cannot be done yet.
    fn obstacle(&self) -> Option<String> {
        let Stage::Ready(outcome) = &self.stage else { return Some("The numbers are not there yet.".into()) };
        let typed: String = self.number.text().chars().filter(char::is_ascii_digit).collect();
        if outcome.changed == 0 {
            Some("No row would change.".into())
        } else if self.what.reason() == Reason::Needed && self.given_reason().is_none() {
            Some("A reason is needed; it is kept with each entry.".into())
        } else if self.needs_number() && typed != outcome.changed.to_string() {
            Some(format!("Type the number of rows that will change: {}.", grouped(outcome.changed)))
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
        if let Some(ticket) = desk.write(self.what.doing(), self.command(), mode) {
            self.stage = Stage::Running(ticket, outcome.clone());
        }
        Step::Stay
    }

    fn order(&self) -> Vec<Focus> {
        let mut order = vec![Focus::Cancel];
        order.extend((self.what.reason() != Reason::Unasked).then_some(Focus::Reason));
        order.extend(self.needs_number().then_some(Focus::Number));
        order.push(Focus::Go);
        order
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
            Focus::Cancel | Focus::Go => None,
        }
    }

    /// Numbers that nobody waits for any more are not counted on: they would keep others from writing.
    fn leave(&self, desk: &mut Desk) -> Step {
        if matches!(self.stage, Stage::Counting(_)) {
            desk.stop_writing();
        }
        Step::Close
    }

    fn rule(&self) -> String {
        match &self.rows {
            Rows::Ids(ids) => format!("the {} you marked", counted(ids.len() as i64, "row")),
            Rows::Filter(filter) if filter.is_empty() => "every row of the table".into(),
            Rows::Filter(filter) => format!("all rows that match: {}", shown(filter)),
        }
    }

    /// What would happen, as lines from the most important on; those that do not fit are left out.
    fn lines(&self) -> Vec<Vec<Span>> {
        let label = |text: &str| (format!(" {text:<14}"), Role::Quiet);
        let mut lines = vec![vec![label("You chose"), (self.rule(), Role::Plain)]];
        let outcome = match &self.stage {
            Stage::Counting(_) => {
                lines.push(vec![label("Will change"), ("counting…".into(), Role::Quiet)]);
                return lines;
            }
            Stage::Failed(sentence) => {
                lines.push(vec![(format!(" {sentence}"), Role::Error)]);
                return lines;
            }
            Stage::Ready(outcome) | Stage::Running(_, outcome) => outcome,
        };
        let held: i64 = outcome.held_back.iter().map(|held| held.rows).sum();
        let changed = counted(outcome.changed, self.what.row());
        let values = format!("; {} will be different", counted(outcome.values_changed, "current value"));
        let values = match self.what {
            Bulk::Decide(_) => values,
            Bulk::Retry => {
                let (on, off) = (outcome.released, outcome.changed - outcome.released);
                let values = counted(outcome.values_changed, "current value");
                format!(": {} go on, {} do not; {values} would differ", grouped(on), grouped(off))
            }
            Bulk::Park | Bulk::Unpark => String::new(),
        };
        lines.push(vec![label("Will change"), (changed, Role::Heading), (values, Role::Plain)]);
        let role = if held > 0 { Role::Waiting } else { Role::Plain };
        lines.push(vec![label("Held back"), (counted(held, "row"), role)]);
        for held in &outcome.held_back {
            let text = format!("{:>15}  {}", grouped(held.rows), shown(&held.reason));
            lines.push(vec![(text, Role::Plain)]);
        }
        let mut spread = outcome.spread.iter();
        if let Some(first) = spread.next() {
            lines.push(vec![label("Spread"), (spread_text(first), Role::Plain)]);
            lines.extend(spread.map(|next| vec![label(""), (spread_text(next), Role::Plain)]));
        }
        if !outcome.sample.is_empty() {
            let heading = format!(" CURRENT VALUES, {} OF {}", outcome.sample.len(), grouped(outcome.values_changed));
            lines.push(vec![(heading, Role::Heading)]);
        }
        for change in &outcome.sample {
            let side = |value: &Option<String>| value.as_ref().map_or("(none)".into(), |text| shown(text).into_owned());
            let place = format!("   {:<24} ", format!("{} {}", shown(&change.target_table), shown(&change.field_name)));
            let values = format!("{} → {}", side(&change.before), side(&change.after));
            lines.push(vec![(place, Role::Quiet), (values, Role::Plain)]);
        }
        lines
    }

    fn draw_controls(&self, paint: &mut Paint, area: ratatui::layout::Rect) {
        let field = |paint: &mut Paint, line: u16, label: &str, entry: &Entry, focus: bool| {
            let area = layout::line(area, line);
            let pointer = if focus { '>' } else { ' ' };
            let from = paint.put_at(area, area.x, &format!("{pointer}{label} [ "), Role::Plain);
            let room = area.right().saturating_sub(from + 3);
            entry.draw(paint, ratatui::layout::Rect { x: from, width: room, ..area }, focus);
            paint.put_right(area, from, "] ", Role::Plain);
        };
        let kept = match (self.what.reason(), self.what.is_decision()) {
            (Reason::Needed, _) => "Reason, kept with each entry",
            (_, true) => "Note, kept with each entry  ",
            (_, false) => "Note, kept in the history   ",
        };
        if self.what.reason() != Reason::Unasked {
            field(paint, 0, kept, &self.reason, self.focus == Focus::Reason);
        }
        if self.needs_number() {
            field(paint, 1, "Type how many rows will change", &self.number, self.focus == Focus::Number);
        }
        let area = layout::line(area, 2);
        let n = self.outcome().map_or(String::new(), |outcome| format!(" {}", grouped(outcome.changed)));
        let x = button(paint, area, area.x + 1, "Cancel", self.focus == Focus::Cancel);
        button(paint, area, x + 3, &format!("{}{n}", self.what.title()), self.focus == Focus::Go);
    }
}

fn spread_text(spread: &crate::engine::outcome::Spread) -> String {
    format!("{} from {}  {}", shown(&spread.target_table), shown(&spread.source_system_key), grouped(spread.rows))
}

/// Draws a button; one that has the focus shows it by its marks too.
pub fn button(paint: &mut Paint, area: ratatui::layout::Rect, x: u16, text: &str, focus: bool) -> u16 {
    let (text, role) =
        if focus { (format!("[> {text} <]"), Role::Selected) } else { (format!("[ {text} ]"), Role::Plain) };
    paint.put_at(area, x, &text, role)
}

impl Overlay for Preview {
    fn title(&self) -> String {
        format!("{}: check before you commit", self.what.title())
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Tab", "next"), ("Shift+Tab", "back"), ("Enter", "press"), ("Esc", "cancel")]
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" => return self.leave(desk),
            "Enter" => return self.enter(desk),
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

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, desk: &mut Desk) -> Option<Step> {
        match (&self.stage, outcome) {
            (Stage::Counting(mine), Ok(outcome)) if *mine == ticket => self.stage = Stage::Ready(outcome.clone()),
            (Stage::Counting(mine), Err(error)) if *mine == ticket => self.stage = Stage::Failed(error.to_string()),
            (Stage::Running(mine, _), Ok(_)) if *mine == ticket => return Some(Step::Close),
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
        let n = self.outcome().map_or(String::new(), |outcome| format!(" {}", grouped(outcome.changed)));
        let field = |label: &str, entry: &Entry| match entry.text() {
            "" => format!("{label}: empty"),
            text => format!("{label}: {}", shown(text)),
        };
        let choice = |focus: Focus| match focus {
            Focus::Cancel => "Cancel".into(),
            Focus::Reason => field("Reason or note, kept with each entry", &self.reason),
            Focus::Number => field("How many rows will change", &self.number),
            Focus::Go => format!("{}{n}", self.what.title()),
        };
        let choices = self.order().into_iter().map(choice).collect();
        Some(Spoken { about: self.lines().into_iter().map(text).collect(), choices })
    }

    fn pick(&mut self, at: usize) -> Picked {
        let Some(focus) = self.order().get(at).copied() else { return Picked::Nothing };
        self.focus = focus;
        if matches!(focus, Focus::Reason | Focus::Number) { Picked::Type } else { Picked::Press }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let controls = layout::bottom(areas.content, 3);
        let room = areas.content.height.saturating_sub(controls.height);
        for (at, spans) in (0..room).zip(self.lines()) {
            paint.spans(layout::line(areas.content, at), &spans);
        }
        self.draw_controls(paint, controls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(what: Bulk, changed: i64) -> Preview {
        let stage = Stage::Ready(Outcome { changed, ..Outcome::default() });
        let (reason, number) = (Entry::default(), Entry::default());
        let rows = Rows::Filter(String::new());
        Preview { what, rows, stage, reason, number, focus: Focus::Go, counted_with_reason: false }
    }

    #[test]
    fn from_a_thousand_rows_on_their_number_is_typed() {
        assert_eq!(preview(Bulk::Decide(Verb::Certify), 999).obstacle(), None);
        let mut many = preview(Bulk::Decide(Verb::Certify), 1_200);
        for (typed, enough) in [("", false), ("120", false), ("1200", true), ("1,200", true)] {
            many.number.set(typed);
            assert_eq!(many.obstacle().is_none(), enough, "{typed}");
        }
    }

    #[test]
    fn rejecting_takes_a_reason_and_nothing_is_done_to_no_rows() {
        let mut some = preview(Bulk::Decide(Verb::Reject), 3);
        assert!(some.obstacle().is_some_and(|obstacle| obstacle.contains("reason")));
        some.reason.set("wrong source");
        assert_eq!(some.obstacle(), None);
        assert!(preview(Bulk::Decide(Verb::Certify), 0).obstacle().is_some());
    }
}
