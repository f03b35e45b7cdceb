//! A short list to choose from: what belongs to a row, or which of some entries a decision is for.

use crossterm::event::KeyEvent;
use ratatui::layout::Position;

use super::reason::Reason;
use super::{Hint, Overlay, Picked, Place, Spoken, Step, choose, entry_at, scrolled};
use crate::engine::{Mode, Rows, Seen, Verb};
use crate::model::{Row, Table, shown};
use crate::tui::actions::Id;
use crate::tui::bulk::Bulk;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Paint;
use crate::tui::panes::{PaneSpec, Target};
use crate::tui::theme::Role;

#[derive(Debug)]
enum Choice {
    Go(Table, Target),
    Act(Id),
    Decide(Verb, Box<Row>),
}

#[derive(Debug)]
pub struct Menu {
    title: String,
    /// What is shown of each choice: its name, and a remark.
    choices: Vec<(String, String, Choice)>,
    at: usize,
}

impl Menu {
    /// The rows that belong to this one.
    pub fn related(spec: &'static PaneSpec, row: &Row) -> Menu {
        let links = spec.links.iter().filter_map(|link| Some((link.title, link.to, (link.target)(row)?)));
        let mut menu = Menu::links(format!("Related to {}", row.name()), links.collect());
        if let Some(subject) = (spec.record)(row) {
            menu.choices.push(("The record, and why it is so".into(), subject.target, Choice::Act(Id::Record)));
        }
        menu
    }

    /// Rows of tables under names of their own.
    pub fn links(title: String, links: Vec<(&'static str, Table, Target)>) -> Menu {
        let choice = |(name, table, target): (&str, Table, Target)| {
            let remark = match &target {
                Target::Row(_, name) => name.clone(),
                Target::Filter(filter) => filter.clone(),
            };
            (name.to_string(), remark, Choice::Go(table, target))
        };
        Menu { title, choices: links.into_iter().map(choice).collect(), at: 0 }
    }

    /// Ledger entries of which one is to be decided on.
    pub fn entries(title: String, entries: Vec<(Verb, Row)>) -> Menu {
        let choice = |(verb, row): (Verb, Row)| {
            let text = |name| shown(row.display(name).as_ref()).into_owned();
            let name = format!("{} {}", text("ledger_id"), text("ledger_status"));
            let remark = format!("{} from {}", row.text("value"), row.text("source_system_key"));
            (name, remark, Choice::Decide(verb, Box::new(row)))
        };
        Menu { title, choices: entries.into_iter().map(choice).collect(), at: 0 }
    }

    fn take(&mut self) -> Step {
        if self.at >= self.choices.len() {
            return Step::Close;
        }
        match self.choices.swap_remove(self.at).2 {
            Choice::Go(table, target) => Step::Go(table, target),
            Choice::Act(id) => Step::Act(id),
            Choice::Decide(verb @ (Verb::Reject | Verb::Revoke), row) => {
                Step::Instead(Box::new(Reason::new(Bulk::Decide(verb), &row)))
            }
            Choice::Decide(verb, row) => {
                let what = Bulk::Decide(verb);
                let command = what.command(Rows::Ids(vec![row.id]), None);
                Step::Run(what.doing(), command, Mode::AsSeen(Seen::of(&row)))
            }
        }
    }
}

impl Overlay for Menu {
    fn place(&self) -> Place {
        Place::Bottom(self.choices.len() as u16 + 1)
    }

    fn title(&self) -> String {
        self.title.clone()
    }

    fn hints(&self) -> Vec<Hint> {
        let [one, at_once] = match self.choices.first() {
            Some((.., Choice::Decide(..))) => ["this one", "this one at once"],
            _ => ["go", "go at once"],
        };
        vec![("Up/Down", "choose"), ("Enter", one), ("1-9", at_once), ("Esc", "close")]
    }

    fn click(&mut self, at: Position, areas: &Areas, _desk: &mut Desk) -> Step {
        let area = layout::bottom(areas.content, self.choices.len() as u16 + 1);
        let entries = ratatui::layout::Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        self.at = entry_at(at, entries, self.at, self.choices.len()).unwrap_or(self.at);
        Step::Stay
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        if choose(name, &mut self.at, self.choices.len()) {
            return Step::Stay;
        }
        match (name, name.parse::<usize>()) {
            ("Enter", _) => self.take(),
            ("Esc" | "Backspace", _) => Step::Close,
            (_, Ok(n)) if (1..=self.choices.len()).contains(&n) => {
                self.at = n - 1;
                self.take()
            }
            _ => Step::Stay,
        }
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let line = |(name, remark, _): &(String, String, Choice)| format!("{name}: {}", shown(remark));
        Some(Spoken { about: Vec::new(), choices: self.choices.iter().map(line).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        let there = at < self.choices.len();
        self.at = if there { at } else { self.at };
        if there { Picked::Press } else { Picked::Nothing }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = layout::bottom(areas.content, self.choices.len() as u16 + 1);
        paint.clear(area);
        paint.rule(layout::line(area, 0), &self.title);
        let height = usize::from(area.height.saturating_sub(1));
        let skip = scrolled(self.at, height);
        for (line, (at, (name, remark, _))) in (1..).zip(self.choices.iter().enumerate().skip(skip).take(height)) {
            let area = layout::line(area, line);
            let pointer = if at == self.at { '>' } else { ' ' };
            let x = paint.put_at(area, area.x, &format!("{pointer} {}  {name:<32}", at + 1), Role::Plain);
            let rest = ratatui::layout::Rect { x, width: area.right().saturating_sub(x), ..area };
            paint.stored(rest, remark, Role::Quiet);
            if at == self.at {
                paint.tint(area, Role::Selected);
            }
        }
    }
}
