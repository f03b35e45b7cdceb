//! What a preview says: what was chosen, what would change, why not the rest, and a sample.

use super::{CONTROLS, Preview, Stage};
use crate::engine::outcome::{Spread, ValueChange};
use crate::engine::suggest::Candidate;
use crate::engine::{Outcome, Rows};
use crate::model::shown;
use crate::model::text::{counted, grouped};
use crate::store::CameThrough;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout;
use crate::tui::paint::Span;
use crate::tui::proposal::Proposal;
use crate::tui::theme::Role;

type Line = Vec<Span>;

/// The most cells that a sample's table, record and field take.
const PLACE: usize = 48;

impl Preview {
    /// What would happen, as lines of so many cells from the most important on.
    pub(super) fn lines(&self, width: usize) -> Vec<Line> {
        let mut lines = self.above(width);
        let lists = matches!(self.stage, Stage::Counting(_) | Stage::Ready(_) | Stage::Running(..)) && self.lists();
        match self.outcome() {
            _ if lists => self.list_lines(&mut lines),
            Some(outcome) => in_detail(outcome, &mut lines),
            None => {}
        }
        if let Some(through) = &self.through {
            lines.extend(came_through(through));
        }
        lines
    }

    /// What stands above a sample or a list: what was chosen, how much of it would change, and why not the rest.
    pub(super) fn above(&self, width: usize) -> Vec<Line> {
        let rule = match (&self.what, self.own_alone) {
            (Proposal::Rows(what, Rows::Ids(ids)), true) => {
                format!("of these the {} that you had a hand in", counted(ids.len() as i64, what.row()))
            }
            _ => self.what.rule(),
        };
        let mut lines = wrapped(label("You chose"), &rule, Role::Plain, width);
        match &self.stage {
            Stage::Reading(_) => lines.push(vec![label("Will change"), ("finding suggestions…".into(), Role::Quiet)]),
            Stage::Counting(_) => {
                lines.push(vec![label("Will change"), ("counting…".into(), Role::Quiet)]);
                lines.extend(self.lists().then(|| vec![label("Held back")]));
            }
            Stage::Failed(sentence) => {
                lines.extend(wrapped((" ".into(), Role::Error), &shown(sentence), Role::Error, width));
            }
            Stage::Ready(outcome) | Stage::Running(_, outcome) => self.numbers(outcome, &mut lines, width),
        }
        lines
    }

    /// Takes note of the sample's last line once it is in sight.
    pub(super) fn look(&mut self, desk: &Desk) {
        let room = self.room_on(desk);
        self.seen |= self.outcome().is_some() && self.sees_sample(room, desk.size.0.into());
    }

    pub(super) fn scroll(&mut self, down: bool, desk: &Desk) {
        self.scroll_by(self.room_on(desk).max(1), down, desk);
    }

    pub(super) fn scroll_by(&mut self, lines: usize, down: bool, desk: &Desk) {
        let last = self.lines(desk.size.0.into()).len().saturating_sub(self.room_on(desk).max(1));
        self.top = if down { (self.top + lines).min(last) } else { self.top.saturating_sub(lines) };
    }

    /// The lines that there is room for in a content of so many.
    pub(super) fn room(&self, content: u16) -> u16 {
        content.saturating_sub(CONTROLS + self.listed(content).len() as u16)
    }

    pub(super) fn room_on(&self, desk: &Desk) -> usize {
        layout::areas(desk.size.0, desk.size.1).map_or(0, |areas| self.room(areas.content.height).into())
    }

    fn numbers(&self, outcome: &Outcome, lines: &mut Vec<Line>, width: usize) {
        let held: i64 = outcome.held_back.iter().map(|held| held.rows).sum();
        let changed = counted(outcome.changed, self.what.row()) + &self.what.consequences(outcome);
        lines.extend(wrapped(label("Will change"), &changed, Role::Heading, width));
        let role = if held > 0 { Role::Waiting } else { Role::Plain };
        lines.push(vec![label("Held back"), (counted(held, "row"), role)]);
        for held in &outcome.held_back {
            let rows = (format!("{:>15}  ", grouped(held.rows)), Role::Plain);
            lines.extend(wrapped(rows, &shown(&held.reason), Role::Plain, width));
        }
        if let Some(remark) = self.what.remark(outcome) {
            lines.extend(wrapped(label("Then"), &remark, Role::Note, width));
        }
        if let own @ 1.. = self.own_held().len() {
            let these = if own == 1 { "that one" } else { "those" };
            let told =
                format!("A note typed here is not for {these}: the button below asks for one for {these} alone.");
            lines.extend(wrapped(label("Your own"), &told, Role::Note, width));
        }
        if outcome.own > 0 {
            let own = counted(outcome.own, self.what.row());
            let note = if self.reason.text().is_empty() { "" } else { ", with your note as the reason" };
            let told = format!("{own} came by your own maps or inputs: that you certify them is kept with them{note}.");
            lines.extend(wrapped(label("Your own"), &told, Role::Waiting, width));
        }
    }
}

/// Where it all is, and the values that would differ.
fn in_detail(outcome: &Outcome, lines: &mut Vec<Line>) {
    let mut spread = outcome.spread.iter();
    if let Some(first) = spread.next() {
        lines.push(vec![label("Spread"), (spread_text(first), Role::Plain)]);
        lines.extend(spread.map(|next| vec![label(""), (spread_text(next), Role::Plain)]));
    }
    if !outcome.sample.is_empty() {
        let shown = outcome.sample.len() as i64;
        let heading = match outcome.sample.iter().all(|change| change.before == change.after) {
            true => format!(" VALUES VOUCHED FOR AGAIN, {}", some_of(shown, outcome.changed)),
            false => format!(" CURRENT VALUES, {}", some_of(shown, outcome.values_changed)),
        };
        lines.push(vec![(heading, Role::Heading)]);
    }
    let places: Vec<String> = outcome.sample.iter().map(place).collect();
    let wide = places.iter().map(|place| cut::width(place)).max().unwrap_or(0).min(PLACE);
    for (change, place) in outcome.sample.iter().zip(&places) {
        let side = |value: &Option<String>| value.as_ref().map_or("(none)".into(), |text| shown(text).into_owned());
        let values = match change.before == change.after {
            true => side(&change.before),
            false => format!("{} → {}", side(&change.before), side(&change.after)),
        };
        lines.push(vec![(format!("   {}  ", cut::fit(place, wide)), Role::Quiet), (values, Role::Plain)]);
    }
}

/// `20 OF 24`, and where all are there only how many they are.
fn some_of(shown: i64, all: i64) -> String {
    if shown >= all { grouped(shown) } else { format!("{} OF {}", grouped(shown), grouped(all)) }
}

/// A text behind its label; what does not fit on a line goes on below it.
fn wrapped(label: Span, text: &str, role: Role, width: usize) -> Vec<Line> {
    const LINES: usize = 3;
    let indent = cut::width(&label.0);
    let parts = cut::wrapped_shown(text, width.saturating_sub(indent + 1), LINES);
    let below = (" ".repeat(indent), label.1);
    let labels = std::iter::once(label).chain(std::iter::repeat(below));
    labels.zip(parts).map(|(label, part)| vec![label, (part, role)]).collect()
}

/// The table, record and field of a value.
fn place(change: &ValueChange) -> String {
    let (table, field) = (shown(&change.target_table), shown(&change.field_name));
    format!("{table} {} {field}", short(&change.target_id))
}

/// The ends of a record's id: enough to tell the records of a sample apart.
fn short(id: &str) -> String {
    const END: usize = 4;
    let chars: Vec<char> = id.chars().collect();
    if chars.len() <= 3 * END {
        return shown(id).into_owned();
    }
    let part = |chars: &[char]| shown(&chars.iter().collect::<String>()).into_owned();
    format!("{}..{}", part(&chars[..END]), part(&chars[chars.len() - END..]))
}

fn label(text: &str) -> Span {
    (format!(" {text:<14}"), Role::Quiet)
}

pub(super) fn suggestion(code: &str, suggested: &Candidate) -> Line {
    let canonical = suggested.code.as_deref().map_or("no match".into(), shown);
    vec![
        (format!("{:.2}  ", suggested.score), Role::Quiet),
        (format!("{} → {canonical}", cut::fit(code, 24)), Role::Plain),
        (format!("  {}, {}", shown(&suggested.label), shown(&suggested.reason)), Role::Quiet),
    ]
}

/// What came through a value map.
fn came_through(through: &CameThrough) -> [Line; 2] {
    let entries = format!("{}, {} in force", counted(through.entries, "ledger entry"), grouped(through.current));
    let examples = through.examples.join(", ");
    let items = format!("{}; {entries}", counted(through.items, "item"));
    [vec![label("Came by it"), (items, Role::Plain)], vec![label(""), (examples, Role::Quiet)]]
}

fn spread_text(spread: &Spread) -> String {
    format!("{} from {}  {}", shown(&spread.target_table), shown(&spread.source_system_key), grouped(spread.rows))
}
