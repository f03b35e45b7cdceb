//! Leading a source's key to another record: what merges two records that are one, and splits one that is two.

use super::app::App;
use super::overlay::form::Form;
use super::pane::Pane;
use super::panes::{self, PaneSpec, Plan, RowAct, Target};
use crate::model::Table;

impl App {
    /// From an identifier its form, with the cursor on the record; from another row the keys of its record, of which one is
    /// chosen first.
    pub(super) fn retarget(&mut self) {
        let row = self.pane().and_then(Pane::selected).cloned();
        if let Some(row) = row.as_ref().filter(|row| row.table == Table::Identifiers) {
            return match PaneSpec::of(row.table).plan(RowAct::Edit, row) {
                Some(Plan::Edit(names)) => {
                    let form = Form::edit(row, names, Some("target_id"), &mut self.desk);
                    self.overlays.push(Box::new(form));
                }
                _ => self.desk.say("This identifier is out of use, so its key leads to no record."),
            };
        }
        let record = row.as_ref().and_then(|row| (PaneSpec::of(row.table).record)(row));
        let target = match record {
            Some(subject) => panes::rows_with(&[("target", &subject.target), ("table", &subject.table)]),
            None => Target::Filter(String::new()),
        };
        self.go(Table::Identifiers, target);
        let edit = self.desk.keymap.key(super::actions::Id::Row(RowAct::Edit));
        self.desk.say(format!("Choose the key that is to lead to another record, then {edit}."));
    }
}
