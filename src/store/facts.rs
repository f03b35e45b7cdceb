//! A chunk's facts, read at once: a fixed number of statements a chunk, whatever the number of records.
//!
//! Lists of keys go in as one JSON array each, which SQLite unfolds with `json_each`. Nothing is decided here.

use anyhow::Result;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::sql::folded;
use super::write::Write;
use crate::model::choice::{
    CommitMode, ItemState, MapState, OnBlank, OnEmpty, OnNoMatch, OnUnknownKey, OnUnmapped, YesNo,
};
use crate::model::fact::{Binding, MapFact, Policy};
use crate::model::time::Micros;

/// An active identifier of a source's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierFact {
    pub id: i64,
    pub external_key: String,
    pub target_id: Option<String>,
    pub last_seen: Option<Micros>,
}

/// A choice read from a column; an unknown code is an error.
pub(super) fn choice<T>(code: i64, from_code: fn(i64) -> Option<T>) -> rusqlite::Result<T> {
    from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, code))
}

fn optional_choice<T>(code: Option<i64>, from_code: fn(i64) -> Option<T>) -> rusqlite::Result<Option<T>> {
    code.map(|code| choice(code, from_code)).transpose()
}

pub(super) fn array(values: &(impl Serialize + ?Sized)) -> Result<String> {
    Ok(serde_json::to_string(values)?)
}

impl Write<'_> {
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        debug_assert!(self.gathered.is_empty(), "rows are read that were not put in their tables: {sql}");
        let mut statement = self.tx.prepare_cached(sql)?;
        Ok(statement.query_map(params, read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The active identifiers of some keys of one source and table.
    pub fn identifiers(&self, source: &str, table: &str, keys: &[&str]) -> Result<Vec<IdentifierFact>> {
        self.rows(
            "SELECT i.id, i.external_key, i.target_id, i.last_seen_date_time
             FROM json_each(?3) AS k CROSS JOIN integration_identifier AS i
             ON i.external_key = k.value AND i.source_system_key = ?1 AND i.target_table = ?2 WHERE i.statecode = 0",
            (source, table, array(keys)?),
            |row| {
                Ok(IdentifierFact {
                    id: row.get(0)?,
                    external_key: row.get(1)?,
                    target_id: row.get(2)?,
                    last_seen: row.get(3)?,
                })
            },
        )
    }

    /// The active value maps of a code list for some codes, given in their normal form.
    pub fn value_maps(&self, list: &str, normal_codes: &[&str]) -> Result<Vec<MapFact>> {
        self.rows(
            "SELECT m.id, m.source_system_key, m.source_code, m.normal_code, m.state, m.canonical_code_value, m.confidence
             FROM json_each(?2) AS k CROSS JOIN integration_value_map AS m
             ON m.code_list = ?1 AND m.normal_code = k.value WHERE m.statecode = 0",
            (list, array(normal_codes)?),
            |row| {
                Ok(MapFact {
                    id: row.get(0)?,
                    source: row.get(1)?,
                    code: row.get(2)?,
                    normal_code: row.get(3)?,
                    state: choice(row.get(4)?, MapState::from_code)?,
                    canonical: row.get(5)?,
                    confidence: row.get(6)?,
                })
            },
        )
    }

    /// The active commit policies.
    pub fn policies(&self) -> Result<Vec<Policy>> {
        self.rows(
            "SELECT id, target_table, field_name, commit_mode, auto_certify, authoritative_sources, stale_after_days
             FROM integration_commit_policy WHERE statecode = 0",
            [],
            |row| {
                Ok(Policy {
                    id: row.get(0)?,
                    target_table: row.get(1)?,
                    field_name: row.get(2)?,
                    mode: optional_choice(row.get(3)?, CommitMode::from_code)?,
                    auto_certify: optional_choice(row.get(4)?, YesNo::from_code)?,
                    authoritative_sources: row.get(5)?,
                    stale_after_days: row.get(6)?,
                })
            },
        )
    }

    /// The active code bindings.
    pub fn bindings(&self) -> Result<Vec<Binding>> {
        self.rows(BINDINGS, [], binding)
    }

    /// The names of the code lists that have entries. Each is found from the one before it: to look at all entries of a
    /// long list would take a chunk longer than many of its values do.
    pub fn code_lists(&self) -> Result<Vec<String>> {
        self.rows(
            "WITH RECURSIVE list (name) AS (
                SELECT min(code_list) FROM code_list_entry
                UNION ALL
                SELECT (SELECT min(code_list) FROM code_list_entry WHERE code_list > name) FROM list WHERE name IS NOT NULL
             ) SELECT name FROM list WHERE name IS NOT NULL",
            [],
            |row| row.get(0),
        )
    }

    /// Which of some codes are active entries of a list.
    pub fn active_codes(&self, list: &str, codes: &[&str]) -> Result<Vec<String>> {
        self.rows(
            "SELECT e.code FROM json_each(?2) AS k CROSS JOIN code_list_entry AS e
             ON e.code_list = ?1 AND e.code = k.value WHERE e.active = 1",
            (list, array(codes)?),
            |row| row.get(0),
        )
    }

    /// Goes through all codes of a list, also those that were retired: what they meant they may still mean to a source. It
    /// reads no row that an operation may have gathered.
    pub fn each_code(&self, list: &str, mut tell: impl FnMut(&str)) -> Result<()> {
        let mut statement = self.tx.prepare_cached("SELECT code FROM code_list_entry WHERE code_list = ?")?;
        let mut rows = statement.query([list])?;
        while let Some(row) = rows.next()? {
            tell(row.get_ref(0)?.as_str()?);
        }
        Ok(())
    }

    /// Raises when some identifiers were last seen; it never goes back.
    pub fn raise_last_seen(&mut self, identifiers: &[i64], seen: Micros) -> Result<()> {
        self.tx
            .prepare_cached(
                "UPDATE integration_identifier SET last_seen_date_time = ?1
                 WHERE id IN (SELECT value FROM json_each(?2)) AND coalesce(last_seen_date_time < ?1, 1)",
            )?
            .execute((seen, array(identifiers)?))?;
        Ok(())
    }

    /// The spelling by which a name of a kind is known by now.
    pub fn known_spelling(&self, kind: &str, name: &str) -> Result<Option<String>> {
        let sql = "SELECT spelling FROM vocabulary WHERE kind = ? AND folded = ?";
        Ok(self.tx.prepare_cached(sql)?.query_row((kind, folded(name)), |row| row.get(0)).optional()?)
    }

    /// The names of a kind that the store knows.
    pub fn known_names(&self, kind: &str) -> Result<Vec<String>> {
        self.rows("SELECT spelling FROM vocabulary WHERE kind = ? ORDER BY folded", [kind], |row| row.get(0))
    }

    /// The spelling by which a name of a kind is known; its first use settles it.
    pub fn spelling(&mut self, kind: &str, name: &str) -> Result<String> {
        if let Some(spelling) = self.known_spelling(kind, name)? {
            return Ok(spelling);
        }
        self.tx.prepare_cached("INSERT INTO vocabulary (kind, folded, spelling) VALUES (?, ?, ?)")?.execute((
            kind,
            folded(name),
            name,
        ))?;
        Ok(name.to_string())
    }
}

/// Reads an item state from a column.
pub(super) fn item_state(code: i64) -> rusqlite::Result<ItemState> {
    choice(code, ItemState::from_code)
}

/// The active code bindings, as [`binding`] reads them.
pub(super) const BINDINGS: &str =
    "SELECT id, target_table, field_name, source_system_key, code_list, on_unmapped, on_blank, on_no_match, on_unknown_key,
            fixed_value, outbound, coalesce(on_empty, 1)
     FROM code_binding WHERE active = 1";

pub(super) fn binding(row: &rusqlite::Row) -> rusqlite::Result<Binding> {
    Ok(Binding {
        id: row.get(0)?,
        target_table: row.get(1)?,
        field_name: row.get(2)?,
        source: row.get(3)?,
        code_list: row.get(4)?,
        on_unmapped: choice(row.get(5)?, OnUnmapped::from_code)?,
        on_blank: choice(row.get(6)?, OnBlank::from_code)?,
        on_no_match: choice(row.get(7)?, OnNoMatch::from_code)?,
        on_unknown_key: choice(row.get(8)?, OnUnknownKey::from_code)?,
        fixed_value: row.get(9)?,
        outbound: row.get(10)?,
        on_empty: choice(row.get(11)?, OnEmpty::from_code)?,
    })
}
