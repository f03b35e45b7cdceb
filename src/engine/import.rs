//! Imports of setup: code lists, bindings, policies, value maps, identifiers. One operation each; a row that is wrong
//! refuses the whole import with its line, so that nothing is half done.

use std::collections::BTreeMap;

use super::command::{Import, ImportRow};
use super::import_row::Fields;
use super::{Done, Error, Operation};
use crate::model::choice::{
    CommitMode, Justification, MapState, OnBlank, OnEmpty, OnNoMatch, OnUnknownKey, OnUnmapped, Relationship, YesNo,
};
use crate::model::table::{NEW_TARGET, Table};
use crate::model::text::{counted, grouped, normal};
use crate::rules::name;
use crate::rules::ranking::Ranking;
use crate::store::{Change, IdentifierRow, MapRow, NewBinding, NewIdentifier, NewPolicy, NewValueMap};

/// The fields that each import takes; the header of a file names them.
pub fn fields(import: &Import) -> &'static [&'static str] {
    match import {
        Import::Codes { .. } => &["code", "label"],
        Import::Bindings => &[
            "target_table", "field_name", "source_system_key", "code_list", "on_unmapped", "on_blank", "on_no_match",
            "on_unknown_key", "fixed_value", "outbound", "on_empty",
        ],
        Import::Policies => &[
            "policy_id", "target_table", "field_name", "commit_mode", "auto_certify", "authoritative_sources",
            "stale_after_days",
        ],
        Import::ValueMaps => &[
            "map_id", "source_system_key", "code_list", "source_code", "source_label", "canonical_code_value",
            "confidence", "relationship", "note", "preferred",
        ],
        Import::Identifiers => &[
            "identifier_id", "external_key", "source_system_key", "target_table", "target_id", NEW_TARGET.name,
            "first_seen_date_time", "last_seen_date_time",
        ],
    }
}

impl Operation<'_, '_> {
    pub(super) fn import(&mut self, into: &Import, rows: &[ImportRow]) -> Result<Done, Error> {
        let mut contradicted = 0;
        // The line that last said something of a row, which a later one may contradict.
        let mut decided = BTreeMap::new();
        let mut maps = Vec::new();
        for row in rows {
            let table = match into {
                Import::Policies => Some(Table::CommitPolicies),
                Import::ValueMaps => Some(Table::ValueMaps),
                Import::Identifiers => Some(Table::Identifiers),
                Import::Codes { .. } | Import::Bindings => None,
            };
            let place = if row.line > 0 { format!("Line {}, ", row.line) } else { String::new() };
            let fields = Fields::new(table, place, &row.fields);
            fields.only(self::fields(into))?;
            let added = match into {
                Import::Codes { list } => self.import_code(list, &fields)?,
                Import::Bindings => self.import_binding(&fields)?,
                Import::Policies => self.import_policy(&fields)?,
                Import::ValueMaps => self.import_value_map(&fields, &decided)?,
                Import::Identifiers => self.import_identifier(&fields, &mut contradicted)?,
            };
            match added {
                Some(id) => {
                    decided.insert(id, row.line);
                    maps.extend(matches!(into, Import::ValueMaps).then_some(id));
                    self.effects.changed += 1;
                    self.effects.imported = table.map(|table| (table, id)).filter(|_| rows.len() == 1);
                }
                None => self.effects.hold_back("is there already", format!("line {}", row.line)),
            }
        }
        // Only now is it known which spellings the file has a row of its own for.
        for id in maps {
            let map = self.known_map(id)?;
            self.take_along(&map, &[])?;
        }
        let (what, tables): (String, &'static [Table]) = match into {
            Import::Codes { list } => (format!("{} into {list}", counted(self.effects.changed, "code")), &[]),
            Import::Bindings => (counted(self.effects.changed, "binding"), &[]),
            Import::Policies => (counted(self.effects.changed, "policy"), &[Table::CommitPolicies]),
            Import::ValueMaps => (
                counted(self.effects.changed, "value map"),
                &[Table::ValueMaps, Table::SyncItems, Table::SyncJobs, Table::Ledger],
            ),
            Import::Identifiers => (counted(self.effects.changed, "identifier"), &[Table::Identifiers]),
        };
        let name = self.effects.imported.map(|(table, id)| self.write.row_label(table.info().sql, id)).transpose()?;
        let mut summary = match name {
            Some(name) => format!("Imported {what}, {name}"),
            None => format!("Imported {what}"),
        };
        let there = self.effects.held_back_rows();
        if there > 0 {
            summary.push_str(&format!("; {} there already", grouped(there)));
        }
        if self.effects.released > 0 {
            summary.push_str(&format!("; {} released", counted(self.effects.released, "item")));
        }
        if !self.effects.closed.is_empty() {
            summary.push_str(&format!(
                "; closed, since they go by these: {}",
                counted(self.effects.closed.len() as i64, "proposal")
            ));
        }
        if contradicted > 0 {
            let keys = counted(contradicted, "key");
            let have = if contradicted == 1 { "has" } else { "have" };
            summary.push_str(&format!("; {keys} {have} two targets now, and what is delivered of it is held"));
        }
        // Taking policies back is for those who may state them.
        let kind = if matches!(into, Import::Policies) { "policy" } else { "import" };
        Ok(Done::new(kind, summary, tables))
    }

    /// The id of the entry, if it is new or changed; of the other kinds alike.
    fn import_code(&mut self, list: &str, fields: &Fields) -> Result<Option<i64>, Error> {
        let list = self.write.spelling("code_list", list)?;
        let code = fields.required("code", 100)?;
        let label = fields.optional("label", 850)?;
        match self.write.code_entry(&list, &code)? {
            None => Ok(Some(self.write.insert_code(&list, &code, label.as_deref())?)),
            Some((id, known, _)) => {
                let label = label.or(known);
                let changes = [Change::text("label", label.as_deref()), Change::int("active", 1)];
                Ok(self.write.change_code(id, &changes)?.then_some(id))
            }
        }
    }

    fn import_binding(&mut self, fields: &Fields) -> Result<Option<i64>, Error> {
        let table = fields.required("target_table", 100)?;
        let target_table = self.write.spelling("table", &table)?;
        let field_name = self.named(fields, "field_name", "field")?;
        let source = self.named(fields, "source_system_key", "source")?;
        let code_list = match fields.optional("code_list", 100)? {
            Some(list) => Some(self.known_list(&list)?),
            None => None,
        };
        let on_unmapped = fields.choice("on_unmapped", OnUnmapped::SET)?.and_then(OnUnmapped::from_code);
        let on_no_match = fields.choice("on_no_match", OnNoMatch::SET)?.and_then(OnNoMatch::from_code);
        let fixed_value = fields.optional("fixed_value", 4000)?;
        if fixed_value.is_none() && (on_unmapped == Some(OnUnmapped::Fixed) || on_no_match == Some(OnNoMatch::Fixed)) {
            return Err(fields.invalid("fixed_value", "it has to be given where an action is fixed.").into());
        }
        let outbound = fields.choice("outbound", YesNo::SET)? == Some(YesNo::Yes.code());
        if outbound && (source.is_none() || field_name.is_none()) {
            let problem = "only one field of one source can go out: give field_name and source_system_key.";
            return Err(fields.invalid("outbound", problem).into());
        }
        let on_empty =
            fields.choice("on_empty", OnEmpty::SET)?.and_then(OnEmpty::from_code).unwrap_or(OnEmpty::Default);
        if on_empty != OnEmpty::Default && !outbound {
            let problem = "it speaks of values that go out: give it where outbound is Yes.";
            return Err(fields.invalid("on_empty", problem).into());
        }
        let new = NewBinding {
            target_table: &target_table,
            field_name: field_name.as_deref(),
            source: source.as_deref(),
            code_list: code_list.as_deref(),
            on_unmapped: on_unmapped.unwrap_or(OnUnmapped::Hold),
            on_blank: fields.choice("on_blank", OnBlank::SET)?.and_then(OnBlank::from_code).unwrap_or(OnBlank::Ignore),
            on_no_match: on_no_match.unwrap_or(OnNoMatch::Keep),
            on_unknown_key: fields
                .choice("on_unknown_key", OnUnknownKey::SET)?
                .and_then(OnUnknownKey::from_code)
                .unwrap_or(OnUnknownKey::Create),
            fixed_value: fixed_value.as_deref(),
            outbound,
            on_empty,
        };
        let same_place = self.write.bindings()?.into_iter().find(|known| {
            known.target_table == target_table
                && name::same_place(known.field_name.as_deref(), field_name.as_deref())
                && known.source == source
        });
        match same_place {
            None => Ok(Some(self.write.insert_binding(&new)?)),
            Some(known) => {
                self.effects.rebound |= known.outbound;
                let changed = self.write.change_row(
                    "code_binding",
                    known.id,
                    &[
                        Change::text("code_list", new.code_list),
                        Change::int("on_unmapped", new.on_unmapped.code()),
                        Change::int("on_blank", new.on_blank.code()),
                        Change::int("on_no_match", new.on_no_match.code()),
                        Change::int("on_unknown_key", new.on_unknown_key.code()),
                        Change::text("fixed_value", new.fixed_value),
                        Change::int("outbound", i64::from(new.outbound)),
                        Change::id("on_empty", new.on_empty.stored()),
                    ],
                )?;
                Ok(changed.then_some(known.id))
            }
        }
    }

    fn import_policy(&mut self, fields: &Fields) -> Result<Option<i64>, Error> {
        let table = fields.required("target_table", 100)?;
        let target_table = if table == "*" { table } else { self.write.spelling("table", &table)? };
        let field_name = self.named(fields, "field_name", "field")?;
        let sources = fields.optional("authoritative_sources", 500)?;
        if let Some(sources) = &sources {
            Ranking::parse(sources).map_err(|error| fields.invalid("authoritative_sources", error.to_string()))?;
        }
        let same_place = self.write.policies()?.into_iter().find(|known| {
            known.target_table == target_table && name::same_place(known.field_name.as_deref(), field_name.as_deref())
        });
        let commit_mode = fields.choice("commit_mode", CommitMode::SET)?;
        let auto_certify = fields.choice("auto_certify", YesNo::SET)?;
        let stale_after_days = fields.count("stale_after_days")?;
        if let Some(known) = same_place {
            // A file states the policies anew; a form adds one, and would empty what it does not ask for.
            if fields.is_typed() {
                let name = self.write.row_label(Table::CommitPolicies.info().sql, known.id)?;
                let problem = format!("{name} is the policy of this table and field already. Edit that one.");
                return Err(fields.invalid("target_table", problem).into());
            }
            let changed = self.write.change_row(
                Table::CommitPolicies.info().sql,
                known.id,
                &[
                    Change::id("commit_mode", commit_mode),
                    Change::id("auto_certify", auto_certify),
                    Change::text("authoritative_sources", sources.as_deref()),
                    Change::id("stale_after_days", stale_after_days),
                ],
            )?;
            return Ok(changed.then_some(known.id));
        }
        let name = self.free_name(fields, Table::CommitPolicies)?;
        let id = self.write.insert_policy(&NewPolicy {
            name: name.as_deref(),
            target_table: &target_table,
            field_name: field_name.as_deref(),
            commit_mode: commit_mode.and_then(CommitMode::from_code),
            auto_certify: auto_certify.and_then(YesNo::from_code),
            authoritative_sources: sources.as_deref(),
            stale_after_days,
        })?;
        Ok(Some(id))
    }

    fn import_value_map(&mut self, fields: &Fields, decided: &BTreeMap<i64, u64>) -> Result<Option<i64>, Error> {
        let list = fields.required("code_list", 100)?;
        let code_list = self.known_list(&list)?;
        let source = self.named(fields, "source_system_key", "source")?;
        let code = fields.required("source_code", 100)?;
        let canonical = fields.optional("canonical_code_value", 100)?;
        if let Some(canonical) = &canonical {
            self.check_canonical(&code_list, canonical, &fields.place())?;
        }
        let preferred = fields.choice("preferred", YesNo::SET)? == Some(YesNo::Yes.code());
        let state = if canonical.is_some() { MapState::Active } else { MapState::Proposed };
        let relationship = fields.choice("relationship", Relationship::SET)?.and_then(Relationship::from_code);
        let new = NewValueMap {
            name: None,
            source: source.as_deref(),
            code_list: &code_list,
            source_code: &code,
            normal_code: &normal(&code),
            source_label: None,
            canonical: canonical.as_deref(),
            confidence: fields.hundredths("confidence")?.or(canonical.is_some().then_some(100)),
            state,
            relationship: relationship.unwrap_or(Relationship::Equal),
            justification: Some(Justification::Imported),
            author: canonical.is_some().then_some(self.session.person.id),
            note: None,
            preferred,
        };
        let label = fields.optional("source_label", 100)?;
        let note = fields.optional("note", 500)?;
        let new = NewValueMap { source_label: label.as_deref(), note: note.as_deref(), ..new };
        let known = self.write.value_map_of(source.as_deref(), &code_list, &code, new.normal_code)?;
        if preferred {
            let about = (code_list.as_str(), source.as_deref(), canonical.as_deref());
            self.check_preferred(about, known.as_ref().map(|map| map.id), fields)?;
        }
        let Some(known) = known else {
            let name = self.free_name(fields, Table::ValueMaps)?;
            return Ok(Some(self.write.insert_value_map(&NewValueMap { name: name.as_deref(), ..new })?));
        };
        if known.state == MapState::Active && known.canonical.as_deref() != new.canonical {
            let canonical = known.canonical.unwrap_or_default();
            let problem = match decided.get(&known.id) {
                Some(line) => {
                    format!("line {line} of the same file maps this code to {canonical}. Leave one of them out.")
                }
                None => format!("{} maps this code to {canonical} already. Edit or retire that map first.", known.name),
            };
            return Err(fields.invalid("canonical_code_value", problem).into());
        }
        let changed = self.write.change_value_map(known.id, &said_of_known(&known, &new, fields))?;
        if changed && canonical.is_some() {
            self.release(&known)?;
        }
        Ok(changed.then_some(known.id))
    }

    /// A key that comes to have two targets is no error, since one of them may be the right one; it is counted.
    fn import_identifier(&mut self, fields: &Fields, contradicted: &mut i64) -> Result<Option<i64>, Error> {
        let key = fields.required("external_key", 100)?;
        let source = fields.required("source_system_key", 100)?;
        let source = self.write.spelling("source", &source)?;
        let table = fields.required("target_table", 100)?;
        let table = self.write.spelling("table", &table)?;
        let target = self.target_named(0, &table, fields.optional("target_id", 100)?, fields)?;
        let known = self.write.identifiers(&source, &table, &[&key])?;
        if known.iter().any(|known| known.target_id == target) {
            return Ok(None);
        }
        *contradicted += i64::from(!known.is_empty());
        let name = self.free_name(fields, Table::Identifiers)?;
        let id = self.write.insert_identifier(&NewIdentifier {
            name: name.as_deref(),
            external_key: &key,
            source: &source,
            target_table: &table,
            target_id: target.as_deref(),
            first_seen: fields.time("first_seen_date_time")?,
            last_seen: fields.time("last_seen_date_time")?,
        })?;
        let row = IdentifierRow { source, target_table: table, external_key: key, target_id: target, last_seen: None };
        self.note_second_key(id, &row)?;
        Ok(Some(id))
    }

    /// An optional name of a source, table or field in its known spelling; `*` means any, as blank does.
    fn named(&mut self, fields: &Fields, field: &str, kind: &str) -> Result<Option<String>, Error> {
        match fields.optional(field, 100)? {
            Some(name) if name.trim() != "*" => Ok(Some(self.write.spelling(kind, &name)?)),
            _ => Ok(None),
        }
    }

    /// The name that an import gives a row, if it is free.
    fn free_name(&mut self, fields: &Fields, table: Table) -> Result<Option<String>, Error> {
        let field = table.fields()[0].name;
        let name = fields.optional(field, 850)?;
        if let Some(name) = &name
            && self.write.name_taken(table, name)?
        {
            return Err(fields.invalid(field, format!("the name {name} is taken.")).into());
        }
        Ok(name)
    }
}

/// What a row of a file says of a code that is known: the fields that it gives, and the decision if it is one.
fn said_of_known<'a>(known: &MapRow, new: &NewValueMap<'a>, fields: &Fields) -> Vec<Change<'a>> {
    let decides = new.canonical.is_some() && known.state != MapState::Active;
    let given = |field: &str| decides || fields.text(field).is_some();
    let mut said = Vec::new();
    if decides {
        said.push(Change::text("canonical_code_value", new.canonical));
        said.push(Change::int("state", new.state.code()));
        said.push(Change::int("justification", Justification::Imported.code()));
        said.push(Change::id("author", new.author));
    }
    if given("confidence") {
        said.push(Change::id("confidence", new.confidence));
    }
    if given("relationship") {
        said.push(Change::int("relationship", new.relationship.code()));
    }
    if given("preferred") {
        said.push(Change::int("preferred", i64::from(new.preferred)));
    }
    said.extend(new.source_label.map(|label| Change::text("source_label", Some(label))));
    said.extend(new.note.map(|note| Change::text("note", Some(note))));
    said
}
