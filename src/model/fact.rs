//! Facts: what the store reads and the rules decide on, carried from one to the other by the engine.

use super::choice::{CommitMode, LedgerStatus, MapState, OnBlank, OnEmpty, OnNoMatch, OnUnknownKey, OnUnmapped, YesNo};
use super::time::Micros;

/// An active row of `code_binding`; inactive ones are not passed in.
///
/// A binding without a field speaks of the table's records, and only its `on_unknown_key` counts; one without a
/// source (or with `*`) speaks of every source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub id: i64,
    pub target_table: String,
    pub field_name: Option<String>,
    pub source: Option<String>,
    pub code_list: Option<String>,
    pub on_unmapped: OnUnmapped,
    pub on_blank: OnBlank,
    pub on_no_match: OnNoMatch,
    pub on_unknown_key: OnUnknownKey,
    pub fixed_value: Option<String>,
    pub outbound: bool,
    /// Of a value that goes out and became empty.
    pub on_empty: OnEmpty,
}

/// An active row of `integration_commit_policy`; inactive ones are not passed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub id: i64,
    /// A table's name, or `*` for every table.
    pub target_table: String,
    /// None, blank and `*` mean every field.
    pub field_name: Option<String>,
    pub mode: Option<CommitMode>,
    pub auto_certify: Option<YesNo>,
    /// As `rules::ranking` reads it.
    pub authoritative_sources: Option<String>,
    /// None: never stale. 0: a holder is never protected.
    pub stale_after_days: Option<i64>,
}

/// A row of `integration_value_map` whose statecode is Active, in any state; all of one code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFact {
    pub id: i64,
    /// None: any source.
    pub source: Option<String>,
    /// The source code, exactly as it is delivered.
    pub code: String,
    /// [`super::text::normal`] of the code.
    pub normal_code: String,
    pub state: MapState,
    /// Stands in every map whose state is Active.
    pub canonical: Option<String>,
    /// Hundredths, 0 to 100.
    pub confidence: Option<i64>,
}

/// An active, decided value map as it is read backwards: which of a source's codes stands for a canonical code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseMap {
    pub id: i64,
    /// The row's name, for sentences.
    pub name: String,
    /// None: any source.
    pub source: Option<String>,
    pub code: String,
    pub canonical: String,
    pub preferred: bool,
}

/// A ledger entry of one field of one record, as far as survivorship asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: i64,
    pub status: LedgerStatus,
    /// Written although still Pending.
    pub live: bool,
    /// The statecode: an entry that a newer value of its source superseded is not.
    pub active: bool,
    pub pinned: bool,
    /// 0 is the highest.
    pub rank: i64,
    /// UTC microseconds; the job's submitted time where the source gave none.
    pub source_time: Micros,
    /// The record's place in its delivery.
    pub sequence: i64,
    pub source: String,
    /// A decision (a person's choice, or a verdict that wrote over it) put that entry before this one; it counts while
    /// that entry is eligible.
    pub displaced_by: Option<i64>,
}

/// A change of a row in the log, and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch<C> {
    pub at: Micros,
    /// The act that it belongs to, by one number whatever the number of its operations.
    pub act: i64,
    /// The act that it takes back.
    pub takes_back: Option<i64>,
    /// The person named and, where somebody acted for them, the one at the keyboard.
    pub by: Vec<i64>,
    pub change: C,
}
