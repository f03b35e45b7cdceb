//! Which field is meant: a target table, a record by its id or by a source's key, and one of the record's fields.

use crate::engine::{Error, Refusal};
use crate::model::Shown;
use crate::model::filter::quoted;
use crate::model::text::{nearest, shell_word};
use crate::store::{FieldKey, Reader};

/// Finds a field. `record` is a target's id, or `SOURCE:KEY`; names compare without case.
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

/// Finds a record by its id or by `SOURCE:KEY`: its table and its id.
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
    if reader.has_target(table, record)? {
        return Ok(record.to_string());
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
    match record.split_once(':') {
        Some((source, key)) => Err(unknown_key(reader, table, source, key)?),
        None => {
            let more = " A record is named by its target id or by a source's key, as SOURCE:KEY.";
            Err(unknown("record", record, &reader.targets_like(table, record)?, more))
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
