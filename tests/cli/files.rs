//! The files of a store: nothing of it lies elsewhere once nobody has it open.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::harness::Bench;

/// What lies in a folder beside what is named.
pub fn besides(folder: &Path, named: &[&str]) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !named.contains(&name.as_str())).collect();
    names.sort();
    names
}

fn wal(bench: &Bench) -> PathBuf {
    bench.path("store.db-wal")
}

/// An agency of which one decision lies in the `-wal` alone, as after a kill.
pub fn with_a_log_left() -> Bench {
    let bench = Bench::agency();
    let conn = Connection::open(bench.store()).unwrap();
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    // A connection is there only once it has read.
    conn.query_row("SELECT count(*) FROM operation", [], |row| row.get::<_, i64>(0)).unwrap();
    bench.run(&["certify", "--filter", "is:pending"]).ok();
    drop(conn);
    assert!(fs::metadata(wal(&bench)).unwrap().len() > 0);
    bench
}

/// How many operations a copy of the file alone holds.
fn operations_of_a_copy(bench: &Bench) -> i64 {
    let copy = bench.path("copy.db");
    fs::copy(bench.store(), &copy).unwrap();
    let conn = Connection::open(&copy).unwrap();
    conn.query_row("SELECT max(seq) FROM operation", [], |row| row.get(0)).unwrap()
}

#[test]
fn the_last_one_out_leaves_the_file_alone() {
    let bench = Bench::agency();
    let named = ["store.db", "people.csv", "countries.csv", "bindings.csv", "home"];
    let commands: [&[&str]; 8] = [
        &["list", "ledger"],
        &["certify", "--filter", "is:pending"],
        &["certify", "--filter", "is:pending", "--dry-run"],
        &["stats"],
        &["digest"],
        &["undo"],
        &["user", "list"],
        &["undo", "999"],
    ];
    for args in commands {
        bench.run(args);
        assert_eq!(besides(&bench.path("."), &named), [""; 0], "{args:?}");
    }
    assert_eq!(bench.run(&["verify"]).code, 14);
    assert_eq!(besides(&bench.path("."), &named), [""; 0]);
    bench.feed(&["--plain"], b"1\n6\nq\n");
    assert_eq!(besides(&bench.path("."), &named), [""; 0]);
}

#[test]
fn opening_writes_back_what_a_killed_program_left() {
    for args in [["list", "ledger"], ["stats", "--json"], ["history", "--json"]] {
        let bench = with_a_log_left();
        assert_eq!(operations_of_a_copy(&bench), 4);
        bench.run(&args);
        assert!(!wal(&bench).exists(), "{args:?}");
        assert_eq!(operations_of_a_copy(&bench), 5, "{args:?}");
        bench.assert_sound();
    }
}

#[test]
fn while_somebody_has_it_open_nobody_takes_the_log_away() {
    let bench = Bench::agency();
    let conn = Connection::open(bench.store()).unwrap();
    let last = || conn.query_row("SELECT max(seq) FROM operation", [], |row| row.get::<_, i64>(0)).unwrap();
    let before = last();
    bench.run(&["certify", "--filter", "is:pending"]).ok();
    bench.run(&["list", "ledger"]).ok();
    assert!(wal(&bench).exists());
    assert_eq!(last(), before + 1);
    // Somebody is at it: nothing is to be said.
    assert!(bench.run(&["stats", "--json"]).ok().json()["left_log_bytes"].is_null());
}

#[test]
fn a_log_that_one_may_not_write_back_is_told() {
    let bench = with_a_log_left();
    fs::set_permissions(bench.store(), fs::Permissions::from_mode(0o444)).unwrap();
    let left = fs::metadata(wal(&bench)).unwrap().len();
    let ran = bench.run(&["stats"]).ok();
    assert!(ran.out.contains("-wal with nobody at it"), "{ran:?}");
    assert_eq!(bench.run(&["stats", "--json"]).ok().json()["left_log_bytes"], left);
}
