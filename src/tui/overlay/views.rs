//! The views of a pane: the built-in ones and the person's own, which are saved, renamed and deleted here.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::{Hint, Overlay, Place, Step, choose, scrolled};
use crate::model::{sentence, shown};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::panes::PaneSpec;
use crate::tui::state::{Change, SavedView};
use crate::tui::theme::Role;

/// The longest name of a view, in characters.
const LONGEST: usize = 60;
/// Cells of a name in the list.
const NAME: usize = 32;

/// A name that is being typed.
#[derive(Debug)]
struct Naming {
    entry: Entry,
    /// The view that is renamed; none for one that is saved.
    from: Option<String>,
    problem: Option<String>,
    /// The next Enter takes the place of a view of the same name.
    sure: bool,
}

#[derive(Debug)]
pub struct Views {
    spec: &'static PaneSpec,
    /// What is listed now.
    now: SavedView,
    own: Vec<SavedView>,
    at: usize,
    naming: Option<Naming>,
    /// The next press deletes the view under the cursor.
    deleting: bool,
}

impl Views {
    pub fn new(spec: &'static PaneSpec, now: SavedView, own: Vec<SavedView>) -> Views {
        let mut views = Views { spec, now, own, at: 0, naming: None, deleting: false };
        let at = views.names().position(|name| name == views.now.name);
        views.at = at.unwrap_or_default();
        views
    }

    /// With the line open that takes a name for what is listed.
    pub fn saving(mut self) -> Views {
        self.name(None);
        self
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.spec.views.iter().map(|view| view.name).chain(self.own.iter().map(|view| view.name.as_str()))
    }

    fn len(&self) -> usize {
        self.spec.views.len() + self.own.len()
    }

    /// The person's own view under the cursor.
    fn here(&self) -> Option<&SavedView> {
        self.own.get(self.at.checked_sub(self.spec.views.len())?)
    }

    fn filter(&self, at: usize) -> &str {
        let own = || self.own.get(at.checked_sub(self.spec.views.len())?).map(|view| view.filter.as_str());
        let filter = self.spec.views.get(at).map(|view| view.filter).or_else(own).unwrap_or_default();
        if filter.is_empty() { "every row" } else { filter }
    }

    fn name(&mut self, from: Option<String>) {
        let text = from.as_ref().or(Some(&self.now.name).filter(|name| self.own.iter().any(|own| own.name == **name)));
        let entry = Entry::new(text.map_or("", String::as_str));
        self.naming = Some(Naming { entry, from, problem: None, sure: false });
    }

    fn take(&self) -> Step {
        self.names().nth(self.at).map_or(Step::Close, |name| Step::View(name.to_string()))
    }

    fn delete(&mut self) -> Step {
        let Some(name) = self.here().map(|view| view.name.clone()) else { return Step::Stay };
        if !std::mem::replace(&mut self.deleting, true) {
            return Step::Stay;
        }
        self.deleting = false;
        self.own.retain(|view| view.name != name);
        self.at = self.at.min(self.len().saturating_sub(1));
        Step::Keep(Change::Delete { table: self.spec.table, name })
    }

    fn type_name(&mut self, key: &KeyEvent, name: &str) -> Step {
        let Some(naming) = &mut self.naming else { return Step::Stay };
        match name {
            "Esc" => self.naming = None,
            "Enter" => return self.accept(),
            _ if naming.entry.key(key) => (naming.problem, naming.sure) = (None, false),
            _ => {}
        }
        Step::Stay
    }

    fn accept(&mut self) -> Step {
        let Some(naming) = &mut self.naming else { return Step::Stay };
        let name = naming.entry.text().trim().to_string();
        let taken = self.own.iter().any(|view| view.name == name);
        naming.problem = if name.is_empty() {
            Some("A name is needed".into())
        } else if name.chars().count() > LONGEST {
            Some(format!("A name has at most {LONGEST} characters"))
        } else if self.spec.views.iter().any(|view| view.name == name) {
            Some(format!("{name} is a built-in view; choose another name"))
        } else if taken && naming.from.is_some() && naming.from.as_ref() != Some(&name) {
            Some(format!("There is a view {} already; choose another name", shown(&name)))
        } else if taken && naming.from.is_none() && !std::mem::replace(&mut naming.sure, true) {
            Some(format!("There is a view {} already; Enter again takes its place", shown(&name)))
        } else {
            None
        };
        if naming.problem.is_some() {
            return Step::Stay;
        }
        let table = self.spec.table;
        match self.naming.take().and_then(|naming| naming.from) {
            None => Step::Saved(SavedView { name, ..self.now.clone() }),
            Some(from) => {
                self.own.iter_mut().filter(|view| view.name == from).for_each(|view| view.name.clone_from(&name));
                Step::Keep(Change::Rename { table, from, to: name })
            }
        }
    }

    fn draw_naming(&self, paint: &mut Paint, areas: &Areas, naming: &Naming) {
        let what = if naming.from.is_some() { " New name: " } else { " Save what is listed now as: " };
        let x = paint.put_at(areas.message, areas.message.x, what, Role::Heading);
        let width = areas.message.right().saturating_sub(x + 1);
        naming.entry.draw(paint, Rect { x, width, ..areas.message }, true);
        if let Some(problem) = &naming.problem {
            paint.sentence(&areas.rising()[1..], &sentence(problem), Role::Error);
        }
    }
}

impl Overlay for Views {
    fn place(&self) -> Place {
        Place::Bottom(self.len() as u16 + 1)
    }

    fn title(&self) -> String {
        format!("Views of {}", self.spec.table.info().title)
    }

    fn hints(&self) -> Vec<Hint> {
        if self.naming.is_some() {
            return vec![("Enter", "keep"), ("Ctrl+U", "clear"), ("Esc", "cancel")];
        }
        let mut hints = vec![("Up/Down", "choose"), ("Enter", "show"), ("1-9", "show at once"), ("s", "save this one")];
        if self.here().is_some() {
            hints.extend([("r", "rename"), ("d", if self.deleting { "delete for good" } else { "delete" })]);
        }
        hints.push(("Esc", "close"));
        hints
    }

    fn keys(&self) -> Option<Over> {
        self.naming.is_none().then_some(Over::Views)
    }

    fn key(&mut self, key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        if self.naming.is_some() {
            return self.type_name(key, name);
        }
        if matches!(name, "d" | "Delete") {
            return self.delete();
        }
        self.deleting = false;
        let len = self.len();
        if choose(name, &mut self.at, len) {
            return Step::Stay;
        }
        match (name, name.parse::<usize>()) {
            ("Enter", _) => return self.take(),
            ("Esc" | "Backspace" | "v", _) => return Step::Close,
            ("s", _) => self.name(None),
            ("r", _) => {
                if let Some(from) = self.here().map(|view| view.name.clone()) {
                    self.name(Some(from));
                }
            }
            (_, Ok(n)) if (1..=self.len()).contains(&n) => {
                self.at = n - 1;
                return self.take();
            }
            _ => {}
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _desk: &mut Desk) -> Step {
        if let Some(naming) = &mut self.naming {
            naming.entry.paste(text);
            (naming.problem, naming.sure) = (None, false);
        }
        Step::Stay
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = layout::bottom(areas.content, self.len() as u16 + 1);
        paint.clear(area);
        paint.rule(layout::line(area, 0), &self.title());
        let height = usize::from(area.height.saturating_sub(1));
        let skip = scrolled(self.at, height);
        for (line, (at, name)) in (1..).zip(self.names().enumerate().skip(skip).take(height)) {
            let area = layout::line(area, line);
            let pointer = if at == self.at { '>' } else { ' ' };
            let own = if at < self.spec.views.len() { ' ' } else { '*' };
            let number = if at < 9 { (at + 1).to_string() } else { String::new() };
            let text = format!("{pointer} {number:<2}{own}{} ", cut::fit(name, NAME));
            let x = paint.put_at(area, area.x, &text, Role::Plain);
            let rest = Rect { x, width: area.right().saturating_sub(x), ..area };
            paint.stored(rest, self.filter(at), Role::Quiet);
            if at == self.at {
                paint.tint(area, Role::Selected);
            }
        }
        if let Some(naming) = &self.naming {
            paint.clear(areas.message);
            self.draw_naming(paint, areas, naming);
        } else if self.deleting {
            paint.sentence(&areas.rising(), "d again deletes the view; any other key leaves it.", Role::Error);
        }
    }
}
