//! Stores of an older format: their admin brings them up to date, with a copy put beside them first, and nobody else writes
//! to them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use steward::store::{Opener, Store};

use crate::files::{besides, with_a_log_left};
use crate::harness::{Bench, Ran};
use crate::older_log;

/// What the steps after format 3 add, taken away again.
fn take_away_format_4(conn: &Connection) {
    older_log::rewrite(conn);
    let view: String = conn
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'v_integration_sync_job'", [], |row| row.get(0))
        .unwrap();
    conn.execute_batch(&format!(
        "DROP VIEW v_integration_sync_job; ALTER TABLE integration_sync_job DROP COLUMN closed; {};
         DELETE FROM choice WHERE label = 'Closed' OR choice_set IN ('On Empty', 'Job State');
         DROP TABLE job_lease; DROP TABLE legal_hold; DROP TABLE erasure; DROP TABLE disposed_earlier;
         ALTER TABLE operation DROP COLUMN touched; ALTER TABLE operation DROP COLUMN kept;
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

/// The admin of the stores of format 1 and 3.
const OPENER: Opener = Opener { login: "root", mapped: false };

/// Brings a store up to date, and answers what was told.
fn upgrade(bench: &Bench) -> Result<String, String> {
    let mut told = Vec::new();
    let opened = Store::open_to_write(&bench.store(), OPENER, &mut |said| told.push(said.to_string()));
    opened.map(|_| told.join("\n")).map_err(|error| format!("{error:#}"))
}

/// A store of the format before this one whose admin is who runs the tests.
fn of_format_3_of_mine() -> Bench {
    let bench = Bench::agency();
    let conn = Connection::open(bench.store()).unwrap();
    take_away_format_4(&conn);
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
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
    let older = of_format_3_of_mine();
    older.file("digests", older.run(&["digest", "--upgraded-copy"]).ok().out);
    older.run(&["verify", "--digest", "digests", "--upgraded-copy"]).ok();
    // A binding from before is changed, and one is made, with what came later.
    older.file("out.csv", "target_table,field_name,source_system_key,outbound,on_empty\nperson,name,FIN,Yes,hold\n");
    older.run(&["import", "bindings", "out.csv"]).ok();
    older.run(&["bind", "person", "name", "--source", "FIN", "--on-empty", "default"]).ok();
    older.run(&["verify", "--digest", "digests"]).ok();
}

#[test]
fn an_older_store_is_brought_up_to_date_once_and_is_as_a_new_one() {
    let bench = of_format_1();
    upgrade(&bench).unwrap();
    let items = bench.rows("sync-items", "").len();
    let copy = bench.path("store.db.format1");
    assert_eq!(format(&copy), 1);
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let count = "SELECT count(*) FROM integration_sync_item";
    let copied: i64 = Connection::open(&copy).unwrap().query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(copied, items as i64);

    assert_eq!(schema(&bench.store()), schema(&Bench::new().store()));
    assert_eq!(choices(&bench.store()), choices(&Bench::new().store()));
    let format_3 = of_format_3();
    upgrade(&format_3).unwrap();
    let known = vocabulary(&format_3.store());
    assert!(known.iter().any(|(kind, name)| kind == "field" && name == "status"), "{known:?}");
    assert_eq!(vocabulary(&bench.store()), known);
    bench.assert_sound();
    let last = bench.run(&["history", "--json"]).ok().lines().remove(0);
    assert_eq!((last["kind"].as_str(), last["actor"].as_str()), (Some("upgrade"), Some("steward:engine")), "{last}");
    // It is not begun again, nor taken back.
    fs::remove_file(&copy).unwrap();
    assert_eq!(upgrade(&bench).unwrap(), "");
    assert!(!copy.exists());
    bench.run(&["undo", &last["seq"].to_string()]).refused(&["cannot be taken back"]);
}

#[test]
fn what_is_done_to_an_older_store_is_told() {
    let told = upgrade(&of_format_1()).unwrap();
    assert!(told.starts_with("Bringing the store "), "{told}");
    assert!(told.contains("from format 1 to 6; a copy of it as it is goes to "), "{told}");
}

#[test]
fn a_store_of_format_3_is_as_a_new_one_and_its_digest_stays_valid() {
    let bench = of_format_3();
    upgrade(&bench).unwrap();
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
    let told = upgrade(&bench).unwrap();
    assert!(told.contains("The last words of 3 values are kept"), "{told}");
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
    upgrade(&bench).unwrap();
    let folded = "SELECT normal_code FROM integration_value_map WHERE source_code = 'Straße'";
    assert_eq!(conn.query_row::<String, _, _>(folded, [], |row| row.get(0)).unwrap(), "strasse");
    let logged =
        "SELECT o.kind, c.before ->> 'normal_code' FROM operation_change AS c JOIN operation AS o ON o.seq = c.seq
                  ORDER BY c.seq DESC, c.ordinal DESC LIMIT 1";
    let logged: (String, String) = conn.query_row(logged, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(logged, ("upgrade".into(), "straße".into()));
}

/// Everything in a folder: its names, a hash of what they hold, and when it changed.
fn everything(folder: &Path) -> Vec<(String, u64, SystemTime)> {
    let read = |name: String| {
        let path = folder.join(&name);
        let mut hash = DefaultHasher::new();
        fs::read(&path).unwrap_or_default().hash(&mut hash);
        (name, hash.finish(), fs::symlink_metadata(&path).unwrap().modified().unwrap())
    };
    besides(folder, &[]).into_iter().map(read).collect()
}

#[test]
fn without_a_copy_an_older_store_stays_as_it_is() {
    // No longer name fits beside a name as long as this one.
    let bench = Bench::empty();
    let long = bench.path(&format!("{}.db", "s".repeat(240)));
    Connection::open(&long).unwrap().execute_batch(include_str!("../older/format3.sql")).unwrap();
    let failed = Store::open_to_write(&long, OPENER, &mut |_| {}).unwrap_err();
    for part in ["has format 3", "was not brought to format 6", "no copy", ".format3", "make room"] {
        assert!(format!("{failed:#}").contains(part), "{part} is not in {failed:#}");
    }
    assert_eq!((format(&long), besides(&bench.path("."), &[]).len()), (3, 1));
}

#[test]
fn the_copy_takes_a_free_name_and_follows_no_link() {
    let bench = of_format_3();
    let (elsewhere, linked) = (bench.file("elsewhere", "of somebody else"), bench.path("store.db.format3"));
    std::os::unix::fs::symlink(&elsewhere, &linked).unwrap();
    let there = bench.file("store.db.format3.2", "an older copy");
    fs::create_dir(bench.path("store.db.format3.3")).unwrap();
    let half = bench.path(".store.db.format3.unfinished-0");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("store.db.format3"), "of one who was killed").unwrap();
    let told = upgrade(&bench).unwrap();
    let copy = bench.path("store.db.format3.4");
    assert!(told.contains("goes to ") && told.contains("store.db.format3.4 first"), "{told}");
    assert_eq!((format(&copy), fs::metadata(&copy).unwrap().permissions().mode() & 0o777), (3, 0o600));
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "of somebody else");
    assert!(fs::symlink_metadata(&linked).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(there).unwrap(), "an older copy");
    assert!(!half.exists());
}

#[test]
fn only_an_admin_brings_a_store_up_to_date_and_only_by_writing() {
    // Reading, asking what would happen, and the workbench, by an admin of it.
    let bench = of_format_3_of_mine();
    bench.file("more.csv", "id,name\n9,Eve\n");
    let before = everything(&bench.path("."));
    let refused: [&[&str]; 12] = [
        &["list", "ledger"],
        &["show", "ledger", "1"],
        &["stats"],
        &["verify"],
        &["digest"],
        &["history"],
        &["user", "list"],
        &["--plain"],
        &["certify", "--filter", "is:pending", "--dry-run"],
        &["undo", "--dry-run"],
        &["ingest", "more.csv", "--source", "HR", "--table", "person", "--key", "id", "--dry-run"],
        &["send", "--source", "FIN", "--dry-run"],
    ];
    for args in refused {
        bench.run(args).refused(&["has format 3", "stays as it is", "steward upgrade"]);
        assert_eq!(everything(&bench.path(".")), before, "{args:?}");
    }
    // What an admin writes brings it up to date, and so does asking for that.
    let ran = bench.run(&["certify", "--filter", "is:pending"]).ok();
    assert!(ran.err.starts_with("Bringing the store "), "{ran:?}");
    assert_eq!(format(&bench.store()), 6);
    let bench = of_format_3_of_mine();
    assert!(bench.run(&["upgrade"]).ok().out.contains("up to date.\n"));
    assert_eq!(format(&bench.store()), 6);
    assert!(bench.run(&["upgrade"]).ok().out.contains("up to date already"));

    // Somebody who is no admin of it, and somebody who is nobody in it.
    let bench = of_format_3_of_mine();
    for change in ["roles = 'steward,reviewer'", "active = 0", "roles = 'admin', login = 'somebody'"] {
        let conn = Connection::open(bench.store()).unwrap();
        conn.execute_batch(&format!("UPDATE system_user SET {change} WHERE id = 2; PRAGMA wal_checkpoint(TRUNCATE);"))
            .unwrap();
        drop(conn);
        let before = everything(&bench.path("."));
        for args in [&["certify", "--filter", "is:pending"] as &[&str], &["upgrade"], &["undo"]] {
            bench.run(args).refused(&["has format 3", "steward upgrade"]);
            assert_eq!(everything(&bench.path(".")), before, "{args:?} with {change}");
        }
    }
}

#[test]
fn an_older_store_is_read_by_way_of_a_copy() {
    let bench = of_format_3_of_mine();
    let folder = tempfile::tempdir().unwrap();
    let copied =
        |args: &[&str]| bench.command(args).arg("--upgraded-copy").env("TMPDIR", folder.path()).output().unwrap();
    let target = {
        let ran: Ran = copied(&["list", "identifiers", "--json"]).into();
        ran.ok().lines()[0]["target_id"].as_str().unwrap().to_string()
    };
    let before = everything(&bench.path("."));
    let reads: [(&[&str], i32, &str); 7] = [
        (&["list", "sync-items"], 0, "ITM-0000001"),
        (&["list", "sync-items", "--csv"], 0, "ITM-0000001"),
        (&["show", "sync-jobs", "1"], 0, "JOB-0000001"),
        (&["explain", "person", &target, "name"], 0, "Ada"),
        (&["verify"], 14, "Sound: "),
        (&["verify", "--replay"], 14, "Sound: "),
        (&["digest"], 0, "\"seq\":4"),
    ];
    for (args, code, part) in reads {
        let ran: Ran = copied(args).into();
        assert!(ran.code == code && ran.out.contains(part), "{args:?}: {ran:?}");
        assert_eq!(everything(&bench.path(".")), before, "{args:?}");
        assert_eq!(besides(folder.path(), &[]), [""; 0], "{args:?}");
    }
    // What brought the copy up to date stands in no digest: the store's own log goes on without it.
    let digest: Ran = copied(&["digest"]).into();
    bench.file("digest", digest.ok().out);
    bench.run(&["upgrade"]).ok();
    bench.run(&["verify", "--digest", "digest"]).ok();
    // A store that is up to date needs no copy.
    assert_eq!(bench.run(&["digest", "--upgraded-copy"]).ok().json()["seq"], 5);
}

/// What was acknowledged may lie beside the file.
#[test]
fn the_copy_of_an_older_store_holds_what_lies_in_its_log() {
    let bench = with_a_log_left();
    let before = {
        let conn = Connection::open(bench.store()).unwrap();
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        take_away_format_4(&conn);
        drop(conn);
        [bench.store(), bench.path("store.db-wal")].map(|path| fs::read(path).unwrap())
    };
    bench.run(&["list", "ledger"]).refused(&["has format 3"]);
    let ran = bench.run(&["list", "ledger", "--filter", "is:certified", "--json", "--upgraded-copy"]).ok();
    assert!(!ran.out.is_empty(), "{ran:?}");
    assert_eq!([bench.store(), bench.path("store.db-wal")].map(|path| fs::read(path).unwrap()), before);
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
    let conn = Connection::open(bench.store()).unwrap();
    take_away_format_4(&conn);
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    bench.file("digests", &bench.run(&["digest", "--upgraded-copy"]).ok().out);
    let refused = conn.execute("UPDATE integration_sync_item SET state = 9 WHERE id = 1", []);
    assert!(refused.unwrap_err().to_string().contains("CHECK"));
    drop(conn);
    let (pages, rows) = contents(&bench.store());
    bench.run(&["upgrade"]).ok();
    assert_eq!(format(&bench.store()), 6);
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

/// An upgrade that is cut off after its copy is asked for again.
#[test]
fn a_copy_that_is_there_already_is_not_made_again() {
    let bench = of_format_3();
    let copies =
        || besides(&bench.path("."), &[]).into_iter().filter(|name| name.starts_with("store.db.format")).count();
    // A file in the way of what comes after the copy: a table that the upgrade makes.
    let conn = Connection::open(bench.store()).unwrap();
    conn.execute_batch("CREATE VIEW last_repeat AS SELECT 1").unwrap();
    drop(conn);
    for _ in 0..3 {
        upgrade(&bench).unwrap_err();
        assert_eq!((format(&bench.store()), copies()), (3, 1));
    }
    let conn = Connection::open(bench.store()).unwrap();
    conn.execute_batch("DROP VIEW last_repeat; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(conn);
    // The store is another one by now, so that is not its copy.
    let told = upgrade(&bench).unwrap();
    assert_eq!((format(&bench.store()), copies()), (6, 2), "{told}");
}

#[test]
fn nothing_is_sent_from_a_copy() {
    let bench = Bench::agency();
    bench.file("out.csv", "target_table,field_name,source_system_key,outbound\nperson,name,FIN,Yes\n");
    bench.run(&["import", "bindings", "out.csv"]).ok();
    bench.run(&["certify", "--filter", "is:pending"]).ok();
    let conn = Connection::open(bench.store()).unwrap();
    take_away_format_4(&conn);
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    drop(conn);
    let before = everything(&bench.path("."));
    for name in ["send", "export"] {
        let sent = bench.run(&[name, "--source", "FIN", "--upgraded-copy", "--out", "out.csv"]);
        assert!(sent.code == 1 && sent.err.contains("would not count as sent"), "{sent:?}");
        let told = bench.run(&[name, "--source", "FIN", "--upgraded-copy", "--dry-run"]).ok();
        assert!(told.out.contains("Sent 0 values"), "{told:?}");
    }
    assert_eq!(everything(&bench.path(".")), before);
}
