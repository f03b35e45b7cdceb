//! Legal holds: what must not be disposed of until somebody lifts them.

use super::asked::{invalid, not_found};
use super::command::HoldOn;
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::Direction;
use crate::model::filter::Filter;
use crate::model::table::Table;
use crate::store::NewHold;

/// The longest filter of a hold, in characters.
const MAX_FILTER: usize = 1000;

impl Operation<'_, '_> {
    pub(super) fn hold(&mut self, on: &HoldOn, reason: &str) -> Result<Done, Error> {
        let (hold, about) = match on {
            HoldOn::Record { target_table, target_id } => {
                (NewHold::Record { target_table, target_id }, format!("the record {target_table} {target_id}"))
            }
            HoldOn::Rows { table, filter } => {
                if !matches!(table, Table::SyncItems | Table::Ledger) {
                    return Err(invalid("table", "only sync-items and ledger hold values to keep.".into()).into());
                }
                Filter::narrowing(*table, filter).map_err(Refusal::Filter)?;
                if filter.chars().count() > MAX_FILTER {
                    let problem = format!("a hold's filter has at most {MAX_FILTER} characters.");
                    return Err(invalid("filter", problem).into());
                }
                (NewHold::Rows { table: *table, filter }, format!("the {} that match {filter}", table.info().title))
            }
            HoldOn::File { job } => {
                let found = self.write.job(*job)?.ok_or_else(|| not_found(Table::SyncJobs, *job))?;
                let name = Table::SyncJobs.row_name(*job);
                if found.direction == Direction::Outbound {
                    return Err(Refusal::Transition(format!("{name} went out to a source; it is no delivery.")).into());
                }
                (NewHold::File { job: *job }, format!("what {name} brought"))
            }
        };
        let id = self.write.insert_hold(&hold, reason)?;
        self.effects.changed += 1;
        let summary = format!("Set the legal hold HLD-{id:07} on {about}");
        Ok(Done { reason: Some(reason.to_string()), ..Done::new("hold", summary, &[]) })
    }

    pub(super) fn lift_hold(&mut self, id: i64, row_version: i64, reason: &str) -> Result<Done, Error> {
        let hold = self.write.hold(id)?.ok_or_else(|| Refusal::NotFound {
            what: "legal hold",
            name: id.to_string(),
            hint: " steward hold list lists what there is.".into(),
        })?;
        let name = hold.name();
        if !hold.active {
            return Err(Refusal::Transition(format!("{name} was lifted before.")).into());
        }
        if hold.row_version != row_version {
            return Err(Refusal::Transition(format!("{name} has changed meanwhile: look at it again.")).into());
        }
        self.write.lift_hold(id)?;
        self.effects.changed += 1;
        let summary = format!("Lifted the legal hold {name}");
        Ok(Done { reason: Some(reason.to_string()), ..Done::new("lift hold", summary, &[]) })
    }
}
