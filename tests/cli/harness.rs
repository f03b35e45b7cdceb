//! Runs the binary in a folder of its own, and a small agency to run it on.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;
use tempfile::TempDir;

/// A folder with a store.
pub struct Bench {
    folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Bench {
    /// A folder without a store.
    pub fn empty() -> Bench {
        Bench { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with a new store.
    pub fn new() -> Bench {
        let bench = Bench::empty();
        bench.run(&["init"]).ok();
        bench
    }

    /// A store with a code list, a binding, a policy and one delivery of three people, two of them with unmapped codes.
    pub fn agency() -> Bench {
        let bench = Bench::new();
        bench.file("countries.csv", "code,label\nFRA,France\nKEN,Kenya\n");
        bench.file("bindings.csv", "target_table,field_name,code_list\nperson,country,country\n");
        bench.file("people.csv", "id,name,country\n1,Ada,fr\n2,Bao,\n3,Chidi,fr\n");
        bench.run(&["import", "codes", "countries.csv", "--list", "country"]).ok();
        bench.run(&["import", "bindings", "bindings.csv"]).ok();
        bench.ingest("people.csv").ok();
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn store(&self) -> PathBuf {
        self.path("store.db")
    }

    /// Writes a file into the folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The command with nothing of this machine in its environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("steward"));
        command.args(args).current_dir(self.folder.path()).env_clear();
        command.env("STEWARD_STORE", self.store()).env("HOME", self.path("home")).env("TZ", "UTC");
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// Runs with something on stdin.
    pub fn feed(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut command = assert_cmd::Command::from_std(self.command(args));
        command.write_stdin(input).output().unwrap().into()
    }

    /// Ingests a file of people from the source HR.
    pub fn ingest(&self, file: &str) -> Ran {
        self.run(&["ingest", file, "--source", "HR", "--table", "person", "--key", "id", "--json"])
    }

    /// All rows of a table that match.
    pub fn rows(&self, table: &str, filter: &str) -> Vec<Json> {
        self.run(&["list", table, "--json", "--filter", filter]).ok().lines()
    }

    /// `verify` finds the store sound; without an outside digest that is 14.
    pub fn assert_sound(&self) {
        let ran = self.run(&["verify"]);
        assert!(matches!(ran.code, 0 | 14), "{ran:?}");
    }

    /// The number of the first operation that took in records.
    pub fn first_ingest(&self) -> i64 {
        let operations = self.run(&["history", "--json"]).ok().lines();
        let ingests = operations.iter().filter(|operation| operation["kind"] == "ingest");
        ingests.map(|operation| operation["seq"].as_i64().unwrap()).min().unwrap()
    }

    /// The login of the person who runs the tests.
    pub fn me(&self) -> String {
        let users = self.run(&["user", "list", "--json"]).ok().lines();
        let admin = users.iter().find(|user| user["roles"].as_array().unwrap().contains(&"admin".into()));
        text(admin.unwrap(), "login").to_string()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// It exited with 0.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// It exited with 1 and one line on stderr that holds all these parts, and printed nothing else.
    #[track_caller]
    pub fn refused(self, parts: &[&str]) -> Ran {
        assert_eq!(self.code, 1, "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        assert!(self.err.starts_with("steward: "), "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in {self:?}");
        }
        self
    }

    /// It exited with 2 and clap's message that holds all these parts.
    #[track_caller]
    pub fn misused(self, parts: &[&str]) {
        assert_eq!(self.code, 2, "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in {self:?}");
        }
    }

    /// Its output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Json {
        assert_eq!(self.out.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// Its output as one JSON value a line.
    #[track_caller]
    pub fn lines(&self) -> Vec<Json> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A text of a JSON object.
#[track_caller]
pub fn text<'a>(object: &'a Json, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {object}"))
}

/// Opens a store's file past the program, as somebody who tampers with it would.
pub fn tamper(store: &Path, sql: &str) {
    let conn = rusqlite::Connection::open(store).unwrap();
    assert!(conn.execute(sql, []).unwrap() > 0, "{sql} changed nothing");
}
