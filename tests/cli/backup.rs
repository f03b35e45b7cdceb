//! Backups and restores, and what else is done to a store's file.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::files::{besides, with_a_log_left};
use crate::harness::{Bench, tamper};

/// The workbench as lines, which has the store open until it is ended.
fn open_workbench(bench: &Bench) -> Child {
    let mut command = bench.command(&["--plain"]);
    let process = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !bench.path("store.db-shm").exists() || bench.run(&["locks", "--json"]).out.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the workbench does not open the store");
        thread::sleep(Duration::from_millis(20));
    }
    process
}

fn quit(mut workbench: Child) {
    workbench.stdin.take().unwrap().write_all(b"q\n").unwrap();
    assert!(workbench.wait().unwrap().success());
}

/// Runs a command on another store.
fn on(bench: &Bench, store: &str, args: &[&str]) -> crate::harness::Ran {
    bench.run(&[&["--store", store], args].concat())
}

#[test]
fn a_backup_is_whole_and_checked_and_has_its_digest_beside_it() {
    let bench = with_a_log_left();
    let workbench = open_workbench(&bench);
    let said = bench.run(&["backup", "copy.db"]).ok();
    assert!(said.out.starts_with("Made the backup copy.db up to operation 5: copied in "), "{said:?}");
    quit(workbench);
    assert_eq!(fs::metadata(bench.path("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    // What lay in the log alone is in it, and nothing beside it.
    on(&bench, "copy.db", &["verify", "--digest", "copy.db.digest"]).ok();
    bench.run(&["verify", "--digest", "copy.db.digest"]).ok();
    let csv = |store: &str| on(&bench, store, &["list", "ledger", "--csv"]).ok().out;
    assert_eq!(csv("copy.db"), csv("store.db"));
    let left = besides(&bench.path("."), &["people.csv", "countries.csv", "bindings.csv", "home"]);
    assert_eq!(left, ["copy.db", "copy.db.digest", "store.db"]);
}

#[test]
fn a_backup_takes_the_place_of_nothing_and_is_none_if_it_does_not_verify() {
    let bench = Bench::agency();
    bench.file("there.db", "something");
    bench.run(&["backup", "there.db"]).refused(&["there.db", "already"]);
    assert_eq!(fs::read_to_string(bench.path("there.db")).unwrap(), "something");
    bench.file("new.db.digest", "something");
    bench.run(&["backup", "new.db"]).refused(&["new.db.digest", "already"]);
    bench.run(&["backup", "no/where.db"]).refused(&["no/where.db"]);
    bench.run(&["backup"]).misused(&["FILE"]);
    tamper(&bench.store(), "UPDATE integration_ledger SET value = 'Eve' WHERE id = 1");
    bench.run(&["backup", "tampered.db"]).refused(&["does not verify", "TAMPERED"]);
    assert!(!bench.path("tampered.db").exists() && !bench.path("new.db").exists());
    assert!(besides(&bench.path("."), &[]).iter().all(|name| !name.starts_with('.')));
}

#[test]
fn others_write_on_while_a_backup_is_made() {
    let bench = Bench::new();
    let rows: String = (0..20_000).map(|at| format!("{at},Name {at}\n")).collect();
    bench.file("people.csv", format!("id,name\n{rows}"));
    bench.ingest("people.csv").ok();
    let mut backup = bench.command(&["backup", "copy.db"]).stdout(Stdio::null()).spawn().unwrap();
    let conn = Connection::open(bench.store()).unwrap();
    let (mut longest, mut writes) = (Duration::ZERO, 0);
    while backup.try_wait().unwrap().is_none() {
        let begun = Instant::now();
        conn.execute_batch("BEGIN IMMEDIATE; UPDATE row_count SET n = n; COMMIT").unwrap();
        longest = longest.max(begun.elapsed());
        writes += 1;
    }
    assert!(backup.wait().unwrap().success() && writes > 10, "{writes}");
    // On an idle machine it is a few milliseconds; the limit is what the store promises.
    assert!(longest < Duration::from_millis(250), "{longest:?} in {writes} writes");
    on(&bench, "copy.db", &["verify", "--digest", "copy.db.digest"]).ok();
}

#[test]
fn of_the_backups_in_a_folder_only_sound_older_ones_go() {
    let bench = Bench::agency();
    let folder = bench.path("backups");
    fs::create_dir(&folder).unwrap();
    let backup = |keep: &str| {
        let ran = bench.run(&["backup", "--into", "backups", "--keep", keep, "--json"]).ok().json();
        (ran["file"].as_str().unwrap().to_string(), ran["removed"].as_array().unwrap().len())
    };
    let first = backup("2").0;
    let second = backup("2").0;
    // Another store's, one that was tampered with, one that is no store, a link: whatever their names.
    let strange = Bench::agency();
    fs::copy(strange.store(), folder.join("store-20200101T000000Z.db")).unwrap();
    fs::copy(bench.path(&first), folder.join("store-20200102T000000Z.db")).unwrap();
    tamper(&folder.join("store-20200102T000000Z.db"), "UPDATE integration_ledger SET value = 'Eve' WHERE id = 1");
    fs::write(folder.join("store-20200103T000000Z.db"), "a letter").unwrap();
    std::os::unix::fs::symlink(bench.path(&first), folder.join("store-20200104T000000Z.db")).unwrap();
    fs::write(folder.join("notes.db"), "a letter").unwrap();
    let before = besides(&folder, &[]);
    bench.run(&["certify", "--filter", "is:pending"]).ok();
    let (third, removed) = backup("2");
    assert_eq!(removed, 1);
    let gone = |path: &str| !bench.path(path).exists() && !bench.path(&format!("{path}.digest")).exists();
    assert!(gone(&first) && !gone(&second) && !gone(&third));
    let stays: Vec<_> = before.into_iter().filter(|name| !first.contains(name.trim_end_matches(".digest"))).collect();
    assert!(stays.iter().all(|name| folder.join(name).symlink_metadata().is_ok()), "{stays:?}");
    // The newest stays, however few are to be kept.
    let (fourth, removed) = backup("1");
    assert_eq!((removed, gone(&fourth)), (2, false));
    bench.run(&["backup", "--into", "backups", "--keep", "0"]).misused(&["--keep"]);
}

#[test]
fn a_restore_puts_the_store_aside_and_its_log_tells() {
    let bench = Bench::agency();
    bench.run(&["backup", "copy.db"]).ok();
    bench.run(&["certify", "--filter", "is:pending"]).ok();
    bench.run(&["undo"]).ok();
    bench.file("later", bench.run(&["digest"]).ok().out);
    let workbench = open_workbench(&bench);
    bench.run(&["restore", "copy.db"]).refused(&["store.db is open in steward (process ", "try again"]);
    quit(workbench);

    let said = bench.run(&["restore", "copy.db"]).ok();
    assert!(said.out.contains("operation 5 says so") && said.out.contains("store.db.before-restore."), "{said:?}");
    bench.assert_sound();
    bench.run(&["verify", "--digest", "copy.db.digest", "--replay"]).ok();
    let last = bench.run(&["history", "--json"]).ok().lines().remove(0);
    assert_eq!((last["kind"].as_str(), last["actor"].as_str()), (Some("restore"), Some(bench.me().as_str())));
    assert!(last["summary"].as_str().unwrap().contains("had come to operation 6"), "{last}");
    // A digest of the log as it was before is not merely older or forked: a restore happened, however long ago.
    for _ in 0..2 {
        let ran = bench.run(&["verify", "--digest", "later"]);
        assert_eq!(ran.code, 12, "{ran:?}");
        assert!(ran.out.contains("before a restore") && ran.out.contains("Operation 5 of "), "{ran:?}");
        bench.run(&["certify", "--filter", "is:pending"]).ok();
        bench.run(&["undo"]).ok();
    }
    // The store as it was is whole.
    on(&bench, "store.db.before-restore", &["verify", "--digest", "later"]).ok();
    // The next one does not take its place, and the backup is as it was.
    bench.run(&["restore", "copy.db"]).ok();
    on(&bench, "store.db.before-restore.2", &["verify"]);
    on(&bench, "copy.db", &["verify", "--digest", "copy.db.digest"]).ok();
    assert!(besides(&bench.path("."), &[]).iter().all(|name| !name.contains("unfinished")));
}

#[test]
fn what_is_no_sound_backup_of_the_store_is_not_restored() {
    let bench = Bench::agency();
    bench.run(&["backup", "copy.db"]).ok();
    let before = fs::read(bench.store()).unwrap();
    fs::copy(bench.path("copy.db"), bench.path("tampered.db")).unwrap();
    tamper(&bench.path("tampered.db"), "UPDATE integration_ledger SET value = 'Eve' WHERE id = 1");
    let strange = Bench::agency();
    fs::copy(strange.store(), bench.path("strange.db")).unwrap();
    bench.file("letter", "a letter");
    let cases = [
        ("tampered.db", "does not verify"),
        ("strange.db", "another store"),
        ("letter", "not a database"),
        ("no", "no store"),
    ];
    for (file, part) in cases {
        bench.run(&["restore", file]).refused(&[part]);
    }
    bench.run(&["restore", "store.db"]).refused(&["the store itself"]);
    // The digest beside it is of the backup as it was made.
    fs::copy(bench.path("tampered.db"), bench.path("older.db")).unwrap();
    bench.file("older.db.digest", strange.run(&["digest"]).ok().out);
    bench.run(&["restore", "older.db"]).refused(&["FORKED"]);
    assert_eq!(fs::read(bench.store()).unwrap(), before);
}

/// The next one takes away what a killed one had begun, also where it is refused, or has another name. What somebody is at stays.
#[test]
fn what_a_killed_backup_had_begun_is_taken_away() {
    let bench = Bench::agency();
    fs::create_dir(bench.path("backups")).unwrap();
    let begun = |name: &str| {
        let folder = bench.path(&format!("{name}.unfinished-0"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("half.db"), "half").unwrap();
        folder
    };
    let [taken, moved] = [".taken.db", ".moved.db"].map(begun);
    bench.file("taken.db", "something");
    bench.file("moved.db", "something");
    bench.run(&["backup", "taken.db"]).refused(&["already"]);
    bench.run(&["move", "moved.db"]).refused(&["already"]);
    assert!(!taken.exists() && !moved.exists());

    let killed = begun("backups/.store-20200101T000000Z.db");
    let made = begun("backups/.store-20200102T000000Z.db");
    let another = begun("backups/.other-20200101T000000Z.db");
    let lock = fs::File::open(&made).unwrap();
    lock.lock().unwrap();
    bench.run(&["backup", "--into", "backups"]).ok();
    assert!(!killed.exists() && made.exists() && another.exists());
}

/// A backup comes back where the store is damaged, with what lay beside it, or is gone.
#[test]
fn a_damaged_store_is_put_aside_with_what_lies_beside_it() {
    let bench = with_a_log_left();
    bench.run(&["backup", "copy.db"]).ok();
    fs::write(bench.store(), "burnt").unwrap();
    fs::write(bench.path("store.db-wal"), "burnt, too").unwrap();
    bench.run(&["restore", "copy.db"]).ok();
    bench.assert_sound();
    assert_eq!(fs::read_to_string(bench.path("store.db.before-restore")).unwrap(), "burnt");
    assert_eq!(fs::read_to_string(bench.path("store.db.before-restore-wal")).unwrap(), "burnt, too");
    fs::remove_file(bench.store()).unwrap();
    bench.run(&["restore", "copy.db"]).ok();
    bench.assert_sound();
}

#[test]
fn a_store_is_compacted_and_moved_while_nobody_else_is_there() {
    let bench = Bench::agency();
    bench.file("digest", bench.run(&["digest"]).ok().out);
    let workbench = open_workbench(&bench);
    for args in [&["compact"] as &[&str], &["move", "moved.db"]] {
        bench.run(args).refused(&["is open in steward (process "]);
    }
    let locks = bench.run(&["locks"]).ok();
    assert!(locks.out.contains("steward (process ") && locks.out.contains("open in 1 other program"), "{locks:?}");
    quit(workbench);
    let conn = Connection::open(bench.store()).unwrap();
    conn.execute_batch("CREATE TABLE room (b); INSERT INTO room VALUES (zeroblob(4000000)); DROP TABLE room").unwrap();
    drop(conn);
    let bytes = || fs::metadata(bench.store()).unwrap().len();
    assert!(bytes() > 4_000_000);
    bench.run(&["compact"]).ok();
    assert!(bytes() < 1_000_000);
    bench.run(&["verify", "--digest", "digest"]).ok();

    bench.file("taken.db", "something");
    bench.run(&["move", "taken.db"]).refused(&["taken.db", "already"]);
    let said = bench.run(&["move", "moved.db"]).ok();
    assert!(said.out.starts_with("Moved the store "), "{said:?}");
    on(&bench, "moved.db", &["verify", "--digest", "digest"]).ok();
    let left =
        besides(&bench.path("."), &["people.csv", "countries.csv", "bindings.csv", "home", "digest", "taken.db"]);
    assert_eq!(left, ["moved.db"]);
}

/// A kill between the backup and its digest leaves the one without the other.
#[test]
fn a_backup_whose_digest_is_missing_gets_it_when_it_is_asked_for_again() {
    let bench = Bench::agency();
    bench.run(&["backup", "copy.db"]).ok();
    let digest = fs::read_to_string(bench.path("copy.db.digest")).unwrap();
    let bytes = fs::read(bench.path("copy.db")).unwrap();
    fs::remove_file(bench.path("copy.db.digest")).unwrap();
    let said = bench.run(&["backup", "copy.db"]).ok();
    assert!(
        said.out.contains("up to operation 4 was made before; its digest was missing, and is written now"),
        "{said:?}"
    );
    let hash = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["hash"].clone();
    assert_eq!(hash(&fs::read_to_string(bench.path("copy.db.digest")).unwrap()), hash(&digest));
    // It is not what was asked for where the store has gone on.
    fs::remove_file(bench.path("copy.db.digest")).unwrap();
    bench.run(&["certify", "--filter", "is:pending"]).ok();
    bench.run(&["backup", "copy.db"]).refused(&["up to operation 4", "has come to operation 5: name another file"]);
    assert!(bench.path("copy.db.digest").exists());
    assert_eq!(fs::read(bench.path("copy.db")).unwrap(), bytes);
    // What is no sound backup of this store gets none.
    tamper(&bench.path("copy.db"), "UPDATE integration_ledger SET value = 'Eve' WHERE id = 1");
    fs::copy(Bench::agency().store(), bench.path("strange.db")).unwrap();
    fs::remove_file(bench.path("copy.db.digest")).unwrap();
    for file in ["copy.db", "strange.db", "people.csv", "store.db"] {
        bench.run(&["backup", file]).refused(&[file, "already"]);
        assert!(!bench.path(&format!("{file}.digest")).exists());
    }
}
