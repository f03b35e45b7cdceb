//! Stores of an older format: brought up to date once, with a copy put beside them first.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;

use crate::harness::Bench;

/// What the step to format 4 adds, taken away again.
fn take_away_closing(conn: &Connection) {
    let view: String = conn
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'v_integration_sync_job'", [], |row| row.get(0))
        .unwrap();
    conn.execute_batch(&format!(
        "DROP VIEW v_integration_sync_job; ALTER TABLE integration_sync_job DROP COLUMN closed; {};
         DELETE FROM choice WHERE label = 'Closed';
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'state BETWEEN 0 AND 9', 'state BETWEEN 0 AND 8')
         WHERE name = 'integration_sync_item';
         PRAGMA writable_schema = RESET;",
        view.replace("  closed,\n", "")
    ))
    .unwrap();
}

/// What each step of an upgrade adds, taken away again: the agency's store as format 1 had it.
fn of_format_1() -> Bench {
    let bench = Bench::agency();
    let conn = Connection::open(bench.store()).unwrap();
    take_away_closing(&conn);
    conn.execute_batch(
        "DROP INDEX sync_item_source; DELETE FROM vocabulary WHERE kind = 'field';
         PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE);",
    )
    .unwrap();
    bench
}

/// How names are spelled.
fn vocabulary(store: &Path) -> Vec<(String, String)> {
    let conn = Connection::open(store).unwrap();
    let mut statement = conn.prepare("SELECT kind, spelling FROM vocabulary ORDER BY 1, 2").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn format(store: &Path) -> i32 {
    Connection::open(store).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

/// Everything of the schema by its name.
fn schema(store: &Path) -> Vec<(String, Option<String>)> {
    let conn = Connection::open(store).unwrap();
    let mut statement = conn.prepare("SELECT type || ' ' || name, sql FROM sqlite_schema ORDER BY 1").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn an_older_store_is_brought_up_to_date_once_and_is_as_a_new_one() {
    let bench = of_format_1();
    let items = bench.rows("sync-items", "").len();
    let copy = bench.path("store.db.format1");
    assert_eq!(format(&copy), 1);
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let count = "SELECT count(*) FROM integration_sync_item";
    let copied: i64 = Connection::open(&copy).unwrap().query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(copied, items as i64);

    assert_eq!(schema(&bench.store()), schema(&Bench::new().store()));
    let known = vocabulary(&Bench::agency().store());
    assert!(known.iter().any(|(kind, name)| kind == "field" && name == "country"), "{known:?}");
    assert_eq!(vocabulary(&bench.store()), known);
    bench.assert_sound();
    let last = bench.run(&["history", "--json"]).ok().lines().remove(0);
    assert_eq!((last["kind"].as_str(), last["actor"].as_str()), (Some("upgrade"), Some("steward:engine")), "{last}");
    // It is not begun again, nor taken back.
    fs::remove_file(&copy).unwrap();
    assert_eq!(bench.run(&["list", "ledger"]).ok().err, "");
    assert!(!copy.exists());
    bench.run(&["undo", &last["seq"].to_string()]).refused(&["cannot be taken back"]);
}

#[test]
fn what_is_done_to_an_older_store_is_told() {
    let bench = of_format_1();
    let ran = bench.run(&["stats"]).ok();
    assert!(ran.err.starts_with("Bringing the store "), "{ran:?}");
    assert!(ran.err.contains("from format 1 to 4; a copy of it as it is goes to "), "{ran:?}");
}

#[test]
fn without_a_copy_an_older_store_stays_as_it_is() {
    let bench = of_format_1();
    fs::create_dir(bench.path("store.db.format1")).unwrap();
    let ran = bench.run(&["list", "ledger"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    for part in ["has format 1", "stays as it is", "no copy", "store.db.format1", "make room"] {
        assert!(ran.err.contains(part), "{part} is not in {ran:?}");
    }
    assert_eq!(format(&bench.store()), 1);
}

#[test]
fn a_format_that_never_was_is_refused() {
    let bench = of_format_1();
    Connection::open(bench.store()).unwrap().execute_batch("PRAGMA user_version = 0").unwrap();
    bench.run(&["list", "ledger"]).refused(&["has format 0", "backup"]);
}

/// Where each table and index begins in the file, and a digest of the rows of each table that holds what was delivered
/// and decided.
fn contents(store: &Path) -> (Vec<(String, i64)>, Vec<String>) {
    let conn = Connection::open(store).unwrap();
    let mut statement = conn.prepare("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0 ORDER BY 1").unwrap();
    let pages: Vec<(String, i64)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
    let tables = ["integration_sync_item", "integration_sync_job", "integration_ledger", "current_value", "row_count"];
    let rows = tables.map(|table| {
        let columns: Vec<String> = conn
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'closed'"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
        let sql = format!(
            "SELECT coalesce(group_concat(line, char(10)), '') FROM (SELECT {} AS line FROM {table})",
            quoted.join("||")
        );
        conn.query_row(&sql, [], |row| row.get(0)).unwrap()
    });
    (pages, rows.to_vec())
}

#[test]
fn an_upgrade_moves_no_row_and_no_index_and_old_digests_hold() {
    let bench = Bench::agency();
    bench.file("digests", &bench.run(&["digest"]).ok().out);
    let conn = Connection::open(bench.store()).unwrap();
    take_away_closing(&conn);
    conn.execute_batch("PRAGMA user_version = 3; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    let refused = conn.execute("UPDATE integration_sync_item SET state = 9 WHERE id = 1", []);
    assert!(refused.unwrap_err().to_string().contains("CHECK"));
    drop(conn);
    let (pages, rows) = contents(&bench.store());
    bench.run(&["stats"]).ok();
    assert_eq!(format(&bench.store()), 4);
    let (pages_after, rows_after) = contents(&bench.store());
    // What a later part of the same step adds is no move of what was there.
    let moved: Vec<_> = pages.iter().filter(|page| !pages_after.contains(page)).collect();
    assert!(moved.is_empty(), "{moved:?}");
    assert_eq!(rows, rows_after);
    assert_eq!(schema(&bench.store()), schema(&Bench::new().store()));
    let checked = bench.run(&["verify", "--digest", "digests", "--replay"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let closed = bench.run(&["close", "--filter", "is:held", "--reason", "of a source that is gone"]).ok();
    assert!(closed.out.starts_with("Closed 2 items\n"), "{closed:?}");
    assert_eq!(bench.run(&["verify", "--digest", "digests", "--replay"]).code, 0);
}
