//! Editing a commit policy in a form: its place stays, and it is refused if the row moved since it was read.

use std::collections::BTreeMap;

use super::edit::set_to;
use super::import_row::Fields;
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::{CommitMode, YesNo};
use crate::model::table::Table;
use crate::rules::ranking::Ranking;
use crate::store::Change;

/// What of a policy can be edited; its table and field are its place.
const EDITABLE: [&str; 4] = ["commit_mode", "auto_certify", "authoritative_sources", "stale_after_days"];

/// What is wrong with a ranking of authoritative sources, if anything is.
pub fn sources_problem(text: &str) -> Option<String> {
    Ranking::parse(text).err().map(|error| error.to_string())
}

impl Operation<'_, '_> {
    pub(super) fn edit_policy(
        &mut self,
        id: i64,
        row_version: i64,
        changes: &BTreeMap<String, String>,
    ) -> Result<Done, Error> {
        let table = Table::CommitPolicies;
        let name = self.unmoved(table, id, row_version)?;
        let fields = Fields::new(Some(table), String::new(), changes);
        fields.only(&EDITABLE)?;
        let sources = fields.optional("authoritative_sources", 500)?;
        if let Some(sources) = &sources {
            Ranking::parse(sources).map_err(|error| fields.invalid("authoritative_sources", error.to_string()))?;
        }
        let all = [
            Change::id("commit_mode", fields.choice("commit_mode", CommitMode::SET)?),
            Change::id("auto_certify", fields.choice("auto_certify", YesNo::SET)?),
            Change::text("authoritative_sources", sources.as_deref()),
            Change::id("stale_after_days", fields.count("stale_after_days")?),
        ];
        let given = EDITABLE.iter().zip(all).filter(|(name, _)| changes.contains_key(**name));
        let edits: Vec<Change> = given.map(|(_, change)| change).collect();
        if self.write.change_row(table.info().sql, id, &edits)? {
            self.effects.changed += 1;
        }
        let set = set_to(table, changes.iter());
        let summary = format!("Edited {name}{set}; what it decided before stays until it is re-evaluated");
        Ok(Done::new("policy", summary, &[Table::CommitPolicies]))
    }

    /// The name of a row that is edited; refuses one that is gone, or that somebody changed after it was read.
    pub(super) fn unmoved(&self, table: Table, id: i64, row_version: i64) -> Result<String, Error> {
        let gone = |name| Refusal::NotFound { what: table.info().one, name, hint: String::new() };
        let now = self.write.version_of(table, id)?.ok_or_else(|| gone(table.row_name(id)))?;
        if now.version != row_version {
            return Err(Refusal::RowMoved { row: now.name, by: now.by, at: now.at }.into());
        }
        if !now.active {
            return Err(gone(now.name).into());
        }
        Ok(now.name)
    }
}
