//! One line to type: words to find, a row's number.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Place, Step};
use crate::model::sentence;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::Areas;
use crate::tui::listing::word_conditions;
use crate::tui::paint::Paint;
use crate::tui::pane::Bookmark;
use crate::tui::theme::Role;

/// What the line is for.
#[derive(Debug)]
enum Purpose {
    /// Words that narrow the listing as they are typed; leaving gives the listing back.
    Find { before: Bookmark },
    /// The number of the row to go to.
    Row,
}

#[derive(Debug)]
pub struct Prompt {
    purpose: Purpose,
    entry: Entry,
    problem: Option<String>,
}

impl Prompt {
    pub fn find(before: Bookmark) -> Prompt {
        Prompt { purpose: Purpose::Find { before }, entry: Entry::default(), problem: None }
    }

    pub fn row() -> Prompt {
        Prompt { purpose: Purpose::Row, entry: Entry::default(), problem: None }
    }

    fn changed(&mut self) -> Step {
        self.problem = None;
        match &self.purpose {
            Purpose::Find { before } => Step::Filter(before.listing.with(&word_conditions(self.entry.text()))),
            Purpose::Row => Step::Stay,
        }
    }

    fn accept(&mut self) -> Step {
        let text = self.entry.text().trim();
        match &self.purpose {
            Purpose::Find { .. } => Step::Found,
            Purpose::Row => match text.replace([',', ' '], "").parse() {
                Ok(number) => Step::GoToRow(number),
                Err(_) => {
                    self.problem = Some("A number of digits is needed, such as 1,200.".into());
                    Step::Stay
                }
            },
        }
    }

    fn cancel(&self) -> Step {
        match &self.purpose {
            Purpose::Find { before } => Step::Restore(before.clone()),
            Purpose::Row => Step::Close,
        }
    }

    fn remark(&self) -> String {
        match &self.purpose {
            Purpose::Find { .. } => "Rows that hold all these words; Enter keeps them, and opens the only one.".into(),
            Purpose::Row => "The row's number in this listing; one beyond its end goes to the last row.".into(),
        }
    }
}

impl Overlay for Prompt {
    fn place(&self) -> Place {
        Place::Line
    }

    fn title(&self) -> String {
        match &self.purpose {
            Purpose::Find { .. } => "Find".into(),
            Purpose::Row => "Go to row".into(),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        match &self.purpose {
            Purpose::Find { .. } => vec![("Enter", "keep"), ("Ctrl+U", "clear"), ("Esc", "give up")],
            Purpose::Row => vec![("Enter", "go"), ("Esc", "cancel")],
        }
    }

    fn key(&mut self, key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        match name {
            "Esc" => self.cancel(),
            "Enter" => self.accept(),
            _ if self.entry.key(key) => self.changed(),
            _ => Step::Stay,
        }
    }

    fn paste(&mut self, text: &str, _desk: &mut Desk) -> Step {
        self.entry.paste(text);
        self.changed()
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let label = format!(" {}: ", self.title());
        let from = paint.put_at(areas.message, areas.message.x, &label, Role::Heading);
        let room = areas.message.right().saturating_sub(from + 1);
        let area = ratatui::layout::Rect { x: from, width: room, ..areas.message };
        self.entry.draw(paint, area, true);
        let (text, role) = match &self.problem {
            Some(problem) => (sentence(problem), Role::Error),
            None => (sentence(&self.remark()), Role::Quiet),
        };
        paint.sentence(&areas.rising()[1..], &text, role);
    }
}
