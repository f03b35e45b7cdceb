//! One line of text that a person types: a prompt's, a form field's, a search.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Position, Rect};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};
use unicode_segmentation::UnicodeSegmentation;

use super::cut;
use super::paint::Paint;
use super::theme::Role;
use crate::model::shown;

/// The longest text that a field of the data model holds, in characters.
const LONGEST: usize = 4000;

#[derive(Debug, Clone, Default)]
pub struct Entry(Input);

impl Entry {
    pub fn new(text: &str) -> Entry {
        Entry(Input::new(text.into()))
    }

    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// Takes a key; true if the text changed.
    pub fn key(&mut self, key: &KeyEvent) -> bool {
        let changed = match by_words(key) {
            Some(request) => self.0.handle(request),
            // Held together they are a command of somewhere else, and no letter.
            None if key.modifiers.contains(KeyModifiers::CONTROL | KeyModifiers::ALT) => None,
            None => self.0.handle_event(&Event::Key(*key)),
        };
        changed.is_some_and(|changed| changed.value)
    }

    /// Takes what was pasted, line breaks as spaces, as far as any field may be long.
    pub fn paste(&mut self, text: &str) {
        for c in text.trim_end_matches(['\r', '\n']).chars().take(LONGEST) {
            self.0.handle(InputRequest::InsertChar(if c == '\n' || c == '\r' { ' ' } else { c }));
        }
    }

    pub fn set(&mut self, text: &str) {
        self.0 = Input::new(text.into());
    }

    /// Draws the text; with the focus so that the cursor is in sight.
    pub fn draw(&self, paint: &mut Paint, area: Rect, focus: bool) {
        if area.is_empty() {
            return;
        }
        let split = self.0.value().char_indices().nth(self.0.cursor()).map_or(self.text().len(), |(at, _)| at);
        let (before, after) = self.text().split_at(split);
        let room = usize::from(area.width) - 1;
        let (before, after) = (visible(before), visible(after));
        let before = if focus { tail(&before, room) } else { &before };
        let text = format!("{before}{after}");
        if focus {
            paint.put(area, &text, Role::Input);
            paint.cursor = Some(Position::new(area.x + cut::width(before) as u16, area.y));
        } else {
            paint.put(area, cut::head(&text, area.width.into()), Role::Plain);
        }
    }
}

/// The keys of shells for whole words. A terminal sends Alt as an Esc before the key, and Backspace as ^H or as ^?.
fn by_words(key: &KeyEvent) -> Option<InputRequest> {
    const BOTH: KeyModifiers = KeyModifiers::CONTROL.union(KeyModifiers::ALT);
    match (key.code, key.modifiers) {
        (KeyCode::Char('b' | 'B') | KeyCode::Left, KeyModifiers::ALT) => Some(InputRequest::GoToPrevWord),
        (KeyCode::Char('f' | 'F') | KeyCode::Right, KeyModifiers::ALT) => Some(InputRequest::GoToNextWord),
        (KeyCode::Char('d' | 'D') | KeyCode::Delete, KeyModifiers::ALT) => Some(InputRequest::DeleteNextWord),
        (KeyCode::Backspace, KeyModifiers::ALT) | (KeyCode::Char('h'), BOTH) => Some(InputRequest::DeletePrevWord),
        _ => None,
    }
}

/// A part of a text as it is shown inside of the whole, where spaces are spaces.
fn visible(text: &str) -> String {
    text.graphemes(true).map(|part| if part == " " { part.into() } else { shown(part) }).collect()
}

/// The longest end of a visible text that fits.
fn tail(text: &str, cells: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += cut::width(grapheme);
        if used > cells {
            return &text[at + grapheme.len()..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys;

    #[test]
    fn words_are_moved_over_and_deleted_as_in_a_shell() {
        for (script, expected) in [
            ("Alt+B x", "one two xthree"),
            ("Alt+B Alt+B x", "one xtwo three"),
            ("Ctrl+A Alt+F x", "one xtwo three"),
            ("Alt+Backspace x", "one two x"),
            ("Ctrl+Alt+H x", "one two x"),
            ("Ctrl+W x", "one two x"),
            ("Alt+B Alt+B Alt+D x", "one xthree"),
            ("Alt+Left x", "one two xthree"),
            ("Ctrl+Alt+B Ctrl+Alt+X Ctrl+Alt+F x", "one two threex"),
        ] {
            let mut entry = Entry::new("one two three");
            for name in script.split(' ') {
                entry.key(&keys::press(name).unwrap());
            }
            assert_eq!(entry.text(), expected, "{script}");
        }
    }
}
