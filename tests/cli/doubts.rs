//! `ingest` asks about a delivery that looks wrong before anything of it is written; without a terminal it refuses it.

use crate::harness::{Bench, Ran, text};

/// Thirty people: an id, a mail address and one of three units.
fn people() -> String {
    let rows: String = (0..30).map(|n| format!("{n},mail{n}@agency.example,unit{}\n", n % 3)).collect();
    format!("id,mail,unit\n{rows}")
}

fn ingest(bench: &Bench, file: &str, source: &str, key: &str, more: &[&str]) -> Ran {
    bench.run(&[&["ingest", file, "--source", source, "--table", "person", "--key", key], more].concat())
}

/// A store that has taken the people in by their ids, and the same people in a file with other bytes.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.file("people.csv", people());
    ingest(&bench, "people.csv", "PAYROLL", "id", &[]).ok();
    bench.file("more.csv", format!("{}30,mail30@agency.example,unit0\n", people()));
    bench
}

/// What nobody took in leaves nothing behind, not even a row of the log.
fn assert_nothing_written(bench: &Bench) {
    assert_eq!(bench.rows("sync-jobs", "").len(), 1);
    assert_eq!(bench.rows("identifiers", "").len(), 30);
    let operations = bench.run(&["history", "--json"]).ok().lines();
    assert_eq!(operations.iter().filter(|operation| operation["kind"] == "refused").count(), 0);
    bench.assert_sound();
}

#[test]
fn a_doubtful_delivery_is_refused_without_a_terminal_and_yes_takes_it() {
    for (rule, source, key, doubt, right) in [
        ("keys that are unknown by another column", "PAYROLL", "mail", "keys-unknown", "--key \"id\""),
        ("keys that records share", "FIN", "unit", "keys-shared", "--key \"id\""),
        ("a source that is spelt nearly as a known one", "PAYROL", "id", "source-spelling", "--source \"PAYROLL\""),
    ] {
        let bench = bench();
        ingest(&bench, "more.csv", source, key, &[]).refused(&["was not taken in", right, "--yes"]);
        let json = ingest(&bench, "more.csv", source, key, &["--json"]);
        assert_eq!(json.code, 1, "{rule}: {json:?}");
        let object = json.json();
        assert_eq!(object["taken_in"], false, "{rule}");
        assert_eq!(text(&object["doubts"][0], "doubt"), doubt, "{rule}");
        assert_nothing_written(&bench);

        let dry = ingest(&bench, "more.csv", source, key, &["--dry-run"]).ok();
        assert!(dry.out.contains("  looks wrong: ") && dry.out.contains(right), "{rule}: {dry:?}");
        let object = ingest(&bench, "more.csv", source, key, &["--dry-run", "--json"]).ok().json();
        assert_eq!(text(&object["doubts"][0], "doubt"), doubt, "{rule}");
        assert_nothing_written(&bench);

        let taken = ingest(&bench, "more.csv", source, key, &["--yes", "--json"]).ok();
        assert!(taken.err.contains(right), "{rule}: {taken:?}");
        assert_eq!(text(&taken.json()["doubts"][0], "doubt"), doubt, "{rule}");
        assert_eq!(bench.rows("sync-jobs", "").len(), 2, "{rule}");
        // The same again needs no yes.
        ingest(&bench, "more.csv", source, key, &[]).ok();
        bench.assert_sound();
    }
}

#[test]
fn what_comes_through_the_standard_input_is_looked_at_too() {
    let bench = bench();
    let args = ["ingest", "-", "--source", "PAYROLL", "--table", "person", "--key", "mail"];
    bench.feed(&args, people().as_bytes()).refused(&["--key \"id\"", "--yes"]);
    let lines: String = (0..20).map(|n| format!("{{\"id\": {n}, \"unit\": \"same\"}}\n")).collect();
    let args = ["ingest", "-", "--source", "FIN", "--table", "person", "--key", "unit", "--format", "ndjson"];
    bench.feed(&args, lines.as_bytes()).refused(&["20 of 20 records", "1 key together", "--key \"id\""]);
    assert_nothing_written(&bench);
    bench.feed(&[&args[..], &["--yes"]].concat(), lines.as_bytes()).ok();
}

#[test]
fn what_is_right_is_taken_without_a_word() {
    let bench = bench();
    let ran = ingest(&bench, "more.csv", "PAYROLL", "id", &["--json"]).ok();
    assert_eq!(ran.err, "");
    let object = ran.json();
    assert_eq!(object["doubts"], serde_json::json!([]));
    assert_eq!((&object["records_sharing_a_key"], &object["keys_shared"]), (&0.into(), &0.into()));
}

#[test]
fn how_many_records_share_a_key_is_always_told() {
    let bench = Bench::new();
    bench.file("few.csv", "id,name\nn/a,Ann\n1,Bo\nn/a,Cy\n1,Dee\n2,Eve\n");
    let dry = ingest(&bench, "few.csv", "HR", "id", &["--dry-run", "--json"]).ok().json();
    assert_eq!((&dry["records_sharing_a_key"], &dry["keys_shared"]), (&4.into(), &2.into()));
    let told = ingest(&bench, "few.csv", "HR", "id", &[]).ok();
    assert!(told.out.contains("\n  4 records share 2 keys\n"), "{told:?}");
    let shown = bench.run(&["show", "sync-jobs", "JOB-0000001"]).ok();
    assert!(shown.out.contains("4 records share 2 keys"), "{shown:?}");
    bench.file("own.csv", "id,name\n1,Bo\n2,Eve\n");
    let told = ingest(&bench, "own.csv", "HR", "id", &[]).ok();
    assert!(told.out.contains("\n  no two records share a key\n"), "{told:?}");
}
