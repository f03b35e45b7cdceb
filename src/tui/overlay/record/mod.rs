//! One target record: each field with the value in force, and of the field under the cursor why that value is what it is.
//!
//! The fields and the explanation come by way of the reading lanes, each by a question of its own: no key waits for them,
//! and what is known stays on the screen until what is newer has come. The field under the cursor is known by its name,
//! so that it stays there when others write. What is said stands in [`told`], how it is drawn in [`draw`].

mod acts;
mod draw;
mod told;

use crossterm::event::KeyEvent;
use ratatui::layout::Position;

use super::about::About;
use super::menu::Menu;
use super::preview::Preview;
use super::split::{Part, Split};
use super::{Hint, Overlay, Picked, Spoken, Step, hand};
use crate::engine::{Attested, Command, Explanation, Mode};
use crate::model::text::counted;
use crate::model::{Table, shown};
use crate::store::{InForce, RecordField};
use crate::tui::app::Person;
use crate::tui::desk::{Desk, Effect};
use crate::tui::layout::Areas;
use crate::tui::over_keys::Over;
use crate::tui::paint::{Paint, Span};
use crate::tui::panes::{self, Plan, Subject, Target};
use crate::tui::proposal::Proposal;
use crate::tui::read::{Answer, Request, Slot};

/// Cells of a line that is said and not shown: as good as none is broken.
const SPOKEN: usize = 2_000;

#[derive(Debug)]
pub struct Record {
    /// The record, and the field under the cursor.
    subject: Subject,
    fields: Vec<RecordField>,
    split: Split,
    /// The entry from which the record was opened.
    entry: Option<i64>,
    person: Person,
    /// The question for the fields.
    asked: Option<u64>,
    /// Why the value of the field under the cursor is what it is.
    told: About<Box<Explanation>>,
    /// What the sources call the record, once that is known, and its label.
    keys: String,
    label: String,
}

impl Record {
    /// Opens a record; `entry` is the ledger entry that led to it.
    pub fn open(subject: Subject, entry: Option<i64>, person: Person, desk: &mut Desk) -> Record {
        let mut record = Record {
            subject,
            fields: Vec::new(),
            split: Split::default(),
            entry,
            person,
            asked: None,
            told: About::default(),
            keys: String::new(),
            label: String::new(),
        };
        record.read(desk);
        record
    }

    fn read(&mut self, desk: &mut Desk) {
        let Subject { table, target, .. } = self.subject.clone();
        self.asked = Some(desk.ask(Slot::Overlay, Request::Record { table, target }));
        if let Some(field) = self.here().map(|field| field.name.clone()) {
            self.ask_about(field, desk);
        }
    }

    /// Whether the person's roles let them pin a value and attest.
    fn pins(&self) -> bool {
        self.person.has(Plan::Pin(true).roles())
    }

    fn ask_about(&mut self, field: String, desk: &mut Desk) {
        let Subject { table, target, .. } = self.subject.clone();
        let ticket = desk.ask(Slot::Field, Request::Explain((table, target, field.clone())));
        self.told.asked(ticket, &field);
    }

    fn here(&self) -> Option<&RecordField> {
        self.fields.get(self.split.at)
    }

    fn in_force(&self) -> Option<&InForce> {
        self.here().and_then(|field| field.in_force.as_ref())
    }

    fn explanation(&self) -> Option<&Explanation> {
        self.told.of(&self.here()?.name).flatten().map(AsRef::as_ref)
    }

    fn show(&mut self, fields: Vec<RecordField>) {
        let name = self.here().map(|field| field.name.clone()).or(self.subject.field.take());
        let at = fields.iter().position(|field| Some(&field.name) == name.as_ref());
        self.split.place(at, fields.len());
        self.fields = fields;
    }

    /// The entry in force; without one the entries that wait, else the item that did not go on, else what was delivered.
    fn enter(&self) -> Step {
        let Some(field) = self.here() else { return Step::Stay };
        match (&field.in_force, &field.stopped) {
            (Some(in_force), _) => Step::Go(Table::Ledger, row(Table::Ledger, in_force.ledger)),
            (None, _) if field.pending > 0 => Step::Go(Table::Ledger, self.of_field(&field.name)),
            (None, Some(item)) => Step::Go(Table::SyncItems, row(Table::SyncItems, item.item)),
            (None, None) => Step::Go(Table::SyncItems, self.of_field(&field.name)),
        }
    }

    fn of_record(&self) -> Target {
        panes::rows_with(&[("target", &self.subject.target), ("table", &self.subject.table)])
    }

    fn of_field(&self, field: &str) -> Target {
        panes::rows_with(&[("target", &self.subject.target), ("table", &self.subject.table), ("field", field)])
    }

    /// Where the field under the cursor leads to: what its value came through, then what else there is of it.
    fn related(&self) -> Option<Menu> {
        let field = self.here()?;
        let mut links = Vec::new();
        if let Some(in_force) = &field.in_force {
            links.push(("Ledger entry in force", Table::Ledger, row(Table::Ledger, in_force.ledger)));
        }
        links.push(("Ledger entries of this field", Table::Ledger, self.of_field(&field.name)));
        links.push(("Sync items of this field", Table::SyncItems, self.of_field(&field.name)));
        links.push(("Identifiers of this record", Table::Identifiers, self.of_record()));
        let held = self.explanation().and_then(|explanation| explanation.in_force.as_ref());
        if let Some(held) = held {
            let item = held.item.map(|id| ("Sync item it came in", Table::SyncItems, row(Table::SyncItems, id)));
            let job = held.job.map(|id| ("Sync job it came in", Table::SyncJobs, row(Table::SyncJobs, id)));
            links.extend(item.into_iter().chain(job));
            let named = |name: &str| panes::rows_with(&[("name", name)]);
            let map = held.map.as_ref().map(|map| ("Value map", Table::ValueMaps, named(&map.name)));
            let policy = held.policy.as_ref();
            links.extend(map);
            links.extend(policy.map(|policy| ("Commit policy", Table::CommitPolicies, named(&policy.name))));
        }
        links.push(("All entries of this record", Table::Ledger, self.of_record()));
        Some(Menu::links(format!("Related to {}", shown(&field.name)), links))
    }

    fn copy(&self, desk: &mut Desk) {
        let Some(value) = self.in_force().and_then(|in_force| in_force.value.clone()) else { return };
        desk.say(format!("The value in force copied, {}.", counted(value.chars().count() as i64, "character")));
        desk.push(Effect::Copy(value));
    }

    /// Vouching for the whole record, by way of the preview.
    fn attest(&self, desk: &mut Desk) -> Step {
        let Subject { table, target, .. } = self.subject.clone();
        let scope = Attested::Record { target_table: table, target_id: target };
        Preview::of(Proposal::attest(scope), desk).map_or(Step::Stay, |preview| Step::Over(Box::new(preview)))
    }

    fn pin(&self, desk: &mut Desk) {
        let (Some(field), Some(in_force)) = (self.here(), self.in_force().filter(|_| self.pins())) else { return };
        let command = Command::Pin {
            target_table: self.subject.table.clone(),
            target_id: self.subject.target.clone(),
            field_name: field.name.clone(),
            pinned: !in_force.pinned,
            reason: None,
        };
        desk.write(if in_force.pinned { "Unpinning" } else { "Pinning" }, command, Mode::Real);
    }
}

fn row(table: Table, id: i64) -> Target {
    Target::Row(id, table.row_name(id))
}

impl Overlay for Record {
    fn title(&self) -> String {
        let parts = [&shown(&self.label), self.keys.as_str(), &shown(&self.subject.target)].map(str::to_string);
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("Record {} {}", shown(&self.subject.table), parts.join(", "))
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = match self.split.part {
            Part::List => vec![("Up/Down", "field"), ("Tab", "why")],
            Part::Detail => vec![("Up/Down", "scroll"), ("Tab", "fields")],
        };
        hints.extend(self.deciding());
        if let Some(in_force) = self.in_force().filter(|_| self.pins()) {
            hints.push(("i", if in_force.pinned { "unpin" } else { "pin" }));
        }
        if self.here().is_some() {
            hints.extend([("Enter", "entry"), ("o", "related")]);
        }
        if self.in_force().is_some_and(|in_force| in_force.value.is_some()) {
            hints.push(("y", "copy"));
        }
        hints.extend(self.pins().then_some(("A", "attest")));
        hints.push(("u", "undo"));
        hints.push(("Esc", "close"));
        hints
    }

    fn keys(&self) -> Option<Over> {
        Some(Over::Record)
    }

    fn click(&mut self, at: Position, areas: &Areas, _desk: &mut Desk) -> Step {
        self.split.click(at, areas, self.fields.len());
        Step::Stay
    }

    fn wheel(&mut self, at: Position, down: bool, desk: &mut Desk) -> bool {
        let mut split = std::mem::take(&mut self.split);
        let took = split.wheel(at, down, self.fields.len(), |width| told::lines(self, width, desk.zone).len(), desk);
        self.split = split;
        took
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" | "Backspace" | "q" => return Step::Close,
            "Enter" => return self.enter(),
            "o" => return self.related().map_or(Step::Stay, |menu| Step::Over(Box::new(menu))),
            "y" => self.copy(desk),
            "i" => self.pin(desk),
            "u" => drop(desk.undo()),
            "A" if self.pins() => return self.attest(desk),
            _ if self.act_of(name).is_some() => {
                return self.act_of(name).map_or(Step::Stay, |act| self.decide(act, desk));
            }
            _ => {
                let mut split = std::mem::take(&mut self.split);
                split.key(name, self.fields.len(), |width| told::lines(self, width, desk.zone).len(), desk);
                self.split = split;
            }
        }
        Step::Stay
    }

    fn at_hand(&self) -> Option<u64> {
        hand(&self.fields)
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket) || self.told.awaits(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Record(name, fields) => {
                self.asked = None;
                self.label = name.label;
                self.show(fields);
            }
            Answer::Explained(explanation) => {
                self.keys = told::keys(&explanation);
                self.told.answered(explanation);
            }
            _ => {}
        }
    }

    fn missed(&mut self, ticket: u64) {
        self.asked.take_if(|asked| *asked == ticket);
        self.told.missed(ticket);
    }

    /// Asks about the field under the cursor, once.
    fn follow(&mut self, desk: &mut Desk) {
        let Some(field) = self.here().map(|field| field.name.clone()) else { return };
        if self.told.is_wanted(&field) {
            self.ask_about(field, desk);
        }
    }

    fn outdated(&mut self, desk: &mut Desk) {
        self.read(desk);
    }

    fn stays(&self) -> bool {
        true
    }

    fn spoken(&self, desk: &Desk) -> Option<Spoken> {
        let lines = told::lines(self, SPOKEN, desk.zone);
        let text = |spans: Vec<Span>| spans.into_iter().map(|(text, _)| text).collect::<String>();
        let here = self.here().map(|field| format!("Field {}", shown(&field.name)));
        let about = here.into_iter().chain(lines.into_iter().map(text)).filter(|line| !line.trim().is_empty());
        let field = |field: &RecordField| match &field.in_force {
            Some(InForce { value, source, status, .. }) => {
                let value = value.as_deref().map_or("empty".into(), shown);
                format!("{}: {value}, from {}, {}", shown(&field.name), shown(source), status.label())
            }
            None => {
                let why = field.stopped.as_ref().map_or(String::new(), |item| {
                    let code = item.code.as_deref().unwrap_or_default();
                    let since = desk.zone.minute(item.since);
                    format!(", {} {code} since {since}", item.state.label().to_lowercase())
                });
                format!("{}: no value in force, {} pending{why}", shown(&field.name), field.pending)
            }
        };
        Some(Spoken { about: about.collect(), choices: self.fields.iter().map(field).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        if at >= self.fields.len() {
            return Picked::Nothing;
        }
        self.split.go_to(at);
        Picked::Chosen
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk) {
        draw::draw(self, paint, areas, desk);
    }
}
