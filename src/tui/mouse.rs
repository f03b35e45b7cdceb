//! The mouse: a click on a tab or a row goes there, the wheel moves the cursor. It does nothing that keys cannot do.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::actions::Place;
use super::app::App;
use super::desk::Effect;
use super::event::Event;
use super::layout;
use super::screen;

/// Rows that one notch of the wheel moves.
const NOTCH: usize = 3;

impl App {
    pub(super) fn switch_mouse(&mut self) {
        self.desk.mouse = !self.desk.mouse;
        self.desk.push(Effect::Mouse(self.desk.mouse));
        self.desk.say(if self.desk.mouse {
            "The mouse chooses tabs and rows."
        } else {
            "The mouse is the terminal's: mark text with it."
        });
    }

    pub(super) fn mouse(&mut self, mouse: &MouseEvent) {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.wheel(KeyCode::Down),
            MouseEventKind::ScrollUp => self.wheel(KeyCode::Up),
            // What lies over a screen is for the keys.
            MouseEventKind::Down(MouseButton::Left) if self.overlays.is_empty() => {
                self.click(Position::new(mouse.column, mouse.row));
            }
            _ => {}
        }
    }

    /// The wheel is arrows, whatever has the focus.
    fn wheel(&mut self, code: KeyCode) {
        for _ in 0..NOTCH {
            self.handle(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    fn click(&mut self, at: Position) {
        let (width, height) = self.desk.size;
        let Some(areas) = layout::areas(width, height) else { return };
        let tab = screen::tabs(self, areas.tabs).into_iter().find(|tab| tab.area.contains(at));
        match tab {
            Some(tab) if tab.place != self.place => self.show(tab.place),
            Some(_) => {}
            None => self.click_content(at, areas.content),
        }
    }

    fn click_content(&mut self, at: Position, content: Rect) {
        let Some(list) = self.pane().map(|pane| layout::pane(content, pane.detail).list) else { return };
        if matches!(self.place, Place::Pane(_)) && list.contains(at) {
            let line = isize::try_from(at.y - list.y).unwrap_or_default();
            self.with_pane(|pane, desk, height| {
                let here = isize::try_from(pane.window.line()).unwrap_or_default();
                pane.step(line - here, desk, height);
            });
        }
    }
}
