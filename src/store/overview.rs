//! What home and `stats` show of a whole store, and the lists that forms complete from. Nothing here reads a whole table.

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::Reader;
use super::sql::{self, escaped};
use crate::model::choice::{Direction, JobState};
use crate::model::query::Count;
use crate::model::table::Table;
use crate::model::time::{DAY, Micros};

/// What home and `stats` show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Kept row counts as (table, facet, n): the facet "" is all rows, others are labels of states such as "Held".
    pub counts: Vec<(Table, String, i64)>,
    /// Current values past their stale-after day, counted up to a limit: home comes up as fast in a large store.
    pub stale: Count,
    /// When the oldest entry that is pending was made.
    pub oldest_pending: Option<Micros>,
    /// Active value maps with a confidence below 0.80, counted up to the same limit.
    pub low_confidence: Count,
    /// Code lists in which codes wait for a decision.
    pub proposed_lists: i64,
    /// The jobs of the last seven days by source and direction.
    pub sources: Vec<SourceJobs>,
    pub operations: i64,
    pub last_operation_at: Option<Micros>,
    pub file_bytes: u64,
    /// Bytes beside the file that nobody is at, and that who looks cannot write back: a copy of the file would lack them.
    pub left_log: Option<u64>,
    /// That the store is only read, and how, in sentences; none where it may be written.
    pub read_only: Vec<String>,
}

/// Jobs of one source and direction in the last seven days, by status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceJobs {
    pub source: String,
    pub direction: String,
    pub success: i64,
    pub partial: i64,
    pub indeterminate: i64,
    pub failure: i64,
    /// Deliveries that nobody is at, and that are not whole.
    pub interrupted: i64,
    /// The id of the newest job and when it arrived: a source may say that it submitted it long before.
    pub last_job: i64,
    pub last_created: Micros,
}

/// One canonical code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeEntry {
    pub code: String,
    pub label: String,
    pub active: bool,
}

/// One person, or the engine's own user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: i64,
    pub login: String,
    pub full_name: Option<String>,
    /// Comma separated: steward, reviewer, support, auditor, admin.
    pub roles: String,
    pub active: bool,
}

/// Where counting for home, and for a remark, stops.
pub(super) const CAP: i64 = 10_000;

/// How many code lists have codes that wait: from each list to the next by the index, so that it is a look a list and not
/// a code.
const PROPOSED_LISTS: &str = "
    WITH RECURSIVE lists (list) AS (
      SELECT min(code_list) FROM integration_value_map WHERE state = 0 AND statecode = 0
      UNION ALL
      SELECT (SELECT min(code_list) FROM integration_value_map WHERE state = 0 AND statecode = 0 AND code_list > lists.list)
      FROM lists WHERE list IS NOT NULL)
    SELECT count(list) FROM lists";

impl Overview {
    /// The kept count of a table's rows in a state, or of all its rows for the facet "".
    pub fn count(&self, table: Table, facet: &str) -> i64 {
        self.counts.iter().find(|(t, f, _)| *t == table && f == facet).map_or(0, |(_, _, n)| *n)
    }
}

impl Reader {
    /// Everything home shows, as of `now`.
    pub fn overview(&self, now: Micros) -> Result<Overview> {
        self.overview_up_to(now, CAP)
    }

    /// The same with another limit for what is counted row by row.
    pub fn overview_up_to(&self, now: Micros, cap: i64) -> Result<Overview> {
        let one = |sql: &str| -> Result<Option<i64>> {
            Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?.flatten())
        };
        Ok(Overview {
            counts: self.kept_counts()?,
            stale: self.stale_values(now, cap)?,
            oldest_pending: one(
                "SELECT created_on FROM integration_ledger WHERE ledger_status = 166840000 AND statecode = 0
                 ORDER BY id LIMIT 1",
            )?,
            low_confidence: self.low_confidence(cap)?,
            proposed_lists: one(PROPOSED_LISTS)?.unwrap_or(0),
            sources: self.recent_jobs(now - 7 * DAY)?,
            operations: one("SELECT max(seq) FROM operation")?.unwrap_or(0),
            last_operation_at: one("SELECT at FROM operation ORDER BY seq DESC LIMIT 1")?,
            file_bytes: std::fs::metadata(&self.path).map(|meta| meta.len()).unwrap_or(0),
            left_log: self.left_log(),
            read_only: self.store.read_only_told(),
        })
    }

    fn stale_values(&self, now: Micros, cap: i64) -> Result<Count> {
        let sql =
            "SELECT count(*) FROM (SELECT 1 FROM current_value WHERE stale_on IS NOT NULL AND stale_on <= ? LIMIT ?)";
        self.capped(sql, now, cap)
    }

    fn low_confidence(&self, cap: i64) -> Result<Count> {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM integration_value_map WHERE state = 1 AND statecode = 0
                   AND confidence < ? LIMIT ?)";
        self.capped(sql, 80, cap)
    }

    /// Counts by a statement that takes a value and how many rows to look at.
    fn capped(&self, sql: &str, value: i64, cap: i64) -> Result<Count> {
        let n: i64 = self.conn.prepare_cached(sql)?.query_row((value, cap.saturating_add(1)), |row| row.get(0))?;
        Ok(Count { n: n.min(cap), exact: n <= cap })
    }

    fn kept_counts(&self) -> Result<Vec<(Table, String, i64)>> {
        let mut statement =
            self.conn.prepare_cached("SELECT table_name, facet, n FROM row_count ORDER BY table_name, facet")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
        let mut out = Vec::new();
        for row in rows {
            let (name, facet, n) = row?;
            out.extend(Table::find(&name).map(|table| (table, facet, n)));
        }
        Ok(out)
    }

    /// Jobs are numbered in the order of their arrival, so the newest thousand are enough for a week of home.
    fn recent_jobs(&self, since: Micros) -> Result<Vec<SourceJobs>> {
        let state = |state: JobState| format!("sum(state = {})", state.code());
        let sql = format!(
            "SELECT source_system_key, direction, {}, {}, {}, {}, max(id), max(created_on), {}
             FROM (SELECT * FROM {} ORDER BY id DESC LIMIT 1000)
             WHERE statecode = 0 AND (created_on >= ? OR submitted_date_time >= ?) GROUP BY 1, 2 ORDER BY 1, 2",
            state(JobState::Success),
            state(JobState::PartialSuccess),
            state(JobState::Indeterminate),
            state(JobState::Failure),
            state(JobState::Interrupted),
            sql::rows_of(Table::SyncJobs),
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map([since, since], |row| {
            Ok(SourceJobs {
                source: row.get(0)?,
                direction: Direction::from_code(row.get(1)?).map_or("", Direction::label).to_lowercase(),
                success: row.get(2)?,
                partial: row.get(3)?,
                indeterminate: row.get(4)?,
                failure: row.get(5)?,
                last_job: row.get(6)?,
                last_created: row.get(7)?,
                interrupted: row.get(8)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Entries of a code list whose code or label holds `part`, those that begin with it first, at most `limit`.
    pub fn codes(&self, list: &str, part: &str, limit: usize) -> Result<Vec<CodeEntry>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT code, coalesce(label, ''), active FROM code_list_entry
             WHERE code_list = ?1 AND (code LIKE '%' || ?2 || '%' ESCAPE '\\' OR label LIKE '%' || ?2 || '%' ESCAPE '\\')
             ORDER BY active DESC, (code LIKE ?2 || '%' ESCAPE '\\') DESC, (label LIKE ?2 || '%' ESCAPE '\\') DESC, code
             LIMIT ?3",
        )?;
        let rows = statement.query_map((list, escaped(part), limit as i64), |row| {
            Ok(CodeEntry { code: row.get(0)?, label: row.get(1)?, active: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The codes in use of an item's source in the code list of its field, as far as they hold `part`, those that begin with
    /// it first, with what they stand for; at most `limit`.
    pub fn source_codes(&self, item: i64, part: &str, limit: usize) -> Result<Vec<CodeEntry>> {
        let mut statement = self.conn.prepare_cached(
            "WITH field (source, list) AS (SELECT i.source_system_key, coalesce(
                (SELECT w.code_list FROM integration_value_map AS w WHERE w.id = i.value_map),
                (SELECT b.code_list FROM code_binding AS b WHERE b.target_table = i.target_table
                    AND b.field_name = i.field_name AND b.active = 1
                    AND (b.source_system_key = i.source_system_key OR b.source_system_key IS NULL)
                 ORDER BY b.source_system_key IS NULL LIMIT 1)) FROM integration_sync_item AS i WHERE i.id = ?1)
             SELECT m.source_code, m.canonical_code_value
             FROM field CROSS JOIN integration_value_map AS m ON m.code_list = field.list
                AND (m.source_system_key = field.source OR m.source_system_key IS NULL)
             WHERE m.state = 1 AND m.statecode = 0 AND m.canonical_code_value IS NOT NULL
               AND m.source_code LIKE '%' || ?2 || '%' ESCAPE '\\'
             ORDER BY (m.source_code LIKE ?2 || '%' ESCAPE '\\') DESC, m.source_code LIMIT ?3",
        )?;
        let rows = statement.query_map((item, escaped(part), limit as i64), |row| {
            Ok(CodeEntry { code: row.get(0)?, label: row.get(1)?, active: true })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A setting of the store, where it is set.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        let sql = "SELECT value FROM setting WHERE key = ?";
        Ok(self.conn.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Everybody who is known to the store, the engine's own user first.
    pub fn users(&self) -> Result<Vec<User>> {
        let mut statement =
            self.conn.prepare_cached("SELECT id, login, full_name, roles, active FROM system_user ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok(User {
                id: row.get(0)?,
                login: row.get(1)?,
                full_name: row.get(2)?,
                roles: row.get(3)?,
                active: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
