//! Attacks on a store past the program: each is found, and the first operation that does not fit is named.

use rusqlite::Connection;
use steward::engine::{Verb, verify};

use crate::bench::Bench;

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
        ("UPDATE current_value SET value = 'Eve'", None),
        ("DELETE FROM current_value", None),
        ("UPDATE integration_sync_job SET held = 0", None),
        ("UPDATE integration_sync_job SET job_status = 166840000", None),
        ("UPDATE row_count SET n = n + 1 WHERE facet = 'Pending'", None),
        ("UPDATE integration_value_map SET waiting = 0", None),
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
