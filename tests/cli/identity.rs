//! Who is believed to be at the keyboard: user namespaces, a library that lies, and the way in which nobody can lie: a
//! program that belongs to a group which alone may touch the store.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;

use crate::harness::{Bench, Ran};

fn root() -> bool {
    let me = nix::unistd::geteuid().is_root();
    if !me {
        eprintln!("SKIPPED, since it takes root to be somebody else");
    }
    me
}

/// The command in a user namespace in which whoever runs it is root.
fn mapped(bench: &Bench, args: &[&str]) -> Option<Ran> {
    let inner = bench.command(args);
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user"]).arg(inner.get_program()).args(inner.get_args());
    command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").current_dir(bench.path("."));
    command.env("STEWARD_STORE", bench.store()).env("HOME", bench.path("home"));
    let ran: Ran = command.output().ok()?.into();
    let has_none = ran.err.contains("unshare failed") || ran.err.contains("unshare:");
    if has_none {
        eprintln!("SKIPPED, since there are no user namespaces: {}", ran.err);
    }
    (!has_none).then_some(ran)
}

#[test]
fn a_mapped_user_writes_only_where_nobody_else_could_be_meant_or_it_is_allowed() {
    if !root() {
        return;
    }
    let bench = Bench::agency();
    let certify = ["certify", "--filter", "value:Ada"];
    let host = || -> String {
        let last = "SELECT host FROM operation ORDER BY seq DESC LIMIT 1";
        Connection::open(bench.store()).unwrap().query_row(last, [], |row| row.get(0)).unwrap()
    };
    // The only person of a store passes for nobody else; the log says that the kernel vouches for nobody.
    let Some(alone) = mapped(&bench, &certify) else { return };
    alone.ok();
    assert!(host().ends_with(" (mapped from uid 0)"), "{}", host());
    bench.run(&["undo"]).ok();
    bench.run(&["user", "add", "rita", "--roles", "reviewer"]).ok();
    let before = bench.run(&["digest"]).ok().json();
    for args in [&certify[..], &["user", "add", "eve", "--roles", "admin"], &["rules", "set", "mapped_users", "allow"]]
    {
        mapped(&bench, args).unwrap().refused(&["user namespace (mapped from uid 0)", "mapped_users allow"]);
    }
    assert_eq!(bench.run(&["digest"]).ok().json()["seq"], before["seq"], "not even the refusal is written");
    mapped(&bench, &["list", "ledger"]).unwrap().ok();
    bench.run(&["rules", "set", "mapped_users", "perhaps"]).refused(&["refuse or allow"]);
    bench.run(&["rules", "set", "mapped_users", "allow"]).ok();
    assert!(!host().contains("mapped"), "{}", host());
    mapped(&bench, &certify).unwrap().ok();
    assert!(host().ends_with(" (mapped from uid 0)"), "{}", host());
    bench.assert_sound();
}

#[test]
fn a_mapped_user_brings_no_older_store_up_to_date_and_restores_none_in_anothers_name() {
    if !root() {
        return;
    }
    let bench = Bench::new();
    let format3 = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/older/format3.sql");
    for (people, written) in [("", true), (SECOND_PERSON, false)] {
        for name in ["store.db", "store.db.format3"] {
            let _ = fs::remove_file(bench.path(name));
        }
        let db = Connection::open(bench.store()).unwrap();
        db.execute_batch(&fs::read_to_string(&format3).unwrap()).unwrap();
        db.execute_batch(people).unwrap();
        drop(db);
        let before = fs::read(bench.store()).unwrap();
        for args in [&["upgrade"][..], &["certify", "--filter", "is:pending"]] {
            let Some(ran) = mapped(&bench, args) else { return };
            let _ = if written { ran.ok() } else { ran.refused(&["user namespace"]) };
        }
        assert_eq!(fs::read(bench.store()).unwrap() == before, !written, "{people}");
    }
    let bench = Bench::agency();
    bench.run(&["user", "add", "rita", "--roles", "reviewer"]).ok();
    bench.run(&["backup", "kept.db"]).ok();
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    let before = bench.run(&["digest"]).ok().json();
    mapped(&bench, &["restore", "kept.db"]).unwrap().refused(&["user namespace"]);
    assert_eq!(bench.run(&["digest"]).ok().json()["seq"], before["seq"]);
    bench.assert_sound();
}

/// As a second steward would stand in a store of format 3.
const SECOND_PERSON: &str = "INSERT INTO system_user (login, full_name, roles, active, row_version)
     VALUES ('rita', 'Rita', 'steward', 1, 1)";

/// A library that has every program that it is loaded into believe that its user is root.
fn liar(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("liar.c"), folder.join("liar.so"));
    fs::write(&source, "unsigned getuid(void) { return 0; }\nunsigned geteuid(void) { return 0; }\n").unwrap();
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED, since there is no C compiler");
        return None;
    }
    Some(library)
}

/// A store of a group that nobody is in, and the program that belongs to it.
struct Lent {
    bench: Bench,
    program: PathBuf,
    folder: PathBuf,
}

const GROUP: u32 = 61_234;
/// `daemon`, whom every system knows.
const PERSON: u32 = 1;

impl Lent {
    fn new() -> Lent {
        let bench = Bench::agency();
        let (folder, program) = (bench.path("srv"), bench.path("steward"));
        fs::set_permissions(bench.path("."), Permissions::from_mode(0o755)).unwrap();
        bench.run(&["user", "add", "daemon", "--roles", "reviewer,steward,admin"]).ok();
        fs::create_dir(&folder).unwrap();
        chown(&folder, Some(0), Some(GROUP)).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o2770)).unwrap();
        let store = folder.join("store.db");
        fs::rename(bench.store(), &store).unwrap();
        fs::write(folder.join("secret"), "id,name\nsecret,secret\n").unwrap();
        for file in [store, folder.join("secret")] {
            chown(&file, Some(0), Some(GROUP)).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(0o660)).unwrap();
        }
        fs::copy(assert_cmd::cargo::cargo_bin!("steward"), &program).unwrap();
        chown(&program, Some(0), Some(GROUP)).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o2755)).unwrap();
        let own = bench.path("own");
        fs::create_dir(&own).unwrap();
        chown(&own, Some(PERSON), Some(PERSON)).unwrap();
        Lent { bench, program, folder }
    }

    /// What the person runs, from a folder of their own.
    fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).env_clear().current_dir(self.bench.path("own")).uid(PERSON).gid(PERSON);
        command.env("STEWARD_STORE", self.folder.join("store.db")).env("HOME", self.bench.path("own"));
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.command(&self.program, args).output().unwrap().into()
    }

    fn in_folder(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_string()
    }

    fn last(&self) -> serde_json::Value {
        self.run(&["history", "--json"]).ok().lines().remove(0)
    }
}

#[test]
fn a_library_that_lies_about_the_user_is_found_or_not_loaded_at_all() {
    if !root() {
        return;
    }
    let lent = Lent::new();
    let Some(liar) = liar(&lent.bench.path(".")) else { return };
    let certify = ["certify", "--filter", "value:Ada"];
    // A program that anybody may load things into, on a store that the person may write.
    let plain = assert_cmd::cargo::cargo_bin!("steward");
    let copy = lent.bench.path("own/plain");
    fs::copy(plain, &copy).unwrap();
    let ran: Ran = lent.command(&copy, &certify).env("LD_PRELOAD", &liar).output().unwrap().into();
    ran.refused(&["is told that its user is 0, and the kernel says 1, 1, 1, 1"]);
    // The group's program loads nothing.
    let ran: Ran = lent.command(&lent.program, &certify).env("LD_PRELOAD", &liar).output().unwrap().into();
    ran.ok();
    assert_eq!(lent.last()["actor"], "daemon");
}

#[test]
fn the_groups_program_lets_a_person_work_and_not_past_it() {
    if !root() {
        return;
    }
    let lent = Lent::new();
    // By themselves the person cannot even look at the file.
    let cat: Ran = lent.command(Path::new("/bin/cat"), &[&lent.in_folder("store.db")]).output().unwrap().into();
    assert!(cat.code != 0 && cat.err.contains("Permission denied"), "{cat:?}");
    lent.run(&["certify", "--filter", "value:Ada"]).ok();
    assert_eq!((lent.last()["actor"].as_str(), lent.last()["kind"].as_str()), (Some("daemon"), Some("certify")));
    fs::write(lent.bench.path("own/more.csv"), "id,name\n4,Dora\n").unwrap();
    let ingest =
        |file: &str| lent.run(&["ingest", file, "--source", "HR", "--table", "person", "--key", "id", "--yes"]);
    ingest("more.csv").ok();
    lent.run(&["bind", "person", "name", "--source", "FIN", "--outbound", "yes"]);
    // What the group may read and write, and the person may not, is closed to every path that they name.
    let before = fs::read(lent.folder.join("secret")).unwrap();
    let (secret, new) = (lent.in_folder("secret"), lent.in_folder("new.csv"));
    for args in [
        &["ingest", &secret, "--source", "HR", "--table", "person", "--key", "id", "--yes"][..],
        &["import", "codes", &secret, "--list", "country"],
        &["map", "--file", &secret],
        &["retry", "ITM-0000001", "--value-from", &secret, "--reason", "why not"],
        &["verify", "--digest", &secret],
        &["check-proof", &secret],
        &["send", "--source", "FIN", "--out", &new],
    ] {
        let ran = lent.run(args);
        let closed = ran.err.contains("denied") || ran.err.contains("You may not read this file");
        assert!(ran.code == 1 && closed && !ran.err.contains("secret,"), "{args:?}: {ran:?}");
    }
    // Files of a store are made and moved by who looks after them.
    for args in [
        &["init"][..],
        &["demo"],
        &["backup", "own.db"],
        &["restore", "own.db"],
        &["compact"],
        &["move", "own.db"],
        &["list", "ledger", "--upgraded-copy"],
    ] {
        lent.run(args).refused(&["sudo -g GROUP"]);
    }
    // What the workbench remembers and its settings are the person's, too.
    let mut settings = lent.command(&lent.program, &["settings", "--check"]);
    fs::create_dir(lent.folder.join("steward")).unwrap();
    fs::write(lent.folder.join("steward/settings.toml"), "secret = 1\n").unwrap();
    chown(lent.folder.join("steward/settings.toml"), Some(0), Some(GROUP)).unwrap();
    fs::set_permissions(lent.folder.join("steward/settings.toml"), Permissions::from_mode(0o660)).unwrap();
    let ran: Ran = settings.env("XDG_CONFIG_HOME", &lent.folder).output().unwrap().into();
    assert!(ran.code == 1 && ran.err.contains("denied"), "{ran:?}");
    // What comes to be beside the store stays the group's.
    for entry in fs::read_dir(&lent.folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().gid(), GROUP, "{:?}", entry.path());
    }
    assert_eq!(fs::read(lent.folder.join("secret")).unwrap(), before);
    let ran = lent.run(&["verify"]);
    assert_eq!(ran.code, 14, "{ran:?}");
}

#[test]
fn a_debugger_does_not_get_at_the_groups_rights() {
    if !root() {
        return;
    }
    let lent = Lent::new();
    // Begun under a tracer, or where it may gain nothing, the program is an ordinary one: the group's right is not lent.
    let mut traced = Command::new("strace");
    traced.args(["-f", "-o", "/dev/null"]).arg(&lent.program).args(["list", "ledger"]).env_clear();
    let mut gains_nothing = Command::new("setpriv");
    gains_nothing.arg("--no-new-privs").arg(&lent.program).args(["list", "ledger"]).env_clear();
    for mut command in [traced, gains_nothing] {
        command.uid(PERSON).gid(PERSON).env("PATH", "/usr/bin:/bin").current_dir(lent.bench.path("own"));
        command.env("STEWARD_STORE", lent.folder.join("store.db")).env("HOME", lent.bench.path("own"));
        match command.output() {
            Ok(output) => {
                let ran: Ran = output.into();
                assert!(ran.code != 0 && !ran.out.contains("LED-"), "{ran:?}");
            }
            Err(error) => eprintln!("SKIPPED, since {:?} does not run: {error}", command.get_program()),
        }
    }
}
