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
use super::overlay::{Overlay, Step};
use super::pane::{Bookmark, Pane};
use super::panes::{self, Target};
use super::read::{Answer, Answered, Slot, Trouble};
use super::state::{Change, State};
use super::theme::Theme;
use super::write::Done;
use super::{Options, keys};
use crate::engine::{Mode, Outcome};
use crate::model::query::Count;
use crate::model::text::grouped;
use crate::model::{Table, shown};

/// A place to come back to: where one was, and what the pane listed that one went to.
#[derive(Debug)]
struct Stop {
    place: Place,
    here: Option<Bookmark>,
    there: (Table, Bookmark),
    /// What lay over the place and led on.
    over: Vec<Box<dyn Overlay>>,
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
    /// What the title line says of the store and of the person.
    pub store: String,
    pub person: Person,
    pub place: Place,
    pub home: Home,
    panes: Vec<Pane>,
    trail: Vec<Stop>,
    pub overlays: Vec<Box<dyn Overlay>>,
    /// Columns and views that are remembered of the store.
    pub(super) kept: State,
}

impl App {
    /// The workbench on its first screen, with its first questions on the desk.
    pub fn new(store: String, person: Person, options: &Options, size: (u16, u16)) -> App {
        let mut desk = Desk::new(options.zone, options.now);
        (desk.size, desk.keymap, desk.mouse) = (size, options.keymap, options.mouse);
        let mut app = App {
            desk,
            theme: options.theme.clone(),
            store,
            person,
            place: Place::Home,
            home: Home::default(),
            panes: panes::ALL.into_iter().map(Pane::new).collect(),
            trail: Vec::new(),
            overlays: Vec::new(),
            kept: options.state.clone(),
        };
        app.restore_columns();
        app.home.left = options.state.left.clone();
        app.home.refresh(&mut app.desk);
        app.start(options.start);
        app
    }

    pub fn handle(&mut self, event: Event) {
        match event {
            Event::Key(key) => self.key(&key),
            Event::Paste(text) => self.paste(&text),
            Event::Mouse(mouse) => self.mouse(&mouse),
            Event::Resize(width, height) => self.resize(width, height),
            Event::Answered(answered) => self.answered(answered),
            Event::Done(done) => self.done(done),
            Event::Export(told) => self.export_told(&told),
            Event::Released(released, of) => self.desk.released(released, of),
            Event::StoreChanged => self.outdate(&Table::ALL),
            Event::StoreLost(what) => {
                self.desk.complain(format!(
                    "{what} What is shown is of before, and nothing can be written: quit and start again."
                ));
            }
            // The workbench has its store.
            Event::Made(_) => {}
            Event::End | Event::Broken(_) => self.desk.push(super::desk::Effect::Quit),
        }
        self.look_beside();
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
        if matches!(name.as_str(), "Ctrl+C" | "Ctrl+L" | "Ctrl+Z" | "Ctrl+Q") {
            // These work everywhere: in a form, too, a person must be able to stop, suspend and leave, and to get back a
            // screen that another program wrote over.
            if let Some(action) = self.desk.keymap.bound(&name) {
                self.act(action.id);
            }
            return;
        }
        if self.overlays.last().is_some() {
            return self.key_over(key, &name);
        }
        match self.desk.keymap.bound(&name) {
            Some(action) if self.applies(action.id) => self.act(action.id),
            None if name.is_empty() || name == "Esc" => {}
            bound => {
                if let Some(told) = bound.and_then(|action| self.told_of_roles(action.id, &name)) {
                    return self.desk.say(told);
                }
                let help = self.desk.keymap.key(Id::Help);
                self.desk.say(format!("{name} does nothing here; {help} shows the keys that do."));
            }
        }
    }

    /// What is said of an action that takes a role which the person does not have.
    pub(super) fn told_of_roles(&self, id: Id, key: &str) -> Option<String> {
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
            Step::CloseBoth => drop(self.overlays.pop()),
            Step::Found => {
                if self.pane().is_some_and(Pane::is_one_row) {
                    self.act(Id::Open);
                }
            }
            Step::Over(overlay) => self.overlays.push(overlay),
            Step::Act(id) if self.applies(id) => self.act(id),
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
            Step::Run(what, command) => {
                self.desk.write(what, command, Mode::Real);
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

    fn answered(&mut self, answered: Answered) {
        let Answered { slot, ticket, answer } = answered;
        if !matches!(answer, Ok(Answer::Found(_))) {
            self.desk.was_read(ticket);
        }
        match slot {
            Slot::Rows(table) | Slot::Count(table) => {
                let gave_way = matches!(answer, Err(Trouble::Replaced)) && self.place == Place::Pane(table);
                self.with_table(table, |pane, desk, height| pane.answered(ticket, answer, desk, height));
                if gave_way {
                    // To another pane that one came back from meanwhile.
                    self.with_pane(|pane, desk, height| pane.enter(desk, height));
                }
                self.tell_totals();
            }
            Slot::Overview => {
                self.home.answered(ticket, answer, &mut self.desk);
                self.tell_totals();
            }
            Slot::Beside(table) => {
                self.with_table(table, |pane, _, _| pane.beside.answered(ticket, answer));
            }
            Slot::Copy => self.rows_copied(answer),
            Slot::Overlay | Slot::Field | Slot::Deck | Slot::Triage | Slot::Stopped | Slot::Facets => {
                // One that led on gets its answers too, for when one comes back to it.
                let aside = self.trail.iter_mut().flat_map(|stop| &mut stop.over);
                let mut overlays = self.overlays.iter_mut().chain(aside);
                let Some(overlay) = overlays.find(|overlay| overlay.awaits(ticket)) else { return };
                match answer {
                    Ok(answer) => overlay.answered(answer),
                    Err(trouble) => {
                        overlay.missed(ticket);
                        if let Trouble::Failed(problem) = trouble {
                            self.desk.complain(problem);
                        }
                    }
                }
            }
        }
    }

    /// An unfiltered listing is as long as its table, which home knows.
    fn tell_totals(&mut self) {
        for pane in self.panes.iter_mut().filter(|pane| !pane.listing.is_filtered()) {
            if let Some(n) = self.home.rows(pane.spec.table) {
                pane.window.counted(Count { n, exact: true });
            }
        }
    }

    fn done(&mut self, done: Done) {
        let Done { ticket, mode, outcome } = done;
        self.desk.written(ticket, outcome.as_ref().ok().and_then(|outcome| outcome.operation));
        let desk = &mut self.desk;
        let step = self.overlays.last_mut().and_then(|overlay| overlay.done(ticket, &outcome, desk));
        self.carry_out(step.unwrap_or(Step::Stay));
        if mode != Mode::DryRun {
            match &outcome {
                Ok(outcome) => {
                    self.tell(outcome);
                    self.with_pane(|pane, _, _| pane.reveal());
                    self.outdate(&outcome.tables);
                    self.look_at(outcome.imported);
                }
                Err(error) => self.desk.complain(error.to_string()),
            }
        }
    }

    fn tell(&mut self, outcome: &Outcome) {
        // The sentence ends with how many were held back.
        let text = match outcome.held_back.as_slice() {
            [] => outcome.summary.clone(),
            [held] => format!("{}: {}", outcome.summary, held.reason),
            [held, ..] => format!("{}: {} {}, …", outcome.summary, grouped(held.rows), held.reason),
        };
        if outcome.operation.is_some() { self.desk.say(text) } else { self.desk.complain(text) }
    }

    /// Puts the cursor on a row that was added here, if what is listed has it.
    fn look_at(&mut self, added: Option<(Table, i64)>) {
        let Some((table, id)) = added else { return };
        self.with_pane(|pane, desk, height| {
            if pane.spec.table == table {
                pane.list_at(pane.listing.clone(), id, desk, height);
            }
        });
    }

    /// Rows of these tables have changed: what is shown of them is read again, the rest when it is shown.
    fn outdate(&mut self, tables: &[Table]) {
        self.panes.iter_mut().filter(|pane| tables.contains(&pane.spec.table)).for_each(Pane::outdate);
        self.with_pane(|pane, desk, height| pane.enter(desk, height));
        self.overlays.iter_mut().for_each(|overlay| overlay.outdated(&mut self.desk));
        self.home.refresh(&mut self.desk);
    }

    pub(super) fn refresh(&mut self) {
        self.outdate(&Table::ALL);
        self.desk.push(Effect::Redraw);
    }
}
