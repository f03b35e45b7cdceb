//! list, show and stats.

use std::process::Stdio;

use crate::harness::{Bench, text};

#[test]
fn a_list_for_people_is_aligned_and_safe() {
    let bench = Bench::new();
    bench.file("people.csv", "id,name\n1,\"A\u{1b}[31m\nB\"\n2,plain\n");
    bench.ingest("people.csv").ok();
    let ran = bench.run(&["list", "sync-items"]).ok();
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 4, "{ran:?}");
    assert!(lines[0].starts_with("name "), "{ran:?}");
    assert!(lines[2].contains("A⟨U+001B⟩[31m⏎B"), "{ran:?}");
    assert!(!ran.out.contains('\u{1b}'), "{ran:?}");
    assert_eq!(ran.err, "");
}

#[test]
fn json_has_every_column_and_the_bytes_that_were_delivered() {
    let bench = Bench::new();
    let value = "a \"b\" \u{1b}[2J \u{202e}x\u{200b} <p>\r\ny</p> ";
    bench.file("people.csv", format!("id,name\r\n1,\"{}\"\r\n", value.replace('"', "\"\"")));
    bench.ingest("people.csv").ok();
    let ran = bench.run(&["list", "sync-items", "--json"]).ok();
    assert!(ran.out.trim_end().chars().all(|c| !c.is_control() && c != '\u{202e}' && c != '\u{200b}'), "{ran:?}");
    let item = ran.json();
    assert_eq!(text(&item, "raw_value"), value);
    assert_eq!(text(&item, "integration_sync_job"), "JOB-0000001");
    assert_eq!(text(&item, "state"), "Waiting");
    assert!(text(&item, "created_on").ends_with('Z'), "{item}");
    assert_eq!(item["applied_date_time"], serde_json::Value::Null);
}

#[test]
fn csv_makes_formulas_harmless() {
    let bench = Bench::new();
    bench.file("people.csv", "id,name\n1,=1+1\n2,\"a,\"\"b\"\"\"\n");
    bench.ingest("people.csv").ok();
    let ran = bench.run(&["list", "sync-items", "--csv"]).ok();
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let at = reader.headers().unwrap().iter().position(|name| name == "raw_value").unwrap();
    let values: Vec<String> = reader.records().map(|row| row.unwrap()[at].to_string()).collect();
    assert_eq!(values, ["'=1+1", "a,\"b\""]);
    bench.run(&["list", "sync-items", "--csv", "--json"]).misused(&["--csv", "--json"]);
}

#[test]
fn filters_sorts_and_limits_choose_the_rows() {
    let bench = Bench::agency();
    let names = |args: &[&str]| -> Vec<String> {
        let ran = bench.run(&[&["list", "sync-items", "--json"], args].concat()).ok();
        ran.lines().iter().map(|row| text(row, "item_id").to_string()).collect()
    };
    assert_eq!(names(&["--filter", "is:held"]).len(), 2);
    assert_eq!(names(&["--filter", "-is:held"]).len(), 3);
    let mut forward = names(&["--sort", "field_name"]);
    let backward = names(&["--sort", "-field_name"]);
    forward.reverse();
    assert_eq!(forward, backward);
    assert_eq!(names(&["--limit", "2"]).len(), 2);
    assert_eq!(names(&["--limit", "0"]).len(), 0);
    let ran = bench.run(&["list", "sync-items", "--limit", "2"]).ok();
    assert_eq!(ran.err, "2 of 5 rows. --limit N lists more, --json or --csv all of them.\n");
    let ran = bench.run(&["list", "sync-items", "--filter", "field:lost"]).ok();
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", "No row of Sync Items matches.\n"));
}

#[test]
fn listings_stream_over_many_pages() {
    let bench = Bench::new();
    let people: String = (0..2500).map(|n| format!("{n},name {n}\n")).collect();
    bench.file("people.csv", format!("id,name\n{people}"));
    bench.ingest("people.csv").ok();
    let rows = bench.rows("identifiers", "");
    assert_eq!(rows.len(), 2500);
    assert!(rows.windows(2).all(|pair| pair[0]["id"].as_i64() < pair[1]["id"].as_i64()));
    let people = bench.run(&["list", "identifiers"]).ok();
    assert_eq!(people.out.lines().count(), 102);
    assert!(people.err.starts_with("100 of 2,500 rows."), "{people:?}");
}

#[test]
fn a_reader_who_goes_away_is_no_error() {
    let bench = Bench::new();
    let people: String = (0..2500).map(|n| format!("{n},name {n}\n")).collect();
    bench.file("people.csv", format!("id,name\n{people}"));
    bench.ingest("people.csv").ok();
    for args in [&["list", "identifiers", "--json"][..], &["completions", "bash"], &["stats"]] {
        let mut command = bench.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{args:?}");
    }
}

#[test]
fn show_prints_all_fields_of_one_row() {
    let bench = Bench::agency();
    let ran = bench.run(&["show", "sync-items", "ITM-0000001"]).ok();
    assert!(ran.out.lines().any(|line| line.starts_with("Raw Value ") && line.ends_with("  Ada")), "{ran:?}");
    assert!(ran.out.lines().any(|line| line.starts_with("Item State ") && line.ends_with("  Waiting")), "{ran:?}");
    let by_number = bench.run(&["show", "sync-items", "1", "--json"]).ok().json();
    let by_guid = bench.run(&["show", "sync-items", text(&by_number, "guid"), "--json"]).ok().json();
    assert_eq!(by_number, by_guid);
    assert_eq!(text(&by_number, "item_id"), "ITM-0000001");
    bench.run(&["show", "sync-items", "ITM-9"]).refused(&["There is no sync item ITM-9", "steward list sync-items"]);
}

#[test]
fn stats_count_rows_and_queues() {
    let bench = Bench::agency();
    let ran = bench.run(&["stats"]).ok();
    let items = ran.out.lines().find(|line| line.starts_with("Sync Items")).unwrap();
    assert!(items.contains(" 5 ") && items.contains("2 Held"), "{ran:?}");
    assert!(ran.out.lines().any(|line| line.starts_with("HR ")), "{ran:?}");
    let object = bench.run(&["stats", "--json"]).ok().json();
    assert_eq!(object["tables"]["sync-items"]["rows"], 5);
    assert_eq!(object["tables"]["sync-items"]["Held"], 2);
    assert_eq!(object["tables"]["value-maps"]["Proposed"], 1);
    assert_eq!(text(&object["jobs_of_seven_days"][0], "source_system_key"), "HR");
}
