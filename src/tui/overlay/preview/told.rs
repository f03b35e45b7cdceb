//! What a preview says: what was chosen, what would change, why not the rest, and a sample.

use ratatui::layout::Position;

use super::{BETWEEN, CANCEL, CONTROLS, Focus, Preview, Stage};
use crate::engine::Outcome;
use crate::engine::outcome::{Spread, ValueChange};
use crate::engine::suggest::Candidate;
use crate::model::shown;
use crate::model::text::{counted, grouped};
use crate::store::CameThrough;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Span;
use crate::tui::theme::Role;

type Line = Vec<Span>;

/// The most cells that a sample's table, record and field take.
const PLACE: usize = 48;

impl Preview {
    /// What would happen, as lines from the most important on.
    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines = vec![vec![label("You chose"), (self.what.rule(), Role::Plain)]];
        match &self.stage {
            Stage::Reading(_) => lines.push(vec![label("Will change"), ("finding suggestions…".into(), Role::Quiet)]),
            Stage::Counting(_) => lines.push(vec![label("Will change"), ("counting…".into(), Role::Quiet)]),
            Stage::Failed(sentence) => lines.push(vec![(format!(" {}", shown(sentence)), Role::Error)]),
            Stage::Ready(outcome) | Stage::Running(_, outcome) => self.numbers(outcome, &mut lines),
        }
        if let Some(through) = &self.through {
            lines.extend(came_through(through));
        }
        lines
    }

    /// Takes note of the last line once it is in sight.
    pub(super) fn look(&mut self, desk: &Desk) {
        let room = Preview::room(desk);
        self.seen |= self.outcome().is_some() && self.top + room >= self.lines().len();
    }

    pub(super) fn scroll(&mut self, down: bool, desk: &Desk) {
        self.scroll_by(Preview::room(desk).max(1), down, desk);
    }

    pub(super) fn scroll_by(&mut self, lines: usize, down: bool, desk: &Desk) {
        let last = self.lines().len().saturating_sub(Preview::room(desk).max(1));
        self.top = if down { (self.top + lines).min(last) } else { self.top.saturating_sub(lines) };
    }

    pub(super) fn go_text(&self) -> String {
        let n = self.outcome().map_or(String::new(), |outcome| format!(" {}", grouped(outcome.changed)));
        format!("{}{n}", self.what.title())
    }

    /// The button or field at a place of the screen.
    pub(super) fn control_at(&self, at: Position, areas: &Areas) -> Option<Focus> {
        let controls = layout::bottom(areas.content, CONTROLS);
        let line = at.y.checked_sub(controls.y).filter(|_| controls.contains(at))?;
        // "[ text ]", with two more cells where it has the focus.
        let cells = |text: &str, focus| cut::width(text) as u16 + if self.focus == focus { 6 } else { 4 };
        let cancel = controls.x + 1..controls.x + 1 + cells(CANCEL, Focus::Cancel);
        let go = cancel.end + BETWEEN..cancel.end + BETWEEN + cells(&self.go_text(), Focus::Go);
        let there = match line {
            0 => Focus::Reason,
            1 => Focus::Number,
            _ if cancel.contains(&at.x) => Focus::Cancel,
            _ if go.contains(&at.x) => Focus::Go,
            _ => return None,
        };
        self.order().contains(&there).then_some(there)
    }

    /// The lines that there is room for.
    fn room(desk: &Desk) -> usize {
        let areas = layout::areas(desk.size.0, desk.size.1);
        areas.map_or(0, |areas| areas.content.height.saturating_sub(CONTROLS).into())
    }

    fn numbers(&self, outcome: &Outcome, lines: &mut Vec<Line>) {
        let held: i64 = outcome.held_back.iter().map(|held| held.rows).sum();
        let changed = counted(outcome.changed, self.what.row());
        let consequences = self.what.consequences(outcome);
        lines.push(vec![label("Will change"), (changed, Role::Heading), (consequences, Role::Plain)]);
        let role = if held > 0 { Role::Waiting } else { Role::Plain };
        lines.push(vec![label("Held back"), (counted(held, "row"), role)]);
        for held in &outcome.held_back {
            let text = format!("{:>15}  {}", grouped(held.rows), shown(&held.reason));
            lines.push(vec![(text, Role::Plain)]);
        }
        if let Some(remark) = self.what.remark(outcome) {
            lines.push(vec![label("Then"), (remark, Role::Note)]);
        }
        let sample = self.what.sample();
        if !sample.is_empty() {
            let all = grouped(self.what.accepted() as i64);
            let heading = format!(" SUGGESTIONS, {} OF {all}, THE LEAST SURE FIRST", sample.len());
            lines.push(vec![(heading, Role::Heading)]);
            lines.extend(sample.into_iter().map(|(_, code, suggested)| suggestion(code, suggested)));
            return;
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
        let places: Vec<String> = outcome.sample.iter().map(place).collect();
        let wide = places.iter().map(|place| cut::width(place)).max().unwrap_or(0).min(PLACE);
        for (change, place) in outcome.sample.iter().zip(&places) {
            let side = |value: &Option<String>| value.as_ref().map_or("(none)".into(), |text| shown(text).into_owned());
            let values = format!("{} → {}", side(&change.before), side(&change.after));
            lines.push(vec![(format!("   {}  ", cut::fit(place, wide)), Role::Quiet), (values, Role::Plain)]);
        }
    }
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

fn suggestion(code: &str, suggested: &Candidate) -> Line {
    let canonical = suggested.code.as_deref().map_or("no match".into(), shown);
    vec![
        (format!("   {:.2}  ", suggested.score), Role::Quiet),
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
