//! The screen where there is no store yet: an empty one, the demo, or another file, each by one key.
//!
//! It only asks; what was chosen is made by [`Make`], which the program brings along, on a thread of its own, so that keys
//! and signals are still heard while the demo is built.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::cut;
use super::entry::Entry;
use super::export::resolved;
use super::keys;
use super::layout;
use super::paint::Paint;
use super::theme::{Role, Theme};
use crate::model::{sentence, shown};
use crate::store::Store;

/// What a person chose instead of the store that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A new store at this path.
    Empty(PathBuf),
    Demo,
    /// The store that lies there.
    Other(PathBuf),
}

/// Makes or opens the store that was chosen.
pub type Make = Arc<dyn Fn(&Choice) -> anyhow::Result<Store> + Send + Sync>;

/// What the screen needs to know.
#[derive(Clone)]
pub struct Missing {
    /// Where the store would lie, and the demo.
    pub path: PathBuf,
    pub demo: PathBuf,
    pub make: Make,
}

/// What is to happen after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Stay,
    Quit,
    Make(Choice),
}

/// The choices: key, what it gives.
pub const CHOICES: [(&str, &str); 4] = [
    ("e", "an empty store there; you are its first admin"),
    ("d", "the demo: an invented agency with six weeks of deliveries, in a file of its own"),
    ("o", "another file: type its path"),
    ("q", "quit"),
];

#[derive(Debug, Default)]
pub struct FirstRun {
    path: PathBuf,
    demo: PathBuf,
    entry: Option<Entry>,
    /// What is being made; keys wait for it, but for quitting.
    making: Option<Choice>,
    problem: Option<String>,
}

impl FirstRun {
    pub fn new(missing: &Missing) -> FirstRun {
        FirstRun { path: missing.path.clone(), demo: missing.demo.clone(), ..FirstRun::default() }
    }

    pub fn key(&mut self, key: &KeyEvent) -> Step {
        let name = keys::name(key);
        match (name.as_str(), &mut self.entry) {
            ("Ctrl+C" | "Ctrl+Q", _) => return Step::Quit,
            _ if self.making.is_some() => {}
            ("Esc", Some(_)) => self.entry = None,
            ("Enter", Some(entry)) if entry.text().trim().is_empty() => self.entry = None,
            ("Enter", Some(entry)) => {
                let typed = entry.text().trim().to_string();
                return self.other(&typed).map_or(Step::Stay, |choice| self.make(choice));
            }
            (_, Some(entry)) => {
                entry.key(key);
            }
            ("e", None) => return self.make(self.empty()),
            ("d", None) => return self.make(Choice::Demo),
            ("o", None) => (self.entry, self.problem) = (Some(Entry::default()), None),
            ("q" | "Esc", None) => return Step::Quit,
            (_, None) => {}
        }
        Step::Stay
    }

    pub fn paste(&mut self, text: &str) {
        if let Some(entry) = &mut self.entry {
            entry.paste(text);
        }
    }

    /// An empty store at the path that the screen is about.
    pub fn empty(&self) -> Choice {
        Choice::Empty(self.path.clone())
    }

    /// The store at a path that was typed; none where nothing lies there, and the question is about that path from now on.
    pub fn other(&mut self, typed: &str) -> Option<Choice> {
        let path = resolved(typed);
        if path.exists() {
            return Some(Choice::Other(path));
        }
        (self.path, self.entry, self.problem) = (path, None, None);
        None
    }

    fn make(&mut self, choice: Choice) -> Step {
        self.problem = None;
        self.making = Some(choice.clone());
        Step::Make(choice)
    }

    /// It could not be made; the person chooses again.
    pub fn failed(&mut self, problem: &str) {
        self.making = None;
        self.problem = Some(sentence(problem));
    }

    /// What the screen says, a sentence a line; without the choices.
    pub fn said(&self) -> [String; 2] {
        let name = |path: &Path| shown(&path.to_string_lossy()).into_owned();
        [
            format!("There is no store at {} yet.", name(&self.path)),
            format!("The demo would lie at {}.", name(&self.demo)),
        ]
    }

    pub fn draw(&self, buffer: &mut Buffer, theme: &Theme) -> Option<Position> {
        let area = buffer.area;
        let mut paint = Paint::new(buffer, theme);
        let cells = usize::from(area.width).saturating_sub(2);
        let mut at = 0;
        let mut put = |paint: &mut Paint, text: &str, role: Role| {
            for line in cut::wrapped_shown(text, cells, 6) {
                let area = layout::line(area, at);
                paint.put_at(area, area.x + u16::from(area.width > 2), &line, role);
                at += 1;
            }
        };
        put(&mut paint, "steward", Role::Title);
        let [missing, demo] = self.said();
        put(&mut paint, &missing, Role::Heading);
        for (key, what) in CHOICES {
            put(&mut paint, &format!("{key}  {what}"), Role::Plain);
        }
        put(&mut paint, &demo, Role::Quiet);
        match &self.making {
            Some(Choice::Demo) => put(&mut paint, "Making the demo; this takes some seconds…", Role::Note),
            Some(_) => put(&mut paint, "Opening…", Role::Note),
            None => {}
        }
        if let Some(problem) = &self.problem {
            put(&mut paint, problem, Role::Error);
        }
        if let Some(entry) = &self.entry {
            let line = layout::line(area, at);
            let x = paint.put_at(line, line.x, " File: ", Role::Heading);
            let rest = Rect { x, width: line.right().saturating_sub(x), ..line };
            entry.draw(&mut paint, rest, self.making.is_none());
        }
        paint.cursor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(screen: &mut FirstRun, script: &[&str]) -> Step {
        script.iter().fold(Step::Stay, |_, name| screen.key(&keys::press(name).unwrap()))
    }

    #[test]
    fn each_choice_is_one_key() {
        assert_eq!(press(&mut FirstRun::default(), &["e"]), Step::Make(Choice::Empty("".into())));
        assert_eq!(press(&mut FirstRun::default(), &["d"]), Step::Make(Choice::Demo));
        assert_eq!(press(&mut FirstRun::default(), &["q"]), Step::Quit);
        let there = tempfile::NamedTempFile::new().unwrap();
        let mut screen = FirstRun::default();
        assert_eq!(press(&mut screen, &["o", "Enter", "o"]), Step::Stay);
        screen.paste(&format!("{}\n", there.path().display()));
        assert_eq!(press(&mut screen, &["Enter"]), Step::Make(Choice::Other(there.path().into())));
    }

    #[test]
    fn a_path_where_nothing_lies_is_what_one_is_asked_about_then() {
        let mut screen = FirstRun::default();
        assert_eq!(press(&mut screen, &["o", "n", "o", "Enter"]), Step::Stay);
        assert_eq!(screen.said()[0], "There is no store at no yet.");
        assert_eq!(press(&mut screen, &["e"]), Step::Make(Choice::Empty("no".into())));
    }

    #[test]
    fn a_choice_is_made_once_and_another_may_follow_a_failure() {
        let mut screen = FirstRun::default();
        press(&mut screen, &["d"]);
        assert_eq!(press(&mut screen, &["d"]), Step::Stay);
        assert_eq!(press(&mut screen, &["Ctrl+C"]), Step::Quit);
        screen.failed("the disk is full");
        assert_eq!(press(&mut screen, &["e"]), Step::Make(Choice::Empty("".into())));
    }

    #[test]
    fn it_is_drawn_at_every_size() {
        let mut screen = FirstRun { path: "store.db".into(), demo: "demo.db".into(), ..FirstRun::default() };
        press(&mut screen, &["o", "a"]);
        for (width, height) in (0..100).step_by(3).flat_map(|width| (0..20).map(move |height| (width, height))) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            let cursor = screen.draw(&mut buffer, &Theme::default());
            assert!(cursor.is_none_or(|at| at.x < width), "{width}x{height}");
        }
    }
}
