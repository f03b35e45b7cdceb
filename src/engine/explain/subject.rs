//! Which field is meant: a target table, a record by its id or by a source's key, and one of the record's fields.

use uuid::Uuid;

use crate::engine::{Error, Refusal};
use crate::model::Shown;
use crate::model::filter::quoted;
use crate::model::text::{nearest, shell_word};
use crate::store::{FieldKey, Reader};

/// How many records of one name are told.
const SEVERAL: usize = 5;

/// Finds a field. `record` is a target's id, `SOURCE:KEY`, or what the label of its table says; names compare without
/// case.
///
/// # Errors
/// A sentence with the nearest name for a table, a record or a field that nothing was ever said of, and for a key with
/// two targets.
pub fn find_field(reader: &Reader, table: &str, record: &str, field: &str) -> Result<FieldKey, Error> {
    let (table, target) = find_record(reader, table, record)?;
    let known: Vec<String> = reader.record(&table, &target)?.into_iter().map(|field| field.name).collect();
    let folded = field.to_lowercase();
    let same = known.iter().find(|name| *name == field).or(known.iter().find(|name| name.to_lowercase() == folded));
    match same {
        Some(name) => Ok((table, target, name.clone())),
        None => {
            let all: Vec<String> = known.iter().map(|name| Shown(name).to_string()).collect();
            let all = if all.is_empty() { "none yet".into() } else { all.join(", ") };
            Err(unknown("field", field, &known, &format!(" The fields of {table} {record}: {all}.")))
        }
    }
}

/// Finds a record by its id, by `SOURCE:KEY` or by its name: its table and its id.
///
/// # Errors
/// As those of [`find_field`].
pub fn find_record(reader: &Reader, table: &str, record: &str) -> Result<(String, String), Error> {
    let table = match reader.spelling("table", table)? {
        Some(table) => table,
        None => return Err(unknown("target table", table, &reader.names("table")?, "")),
    };
    let target = find_target(reader, &table, record)?;
    Ok((table, target))
}

fn find_target(reader: &Reader, table: &str, record: &str) -> Result<String, Error> {
    if let Some(target) = of_id(reader, table, record)? {
        return Ok(target);
    }
    // A source's name and a key may themselves hold colons, so that each may be the one between them.
    for (at, _) in record.match_indices(':') {
        let (source, key) = (&record[..at], &record[at + 1..]);
        let Some(source) = reader.spelling("source", source)? else { continue };
        match reader.targets_of_key(table, &source, key)?.as_slice() {
            [] => {}
            [target] => return Ok(target.clone()),
            targets => return Err(Refusal::Unexplained(two_targets(record, targets)).into()),
        }
    }
    if let Some(target) = of_name(reader, table, record)? {
        return Ok(target);
    }
    match record.split_once(':') {
        Some((source, key)) => Err(unknown_key(reader, table, source, key)?),
        None => {
            let more = " A record is named by its target id or by a source's key, as SOURCE:KEY. Its label will do where its table has one.";
            Err(unknown("record", record, &reader.targets_like(table, record)?, more))
        }
    }
}

/// The record that somebody calls by its id or by its name, whoever else it may be; none where nothing is called so.
///
/// # Errors
/// Several records have the name.
pub fn record_called(reader: &Reader, table: &str, record: &str) -> Result<Option<String>, Error> {
    let table = reader.spelling("table", table)?.unwrap_or_else(|| table.to_string());
    match of_id(reader, &table, record)? {
        Some(target) => Ok(Some(target)),
        None => of_name(reader, &table, record),
    }
}

/// A GUID is one in capitals and in braces, too.
fn of_id(reader: &Reader, table: &str, record: &str) -> Result<Option<String>, Error> {
    let guid = Uuid::parse_str(record.trim()).ok().map(|guid| guid.to_string());
    for id in [Some(record.to_string()), guid].into_iter().flatten() {
        if reader.has_target(table, &id)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn of_name(reader: &Reader, table: &str, record: &str) -> Result<Option<String>, Error> {
    let found = reader.records_named(table, record)?;
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.target.clone())),
        several => {
            let these: Vec<String> = several.iter().take(SEVERAL).map(|one| Shown(&one.called()).to_string()).collect();
            let more = if several.len() > SEVERAL { ", …" } else { "" };
            let problem =
                format!("{} is the name of several records; name one: {}{more}.", Shown(record), these.join(", "));
            Err(Refusal::Unexplained(problem).into())
        }
    }
}

fn unknown_key(reader: &Reader, table: &str, source: &str, key: &str) -> Result<Error, Error> {
    let Some(source) = reader.spelling("source", source)? else {
        return Ok(unknown("source", source, &reader.names("source")?, ""));
    };
    let more = format!(
        " Its keys for {}: steward list identifiers --filter {}",
        Shown(table),
        shell_word(&format!(
            "source:{} table:{}",
            quoted(&Shown(&source).to_string()),
            quoted(&Shown(table).to_string())
        ))
    );
    Ok(unknown("key", key, &reader.keys_like(table, &source, key)?, &more))
}

fn two_targets(record: &str, targets: &[String]) -> String {
    let targets: Vec<String> = targets.iter().map(|target| Shown(target).to_string()).collect();
    format!("The key {} has two targets (ST041); name one of them: {}.", Shown(record), targets.join(", "))
}

/// There is no such thing; the nearest name there is, else what to do.
fn unknown(what: &'static str, name: &str, names: &[String], otherwise: &str) -> Error {
    let near = nearest(name, names.iter().map(String::as_str));
    let hint = near.map_or_else(|| otherwise.to_string(), |near| format!(" Did you mean {}?", Shown(near)));
    Refusal::NotFound { what, name: name.to_string(), hint }.into()
}
