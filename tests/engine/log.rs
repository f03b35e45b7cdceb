//! Attacks on a store past the program: each is found, and the first operation that does not fit is named.

use rusqlite::Connection;
use steward::engine::{Check, Since, Verb, verify};

use crate::bench::{Bench, NOON};

fn attacked(sql: &str) -> (u8, Option<i64>, Vec<String>) {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("status", "x")]), ("2", &[("name", "Bo")])]);
    bench.act_as("rita").decide(Verb::Certify, "name:LED-0000001").unwrap();
    bench.assert_sound();
    let conn = Connection::open(&bench.path).unwrap();
    conn.execute_batch(sql).unwrap();
    drop(conn);
    let verification = bench.verify();
    (verification.exit_code, verification.first_bad, verification.lines)
}

#[test]
fn every_row_changed_by_hand_is_found() {
    // Operations: 1 init, 2 to 4 users, 5 codes, 6 the delivery, 7 the certification.
    for (sql, first_bad) in [
        ("UPDATE integration_ledger SET source_system_key = 'HX' WHERE id = 2", Some(6)),
        ("UPDATE integration_ledger SET value = 'Bob' WHERE id = 2", Some(6)),
        ("UPDATE integration_ledger SET ledger_status = 166840001 WHERE id = 2", Some(6)),
        ("UPDATE integration_ledger SET certified_by = 2 WHERE id = 1", Some(7)),
        ("UPDATE integration_sync_item SET raw_value = raw_value || '.' WHERE id = 1", Some(6)),
        ("UPDATE integration_sync_item SET state = 1 WHERE id = 2", Some(6)),
        ("UPDATE integration_identifier SET target_id = 'other' WHERE id = 1", Some(6)),
        ("UPDATE integration_value_map SET canonical_code_value = 'A', state = 1 WHERE id = 1", Some(6)),
        ("UPDATE code_list_entry SET code = 'B' WHERE id = 1", Some(5)),
        ("UPDATE system_user SET roles = 'admin' WHERE login = 'sam'", Some(2)),
        ("UPDATE setting SET value = 'off' WHERE key = 'four_eyes'", Some(1)),
        ("PRAGMA foreign_keys = OFF; DELETE FROM integration_ledger WHERE id = 2", Some(6)),
        ("INSERT OR REPLACE INTO code_list_entry (id, code_list, code) VALUES (1, 'status', 'B')", Some(5)),
        ("INSERT INTO code_list_entry (id, code_list, code) VALUES (2, 'status', 'B')", None),
        ("INSERT INTO system_user (id, login, roles) VALUES (0, 'eve', 'admin')", None),
        ("INSERT INTO operation_change VALUES (7, 99, 'setting', 1, 2, '{}', '{}')", Some(7)),
        ("PRAGMA foreign_keys = OFF; INSERT INTO operation_change VALUES (99, 1, 'setting', 1, 2, '{}', '{}')", None),
        ("UPDATE current_value SET value = 'Eve'", None),
        ("DELETE FROM current_value", None),
        ("UPDATE integration_sync_job SET held = 0", None),
        ("UPDATE integration_sync_job SET job_status = 166840000", None),
        ("UPDATE row_count SET n = n + 1 WHERE facet = 'Pending'", None),
        ("UPDATE row_count SET n = 0 WHERE facet = '' AND table_name = 'integration_identifier'", None),
        ("INSERT INTO row_count VALUES ('integration_ledger', 'Doubtful', 1)", None),
        ("DELETE FROM row_count WHERE table_name = 'integration_value_map'", None),
        ("UPDATE integration_value_map SET waiting = 0", None),
        ("DROP TRIGGER operation_no_update", None),
        ("CREATE TRIGGER later AFTER INSERT ON operation BEGIN UPDATE system_user SET roles = 'admin'; END", None),
        ("DROP VIEW v_integration_ledger; CREATE VIEW v_integration_ledger AS SELECT 1 AS id", None),
        ("UPDATE choice SET label = 'Certified' WHERE code = 166840002", None),
    ] {
        let (code, found, lines) = attacked(sql);
        assert_eq!((code, found), (10, first_bad), "{sql}: {lines:#?}");
    }
}

#[test]
fn every_operation_changed_by_hand_is_found() {
    let off = "DROP TRIGGER operation_no_update; DROP TRIGGER operation_no_delete; DROP TRIGGER operation_append;
               DROP TRIGGER operation_change_no_update; DROP TRIGGER operation_change_no_delete;";
    for (sql, first_bad) in [
        ("UPDATE operation SET summary = 'nothing' WHERE seq = 7", 7),
        ("UPDATE operation SET actor = 'sam' WHERE seq = 7", 7),
        ("UPDATE operation SET at = at + 1 WHERE seq = 6", 6),
        ("UPDATE operation SET rows_hash = zeroblob(32) WHERE seq = 6", 6),
        ("UPDATE operation SET hash = zeroblob(32) WHERE seq = 5", 5),
        ("PRAGMA foreign_keys = OFF; DELETE FROM operation WHERE seq = 6", 6),
        ("PRAGMA foreign_keys = OFF; UPDATE operation SET seq = 100 WHERE seq = 7", 7),
        ("UPDATE operation_change SET before = '{}' WHERE seq = 7 AND ordinal = 1", 6),
        ("PRAGMA foreign_keys = OFF; DELETE FROM operation_change WHERE seq = 7 AND ordinal = 1", 6),
        // Two operations in the other order.
        (
            "PRAGMA foreign_keys = OFF; UPDATE operation SET seq = -3 WHERE seq = 3;
             UPDATE operation SET seq = 3 WHERE seq = 4; UPDATE operation SET seq = 4 WHERE seq = -3",
            3,
        ),
        ("INSERT OR REPLACE INTO operation SELECT seq, op_id, kind, at, 'sam', role, on_behalf_of, host, program_version,
            summary, reason, undoes, rows_created, rows_changed, rows_hash, prev_hash, hash, touched, kept
            FROM operation WHERE seq = 4", 4),
    ] {
        let (code, found, lines) = attacked(&format!("{off} {sql}"));
        assert_eq!((code, found), (10, Some(first_bad)), "{sql}: {lines:#?}");
    }
}

#[test]
fn the_seat_belt_refuses_changes_of_the_log() {
    let bench = Bench::new();
    let conn = Connection::open(&bench.path).unwrap();
    conn.pragma_update(None, "recursive_triggers", true).unwrap();
    for sql in [
        "UPDATE operation SET summary = 'x'",
        "DELETE FROM operation",
        "INSERT OR REPLACE INTO operation SELECT * FROM operation WHERE seq = 1",
        "UPDATE operation_change SET before = ''",
    ] {
        let result = conn.execute_batch(sql);
        // A table without rows has nothing to refuse.
        assert!(result.is_err() || sql.contains("operation_change"), "{sql}");
    }
}

#[test]
fn a_digest_kept_outside_finds_an_older_copy_and_another_history() {
    let mut bench = Bench::new();
    let copy = bench.path.with_extension("copy");
    Connection::open(&bench.path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    std::fs::copy(&bench.path, &copy).unwrap();
    bench.codes("status", &["A"]);
    let digest = bench.reader().digest().unwrap();
    assert_eq!(verify(&bench.store(), Some(&digest)).exit_code, 0);

    let older = steward::store::Store::open(&copy).unwrap();
    assert_eq!(verify(&older, Some(&digest)).exit_code, 11);
    let other = Bench::new();
    assert_eq!(verify(&other.store(), Some(&digest)).exit_code, 12);
    let mut forked = digest.clone();
    forked.hash = "0".repeat(64);
    assert_eq!(verify(&bench.store(), Some(&forked)).exit_code, 12);
}

/// Whoever cuts the end off must also take away what came from it: then the store is an older one, and only a digest
/// tells (see the test above).
#[test]
fn a_cut_off_end_leaves_what_it_wrote_behind() {
    let (code, first_bad, lines) = attacked(
        "PRAGMA foreign_keys = OFF; DROP TRIGGER operation_no_delete; DELETE FROM operation WHERE seq = 7;
         CREATE TRIGGER operation_no_delete BEFORE DELETE ON operation
BEGIN SELECT RAISE(ABORT, 'the operation log is append-only'); END;",
    );
    assert_eq!((code, first_bad), (10, None), "{lines:#?}");
    assert!(lines[1].contains("stand in no operation"), "{lines:#?}");
}

#[test]
fn rows_and_logs_of_another_store_do_not_fit_in() {
    let fill = |bench: &mut Bench| {
        bench.codes("status", &["A"]);
        bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    };
    let mut other = Bench::new();
    fill(&mut other);
    for (table, first_bad) in
        [("integration_ledger", 6), ("integration_identifier", 6), ("setting", 1), ("operation", 1)]
    {
        let mut bench = Bench::new();
        fill(&mut bench);
        let conn = Connection::open(&bench.path).unwrap();
        conn.execute_batch("DROP TRIGGER operation_no_delete; PRAGMA foreign_keys = OFF").unwrap();
        conn.execute("ATTACH ? AS other", [other.path.to_str()]).unwrap();
        let columns: String =
            conn.query_row("SELECT group_concat(name) FROM pragma_table_info(?)", [table], |row| row.get(0)).unwrap();
        let swap = format!("DELETE FROM {table}; INSERT INTO {table} ({columns}) SELECT {columns} FROM other.{table}");
        conn.execute_batch(&swap).unwrap();
        drop(conn);
        let found = bench.verify();
        assert_eq!((found.exit_code, found.first_bad), (10, Some(first_bad)), "{table}: {found:#?}");
    }
}

#[test]
fn a_check_since_an_operation_looks_from_there_on_and_says_so() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")]), ("2", &[("name", "Bo")])]);
    let digest = bench.reader().digest().unwrap();
    bench.act_as("rita").decide(Verb::Certify, "name:LED-0000001").unwrap();
    let since = |since, digest| Check { since: Some(since), digest, replay: false }.run(&bench.store());
    let sound = since(Since::Operation(7), None);
    assert_eq!(sound.exit_code, 14, "{sound:#?}");
    assert!(sound.lines[0].contains("1 operation") && sound.lines[1].contains("from 7 on"), "{sound:#?}");
    // A digest does not vouch for what lies between it and the first operation that is checked.
    let clamped = since(Since::Operation(8), Some(&digest));
    assert!(clamped.lines[1].contains("from 7 on") && clamped.lines[1].contains("is the digest's"), "{clamped:#?}");
    assert_eq!(since(Since::Time(NOON + 1), None).exit_code, 14);

    let conn = Connection::open(&bench.path).unwrap();
    conn.execute("UPDATE code_list_entry SET label = 'other'", []).unwrap();
    assert_eq!(since(Since::Operation(5), None).first_bad, Some(5));
    assert_eq!(since(Since::Operation(6), None).exit_code, 14);
    // A row that an older operation made and a checked one changed is looked at.
    conn.execute("UPDATE integration_ledger SET certified_by = 2 WHERE id = 1", []).unwrap();
    assert_eq!(since(Since::Operation(7), None).first_bad, Some(7));
}

#[test]
fn versions_and_last_changes_are_those_of_the_log() {
    for (sql, part) in [
        ("UPDATE integration_ledger SET row_version = 9 WHERE id = 1", "has the version 9"),
        ("UPDATE integration_ledger SET modified_by = 2 WHERE id = 1", "another last change"),
        ("UPDATE integration_ledger SET modified_on = 0 WHERE id = 2", "another last change"),
    ] {
        let mut bench = Bench::new();
        bench.deliver("HR", "contact", &[("1", &[("name", "Ann")]), ("2", &[("name", "Bo")])]);
        bench.act_as("rita").decide(Verb::Certify, "name:LED-0000001").unwrap();
        let replayed = Check { replay: true, ..Check::default() }.run(&bench.store());
        assert_eq!(replayed.exit_code, 14, "{replayed:#?}");
        Connection::open(&bench.path).unwrap().execute(sql, []).unwrap();
        let found = bench.verify();
        assert_eq!(found.exit_code, 10, "{sql}");
        assert!(found.lines[1].contains(part), "{sql}: {found:#?}");
    }
}

#[test]
fn a_file_that_lost_its_middle_is_unreadable() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let store = bench.store();
    Connection::open(&bench.path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = std::fs::read(&bench.path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xff);
    std::fs::write(&bench.path, bytes).unwrap();
    let verification = verify(&store, None);
    assert!([10, 13].contains(&verification.exit_code), "{verification:?}");
}
