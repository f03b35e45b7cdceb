//! What identifies a target record for people: its sources' keys, and its label, which are the values of the fields that the
//! store's rule `label.TABLE` names. Both are looked up by the record and stand in no row.

use std::collections::HashMap;

use anyhow::Result;
use rusqlite::Connection;

use super::Reader;
use super::sql::escaped;
use crate::model::row::{Row, Value};
use crate::model::setting::{label_fields, label_key};
use crate::model::table::RECORD_KEY;

/// Keys of one record that are told.
const KEYS: i64 = 20;

/// Records whose names are kept while rows are read: a listing may be of millions.
const KNOWN: usize = 10_000;

/// A target record as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordName {
    pub target: String,
    /// Its sources' keys, as (source, key), the oldest first.
    pub keys: Vec<(String, String)>,
    /// Empty where no label is set, or none of its fields has a value.
    pub label: String,
}

impl RecordName {
    /// `HR:E-10210`, else the record's id. Not yet `Shown`.
    pub fn called(&self) -> String {
        self.keys.first().map_or_else(|| self.target.clone(), |(source, key)| format!("{source}:{key}"))
    }

    /// `HR:E-10210`: the key by which a source knows it, else the first one, else its id. Not yet `Shown`.
    pub fn known_as(&self, source: &str) -> String {
        let own = self.keys.iter().find(|(of, _)| of == source);
        own.map_or_else(|| self.called(), |(source, key)| format!("{source}:{key}"))
    }

    /// The key that a source knows it by, else the first one; with its source where that is another one.
    pub fn key_of(&self, source: &str) -> String {
        match self.keys.iter().find(|(of, _)| of == source) {
            Some((_, key)) => key.clone(),
            None => self.keys.first().map_or(String::new(), |(source, key)| format!("{source}:{key}")),
        }
    }
}

/// The names of records, each looked up once.
#[derive(Debug, Default)]
pub(super) struct Names {
    labels: HashMap<String, Vec<String>>,
    known: HashMap<(String, String), RecordName>,
}

impl Names {
    /// Puts into a row what is looked up by its record.
    pub fn fill(&mut self, conn: &Connection, row: &mut Row) -> Result<()> {
        let fields = row.table.fields();
        if !fields.iter().any(|field| field.looked_up) || row.text("target_id").is_empty() {
            return Ok(());
        }
        let source = row.text("source_system_key").to_string();
        let (table, target) = (row.text("target_table").to_string(), row.text("target_id").to_string());
        let name = self.of(conn, &table, &target)?;
        for (field, value) in fields.iter().zip(&mut row.values).filter(|(field, _)| field.looked_up) {
            let text = if *field == RECORD_KEY { name.key_of(&source) } else { name.label.clone() };
            *value = if text.is_empty() { Value::Null } else { Value::Text(text) };
        }
        Ok(())
    }

    pub fn of(&mut self, conn: &Connection, table: &str, target: &str) -> Result<&RecordName> {
        let record = (table.to_string(), target.to_string());
        if !self.known.contains_key(&record) {
            if self.known.len() >= KNOWN {
                self.known.clear();
            }
            let name = self.look_up(conn, table, target)?;
            self.known.insert(record.clone(), name);
        }
        Ok(&self.known[&record])
    }

    fn look_up(&mut self, conn: &Connection, table: &str, target: &str) -> Result<RecordName> {
        if !self.labels.contains_key(table) {
            self.labels.insert(table.to_string(), fields_of(conn, table)?);
        }
        let fields = &self.labels[table];
        let label = if fields.is_empty() { String::new() } else { label(conn, table, target, fields)? };
        Ok(RecordName { target: target.to_string(), keys: keys(conn, table, target)?, label })
    }
}

/// The fields of a table's label, in their order; none where none is set.
fn fields_of(conn: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached("SELECT value FROM setting WHERE key = ?")?;
    let mut rows = statement.query([label_key(table)])?;
    Ok(match rows.next()? {
        Some(row) => label_fields(&row.get::<_, String>(0)?).map(str::to_string).collect(),
        None => Vec::new(),
    })
}

/// The values in force of the label's fields, in their order.
fn label(conn: &Connection, table: &str, target: &str, fields: &[String]) -> Result<String> {
    let sql = "SELECT value FROM current_value WHERE target_table = ?1 AND target_id = ?2 AND field_name = ?3";
    let mut statement = conn.prepare_cached(sql)?;
    let mut parts = Vec::new();
    for field in fields {
        let mut rows = statement.query((table, target, field))?;
        let value: Option<String> = rows.next()?.map(|row| row.get(0)).transpose()?.flatten();
        parts.extend(value.filter(|value| !value.trim().is_empty()));
    }
    Ok(parts.join(" "))
}

fn keys(conn: &Connection, table: &str, target: &str) -> Result<Vec<(String, String)>> {
    let sql = "SELECT source_system_key, external_key FROM integration_identifier
               WHERE target_id = ?1 AND target_table = ?2 AND statecode = 0 ORDER BY id LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map((target, table, KEYS), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Reader {
    /// What people know a record by.
    pub fn record_name(&self, table: &str, target: &str) -> Result<RecordName> {
        Ok(Names::default().of(&self.conn, table, target)?.clone())
    }

    /// The labels that are set: each table's rule and the fields that it names.
    pub fn label_rules(&self) -> Result<Vec<(String, String)>> {
        let sql = "SELECT key, value FROM setting WHERE key LIKE ? AND value <> '' ORDER BY key";
        self.collect(sql, [format!("{}%", label_key(""))], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The records of a table whose label is this text, case aside.
    pub fn records_named(&self, table: &str, text: &str) -> Result<Vec<RecordName>> {
        let wanted = text.trim().to_lowercase();
        let found = self.records_with(table, text, usize::MAX)?;
        let mut found: Vec<_> = found.into_iter().filter(|record| record.label.to_lowercase() == wanted).collect();
        found.sort_by_cached_key(RecordName::called);
        Ok(found)
    }

    /// Records of a table whose id begins with a text, or whose key or label holds it; at most so many.
    pub fn records_like(&self, table: &str, text: &str, limit: usize) -> Result<Vec<RecordName>> {
        let mut names = Names::default();
        // A key is written with its source as in SOURCE:KEY, too.
        let key = text.rsplit(':').next().unwrap_or_default();
        let holds = format!("%{}%", escaped(key.trim()));
        let begins = format!("{}%", escaped(text.trim()));
        let targets: Vec<String> = self.collect(
            "SELECT target_id FROM integration_identifier
             WHERE target_table = ?1 AND statecode = 0 AND target_id IS NOT NULL
               AND (external_key LIKE ?2 ESCAPE '\\' OR target_id LIKE ?3 ESCAPE '\\')
             GROUP BY target_id ORDER BY min(id) LIMIT ?4",
            (table, holds, begins, i64::try_from(limit).unwrap_or(i64::MAX)),
            |row| row.get(0),
        )?;
        let mut found = Vec::with_capacity(targets.len());
        for target in targets {
            found.push(names.of(&self.conn, table, &target)?.clone());
        }
        let mut labelled = self.records_with(table, text, limit)?;
        labelled.sort_by_cached_key(RecordName::called);
        for record in labelled {
            if found.len() < limit && !found.iter().any(|known| known.target == record.target) {
                found.push(record);
            }
        }
        Ok(found)
    }

    /// Records whose label holds each word of a text, case aside; at most so many.
    fn records_with(&self, table: &str, text: &str, limit: usize) -> Result<Vec<RecordName>> {
        let fields = fields_of(&self.conn, table)?;
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let Some(longest) = words.iter().max_by_key(|word| word.chars().count()) else { return Ok(Vec::new()) };
        let mut names = Names::default();
        let mut found: Vec<RecordName> = Vec::new();
        for field in &fields {
            let sql = "SELECT target_id, value FROM current_value WHERE target_table = ?1 AND field_name = ?2";
            let mut statement = self.conn.prepare_cached(sql)?;
            let mut rows = statement.query((table, field))?;
            while let Some(row) = rows.next()? {
                let Some(value) = row.get_ref(1)?.as_str_or_null()? else { continue };
                if !value.to_lowercase().contains(longest) {
                    continue;
                }
                let record = names.of(&self.conn, table, &row.get::<_, String>(0)?)?;
                let label = record.label.to_lowercase();
                if words.iter().all(|word| label.contains(word)) && !found.contains(record) {
                    found.push(record.clone());
                }
                if found.len() >= limit {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }
}
