//! Stores that cannot be opened or written: each gets a sentence with the remedy, and nothing is written to them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;

use nix::unistd::geteuid;
use rusqlite::Connection;

use crate::harness::{Bench, Ran};

const READS_AND_WRITES: [&[&str]; 3] =
    [&["list", "ledger"], &["certify", "--filter", "is:pending"], &["stats", "--json"]];

fn assert_refused_and_unchanged(bench: &Bench, parts: &[&str]) {
    let before = fs::read(bench.store()).unwrap();
    for args in READS_AND_WRITES {
        bench.run(args).refused(parts);
    }
    let verify = bench.run(&["verify"]);
    assert_eq!(verify.code, 13, "{verify:?}");
    assert_eq!(fs::read(bench.store()).unwrap(), before);
}

#[test]
fn a_missing_store_is_answered_with_init() {
    let bench = Bench::empty();
    for args in READS_AND_WRITES {
        bench.run(args).refused(&["store.db", "steward init"]);
    }
    bench.run(&["verify"]).refused(&["steward init"]);
    assert!(!bench.store().exists());
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let bench = Bench::empty();
    fs::write(bench.store(), "id,name\n".repeat(1000)).unwrap();
    assert_refused_and_unchanged(&bench, &["store.db", "not a database"]);
}

#[test]
fn an_empty_file_is_refused() {
    let bench = Bench::empty();
    fs::write(bench.store(), "").unwrap();
    assert_refused_and_unchanged(&bench, &["store.db", "empty"]);
}

#[test]
fn another_programs_database_is_refused() {
    let bench = Bench::empty();
    let conn = Connection::open(bench.store()).unwrap();
    conn.execute_batch("CREATE TABLE bookmark (url TEXT); PRAGMA user_version = 3;").unwrap();
    drop(conn);
    assert_refused_and_unchanged(&bench, &["store.db", "another program"]);
}

#[test]
fn a_newer_store_is_refused() {
    let bench = Bench::new();
    let conn = Connection::open(bench.store()).unwrap();
    conn.execute_batch("PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    drop(conn);
    assert_refused_and_unchanged(&bench, &["store.db", "999", "newer"]);
}

#[test]
fn a_truncated_store_is_refused() {
    let bench = Bench::agency();
    let whole = fs::read(bench.store()).unwrap();
    for length in [whole.len() / 2, 4096, 100] {
        fs::write(bench.store(), &whole[..length]).unwrap();
        assert_refused_and_unchanged(&bench, &["store.db"]);
    }
}

/// A kill while a store that some other tool copied is brought into WAL mode leaves a journal. It is played back, and another
/// program's is not.
#[test]
fn a_journal_that_a_kill_left_is_played_back_if_it_is_of_a_store() {
    for of_a_store in [true, false] {
        let bench = Bench::agency();
        let conn = Connection::open(bench.store()).unwrap();
        if !of_a_store {
            conn.execute_batch("PRAGMA application_id = 1").unwrap();
        }
        // A transaction that does not fit into memory has begun to change the file.
        conn.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1").unwrap();
        conn.execute_batch("BEGIN; CREATE TABLE big (b); INSERT INTO big VALUES (zeroblob(100000))").unwrap();
        let journal = bench.path("store.db-journal");
        let [file, kept] = [bench.store(), journal.clone()].map(|path| fs::read(path).unwrap());
        conn.execute_batch("ROLLBACK").unwrap();
        drop(conn);
        fs::write(bench.store(), &file).unwrap();
        fs::write(&journal, kept).unwrap();
        if of_a_store {
            bench.run(&["list", "ledger"]).ok();
            bench.assert_sound();
            assert!(!journal.exists());
        } else {
            bench.run(&["list", "ledger"]).refused(&["store.db"]);
            assert!(journal.exists() && fs::read(bench.store()).unwrap() == file);
        }
    }
}

#[test]
fn a_read_only_store_loses_nothing() {
    let bench = Bench::agency();
    let before = fs::read(bench.store()).unwrap();
    fs::set_permissions(bench.store(), fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(bench.path("."), fs::Permissions::from_mode(0o555)).unwrap();
    let run = |args: &[&str]| -> Option<Ran> {
        let mut command = bench.command(args);
        if geteuid().is_root() {
            // Root may write anything, so somebody else has to try.
            command.uid(65534).gid(65534);
        }
        Some(command.output().ok()?.into())
    };
    match run(&["certify", "--filter", "is:pending"]) {
        Some(ran) => {
            assert!(!ran.err.contains("Error code"), "{ran:?}");
            ran.refused(&["store.db", "You may", "Ask its owner"]);
            for args in [["list", "ledger"], ["user", "list"]] {
                let ran = run(&args).unwrap();
                assert!(matches!(ran.code, 0 | 1), "{ran:?}");
            }
        }
        None => eprintln!("skipped: another user cannot run the binary here"),
    }
    assert_eq!(fs::read(bench.store()).unwrap(), before);
    fs::set_permissions(bench.path("."), fs::Permissions::from_mode(0o755)).unwrap();
}

/// What somebody did to the file past the program, and what every command says of it.
#[test]
fn a_store_that_is_not_as_its_format_says_is_refused_and_left_as_it_is() {
    for (case, done, said) in [
        ("a format set one lower", "PRAGMA user_version = 5", "holds kept BLOB, which came with format 6"),
        ("a format set lower", "PRAGMA user_version = 4", "holds job_lease, which came with format 5"),
        ("a format set much lower", "PRAGMA user_version = 1", "holds sync_item_source, which came with format 2"),
        ("a table dropped", "DROP TABLE last_word", "lacks the table last_word"),
    ] {
        let bench = Bench::agency();
        Connection::open(bench.store()).unwrap().execute_batch(done).unwrap();
        let before = fs::read(bench.store()).unwrap();
        for command in [&["verify"][..], &["stats"], &["upgrade"], &["list", "ledger"]] {
            let ran = bench.run(command);
            assert!(ran.code != 0 && ran.err.contains(said), "{case}: {command:?}: {ran:?}");
        }
        assert_eq!(fs::read(bench.store()).unwrap(), before, "{case}");
    }
}

#[test]
fn tables_and_checks_that_are_not_the_program_s_are_found() {
    let wider = "PRAGMA writable_schema = ON; UPDATE sqlite_schema
        SET sql = replace(sql, 'state BETWEEN 0 AND 9', 'state BETWEEN 0 AND 99') WHERE name = 'integration_sync_item';
        PRAGMA writable_schema = RESET";
    for (done, said) in [
        ("CREATE TABLE notes (text TEXT)", "the table notes is not this program's"),
        (wider, "the table integration_sync_item is not as this program makes it"),
    ] {
        let bench = Bench::agency();
        Connection::open(bench.store()).unwrap().execute_batch(done).unwrap();
        let ran = bench.run(&["verify"]);
        assert!(ran.code == 10 && ran.out.contains(said), "{done}: {ran:?}");
    }
}

#[test]
fn what_is_no_file_is_no_store() {
    let bench = Bench::empty();
    let pipe = bench.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let ran = bench.run(&["--store", pipe.to_str().unwrap(), "list", "ledger"]);
    assert!(ran.code == 1 && ran.err.contains("is a pipe, a device or a socket, not a store"), "{ran:?}");
}

#[test]
fn work_whose_output_could_not_be_written_is_told() {
    let bench = Bench::agency();
    let full = || std::process::Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let run = |args: &[&str]| {
        let output = bench.command(args).stdout(full()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run(&["certify", "--filter", "value:Ada"]);
    assert!(code == Some(1) && said.contains("The work was done and stands: operation "), "{said}");
    let (code, said) = run(&["list", "ledger"]);
    assert!(code == Some(1) && said.contains("could not be written") && !said.contains("stands"), "{said}");
    bench.file("more.csv", "id,name\n8,Eve\n");
    let path = bench.path("more.csv");
    let (_, said) = run(&["ingest", path.to_str().unwrap(), "--source", "HR", "--table", "person", "--key", "id"]);
    assert!(said.contains("The work was done and stands: JOB-0000002 took in 1 record."), "{said}");
    bench.assert_sound();
}
