//! The workbench's state, and what events do to it.
//!
//! An event goes to the overlay on top, else to the action that its key is bound to; what has to happen outside is left on
//! the desk. Nothing here blocks, reads or writes, and drawing ([`super::screen`]) only looks.

use crossterm::event::KeyEvent;

use super::actions::{Id, Place};
use super::desk::{Desk, Effect};
use super::event::Event;
use super::home::Home;
use super::layout;
use super::listing::Listing;
use super::marks::Marks;
use super::overlay::{Overlay, Step};
use super::pane::{Bookmark, Pane};
use super::panes::{self, RowAct, Target};
use super::seen::Seen;
use super::state::{Change, State};
use super::theme::Theme;
use super::{Options, keys};
use crate::model::{Table, shown};

/// A place to come back to: where one was, and what the pane listed that one went to.
#[derive(Debug)]
pub(super) struct Stop {
    place: Place,
    here: Option<Bookmark>,
    there: (Table, Bookmark),
    /// What lay over the place and led on.
    pub(super) over: Vec<Box<dyn Overlay>>,
}

/// Who sits at the keyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub login: String,
    /// Comma separated; empty for somebody the store does not know.
    pub roles: String,
}

/// What stands in the place of a person's roles where the store can only be read, whoever it is.
pub const READ_ONLY: &str = "read only";

impl Person {
    /// Whether one of the roles is theirs. The engine decides; this only hides keys that it would refuse.
    pub fn has(&self, roles: &[&str]) -> bool {
        self.roles.split(',').any(|role| roles.contains(&role.trim()))
    }

    /// What is said of a key that takes one of these roles.
    fn is_told(&self, key: &str, wanted: &[&str]) -> String {
        if self.roles == READ_ONLY {
            return format!("{key} would change the store, which is only read here.");
        }
        let yours = if self.roles.is_empty() { "none".into() } else { shown(&self.roles) };
        let wanted = match wanted.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => wanted.concat(),
        };
        format!("{key} takes the role {wanted}; yours: {yours}.")
    }
}

#[derive(Debug)]
pub struct App {
    pub desk: Desk,
    pub theme: Theme,
    /// The program's theme that was chosen here last.
    pub(super) theme_name: Option<&'static str>,
    /// What the title line says of the store and of the person.
    pub store: String,
    pub person: Person,
    pub place: Place,
    pub home: Home,
    pub(super) panes: Vec<Pane>,
    pub(super) trail: Vec<Stop>,
    pub overlays: Vec<Box<dyn Overlay>>,
    /// Columns and views that are remembered of the store.
    pub(super) kept: State,
    pub(super) seen: Seen,
    /// Somebody wrote while the workbench did: what is shown is read again once it is done.
    pub(super) store_changed: bool,
}

impl App {
    /// The workbench on its first screen, with its first questions on the desk.
    pub fn new(store: String, person: Person, options: &Options, size: (u16, u16)) -> App {
        let mut desk = Desk::new(options.zone, options.now);
        (desk.size, desk.keymap, desk.mouse) = (size, options.keymap, options.mouse);
        desk.commands = options.commands;
        let mut app = App {
            desk,
            theme: options.theme.clone(),
            theme_name: None,
            store,
            person,
            place: Place::Home,
            home: Home::default(),
            panes: panes::ALL.into_iter().map(Pane::new).collect(),
            trail: Vec::new(),
            overlays: Vec::new(),
            kept: options.state.clone(),
            seen: Seen::default(),
            store_changed: false,
        };
        app.restore_columns();
        app.home.left = options.state.left.clone();
        app.home.refresh(&mut app.desk);
        app.start(options.start);
        app
    }

    pub fn handle(&mut self, event: Event) {
        let by_hand = matches!(event, Event::Key(_) | Event::Paste(_) | Event::Mouse(_));
        let before = self.layers();
        match event {
            // What is not shown is not acted on.
            Event::Key(key) if self.is_too_small() && !works_unseen(&keys::name(&key)) => {}
            Event::Paste(_) | Event::Mouse(_) if self.is_too_small() => {}
            Event::Key(key) => self.key(&key),
            Event::Paste(text) => self.paste(&text),
            Event::Mouse(mouse) => self.mouse(&mouse),
            Event::Resize(width, height) => self.resize(width, height),
            Event::Answered(answered) => self.answered(answered),
            Event::Done(done) => self.done(done),
            Event::Export(told) => self.export_told(&told),
            Event::Released(released, of) => self.desk.released(released, of),
            // What one does oneself is read with its outcome: until then one's own row is not somebody else's.
            Event::StoreChanged if self.desk.is_changing() => self.store_changed = true,
            Event::StoreChanged => self.outdate(&Table::ALL, Pane::follow),
            Event::StoreLost(what) => {
                self.desk.complain(format!(
                    "{what} What is shown is of before, and nothing can be written: quit and start again."
                ));
            }
            // The workbench has its store.
            Event::Made(_) => {}
            Event::Suspend => self.desk.push(super::desk::Effect::Suspend),
            Event::End | Event::Broken(_) => self.desk.push(super::desk::Effect::Quit),
        }
        self.look_beside();
        self.came(before, by_hand);
    }

    /// Asks for what the detail shows beside the row under the cursor.
    pub(super) fn look_beside(&mut self) {
        self.with_pane(|pane, desk, _| pane.look_beside(desk));
        if let Some(overlay) = self.overlays.last_mut() {
            overlay.follow(&mut self.desk);
        }
    }

    /// The pane that is shown.
    pub fn pane(&self) -> Option<&Pane> {
        match self.place {
            Place::Pane(table) => self.panes.iter().find(|pane| pane.spec.table == table),
            Place::Home => None,
        }
    }

    /// Does something with the pane that is shown, the desk and the number of rows that fit.
    pub(super) fn with_pane<T>(&mut self, work: impl FnOnce(&mut Pane, &mut Desk, usize) -> T) -> Option<T> {
        match self.place {
            Place::Pane(table) => self.with_table(table, work),
            Place::Home => None,
        }
    }

    pub(super) fn with_table<T>(
        &mut self,
        table: Table,
        work: impl FnOnce(&mut Pane, &mut Desk, usize) -> T,
    ) -> Option<T> {
        let (width, height) = self.desk.size;
        let pane = self.panes.iter_mut().find(|pane| pane.spec.table == table)?;
        let rows = layout::areas(width, height).map_or(1, |areas| layout::pane(areas.content, pane.detail).list.height);
        Some(work(pane, &mut self.desk, rows.into()))
    }

    fn key(&mut self, key: &KeyEvent) {
        let name = keys::name(key);
        self.desk.hush();
        if works_unseen(&name) {
            if let Some(action) = self.desk.keymap.bound(&name) {
                self.act(action.id);
            }
            return;
        }
        if self.overlays.last().is_some() {
            return match self.unseen_over(&name) {
                Some(told) => self.desk.say(told),
                None => self.key_over(key, &name),
            };
        }
        match self.desk.keymap.bound(&name) {
            Some(action) if self.applies(action.id) => self.act_if_seen(action.id, &name),
            None if name == "Esc" && self.leads_back() => self.act(Id::Back),
            None if name.is_empty() || name == "Esc" => {}
            bound => {
                if let Some(told) = bound.and_then(|action| self.told_why_not(action.id, &name)) {
                    return self.desk.say(told);
                }
                let help = self.desk.keymap.key(Id::Help);
                self.desk.say(format!("{name} does nothing here; {help} shows the keys that do."));
            }
        }
    }

    /// Does what the person could see that the action is for; else it is said.
    fn act_if_seen(&mut self, id: Id, key: &str) {
        match self.unseen(id, key) {
            Some(told) => self.desk.say(told),
            None => self.act(id),
        }
    }

    /// What is said of an action on a row that somebody else changed under the cursor.
    fn told_of_change(&self, id: Id, key: &str) -> Option<String> {
        let (pane, Id::Row(act)) = (self.pane()?, id) else { return None };
        let (row, changed) = (pane.selected()?, pane.changed()?);
        pane.spec.actions.iter().find(|action| action.act == act)?;
        Some(format!(
            "{}: {changed}. Move the cursor, then press {key} on what stands there by then.",
            shown(row.name())
        ))
    }

    /// Why an action does nothing here, where that is not because of what one looks at.
    pub(super) fn told_why_not(&self, id: Id, key: &str) -> Option<String> {
        self.told_of_change(id, key).or_else(|| self.told_of_roles(id, key)).or_else(|| self.told_of_marks(id, key))
    }

    /// What is said of an action on one row where rows are marked.
    fn told_of_marks(&self, id: Id, key: &str) -> Option<String> {
        let pane = self.pane()?;
        let act = match id {
            Id::Row(act) => act,
            Id::EditCell => RowAct::Edit,
            _ => return None,
        };
        pane.plan(act).filter(|_| pane.marks != Marks::None && act.changes())?;
        let unmark = self.desk.keymap.key(Id::ClearMarks);
        Some(format!("{key} is for one row, and there are marks; {unmark} clears them."))
    }

    /// What is said of an action that takes a role which the person does not have.
    fn told_of_roles(&self, id: Id, key: &str) -> Option<String> {
        let lacks = self.lacks(id);
        (!lacks.is_empty()).then(|| self.person.is_told(key, lacks))
    }

    fn paste(&mut self, text: &str) {
        match self.overlays.last_mut() {
            Some(overlay) => {
                let step = overlay.paste(text, &mut self.desk);
                self.carry_out(step);
            }
            // Pasted text is no keys: a pasted "C" must not certify anything.
            None => {
                let (find, filter) = (self.desk.keymap.key(Id::Find), self.desk.keymap.key(Id::EditFilter));
                self.desk.say(format!("Nothing here takes pasted text; {find} finds rows, {filter} filters."));
            }
        }
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.desk.size = (width, height);
        self.with_pane(|pane, desk, height| pane.resize(desk, height));
    }

    pub(super) fn carry_out(&mut self, step: Step) {
        let led_on = matches!(step, Step::Go(..)) && self.overlays.last().is_some_and(|overlay| overlay.stays());
        if !led_on && !matches!(step, Step::Stay | Step::Filter(_) | Step::Over(_) | Step::Keep(_)) {
            self.overlays.pop();
        }
        match step {
            Step::Stay | Step::Close => {}
            Step::Acted(rows) => {
                self.with_pane(|pane, _, _| pane.acted_on(&rows));
            }
            Step::CloseBoth(rows) => {
                self.overlays.pop();
                if let Some(rows) = rows {
                    self.with_pane(|pane, _, _| pane.acted_on(&rows));
                }
            }
            Step::Found => {
                if self.pane().is_some_and(Pane::is_one_row) {
                    self.act(Id::Open);
                }
            }
            Step::Over(overlay) | Step::Instead(overlay) => self.overlays.push(overlay),
            Step::Act(id) if self.applies(id) => self.act_if_seen(id, "the key"),
            Step::Act(_) => self.desk.say("That does not apply here any more."),
            Step::Go(table, target) => self.go(table, target),
            Step::View(name) => self.show_view(&name),
            Step::Columns(columns) => self.lay_columns(columns),
            Step::Saved(view) => {
                self.desk.say(format!(
                    "Saved as the view {}; {} lists it.",
                    shown(&view.name),
                    self.desk.keymap.key(Id::Views)
                ));
                self.keep(Change::View(view));
            }
            Step::Keep(change) => self.keep(change),
            Step::List(listing) => {
                self.with_pane(|pane, desk, height| pane.list(listing, desk, height));
            }
            Step::Restore(bookmark) => {
                self.with_pane(|pane, desk, height| pane.restore(bookmark, desk, height));
            }
            Step::Filter(text) => self.filter(&text),
            Step::GoToRow(number) => {
                self.with_pane(|pane, desk, height| pane.go_to(number, desk, height));
            }
            Step::Run(what, command, mode) => {
                self.desk.write(what, command, mode);
            }
        }
    }

    /// Lists what matches a filter; one that cannot be read changes nothing and is said.
    pub(super) fn filter(&mut self, text: &str) {
        self.with_pane(|pane, desk, height| {
            let mut listing = pane.listing.clone();
            match listing.set_filter(text) {
                Ok(()) => pane.list(listing, desk, height),
                Err(error) => desk.complain(error.to_string()),
            }
        });
    }

    /// Shows a screen.
    pub(super) fn show(&mut self, place: Place) {
        self.place = place;
        match place {
            Place::Home => self.home.refresh(&mut self.desk),
            Place::Pane(_) => {
                self.with_pane(|pane, desk, height| pane.enter(desk, height));
            }
        }
    }

    /// Goes to rows of a table; `Backspace` comes back.
    pub(super) fn go(&mut self, table: Table, target: Target) {
        let here = self.pane().map(Pane::bookmark);
        let Some(there) = self.with_table(table, |pane, _, _| pane.bookmark()) else { return };
        let over = std::mem::take(&mut self.overlays).into_iter().filter(|overlay| overlay.stays()).collect();
        self.trail.push(Stop { place: self.place, here, there: (table, there), over });
        self.place = Place::Pane(table);
        self.with_pane(|pane, desk, height| match target {
            Target::Row(id, _) => pane.list_at(Listing::all(table), id, desk, height),
            Target::Filter(text) => {
                let view = pane.spec.views.iter().find(|view| view.filter == text);
                let mut listing = view.map_or_else(|| Listing::all(table), |view| Listing::view(table, view));
                match listing.set_filter(&text) {
                    Ok(()) => pane.list(listing, desk, height),
                    Err(error) => desk.complain(error.to_string()),
                }
            }
        });
    }

    /// Whether one went on from somewhere that one can come back to.
    pub(super) fn leads_back(&self) -> bool {
        !self.trail.is_empty()
    }

    pub(super) fn back(&mut self) {
        let Some(stop) = self.trail.pop() else { return };
        let (table, there) = stop.there;
        self.with_table(table, |pane, desk, height| pane.restore(there, desk, height));
        self.place = stop.place;
        match stop.here {
            Some(here) => {
                self.with_pane(|pane, desk, height| pane.restore(here, desk, height));
            }
            None => self.show(stop.place),
        }
        self.overlays = stop.over;
        self.overlays.iter_mut().for_each(|overlay| overlay.outdated(&mut self.desk));
    }

    pub(super) fn refresh(&mut self) {
        self.outdate(&Table::ALL, Pane::enter);
        self.desk.push(Effect::Redraw);
    }
}

/// Keys that work everywhere: in a form, too, a person must be able to stop, suspend and leave, and to get back a screen
/// that another program wrote over.
fn works_unseen(name: &str) -> bool {
    matches!(name, "Ctrl+C" | "Ctrl+L" | "Ctrl+Z" | "Ctrl+Q")
}
