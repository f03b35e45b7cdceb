//! Triage: what was held or failed, in groups by code, source and field, the largest first. Of the group under the cursor
//! its values, one example with its whole trace, and what can be done to all of it.
//!
//! What is done to a group goes by way of the preview, which says the effect before anything is written. What is told of
//! a group stands in [`told`].

mod told;

use crossterm::event::KeyEvent;

use super::about::About;
use super::binding::BindingView;
use super::effect::Effect;
use super::map::MapCodes;
use super::picker::Picker;
use super::preview::Preview;
use super::split::{Part, Split};
use super::{Hint, Overlay, Step, hand};
use crate::engine::{Command, Error, Outcome, Rows, Stopped};
use crate::model::filter::{Filter, quoted};
use crate::model::query::{Position, Query, Sort};
use crate::model::text::{counted, grouped};
use crate::model::{Row, Table};
use crate::store::{Facets, GroupCode, Triage as Groups, TriageGroup};
use crate::tui::bulk::Bulk;
use crate::tui::desk::Desk;
use crate::tui::keymap::Keymap;
use crate::tui::layout::Areas;
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::panes::{PaneSpec, Plan, RowAct, Target};
use crate::tui::read::{Answer, Request, Slot};
use crate::tui::theme::Role;

/// Up to so many items the effect of trying a group again is worked out while the cursor rests on it: others can write
/// only before or after that.
const TRIED_AT_ONCE: i64 = 300;

/// What the person's roles allow here.
#[derive(Debug, Clone, Copy)]
pub struct Rights {
    pub maps: bool,
    pub retries: bool,
}

#[derive(Debug)]
pub struct Triage {
    rights: Rights,
    /// What its sentences name keys by.
    keymap: Keymap,
    found: Groups,
    split: Split,
    asked: Option<u64>,
    /// There is reason to read again once the groups are there.
    again: bool,
    /// The newest item of the group under the cursor, and the group's values.
    example: About<Option<Row>>,
    values: About<Facets>,
    /// The codes that it waits for, and the binding of its field.
    stopped: About<Stopped>,
    /// What trying the group again would come to.
    effect: Effect,
}

impl Triage {
    pub fn open(rights: Rights, desk: &mut Desk) -> Triage {
        let mut triage = Triage {
            rights,
            keymap: desk.keymap,
            found: Groups::default(),
            split: Split::default(),
            asked: None,
            again: false,
            example: About::default(),
            values: About::default(),
            stopped: About::default(),
            effect: Effect::default(),
        };
        triage.read(desk);
        triage
    }

    fn read(&mut self, desk: &mut Desk) {
        self.asked = Some(desk.ask(Slot::Triage, Request::Triage));
        if let Some(name) = self.here().map(filter) {
            self.ask_about(&name, desk);
        }
    }

    fn here(&self) -> Option<&TriageGroup> {
        self.found.groups.get(self.split.at)
    }

    fn example(&self) -> Option<&Row> {
        self.example.of(&filter(self.here()?)).flatten().and_then(Option::as_ref)
    }

    fn values(&self) -> Option<&Facets> {
        self.values.of(&filter(self.here()?)).flatten()
    }

    fn stopped(&self) -> Option<&Stopped> {
        self.stopped.of(&filter(self.here()?)).flatten()
    }

    /// The code that most items of the group wait for.
    fn code(&self) -> Option<&GroupCode> {
        self.stopped()?.codes.iter().find(|code| code.open)
    }

    /// The value map of that code, else of what the example waits for, if the person may decide it.
    fn map(&self) -> Option<i64> {
        let plan = self.example().and_then(|row| PaneSpec::of(Table::SyncItems).plan(RowAct::Map, row));
        let of_example = || if let Plan::Map(map) = plan? { Some(map) } else { None };
        self.rights.maps.then(|| self.code().map(|code| code.map).or_else(of_example)).flatten()
    }

    /// The map screen, at the code that most items wait for.
    fn map_all(&self, desk: &mut Desk) -> Step {
        let Some(code) = self.code().filter(|_| self.rights.maps) else { return Step::Stay };
        let from = (code.code_list.clone(), code.map);
        desk.end_rehearsal();
        Step::Over(Box::new(MapCodes::open(true, Some(from), desk)))
    }

    /// The command whose effect is shown.
    fn wanted(&self) -> Option<Command> {
        let group = self.here().filter(|group| self.rights.retries && group.items <= TRIED_AT_ONCE)?;
        self.asked.is_none().then(|| Command::Retry { rows: Rows::Filter(filter(group)), reason: None })
    }

    fn cause(&self) -> Option<(Table, Target)> {
        self.example().and_then(|row| (PaneSpec::of(Table::SyncItems).cause)(row))
    }

    fn ask_about(&mut self, name: &str, desk: &mut Desk) {
        let parsed = Filter::parse(Table::SyncItems, name).unwrap_or_default();
        let query = Query { table: Table::SyncItems, filter: parsed, sort: Sort::NEWEST };
        let page = Request::Page { query: query.clone(), position: Position::First, limit: 1 };
        self.example.asked(desk.ask(Slot::Field, page), name);
        if let Some(field) = Table::SyncItems.field("raw_value") {
            self.values.asked(desk.ask(Slot::Facets, Request::Facets { query, field }), name);
        }
        if let Some(group) = self.here().cloned() {
            self.stopped.asked(desk.ask(Slot::Stopped, Request::Stopped(group)), name);
        }
    }

    fn preview(&self, what: Bulk, desk: &mut Desk) -> Step {
        let Some(group) = self.here().filter(|_| self.rights.retries) else { return Step::Stay };
        let preview = Preview::open(what, Rows::Filter(filter(group)), desk);
        preview.map_or(Step::Stay, |preview| Step::Over(Box::new(preview)))
    }

    /// Follows one of the numbered hops of the example's trace.
    fn hop(&self, number: usize, desk: &mut Desk) -> Step {
        let hops = self.example().map(|row| told::hops(row, self.stopped())).unwrap_or_default();
        let lead = hops.into_iter().filter_map(|hop| hop.lead).nth(number.wrapping_sub(1));
        match (lead, self.here().zip(self.stopped())) {
            (Some(Lead::Rows(table, target)), _) => self.go(table, target, desk),
            (Some(Lead::Binding), Some((group, stopped))) => Step::Over(Box::new(BindingView::new(group, stopped))),
            _ => Step::Stay,
        }
    }

    /// Goes elsewhere: nobody looks at the effect any more.
    fn go(&self, table: Table, target: Target, desk: &mut Desk) -> Step {
        desk.end_rehearsal();
        Step::Go(table, target)
    }
}

/// Where a hop of the trace leads.
#[derive(Debug)]
enum Lead {
    Rows(Table, Target),
    Binding,
}

/// The items of a group, as one would type it.
fn filter(group: &TriageGroup) -> String {
    let equals = |name: &str, text: &str| match text {
        "" => format!("{name}:"),
        text => format!("{name}:{}", quoted(text)),
    };
    let terms = [
        "state:held,failed is:active".into(),
        equals("code", group.code.as_deref().unwrap_or_default()),
        equals("source", &group.source),
        equals("table", &group.target_table),
        equals("field", group.field_name.as_deref().unwrap_or_default()),
    ];
    terms.join(" ")
}

impl Overlay for Triage {
    fn title(&self) -> String {
        let items: i64 = self.found.groups.iter().map(|group| group.items).sum();
        let newest = if self.found.whole || self.found.groups.is_empty() { "" } else { "the newest " };
        let groups = counted(self.found.groups.len() as i64, "group");
        format!("Triage: {newest}{} not applied, {groups} by cause", counted(items, "item"))
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = match self.split.part {
            Part::List => vec![("Up/Down", "group"), ("Tab", "detail")],
            Part::Detail => vec![("Up/Down", "scroll"), ("Tab", "groups")],
        };
        if self.here().is_some() {
            hints.push(("Enter", "items"));
            hints.extend(self.rights.retries.then_some(("T", "retry all")));
            hints.extend(self.map().map(|_| ("m", "map")));
            hints.extend(self.code().filter(|_| self.rights.maps).map(|_| ("M", "map all")));
            hints.extend(self.cause().map(|_| ("w", "why")));
            hints.extend(self.rights.retries.then_some(("Z", "park all")));
            hints.extend(self.rights.retries.then_some(("B", "close all")));
            hints.extend(self.example().map(|_| ("1-9", "hop")));
        }
        hints.extend((self.rights.maps || self.rights.retries).then_some(("u", "undo")));
        hints.push(("Esc", "close"));
        hints
    }

    fn keys(&self) -> Option<Over> {
        Some(Over::Triage)
    }

    fn click(&mut self, at: ratatui::layout::Position, areas: &Areas, _desk: &mut Desk) -> Step {
        self.split.click(at, areas, self.found.groups.len());
        Step::Stay
    }

    fn wheel(&mut self, at: ratatui::layout::Position, down: bool, desk: &mut Desk) -> bool {
        let mut split = std::mem::take(&mut self.split);
        let took =
            split.wheel(at, down, self.found.groups.len(), |width| told::lines(self, width, desk.zone).len(), desk);
        self.split = split;
        took
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match (name, name.parse::<usize>()) {
            ("Esc" | "Backspace" | "q", _) => {
                desk.end_rehearsal();
                return Step::Close;
            }
            ("Enter", _) => {
                let items = self.here().map(|group| Target::Filter(filter(group)));
                return items.map_or(Step::Stay, |items| self.go(Table::SyncItems, items, desk));
            }
            ("T", _) => return self.preview(Bulk::Retry, desk),
            ("u", _) => drop(desk.undo()),
            ("Z", _) => return self.preview(Bulk::Park, desk),
            ("B", _) => return self.preview(Bulk::Close, desk),
            ("m", _) => {
                return self.map().map_or(Step::Stay, |map| Step::Over(Box::new(Picker::open(map, desk))));
            }
            ("M", _) => return self.map_all(desk),
            ("w", _) => {
                return self.cause().map_or(Step::Stay, |(table, target)| self.go(table, target, desk));
            }
            (_, Ok(number)) => return self.hop(number, desk),
            _ => {
                let mut split = std::mem::take(&mut self.split);
                split.key(name, self.found.groups.len(), |width| told::lines(self, width, desk.zone).len(), desk);
                self.split = split;
            }
        }
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
            || self.example.awaits(ticket)
            || self.values.awaits(ticket)
            || self.stopped.awaits(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Triage(found) => {
                self.asked = None;
                let name = self.here().map(filter);
                let at = found.groups.iter().position(|group| Some(filter(group)) == name);
                self.split.place(at, found.groups.len());
                self.found = found;
                self.effect.forget();
            }
            Answer::Page(page) => self.example.answered(page.rows.into_iter().next()),
            Answer::Facets(values) => self.values.answered(values),
            Answer::Stopped(stopped) => self.stopped.answered(stopped),
            _ => {}
        }
    }

    fn missed(&mut self, ticket: u64) {
        if self.asked.take_if(|asked| *asked == ticket).is_some() {
            self.again = false;
        }
        self.example.missed(ticket);
        self.values.missed(ticket);
        self.stopped.missed(ticket);
    }

    fn follow(&mut self, desk: &mut Desk) {
        if self.asked.is_none() && std::mem::take(&mut self.again) {
            self.read(desk);
        }
        if let Some(name) = self.here().map(filter).filter(|name| self.example.is_wanted(name)) {
            self.ask_about(&name, desk);
        }
        self.effect.follow(self.wanted(), desk);
    }

    fn at_hand(&self) -> Option<u64> {
        hand(&self.found.groups)
    }

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, _desk: &mut Desk) -> Option<Step> {
        self.effect.done(ticket, outcome).then_some(Step::Stay)
    }

    /// Groups that are on their way are let come first: where others write all the time, there would never be any.
    fn outdated(&mut self, desk: &mut Desk) {
        match self.asked {
            Some(_) => self.again = true,
            None => self.read(desk),
        }
    }

    fn stays(&self) -> bool {
        true
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk) {
        let groups = &self.found.groups;
        let parts = Split::areas(areas.content, groups.len());
        let heading = told::heading(parts.heading.width.into());
        let group = |at: usize, width| {
            groups.get(at).map_or(Vec::new(), |group| told::group(group, at == self.split.at, width, desk.zone))
        };
        self.split.draw_list(paint, &parts, &heading, groups.len(), group);
        if groups.is_empty() {
            let text = if self.asked.is_some() { " reading…" } else { " Everything that was delivered went on." };
            paint.put(parts.list, text, Role::Quiet);
        }
        let heading = self.here().map_or(String::new(), |group| format!("{} in this group", grouped(group.items)));
        self.split.draw_detail(paint, &parts, &heading, |width| told::lines(self, width, desk.zone));
    }
}
