//! attest: records, tables and deliveries.

use crate::harness::{Bench, text};

#[test]
fn records_tables_and_deliveries_are_attested() {
    let bench = Bench::agency();
    let target = text(&bench.rows("identifiers", "key:1")[0], "target_id").to_string();
    let dry = bench.run(&["attest", "record", "person", &target, "--dry-run"]).ok();
    assert!(dry.out.starts_with("Dry run, nothing was changed.\nAttested the record "), "{dry:?}");
    assert!(dry.out.contains(" of person with all its fields: certified "), "{dry:?}");
    assert!(dry.out.contains("nothing → \"Ada\""), "{dry:?}");
    assert!(bench.rows("ledger", "aspect:Record").is_empty());
    let done = bench.run(&["attest", "record", "person", &target, "--reason", "seen", "--json"]).ok().json();
    assert_eq!((&done["changed"], &done["values_changed"]), (&2.into(), &1.into()));
    let entry = &bench.rows("ledger", "aspect:Record")[0];
    assert_eq!((text(entry, "aspect_key"), text(entry, "notes")), ("*", "seen"));
    bench.run(&["attest", "table", "person"]).ok();
    assert!(text(&bench.rows("ledger", "aspect:Table")[0], "aspect_key").starts_with("rows=3;sha256="));
    bench.run(&["attest", "file", "JOB-0000001"]).ok();
    assert!(text(&bench.rows("ledger", "aspect:file/dataset")[0], "aspect_key").starts_with("sha256:"));
    bench.assert_sound();
}

/// Records are named as `explain` takes them.
#[test]
fn a_record_is_named_by_a_source_s_key_to_attest_and_to_pin() {
    let bench = Bench::agency();
    let ran = bench.run(&["attest", "record", "person", "HR:1", "--reason", "seen"]).ok();
    assert!(ran.out.contains("Attested the record "), "{ran:?}");
    let pinned = bench.run(&["pin", "person", "hr:1", "NAME", "--reason", "checked"]).ok();
    assert!(pinned.out.starts_with("Pinned "), "{pinned:?}");
    bench.run(&["pin", "person", "HR:77", "name"]).refused(&["77"]);
    bench.assert_sound();
}

#[test]
fn what_an_attestation_leaves_is_counted() {
    let bench = Bench::agency();
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    bench.file("more.csv", "id,name\n1,Adah\n");
    bench.ingest("more.csv").ok();
    let left = bench.run(&["attest", "record", "person", "HR:1", "--dry-run", "--json"]).ok().json();
    assert_eq!((&left["left"], &left["changed"], &left["values_changed"]), (&1.into(), &1.into(), &0.into()));
    let ran = bench.run(&["attest", "record", "person", "HR:1"]).ok();
    assert!(ran.out.contains(": certified 0 ledger entries, left 1 entry\n"), "{ran:?}");
    assert!(ran.out.contains("waits beside the value in force"), "{ran:?}");
    assert_eq!(text(&bench.rows("ledger", "is:current value:Ada")[0], "value"), "Ada");
    bench.assert_sound();
}

#[test]
fn what_cannot_be_attested_is_said() {
    let bench = Bench::agency();
    bench.run(&["attest", "record", "person", "nobody"]).refused(&["no record nobody", "as SOURCE:KEY"]);
    bench.run(&["attest", "table", "planet"]).refused(&["the table planet"]);
    bench.run(&["attest", "file", "JOB-0000077"]).refused(&["JOB-0000077", "steward list sync-jobs"]);
    bench.run(&["attest", "file"]).misused(&["<JOB>"]);
    bench.assert_sound();
}
