//! Which key does what: the table of actions, with the keys that a person gave them instead of its own.
//!
//! Settings name an action by [`name`], which follows from its id, so that a new action has a name without more ado. What
//! is refused is refused whole: a key for two actions, a key that no keyboard has, or one of those that must work always.

use super::actions::{ACTIONS, Action, Id};
use super::keys;
use crate::model::text::nearest;
use crate::model::{Shown, shown};

/// Keys that work in every place and keep their meaning, so that nobody locks themselves in.
pub const FIXED: [&str; 4] = ["Ctrl+C", "Ctrl+Z", "Ctrl+Q", "Esc"];

/// The actions with their keys. Copied freely: the table behind it lives as long as the program.
#[derive(Debug, Clone, Copy)]
pub struct Keymap(&'static [Action]);

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
        Keymap(ACTIONS)
    }
}

impl Keymap {
    /// The table's own keys but for those that are given otherwise.
    pub fn with(bindings: &[Binding]) -> Result<Keymap, Vec<Problem>> {
        let mut problems: Vec<Problem> = Vec::new();
        let mut actions: Vec<Action> = ACTIONS.to_vec();
        let mut lines: Vec<Option<usize>> = vec![None; actions.len()];
        for binding in bindings {
            match actions.iter().position(|action| name(action.id) == binding.action) {
                Some(at) => match keys_for(&actions[at], binding) {
                    Ok(keys) => (actions[at].keys, lines[at]) = (keys, Some(binding.line)),
                    Err(problem) => problems.push((binding.line, problem)),
                },
                None => problems.push((binding.line, no_action(&binding.action))),
            }
        }
        problems.extend(conflicts(&actions, &lines));
        // The one table of a program that runs; it is never given back, so that it can be used as the built-in one is.
        if problems.is_empty() { Ok(Keymap(Vec::leak(actions))) } else { Err(problems) }
    }

    pub fn actions(self) -> &'static [Action] {
        self.0
    }

    pub fn find(self, id: Id) -> Option<&'static Action> {
        self.0.iter().find(|action| action.id == id)
    }

    /// The action bound to a key.
    pub fn bound(self, key: &str) -> Option<&'static Action> {
        self.0.iter().find(|action| action.keys.contains(&key))
    }

    /// The key of an action for a sentence; where it has none, the way to find it by its words.
    pub fn key(self, id: Id) -> &'static str {
        self.find(id).and_then(|action| action.keys.first()).copied().unwrap_or("the list of commands")
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
        // A character that cannot be seen would be shown as a key all over the screen.
        let seen = shown(key) == key.as_str();
        if !seen || keys::press(key).is_none_or(|press| keys::name(&press) != *key) {
            let key = Shown(key);
            return Err(format!("No key is called \"{key}\"; keys are written as c, C, Ctrl+A, Shift+Up, F5, Space."));
        }
        if FIXED.contains(&key.as_str()) && !out.contains(&key.as_str()) {
            return Err(format!("{key} keeps its meaning; choose another key."));
        }
        if !out.contains(&key.as_str()) {
            out.insert(out.len() - fixed(&out), String::leak(key.clone()));
        }
    }
    Ok(Vec::leak(out))
}

/// How many fixed keys stand at the end: a person's own keys come before them and are the ones that are shown.
fn fixed(keys: &[&str]) -> usize {
    keys.iter().rev().take_while(|key| FIXED.contains(key)).count()
}

fn no_action(wanted: &str) -> String {
    let names: Vec<String> = ACTIONS.iter().map(|action| name(action.id)).collect();
    let near = nearest(wanted, names.iter().map(String::as_str));
    let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
    format!("There is no action \"{}\".{hint} steward settings lists them all.", Shown(wanted))
}

/// Keys that two actions have; the line is that of the one that settings name last.
fn conflicts(actions: &[Action], lines: &[Option<usize>]) -> Vec<Problem> {
    let bound: Vec<(&str, usize)> =
        actions.iter().enumerate().flat_map(|(at, action)| action.keys.iter().map(move |key| (*key, at))).collect();
    let mut problems = Vec::new();
    for (n, (key, first)) in bound.iter().enumerate() {
        for (_, second) in bound[n + 1..].iter().filter(|(other, second)| other == key && second != first) {
            let whose = |at: usize| match lines[at] {
                Some(line) => format!("{} (line {line})", name(actions[at].id)),
                None => format!("{} (by default)", name(actions[at].id)),
            };
            let line = lines[*first].max(lines[*second]).unwrap_or_default();
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
