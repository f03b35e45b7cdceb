//! Saving a form: what is told before it is done, and the row as somebody else left it meanwhile.

use super::{Focus, Form, FormField, Purpose};
use crate::engine::{Command, Mode, Outcome};
use crate::model::query::Query;
use crate::model::{Row, Table, shown};
use crate::tui::desk::Desk;
use crate::tui::overlay::Step;
use crate::tui::read::{Near, Request, Slot};

impl Form {
    pub(super) fn save(&mut self, desk: &mut Desk) -> Step {
        if let Some((at, problem)) = self.most_pressing() {
            self.focus = Focus::Field(at);
            desk.complain(problem);
            return Step::Stay;
        }
        let changes = self.changes();
        if changes.is_empty() && self.purpose == Purpose::Edit {
            desk.say("Nothing was changed.");
            return Step::Close;
        }
        let missing =
            |input: &&FormField| Purpose::needs(self.row.table, input.field.name) && input.text().trim().is_empty();
        if let Some(at) = self.inputs.iter().position(|input| missing(&input)) {
            self.focus = Focus::Field(at);
            desk.complain(format!("{} has to be given.", self.inputs[at].field.title));
            return Step::Stay;
        }
        if let Some(told) = self.not_yet() {
            desk.complain(told);
            return Step::Stay;
        }
        // What was shown is what is done, or nothing is.
        let shown = self.effect.fingerprint().map(|fingerprint| Mode::AsPreviewed(fingerprint.into()));
        let command = self.purpose.command(&self.row, changes);
        self.running = desk.write("Saving", command, shown.unwrap_or(Mode::Real));
        Step::Stay
    }

    /// Why what is typed is not saved yet: what it comes to is not known, or looks wrong and was not asked for twice.
    fn not_yet(&mut self) -> Option<String> {
        self.wanted()?;
        if self.effect.is_open() {
            return Some("What it comes to is still being worked out: look at it, then save.".into());
        }
        let warned = std::mem::replace(&mut self.warned, true);
        let warnings = self.effect.warnings().filter(|_| !warned)?;
        Some(format!("{} Save again, if it is so.", shown(&warnings)))
    }

    /// Somebody changed the row meanwhile: it is read again, so that one sees what it is now and can go on.
    pub(super) fn read_again(&mut self, desk: &mut Desk) {
        let (query, near) = (Query::all(self.row.table), Near::Row(self.row.id, None));
        self.reading = Some(desk.ask(Slot::Facets, Request::Around { query, near, before: 0, limit: 1 }));
    }

    /// Takes the row as it is now; what was typed stays.
    pub(super) fn take_up(&mut self, row: Option<Row>) {
        self.reading = None;
        if let Some(row) = row.filter(|row| row.id == self.row.id) {
            self.inputs.iter_mut().for_each(|input| input.take_up(&row));
            self.row = row;
            self.effect.forget();
        }
    }

    /// The edit whose effect is shown, as far as it can be saved.
    pub(super) fn wanted(&self) -> Option<Command> {
        let changes = Some(self.changes()).filter(|changes| !changes.is_empty())?;
        let tells = self.row.table == Table::Identifiers && (self.purpose == Purpose::Edit || self.is_whole());
        if !tells {
            return None;
        }
        self.most_pressing().is_none().then(|| self.purpose.command(&self.row, changes))
    }

    /// Whether all is given that has to be.
    fn is_whole(&self) -> bool {
        let needed = |input: &&FormField| Purpose::needs(self.row.table, input.field.name);
        self.inputs.iter().filter(needed).all(|input| !input.text().trim().is_empty())
    }
}

/// What the engine says of an edited identifier, without what was done.
pub(super) fn stands_for(outcome: &Outcome) -> String {
    if !outcome.warnings.is_empty() {
        return shown(outcome.warnings.join(" ").trim_end_matches('.')).into_owned();
    }
    let then = outcome.summary.split_once(": ").map_or(outcome.summary.as_str(), |(_, then)| then);
    shown(then).into_owned()
}
