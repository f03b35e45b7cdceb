//! Stores that one may read and not write: they can be read and verified, and nothing is written beside them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::geteuid;
use rusqlite::Connection;

use crate::files::{besides, with_a_log_left};
use crate::harness::{Bench, Ran};

/// Whoever owns none of it.
const NOBODY: u32 = 65534;

/// What an auditor does.
const READS: [&[&str]; 11] = [
    &["list", "ledger", "--json"],
    &["list", "sync-items", "--csv"],
    &["show", "sync-jobs", "1"],
    &["history"],
    &["stats"],
    &["digest"],
    &["prove", "sync-items", "1"],
    &["user", "list"],
    &["rules", "list"],
    &["families", "--list", "country"],
    &["backup", "BACKUP"],
];

const WRITES: [&[&str]; 6] = [
    &["certify", "--filter", "is:pending"],
    &["certify", "--filter", "is:pending", "--dry-run"],
    &["retry", "--filter", "is:held", "--dry-run"],
    &["undo"],
    &["ingest", "people.csv", "--source", "HR", "--table", "person", "--key", "id", "--dry-run"],
    &["compact"],
];

/// Runs as somebody who is nobody in the store and has a folder of their own for what is temporary.
struct Auditor<'a> {
    bench: &'a Bench,
    folder: tempfile::TempDir,
}

impl Auditor<'_> {
    /// None where nobody else can be had: who runs the tests is not root.
    fn of(bench: &Bench) -> Option<Auditor<'_>> {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        if !geteuid().is_root() {
            eprintln!("skipped: only root can run a command as somebody else");
            return None;
        }
        Some(Auditor { bench, folder })
    }

    fn command(&self, args: &[&str]) -> Command {
        let backup = self.folder.path().join("backup.db").to_string_lossy().into_owned();
        let args: Vec<&str> = args.iter().map(|arg| if *arg == "BACKUP" { &*backup } else { *arg }).collect();
        let mut command = self.bench.command(&args);
        command.env("TMPDIR", self.folder.path()).uid(NOBODY).gid(NOBODY);
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// Nothing temporary is left.
    fn left_nothing(&self) {
        let left = besides(self.folder.path(), &["backup.db", "backup.db.digest"]);
        assert_eq!(left, [""; 0]);
    }
}

/// Names and bytes of all that lies in a folder.
fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    besides(folder, &["home"]).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A way in which a store is not to be written: its name, the modes of folder, file and what lies beside it.
const WAYS: [(&str, u32, u32, Option<u32>); 4] = [
    ("folder and file are not to be written", 0o755, 0o644, Some(0o644)),
    ("the folder may be written, the file not", 0o777, 0o644, Some(0o644)),
    ("the file may be written, the folder not", 0o755, 0o666, Some(0o644)),
    ("what lies beside it may not even be read, and there is nothing in it", 0o755, 0o644, None),
];

/// Whoever has it open, and what is left beside it.
const STATES: [&str; 3] = ["nobody is there", "a log was left", "somebody is there"];

#[test]
fn who_may_not_write_reads_all_and_writes_nothing() {
    for (way, folder, file, besides) in WAYS {
        for state in STATES {
            let left = state == "a log was left";
            if left && besides.is_none() {
                continue;
            }
            let bench = if left { with_a_log_left() } else { Bench::agency() };
            let Some(auditor) = Auditor::of(&bench) else { return };
            let there = (state == "somebody is there").then(|| {
                let conn = Connection::open(bench.store()).unwrap();
                conn.query_row("SELECT count(*) FROM operation", [], |row| row.get::<_, i64>(0)).unwrap();
                conn
            });
            for part in ["store.db-wal", "store.db-shm"].map(|part| bench.path(part)) {
                if part.exists() {
                    set_mode(&part, besides.unwrap_or(0o600));
                }
            }
            set_mode(&bench.store(), file);
            set_mode(&bench.path("."), folder);
            let before = everything(&bench.path("."));
            let case = format!("{way}, {state}");
            for args in READS {
                let ran = auditor.run(args);
                assert_eq!(ran.code, 0, "{case}: {args:?}: {ran:?}");
                fs::remove_file(auditor.folder.path().join("backup.db")).ok();
                fs::remove_file(auditor.folder.path().join("backup.db.digest")).ok();
            }
            for args in [&["verify"] as &[&str], &["verify", "--replay"]] {
                let ran = auditor.run(args);
                assert_eq!(ran.code, 14, "{case}: {ran:?}");
            }
            for args in WRITES {
                auditor.run(args).refused(&["store.db", "read-only", "Ask its owner"]);
            }
            // What was acknowledged is there, whether it lies in the file or beside it.
            let operations = auditor.run(&["history", "--json"]).ok().lines().len();
            assert_eq!(operations, if left { 5 } else { 4 }, "{case}");
            assert_eq!(everything(&bench.path(".")), before, "{case}");
            auditor.left_nothing();
            drop(there);
        }
    }
}

/// What others write is seen by whoever joins them.
#[test]
fn who_joins_others_sees_what_they_write() {
    let bench = Bench::agency();
    let Some(auditor) = Auditor::of(&bench) else { return };
    let conn = Connection::open(bench.store()).unwrap();
    conn.query_row("SELECT count(*) FROM operation", [], |row| row.get::<_, i64>(0)).unwrap();
    for part in ["store.db", "store.db-wal", "store.db-shm"] {
        set_mode(&bench.path(part), 0o644);
    }
    set_mode(&bench.path("."), 0o755);
    bench.run(&["certify", "--filter", "is:pending"]).ok();
    assert_eq!(auditor.run(&["history", "--json"]).ok().lines().len(), 5);
    let stats = auditor.run(&["stats", "--json"]).ok().json();
    assert_eq!(stats["read_only"].as_array().unwrap().len(), 1, "{stats}");
    bench.run(&["undo"]).ok();
    assert_eq!(auditor.run(&["history", "--json"]).ok().lines().len(), 6);
    bench.assert_sound();
}

#[test]
fn the_workbench_opens_read_only_and_says_so() {
    let bench = Bench::agency();
    let Some(auditor) = Auditor::of(&bench) else { return };
    set_mode(&bench.store(), 0o644);
    set_mode(&bench.path("."), 0o755);
    let before = everything(&bench.path("."));
    let mut command = auditor.command(&["--plain"]);
    let mut workbench = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    workbench.stdin.take().unwrap().write_all(b"1\nc\nundo\nq\n").unwrap();
    let ran: Ran = workbench.wait_with_output().unwrap().into();
    let ran = ran.ok();
    for part in [
        "steward, store store.db (read only), nobody.",
        "You may read this store and not write to it.",
        "What is shown is a private copy, made at ",
        "c would change the store, which is only read here.",
    ] {
        assert!(ran.out.contains(part), "{part}: {ran:?}");
    }
    assert!(!ran.out.contains("Certified"), "{ran:?}");
    assert_eq!(everything(&bench.path(".")), before);
    auditor.left_nothing();
}

/// Runs a script as root in a mount namespace of its own, in the bench's folder; `$S` is the program. None where that cannot
/// be done.
fn in_mounts_of_its_own(bench: &Bench, script: &str) -> Option<Ran> {
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private"]);
        command
    };
    if !unshare().arg("true").output().is_ok_and(|done| done.status.success()) {
        eprintln!("skipped: no mount namespace can be had here");
        return None;
    }
    let plain = bench.command(&[]);
    let mut command = unshare();
    command.args(["sh", "-c", script]).current_dir(bench.path(".")).env("S", plain.get_program());
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.env("TMPDIR", bench.path("tmp"));
    fs::create_dir_all(bench.path("tmp")).unwrap();
    Some(command.output().unwrap().into())
}

#[test]
fn a_file_that_is_mounted_under_a_second_name_is_told_and_not_written_to() {
    let bench = Bench::agency();
    bench.file("other.db", "");
    let script = "mount --bind store.db other.db || exit 99
        $S --store other.db list ledger --json; echo list $? >&2
        $S --store other.db verify >&2; echo verify $? >&2
        $S --store other.db certify --filter is:pending; echo certify $? >&2
        $S --store other.db certify --filter is:pending --dry-run; echo rehearse $? >&2
        $S --store other.db compact; echo compact $? >&2
        ls other.db-* 2>/dev/null; ls -A tmp";
    let mut command = bench.command(&["--plain"]);
    let mut workbench = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    while bench.run(&["locks", "--json"]).out.is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let ran = in_mounts_of_its_own(&bench, script);
    workbench.stdin.take().unwrap().write_all(b"q\n").unwrap();
    assert!(workbench.wait().unwrap().success());
    let Some(ran) = ran.filter(|ran| ran.code != 99) else { return };
    for part in ["list 0", "verify 14", "certify 1", "rehearse 1", "compact 1"] {
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
    assert_eq!(ran.err.matches("open under another name").count(), 5, "{ran:?}");
    assert!(ran.out.contains("LED-0000001") && !ran.out.contains("other.db-"), "{ran:?}");
    // What is written under it while nobody is there by the first name is there under the first one.
    let alone = "mount --bind store.db other.db || exit 99
        $S --store other.db certify --filter is:pending && ls other.db-*";
    let ran = in_mounts_of_its_own(&bench, alone).unwrap();
    assert!(ran.out.contains("Certified 3") && !ran.out.contains("other.db-"), "{ran:?}");
    assert_eq!(bench.rows("ledger", "is:certified").len(), 3);
    bench.assert_sound();
}

/// Where the store lies, and how it is read there; `$W` says whether a log was left beside it.
const MEDIA: [(&str, &str); 3] = [
    ("a medium that nobody can write", "mount -t tmpfs none m && cp store.db* m && mount -o remount,ro m"),
    (
        "a folder that is mounted read-only",
        "mkdir f && cp store.db* f && mount --bind f m && mount -o remount,bind,ro m",
    ),
    ("the same while somebody is there", "mount --bind there m && mount -o remount,bind,ro m"),
];

#[test]
fn a_store_on_a_medium_that_cannot_be_written_is_read() {
    for left in [false, true] {
        for (case, mounted) in MEDIA {
            let bench = if left { with_a_log_left() } else { Bench::agency() };
            fs::create_dir(bench.path("m")).unwrap();
            fs::create_dir(bench.path("there")).unwrap();
            for name in besides(&bench.path("."), &[]).iter().filter(|name| name.starts_with("store.db")) {
                fs::copy(bench.path(name), bench.path("there").join(name)).unwrap();
            }
            let there = Connection::open(bench.path("there/store.db")).unwrap();
            there.query_row("SELECT count(*) FROM operation", [], |row| row.get::<_, i64>(0)).unwrap();
            let script = format!(
                "{{ {mounted}; }} || exit 99
                 $S --store m/store.db verify --replay >&2; echo verify $? >&2
                 $S --store m/store.db certify --filter is:pending --dry-run; echo rehearse $? >&2
                 $S --store m/store.db history --json; ls -A tmp"
            );
            let Some(ran) = in_mounts_of_its_own(&bench, &script) else { return };
            if ran.code == 99 {
                eprintln!("skipped: nothing can be mounted here");
                return;
            }
            for part in ["verify 14", "rehearse 1", "it is read-only to you"] {
                assert!(ran.err.contains(part), "{case}: {part}: {ran:?}");
            }
            assert_eq!(ran.lines().len(), if left { 5 } else { 4 }, "{case}: {ran:?}");
        }
    }
}
