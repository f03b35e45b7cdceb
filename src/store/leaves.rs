//! The leaves of an operation, as the store now tells them.
//!
//! A created row's leaf holds the row as it was made. So a row that was changed since is taken back through the before
//! images of its changes, newest first; on the way each after image must be what the row then held. What somebody
//! changed past the log shows as an after image, or a leaf, that does not fit.
//!
//! A row whose values were disposed of cannot be taken back so far: its leaf was kept, and the disposal has a leaf of its
//! own for what was left of the row and of its changes (see [`super::dispose`]).

use anyhow::Result;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row};

use super::audit::Finding;
use super::canonical::{Canonical, Hash};
use super::change::change_leaf;
use super::logged::Logged;
use super::rewind::{LoggedChange, by_row, changes_of, holds, image, put, select};
use super::stored::Stored;
use super::write::row_leaf;

/// Reads leaves, and gathers what does not fit on the way.
pub(super) struct Leaves<'a> {
    pub(super) conn: &'a Connection,
    /// Created rows that were read.
    pub rows: i64,
    /// Disposals of a row that were read.
    pub disposals: i64,
    pub findings: Vec<Finding>,
}

/// Findings that are kept.
const FINDINGS: usize = 1000;

/// Takes leaves in their order.
pub(super) type Sink<'s> = &'s mut dyn FnMut(Hash);

impl<'a> Leaves<'a> {
    pub fn new(conn: &'a Connection) -> Leaves<'a> {
        Leaves { conn, rows: 0, disposals: 0, findings: Vec::new() }
    }

    pub fn find(&mut self, seq: Option<i64>, problem: String) {
        if self.findings.len() < FINDINGS {
            self.findings.push(Finding { seq, problem });
        }
    }

    /// All leaves of an operation: its created rows, its changes, then its disposals. Answers how many changes there are.
    pub fn of(&mut self, operation: &Stored, sink: Sink) -> Result<i64> {
        for (table, first, last) in operation.created() {
            match Logged::find(&table) {
                Some(logged) => self.created(operation.seq, logged, (first, last), sink)?,
                None => self.find(Some(operation.seq), format!("it names rows of {table}, which is no logged table")),
            }
        }
        let changes = self.changed(operation.seq, sink)?;
        self.disposed_by(operation.seq, sink)?;
        Ok(changes)
    }

    fn created(&mut self, seq: i64, logged: &'static Logged, (first, last): (i64, i64), sink: Sink) -> Result<()> {
        let mut changes = changes_of(self.conn, logged, first, last)?;
        let disposed = self.disposed_among(logged, first, last)?;
        let mut canonical = Canonical::default();
        let mut statement =
            self.conn.prepare_cached(&format!("{} WHERE id BETWEEN ? AND ? ORDER BY id", select(logged)))?;
        let mut rows = statement.query([first, last])?;
        let mut expected = first;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if id != expected {
                self.find(Some(seq), format!("row {expected} of {} is missing", logged.name));
            }
            expected = id + 1;
            self.rows += 1;
            sink(match (disposed.get(&id), changes.remove(&id)) {
                (Some(kept), _) => *kept,
                (None, None) => {
                    let values = (1..=logged.width()).map(|at| row.get_ref(at));
                    row_leaf(&mut canonical, logged, id, values.collect::<Result<Vec<_>, _>>()?.into_iter())
                }
                (None, Some(changes)) => {
                    let image = self.rewound(logged, id, image(logged, row)?, &changes);
                    row_leaf(&mut canonical, logged, id, image.iter().map(Into::into))
                }
            });
        }
        if expected != last + 1 {
            self.find(Some(seq), format!("row {expected} of {} is missing", logged.name));
        }
        Ok(())
    }

    /// A row as it was made; `None` where it is gone.
    pub fn as_made(&mut self, logged: &'static Logged, id: i64) -> Result<Option<Vec<Sql>>> {
        let changes = changes_of(self.conn, logged, id, id)?.remove(&id).unwrap_or_default();
        let mut statement = self.conn.prepare_cached(&format!("{} WHERE id = ?", select(logged)))?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let now = image(logged, row)?;
        Ok(Some(self.rewound(logged, id, now, &changes)))
    }

    /// Checks that older rows are as the changes from an operation on left them.
    pub fn changed_since(&mut self, since: i64, logged: &'static Logged, first_new: i64) -> Result<()> {
        let mut statement = self.conn.prepare(
            "SELECT seq, row_id, before, after FROM operation_change
             WHERE seq >= ? AND table_name = ? AND row_id < ? ORDER BY row_id, seq DESC, ordinal DESC",
        )?;
        let rows = statement.query_map((since, logged.name, first_new), LoggedChange::read)?;
        for (id, changes) in by_row(rows)? {
            let mut now = self.conn.prepare_cached(&format!("{} WHERE id = ?", select(logged)))?;
            let mut rows = now.query([id])?;
            match rows.next()? {
                Some(row) => {
                    self.rewound(logged, id, image(logged, row)?, &changes);
                }
                None => self.find(Some(changes[0].seq), format!("row {id} of {} is missing", logged.name)),
            }
        }
        Ok(())
    }

    /// Takes a row back through its changes.
    pub(super) fn rewound(
        &mut self,
        logged: &Logged,
        id: i64,
        mut image: Vec<Sql>,
        changes: &[LoggedChange],
    ) -> Vec<Sql> {
        for change in changes {
            if !holds(logged, &image, &change.after) {
                let problem = format!("row {id} of {} is not as this operation left it", logged.name);
                self.find(Some(change.seq), problem);
            }
            put(logged, &mut image, &change.before);
        }
        image
    }

    fn changed(&mut self, seq: i64, sink: Sink) -> Result<i64> {
        let mut statement = self.conn.prepare_cached(&format!("{CHANGES} WHERE c.seq = ? ORDER BY c.ordinal"))?;
        let mut rows = statement.query([seq])?;
        let mut canonical = Canonical::default();
        let mut n = 0;
        while let Some(row) = rows.next()? {
            n += 1;
            sink(read_change_leaf(&mut canonical, row)?);
        }
        Ok(n)
    }
}

/// Changes with the leaf that was kept of each whose values were disposed of. One that is kept of any other change
/// counts for nothing.
pub(super) const CHANGES: &str =
    "SELECT c.table_name, c.row_id, c.row_version, c.before, c.after, k.leaf, c.seq, c.ordinal
    FROM operation_change AS c
    LEFT JOIN disposed_change AS k ON k.seq = c.seq AND k.ordinal = c.ordinal AND EXISTS (SELECT 1 FROM disposed AS d
        WHERE d.table_name = c.table_name AND d.row_id = c.row_id AND d.seq >= c.seq)";

/// The leaf of a row of [`CHANGES`]; its canonical bytes are left in the buffer.
pub(super) fn read_change_leaf(canonical: &mut Canonical, row: &Row) -> Result<Hash> {
    let (table, before, after) = (row.get_ref(0)?.as_str()?, row.get_ref(3)?.as_str()?, row.get_ref(4)?.as_str()?);
    let leaf = change_leaf(canonical, table, row.get(1)?, row.get(2)?, before, after);
    Ok(row.get::<_, Option<Hash>>(5)?.unwrap_or(leaf))
}
