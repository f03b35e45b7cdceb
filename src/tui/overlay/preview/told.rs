//! What a preview says: what was chosen, what would change, why not the rest, and a sample.

use super::{CONTROLS, Preview, Stage};
use crate::engine::Outcome;
use crate::engine::outcome::Spread;
use crate::engine::suggest::Candidate;
use crate::model::shown;
use crate::model::text::{counted, grouped};
use crate::store::CameThrough;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout;
use crate::tui::paint::Span;
use crate::tui::theme::Role;

type Line = Vec<Span>;

impl Preview {
    /// What would happen, as lines from the most important on.
    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines = vec![vec![label("You chose"), (self.what.rule(), Role::Plain)]];
        match &self.stage {
            Stage::Reading(_) => lines.push(vec![label("Will change"), ("finding suggestions…".into(), Role::Quiet)]),
            Stage::Counting(_) => {
                lines.push(vec![label("Will change"), ("counting…".into(), Role::Quiet)]);
                if self.lists() {
                    lines.push(vec![label("Held back")]);
                    self.list_lines(&mut lines);
                }
            }
            Stage::Failed(sentence) => lines.push(vec![(format!(" {}", shown(sentence)), Role::Error)]),
            Stage::Ready(outcome) | Stage::Running(_, outcome) => self.numbers(outcome, &mut lines),
        }
        if let Some(through) = &self.through {
            lines.extend(came_through(through));
        }
        lines
    }

    /// Takes note of the sample's last line once it is in sight.
    pub(super) fn look(&mut self, desk: &Desk) {
        let room = self.room_on(desk);
        self.seen |= self.outcome().is_some() && self.sees_sample(room);
    }

    pub(super) fn scroll(&mut self, down: bool, desk: &Desk) {
        let room = self.room_on(desk).max(1);
        let last = self.lines().len().saturating_sub(room);
        self.top = if down { (self.top + room).min(last) } else { self.top.saturating_sub(room) };
    }

    /// The lines that there is room for in a content of so many.
    pub(super) fn room(&self, content: u16) -> u16 {
        content.saturating_sub(CONTROLS + self.listed(content).len() as u16)
    }

    pub(super) fn room_on(&self, desk: &Desk) -> usize {
        layout::areas(desk.size.0, desk.size.1).map_or(0, |areas| self.room(areas.content.height).into())
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
        if self.lists() {
            return self.list_lines(lines);
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
            let (table, field) = (shown(&change.target_table), shown(&change.field_name));
            let place = format!("   {:<35} ", format!("{table} {} {field}", short(&change.target_id)));
            let values = format!("{} → {}", side(&change.before), side(&change.after));
            lines.push(vec![(place, Role::Quiet), (values, Role::Plain)]);
        }
    }
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
