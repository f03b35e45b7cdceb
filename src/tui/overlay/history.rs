//! The operation log, newest first: who did what and when, what it did to each row, and taking it back.

mod find;

use std::ops::Range;

use crossterm::event::KeyEvent;

use ratatui::layout::{Position, Rect};

use super::touched::Rows;
use super::{Hint, Overlay, Picked, Place, Spoken, Step, choose, entry_at, hand, scrolled};
use crate::engine::{Error, Outcome, can_be_undone};
use crate::model::text::{counted, grouped};
use crate::model::{Row, shown};
use crate::store::{OperationRow, Which};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::read::{Answer, OPERATIONS, Request, Slot};
use crate::tui::theme::Role;

/// Lines that tell more about the chosen operation.
const DETAIL: u16 = 5;

#[derive(Debug)]
pub struct History {
    /// The operations that are listed, and the row that they are of.
    which: Which,
    of: Option<String>,
    /// What is typed to find some of them, and whether it is typed now.
    find: Entry,
    typing: bool,
    operations: Vec<OperationRow>,
    at: usize,
    /// Whether the log goes on beyond what was read.
    more: bool,
    asked: Option<u64>,
    /// The question above asks for the newest operations, not for older ones.
    anew: bool,
    running: Option<u64>,
}

impl History {
    pub fn open(desk: &mut Desk) -> History {
        History::of(Which::default(), None, desk)
    }

    /// What was done to a row.
    pub fn of_row(row: &Row, desk: &mut Desk) -> History {
        let which = Which { row: Some((row.table, row.id)), ..Which::default() };
        History::of(which, Some(shown(row.name()).into_owned()), desk)
    }

    fn of(which: Which, of: Option<String>, desk: &mut Desk) -> History {
        let (operations, at) = (Vec::new(), 0);
        let (find, typing) = (Entry::default(), false);
        let mut history =
            History { which, of, find, typing, operations, at, more: false, asked: None, anew: true, running: None };
        history.read(None, desk);
        history
    }

    fn read(&mut self, before: Option<i64>, desk: &mut Desk) {
        // What cannot be read is said as one types on; what is listed stays.
        let which = match find::which(self.find.text(), &self.which) {
            Ok(which) => which,
            Err(problem) => return desk.complain(problem),
        };
        self.anew = before.is_none();
        self.asked = Some(desk.ask(Slot::Overlay, Request::Operations { which, before }));
    }

    /// A key while one types what to find: the list follows.
    fn type_key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Enter" => self.typing = false,
            "Esc" => {
                self.typing = false;
                if !self.find.text().is_empty() {
                    self.find.set("");
                    self.read(None, desk);
                }
            }
            "Up" | "Down" | "PgUp" | "PgDn" => drop(choose(name, &mut self.at, self.operations.len())),
            _ if self.find.key(key) => {
                self.at = 0;
                self.read(None, desk);
            }
            _ => {}
        }
        Step::Stay
    }

    fn undo(&mut self, desk: &mut Desk) {
        if let Some(operation) = self.operations.get(self.at).filter(|operation| stands(operation)) {
            self.running = desk.undo_operation(operation.seq);
        }
    }

    fn draw_operation(&self, paint: &mut Paint, area: Rect, at: usize, operation: &OperationRow, desk: &Desk) {
        let pointer = if at == self.at { '>' } else { ' ' };
        let undone = if operation.undone_by.is_some() { '-' } else { ' ' };
        let start = format!(
            "{pointer}{undone}{:>6}  {}  {}  ",
            operation.seq,
            desk.zone.minute(operation.at),
            cut::fit(&operation.actor, 12)
        );
        let x = paint.put_at(area, area.x, &start, Role::Plain);
        let rest = Rect { x, width: area.right().saturating_sub(x), ..area };
        paint.stored(rest, &operation.told(), if undone == '-' { Role::Quiet } else { Role::Plain });
        if at == self.at {
            paint.tint(area, Role::Selected);
        }
    }

    fn draw_detail(&self, paint: &mut Paint, area: Rect, desk: &Desk) {
        let Some(operation) = self.operations.get(self.at) else { return };
        paint.rule(layout::line(area, 0), &format!("Operation {}: {}", operation.seq, shown(&operation.kind)));
        let lines = cut::wrapped(&operation.told(), usize::from(area.width).saturating_sub(2), 2);
        for (at, line) in (1..).zip(&lines) {
            paint.put_at(layout::line(area, at), area.x + 1, line, Role::Plain);
        }
        let behalf = operation.on_behalf_of.as_ref().map_or(String::new(), |who| format!(" (through {})", shown(who)));
        // What was refused was done in no role.
        let role = Some(&operation.role).filter(|role| *role != "none");
        let role = role.map_or(String::new(), |role| format!(" as {}", shown(role)));
        let who = format!(
            " {}{behalf}{role}, {}; {} created, {} changed",
            shown(&operation.actor),
            desk.zone.second(operation.at),
            counted(operation.created, "row"),
            grouped(operation.changed)
        );
        paint.put(layout::line(area, 3), &who, Role::Quiet);
        let reason = operation.reason.as_ref().map(|reason| format!("Reason: {reason}")).unwrap_or_default();
        let undo = match (operation.undone_by, operation.undoes) {
            (Some(by), _) => format!("Undone by operation {by}. "),
            (None, Some(undone)) => format!("It undid operation {undone}. "),
            (None, None) if !can_be_undone(&operation.kind) => "It cannot be taken back. ".into(),
            (None, None) => String::new(),
        };
        let last = layout::line(area, 4);
        let x = paint.put_at(last, last.x + 1, &undo, Role::Note);
        let rest = Rect { x, width: last.right().saturating_sub(x), ..last };
        paint.stored(rest, &reason, Role::Plain);
    }
}

impl History {
    /// The operations that are said at once where there is no cursor: those around the chosen one.
    fn spoken_page(&self) -> Range<usize> {
        const SAID: usize = 20;
        let start = self.at / SAID * SAID;
        start..(start + SAID).min(self.operations.len())
    }

    /// Reads further operations before the cursor comes to the last one.
    fn read_on(&mut self, desk: &mut Desk) {
        if self.more && self.asked.is_none() && self.at + 20 > self.operations.len() {
            self.read(self.operations.last().map(|operation| operation.seq), desk);
        }
    }
}

/// Whether an operation can be taken back and was not.
fn stands(operation: &OperationRow) -> bool {
    operation.undone_by.is_none() && can_be_undone(&operation.kind)
}

impl Overlay for History {
    fn place(&self) -> Place {
        Place::Content
    }

    fn title(&self) -> String {
        let found = match self.find.text() {
            "" => String::new(),
            text => format!(", found by {}", shown(text)),
        };
        match &self.of {
            Some(row) => format!("History of {row}: what was done to it, the newest first{found}"),
            None if found.is_empty() => "History: every operation, the newest first".into(),
            None => format!("History{found}, the newest first"),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        if self.typing {
            return vec![
                ("Type", "words, by: kind: table: since: until:, or a row's name"),
                ("Enter", "keep"),
                ("Esc", "all again"),
            ];
        }
        let rows = self.operations.get(self.at).map(|_| ("Enter", "its rows"));
        let undo = self.operations.get(self.at).filter(|operation| stands(operation));
        let undo = undo.map(|_| ("u", "undo this operation"));
        [("Up/Down", "choose")]
            .into_iter()
            .chain(rows)
            .chain([("/", "find")])
            .chain(undo)
            .chain([("Esc", "close")])
            .collect()
    }

    fn keys(&self) -> Option<Over> {
        (!self.typing).then_some(Over::History)
    }

    fn paste(&mut self, text: &str, desk: &mut Desk) -> Step {
        if self.typing {
            self.find.paste(text);
            self.at = 0;
            self.read(None, desk);
        }
        Step::Stay
    }

    fn stays(&self) -> bool {
        true
    }

    fn click(&mut self, at: Position, areas: &Areas, desk: &mut Desk) -> Step {
        let height = areas.content.height.saturating_sub(DETAIL);
        self.at = entry_at(at, Rect { height, ..areas.content }, self.at, self.operations.len()).unwrap_or(self.at);
        self.read_on(desk);
        Step::Stay
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        if self.typing {
            let step = self.type_key(key, name, desk);
            self.read_on(desk);
            return step;
        }
        match name {
            // What was found gives way to all before the history does.
            "Esc" if !self.find.text().is_empty() => return self.type_key(key, name, desk),
            "Esc" | "Backspace" | "q" => return Step::Close,
            "/" => self.typing = true,
            "Enter" => {
                let rows = self.operations.get(self.at).cloned().map(|operation| Rows::open(operation, desk));
                return rows.map_or(Step::Stay, |rows| Step::Over(Box::new(rows)));
            }
            "u" => self.undo(desk),
            "k" | "j" => {
                choose(if name == "k" { "Up" } else { "Down" }, &mut self.at, self.operations.len());
            }
            _ => {
                choose(name, &mut self.at, self.operations.len());
            }
        }
        self.read_on(desk);
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        self.asked = None;
        if let Answer::Operations(operations) = answer {
            self.more = operations.len() == OPERATIONS;
            if self.anew {
                self.operations = operations;
            } else {
                self.operations.extend(operations);
            }
            self.at = self.at.min(self.operations.len().saturating_sub(1));
        }
    }

    fn at_hand(&self) -> Option<u64> {
        hand(self.operations.iter().map(|operation| (operation.seq, operation.undone_by)).collect::<Vec<_>>())
    }

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, desk: &mut Desk) -> Option<Step> {
        self.running.take_if(|running| *running == ticket)?;
        if outcome.is_ok() {
            self.at = 0;
            self.read(None, desk);
        }
        Some(Step::Stay)
    }

    fn spoken(&self, desk: &Desk) -> Option<Spoken> {
        let undo = desk.keymap.shown_over(Some(Over::History), "u");
        let chosen = undo.map_or(" (chosen)".to_string(), |key| format!(" (chosen; {key} undoes it)"));
        let line = |(at, operation): (usize, &OperationRow)| {
            let here = match at == self.at {
                true if stands(operation) => chosen.as_str(),
                true => " (chosen)",
                false => "",
            };
            let undone = operation.undone_by.map_or(String::new(), |by| format!(", undone by operation {by}"));
            let (who, what) = (shown(&operation.actor), shown(&operation.told()).into_owned());
            format!("Operation {}, {}, {who}: {what}{undone}{here}", operation.seq, desk.zone.minute(operation.at))
        };
        let page = self.spoken_page();
        let about = vec![format!("{} to {}, the newest first; PgDn and PgUp for others", page.start + 1, page.end)];
        let choices = self.operations.iter().enumerate().skip(page.start).take(page.len()).map(line).collect();
        Some(Spoken { about, choices })
    }

    fn pick(&mut self, at: usize) -> Picked {
        // A number means what was said with it.
        let page = self.spoken_page();
        let there = at < page.len();
        self.at = if there { page.start + at } else { self.at };
        if there { Picked::Chosen } else { Picked::Nothing }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk) {
        let detail = layout::bottom(areas.content, DETAIL);
        let height = areas.content.height.saturating_sub(detail.height);
        if self.operations.is_empty() {
            let text = match self.asked {
                Some(_) => " reading…",
                None if !self.find.text().is_empty() => " No operation matches.",
                None => " Nothing was done in this store yet.",
            };
            paint.put(areas.content, text, Role::Quiet);
        }
        let skip = scrolled(self.at, height.into());
        let shown = self.operations.iter().enumerate().skip(skip).take(height.into());
        for (line, (at, operation)) in (0..).zip(shown) {
            self.draw_operation(paint, layout::line(areas.content, line), at, operation, desk);
        }
        self.draw_detail(paint, detail, desk);
        if self.typing {
            let line = areas.message;
            paint.clear(line);
            let x = paint.put_at(line, line.x, " Find: ", Role::Heading);
            self.find.draw(paint, Rect { x, width: line.right().saturating_sub(x + 1), ..line }, true);
        }
    }
}
