//! Keys by name: `c`, `C`, `Ctrl+A`, `Shift+Tab`, `Up`, `F1`, `Space`.
//!
//! The tables of actions, the footer, the help and the tests' key scripts all speak in these names; nothing else looks
//! into a terminal's key event. What a key does is not decided here.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

const NAMED: [(KeyCode, &str); 14] = [
    (KeyCode::Char(' '), "Space"),
    (KeyCode::Enter, "Enter"),
    (KeyCode::Esc, "Esc"),
    (KeyCode::Tab, "Tab"),
    (KeyCode::Backspace, "Backspace"),
    (KeyCode::Delete, "Delete"),
    (KeyCode::Up, "Up"),
    (KeyCode::Down, "Down"),
    (KeyCode::Left, "Left"),
    (KeyCode::Right, "Right"),
    (KeyCode::PageUp, "PgUp"),
    (KeyCode::PageDown, "PgDn"),
    (KeyCode::Home, "Home"),
    (KeyCode::End, "End"),
];

/// The name of a key press; keys that have no name here answer an empty text, which nothing is bound to.
pub fn name(key: &KeyEvent) -> String {
    let mut name = String::new();
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        name.push_str("Ctrl+");
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        name.push_str("Alt+");
    }
    let plain = name.is_empty();
    let code = if key.code == KeyCode::BackTab { KeyCode::Tab } else { key.code };
    if key.code == KeyCode::BackTab
        || (key.modifiers.contains(KeyModifiers::SHIFT) && !matches!(code, KeyCode::Char(_)))
    {
        name.push_str("Shift+");
    }
    match (NAMED.iter().find(|(named, _)| *named == code), code) {
        (Some((_, text)), _) => name.push_str(text),
        (None, KeyCode::Char(c)) if plain => name.push(c),
        (None, KeyCode::Char(c)) => name.extend(c.to_uppercase()),
        (None, KeyCode::F(n)) => name.push_str(&format!("F{n}")),
        _ => return String::new(),
    }
    name
}

/// The key press with this name: the inverse of [`name`], for key scripts.
pub fn press(name: &str) -> Option<KeyEvent> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = name;
    for (prefix, modifier) in
        [("Ctrl+", KeyModifiers::CONTROL), ("Alt+", KeyModifiers::ALT), ("Shift+", KeyModifiers::SHIFT)]
    {
        if let Some(after) = rest.strip_prefix(prefix).filter(|after| !after.is_empty()) {
            modifiers |= modifier;
            rest = after;
        }
    }
    let mut chars = rest.chars();
    let code = match (NAMED.iter().find(|(_, text)| *text == rest), chars.next(), chars.next()) {
        (Some((KeyCode::Tab, _)), ..) if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        (Some((code, _)), ..) => *code,
        (None, Some(c), None) if modifiers.is_empty() => KeyCode::Char(c),
        (None, Some(c), None) => KeyCode::Char(c.to_ascii_lowercase()),
        (None, Some('F'), Some(_)) => KeyCode::F(rest[1..].parse().ok()?),
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_the_name_it_is_given() {
        for text in ["c", "C", "Space", "Ctrl+A", "Shift+Tab", "Shift+Up", "F1", "F12", "Up", "/", "+", "?", "Alt+X"] {
            assert_eq!(press(text).map(|key| name(&key)).as_deref(), Some(text));
        }
    }
}
