//! Help and palette: the actions that apply here, found by words, run by Enter.
//!
//! The list is computed from the same table as the keys, so that what it says is what the keys do.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Picked, Spoken, Step, choose, scrolled};
use crate::tui::actions::Action;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::{Paint, Span};
use crate::tui::state_mark;
use crate::tui::theme::Role;

#[derive(Debug)]
pub struct Finder {
    title: String,
    /// What applies here, by group.
    actions: Vec<&'static Action>,
    /// The views of the pane with their filters, which the palette shows too.
    views: Vec<(String, String)>,
    /// Actions that do not apply here, and what the command line does: told where words find them.
    elsewhere: Vec<&'static Action>,
    commands: &'static [(String, String)],
    entry: Entry,
    at: usize,
    /// Whether the meaning of the marks is told below the actions.
    legend: bool,
}

/// What is not done here.
#[derive(Debug, Clone, Copy)]
enum Elsewhere {
    Action(&'static Action),
    Command(&'static (String, String)),
}

impl Elsewhere {
    fn heading(self) -> &'static str {
        match self {
            Elsewhere::Action(_) => "NOT FOR THIS ROW, OR NOT WITH YOUR ROLES",
            Elsewhere::Command(_) => "ON THE COMMAND LINE",
        }
    }

    /// Its key or name, and what it does.
    fn told(self) -> (String, &'static str) {
        match self {
            Elsewhere::Action(action) => (action.keys.join("  "), action.title),
            Elsewhere::Command((name, about)) => (format!("steward {name}"), about),
        }
    }
}

/// A line of the list: an action by its place among the matches, or a heading.
type Line = (Option<usize>, Vec<Span>);

impl Finder {
    pub fn help(here: &str, actions: Vec<&'static Action>) -> Finder {
        Finder::new(format!("Help: what the keys do in {here}"), actions, Vec::new(), true)
    }

    pub fn palette(here: &str, actions: Vec<&'static Action>, views: Vec<(String, String)>) -> Finder {
        Finder::new(format!("Commands in {here}"), actions, views, false)
    }

    fn new(title: String, mut actions: Vec<&'static Action>, views: Vec<(String, String)>, legend: bool) -> Finder {
        actions.sort_by_key(|action| action.group);
        let (elsewhere, commands) = (Vec::new(), Default::default());
        Finder { title, actions, views, elsewhere, commands, entry: Entry::default(), at: 0, legend }
    }

    /// Has it find what is done elsewhere, too: by other rows, roles or screens, and on the command line.
    pub fn and_elsewhere(mut self, all: &'static [Action], commands: &'static [(String, String)]) -> Finder {
        let is_here = |action: &Action| self.actions.iter().any(|here| here.id == action.id);
        self.elsewhere = all.iter().filter(|action| !is_here(action)).collect();
        self.commands = commands;
        self
    }

    /// What words find of what is done elsewhere; without words there would be too many lines.
    fn done_elsewhere(&self) -> Vec<Elsewhere> {
        let wanted = self.entry.text().to_lowercase();
        if wanted.trim().is_empty() {
            return Vec::new();
        }
        let holds = |text: String| wanted.split_whitespace().all(|word| text.to_lowercase().contains(word));
        let actions = self.elsewhere.iter().filter(|action| holds(format!("{} {}", action.title, action.hint)));
        let commands = self.commands.iter().filter(|(name, about)| holds(format!("steward {name} {about}")));
        actions.map(|action| Elsewhere::Action(action)).chain(commands.map(Elsewhere::Command)).collect()
    }

    fn matches(&self) -> Vec<&'static Action> {
        let wanted = self.entry.text().to_lowercase();
        let holds = |action: &Action| {
            let text = format!("{} {} {}", action.title, action.hint, action.group.title()).to_lowercase();
            wanted.split_whitespace().all(|word| text.contains(word) || action.keys.contains(&self.entry.text()))
        };
        self.actions.iter().copied().filter(|action| holds(action)).collect()
    }

    /// The views whose names hold the words; without words there would be too many lines.
    fn matching_views(&self) -> Vec<&(String, String)> {
        let wanted = self.entry.text().to_lowercase();
        let holds = |name: &str| {
            let text = format!("view {name}").to_lowercase();
            wanted.split_whitespace().all(|word| text.contains(word))
        };
        self.views.iter().filter(|(name, _)| !wanted.trim().is_empty() && holds(name)).collect()
    }

    fn enter(&self, desk: &mut Desk) -> Step {
        let (matches, views) = (self.matches(), self.matching_views());
        if let Some(action) = matches.get(self.at) {
            return Step::Act(action.id);
        }
        let at = self.at - matches.len();
        if let Some((name, _)) = views.get(at) {
            return Step::View(name.clone());
        }
        match self.done_elsewhere().get(at - views.len()) {
            Some(Elsewhere::Action(action)) => {
                desk.say(format!("{}: not for what the cursor is on here, or not with your roles.", action.title));
            }
            Some(Elsewhere::Command((name, _))) => {
                desk.say(format!("That is done in a shell: steward {name} --help says how."));
            }
            None => {}
        }
        Step::Stay
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let mut group = None;
        for (at, action) in self.matches().into_iter().enumerate() {
            if group.replace(action.group) != Some(action.group) {
                lines.push((None, vec![(format!(" {}", action.group.title()), Role::Heading)]));
            }
            let pointer = if at == self.at { '>' } else { ' ' };
            let keys = format!(" {pointer} {:<16} ", action.keys.join("  "));
            lines.push((Some(at), vec![(keys, Role::Key), (action.title.into(), Role::Plain)]));
        }
        let before = self.matches().len();
        for (n, (name, filter)) in self.matching_views().into_iter().enumerate() {
            if n == 0 {
                lines.push((None, vec![(" VIEWS".into(), Role::Heading)]));
            }
            let pointer = if before + n == self.at { '>' } else { ' ' };
            let spans = vec![
                (format!(" {pointer} {:<16} {}  ", "", cut::cut(name, 40)), Role::Plain),
                (cut::cut(filter, 60).into_owned(), Role::Quiet),
            ];
            lines.push((Some(before + n), spans));
        }
        let before = before + self.matching_views().len();
        let mut heading = None;
        for (n, one) in self.done_elsewhere().into_iter().enumerate() {
            if heading.replace(one.heading()) != Some(one.heading()) {
                lines.push((None, vec![(format!(" {}", one.heading()), Role::Heading)]));
            }
            let pointer = if before + n == self.at { '>' } else { ' ' };
            let (name, about) = one.told();
            lines.push((
                Some(before + n),
                vec![(format!(" {pointer} {name:<16} "), Role::Quiet), (about.into(), Role::Quiet)],
            ));
        }
        if lines.is_empty() {
            lines.push((None, vec![(" No action here has these words.".into(), Role::Quiet)]));
        }
        if self.legend && self.entry.text().is_empty() {
            lines.push((None, vec![(" MARKS ON SCREEN".into(), Role::Heading)]));
            for (mark, meaning) in
                [('>', "the row under the cursor"), ('*', "a marked row"), ('…', "a text that goes on")]
            {
                lines.push((None, vec![(format!("   {mark:<16} {meaning}"), Role::Plain)]));
            }
            for (mark, meaning) in state_mark::LEGEND {
                lines.push((None, vec![(format!("   {mark:<16} {meaning}"), Role::Plain)]));
            }
        }
        lines
    }
}

impl Overlay for Finder {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Type", "to search"), ("Up/Down", "choose"), ("Enter", "do it"), ("Esc", "close")]
    }

    fn is_help(&self) -> bool {
        true
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        let found = self.matches().len() + self.matching_views().len() + self.done_elsewhere().len();
        if choose(name, &mut self.at, found) {
            return Step::Stay;
        }
        match name {
            "Esc" | "F1" => Step::Close,
            "Enter" => self.enter(desk),
            _ => {
                if self.entry.key(key) {
                    self.at = 0;
                }
                Step::Stay
            }
        }
    }

    fn paste(&mut self, text: &str, _desk: &mut Desk) -> Step {
        self.entry.paste(text);
        self.at = 0;
        Step::Stay
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let line = |action: &Action| match action.keys.first() {
            Some(key) => format!("{}: {key}", action.title),
            None => action.title.to_string(),
        };
        let mut about = vec!["A number does it; other words search; Esc closes.".to_string()];
        let told = |one: Elsewhere| format!("{}: {} {}", one.heading().to_lowercase(), one.told().0, one.told().1);
        about.extend(self.done_elsewhere().into_iter().map(told));
        Some(Spoken { about, choices: self.matches().into_iter().map(line).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        let there = at < self.matches().len();
        self.at = if there { at } else { self.at };
        if there { Picked::Press } else { Picked::Nothing }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = areas.content;
        let search = layout::line(area, 0);
        let x = paint.put_at(search, search.x, " What do you want to do?  ", Role::Quiet);
        let width = search.right().saturating_sub(x);
        self.entry.draw(paint, ratatui::layout::Rect { x, width, ..search }, true);
        let lines = self.lines();
        let height = usize::from(area.height.saturating_sub(1));
        let chosen = lines.iter().position(|(at, _)| *at == Some(self.at)).unwrap_or_default();
        let last = lines.iter().rposition(|(at, _)| at.is_some()).unwrap_or_default();
        // With the last action chosen, what stands below it comes into sight too.
        let skip = scrolled(if chosen == last { lines.len().saturating_sub(1) } else { chosen }, height);
        let skip = skip.min(chosen);
        for (line, (at, spans)) in (1..).zip(lines.iter().skip(skip).take(height)) {
            let area = layout::line(area, line);
            paint.spans(area, spans);
            if *at == Some(self.at) {
                paint.tint(area, Role::Selected);
            }
        }
    }
}
