//! Stores of an older format: brought up to date once, with a copy put beside them first.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;

use crate::harness::Bench;

/// What each step of an upgrade adds, taken away again: the agency's store as format 1 had it.
fn of_format_1() -> Bench {
    let bench = Bench::agency();
    let conn = Connection::open(bench.store()).unwrap();
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

/// Lookups fold in full from format 4 on: what older codes fold to is worked out anew, by the upgrade's own operation.
#[test]
fn older_codes_fold_in_full() {
    let bench = of_format_1();
    let conn = Connection::open(bench.store()).unwrap();
    let older = "UPDATE integration_value_map SET source_code = 'Straße', normal_code = 'straße'
                 WHERE id = (SELECT min(id) FROM integration_value_map)";
    assert_eq!(conn.execute(older, []).unwrap(), 1);
    bench.run(&["stats"]).ok();
    let folded = "SELECT normal_code FROM integration_value_map WHERE source_code = 'Straße'";
    assert_eq!(conn.query_row::<String, _, _>(folded, [], |row| row.get(0)).unwrap(), "strasse");
    let logged =
        "SELECT o.kind, c.before ->> 'normal_code' FROM operation_change AS c JOIN operation AS o ON o.seq = c.seq
                  ORDER BY c.seq DESC, c.ordinal DESC LIMIT 1";
    let logged: (String, String) = conn.query_row(logged, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(logged, ("upgrade".into(), "straße".into()));
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
