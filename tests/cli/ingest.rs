//! Deliveries that go well, in whole or in part.

use std::process::{Command, Stdio};

use crate::harness::{Bench, Ran, text};

#[test]
fn a_delivery_is_counted_by_what_became_of_its_values() {
    let bench = Bench::agency();
    bench.file("more.csv", "id,name,country\n4,Dee,KE\n");
    let ran = bench.run(&["ingest", "more.csv", "--source", "HR", "--table", "person", "--key", "id"]).ok();
    assert!(ran.out.starts_with("JOB-0000002: HR → person: "), "{ran:?}");
    assert!(ran.out.contains("1 record with 2 values"), "{ran:?}");
    assert!(ran.out.contains("1 waiting · 1 held"), "{ran:?}");
    assert_eq!(ran.err, "");
    let job = &bench.rows("sync-jobs", "name:JOB-0000001")[0];
    assert_eq!((&job["items"], &job["waiting"], &job["held"]), (&5.into(), &3.into(), &2.into()));
    assert_eq!(text(job, "file_name"), "people.csv");
    assert_eq!(bench.rows("identifiers", "").len(), 4);
    bench.assert_sound();
}

#[test]
fn json_is_one_object_with_the_counters() {
    let bench = Bench::agency();
    bench.file("more.csv", "id,name,country\n1,Ada,fr\n4,Dee,KE\n");
    let object = bench.ingest("more.csv").ok().json();
    assert_eq!(text(&object, "job_id"), "JOB-0000002");
    assert!(!text(&object, "job_status").is_empty());
    let of = |key: &str| object[key].as_i64().unwrap_or_else(|| panic!("{key} in {object}"));
    let states = ["applied", "unchanged", "waiting", "held", "failed", "rejected", "superseded"];
    assert_eq!(of("items"), states.iter().map(|state| of(state)).sum::<i64>());
    assert_eq!((of("items"), of("unchanged"), of("waiting"), of("held")), (4, 2, 1, 1));
    assert!(object["seconds"].is_number());
}

#[test]
fn the_same_file_again_makes_no_job() {
    let bench = Bench::agency();
    let again = bench.ingest("people.csv").ok().json();
    assert_eq!(again["already_delivered"], true);
    assert_eq!(text(&again, "job_id"), "JOB-0000001");
    assert_eq!(bench.rows("sync-jobs", "").len(), 1);
    let told = bench.run(&["ingest", "people.csv", "--source", "HR", "--table", "person", "--key", "id"]).ok();
    assert!(told.out.contains("delivered before, as JOB-0000001"), "{told:?}");
}

#[test]
fn a_delivery_id_with_other_bytes_is_refused() {
    let bench = Bench::new();
    bench.file("a.csv", "id,name\n1,Ada\n");
    bench.file("b.csv", "id,name\n1,Bao\n");
    let args = ["--source", "HR", "--table", "person", "--key", "id", "--delivery", "D1"];
    bench.run(&[&["ingest", "a.csv"], &args[..]].concat()).ok();
    bench.run(&[&["ingest", "b.csv"], &args[..]].concat()).refused(&["ST010", "D1"]);
    assert_eq!(bench.rows("sync-jobs", "").len(), 1);
    bench.assert_sound();
}

#[test]
fn a_dry_run_changes_nothing() {
    let bench = Bench::agency();
    bench.file("more.csv", "id,name,country\n4,Dee,KE\n");
    let args = ["ingest", "more.csv", "--source", "HR", "--table", "person", "--key", "id", "--dry-run"];
    let ran = bench.run(&args).ok();
    assert!(ran.out.starts_with("Dry run, nothing was changed."), "{ran:?}");
    let object = bench.run(&[&args[..], &["--json"]].concat()).ok().json();
    assert_eq!((&object["dry_run"], &object["items"]), (&true.into(), &2.into()));
    assert_eq!(bench.rows("sync-jobs", "").len(), 1);
    assert_eq!(bench.rows("identifiers", "").len(), 3);
    bench.assert_sound();
}

#[test]
fn ndjson_and_standard_input_are_read() {
    let bench = Bench::new();
    let lines = "{\"id\": 1, \"name\": \"Ada\\n\", \"age\": 1.50}\n{\"id\": 2, \"name\": null}\n";
    bench.file("people.jsonl", lines);
    let ran = bench.ingest("people.jsonl").ok().json();
    assert_eq!((&ran["records"], &ran["items"]), (&2.into(), &2.into()));
    let values: Vec<String> = bench.rows("sync-items", "").iter().map(|item| text(item, "raw_value").into()).collect();
    assert_eq!(values, ["Ada\n", "1.50"]);
    let args = ["ingest", "-", "--source", "FIN", "--table", "person", "--key", "ID", "--format", "ndjson", "--json"];
    let piped = bench.feed(&args, lines.as_bytes()).ok().json();
    assert_eq!(piped["items"], 2);
    assert_eq!(bench.rows("sync-jobs", "source:FIN")[0]["file_name"], serde_json::Value::Null);
}

#[test]
fn a_header_alone_is_a_delivery_of_nothing() {
    let bench = Bench::new();
    bench.file("none.csv", "id,name\r\n");
    let ran = bench.ingest("none.csv").ok().json();
    assert_eq!((&ran["records"], &ran["items"]), (&0.into(), &0.into()));
}

#[test]
fn what_a_job_records_can_be_said() {
    let bench = Bench::new();
    bench.file("a.csv", "id,name\n1,Ada\n");
    let args = ["--source", "HR", "--table", "person", "--key", "id", "--entity", "Person", "--delivery", "D1"];
    let submitted = ["--submitted", "2026-01-02T03:04:05Z"];
    bench.run(&[&["ingest", "a.csv"], &args[..], &submitted].concat()).ok();
    let job = &bench.rows("sync-jobs", "")[0];
    assert_eq!(text(job, "entity_type"), "Person");
    assert_eq!(text(job, "delivery_id"), "D1");
    assert_eq!(text(job, "submitted_date_time"), "2026-01-02T03:04:05Z");
    bench.run(&[&["ingest", "a.csv"], &args[..], &["--submitted", "soon"]].concat()).misused(&["soon", "2026-11-22"]);
}

#[test]
fn unchanged_values_are_kept_as_rows_on_request_alone() {
    let bench = Bench::agency();
    bench.file("again.csv", "id,name\n1,Ada\n");
    bench.ingest("again.csv").ok();
    assert!(bench.rows("sync-items", "is:unchanged").is_empty());
    bench.file("kept.csv", "id,name\n1,Ada\n\n");
    let args = ["ingest", "kept.csv", "--source", "HR", "--table", "person", "--key", "id", "--keep-unchanged"];
    bench.run(&args).ok();
    assert_eq!(bench.rows("sync-items", "is:unchanged").len(), 1);
}

#[test]
fn an_interrupted_delivery_goes_on_where_it_stopped() {
    let bench = Bench::new();
    let people: String = (0..40_000).map(|n| format!("{n},name {n},city {n}\n")).collect();
    bench.file("people.csv", format!("id,name,city\n{people}"));
    let args = ["ingest", "people.csv", "--source", "HR", "--table", "person", "--key", "id"];
    let mut child = bench.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while bench.rows("sync-jobs", "records>0").is_empty() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it could be interrupted");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let stopped: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(stopped.code, 1, "{stopped:?}");
    assert!(stopped.err.contains("Deliver the same file again to go on from there."), "{stopped:?}");
    let taken = bench.rows("sync-jobs", "")[0]["records"].as_i64().unwrap();
    assert!(0 < taken && taken < 40_000, "{taken}");
    bench.assert_sound();
    let whole = bench.ingest("people.csv").ok().json();
    assert_eq!((&whole["records"], &whole["items"]), (&40_000.into(), &80_000.into()));
    assert_eq!(bench.rows("sync-jobs", "").len(), 1);
    bench.assert_sound();
}
