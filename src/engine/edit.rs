//! Editing a value map in a form: checked field by field, and refused if the row moved since it was read.

use std::collections::BTreeMap;

use super::import_row::Fields;
use super::map::{about, decided_as, stays};
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::{Justification, MapState, Relationship, YesNo};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::store::Change;

const TABLES: &[Table] = &[Table::ValueMaps, Table::SyncItems, Table::SyncJobs, Table::Ledger];

/// What of a value map can be edited; its source, list and code are what it is about.
pub const EDITABLE: [&str; 6] =
    ["source_label", "canonical_code_value", "confidence", "relationship", "note", "preferred"];

/// Characters of a value that a sentence about an edit shows; the log holds the whole.
const SHOWN: usize = 60;

impl Operation<'_, '_> {
    pub(super) fn edit_value_map(
        &mut self,
        id: i64,
        row_version: i64,
        changes: &BTreeMap<String, String>,
    ) -> Result<Done, Error> {
        let map = self.write.value_map(id)?.filter(|map| map.active).ok_or_else(|| Refusal::NotFound {
            what: "value map",
            name: Table::ValueMaps.row_name(id),
            hint: String::new(),
        })?;
        self.unmoved(Table::ValueMaps, id, row_version)?;
        let fields = Fields::new(Table::ValueMaps, String::new(), changes);
        fields.only(&EDITABLE)?;
        let canonical = fields.optional("canonical_code_value", 100)?;
        let mut edits = Vec::new();
        if changes.contains_key("canonical_code_value") {
            match &canonical {
                Some(canonical) => self.check_canonical(&map.code_list, canonical, "")?,
                None if map.state == MapState::Active => {
                    return Err(fields.invalid("canonical_code_value", "an active map needs a canonical code.").into());
                }
                None => {}
            }
            edits.push(Change::text("canonical_code_value", canonical.as_deref()));
        }
        let label = fields.optional("source_label", 100)?;
        let note = fields.optional("note", 500)?;
        let confidence = fields.hundredths("confidence")?;
        let relationship = fields.choice("relationship", Relationship::SET)?;
        if changes.contains_key("source_label") {
            edits.push(Change::text("source_label", label.as_deref()));
        }
        if changes.contains_key("note") {
            edits.push(Change::text("note", note.as_deref()));
        }
        if changes.contains_key("confidence") {
            edits.push(Change::id("confidence", confidence));
        }
        if let Some(code) = relationship {
            edits.push(Change::int("relationship", code));
        }
        let decides = canonical.is_some() && map.state != MapState::Active;
        if decides {
            edits.push(Change::int("state", MapState::Active.code()));
        }
        let preferred = match fields.choice("preferred", YesNo::SET)? {
            Some(code) => code == YesNo::Yes.code(),
            None => map.preferred,
        };
        if preferred {
            let active = decides || map.state == MapState::Active;
            let code = canonical.as_deref().or(map.canonical.as_deref()).filter(|_| active);
            self.check_preferred((&map.code_list, map.source.as_deref(), code), Some(id), &fields)?;
        }
        edits.push(Change::int("preferred", i64::from(preferred)));
        // What was decided already stays the word of who decided it, whatever else is edited.
        if decides || (canonical.is_some() && canonical != map.canonical) {
            edits.push(Change::int("justification", Justification::Manual.code()));
            edits.push(Change::int("author", self.session.person.id));
        }
        if self.write.change_value_map(id, &edits)? {
            self.effects.changed += 1;
            // Items held for too low a confidence wait for an active map, too.
            self.release(&map)?;
            self.take_along(&map, &[])?;
        }
        let released = counted(self.effects.released, "item");
        let said = match &canonical {
            // How exact it is stands among what was set.
            Some(code) if decides || canonical != map.canonical => {
                decided_as(&map, Some(code), Relationship::Equal) + stays(map.state)
            }
            _ => about(&map),
        };
        let besides = changes.iter().filter(|(name, _)| *name != "canonical_code_value");
        let set = set_to(Table::ValueMaps, besides);
        let along = self.along();
        let summary = format!("Edited {}, {said}{set}{along}: {released} released", map.name);
        Ok(Done::new("edit", summary, TABLES))
    }
}

/// How a sentence says what fields were set to, behind a space; nothing where none was.
pub(super) fn set_to<'a>(table: Table, changes: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let field = |(name, value): (&String, &String)| {
        let title = table.field(name).map_or(name.as_str(), |field| field.title);
        let value = value.trim();
        match value.char_indices().nth(SHOWN) {
            _ if value.is_empty() => format!("no {title}"),
            Some((end, _)) => format!("{title} \"{}…\"", &value[..end]),
            None => format!("{title} \"{value}\""),
        }
    };
    let set: Vec<String> = changes.map(field).collect();
    if set.is_empty() { String::new() } else { format!(" ({})", set.join(", ")) }
}
