//! Deciding from a record: on the entries of the field under the cursor, by what the ledger's pane would do to them, with the
//! same reasons and the same guard: an entry is decided on as it was read, or not at all.

use super::Record;
use crate::engine::{Mode, Rows, Seen, Verb};
use crate::model::{Row, Table, shown};
use crate::tui::bulk::Bulk;
use crate::tui::desk::Desk;
use crate::tui::overlay::menu::Menu;
use crate::tui::overlay::picker::Picker;
use crate::tui::overlay::reason::Reason;
use crate::tui::overlay::{Hint, Step};
use crate::tui::panes::{PaneSpec, Plan, RowAct};

/// The keys that decide, each with its word and what it does in the ledger's pane.
const KEYS: [(&str, &str, RowAct); 4] = [
    ("c", "certify", RowAct::Certify),
    ("r", "reject", RowAct::Reject),
    ("d", "revoke", RowAct::Revoke),
    ("m", "map", RowAct::Map),
];

impl Record {
    /// What a key would decide here.
    pub(super) fn act_of(&self, key: &str) -> Option<RowAct> {
        let (.., act) = KEYS.into_iter().find(|(known, ..)| *known == key)?;
        (act == RowAct::Map && self.map().is_some() || !self.decidable(act).is_empty()).then_some(act)
    }

    /// The keys that decide something of the field under the cursor.
    pub(super) fn deciding(&self) -> Vec<Hint> {
        KEYS.into_iter().filter(|(key, ..)| self.act_of(key).is_some()).map(|(key, word, _)| (key, word)).collect()
    }

    pub(super) fn decide(&self, act: RowAct, desk: &mut Desk) -> Step {
        if let (RowAct::Map, Some(map)) = (act, self.map()) {
            return Step::Over(Box::new(Picker::open(map, desk)));
        }
        let rows = self.decidable(act);
        match rows.iter().find(|(row, _)| self.is_meant(row, rows.len())) {
            Some((row, verb)) => decide_on(row, *verb, desk),
            None if rows.is_empty() => Step::Stay,
            None => {
                let verb = rows.first().map_or("", |(_, verb)| verb.name());
                let field = self.here().map_or("", |field| field.name.as_str());
                let rows = rows.into_iter().map(|(row, verb)| (verb, row.clone())).collect();
                Step::Over(Box::new(Menu::entries(format!("Which entry of {} to {verb}", shown(field)), rows)))
            }
        }
    }

    /// The entries of the field under the cursor that a decision may be for, where the person's roles allow it.
    fn decidable(&self, act: RowAct) -> Vec<(&Row, Verb)> {
        let Some(field) = self.here() else { return Vec::new() };
        let spec = PaneSpec::of(Table::Ledger);
        let verb = |act: RowAct, row: &Row| match spec.plan(act, row) {
            Some(plan @ Plan::Decide(verb)) if self.person.has(plan.roles()) => Some(verb),
            _ => None,
        };
        let found: Vec<_> = field.open.iter().filter_map(|row| Some((row, verb(act, row)?))).collect();
        if act != RowAct::Certify || !found.is_empty() {
            return found;
        }
        // Certifying a stale value is certifying it again.
        let stale = field.in_force.as_ref().filter(|in_force| in_force.stale).map(|in_force| in_force.ledger);
        let rows = field.open.iter().filter(|row| Some(row.id) == stale);
        rows.filter_map(|row| Some((row, verb(RowAct::Recertify, row)?))).collect()
    }

    /// Whether an entry is the one that a person means without saying which: that from which the record was opened, or the
    /// only one, where the list of fields shows it.
    fn is_meant(&self, row: &Row, of: usize) -> bool {
        let shown = self.here().is_some_and(|field| match &field.in_force {
            Some(in_force) => in_force.ledger == row.id,
            None => field.pending == 1,
        });
        self.entry == Some(row.id) || (of == 1 && shown)
    }

    /// The value map that the field's last item waits for.
    fn map(&self) -> Option<i64> {
        let item = self.here()?.item.as_ref()?;
        match PaneSpec::of(Table::SyncItems).plan(RowAct::Map, item) {
            Some(plan @ Plan::Map(map)) if self.person.has(plan.roles()) => Some(map),
            _ => None,
        }
    }
}

fn decide_on(row: &Row, verb: Verb, desk: &mut Desk) -> Step {
    let what = Bulk::Decide(verb);
    if matches!(verb, Verb::Reject | Verb::Revoke) {
        return Step::Over(Box::new(Reason::new(what, row)));
    }
    desk.write(what.doing(), what.command(Rows::Ids(vec![row.id]), None), Mode::AsSeen(Seen::of(row)));
    Step::Stay
}
