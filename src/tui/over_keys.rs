//! The keys of what lies over a screen that settings can change, once: settings, footer and plain text fold over this table.
//!
//! A form or list knows its keys by the names they have here; a person's own key is put in their place before the overlay
//! sees it ([`super::keymap`]). What every overlay has in common stays: Esc, Enter, Tab, the arrows, paging keys, digits, ?
//! mean the same everywhere, and where a text is typed, characters and the keys that edit it are part of the text.

use std::borrow::Cow;

use crossterm::event::KeyEvent;

use super::app::App;
use super::footer::{ALL_KEYS, Shown};
use super::keys;
use super::overlay::Hint;
use super::overlay::all_keys::AllKeys;

impl App {
    /// Hands a key to what lies over the screen, by the name that it has there.
    pub(super) fn key_over(&mut self, key: &KeyEvent, name: &str) {
        let Some(overlay) = self.overlays.last_mut() else { return };
        let typed = overlay.keys().is_none_or(Over::takes_text);
        if (name == ALL_KEYS || name == HELP && !typed) && !overlay.is_help() {
            let more = overlay.more_keys().into_iter().map(|(key, word)| (key.to_string(), Cow::from(word)));
            let keys = self.overlay_hints().unwrap_or_default();
            return self.overlays.push(Box::new(AllKeys::of(keys.into_iter().chain(more).collect())));
        }
        let step = match self.desk.keymap.pressed_over(overlay.keys(), name) {
            Some(own) if own == name => overlay.key(key, name, &mut self.desk),
            Some(own) => overlay.key(&keys::press(&own).unwrap_or(*key), &own, &mut self.desk),
            None => return self.desk.say(format!("{name} does nothing here; {ALL_KEYS} shows the keys that do.")),
        };
        self.carry_out(step);
    }

    /// The hints of what lies over the screen, with the keys that the person gave them.
    pub fn overlay_hints(&self) -> Option<Vec<Shown>> {
        let overlay = self.overlays.last()?;
        let keymap = self.desk.keymap;
        let shown = |(key, word): Hint| Some((keymap.shown_over(overlay.keys(), key)?, Cow::from(word)));
        Some(overlay.hints().into_iter().filter_map(shown).collect())
    }
}

/// Where keys of an overlay apply together, so that no two may be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Codes,
    Columns,
    EditInput,
    Facets,
    Form,
    History,
    Picker,
    Record,
    Send,
    Triage,
    Views,
}

impl Over {
    /// What people call it, as in "the form".
    pub fn title(self) -> &'static str {
        match self {
            Over::Codes => "the map screen",
            Over::Columns => "the choice of columns",
            Over::EditInput => "the form of an item's input",
            Over::Facets => "the values of a column",
            Over::Form => "a form",
            Over::History => "the history",
            Over::Picker => "the choice of a code",
            Over::Record => "a record",
            Over::Send => "the form for sending out",
            Over::Triage => "triage",
            Over::Views => "the views",
        }
    }

    /// Whether a text is typed there: no character and no editing key can be anything else.
    pub fn takes_text(self) -> bool {
        matches!(self, Over::EditInput | Over::Form | Over::Picker | Over::Send)
    }

    /// Keys that keep their meaning there beside [`FIXED`].
    pub fn fixed(self) -> &'static [&'static str] {
        match self {
            Over::Codes => &["j", "k", "h", "l", "g", "G", "q", "Space"],
            Over::Columns => &["|", "Space"],
            Over::Facets => &["q", "=", "h", "l"],
            Over::History => &["j", "k", "q"],
            Over::Record | Over::Triage => &["j", "k", "h", "l", "g", "G", "q"],
            Over::Views => &["v"],
            Over::EditInput | Over::Form | Over::Picker | Over::Send => &[],
        }
    }
}

/// Shows all keys, too, where it is not part of a text.
const HELP: &str = "?";

/// Keys that mean the same in whatever lies over a screen.
pub const FIXED: [&str; 16] = [
    "Esc", "Enter", "Tab", "Shift+Tab", "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End", "Backspace",
    "Delete", ALL_KEYS, HELP,
];

/// Keys that edit a text that is typed.
pub const EDITING: [&str; 21] = [
    "Ctrl+A", "Ctrl+B", "Ctrl+D", "Ctrl+E", "Ctrl+H", "Ctrl+K", "Ctrl+U", "Ctrl+V", "Ctrl+W", "Ctrl+X", "Ctrl+Y",
    "Ctrl+Left", "Ctrl+Right", "Alt+B", "Alt+F", "Alt+D", "Alt+Left", "Alt+Right", "Alt+Delete", "Alt+Backspace",
    "Ctrl+Alt+H",
];

#[derive(Debug, Clone)]
pub struct OverKey {
    pub over: Over,
    /// As settings name it.
    pub name: &'static str,
    /// The key that the overlay knows it by.
    pub own: &'static str,
    /// The keys that a person presses for it; the first is the one that is shown.
    pub keys: &'static [&'static str],
    pub title: &'static str,
}

const fn key(over: Over, name: &'static str, keys: &'static [&'static str], title: &'static str) -> OverKey {
    OverKey { over, name, own: keys[0], keys, title }
}

pub const OVER_KEYS: &[OverKey] = &[
    key(Over::Codes, "codes-search", &["/"], "Map screen: search the code list"),
    key(Over::Codes, "codes-family", &["="], "Map screen: decide the spelling family as one"),
    key(Over::Codes, "codes-skip", &["s"], "Map screen: leave this code for later"),
    key(Over::Codes, "codes-flag", &["f"], "Map screen: flag this code for somebody else"),
    key(Over::Codes, "codes-wider", &["w"], "Map screen: the next decision is meant wider"),
    key(Over::Codes, "codes-narrower", &["n"], "Map screen: the next decision is meant narrower"),
    key(Over::Codes, "codes-inexact", &["~"], "Map screen: the next decision is meant inexactly"),
    key(Over::Codes, "codes-not-this", &["!"], "Map screen: this suggestion is wrong"),
    key(Over::Codes, "codes-undo", &["u"], "Map screen: undo the last decision"),
    key(Over::Codes, "codes-bulk", &["A"], "Map screen: accept every best suggestion from a score on"),
    key(Over::Codes, "codes-items", &["o"], "Map screen: the items that wait for this code"),
    key(Over::Picker, "picker-no-match", &["Ctrl+N"], "Choice of a code: no match"),
    key(Over::Picker, "picker-flag", &["Ctrl+F"], "Choice of a code: flag it for somebody else"),
    key(Over::Form, "form-save", &["Ctrl+S"], "Form: save"),
    key(Over::Form, "form-put-back", &["Ctrl+R"], "Form: put back what stood in this field"),
    key(Over::EditInput, "input-retry", &["Ctrl+S"], "Form of an item's input: try it again"),
    key(Over::EditInput, "input-put-back", &["Ctrl+R"], "Form of an item's input: put back what was delivered"),
    key(Over::Triage, "triage-retry-all", &["T"], "Triage: try the group again, by way of a preview"),
    key(Over::Triage, "triage-park-all", &["Z"], "Triage: park the group, by way of a preview"),
    key(Over::Triage, "triage-close-all", &["B"], "Triage: close the group for good, by way of a preview"),
    key(Over::Triage, "triage-map", &["m"], "Triage: map the group's code"),
    key(Over::Triage, "triage-map-all", &["M"], "Triage: the map screen with this group's codes"),
    key(Over::Triage, "triage-undo", &["u"], "Triage: undo what you did last"),
    key(Over::Triage, "triage-why", &["w"], "Triage: go to the cause"),
    key(Over::Record, "record-certify", &["c"], "Record: certify the entry that waits"),
    key(Over::Record, "record-reject", &["r"], "Record: reject the entry that waits"),
    key(Over::Record, "record-revoke", &["d"], "Record: revoke the entry in force"),
    key(Over::Record, "record-map", &["m"], "Record: map the code that the field waits for"),
    key(Over::Record, "record-undo", &["u"], "Record: undo what you did last"),
    key(Over::Record, "record-related", &["o"], "Record: what belongs to this field"),
    key(Over::Record, "record-pin", &["i"], "Record: pin or unpin the value in force"),
    key(Over::Record, "record-copy", &["y"], "Record: copy the value in force"),
    key(Over::Record, "record-attest", &["A"], "Record: attest the values in force"),
    key(Over::Send, "send-preview", &["Ctrl+S"], "Form for sending out: see what would be sent"),
    key(Over::History, "history-find", &["/"], "History: find operations by words, person, kind and time"),
    key(Over::History, "history-undo", &["u"], "History: undo this operation"),
    key(Over::Facets, "facets-leave-out", &["!"], "Values of a column: leave this one out"),
    key(Over::Columns, "columns-left", &["<"], "Columns: move it to the left"),
    key(Over::Columns, "columns-right", &[">"], "Columns: move it to the right"),
    key(Over::Columns, "columns-narrower", &["-"], "Columns: narrower"),
    key(Over::Columns, "columns-wider", &["+"], "Columns: wider"),
    key(Over::Columns, "columns-auto-width", &["a"], "Columns: as wide as is needed"),
    key(Over::Columns, "columns-put-back", &["Ctrl+R"], "Columns: as they were at first"),
    key(Over::Views, "views-save", &["s"], "Views: save what is listed"),
    key(Over::Views, "views-rename", &["r"], "Views: rename one of your own"),
    key(Over::Views, "views-delete", &["d"], "Views: delete one of your own"),
];
