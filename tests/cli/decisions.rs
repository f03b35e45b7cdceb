//! map, certify, reject, revoke, undo and history.

use crate::harness::{Bench, text};

#[test]
fn mapping_a_code_releases_the_items_that_wait_for_it() {
    let bench = Bench::agency();
    let dry = bench.run(&["map", "HR", "country", "fr", "FRA", "--dry-run", "--json"]).ok().json();
    assert_eq!((&dry["dry_run"], &dry["released"]), (&true.into(), &2.into()));
    assert_eq!(bench.rows("sync-items", "is:held").len(), 2);
    let real = bench.run(&["map", "HR", "country", "fr", "FRA", "--relationship", "equal"]).ok();
    assert!(real.out.contains("2 items released"), "{real:?}");
    assert!(real.out.contains("steward undo"), "{real:?}");
    assert!(bench.rows("sync-items", "is:held").is_empty());
    let map = &bench.rows("value-maps", "")[0];
    assert_eq!((text(map, "canonical_code_value"), text(map, "state")), ("FRA", "Active"));
    bench.assert_sound();
}

#[test]
fn a_code_without_a_match_is_said_to_have_none() {
    let bench = Bench::agency();
    bench.run(&["map", "HR", "country", "fr", "--no-match", "FRA"]).misused(&["--no-match"]);
    bench.run(&["map", "HR", "country", "fr"]).misused(&["CANONICAL"]);
    let ran = bench.run(&["map", "HR", "country", "fr", "--no-match"]).ok();
    assert!(ran.out.contains("\"fr\" of HR in country has no match: 2 items released"), "{ran:?}");
    assert_eq!(text(&bench.rows("value-maps", "")[0], "state"), "No match");
    bench.assert_sound();
}

#[test]
fn entries_are_certified_rejected_and_revoked_by_filter() {
    let bench = Bench::agency();
    let statuses = |status: &str| bench.rows("ledger", &format!("is:{status}")).len();
    assert_eq!(statuses("pending"), 3);
    let dry = bench.run(&["certify", "--filter", "field:name value:Ada", "--dry-run"]).ok();
    assert!(dry.out.starts_with("Dry run, nothing was changed."), "{dry:?}");
    assert!(dry.out.contains("nothing → \"Ada\""), "{dry:?}");
    assert_eq!(statuses("certified"), 0);
    let done = bench.run(&["certify", "--filter", "value:Ada,Bao", "--json"]).ok().json();
    assert_eq!((&done["changed"], &done["values_changed"]), (&2.into(), &2.into()));
    bench.run(&["reject", "--filter", "value:Chidi", "--reason", "wrong person"]).ok();
    bench.run(&["revoke", "--filter", "value:Bao", "--reason", "left"]).ok();
    assert_eq!((statuses("certified"), statuses("rejected"), statuses("revoked")), (1, 1, 1));
    let entry = &bench.rows("ledger", "is:certified")[0];
    assert_eq!(text(entry, "certified_by"), bench.me());
    bench.assert_sound();
}

#[test]
fn turning_a_value_down_takes_a_reason() {
    let bench = Bench::agency();
    for (verb, filter) in [("reject", "is:pending"), ("revoke", "is:certified"), ("reopen", "is:rejected")] {
        let asked = format!("steward {verb} --filter EXPR --reason");
        bench.run(&[verb, "--filter", filter]).refused(&["reason", &asked]);
        bench.run(&[verb, "--filter", filter, "--reason", " "]).refused(&[&asked]);
    }
    assert_eq!(bench.rows("ledger", "is:pending").len(), 3);
    bench.assert_sound();
}

/// A reason lifts four eyes, so it has to be one.
#[test]
fn a_reason_that_says_nothing_lifts_no_rule() {
    let bench = Bench::agency();
    bench.run(&["map", "HR", "country", "fr", "FRA"]).ok();
    let filter = "is:pending field:country";
    for blank in ["", " ", "\u{200b}"] {
        for verb in ["certify", "recertify"] {
            bench.run(&[verb, "--filter", filter, "--reason", blank]).refused(&["reason: it is blank"]);
        }
        bench.run(&["attest", "table", "person", "--reason", blank]).refused(&["reason: it is blank"]);
        bench.run(&["reject", "--filter", filter, "--reason", blank]).refused(&["To reject takes a reason"]);
    }
    let held = bench.run(&["certify", "--filter", filter]).ok();
    assert!(held.out.contains("came through a value map that you decided"), "{held:?}");
    assert!(bench.rows("ledger", "is:certified").is_empty());
    bench.run(&["certify", "--filter", filter, "--reason", "nobody else is here"]).ok();
    let notes = text(&bench.rows("ledger", "is:certified")[0], "notes").to_string();
    assert_eq!(notes, "Certified by the author of its value map: nobody else is here");
    bench.assert_sound();
}

#[test]
fn undo_takes_back_the_last_operation_or_one_by_number() {
    let bench = Bench::agency();
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    let operation = bench.run(&["history", "--json", "--limit", "1"]).ok().json();
    let seq = operation["seq"].to_string();
    bench.run(&["undo", &seq, "--dry-run"]).ok();
    assert_eq!(bench.rows("ledger", "is:certified").len(), 1);
    bench.run(&["undo", &seq]).ok();
    assert!(bench.rows("ledger", "is:certified").is_empty());
    bench.run(&["certify", "--filter", "value:Bao"]).ok();
    bench.run(&["undo"]).ok();
    assert!(bench.rows("ledger", "is:certified").is_empty());
    bench.run(&["undo", "9999"]).refused(&["9999"]);
    bench.run(&["undo", "last"]).misused(&["last"]);
    bench.assert_sound();
}

#[test]
fn history_lists_operations_newest_first() {
    let bench = Bench::agency();
    bench.run(&["certify", "--filter", "value:Ada", "--reason", "seen the passport"]).ok();
    let all = bench.run(&["history", "--json"]).ok().lines();
    let numbers: Vec<i64> = all.iter().map(|operation| operation["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).rev().collect::<Vec<_>>());
    assert_eq!(text(&all[0], "kind"), "certify");
    assert_eq!(text(&all[0], "reason"), "seen the passport");
    assert_eq!(text(&all[0], "actor"), bench.me());
    let people = bench.run(&["history", "--limit", "2"]).ok();
    assert_eq!(people.out.lines().count(), 4, "{people:?}");
    assert!(people.out.lines().nth(2).unwrap().contains("certify"), "{people:?}");
}

#[test]
fn history_is_narrowed_and_tells_what_became_of_each_row() {
    let bench = Bench::agency();
    bench.run(&["certify", "--filter", "value:Ada", "--reason", "seen the passport"]).ok();
    let entry = text(&bench.rows("ledger", "value:Ada is:certified")[0], "ledger_id").to_string();
    let all = bench.run(&["history", "--json"]).ok().lines();
    let kinds = |args: &[&str]| -> Vec<String> {
        let run = bench.run(&[&["history", "--json"], args].concat()).ok();
        run.lines().iter().map(|operation| text(operation, "kind").to_string()).collect()
    };
    assert_eq!(kinds(&["--kind", "certify"]), ["certify"]);
    assert_eq!(kinds(&["--text", "PASSPORT"]), ["certify"]);
    assert_eq!(kinds(&["--row", &entry]), ["certify", "ingest"]);
    assert_eq!(kinds(&["--by", &bench.me()]).len(), all.len());
    assert!(kinds(&["--by", "nobody"]).is_empty() && kinds(&["--until", "2001-01-01"]).is_empty());
    assert_eq!(kinds(&["--since", "2001-01-01", "--limit", "1"]), ["certify"]);
    let number = all[0]["seq"].to_string();
    let one = bench.run(&["history", &number, "--json"]).ok().json();
    let rows = one["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| text(row, "name") == entry).unwrap();
    let status = &row["changes"]["ledger_status"];
    assert!(status["before"] != status["after"] && row["made"] == false, "{row}");
    let told = bench.run(&["history", &number]).ok();
    assert!(told.out.contains(&entry) && told.out.contains("Certified By: (empty) →"), "{told:?}");
    // What it was about is told from the row itself, and an undo lists what it would put back.
    let about = text(&all[0], "about");
    assert_eq!((text(&all[0], "summary"), about), (format!("Certified {entry}").as_str(), "person HR:1 name 'Ada'"));
    assert_eq!(kinds(&["--table", "ledger"]).first().map(String::as_str), Some("certify"));
    assert!(!kinds(&["--table", "value-maps"]).contains(&"certify".to_string()));
    let dry = bench.run(&["undo", &number, "--dry-run"]).ok();
    assert!(
        dry.out.contains(&format!("{entry}: ")) && dry.out.contains("Ledger Status: Certified → Pending"),
        "{dry:?}"
    );
    let dry = bench.run(&["undo", &number, "--dry-run", "--json"]).ok().json();
    let back = dry["put_back"].as_array().unwrap().iter().find(|row| text(row, "name") == entry).unwrap().clone();
    let status = back["changes"].as_array().unwrap().iter().find(|field| text(field, "field") == "ledger_status");
    assert_eq!((&status.unwrap()["from"], &status.unwrap()["to"]), (&166_840_001.into(), &166_840_000.into()));
    assert!(!bench.rows("ledger", "value:Ada is:certified").is_empty());
    assert!(bench.run(&["undo", &number, "--json"]).ok().json().get("put_back").is_none());
    bench.run(&["history", "99999"]).refused(&["99999", "steward history"]);
    bench.run(&["history", "--row", "LED-9999999"]).refused(&["LED-9999999"]);
    // A number alone would be a row of any table.
    bench.run(&["history", "--row", "1"]).refused(&["LED-0000507"]);
}
