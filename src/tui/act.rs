//! What each action does.

use super::actions::{Id, Place};
use super::app::App;
use super::bulk::Bulk;
use super::desk::Effect;
use super::home;
use super::listing::{self, Listing};
use super::overlay::Overlay;
use super::overlay::edit_input::EditInput;
use super::overlay::facets::Facets;
use super::overlay::filter_form::FilterForm;
use super::overlay::finder::Finder;
use super::overlay::form::Form;
use super::overlay::full::Full;
use super::overlay::history::History;
use super::overlay::legal_hold::LegalHold;
use super::overlay::map::MapCodes;
use super::overlay::map_marked::MapMarked;
use super::overlay::map_past::MapPast;
use super::overlay::menu::Menu;
use super::overlay::messages::Messages;
use super::overlay::picker::Picker;
use super::overlay::preview::Preview;
use super::overlay::prompt::Prompt;
use super::overlay::reason::Reason;
use super::overlay::record::Record;
use super::overlay::send::SendForm;
use super::overlay::triage::{Rights, Triage};
use super::overlay::views::Views;
use super::pane::{Marks, Pane};
use super::panes::{self, PaneSpec, Plan, RowAct, STEWARD, SUPPORT, Subject, Target};
use super::proposal::Proposal;
use super::theme::Theme;
use super::window::Edge;
use crate::engine::{Command, Mode, Rows, Seen, Verb};
use crate::model::query::sorts;
use crate::model::{Kind, Table, row};

impl App {
    /// Does what an action does; that it applies here has been asked before.
    pub(super) fn act(&mut self, id: Id) {
        if !matches!(id, Id::Range(_)) {
            self.with_pane(|pane, _, _| pane.end_range());
        }
        match id {
            Id::Row(act) => match self.on_marked(act) {
                Some(what) => self.preview(what),
                None if self.maps_marked(act) => {
                    if let Some((chosen, rows)) = self.pane().map(|pane| (pane.taken(), pane.chosen())) {
                        let map = MapMarked::open(chosen, rows, &mut self.desk);
                        self.overlay(Some(map));
                    }
                }
                None => self.act_on_row(act, false),
            },
            Id::EditCell => self.act_on_row(RowAct::Edit, true),
            Id::Add => {
                let form = self.pane().map(|pane| pane.spec.table).and_then(|table| Form::add(table, &mut self.desk));
                self.overlay(form);
            }
            Id::Bulk(what) => self.preview(what),
            Id::Open => self.open(),
            Id::Retarget => self.retarget(),
            Id::Cause => {
                let cause = self.pane().and_then(|pane| (pane.spec.cause)(pane.selected()?));
                if let Some((table, target)) = cause {
                    self.go(table, target);
                }
            }
            Id::Record => {
                if let Some(subject) = self.pane().and_then(|pane| (pane.spec.record)(pane.selected()?)) {
                    self.open_record(subject);
                }
            }
            Id::Triage => {
                let rights = Rights { maps: self.person.has(STEWARD), retries: self.person.has(SUPPORT) };
                let triage = Triage::open(rights, &mut self.desk);
                self.overlay(Some(triage));
            }
            Id::MapCodes => self.map_codes(),
            Id::Full => self.overlay(self.pane().and_then(|pane| Some(Full::new(pane.spec, pane.selected()?.clone())))),
            Id::Related => {
                let menu = self.pane().and_then(|pane| Some(Menu::related(pane.spec, pane.selected()?)));
                self.overlay(menu);
            }
            Id::Views => self.overlay(self.views()),
            Id::SaveView => self.overlay(self.views().map(Views::saving)),
            Id::Columns => self.overlay(self.column_choice()),
            Id::Find => self.find(),
            Id::Facets => {
                let facets = self.with_pane(|pane, desk, _| Facets::open(pane, desk)).flatten();
                self.overlay(facets);
            }
            Id::GoToRow => self.overlay(Some(Prompt::row())),
            Id::EditFilter => {
                if let Some((spec, listing)) = self.pane().map(|pane| (pane.spec, pane.listing.clone())) {
                    let form = FilterForm::open(spec, listing, &mut self.desk);
                    self.overlay(Some(form));
                }
            }
            Id::History => {
                let history = History::open(&mut self.desk);
                self.overlay(Some(history));
            }
            Id::RowHistory => {
                if let Some(row) = self.pane().and_then(Pane::selected).cloned() {
                    let history = History::of_row(&row, &mut self.desk);
                    self.overlay(Some(history));
                }
            }
            Id::Help => self.overlay(Some(Finder::help(self.here(), self.applicable()))),
            Id::Palette => {
                let finder = Finder::palette(self.here(), self.applicable(), self.view_names());
                self.overlay(Some(finder.and_elsewhere(self.desk.keymap.actions(), self.desk.commands)));
            }
            Id::Messages => self.overlay(Some(Messages::default())),
            Id::KeepValue => self.narrow(true),
            Id::LeaveOutValue => self.narrow(false),
            Id::DropCondition => {
                if let Some(text) = self.pane().map(|pane| pane.listing.without_last()) {
                    self.filter(&text);
                }
            }
            Id::Sort => self.sort(false),
            Id::AlsoSort => self.sort(true),
            Id::Mark | Id::MarkMatching | Id::ClearMarks => self.mark(id),
            Id::Detail => {
                self.with_pane(|pane, _, _| pane.detail = !pane.detail);
                // The list has another height now.
                self.with_pane(|pane, desk, height| pane.resize(desk, height));
            }
            Id::Range(reach) => {
                self.with_pane(|pane, desk, height| pane.reach(reach, desk, height));
            }
            Id::Copy => self.copy(),
            Id::CopyRows => self.copy_rows(),
            Id::Export => self.overlay(self.export_form()),
            Id::LegalHold => {
                let row = self.pane().and_then(Pane::selected).cloned();
                let hold = row.and_then(|row| LegalHold::open(&row, &mut self.desk));
                self.overlay(hold);
            }
            Id::Dispose => {
                let chosen = self.pane().map(|pane| (pane.spec.table, pane.chosen()));
                if let Some((table, rows)) = chosen {
                    self.propose(Proposal::Dispose { table, rows });
                }
            }
            Id::Send => {
                let form = SendForm::open(&self.desk);
                self.overlay(Some(form));
            }
            Id::Undo => {
                self.desk.undo();
            }
            Id::Redo => {
                self.desk.redo();
            }
            Id::Go(place) => self.show(place),
            Id::NextPlace => self.turn(1),
            Id::PreviousPlace => self.turn(Table::ALL.len()),
            Id::Back => self.back(),
            Id::Refresh => self.refresh(),
            Id::Stop => self.stop(),
            Id::Mouse => self.switch_mouse(),
            Id::Theme => self.next_theme(),
            Id::Suspend => self.desk.push(Effect::Suspend),
            Id::Quit => self.quit(),
            Id::Down | Id::Up | Id::NextMatch | Id::PreviousMatch | Id::PageDown | Id::PageUp => self.step(id),
            Id::Left | Id::Right => {
                self.with_pane(|pane, _, _| pane.move_column(id == Id::Right));
            }
            Id::First | Id::Last => self.jump(id == Id::Last),
        }
    }

    fn overlay(&mut self, overlay: Option<impl Overlay + 'static>) {
        if let Some(overlay) = overlay {
            self.overlays.push(Box::new(overlay));
        }
    }

    /// Words to find among the rows listed; on home among all keys that sources know records by.
    fn find(&mut self) {
        if self.place == Place::Home {
            self.go(Table::Identifiers, Target::Filter(String::new()));
        }
        self.overlay(self.pane().map(|pane| Prompt::find(pane.bookmark())));
    }

    /// The map screen; from a value map that waits for a decision with its list and code.
    fn map_codes(&mut self) {
        let row = self.pane().filter(|pane| pane.spec.table == Table::ValueMaps).and_then(Pane::selected);
        let from = row.filter(|row| PaneSpec::of(Table::ValueMaps).plan(RowAct::Map, row).is_some());
        let from = from.map(|row| (row.text("code_list").to_string(), row.id));
        let map = MapCodes::open(self.person.has(STEWARD), from, &mut self.desk);
        self.overlay(Some(map));
    }

    /// Where one is, for a title.
    fn here(&self) -> &'static str {
        self.pane().map_or("Home", |pane| pane.spec.table.info().title)
    }

    fn act_on_row(&mut self, act: RowAct, at_column: bool) {
        let Some((row, plan)) = self.pane().and_then(|pane| Some((pane.selected()?.clone(), self.plan(act)?))) else {
            return;
        };
        let seen = Seen::of(&row);
        match plan {
            Plan::Map(map) => {
                let picker = Picker::open(map, &mut self.desk);
                self.overlay(Some(picker));
            }
            Plan::Edit(names) => {
                let at = self.pane().filter(|_| at_column).and_then(Pane::field).map(|field| field.name);
                let form = Form::edit(&row, names, at, &mut self.desk);
                self.overlay(Some(form));
            }
            Plan::Decide(verb @ (Verb::Reject | Verb::Revoke)) => {
                self.overlay(Some(Reason::new(Bulk::Decide(verb), &row)));
            }
            Plan::Decide(verb) => self.run(Bulk::Decide(verb), seen),
            Plan::Preview(what, filter) => self.propose(Proposal::Rows(what, Rows::Filter(filter))),
            Plan::Retry => self.run(Bulk::Retry, seen),
            Plan::Park(true) => self.run(Bulk::Park, seen),
            Plan::Park(false) => self.run(Bulk::Unpark, seen),
            Plan::Close => self.overlay(Some(Reason::new(Bulk::Close, &row))),
            Plan::Retire(id, row_version) => {
                let proposal = Proposal::Retire { table: row.table, id, row_version, name: row.name().to_string() };
                self.propose(proposal);
            }
            Plan::Reevaluate(scope) => self.propose(Proposal::Reevaluate { scope, name: row.name().to_string() }),
            Plan::Attest(scope) => self.propose(Proposal::attest(scope)),
            Plan::Withdraw(job) => {
                self.propose(Proposal::Withdraw {
                    job,
                    name: row.name().to_string(),
                    source: row.text("source_system_key").to_string(),
                });
            }
            Plan::Past(map) => {
                let past = MapPast::open(map, &row, &mut self.desk);
                self.overlay(Some(past));
            }
            Plan::EditInput => {
                let form = EditInput::open(&row, &mut self.desk);
                self.overlay(Some(form));
            }
            Plan::Pin(pinned) => {
                let text = |name| row.text(name).to_string();
                let command = Command::Pin {
                    target_table: text("target_table"),
                    target_id: text("target_id"),
                    field_name: text("aspect_key"),
                    pinned,
                    reason: None,
                };
                self.desk.write(if pinned { "Pinning" } else { "Unpinning" }, command, Mode::AsSeen(seen));
            }
        }
    }

    /// Does to these rows at once what otherwise takes the preview: one row is taken back as easily.
    fn run(&mut self, what: Bulk, seen: Seen) {
        self.desk.write(what.doing(), what.command(Rows::Ids(vec![seen.id]), None), Mode::AsSeen(seen));
    }

    fn propose(&mut self, proposal: Proposal) {
        let preview = Preview::of(proposal, &mut self.desk);
        self.overlay(preview);
    }

    /// Parking and certifying are for all what they are for the row under the cursor: a parked one is taken up again, a
    /// stale one certified again.
    fn preview(&mut self, what: Bulk) {
        let what = match what {
            Bulk::Park if self.is_for_parked() => Bulk::Unpark,
            Bulk::Decide(Verb::Certify) if self.pane().is_some_and(Pane::lists_stale) => Bulk::Decide(Verb::Recertify),
            what => what,
        };
        let Some(rows) = self.pane().map(Pane::chosen) else { return };
        let preview = Preview::open(what, rows, &mut self.desk);
        self.overlay(preview);
    }

    /// Whether the row under the cursor is parked; where others are marked, the first of them on the screen.
    fn is_for_parked(&self) -> bool {
        let Some(pane) = self.pane() else { return false };
        let row = pane.first_marked().or(pane.selected());
        row.is_some_and(|row| matches!(pane.spec.plan(RowAct::Park, row), Some(Plan::Park(false))))
    }

    /// On home the rows behind a number; in a pane the row that a link names, else the record, else the row in full.
    fn open(&mut self) {
        let Some(pane) = self.pane() else {
            if let Some(left) = self.home.chosen_left(&self.desk).cloned() {
                return self.pick_up(&left);
            }
            if let Some((table, target)) = self.home.target(&self.desk) {
                if home::is_unmapped(table, &target) {
                    return self.map_codes();
                }
                self.go(table, target);
            }
            return;
        };
        let Some(row) = pane.selected() else { return };
        let link = pane.field().and_then(|field| match field.kind {
            Kind::Link(table) => Some((table, panes::linked(row, field.name)?)),
            _ => None,
        });
        match (link, (pane.spec.record)(row)) {
            (Some((table, target)), _) => self.go(table, target),
            (None, Some(subject)) => self.open_record(subject),
            (None, None) if self.plan(RowAct::Past).is_some() => self.act_on_row(RowAct::Past, false),
            (None, None) => self.act(Id::Full),
        }
    }

    fn open_record(&mut self, subject: Subject) {
        let row = self.pane().filter(|pane| pane.spec.table == Table::Ledger).and_then(Pane::selected);
        let (entry, person) = (row.map(|row| row.id), self.person.clone());
        let record = Record::open(subject, entry, person, &mut self.desk);
        self.overlay(Some(record));
    }

    fn narrow(&mut self, keep: bool) {
        let text = self.pane().and_then(|pane| {
            let (field, row) = (pane.field()?, pane.selected()?);
            Some(pane.listing.with(&listing::value_condition(field, row.value(field.name), keep)))
        });
        if let Some(text) = text {
            self.filter(&text);
        }
    }

    /// Sorts by the cursor's column, alone or after the others.
    fn sort(&mut self, also: bool) {
        self.with_pane(|pane, desk, height| {
            let Some(field) = pane.field() else { return };
            let mut listing: Listing = pane.listing.clone();
            if let Err(problem) = sorts(field) {
                return desk.complain(problem);
            }
            if !also {
                listing.sort_by(field);
            } else if let Err(problem) = listing.sort_also_by(field) {
                return desk.complain(problem);
            }
            pane.list(listing, desk, height);
        });
    }

    fn mark(&mut self, id: Id) {
        self.with_pane(|pane, desk, height| match id {
            Id::Mark => {
                pane.toggle_mark();
                pane.step(1, desk, height);
            }
            Id::MarkMatching => pane.marks = Marks::Rule(pane.listing.text().into()),
            _ => pane.marks = Marks::None,
        });
    }

    fn copy(&mut self) {
        let text = self.pane().and_then(|pane| {
            let (field, row) = (pane.field()?, pane.selected()?);
            Some((field.title, row::exchange(field, row.value(field.name)).into_owned()))
        });
        if let Some((title, text)) = text {
            self.desk.say(format!(
                "{title} copied, {}.",
                crate::model::text::counted(text.chars().count() as i64, "character")
            ));
            self.desk.push(Effect::Copy(text));
        }
    }

    /// Shows the next of home and the panes, or with `by` less one than their number the one before.
    fn turn(&mut self, by: usize) {
        let places: Vec<Place> = std::iter::once(Place::Home).chain(Table::ALL.map(Place::Pane)).collect();
        let at = places.iter().position(|place| *place == self.place).unwrap_or_default();
        if let Some(place) = places.get((at + by) % places.len()) {
            self.show(*place);
        }
    }

    fn step(&mut self, id: Id) {
        let down = matches!(id, Id::Down | Id::NextMatch | Id::PageDown);
        let one = if down { 1 } else { -1 };
        let page = matches!(id, Id::PageDown | Id::PageUp);
        match self.place {
            Place::Home => self.home.step(if page { one * 10 } else { one }, &self.desk),
            Place::Pane(_) if page => {
                self.with_pane(|pane, desk, height| pane.page(down, desk, height));
            }
            Place::Pane(_) => {
                self.with_pane(|pane, desk, height| pane.step(one, desk, height));
            }
        }
    }

    fn jump(&mut self, last: bool) {
        let edge = if last { Edge::After } else { Edge::Before };
        match self.place {
            Place::Home => self.home.step(if last { isize::MAX } else { isize::MIN }, &self.desk),
            Place::Pane(_) => {
                self.with_pane(|pane, desk, height| pane.jump(edge, desk, height));
            }
        }
    }

    /// The settings keep a theme; here one looks which it is to be.
    fn next_theme(&mut self) {
        let (name, theme) = Theme::after(self.theme_name);
        (self.theme, self.theme_name) = (theme, Some(name));
        self.desk.say(format!("Theme {name}. To keep it: theme = \"{name}\" in the settings."));
    }

    fn stop(&mut self) {
        let reading = self.desk.is_reading();
        self.desk.push(Effect::StopReading(None));
        if !self.desk.stop_export() && !self.desk.stop_writing() {
            let quit = self.desk.keymap.key(Id::Quit);
            let said =
                if reading { "Reading and counting are stopped." } else { "Nothing runs that could be stopped." };
            self.desk.say(format!("{said} {quit} quits."));
        }
    }

    fn quit(&mut self) {
        let writing = self.desk.working().filter(|_| self.desk.is_changing());
        match writing.or(self.desk.is_exporting().then_some("Exporting")) {
            Some(what) => {
                let text = format!("{what} is still going on; quit when it is done, or stop it with Ctrl+C.");
                self.desk.complain(text);
            }
            None => self.desk.push(Effect::Quit),
        }
    }
}
