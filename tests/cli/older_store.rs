//! Stores of an older format: brought up to date once, with a copy put beside them first.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;

use crate::harness::Bench;

/// What the steps after format 3 add, taken away again.
fn take_away_format_4(conn: &Connection) {
    let view: String = conn
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'v_integration_sync_job'", [], |row| row.get(0))
        .unwrap();
    conn.execute_batch(&format!(
        "DROP VIEW v_integration_sync_job; ALTER TABLE integration_sync_job DROP COLUMN closed; {};
         DELETE FROM choice WHERE label = 'Closed' OR choice_set IN ('On Empty', 'Job State');
         DROP TABLE job_lease;
         ALTER TABLE code_binding DROP COLUMN on_empty;
         DROP INDEX operation_for_somebody; DROP INDEX operation_of_bindings;
         DROP TABLE binding_change; DROP TABLE last_word; DROP TABLE last_repeat; DROP TABLE field_set;
         DROP INDEX ledger_turned_down; DROP INDEX sync_job_withdrawn; DROP INDEX sync_item_unplaced;
         DROP INDEX sync_job_delivery;
         CREATE INDEX ledger_rejected ON integration_ledger (target_id, aspect_key) WHERE ledger_status = 166840002;
         CREATE UNIQUE INDEX sync_job_delivery ON integration_sync_job (source_system_key, delivery_id)
            WHERE delivery_id IS NOT NULL;
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'state BETWEEN 0 AND 9', 'state BETWEEN 0 AND 8')
         WHERE name = 'integration_sync_item';
         PRAGMA writable_schema = RESET; PRAGMA user_version = 3;",
        view.replace("  closed,\n", "")
    ))
    .unwrap();
}

/// A store as the program of format 3 left it.
fn of_format_3() -> Bench {
    let bench = Bench::empty();
    let conn = Connection::open(bench.store()).unwrap();
    conn.execute_batch(include_str!("../older/format3.sql")).unwrap();
    bench
}

/// What the steps to format 3 add, taken away again.
fn of_format_1() -> Bench {
    let bench = of_format_3();
    let conn = Connection::open(bench.store()).unwrap();
    conn.execute_batch(
        "DROP INDEX sync_item_source; DELETE FROM vocabulary WHERE kind = 'field'; PRAGMA user_version = 1;",
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

/// Everything of the schema by its name, white space aside: a column that is added later stands on no line of its own.
fn schema(store: &Path) -> Vec<(String, Option<String>)> {
    let conn = Connection::open(store).unwrap();
    let mut statement = conn.prepare("SELECT type || ' ' || name, sql FROM sqlite_schema ORDER BY 1").unwrap();
    let bare = |sql: String| sql.split_whitespace().collect::<String>();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?.map(bare)))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// What an option set says, by its code.
fn choices(store: &Path) -> Vec<(String, i64, String)> {
    let conn = Connection::open(store).unwrap();
    let mut statement = conn.prepare("SELECT choice_set, code, label FROM choice ORDER BY 1, 2").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// What was logged before a column was there stays as it was, and so does what was kept elsewhere of the log.
#[test]
fn a_digest_of_an_older_store_stays_valid() {
    let bench = Bench::agency();
    bench.file("digests", bench.run(&["digest"]).ok().out);
    take_away_format_4(&Connection::open(bench.store()).unwrap());
    let older = bench;
    older.run(&["verify", "--digest", "digests"]).ok();
    // A binding from before is changed, and one is made, with what came later.
    older.file("out.csv", "target_table,field_name,source_system_key,outbound,on_empty\nperson,name,FIN,Yes,hold\n");
    older.run(&["import", "bindings", "out.csv"]).ok();
    older.run(&["bind", "person", "name", "--source", "FIN", "--on-empty", "default"]).ok();
    older.run(&["verify", "--digest", "digests"]).ok();
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
    assert_eq!(choices(&bench.store()), choices(&Bench::new().store()));
    let known = vocabulary(&of_format_3().store());
    assert!(known.iter().any(|(kind, name)| kind == "field" && name == "status"), "{known:?}");
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
    assert!(ran.err.contains("from format 1 to 5; a copy of it as it is goes to "), "{ran:?}");
}

#[test]
fn a_store_of_format_3_is_as_a_new_one_and_its_digest_stays_valid() {
    let bench = of_format_3();
    let items = bench.rows("sync-items", "").len();
    assert_eq!(items, 11);
    assert_eq!(schema(&bench.store()), schema(&Bench::new().store()));
    bench.file("digest", include_str!("../older/format3.digest"));
    let ran = bench.run(&["verify", "--digest", "digest"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("The log goes on from the digest of operation 12."), "{ran:?}");
}

#[test]
fn last_words_are_taken_from_items_entries_and_clocks() {
    let bench = of_format_3();
    let ran = bench.run(&["stats"]).ok();
    assert!(ran.err.contains("The last words of 3 values are kept"), "{ran:?}");
    let conn = Connection::open(bench.store()).unwrap();
    let words = |sql: &str| -> Vec<String> {
        let mut statement = conn.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    // PAY's codes wait; its key 2 said again what had been rejected, which makes nothing late.
    assert_eq!(
        words(
            "SELECT n.source_system_key || n.external_key || s.fields || w.job || w.closed
             FROM last_word AS w JOIN integration_identifier AS n ON n.id = w.identifier
             JOIN field_set AS s ON s.id = w.field ORDER BY 1"
        ),
        [r#"PAY1["status"]20"#, r#"PAY2["name"]61"#, r#"PAY2["status"]20"#]
    );
    // HR's third delivery repeated what is in force, and restarted its clock.
    assert_eq!(
        words(
            "SELECT n.source_system_key || n.external_key || s.fields || r.job
             FROM last_repeat AS r JOIN integration_identifier AS n ON n.id = r.identifier
             JOIN field_set AS s ON s.id = r.fields ORDER BY 1"
        ),
        [r#"HR1["name"]3"#, r#"HR2["status"]3"#]
    );
    // PAY's key 1 was seen with a name that was no news, of which nothing is left.
    let last = bench.run(&["history", "--json"]).ok().lines().remove(0);
    assert!(last["reason"].as_str().is_some_and(|said| said.contains("last words")), "{last}");
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
    take_away_format_4(&conn);
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    let refused = conn.execute("UPDATE integration_sync_item SET state = 9 WHERE id = 1", []);
    assert!(refused.unwrap_err().to_string().contains("CHECK"));
    drop(conn);
    let (pages, rows) = contents(&bench.store());
    bench.run(&["stats"]).ok();
    assert_eq!(format(&bench.store()), 5);
    let (pages_after, rows_after) = contents(&bench.store());
    // What a later part of the same step adds is no move of what was there.
    let made_anew = |name: &str| ["ledger_rejected", "sync_job_delivery"].contains(&name);
    let stays = pages.iter().filter(|(name, _)| !made_anew(name));
    let moved: Vec<_> = stays.filter(|page| !pages_after.contains(page)).collect();
    assert!(moved.is_empty(), "{moved:?}");
    assert_eq!(rows, rows_after);
    assert_eq!(schema(&bench.store()), schema(&Bench::new().store()));
    let checked = bench.run(&["verify", "--digest", "digests", "--replay"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let closed = bench.run(&["close", "--filter", "is:held", "--reason", "of a source that is gone"]).ok();
    assert!(closed.out.starts_with("Closed 2 items\n"), "{closed:?}");
    assert_eq!(bench.run(&["verify", "--digest", "digests", "--replay"]).code, 0);
}
