//! Operations of the log as they are read back: to be hashed again, and to be shown as a proof.

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::canonical::{Hash, hex, unhex};
use super::log::Hashed;
use crate::model::time::Micros;

/// A row of `operation`. As JSON: the columns, hashes and ids as hex digits, times as the microseconds that are hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    pub seq: i64,
    #[serde(serialize_with = "as_hex", deserialize_with = "of_hex")]
    pub op_id: Vec<u8>,
    pub kind: String,
    pub at: Micros,
    pub actor: String,
    pub role: String,
    pub on_behalf_of: Option<String>,
    pub host: String,
    pub program_version: String,
    pub summary: String,
    pub reason: Option<String>,
    pub undoes: Option<i64>,
    pub rows_created: String,
    pub rows_changed: i64,
    #[serde(serialize_with = "as_hex", deserialize_with = "of_hex")]
    pub rows_hash: Vec<u8>,
    #[serde(serialize_with = "as_hex", deserialize_with = "of_hex")]
    pub prev_hash: Vec<u8>,
    #[serde(serialize_with = "as_hex", deserialize_with = "of_hex")]
    pub hash: Vec<u8>,
    /// Of an operation of an older format neither.
    #[serde(default, serialize_with = "as_hex_or_null", deserialize_with = "of_hex_or_null")]
    pub touched: Option<Vec<u8>>,
    #[serde(default, serialize_with = "as_hex_or_null", deserialize_with = "of_hex_or_null")]
    pub kept: Option<Vec<u8>>,
}

/// A range of rows that an operation created: table, first id, last id.
pub(super) type Range = (String, i64, i64);

pub(super) const COLUMNS: &str = "seq, op_id, kind, at, actor, role, on_behalf_of, host, program_version, summary,
    reason, undoes, rows_created, rows_changed, rows_hash, prev_hash, hash, touched, kept";

impl Stored {
    /// Reads a row that was selected with [`COLUMNS`].
    pub(super) fn read(row: &Row) -> rusqlite::Result<Stored> {
        Ok(Stored {
            seq: row.get(0)?,
            op_id: row.get(1)?,
            kind: row.get(2)?,
            at: row.get(3)?,
            actor: row.get(4)?,
            role: row.get(5)?,
            on_behalf_of: row.get(6)?,
            host: row.get(7)?,
            program_version: row.get(8)?,
            summary: row.get(9)?,
            reason: row.get(10)?,
            undoes: row.get(11)?,
            rows_created: row.get(12)?,
            rows_changed: row.get(13)?,
            rows_hash: row.get(14)?,
            prev_hash: row.get(15)?,
            hash: row.get(16)?,
            touched: row.get(17)?,
            kept: row.get(18)?,
        })
    }

    /// Its hash as 64 hex digits, as a digest holds it.
    pub fn hash_digits(&self) -> String {
        hex(&self.hash)
    }

    pub(super) fn find(conn: &Connection, seq: i64) -> Result<Stored> {
        let sql = format!("SELECT {COLUMNS} FROM operation WHERE seq = ?");
        let found = conn.prepare_cached(&sql)?.query_row([seq], Stored::read).optional()?;
        found.with_context(|| format!("Operation {seq} is not in the log"))
    }

    /// What its hash has to be.
    pub(super) fn hash_again(&self, store_id: &str) -> Hash {
        Hashed {
            store_id,
            prev_hash: &self.prev_hash,
            seq: self.seq,
            op_id: &self.op_id,
            kind: &self.kind,
            at: self.at,
            actor: &self.actor,
            role: &self.role,
            on_behalf_of: self.on_behalf_of.as_deref(),
            host: &self.host,
            program_version: &self.program_version,
            summary: &self.summary,
            reason: self.reason.as_deref(),
            undoes: self.undoes,
            rows_created: &self.rows_created,
            rows_changed: self.rows_changed,
            rows_hash: &self.rows_hash,
            vouches: self.touched.as_deref().zip(self.kept.as_deref()),
        }
        .hash()
    }

    /// The rows that it created. A text that cannot be read has none: the hash says that it was changed.
    pub(super) fn created(&self) -> Vec<Range> {
        serde_json::from_str(&self.rows_created).unwrap_or_default()
    }
}

fn as_hex_or_null<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => as_hex(bytes, serializer),
        None => serializer.serialize_none(),
    }
}

fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex(bytes))
}

fn of_hex<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let digits = String::deserialize(from)?;
    unhex(&digits).ok_or_else(|| de::Error::custom("these are no hex digits"))
}

fn of_hex_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
    match Option::<String>::deserialize(from)? {
        Some(digits) => unhex(&digits).map(Some).ok_or_else(|| de::Error::custom("these are no hex digits")),
        None => Ok(None),
    }
}
