use crate::model::query::{Count, Cursor, Page, Position, Query};
use crate::model::row::Row;
use crate::model::table::{Field, Table};
use std::path::{Path, PathBuf};

/// A store whose file was checked: opens readers and the writer.
#[derive(Debug, Clone)]
pub struct Store {
    pub path: PathBuf,
}

impl Store {
    /// Opens an existing store; every way it can be wrong is a sentence with a remedy.
    pub fn open(_path: &Path) -> anyhow::Result<Store> {
        unimplemented!()
    }
    /// Makes a new store whose first admin is `login`.
    pub fn create(_path: &Path, _login: &str) -> anyhow::Result<Store> {
        unimplemented!()
    }
    pub fn reader(&self) -> anyhow::Result<Reader> {
        unimplemented!()
    }
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A read-only connection, for one thread. Holds no transaction between calls.
pub struct Reader {}

/// One row of the operation log.
#[derive(Debug, Clone)]
pub struct OperationRow {
    pub seq: i64,
    pub kind: String,
    pub at: i64,
    pub actor: String,
    pub role: String,
    pub on_behalf_of: Option<String>,
    pub summary: String,
    pub reason: Option<String>,
    pub undoes: Option<i64>,
    pub undone_by: Option<i64>,
    pub created: i64,
    pub changed: i64,
}

/// What home and `stats` show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// Rows by table and state (facet ""), as maintained: (table, facet, n). Facets are state labels ("Held", "Pending" …); "" is all rows.
    pub counts: Vec<(Table, String, i64)>,
    /// Stale certified values, counted to a cap.
    pub stale: i64,
    /// Oldest pending ledger entry's created_on.
    pub oldest_pending: Option<i64>,
    /// Value maps with confidence below 0.80.
    pub low_confidence: i64,
    /// Items that wait for a value map and the code lists those maps belong to.
    pub proposed_lists: i64,
    pub sources: Vec<SourceJobs>,
    pub operations: i64,
    pub last_operation_at: Option<i64>,
    pub file_bytes: u64,
}

/// Jobs of one source within the last seven days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceJobs {
    pub source: String,
    pub direction: String,
    pub success: i64,
    pub partial: i64,
    pub indeterminate: i64,
    pub failure: i64,
    pub last_job: i64,
    pub last_submitted: i64,
}

/// One canonical code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeEntry {
    pub code: String,
    pub label: String,
    pub active: bool,
}

/// Stops the reader's running query from another thread.
pub struct Interrupt {}
impl Interrupt {
    pub fn interrupt(&self) {
        unimplemented!()
    }
}

impl Reader {
    /// One keyset page.
    pub fn page(&self, _query: &Query, _position: &Position, _limit: usize) -> anyhow::Result<Page> {
        unimplemented!()
    }
    pub fn row(&self, _table: Table, _id: i64) -> anyhow::Result<Option<Row>> {
        unimplemented!()
    }
    /// Finds a row by its name (`JOB-0000001`), its number or its GUID.
    pub fn find(&self, _table: Table, _name: &str) -> anyhow::Result<Option<Row>> {
        unimplemented!()
    }
    /// Where a row stands in a listing, to come back to it by id; `None` if it is gone or no longer matches.
    pub fn cursor(&self, _query: &Query, _id: i64) -> anyhow::Result<Option<Cursor>> {
        unimplemented!()
    }
    /// Counts up to `cap`; exact below it.
    pub fn count(&self, _query: &Query, _cap: i64) -> anyhow::Result<Count> {
        unimplemented!()
    }
    /// The most frequent values of a field among the matching rows (display texts), most first.
    pub fn facets(&self, _query: &Query, _field: &Field, _limit: usize) -> anyhow::Result<Vec<(String, i64)>> {
        unimplemented!()
    }
    pub fn overview(&self, _now: i64) -> anyhow::Result<Overview> {
        unimplemented!()
    }
    /// The log, newest first, below `before` if given.
    pub fn operations(&self, _before: Option<i64>, _limit: usize) -> anyhow::Result<Vec<OperationRow>> {
        unimplemented!()
    }
    /// Entries of a code list whose code or label begins with or holds `part`, at most `limit`.
    pub fn codes(&self, _list: &str, _part: &str, _limit: usize) -> anyhow::Result<Vec<CodeEntry>> {
        unimplemented!()
    }
    /// Distinct names known of a kind: "source", "table", "field", "code_list".
    pub fn vocabulary(&self, _kind: &str) -> anyhow::Result<Vec<String>> {
        unimplemented!()
    }
    /// Changes whenever another connection commits: poll it to see other processes' writes.
    pub fn data_version(&self) -> anyhow::Result<i64> {
        unimplemented!()
    }
    pub fn interrupt(&self) -> Interrupt {
        unimplemented!()
    }
    /// login, full name, roles ("steward,reviewer"), active
    pub fn users(&self) -> anyhow::Result<Vec<User>> {
        unimplemented!()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: i64,
    pub login: String,
    pub full_name: Option<String>,
    pub roles: String,
    pub active: bool,
}

/// What `verify` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    pub exit_code: u8,
    pub lines: Vec<String>,
}
