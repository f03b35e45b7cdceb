//! The mouse: a click on a tab or a row goes there, the wheel moves the cursor. It does nothing that keys cannot do, and decides
//! nothing: what lies over a screen lets it choose.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::actions::Place;
use super::app::App;
use super::desk::Effect;
use super::event::Event;
use super::layout;
use super::overlay::NOTCH;
use super::screen;

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
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollDown => self.wheel(at, KeyCode::Down),
            MouseEventKind::ScrollUp => self.wheel(at, KeyCode::Up),
            MouseEventKind::Down(MouseButton::Left) if self.overlays.is_empty() => self.click(at),
            MouseEventKind::Down(MouseButton::Left) => self.click_over(at),
            _ => {}
        }
    }

    /// What lies over a screen is scrolled where the mouse is, if it has parts; else the wheel is arrows.
    fn wheel(&mut self, at: Position, code: KeyCode) {
        let (overlay, desk) = (self.overlays.last_mut(), &mut self.desk);
        if overlay.is_some_and(|overlay| overlay.wheel(at, code == KeyCode::Down, desk)) {
            return;
        }
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

    fn click_over(&mut self, at: Position) {
        let (width, height) = self.desk.size;
        let (Some(areas), Some(overlay)) = (layout::areas(width, height), self.overlays.last_mut()) else { return };
        self.desk.hush();
        let step = overlay.click(at, &areas, &mut self.desk);
        self.carry_out(step);
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
