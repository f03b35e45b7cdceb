//! Legal holds on the row under the cursor and on what it is about: one more, or one of those that stand fewer, with a
//! reason, which whoever disposes of rows is told.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::{Hint, Overlay, Picked, Place, Spoken, Step, choose, scrolled};
use crate::engine::{Command, HoldOn, Mode};
use crate::model::{Row, is_blank, shown};
use crate::store::HoldRow;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::legal;
use crate::tui::paint::Paint;
use crate::tui::read::{Answer, Request, Slot};
use crate::tui::theme::Role;
use crate::tui::zone::Zone;

/// Choices that are shown at once.
const SHOWN: usize = 6;

#[derive(Debug)]
enum Deed {
    Set(HoldOn),
    Lift { hold: i64, row_version: i64 },
}

#[derive(Debug)]
pub struct LegalHold {
    row_shown: String,
    choices: Vec<(String, Deed)>,
    at: usize,
    entry: Entry,
    asked: Option<u64>,
    zone: Zone,
    problem: Option<&'static str>,
}

impl LegalHold {
    /// Opens on a row; none where it is about nothing that could be held.
    pub fn open(row: &Row, desk: &mut Desk) -> Option<LegalHold> {
        let choices: Vec<(String, Deed)> =
            legal::may_hold(row).into_iter().map(|(said, on)| (said, Deed::Set(on))).collect();
        if choices.is_empty() {
            return None;
        }
        let asked = Some(desk.ask(Slot::Overlay, Request::Holds(Box::new(row.clone()))));
        let row_shown = shown(row.name()).into_owned();
        Some(LegalHold { row_shown, choices, at: 0, entry: Entry::default(), asked, zone: desk.zone, problem: None })
    }

    fn stand(&mut self, holds: Vec<HoldRow>) {
        let lift = |hold: HoldRow| {
            let said = format!("Lift {}", legal::sentence(&hold, self.zone));
            (said, Deed::Lift { hold: hold.id, row_version: hold.row_version })
        };
        self.choices.extend(holds.into_iter().map(lift));
    }

    fn decide(&mut self) -> Step {
        let reason = self.entry.text().trim().to_string();
        if is_blank(&reason) {
            self.problem = Some("A reason is needed: whoever disposes of rows is told it.");
            return Step::Stay;
        }
        match self.choices.get(self.at).map(|(_, deed)| deed) {
            Some(Deed::Set(on)) => Step::Run("Holding", Command::Hold { on: on.clone(), reason }, Mode::Real),
            Some(Deed::Lift { hold, row_version }) => {
                let command = Command::LiftHold { hold: *hold, row_version: *row_version, reason };
                Step::Run("Lifting the hold", command, Mode::Real)
            }
            None => Step::Stay,
        }
    }

    fn lines(&self) -> u16 {
        self.choices.len().min(SHOWN) as u16 + 2
    }
}

impl Overlay for LegalHold {
    fn place(&self) -> Place {
        Place::Bottom(self.lines())
    }

    fn title(&self) -> String {
        format!("Legal hold: {}", self.row_shown)
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Type", "the reason"), ("Up/Down", "choose"), ("Enter", "do it"), ("Ctrl+U", "clear"), ("Esc", "cancel")]
    }

    fn key(&mut self, key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        self.problem = None;
        match name {
            "Esc" => return Step::Close,
            "Enter" => return self.decide(),
            "Up" | "Down" | "PgUp" | "PgDn" => drop(choose(name, &mut self.at, self.choices.len())),
            _ => drop(self.entry.key(key)),
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _desk: &mut Desk) -> Step {
        self.problem = None;
        self.entry.paste(text);
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        if let Answer::Holds(holds) = answer {
            self.asked = None;
            self.stand(holds);
        }
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let about = vec![
            format!("Reason: {}", shown(self.entry.text())),
            "A number chooses; type the reason, then Enter.".into(),
        ];
        Some(Spoken { about, choices: self.choices.iter().map(|(said, _)| said.clone()).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        if at >= self.choices.len() {
            return Picked::Nothing;
        }
        self.at = at;
        Picked::Type
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = layout::bottom(areas.content, self.lines());
        paint.clear(area);
        paint.rule(layout::line(area, 0), &self.title());
        let skip = scrolled(self.at, SHOWN);
        for (line, (at, (said, _))) in (1..).zip(self.choices.iter().enumerate().skip(skip).take(SHOWN)) {
            let place = layout::line(area, line);
            let pointer = if at == self.at { '>' } else { ' ' };
            let cells = usize::from(area.width).saturating_sub(4);
            paint.put(place, &format!(" {pointer} {}", cut::cut_shown(said.as_str().into(), cells)), Role::Plain);
            if at == self.at {
                paint.tint(place, Role::Selected);
            }
        }
        let line = layout::line(area, area.height.saturating_sub(1));
        let x = paint.put_at(line, line.x, " Reason: ", Role::Heading);
        self.entry.draw(paint, Rect { x, width: line.right().saturating_sub(x + 1), ..line }, true);
        if let Some(problem) = self.problem {
            paint.sentence(&areas.rising(), problem, Role::Error);
        }
    }
}
