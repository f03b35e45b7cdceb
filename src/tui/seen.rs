//! What the person has seen: a key acts on what was drawn, as it was drawn, and not on what came by itself a moment ago.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::actions::{Group, Id, Place};
use super::app::App;
use super::layout;
use super::over_keys::{EDITING, Over};
use super::screen;
use crate::model::{Row, Table};

/// What came by itself is looked at for so long before a key acts on it: whoever types cannot react sooner.
const MOMENT: Duration = Duration::from_millis(300);

/// Keys that look around, and those that leave: they decide nothing. (Neither does what is typed into a text.)
const LOOKING: [&str; 18] = [
    "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End", "Tab", "Shift+Tab", "Esc", "F1", "F5", "Backspace",
    "Ctrl+C", "Ctrl+L", "Ctrl+Q", "Ctrl+Z",
];

/// What lies over what: it changes where a screen comes or goes.
pub(super) type Layers = (Place, usize);

/// What the last frame showed.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The versions of the rows on the screen, by table and id.
    rows: HashMap<(Table, i64), i64>,
    /// What the keys of the topmost overlay act on.
    at_hand: Option<u64>,
    /// When a screen came without a key.
    came: Option<Instant>,
}

impl App {
    /// A frame was drawn: what is on it can be acted on. What takes the whole content hides the rows, which stay as they
    /// were seen.
    pub fn drawn(&mut self) {
        if self.is_too_small() {
            // It shows nothing but that, and what was seen before may have changed when it is larger again.
            (self.seen.rows, self.seen.at_hand) = (HashMap::new(), None);
            return;
        }
        if screen::content_overlay(self).is_none() {
            let rows = self.with_pane(|pane, _, height| {
                let version = |row: &Row| row.int("row_version").unwrap_or_default();
                pane.window.visible(height).map(|(row, _)| ((row.table, row.id), version(row))).collect()
            });
            self.seen.rows = rows.unwrap_or_default();
        }
        self.seen.at_hand = self.overlays.last().and_then(|overlay| overlay.at_hand());
    }

    /// The person had all the time there is to look, as where sentences are read and answered line by line.
    pub fn rested(&mut self) {
        self.drawn();
        self.seen.came = None;
    }

    pub(super) fn layers(&self) -> Layers {
        (self.place, self.overlays.len())
    }

    /// Takes note of what an event brought: a screen that a person opened is one that they know.
    pub(super) fn came(&mut self, before: Layers, by_hand: bool) {
        if self.layers() != before {
            self.seen.came = (!by_hand).then(Instant::now);
        }
    }

    pub(super) fn is_too_small(&self) -> bool {
        let (width, height) = self.desk.size;
        layout::areas(width, height).is_none()
    }

    fn came_just_now(&self) -> bool {
        self.seen.came.is_some_and(|came| came.elapsed() < MOMENT)
    }

    /// Why an action of the place does nothing yet, where it would decide something.
    pub(super) fn unseen(&self, id: Id, key: &str) -> Option<String> {
        // What one did last is taken back or done again whatever is on the screen.
        let elsewhere = matches!(id, Id::History | Id::Undo | Id::Redo);
        let decides = self.desk.keymap.find(id).is_some_and(|action| action.group == Group::Decide);
        if elsewhere || !decides {
            return None;
        }
        if self.came_just_now() {
            return Some(just_came(key));
        }
        let on_row = matches!(id, Id::Row(_) | Id::EditCell);
        let row = self.pane().and_then(|pane| pane.selected()).filter(|_| on_row)?;
        let drawn = self.seen.rows.get(&(row.table, row.id)).copied();
        (drawn != row.int("row_version")).then(|| not_drawn(key))
    }

    /// Why a key does nothing yet on what lies over the place.
    pub(super) fn unseen_over(&self, key: &str) -> Option<String> {
        let overlay = self.overlays.last()?;
        let typed = key.chars().count() == 1 || key == "Space" || EDITING.contains(&key);
        if LOOKING.contains(&key) || (typed && overlay.keys().is_none_or(Over::takes_text)) {
            return None;
        }
        if self.came_just_now() {
            return Some(just_came(key));
        }
        let at_hand = overlay.at_hand()?;
        (self.seen.at_hand != Some(at_hand)).then(|| not_drawn(key))
    }
}

fn just_came(key: &str) -> String {
    format!("The screen changed by itself just before {key}; look at it, then press {key} again.")
}

fn not_drawn(key: &str) -> String {
    format!("What {key} is for had not been on the screen; look at it, then press {key} again.")
}
