//! What people ask an operation for: rows by id or by filter, a reason, and one row that turns out not to be allowed.

use std::collections::BTreeSet;

use super::command::{Command, Rows};
use super::refusal::minute;
use super::{Error, Operation, Refusal};
use crate::model::filter::Filter;
use crate::model::table::Table;
use crate::model::{Shown, is_blank};

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// Up to so many rows are told one by one who changed them.
const NAMED: usize = 20;

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

    /// Why a row is held back as it stands, with who brought it there: whoever lost a race is to know to whom. Where many
    /// rows are asked for they are grouped by the reason alone.
    pub(super) fn as_it_stands(&self, why: &str, table: Table, id: i64, of: usize) -> Result<String, Error> {
        match self.write.version_of(table, id)? {
            Some(row) if of <= NAMED && row.version > 1 => {
                Ok(format!("{why}. {} changed it at {}", Shown(&row.by), minute(row.at)))
            }
            _ => Ok(why.to_string()),
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

/// A reason is kept with the rows, so it has to fit; and one that says nothing is none, whatever it would allow.
pub(super) fn check_reason(command: &Command) -> Result<(), Refusal> {
    let Some((reason, asked)) = reason_of(command) else { return Ok(()) };
    if is_blank(reason) {
        return Err(invalid("reason", asked.into()));
    }
    if reason.chars().count() > MAX_REASON {
        return Err(invalid("reason", format!("a reason has at most {MAX_REASON} characters.")));
    }
    Ok(())
}

/// The reason that a command gives, and what is said where it is blank.
fn reason_of(command: &Command) -> Option<(&str, &'static str)> {
    match command {
        Command::MapMany { reason, .. }
        | Command::Decide { reason, .. }
        | Command::Pin { reason, .. }
        | Command::Retry { reason, .. }
        | Command::Park { reason, .. }
        | Command::Attest { reason, .. }
        | Command::Withdraw { reason, .. }
        | Command::Reevaluate { reason, .. } => {
            reason.as_deref().map(|reason| (reason, "it is blank; say why in words, or give none."))
        }
        Command::EditRetry { reason, .. } => Some((reason, "an edited value needs a reason.")),
        Command::RetireMap { reason, .. } => {
            Some((reason, "say why the map goes out of use; whoever meets its code again will ask."))
        }
        Command::RetireIdentifier { reason, .. } => {
            Some((reason, "say why the identifier goes out of use; whoever meets its key again will ask."))
        }
        Command::Close { reason, .. } => {
            Some((reason, "say why the items are closed for good; whoever meets them again will ask."))
        }
        Command::Dispose { reason, .. } => Some((reason, "name the records schedule, in 1 to 500 characters.")),
        Command::Hold { reason, .. } => Some((reason, "say why the rows are held; whoever disposes of some will ask.")),
        Command::LiftHold { reason, .. } => Some((reason, "say why the hold is lifted; it is kept in the log.")),
        Command::Map { .. }
        | Command::RejectMatch { .. }
        | Command::NoMatch { .. }
        | Command::Flag { .. }
        | Command::Unpark { .. }
        | Command::EditValueMap { .. }
        | Command::EditPolicy { .. }
        | Command::EditIdentifier { .. }
        | Command::Import { .. }
        | Command::Undo { .. }
        | Command::Set { .. }
        | Command::AddUser { .. }
        | Command::SetRoles { .. } => None,
    }
}

pub(super) fn invalid(field: &str, problem: String) -> Refusal {
    Refusal::Invalid { place: String::new(), field: field.into(), problem }
}
