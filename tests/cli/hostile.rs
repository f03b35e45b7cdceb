//! Hostile text in every column, and on the command line itself: nothing of it reaches the terminal as it is.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::harness::{Bench, Ran};
use crate::hostile_store::{self, TEXT, acting};

/// What people and scripts ask for; `%` stands for the hostile text.
const ASKED: &[&[&str]] = &[
    &["list", "identifiers"],
    &["list", "value-maps"],
    &["list", "commit-policies"],
    &["list", "sync-jobs"],
    &["list", "sync-items"],
    &["list", "ledger"],
    &["list", "sync-items", "--json"],
    &["list", "ledger", "--json"],
    &["list", "ledger", "--filter", "%"],
    &["list", "ledger", "--filter", "value:%"],
    &["list", "ledger", "--sort", "%"],
    &["list", "%"],
    &["show", "ledger", "LED-0000001"],
    &["show", "sync-items", "ITM-0000001"],
    &["show", "sync-jobs", "JOB-0000001"],
    &["show", "value-maps", "MAP-0000001"],
    &["show", "identifiers", "IDN-0000001"],
    &["show", "ledger", "%"],
    &["explain", "LED-0000001"],
    &["explain", "ITM-0000001"],
    &["explain", "%"],
    &["explain", "ledger", "%"],
    &["history"],
    &["history", "--json"],
    &["map-history", "MAP-0000001"],
    &["map-history", "%"],
    &["suggest", "country", "%"],
    &["suggest", "%", "%"],
    &["families", "%"],
    &["families", "country"],
    &["bind", "--suggest"],
    &["stats"],
    &["stats", "--json"],
    &["user", "list"],
    &["user", "list", "--json"],
    &["rules"],
    &["verify"],
    &["digest"],
    &["prove", "ledger", "LED-0000001"],
    &["map", "HR", "country", "%", "FRA"],
    &["map", "HR", "country", "fr", "%"],
    &["map", "%", "%", "%", "%"],
    &["edit", "identifiers", "1", "target_id=%", "--dry-run"],
    &["edit", "identifiers", "1", "%=1"],
    &["edit", "identifiers", "%", "%"],
    &["retire", "--identifier", "1", "--reason", "%", "--dry-run"],
    &["certify", "--filter", "%"],
    &["certify", "--filter", "is:pending", "--dry-run"],
    &["reject", "--filter", "is:pending", "--reason", "%", "--dry-run"],
    &["--as", "%", "certify", "--filter", "is:pending"],
    &["retry", "--filter", "is:held", "--dry-run"],
    &["import", "codes", "%.csv", "--list", "country"],
    &["ingest", "%.csv", "--source", "%", "--table", "%", "--key", "%"],
    &["ingest", "evil.csv", "--source", "HR", "--table", "person", "--key", "%"],
    &["ingest", "evil.csv", "--source", "HR", "--table", "person", "--key", "nokey"],
    &["ingest", "evil.csv", "--source", "%", "--table", "%", "--key", "id"],
    &["--store", "%", "list", "ledger"],
    &["settings"],
    &["undo", "%"],
    &["undo"],
    &["history"],
];

#[track_caller]
fn harmless(ran: &Ran, asked: &str) {
    for text in [&ran.out, &ran.err] {
        assert_eq!(acting(text), None, "{asked}: {ran:?}");
    }
}

fn hostile() -> Bench {
    let bench = Bench::agency();
    bench.file("evil.csv", format!("id,name,\"n{}\"\n7,\"{TEXT}\",x\n8,y\n", TEXT.replace('\n', "")));
    hostile_store::fill(&bench.store());
    bench
}

#[test]
fn no_subcommand_sends_stored_or_typed_text_as_it_is() {
    let bench = hostile();
    for asked in ASKED {
        let args: Vec<String> = asked.iter().map(|arg| arg.replace('%', TEXT)).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        harmless(&bench.run(&args), &asked.join(" "));
    }
    let listed = bench.run(&["show", "ledger", "LED-0000001"]).ok();
    assert!(listed.out.contains("⟨U+001B⟩[2J"), "there is hostile text: {listed:?}");
}

#[test]
fn the_workbench_as_text_is_as_careful() {
    let bench = hostile();
    let keys =
        "1\nEnter\nEsc\n2\nE\nEsc\nEsc\n3\n4\n5\no\nEsc\nw\n6\nEnter\nEsc\nC\nEsc\nr\nEsc\nW\nEsc\nM\nEsc\nU\nEsc\nq\n";
    let ran = bench.feed(&["--plain"], keys.as_bytes());
    assert!(ran.out.contains("⟨U+001B⟩[2J"), "{ran:?}");
    harmless(&ran, "--plain");
}

#[test]
fn settings_that_are_wrong_are_named_harmlessly() {
    let bench = Bench::new();
    for text in [
        // As TOML writes what it cannot hold as it is.
        format!("theme = \"{}\"\n", TEXT.chars().map(|c| format!("\\U{:08X}", c as u32)).collect::<String>()),
        format!("{TEXT} = 1\n"),
        format!("# {TEXT}\ntheme = {TEXT}\n"),
        format!("[keys]\n\"{}\" = \"c\"\n", TEXT.replace(['\n', '\r'], "")),
    ] {
        let folder = bench.path("home/.config/steward");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("settings.toml"), &text).unwrap();
        for args in [&["settings"][..], &["--plain"]] {
            harmless(&bench.feed(args, b"q\n"), &text);
        }
    }
}

/// An argument need not be text at all.
#[test]
fn arguments_that_are_no_text_are_answered() {
    let bench = Bench::new();
    let mut command = bench.command(&["list"]);
    let ran: Ran = command.arg(OsStr::from_bytes(b"led\xff\x1b[2J")).output().unwrap().into();
    assert_eq!(ran.code, 2, "{ran:?}");
    harmless(&ran, "bytes");
}
