//! A look at a delivery before anything of it is taken: how many records share a key, and what looks like a mistake (engine.md,
//! "One delivery").
//!
//! It reads the delivery once, to its end, and writes nothing. What is unchanged or goes on where it stopped was looked at when
//! it came first, and gives no doubts; what the ingest refuses anyway gives none either.

use serde::Serialize;

use super::cell::key_of;
use super::ingest::{Delivery, before, session};
use super::shared_keys::{KeyCount, SharedKeys};
use super::{Engine, Error};
use crate::model::Shown;
use crate::model::record::{Cell, Fault, Record};
use crate::model::text::{counted, grouped};
use crate::rules::doubt::{self, Columns};
use crate::rules::ranking::Ranking;
use crate::store::{Reader, Write};

/// Records whose other columns are looked at for one that would be a key.
pub const LOOKED_INTO: usize = 1_000;
/// Keys that are looked up at once.
const KEYS_AT_ONCE: usize = 1_000;

/// What a look at a delivery found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    pub keys: SharedKeys,
    /// What whoever delivers should be asked about.
    pub doubts: Vec<Doubt>,
}

/// Something that looks like a mistake, and what may be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    pub doubt: DoubtKind,
    /// A sentence.
    pub said: String,
    /// The key column, or the source, that is probably right.
    pub instead: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DoubtKind {
    /// Most keys are unknown, and by a column by which the source never brought the table, though it did by another.
    KeysUnknown,
    /// Most records share their key with others.
    KeysShared,
    /// The source is new, and a known one is spelt nearly alike.
    SourceSpelling,
}

/// What the store knows of a delivery's source and table.
struct Known {
    source: String,
    table: String,
    /// The key columns of its deliveries for the table, newest first.
    brought_by: Vec<String>,
    sources: Vec<String>,
}

impl Engine {
    /// Looks at a delivery that is to be taken in. Of the first [`LOOKED_INTO`] records all columns are looked at; of the
    /// others the key's own is enough.
    ///
    /// # Errors
    /// Where the store cannot be read; what the ingest would refuse is left to that.
    pub fn look_at_delivery(
        &mut self,
        delivery: &Delivery,
        records: &mut dyn Iterator<Item = Result<Record, Fault>>,
    ) -> Result<Look, Error> {
        let known = self.known_of(delivery)?;
        let reader = match &known {
            Some(known) if doubt::by_another_column(&delivery.key_column, &known.brought_by) => {
                Some(self.store().reader()?)
            }
            _ => None,
        };
        let mut seen = Seen { keys: KeyCount::new(), columns: Columns::default(), unknown: 0, batch: Vec::new() };
        for (at, record) in records.flatten().enumerate() {
            if at < LOOKED_INTO {
                seen.columns.look(texts(&record));
            }
            let Ok(key) = key_of(&record, &delivery.key_column) else { continue };
            seen.keys.add(key);
            if let (Some(reader), Some(known)) = (&reader, &known) {
                seen.batch.push(key.to_string());
                if seen.batch.len() == KEYS_AT_ONCE {
                    seen.look_up(reader, known)?;
                }
            }
        }
        if let (Some(reader), Some(known)) = (&reader, &known) {
            seen.look_up(reader, known)?;
        }
        let keys = seen.keys.shared();
        let doubts = known.map_or_else(Vec::new, |known| seen.doubts(delivery, &known, keys));
        Ok(Look { keys, doubts })
    }

    /// None of a delivery that came before, and of one that the person may not take in.
    fn known_of(&mut self, delivery: &Delivery) -> Result<Option<Known>, Error> {
        let mut write = self.writer.begin((self.context.clock)())?;
        match session(&mut write, &self.context) {
            Err(Error::Refused(_)) => return Ok(None),
            other => other?,
        };
        let mut sources = write.known_sources()?;
        sources.extend(ranked(&write)?);
        let (source, table) = (write.spelling("source", &delivery.source)?, write.spelling("table", &delivery.table)?);
        if before(&write, delivery, &source, &table)?.is_some() {
            return Ok(None);
        }
        let brought_by = write.brought_by(&source, &table)?;
        // Nothing is kept: not even how the names were spelt.
        Ok(Some(Known { source, table, brought_by, sources }))
    }
}

/// The sources that policies name: whoever wrote them down expects them.
fn ranked(write: &Write) -> Result<Vec<String>, Error> {
    let policies = write.policies()?;
    let texts = policies.iter().filter_map(|policy| policy.authoritative_sources.as_deref());
    Ok(texts.filter_map(|text| Ranking::parse(text).ok()).flat_map(|ranking| ranking.names()).collect())
}

fn texts(record: &Record) -> impl Iterator<Item = (&str, &str)> {
    record.fields.iter().map(|(name, cell)| match cell {
        Cell::Text(text) => (&**name, text.as_str()),
        Cell::NotText(_) => (&**name, ""),
    })
}

/// What was seen of a delivery so far.
struct Seen {
    keys: KeyCount,
    columns: Columns,
    unknown: i64,
    /// Keys that are to be looked up.
    batch: Vec<String>,
}

impl Seen {
    fn look_up(&mut self, reader: &Reader, known: &Known) -> Result<(), Error> {
        self.unknown += reader.unknown_keys(&known.source, &known.table, &self.batch)?;
        self.batch.clear();
        Ok(())
    }

    fn doubts(&self, delivery: &Delivery, known: &Known, keys: SharedKeys) -> Vec<Doubt> {
        let (records, key) = (self.keys.records, Shown(&delivery.key_column));
        let (source, table) = (Shown(&known.source), Shown(&known.table));
        let mut doubts = Vec::new();
        let meant = doubt::meant_source(&delivery.source, &known.sources);
        if let Some(meant) = meant {
            let said = format!("No source \"{}\" is known, but \"{}\" is.", Shown(&delivery.source), Shown(meant));
            doubts.push(Doubt::new(DoubtKind::SourceSpelling, said, "--source", Some(meant)));
        }
        let another = doubt::by_another_column(&delivery.key_column, &known.brought_by);
        let before = known.brought_by.iter().map(String::as_str).filter(|column| another && self.columns.has(column));
        let before = before.take(1).next();
        if another && doubt::mostly_unknown(records, self.unknown) {
            let columns: Vec<String> = known.brought_by.iter().map(|column| format!("\"{}\"", Shown(column))).collect();
            let said = format!(
                "{} of {} have a key in \"{key}\" that {source} has not had for {table}, which it has brought by {} so far.",
                grouped(self.unknown),
                counted(records, "record"),
                columns.join(", ")
            );
            doubts.push(Doubt::new(DoubtKind::KeysUnknown, said, "--key", before));
        }
        if doubt::mostly_shared(records, keys.records_sharing_a_key) {
            let said = format!(
                "{} of {} share their key in \"{key}\" with others: they have {} together.",
                grouped(keys.records_sharing_a_key),
                counted(records, "record"),
                counted(keys.keys_shared, "key")
            );
            let instead = before.or_else(|| self.columns.telling_apart());
            doubts.push(Doubt::new(DoubtKind::KeysShared, said, "--key", instead));
        }
        doubts
    }
}

impl Doubt {
    fn new(doubt: DoubtKind, said: String, option: &str, instead: Option<&str>) -> Doubt {
        let said = match instead {
            Some(instead) => format!("{said} Right is probably {option} \"{}\".", Shown(instead)),
            None => said,
        };
        Doubt { doubt, said, instead: instead.map(str::to_string) }
    }
}
