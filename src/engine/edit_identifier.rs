//! Editing an identifier, and taking one out of use (engine.md, step 3).
//!
//! What a delivery came by is evidence: its key, source and table stay, and only the record that they stand for is put
//! right. An identifier that a person added and that no delivery has used yet can be put right wholly. Values stay with the
//! record they went to, whatever their key stands for later; what was delivered of it and not decided yet goes along, so that
//! a later decision is about the record that the key stands for. Items that led to no record are retried by a person.

use std::collections::BTreeMap;

use super::import_row::Fields;
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::OnUnknownKey;
use crate::model::code;
use crate::model::table::{NEW_TARGET, Table};
use crate::model::text::counted;
use crate::store::{Change, IdentifierRow};

/// What of an identifier can be edited, its source, key and table only until a delivery has come by it; the last says that
/// the record is new.
const EDITABLE: [&str; 5] = ["source_system_key", "external_key", "target_table", "target_id", NEW_TARGET.name];

const TABLES: &[Table] = &[Table::Identifiers];
const WITH_ITEMS: &[Table] = &[Table::Identifiers, Table::SyncJobs, Table::SyncItems, Table::ValueMaps];

impl Operation<'_, '_> {
    pub(super) fn edit_identifier(
        &mut self,
        id: i64,
        row_version: i64,
        changes: &BTreeMap<String, String>,
    ) -> Result<Done, Error> {
        let name = self.unmoved(Table::Identifiers, id, row_version)?;
        let before = self.identifier(id)?;
        let fields = Fields::new(Table::Identifiers, String::new(), changes);
        fields.only(&EDITABLE)?;
        let after = self.edited(id, &before, changes, &fields)?;
        if before.last_seen.is_some() && !after.has_key_of(&before) {
            let field = EDITABLE.into_iter().find(|name| changes.contains_key(*name)).unwrap_or_default();
            let problem = format!(
                "deliveries have come by {name}, so its source, key and table stay as they were delivered. \
                 Add another identifier, or take this one out of use."
            );
            return Err(fields.invalid(field, problem).into());
        }
        self.check_one_target(id, &after, &fields)?;
        if after != before {
            self.note_second_key(id, &after)?;
        }
        let edits = [
            Change::text("source_system_key", Some(&after.source)),
            Change::text("external_key", Some(&after.external_key)),
            Change::text("target_table", Some(&after.target_table)),
            Change::text("target_id", after.target_id.as_deref()),
        ];
        if after.target_id != before.target_id {
            // What the key said is told by the entries of its record, which stay there.
            self.write.keep_words_of(id, &before)?;
        }
        if self.write.change_row(Table::Identifiers.info().sql, id, &edits)? {
            self.effects.change(&after.target_table, &after.source);
        }
        // Before items of the key speak of the record, too.
        let stands = self.stands_for(id, &after)?;
        let along = match self.take_items_along(&before, &after)? {
            0 => String::new(),
            1 => "; 1 item of it that was not applied goes along".into(),
            n => format!("; {} of it that were not applied go along", counted(n, "item")),
        };
        let summary = format!("Edited {name}: {stands}{along}");
        Ok(Done::new("edit", summary, if along.is_empty() { TABLES } else { WITH_ITEMS }))
    }

    /// Has the held, failed and parked items of a key lead to the record that it stands for from now on. A key that stands
    /// for none has what is held wait for that, and for no value map any more: nobody could say where its value belongs.
    pub(super) fn take_items_along(&mut self, before: &IdentifierRow, after: &IdentifierRow) -> Result<i64, Error> {
        if before.target_id == after.target_id || !after.has_key_of(before) {
            return Ok(0);
        }
        let items = self.write.undecided_of_key(before)?;
        for (item, held) in &items {
            self.lead_item(*item, *held, after.target_id.as_deref())?;
        }
        Ok(items.len() as i64)
    }

    /// Has items that are to be decided on again lead where their keys do by now, which may have been edited meanwhile.
    pub(super) fn lead_where_keys_do(&mut self, items: &[i64]) -> Result<(), Error> {
        for (item, held, target) in self.write.undecided_elsewhere(items)? {
            self.lead_item(item, held, target.as_deref())?;
        }
        Ok(())
    }

    fn lead_item(&mut self, item: i64, held: bool, target: Option<&str>) -> Result<(), Error> {
        let unknown = code::UNKNOWN_KEY.message();
        let mut changes = vec![Change::text("target_id", target)];
        if held && target.is_none() {
            changes.push(Change::text("code", Some(code::UNKNOWN_KEY.code)));
            changes.push(Change::text("process_message", Some(&unknown)));
            changes.push(Change::id("value_map", None));
        }
        self.write.change_item(item, &changes)?;
        Ok(())
    }

    /// Takes an identifier out of use.
    pub(super) fn retire_identifier(&mut self, id: i64, row_version: i64, reason: &str) -> Result<Done, Error> {
        let name = self.unmoved(Table::Identifiers, id, row_version)?;
        let row = self.identifier(id)?;
        if self.write.retire(Table::Identifiers.info().sql, id)? {
            self.effects.change(&row.target_table, &row.source);
        }
        let summary = format!("Retired {name}: {}", self.without(id, &row)?);
        Ok(Done { reason: Some(reason.to_string()), ..Done::new("retire identifier", summary, TABLES) })
    }

    fn identifier(&self, id: i64) -> Result<IdentifierRow, Error> {
        let gone = || Refusal::NotFound {
            what: Table::Identifiers.info().one,
            name: Table::Identifiers.row_name(id),
            hint: String::new(),
        };
        Ok(self.write.identifier(id)?.ok_or_else(gone)?)
    }

    /// The identifier with its changes, sources and tables in the spelling that the store knows.
    fn edited(
        &mut self,
        id: i64,
        before: &IdentifierRow,
        changes: &BTreeMap<String, String>,
        fields: &Fields,
    ) -> Result<IdentifierRow, Error> {
        let mut after = before.clone();
        if changes.contains_key("source_system_key") {
            after.source = self.write.spelling("source", &fields.required("source_system_key", 100)?)?;
        }
        if changes.contains_key("target_table") {
            after.target_table = self.write.spelling("table", &fields.required("target_table", 100)?)?;
        }
        if changes.contains_key("external_key") {
            after.external_key = fields.required("external_key", 100)?;
        }
        let given = match changes.contains_key("target_id") {
            true => fields.optional("target_id", 100)?,
            false => before.target_id.clone(),
        };
        let is_asked_for = changes.contains_key("target_id") || after.target_table != before.target_table;
        if is_asked_for && (given.is_none() || given != before.target_id || after.target_table != before.target_table) {
            after.target_id = self.target_named(id, &after.target_table, given, fields)?;
        }
        Ok(after)
    }

    /// Nobody makes a key stand for two records by an edit: its deliveries would be held.
    fn check_one_target(&self, id: i64, row: &IdentifierRow, fields: &Fields) -> Result<(), Error> {
        let others = self.write.others_of_key(id, row)?;
        let Some((other, target)) = others.into_iter().find(|(_, target)| *target != row.target_id) else {
            return Ok(());
        };
        let target = target.map_or("no record".into(), |target| format!("the record {target}"));
        let problem = format!("by {other} this key stands for {target}. Take one of the two out of use first.");
        Err(fields.invalid("target_id", problem).into())
    }

    /// What the key stands for from now on, in words; a record that nothing else speaks of may be a slip of the pen.
    fn stands_for(&self, id: i64, row: &IdentifierRow) -> Result<String, Error> {
        let key = format!("{} of {}", row.external_key, row.source);
        let Some(target) = &row.target_id else {
            return Ok(format!("{key} stands for no record; what is delivered of it is held"));
        };
        let new = if self.write.knows_target(id, &row.target_table, target)? { "" } else { " new" };
        Ok(format!("{key} stands for the{new} {} {target}; what came before stays where it went", row.target_table))
    }

    /// What becomes of a key once an identifier of it is out of use.
    fn without(&self, id: i64, row: &IdentifierRow) -> Result<String, Error> {
        let key = format!("{} of {}", row.external_key, row.source);
        let mut targets: Vec<Option<String>> =
            self.write.others_of_key(id, row)?.into_iter().map(|(_, target)| target).collect();
        targets.dedup();
        Ok(match targets.as_slice() {
            [Some(target)] => format!("{key} stands for {target} alone; items that were held for it can be retried"),
            [] if self.setup.on_unknown_key(&row.target_table, &row.source) == OnUnknownKey::Create => {
                format!("{key} is unknown now; its next delivery makes a new record")
            }
            [] => format!("{key} is unknown now; its next delivery is held"),
            _ => format!("{key} still has no one record"),
        })
    }
}
