//! Commands as data: the same value runs from a key, from the command line and from a test.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::choice::Relationship;
use crate::model::row::Row;
use crate::model::table::Table;
use crate::rules::name;

/// What a person asks for. One command is one operation, which is one transaction and one row of the operation log; on very
/// many rows it may be several, see [`super::Engine::run_in_chunks`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Gives a source's code its canonical code and releases the items that wait for it.
    Map {
        map: MapKey,
        canonical: String,
        relationship: Relationship,
    },
    /// Decides several codes at once: a spelling family, a file, or suggestions that a person previewed. What is decided
    /// already is left alone.
    MapMany {
        choices: Vec<MapChoice>,
        reason: Option<String>,
        /// Maps that a person left out: their proposals stay open, though one that is decided may speak for them.
        #[serde(default)]
        left_out: Vec<i64>,
    },
    /// Takes a value map out of use. What came through it stays; the code is proposed again at its next delivery.
    RetireMap {
        id: i64,
        row_version: i64,
        reason: String,
    },
    /// Says that a code does not stand for a canonical code: suggestions heed it, and its items go on waiting.
    RejectMatch {
        map: MapKey,
        canonical: String,
        note: Option<String>,
    },
    /// Decides that a source's code has no match; the binding's `on_no_match` says what its items become.
    NoMatch {
        map: MapKey,
    },
    /// Marks a code as in question; its items go on waiting.
    Flag {
        map: MapKey,
        note: Option<String>,
    },
    /// Certifies, rejects or revokes ledger entries.
    Decide {
        verb: Verb,
        rows: Rows,
        reason: Option<String>,
    },
    /// Holds the value in force of a field until a person lets it go, or lets it go.
    Pin {
        target_table: String,
        target_id: String,
        field_name: String,
        pinned: bool,
        reason: Option<String>,
    },
    /// Decides on held, failed and parked items again, from their raw value.
    Retry {
        rows: Rows,
        reason: Option<String>,
    },
    /// Decides on one of them again from another input; `row_version` is the version that the edit was based on.
    EditRetry {
        item: i64,
        row_version: i64,
        raw: String,
        reason: String,
    },
    /// Sets held and failed items aside.
    Park {
        rows: Rows,
        reason: Option<String>,
    },
    /// Takes parked items up again.
    Unpark {
        rows: Rows,
    },
    /// Sets held, failed and parked items aside for good.
    Close {
        rows: Rows,
        reason: String,
    },
    /// Vouches for a whole record, table or delivery, and certifies the pending entries below it.
    Attest {
        scope: Attested,
        reason: Option<String>,
    },
    /// Takes back what a delivery said, by the id of its job.
    Withdraw {
        job: i64,
        reason: Option<String>,
    },
    /// Changes fields of a value map; `row_version` is the version that the edit was based on.
    EditValueMap {
        id: i64,
        row_version: i64,
        changes: BTreeMap<String, String>,
    },
    /// Changes fields of a commit policy, in the same way.
    EditPolicy {
        id: i64,
        row_version: i64,
        changes: BTreeMap<String, String>,
    },
    /// Changes fields of an identifier, in the same way.
    EditIdentifier {
        id: i64,
        row_version: i64,
        changes: BTreeMap<String, String>,
    },
    /// Takes an identifier out of use. What came by it stays with its record.
    RetireIdentifier {
        id: i64,
        row_version: i64,
        reason: String,
    },
    /// Adds rows to a setup table, each a field name → text map: value maps, policies, identifiers, bindings or codes.
    Import {
        into: Import,
        rows: Vec<ImportRow>,
    },
    /// Decides again on old entries after a policy, a value map or the code list of a field changed.
    Reevaluate {
        scope: Reevaluated,
        reason: Option<String>,
    },
    /// Takes back an operation, by default the acting person's last one that can be taken back.
    Undo {
        operation: Option<i64>,
    },
    /// Takes the values from decided items or lost ledger entries under a records schedule, which the reason names.
    Dispose {
        table: Table,
        rows: Rows,
        reason: String,
    },
    /// Keeps rows from being disposed of, until it is lifted.
    Hold {
        on: HoldOn,
        reason: String,
    },
    /// Lifts a legal hold; `row_version` is that of the hold as it was looked at.
    LiftHold {
        hold: i64,
        row_version: i64,
        reason: String,
    },
    /// Changes a setting of the store.
    Set {
        key: String,
        value: String,
    },
    AddUser {
        login: String,
        full_name: Option<String>,
        roles: Vec<String>,
    },
    /// Gives a person exactly these roles; without any the person may no longer act.
    SetRoles {
        login: String,
        roles: Vec<String>,
    },
}

impl Command {
    /// The command's name in the log and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Map { .. } => "map",
            Command::MapMany { .. } => "map",
            Command::RetireMap { .. } => "retire map",
            Command::RejectMatch { .. } => "reject match",
            Command::NoMatch { .. } => "no match",
            Command::Flag { .. } => "flag",
            Command::Decide { verb, .. } => verb.name(),
            Command::Pin { pinned: true, .. } => "pin",
            Command::Pin { pinned: false, .. } => "unpin",
            Command::Retry { .. } => "retry",
            Command::EditRetry { .. } => "edit and retry",
            Command::Park { .. } => "park",
            Command::Unpark { .. } => "unpark",
            Command::Close { .. } => "close",
            Command::Attest { .. } => "attest",
            Command::Withdraw { .. } => "withdraw",
            Command::EditValueMap { .. } | Command::EditPolicy { .. } | Command::EditIdentifier { .. } => "edit",
            Command::RetireIdentifier { .. } => "retire identifier",
            Command::Import { .. } => "import",
            Command::Reevaluate { .. } => "reevaluate",
            Command::Undo { .. } => "undo",
            Command::Dispose { .. } => "dispose",
            Command::Hold { .. } => "hold",
            Command::LiftHold { .. } => "lift hold",
            Command::Set { .. } => "setting",
            Command::AddUser { .. } => "user add",
            Command::SetRoles { .. } => "user role",
        }
    }
}

/// Names a value map by its id, or by what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MapKey {
    Id(i64),
    Code { source: String, list: String, code: String },
}

/// What one of several codes is decided to stand for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapChoice {
    pub map: MapKey,
    /// The canonical code; `None` decides that there is no match.
    pub canonical: Option<String>,
    pub relationship: Relationship,
    /// The suggestion's score in hundredths where it was accepted for that and not looked at by itself: it becomes the
    /// map's confidence, and the map counts as decided by likeness.
    pub score: Option<i64>,
}

impl MapChoice {
    /// A person's own choice for an existing map: a canonical code, or no match.
    pub fn of(map: i64, canonical: Option<String>) -> MapChoice {
        MapChoice { map: MapKey::Id(map), canonical, relationship: Relationship::Equal, score: None }
    }

    /// Whether this is the choice for a map.
    pub(super) fn is_for(&self, id: i64, source: Option<&str>, list: &str, code: &str) -> bool {
        match &self.map {
            MapKey::Id(chosen) => *chosen == id,
            MapKey::Code { source: of, list: within, code: chosen } => {
                chosen == code && name::same(within, list) && source.is_some_and(|source| name::same(source, of))
            }
        }
    }
}

/// What a reviewer does with a ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    Certify,
    Reject,
    Revoke,
    /// Has a rejected entry decided on again.
    Reopen,
    /// Certifies a stale value again, which restarts its clock.
    Recertify,
}

impl Verb {
    pub const ALL: [Verb; 5] = [Verb::Certify, Verb::Reject, Verb::Revoke, Verb::Reopen, Verb::Recertify];

    /// `certify`
    pub fn name(self) -> &'static str {
        match self {
            Verb::Certify => "certify",
            Verb::Reject => "reject",
            Verb::Revoke => "revoke",
            Verb::Reopen => "reopen",
            Verb::Recertify => "recertify",
        }
    }

    /// `certified`
    pub fn done(self) -> &'static str {
        match self {
            Verb::Certify => "certified",
            Verb::Reject => "rejected",
            Verb::Revoke => "revoked",
            Verb::Reopen => "reopened",
            Verb::Recertify => "recertified",
        }
    }
}

/// What a person vouches for beyond single fields (engine.md, "Aspects").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attested {
    Record {
        target_table: String,
        target_id: String,
    },
    Table {
        target_table: String,
    },
    /// What a delivery brought, by the id of its job.
    File {
        job: i64,
    },
}

/// What a legal hold is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldOn {
    Record {
        target_table: String,
        target_id: String,
    },
    /// The items or ledger entries that match a filter whenever somebody disposes of some.
    Rows {
        table: Table,
        filter: String,
    },
    /// What a delivery brought, by the id of its job.
    File {
        job: i64,
    },
}

/// Whose old entries are decided on again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reevaluated {
    /// The fields that a commit policy governs, by its id; of one that is no longer active, those it spoke of.
    Policy(i64),
    /// The fields of a table, or one of them, by the policies in force.
    Fields { target_table: String, field_name: Option<String> },
    /// The values that came through a value map, by its id.
    Map(i64),
    /// The values of a field that came before it had the code list that it has now.
    Codes { target_table: String, field_name: String },
}

/// Which rows an operation is for: some by id, or all that match a filter when it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    Ids(Vec<i64>),
    Filter(String),
}

impl Rows {
    pub fn is_one(&self) -> bool {
        matches!(self, Rows::Ids(ids) if ids.len() == 1)
    }
}

/// What an import fills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Import {
    Codes { list: String },
    Bindings,
    Policies,
    ValueMaps,
    Identifiers,
}

/// One row to import with its place in the file, for sentences about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    pub line: u64,
    pub fields: BTreeMap<String, String>,
}

/// A row as somebody saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub table: Table,
    pub id: i64,
    pub row_version: i64,
}

impl Seen {
    pub fn of(row: &Row) -> Seen {
        Seen { table: row.table, id: row.id, row_version: row.int("row_version").unwrap_or_default() }
    }
}

/// Whether an operation is kept, or only shows what it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Do it.
    Real,
    /// Do it if it still changes exactly the rows of the preview that had this fingerprint; else refuse and say so.
    AsPreviewed(String),
    /// Do it if the row that it is about is still as the person saw it; else refuse and say who changed it.
    AsSeen(Seen),
    /// Run the same code and take it back: the outcome says what the real run would do.
    DryRun,
}
