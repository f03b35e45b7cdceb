//! Which key does what: the table of actions, with the keys that a person gave them instead of its own.
//!
//! Settings name an action by [`name`], which follows from its id, so that a new action has a name without more ado. What
//! is refused is refused whole: a key for two actions, a key that no keyboard has, or one of those that must work always.

use super::actions::{ACTIONS, Action, Id};
use super::keys;
use super::over_keys::{self, OVER_KEYS, Over, OverKey};
use crate::model::text::nearest;
use crate::model::{Shown, shown};

/// Keys that work in every place and keep their meaning, so that nobody locks themselves in.
pub const FIXED: [&str; 5] = ["Ctrl+C", "Ctrl+L", "Ctrl+Z", "Ctrl+Q", "Esc"];

/// The actions with their keys. Copied freely: the table behind it lives as long as the program.
#[derive(Debug, Clone, Copy)]
pub struct Keymap {
    actions: &'static [Action],
    over: &'static [OverKey],
}

/// Keys that settings give to an action, with the line that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub action: String,
    pub keys: Vec<String>,
    pub line: usize,
}

/// A line of the settings with what is wrong in it.
pub type Problem = (usize, String);

impl Default for Keymap {
    fn default() -> Keymap {
        Keymap { actions: ACTIONS, over: OVER_KEYS }
    }
}

impl Keymap {
    /// The table's own keys but for those that are given otherwise.
    pub fn with(bindings: &[Binding]) -> Result<Keymap, Vec<Problem>> {
        let mut problems: Vec<Problem> = Vec::new();
        let mut actions: Vec<Action> = ACTIONS.to_vec();
        let mut over: Vec<OverKey> = OVER_KEYS.to_vec();
        let mut lines: Vec<Option<usize>> = vec![None; actions.len()];
        let mut lines_over: Vec<Option<usize>> = vec![None; over.len()];
        for binding in bindings {
            let action = actions.iter().position(|action| name(action.id) == binding.action);
            let own = over.iter().position(|key| key.name == binding.action);
            let taken = match (action, own) {
                (Some(at), _) => keys_for(&actions[at], binding)
                    .map(|keys| (actions[at].keys, lines[at]) = (keys, Some(binding.line))),
                (None, Some(at)) => keys_over(&over[at], binding)
                    .map(|keys| (over[at].keys, lines_over[at]) = (keys, Some(binding.line))),
                (None, None) => Err(no_action(&binding.action)),
            };
            problems.extend(taken.err().map(|problem| (binding.line, problem)));
        }
        let one = |(action, line): (&Action, &Option<usize>)| (name(action.id), action.keys, *line, None);
        let mut bound: Vec<Bound> = actions.iter().zip(&lines).map(one).collect();
        bound
            .extend(over.iter().zip(&lines_over).map(|(own, line)| (own.name.into(), own.keys, *line, Some(own.over))));
        problems.extend(conflicts(&bound));
        // The one table of a program that runs; it is never given back, so that it can be used as the built-in one is.
        if problems.is_empty() {
            Ok(Keymap { actions: Vec::leak(actions), over: Vec::leak(over) })
        } else {
            Err(problems)
        }
    }

    pub fn actions(self) -> &'static [Action] {
        self.actions
    }

    pub fn find(self, id: Id) -> Option<&'static Action> {
        self.actions.iter().find(|action| action.id == id)
    }

    /// The action bound to a key.
    pub fn bound(self, key: &str) -> Option<&'static Action> {
        self.actions.iter().find(|action| action.keys.contains(&key))
    }

    /// The key of an action for a sentence; where it has none, the way to find it by its words.
    pub fn key(self, id: Id) -> &'static str {
        self.find(id).and_then(|action| action.keys.first()).copied().unwrap_or("the list of commands")
    }
}

impl Keymap {
    /// The key by which an overlay knows a key that was pressed; none if the key was given away and means nothing now.
    pub fn pressed_over(self, over: Option<Over>, key: &str) -> Option<String> {
        let here = || self.over.iter().filter(|own| Some(own.over) == over);
        match here().find(|own| own.keys.contains(&key)) {
            Some(own) => Some(own.own.into()),
            None => here().all(|own| own.own != key).then(|| key.into()),
        }
    }

    /// A hint's key, such as `s` or `w/n/~`, as the person presses it; none if it has no key any more.
    pub fn shown_over(self, over: Option<Over>, hint: &str) -> Option<String> {
        let part = |part: &str| match self.over.iter().find(|own| Some(own.over) == over && own.own == part) {
            Some(own) => own.keys.first().map(ToString::to_string),
            None => Some(part.to_string()),
        };
        let parts: Vec<String> = match hint {
            "/" => part(hint).into_iter().collect(),
            hint => hint.split('/').filter_map(part).collect(),
        };
        (!parts.is_empty()).then(|| parts.join("/"))
    }
}

/// An action's name in the settings: `certify`, `certify-all`, `go-ledger`, `keep-value`.
pub fn name(id: Id) -> String {
    let text = format!("{id:?}");
    let words: Vec<&str> = text.split(['(', ')']).filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        ["Row", act] => kebab(act),
        ["Bulk", .., verb] => format!("{}-all", kebab(verb)),
        [kind, .., last] => format!("{}-{}", kebab(kind), kebab(last)),
        [word] => kebab(word),
        [] => String::new(),
    }
}

fn kebab(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The keys as the table keeps them; those that must stay, stay.
fn keys_for(action: &Action, binding: &Binding) -> Result<&'static [&'static str], String> {
    let mut out: Vec<&'static str> = action.keys.iter().copied().filter(|key| FIXED.contains(key)).collect();
    for key in &binding.keys {
        check(key)?;
        if FIXED.contains(&key.as_str()) && !out.contains(&key.as_str()) {
            return Err(format!("{key} keeps its meaning; choose another key."));
        }
        if !out.contains(&key.as_str()) {
            out.insert(out.len() - fixed(&out), String::leak(key.clone()));
        }
    }
    Ok(Vec::leak(out))
}

/// The keys that a person gave to something in an overlay.
fn keys_over(own: &OverKey, binding: &Binding) -> Result<&'static [&'static str], String> {
    let mut out: Vec<&'static str> = Vec::new();
    for key in &binding.keys {
        check(key)?;
        let key = key.as_str();
        let place = own.over.title();
        let common = FIXED.contains(&key) || over_keys::FIXED.contains(&key) || own.over.fixed().contains(&key);
        if common || key.parse::<usize>().is_ok() {
            return Err(format!("{key} keeps its meaning in {place}; choose another key."));
        }
        let typed = key.chars().count() == 1 || key == "Space" || over_keys::EDITING.contains(&key);
        if own.over.takes_text() && typed {
            return Err(format!(
                "In {place} {key} is part of the text that is typed; choose a key such as Ctrl+S or F5."
            ));
        }
        if !out.contains(&key) {
            out.push(String::leak(key.to_string()));
        }
    }
    Ok(Vec::leak(out))
}

/// Whether there is such a key.
fn check(key: &str) -> Result<(), String> {
    // A character that cannot be seen would be shown as a key all over the screen.
    let seen = shown(key) == key;
    if !seen || keys::press(key).is_none_or(|press| keys::name(&press) != *key) {
        let key = Shown(key);
        return Err(format!("No key is called \"{key}\"; keys are written as c, C, Ctrl+A, Shift+Up, F5, Space."));
    }
    Ok(())
}

/// How many fixed keys stand at the end: a person's own keys come before them and are the ones that are shown.
fn fixed(keys: &[&str]) -> usize {
    keys.iter().rev().take_while(|key| FIXED.contains(key)).count()
}

fn no_action(wanted: &str) -> String {
    let actions = ACTIONS.iter().map(|action| name(action.id));
    let names: Vec<String> = actions.chain(OVER_KEYS.iter().map(|own| own.name.to_string())).collect();
    let near = nearest(wanted, names.iter().map(String::as_str));
    let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
    format!("There is no action \"{}\".{hint} steward settings lists them all.", Shown(wanted))
}

/// An action's name and keys, the line of the settings that gives them, and the overlay in which they apply.
type Bound = (String, &'static [&'static str], Option<usize>, Option<Over>);

/// Keys that two actions have in one place; the line is that of the one that settings name last.
fn conflicts(actions: &[Bound]) -> Vec<Problem> {
    let bound: Vec<(&str, usize)> =
        actions.iter().enumerate().flat_map(|(at, (_, keys, ..))| keys.iter().map(move |key| (*key, at))).collect();
    let mut problems = Vec::new();
    for (n, (key, first)) in bound.iter().enumerate() {
        let same = |second: usize| second != *first && actions[second].3 == actions[*first].3;
        for (_, second) in bound[n + 1..].iter().filter(|(other, second)| other == key && same(*second)) {
            let whose = |at: usize| match &actions[at] {
                (name, _, Some(line), _) => format!("{name} (line {line})"),
                (name, ..) => format!("{name} (by default)"),
            };
            let line = actions[*first].2.max(actions[*second].2).unwrap_or_default();
            let (first, second) = (whose(*first), whose(*second));
            problems
                .push((line, format!("The key {key} would be for {first} and for {second}; give one another key.")));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::actions::Place;
    use crate::tui::bulk::Bulk;
    use crate::tui::panes::RowAct;
    use std::collections::HashSet;

    fn binding(action: &str, keys: &[&str], line: usize) -> Binding {
        Binding { action: action.into(), keys: keys.iter().map(ToString::to_string).collect(), line }
    }

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: HashSet<String> = ACTIONS.iter().map(|action| name(action.id)).collect();
        assert_eq!(names.len(), ACTIONS.len());
        for (id, expected) in [
            (Id::Row(RowAct::Certify), "certify"),
            (Id::Bulk(Bulk::Decide(crate::engine::Verb::Certify)), "certify-all"),
            (Id::Bulk(Bulk::Retry), "retry-all"),
            (Id::KeepValue, "keep-value"),
            (Id::Go(Place::Home), "go-home"),
            (Id::Go(Place::Pane(crate::model::Table::SyncItems)), "go-sync-items"),
        ] {
            assert_eq!(name(id), expected);
        }
    }

    #[test]
    fn keys_are_given_and_taken() {
        let keymap = Keymap::with(&[binding("copy", &["c", "F9"], 3), binding("certify", &[], 4)]).unwrap();
        assert_eq!(keymap.bound("c").map(|action| action.id), Some(Id::Copy));
        assert_eq!(keymap.key(Id::Copy), "c");
        assert!(keymap.bound("y").is_none());
        assert!(keymap.find(Id::Row(RowAct::Certify)).is_some_and(|action| action.keys.is_empty()));
        assert_eq!(Keymap::default().bound("y").map(|action| action.id), Some(Id::Copy));
    }

    #[test]
    fn what_lies_over_a_screen_has_keys_of_its_own() {
        let keymap = Keymap::with(&[
            binding("codes-skip", &["f"], 1),
            binding("codes-flag", &["s", "F9"], 2),
            binding("codes-wider", &[], 3),
        ])
        .unwrap();
        let over = Some(Over::Codes);
        let pressed = |key| keymap.pressed_over(over, key);
        assert_eq!((pressed("f").as_deref(), pressed("s").as_deref()), (Some("s"), Some("f")));
        assert_eq!((pressed("F9").as_deref(), pressed("w"), pressed("Esc").as_deref()), (Some("f"), None, Some("Esc")));
        assert_eq!(keymap.pressed_over(Some(Over::Triage), "w").as_deref(), Some("w"));
        assert_eq!(keymap.pressed_over(None, "s").as_deref(), Some("s"));
        let shown = |hint| keymap.shown_over(over, hint);
        assert_eq!((shown("s").as_deref(), shown("w/n/~").as_deref(), shown("w")), (Some("f"), Some("n/~"), None));
        assert_eq!((shown("/").as_deref(), shown("Up/Down").as_deref()), (Some("/"), Some("Up/Down")));
    }

    #[test]
    fn keys_over_a_screen_are_refused_where_they_would_clash_there_and_only_there() {
        // The same key is for something else in a pane, and in another overlay.
        assert!(Keymap::with(&[binding("codes-skip", &["c"], 1), binding("triage-map", &["c"], 2)]).is_ok());
        for (action, key, part) in [
            ("codes-skip", "f", "codes-flag (by default)"),
            ("codes-skip", "Esc", "keeps its meaning in the map screen"),
            ("codes-skip", "3", "keeps its meaning"),
            ("codes-skip", "j", "keeps its meaning"),
            ("codes-skip", "Ctrl+C", "keeps its meaning"),
            ("form-save", "s", "part of the text"),
            ("form-save", "Ctrl+U", "part of the text"),
            ("form-save", "Ctrl+R", "form-put-back (by default)"),
            ("form-saev", "F2", "Did you mean form-save?"),
        ] {
            let problems = Keymap::with(&[binding(action, &[key], 4)]).unwrap_err();
            assert!(
                problems.iter().any(|(line, text)| *line == 4 && text.contains(part)),
                "{action} {key}: {problems:?}"
            );
        }
    }

    #[test]
    fn every_key_over_a_screen_could_be_given_by_settings_too() {
        let all: Vec<Binding> = (1..).zip(OVER_KEYS).map(|(line, own)| binding(own.name, own.keys, line)).collect();
        Keymap::with(&all).unwrap();
        let names: HashSet<String> =
            ACTIONS.iter().map(|action| name(action.id)).chain(OVER_KEYS.iter().map(|own| own.name.into())).collect();
        assert_eq!(names.len(), ACTIONS.len() + OVER_KEYS.len());
    }

    #[test]
    fn what_must_work_always_stays() {
        let keymap = Keymap::with(&[binding("quit", &["F10"], 1), binding("stop", &[], 2)]).unwrap();
        assert_eq!(keymap.find(Id::Quit).map(|action| action.keys), Some(["F10", "Ctrl+Q"].as_slice()));
        assert_eq!(keymap.bound("Ctrl+C").map(|action| action.id), Some(Id::Stop));
        assert!(Keymap::with(&[binding("copy", &["Ctrl+C"], 1)]).is_err());
    }

    #[test]
    fn conflicts_and_wrong_names_are_refused_with_their_lines() {
        let problems = Keymap::with(&[binding("copy", &["c"], 7), binding("certfy", &["x"], 8)]).unwrap_err();
        let text = format!("{problems:?}");
        assert!(text.contains("copy (line 7)") && text.contains("certify (by default)"), "{text}");
        assert!(text.contains("Did you mean certify?"), "{text}");
        assert_eq!(problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [8, 7]);
        let problems = Keymap::with(&[binding("copy", &["Strg+C"], 2)]).unwrap_err();
        assert!(problems[0].1.contains("No key is called"), "{problems:?}");
        for unseen in ["\u{202e}", "\u{200b}", "\u{7}", "\u{301}"] {
            assert!(Keymap::with(&[binding("copy", &[unseen], 2)]).is_err(), "{unseen:?}");
        }
        let problems = Keymap::with(&[binding("copy", &["F9"], 2), binding("undo", &["F9"], 5)]).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].0, 5);
    }
}
