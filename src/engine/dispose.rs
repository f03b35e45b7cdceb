//! Disposing of values under a records schedule (store.md, "The operation log").
//!
//! Only what can no longer take part in a decision: items that went all their way, and entries that lost for good. It is
//! not taken back: what is gone is gone.

use super::{Done, Error, Operation, Refusal};
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::filter::Filter;
use crate::model::table::Table;
use crate::model::text::counted;
use crate::store::{Change, DisposalFact, DisposalState};

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 500;

impl Operation<'_, '_> {
    pub(super) fn dispose(&mut self, table: Table, filter: &str, reason: &str) -> Result<Done, Error> {
        let invalid = |field: &str, problem: &str| Refusal::Invalid {
            place: "".into(),
            field: field.into(),
            problem: problem.into(),
        };
        if !matches!(table, Table::SyncItems | Table::Ledger) {
            return Err(invalid("table", "only sync-items and ledger hold values to dispose of.").into());
        }
        if reason.trim().is_empty() || reason.chars().count() > 500 {
            return Err(invalid("reason", "name the records schedule, in 1 to 500 characters.").into());
        }
        let filter = Filter::parse(table, filter).map_err(Refusal::Filter)?;
        for ids in self.write.matching(table, &filter)?.chunks(ROWS_AT_ONCE) {
            for row in self.write.disposal_facts(table, ids)? {
                match kept(&row) {
                    Some(why) => self.effects.hold_back(why, table.row_name(row.id)),
                    None => self.dispose_row(table, &row)?,
                }
            }
        }
        let summary = format!("Disposed of the values of {}", counted(self.effects.changed, table.info().one));
        let tables: &[Table] = &[Table::SyncItems, Table::Ledger];
        Ok(Done { reason: Some(reason.to_string()), ..Done::new("dispose", summary, tables) })
    }

    fn dispose_row(&mut self, table: Table, row: &DisposalFact) -> Result<(), Error> {
        if matches!(row.state, DisposalState::Entry { active: true, .. }) {
            // It must not come back as a candidate without a value.
            self.write.change_entry(row.id, &[Change::int("statecode", 1), Change::int("statuscode", 2)])?;
        }
        self.write.dispose(table, row.id)?;
        self.effects.change(&row.target_table, &row.source);
        Ok(())
    }
}

/// Why a row keeps its values, if it does.
fn kept(row: &DisposalFact) -> Option<&'static str> {
    let lost = match row.state {
        DisposalState::Item(state) => {
            matches!(state, ItemState::Applied | ItemState::Unchanged | ItemState::Superseded | ItemState::Rejected)
        }
        DisposalState::Entry { status, active } => {
            !active || matches!(status, LedgerStatus::Rejected | LedgerStatus::Revoked)
        }
    };
    match row {
        _ if row.disposed => Some("was disposed of already"),
        _ if row.in_force => Some("is behind a value in force"),
        _ if !lost => Some("can still be decided on"),
        _ => None,
    }
}
