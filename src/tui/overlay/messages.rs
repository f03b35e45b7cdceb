//! What was said since the workbench began, the newest first: errors stay here after their line is gone.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Step, choose};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Paint;
use crate::tui::theme::Role;

/// Cells of the time before each sentence.
const TIME: usize = 20;
/// Lines of one sentence.
const LINES: usize = 6;

#[derive(Debug, Default)]
pub struct Messages {
    /// The message that stands on top.
    top: usize,
}

impl Overlay for Messages {
    fn title(&self) -> String {
        "Messages: what was said, the newest first; ! marks what went wrong".into()
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Up/Down", "scroll"), ("PgUp/PgDn", "page"), ("Esc", "close")]
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" | "Backspace" | "q" | "Enter" => return Step::Close,
            _ => {
                choose(name, &mut self.top, desk.log().len());
            }
        }
        Step::Stay
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk) {
        let area = areas.content;
        if desk.log().len() == 0 {
            paint.put(area, " Nothing was said yet.", Role::Quiet);
        }
        let cells = usize::from(area.width).saturating_sub(TIME + 4);
        let mut at = 0;
        for (time, message) in desk.log().rev().skip(self.top) {
            let mark = if message.role == Role::Error { '!' } else { ' ' };
            let mut label = format!(" {} {mark} ", cut::fit(&desk.zone.second(*time), TIME));
            for line in cut::wrapped_shown(&message.text, cells, LINES) {
                let area = layout::line(area, at);
                let x = paint.put_at(area, area.x, &label, Role::Quiet);
                paint.put_at(area, x, &line, message.role);
                label = " ".repeat(TIME + 4);
                at += 1;
            }
            if at >= area.height {
                break;
            }
        }
    }
}
