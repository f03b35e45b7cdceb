//! Every key of what lies below, where the footer has no room for all.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Place, Spoken, Step, choose, scrolled};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::footer::{ALL_KEYS, Shown};
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Paint;
use crate::tui::theme::Role;

/// Cells of a key.
const KEY: usize = 12;

#[derive(Debug)]
pub struct AllKeys {
    keys: Vec<Shown>,
    at: usize,
}

impl AllKeys {
    pub fn of(keys: Vec<Shown>) -> AllKeys {
        AllKeys { keys, at: 0 }
    }

    fn lines(&self) -> u16 {
        u16::try_from(self.keys.len()).unwrap_or(u16::MAX).saturating_add(1)
    }
}

impl Overlay for AllKeys {
    fn place(&self) -> Place {
        Place::Bottom(self.lines())
    }

    fn title(&self) -> String {
        "Every key that works here".into()
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Up/Down", "scroll"), ("Esc", "back")]
    }

    fn is_help(&self) -> bool {
        true
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        match name {
            "Esc" | "Enter" | "Backspace" | "q" | ALL_KEYS => Step::Close,
            name => {
                choose(name, &mut self.at, self.keys.len());
                Step::Stay
            }
        }
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let about = self.keys.iter().map(|(key, word)| format!("{key}: {word}")).collect();
        Some(Spoken { about, choices: Vec::new() })
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = layout::bottom(areas.content, self.lines());
        paint.clear(area);
        paint.rule(layout::line(area, 0), &self.title());
        let height = usize::from(area.height.saturating_sub(1));
        let keys = self.keys.iter().enumerate().skip(scrolled(self.at, height)).take(height);
        for (line, (at, (key, word))) in (1..).zip(keys) {
            let area = layout::line(area, line);
            let pointer = if at == self.at { '>' } else { ' ' };
            let x = paint.put_at(area, area.x, &format!("{pointer} {}", cut::fit(key, KEY)), Role::Key);
            paint.put_at(area, x, word, Role::Plain);
            if at == self.at {
                paint.tint(area, Role::Selected);
            }
        }
    }
}
