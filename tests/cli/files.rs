//! The files of a store: nothing of it lies elsewhere once nobody has it open.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

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

/// Runs a command and kills it after a while. Answers whether it was done before.
fn kill_after(bench: &Bench, args: &[&str], wait: Duration) -> bool {
    let mut process = bench.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(wait);
    process.kill().unwrap();
    process.wait().unwrap().success()
}

#[test]
fn a_killed_init_leaves_a_store_or_a_free_name() {
    let begun = Instant::now();
    Bench::new();
    let whole = begun.elapsed();
    const TRIES: u32 = 24;
    let mut cut_off = 0;
    for part in 0..TRIES {
        let bench = Bench::empty();
        kill_after(&bench, &["init"], whole * part / TRIES);
        if !bench.store().exists() {
            cut_off += 1;
            bench.run(&["init"]).ok();
        }
        assert_eq!(bench.run(&["user", "list", "--json"]).ok().lines().len(), 2, "the engine and the first admin");
        bench.assert_sound();
        // The next one to make something there takes away what was left.
        bench.run(&["init"]).refused(&["There is a file"]);
        assert_eq!(besides(&bench.path("."), &["store.db"]), [""; 0]);
    }
    assert!(cut_off > 0, "no init was killed before its end");
}

#[test]
fn a_new_store_does_not_take_over_what_an_old_one_left() {
    let bench = with_a_log_left();
    fs::remove_file(bench.store()).unwrap();
    bench.run(&["init"]).refused(&["store.db-wal", "move it away"]);
    assert!(!bench.store().exists() && wal(&bench).exists());
}

#[test]
fn a_killed_export_leaves_nothing() {
    let bench = Bench::agency();
    bench.file("out.csv", "target_table,field_name,source_system_key,outbound\nperson,name,FIN,Yes\n");
    bench.run(&["import", "bindings", "out.csv"]).ok();
    let before = besides(&bench.path("."), &[]);
    for part in 0..30 {
        let done = kill_after(&bench, &["send", "--source", "FIN", "--out", "to-fin.csv"], Duration::from_millis(part));
        let left = besides(&bench.path("."), &["to-fin.csv", "store.db-wal", "store.db-shm"]);
        assert_eq!(left, before);
        if bench.path("to-fin.csv").exists() {
            // It has its name only when it is whole.
            let text = fs::read_to_string(bench.path("to-fin.csv")).unwrap();
            assert!(text.starts_with("target_table,"), "{text}");
            fs::remove_file(bench.path("to-fin.csv")).unwrap();
        } else {
            assert!(!done);
        }
    }
}

#[test]
fn a_store_with_two_names_is_not_written_to() {
    let bench = Bench::agency();
    let before = fs::read(bench.store()).unwrap();
    fs::hard_link(bench.store(), bench.path("other.db")).unwrap();
    for store in ["store.db", "other.db"] {
        for args in [&["certify", "--filter", "is:pending"] as &[&str], &["undo"], &["undo", "--dry-run"]] {
            bench.run(&[&["--store", store], args].concat()).refused(&["2 names", "hard links", "remove the others"]);
        }
        bench.run(&["--store", store, "list", "ledger"]).ok();
    }
    assert_eq!(fs::read(bench.store()).unwrap(), before);
    fs::remove_file(bench.path("other.db")).unwrap();
    bench.run(&["certify", "--filter", "is:pending"]).ok();
}

#[test]
fn a_store_is_the_same_by_way_of_a_symbolic_link() {
    let bench = with_a_log_left();
    fs::create_dir(bench.path("links")).unwrap();
    std::os::unix::fs::symlink(bench.store(), bench.path("links/link.db")).unwrap();
    let list = bench.run(&["--store", "links/link.db", "list", "ledger", "--filter", "is:certified", "--json"]).ok();
    assert!(!list.out.is_empty() && !wal(&bench).exists(), "{list:?}");
    bench.run(&["--store", "links/link.db", "undo"]).ok();
    assert_eq!(besides(&bench.path("links"), &[]), ["link.db"]);
    bench.assert_sound();
}

/// What can happen to the file of an open workbench: a name, what is done, and what is said of it.
type Fate = (&'static str, fn(&Bench), &'static str);

const FATES: [Fate; 4] = [
    ("removed", |bench| fs::remove_file(bench.store()).unwrap(), "was removed or renamed while it was open"),
    ("renamed", |bench| fs::rename(bench.store(), bench.path("renamed.db")).unwrap(), "was removed or renamed"),
    (
        "replaced",
        |bench| {
            fs::copy(bench.store(), bench.path("copy.db")).unwrap();
            fs::rename(bench.path("copy.db"), bench.store()).unwrap();
        },
        "was replaced by another file",
    ),
    ("its log removed", |bench| fs::remove_file(wal(bench)).unwrap(), "(its -wal) was removed"),
];

#[test]
fn the_open_workbench_says_what_became_of_its_file_and_writes_nothing() {
    for (fate, happens, said) in FATES {
        let bench = Bench::agency();
        let mut command = bench.command(&["--plain"]);
        let mut workbench = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut keys = workbench.stdin.take().unwrap();
        let mut heard = BufReader::new(workbench.stdout.take().unwrap());
        let mut first = String::new();
        // A pending entry is before the person, so the store is open.
        keys.write_all(b"1\n").unwrap();
        while !first.contains("Sync Item: ITM-") {
            assert!(heard.read_line(&mut first).unwrap() > 0, "{first}");
        }
        happens(&bench);
        let files = [bench.store(), bench.path("renamed.db"), wal(&bench)];
        let before = files.clone().map(|file| fs::read(file).ok());
        keys.write_all(b"c\nc\nq\n").unwrap();
        drop(keys);
        let mut rest = String::new();
        heard.read_to_string(&mut rest).unwrap();
        workbench.wait().unwrap();
        assert!(rest.contains(said) && rest.contains("nothing can be written"), "{fate}: {rest}");
        assert!(!rest.contains("Certified"), "{fate}: {rest}");
        assert_eq!(files.map(|file| fs::read(file).ok()), before, "{fate}");
    }
}
