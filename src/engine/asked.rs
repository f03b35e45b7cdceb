//! What people ask an operation for: rows by id or by filter, a reason, and one row that turns out not to be allowed.

use std::collections::BTreeSet;

use super::command::Rows;
use super::{Error, Operation, Refusal};
use crate::model::filter::Filter;
use crate::model::table::Table;

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

impl Operation<'_, '_> {
    /// The ids of the rows that are asked for, in their order.
    pub(super) fn asked_for(&mut self, table: Table, rows: &Rows) -> Result<Vec<i64>, Error> {
        match rows {
            Rows::Filter(text) => {
                let filter = Filter::narrowing(table, text).map_err(Refusal::Filter)?;
                Ok(self.write.matching(table, &filter)?)
            }
            Rows::Ids(ids) => {
                let wanted: BTreeSet<i64> = ids.iter().copied().collect();
                let wanted: Vec<i64> = wanted.into_iter().collect();
                match self.write.missing(table, &wanted)? {
                    Some(id) => Err(not_found(table, id)),
                    None => Ok(wanted),
                }
            }
        }
    }

    /// Refuses the operation where it was for one row by its id, and that was left alone: then nothing was done.
    pub(super) fn refuse_alone(&self, rows: &Rows) -> Result<(), Error> {
        match (rows, self.effects.left_alone()) {
            (Rows::Ids(ids), Some((why, row))) if ids.len() == 1 && self.effects.changed == 0 => {
                Err(Refusal::Transition(format!("{row} {why}.")).into())
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn not_found(table: Table, id: i64) -> Error {
    Refusal::NotFound { what: table.info().one, name: table.row_name(id), hint: String::new() }.into()
}

/// No value of what was named stands in the ledger.
pub(super) fn not_in_ledger(about: String) -> Refusal {
    let hint = " steward list ledger lists what there is.".into();
    Refusal::NotFound { what: "value in the ledger for", name: about, hint }
}

/// A reason is kept with the rows, so it has to fit.
pub(super) fn check_reason(reason: Option<&str>) -> Result<(), Refusal> {
    if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON) {
        return Err(invalid("reason", format!("a reason has at most {MAX_REASON} characters.")));
    }
    Ok(())
}

pub(super) fn invalid(field: &str, problem: String) -> Refusal {
    Refusal::Invalid { place: String::new(), field: field.into(), problem }
}
