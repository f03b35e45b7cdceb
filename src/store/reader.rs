//! A read-only connection: pages, rows, counts and facets. It holds no transaction between two calls.
//!
//! Pages are keyset pages, never OFFSET: see [`super::paging`].

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{InterruptHandle, OptionalExtension, params_from_iter};

use super::beside::log_lost;
use super::held::Linked;
use super::labels::Names;
use super::lease;
use super::open::Store;
use super::paging::{Order, is_searched, places, sorts_by_index};
use super::sql::{self, Fragment};
use super::stale::matching;
use crate::model::filter::{Filter, Test};
use crate::model::query::{Count, Cursor, Key, Page, Position, Query, Sort};
use crate::model::row::{Row, Value};
use crate::model::table::{Field, Kind, Table};
use crate::model::time::{Clock, Micros};

/// A read-only connection, for one thread.
pub struct Reader {
    pub(super) conn: Linked,
    pub(super) path: PathBuf,
    clock: Clock,
    stopped: Arc<AtomicBool>,
    /// What is read may be a private copy, which stays as long as somebody reads it.
    pub(super) store: Store,
    /// The log beside the file that this connection reads.
    log: Option<(u64, u64)>,
}

/// Stops the reader from another thread: what it reads ends, and so does all else until [`Reader::resume`].
pub struct Interrupt {
    handle: InterruptHandle,
    stopped: Arc<AtomicBool>,
}

impl Interrupt {
    pub fn interrupt(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.handle.interrupt();
    }
}

/// Steps of SQLite's machine between two looks at whether to stop: some 50 µs.
const STEPS: i32 = 2000;

impl Reader {
    pub(super) fn new(mut conn: Linked, store: &Store, clock: Clock) -> Result<Reader> {
        let stopped = Arc::new(AtomicBool::new(false));
        let looked_at = Arc::clone(&stopped);
        // SQLite forgets an interrupt that comes between two statements; what it asks for itself it cannot forget.
        lease::add_function(&conn, clock.clone())?;
        conn.progress_handler(STEPS, Some(move || looked_at.load(Ordering::SeqCst)))?;
        let (path, log) = (store.path().to_path_buf(), store.log_identity());
        Ok(Reader { conn, path, clock, stopped, store: store.clone(), log })
    }

    /// Reads again after an [`Interrupt`].
    pub fn resume(&self) {
        self.stopped.store(false, Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> Micros {
        (self.clock)()
    }

    pub fn interrupt(&self) -> Interrupt {
        Interrupt { handle: self.conn.get_interrupt_handle(), stopped: Arc::clone(&self.stopped) }
    }

    /// That the store is not where it was when it was opened: what is shown is of a file that others do not see.
    pub fn lost(&self) -> Option<String> {
        self.store.lost().or_else(|| log_lost(&self.path, self.log))
    }

    /// All rows of a statement.
    pub(super) fn collect<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_map(params, read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Changes whenever another connection commits: poll it to see other people's writes.
    pub fn data_version(&self) -> Result<i64> {
        Ok(self.conn.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    /// One page of at most `limit` rows.
    pub fn page(&self, query: &Query, position: &Position, limit: usize) -> Result<Page> {
        self.page_as_found(query, position, limit, &mut |_, _| {})
    }

    /// One page. Where its rows are searched for one by one, each is handed on as it is found, in the page's order.
    pub fn page_as_found(
        &self,
        query: &Query,
        position: &Position,
        limit: usize,
        found_one: &mut dyn FnMut(&Row, &Cursor),
    ) -> Result<Page> {
        let (cursor, inclusive, backwards) = match position {
            Position::First => (None, false, false),
            Position::Last => (None, false, true),
            Position::After(cursor) => (Some(cursor), false, false),
            Position::From(cursor) => (Some(cursor), true, false),
            Position::Before(cursor) => (Some(cursor), false, true),
        };
        let order = Order::of(query);
        let order = if backwards { order.backwards() } else { order };
        let told = !backwards && is_searched(query);
        let mut found = Vec::new();
        for place in places(query, &order, cursor, inclusive) {
            if found.len() > limit {
                break;
            }
            self.part(query, &order, &place, limit + 1 - found.len(), &mut |row, cursor| {
                if told && found.len() < limit {
                    found_one(&row, &cursor);
                }
                found.push((row, cursor));
            })?;
        }
        let more = found.len() > limit;
        found.truncate(limit);
        if backwards {
            found.reverse();
        }
        let (rows, cursors) = found.into_iter().unzip();
        Ok(Page { rows, cursors, more })
    }

    /// How SQLite would read the page that follows a cursor, or the first one: a line a step. For tests.
    pub fn plan(&self, query: &Query, after: Option<&Cursor>) -> Result<Vec<String>> {
        let order = Order::of(query);
        let mut steps = Vec::new();
        for place in places(query, &order, after, false) {
            let (text, values) = self.select(query, &order, &place, 100);
            let mut statement = self.conn.prepare(&format!("EXPLAIN QUERY PLAN {text}"))?;
            let lines = statement.query_map(params_from_iter(values), |row| row.get(3))?;
            steps.extend(lines.collect::<Result<Vec<String>, _>>()?);
        }
        Ok(steps)
    }

    /// The statement for one part of a page, and its values.
    fn select(&self, query: &Query, order: &Order, place: &Fragment, limit: usize) -> (String, Vec<Sql>) {
        let table = query.table;
        let (from, filter) = matching(query, self.now());
        let (mut columns, name) = (sql::select_list(table), sql::rows_of(table));
        if order.by_stale_time() {
            columns.push_str(", t.stale_on");
        }
        let order = order.sql();
        let rows = format!("FROM {from} WHERE {} AND {} ORDER BY {order} LIMIT {limit}", filter.sql, place.sql);
        let text = if sorts_by_index(query) {
            format!("SELECT {columns} {rows}")
        } else {
            // All rows that match are sorted: by their ids alone, and only those of the page are read in full.
            format!("SELECT {columns} FROM {name} AS t WHERE t.id IN (SELECT t.id {rows}) ORDER BY {order}")
        };
        (text, filter.values.into_iter().chain(place.values.iter().cloned()).collect())
    }

    fn part(
        &self,
        query: &Query,
        order: &Order,
        place: &Fragment,
        limit: usize,
        take: &mut dyn FnMut(Row, Cursor),
    ) -> Result<()> {
        let (text, values) = self.select(query, order, place, limit);
        let mut statement = self.conn.prepare_cached(&text)?;
        // What stands behind the columns of the row.
        let last = statement.column_count() - 1;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut names = Names::default();
        while let Some(found) = rows.next()? {
            let mut row = read_row(query.table, found)?;
            names.fill(&self.conn, &mut row)?;
            let cursor = match order.by_stale_time() {
                true => Cursor { keys: vec![Key::Int(found.get(last)?)], id: row.id },
                false => order.cursor(&row),
            };
            take(row, cursor);
        }
        Ok(())
    }

    pub fn row(&self, table: Table, id: i64) -> Result<Option<Row>> {
        let text = format!("SELECT {} FROM {} AS t WHERE t.id = ?", sql::select_list(table), sql::rows_of(table));
        let mut statement = self.conn.prepare_cached(&text)?;
        let mut rows = statement.query([id])?;
        let Some(found) = rows.next()? else { return Ok(None) };
        let mut row = read_row(table, found)?;
        Names::default().fill(&self.conn, &mut row)?;
        Ok(Some(row))
    }

    /// Finds a row by its name (`JOB-0000001`), its number or its GUID.
    pub fn find(&self, table: Table, name: &str) -> Result<Option<Row>> {
        if let Some(id) = sql::id_in_name(table, name) {
            return self.row(table, id);
        }
        let (column, value) = match uuid::Uuid::parse_str(name) {
            Ok(guid) => ("guid", Sql::Blob(guid.as_bytes().to_vec())),
            Err(_) => (sql::name_column(table), Sql::Text(name.to_string())),
        };
        let text = format!("SELECT id FROM {} WHERE {column} = ?", table.info().sql);
        let id = self.conn.prepare_cached(&text)?.query_row([value], |row| row.get(0)).optional()?;
        id.map_or(Ok(None), |id| self.row(table, id))
    }

    /// Where a row stands in a listing, to come back to it by id; `None` if it is gone or no longer matches.
    pub fn cursor(&self, query: &Query, id: i64) -> Result<Option<Cursor>> {
        let place = Fragment { sql: "t.id = ?".into(), values: vec![Sql::Integer(id)] };
        let mut found = None;
        self.part(query, &Order::of(query), &place, 1, &mut |_, cursor| found = Some(cursor))?;
        Ok(found)
    }

    /// Counts the matching rows, up to `cap`. What the store keeps a count of is exact and needs no reading.
    pub fn count(&self, query: &Query, cap: i64) -> Result<Count> {
        if let Some(n) = self.kept_count(query.table, &query.filter)? {
            return Ok(Count { n, exact: true });
        }
        let (from, filter) = matching(&Query { sort: Sort::OLDEST, ..query.clone() }, self.now());
        let text = format!("SELECT count(*) FROM (SELECT 1 FROM {from} WHERE {} LIMIT ?)", filter.sql);
        let values = filter.values.into_iter().chain([Sql::Integer(cap.saturating_add(1))]);
        let n: i64 = self.conn.prepare_cached(&text)?.query_row(params_from_iter(values), |row| row.get(0))?;
        Ok(Count { n: n.min(cap), exact: n <= cap })
    }

    /// The maintained count for a filter that names nothing, or a state alone.
    fn kept_count(&self, table: Table, filter: &Filter) -> Result<Option<i64>> {
        let facet = match &filter.terms[..] {
            [] => String::new(),
            [term] if !term.negated => match (&term.test, table) {
                (Test::Is(field, code), Table::SyncItems | Table::ValueMaps | Table::Ledger) => match field.kind {
                    Kind::Choice(set) => set.label(*code).unwrap_or_default().to_string(),
                    _ => return Ok(None),
                },
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let text = "SELECT n FROM row_count WHERE table_name = ? AND facet = ?";
        let n = self.conn.prepare_cached(text)?.query_row((table.info().sql, facet), |row| row.get(0)).optional()?;
        Ok(Some(n.unwrap_or(0)))
    }

    /// The most frequent values of a field among the first `rows` matching rows as a person sees them, most first, and
    /// how many rows these were.
    pub fn facets(&self, query: &Query, field: &'static Field, rows: i64, limit: usize) -> Result<Facets> {
        let filter = sql::condition(query.table, &query.filter, self.now());
        let name = sql::linked_name(field).unwrap_or_else(|| "NULL".into());
        let (column, table) = (field.name, sql::rows_of(query.table));
        let text = format!(
            "SELECT t.{column}, {name}, count(*) AS n, sum(count(*)) OVER ()
             FROM (SELECT t.{column} FROM {table} AS t WHERE {} LIMIT ?) AS t
             GROUP BY 1 ORDER BY n DESC, 1 LIMIT {limit}",
            filter.sql,
        );
        let mut statement = self.conn.prepare_cached(&text)?;
        let mut found = statement.query(params_from_iter(filter.values.into_iter().chain([Sql::Integer(rows)])))?;
        let mut facets = Facets::default();
        while let Some(row) = found.next()? {
            let value = read_value(field, row.get_ref(0)?, || Ok(row.get(1)?))?;
            facets.values.push((crate::model::row::display(field, &value).into_owned(), row.get(2)?));
            facets.rows = row.get(3)?;
        }
        Ok(facets)
    }
}

/// The values of a field with how many rows hold each, among so many rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    pub values: Vec<(String, i64)>,
    pub rows: i64,
}

/// Reads a row that was selected with [`sql::select_list`].
fn read_row(table: Table, row: &rusqlite::Row) -> Result<Row> {
    let mut at = 0;
    let mut values = Vec::with_capacity(table.fields().len());
    for field in table.fields() {
        at += 1;
        let value = row.get_ref(at)?;
        let named = sql::linked_name(field).is_some();
        values.push(read_value(field, value, || if named { Ok(row.get(at + 1)?) } else { Ok(None) })?);
        at += usize::from(named);
    }
    Ok(Row { table, id: row.get(0)?, values })
}

/// Reads a column by the field's kind; an unknown choice code is an error, never a default.
pub(super) fn read_value(
    field: &Field,
    value: ValueRef,
    linked_name: impl FnOnce() -> Result<Option<String>>,
) -> Result<Value> {
    let wrong = || format!("the column {} holds {:?}, which its kind does not allow", field.name, value.data_type());
    Ok(match (value, field.kind) {
        (ValueRef::Null, _) => Value::Null,
        (ValueRef::Integer(id), Kind::User) => Value::Link(id, linked_name()?.unwrap_or_else(|| format!("user {id}"))),
        (ValueRef::Integer(id), Kind::Link(table)) if table.info().named_by_id => Value::Link(id, table.row_name(id)),
        (ValueRef::Integer(id), Kind::Link(table)) => {
            Value::Link(id, linked_name()?.unwrap_or_else(|| table.row_name(id)))
        }
        (ValueRef::Integer(code), Kind::Choice(set)) => {
            set.label(code).with_context(|| format!("the column {} holds the unknown code {code}", field.name))?;
            Value::Int(code)
        }
        (ValueRef::Integer(n), _) => Value::Int(n),
        (ValueRef::Text(_), _) => Value::Text(value.as_str().with_context(wrong)?.to_string()),
        (ValueRef::Blob(bytes), Kind::Guid) => {
            Value::Text(uuid::Uuid::from_slice(bytes).with_context(wrong)?.to_string())
        }
        _ => anyhow::bail!(wrong()),
    })
}
