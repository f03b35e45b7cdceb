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
    entry: Entry,
    at: usize,
    /// Whether the meaning of the marks is told below the actions.
    legend: bool,
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
        Finder { title, actions, views, entry: Entry::default(), at: 0, legend }
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

    fn enter(&self) -> Step {
        let matches = self.matches();
        match (matches.get(self.at), self.matching_views().get(self.at.wrapping_sub(matches.len()))) {
            (Some(action), _) => Step::Act(action.id),
            (None, Some((name, _))) => Step::View(name.clone()),
            (None, None) => Step::Stay,
        }
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

    fn key(&mut self, key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        let found = self.matches().len() + self.matching_views().len();
        if choose(name, &mut self.at, found) {
            return Step::Stay;
        }
        match name {
            "Esc" | "F1" => Step::Close,
            "Enter" => self.enter(),
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
        let about = vec!["A number does it; other words search; Esc closes.".to_string()];
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
