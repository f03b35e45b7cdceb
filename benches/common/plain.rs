//! The limit: SQLite doing the same by itself, with the settings of the store's own connections.

use std::path::Path;

use rusqlite::Connection;

/// A connection with what `store/open.rs` sets, or as near as a plain one gets.
pub fn connect(path: &Path) -> Connection {
    let conn = Connection::open(path).expect("a plain connection");
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;
         PRAGMA wal_autocheckpoint = 4000; PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = 1; PRAGMA recursive_triggers = 1;
         PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;",
    )
    .expect("the settings");
    conn
}

fn attach(conn: &Connection, path: &Path) {
    conn.execute("ATTACH ? AS done", [path.to_str().expect("a path")]).expect("the finished store");
}

const ITEM: &str = "integration_sync_item";

/// The tables that rows are written to, those first that others refer to: an item names its ledger entry.
fn tables(conn: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name = ?, rowid";
    let mut statement = conn.prepare(sql).expect("the tables");
    statement.query_map([ITEM], |row| row.get(0)).expect("the tables").map(|name| name.expect("a table")).collect()
}

/// A table's columns but for those that follow from others.
pub fn columns(conn: &Connection, table: &str) -> Vec<String> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?)").expect("the columns");
    statement.query_map([table], |row| row.get(0)).expect("the columns").map(|name| name.expect("a column")).collect()
}

/// An empty store with the tables and indexes of the schema.
pub fn empty(path: &Path) -> Connection {
    let conn = connect(path);
    conn.execute_batch(include_str!("../../schema.sql")).expect("the schema");
    conn.execute_batch("DELETE FROM choice").expect("no choices yet");
    conn
}

/// Fills the tables and indexes of a new file from a finished store: one INSERT … SELECT a table, each its own
/// transaction.
pub fn fill(path: &Path, finished: &Path) {
    let conn = empty(path);
    attach(&conn, finished);
    for table in tables(&conn) {
        insert(&conn, &table, "");
    }
}

/// The same in as many transactions as the finished store was written in: each operation's rows of all tables.
pub fn fill_by_operation(path: &Path, finished: &Path) {
    let conn = empty(path);
    attach(&conn, finished);
    for table in ["choice", "vocabulary", "row_count"] {
        insert(&conn, table, "");
    }
    let last: i64 = conn.query_row("SELECT max(seq) FROM done.operation", [], |row| row.get(0)).expect("the log");
    let mut ranges = conn
        .prepare("SELECT r.value ->> 0, r.value ->> 1, r.value ->> 2 FROM json_each((SELECT rows_created FROM done.operation WHERE seq = ?)) AS r")
        .expect("the operations");
    for seq in 1..=last {
        conn.execute_batch("BEGIN IMMEDIATE").expect("begun");
        let created = ranges.query_map([seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("the rows");
        let mut created: Vec<(String, i64, i64)> = created.collect::<Result<_, _>>().expect("the rows");
        created.sort_by_key(|(table, ..)| table == ITEM);
        for (table, first, last) in created {
            insert(&conn, &table, &format!("WHERE id BETWEEN {first} AND {last}"));
            if table == "integration_ledger" {
                insert(&conn, "current_value", &format!("WHERE ledger BETWEEN {first} AND {last}"));
            }
        }
        insert(&conn, "operation", &format!("WHERE seq = {seq}"));
        insert(&conn, "operation_change", &format!("WHERE seq = {seq}"));
        conn.execute_batch("COMMIT").expect("the rows");
    }
}

fn insert(conn: &Connection, table: &str, rows: &str) {
    let columns = columns(conn, table).join(", ");
    let sql = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM done.{table} {rows}");
    conn.prepare_cached(&sql).and_then(|mut all| all.execute([])).unwrap_or_else(|error| panic!("{table}: {error}"));
}

/// Makes of a store what another copy of it became from an operation on: the same changes to the same rows, by plain
/// statements in one transaction. Answers the rows of the log's changes.
pub fn follow(path: &Path, done: &Path, from: i64) -> i64 {
    let conn = connect(path);
    attach(&conn, done);
    let changed: Vec<(String, String)> = conn
        .prepare(
            "SELECT c.table_name, k.key FROM done.operation_change AS c, json_each(c.after) AS k
             WHERE c.seq >= ? GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .expect("the changes")
        .query_map([from], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("the changes")
        .collect::<Result<_, _>>()
        .expect("the changes");
    let mut by_table: Vec<(String, Vec<String>)> = Vec::new();
    for (table, column) in changed {
        match by_table.last_mut() {
            Some((last, columns)) if *last == table => columns.push(column),
            _ => by_table.push((table, vec![column])),
        }
    }
    conn.execute_batch("BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = 1").expect("begun");
    let run = |sql: &str| conn.execute(sql, []).unwrap_or_else(|error| panic!("{sql}: {error}"));
    for table in tables(&conn).iter().filter(|table| table.starts_with("integration_")) {
        let all = columns(&conn, table).join(", ");
        let above = format!("(SELECT coalesce(max(id), 0) FROM main.{table})");
        run(&format!("INSERT INTO main.{table} ({all}) SELECT {all} FROM done.{table} WHERE id > {above}"));
    }
    for (table, columns) in &by_table {
        let stamp = ["modified_on", "modified_by", "row_version"].map(String::from);
        let stamps = if table.starts_with("integration_") { &stamp[..] } else { &stamp[2..] };
        let sets: Vec<String> = columns.iter().chain(stamps).map(|column| format!("{column} = d.{column}")).collect();
        run(&format!(
            "UPDATE main.{table} AS t SET {} FROM done.{table} AS d WHERE d.id = t.id AND t.id IN
             (SELECT row_id FROM done.operation_change WHERE seq >= {from} AND table_name = '{table}')",
            sets.join(", ")
        ));
    }
    run("INSERT INTO main.operation SELECT * FROM done.operation WHERE seq > (SELECT max(seq) FROM main.operation)");
    let n = run(&format!("INSERT INTO main.operation_change SELECT * FROM done.operation_change WHERE seq >= {from}"));
    conn.execute_batch(&format!(
        "CREATE TEMP TABLE touched AS
         SELECT DISTINCT l.target_table AS t, l.target_id AS i, l.aspect_key AS f FROM done.integration_ledger AS l
         WHERE l.id IN (SELECT row_id FROM done.operation_change WHERE seq >= {from} AND table_name = 'integration_ledger')
         UNION SELECT l.target_table, l.target_id, l.aspect_key FROM done.integration_ledger AS l WHERE l.id >=
         (SELECT min(r.value ->> 1) FROM done.operation AS o, json_each(o.rows_created) AS r
          WHERE o.seq >= {from} AND r.value ->> 0 = 'integration_ledger')"
    ))
    .expect("the fields");
    run("DELETE FROM main.current_value WHERE (target_table, target_id, field_name) IN (SELECT t, i, f FROM touched)
         AND NOT EXISTS (SELECT 1 FROM done.current_value AS c WHERE c.target_table = current_value.target_table
            AND c.target_id = current_value.target_id AND c.field_name = current_value.field_name)");
    run("INSERT INTO main.current_value SELECT c.* FROM touched CROSS JOIN done.current_value AS c
         ON c.target_table = t AND c.target_id = i AND c.field_name = f WHERE 1
         ON CONFLICT DO UPDATE SET value = excluded.value, ledger = excluded.ledger,
            confirmed_on = excluded.confirmed_on, stale_on = excluded.stale_on");
    run("INSERT OR REPLACE INTO main.row_count SELECT * FROM done.row_count");
    conn.execute_batch("COMMIT").expect("the changes");
    n as i64
}
