//! explain: for people within 80 columns, for scripts as one object, and as of an earlier time.

use unicode_width::UnicodeWidthStr;

use crate::harness::{Bench, text};

/// Two sources for one person: HR's name was certified, FIN's waits.
fn two_sources() -> Bench {
    let bench = Bench::new();
    bench.file("keys.csv", "source_system_key,external_key,target_table,target_id\nHR,1,person,p1\nFIN,7,person,p1\n");
    bench.file("policies.csv", "target_table,commit_mode,authoritative_sources\nperson,On Ingest,HR > *\n");
    bench.file("hr.csv", "id,name\n1,\"Ada\u{1b}[31m\nLovelace\"\n");
    bench.file("fin.csv", "id,name\n7,A. Lovelace\n");
    bench.run(&["import", "identifiers", "keys.csv", "--new"]).ok();
    bench.run(&["import", "policies", "policies.csv"]).ok();
    bench.ingest("hr.csv").ok();
    bench.run(&["ingest", "fin.csv", "--source", "FIN", "--table", "person", "--key", "id"]).ok();
    bench
}

#[test]
fn people_get_sentences_and_a_table_within_80_columns() {
    let bench = two_sources();
    let ran = bench.run(&["explain", "person", "p1", "name"]).ok();
    assert!(ran.out.starts_with("name of person p1 (HR:1, FIN:7)\n"), "{ran:?}");
    assert!(ran.out.contains("In force: \"Ada⟨U+001B⟩[31m⏎Lovelace\", from HR."), "{ran:?}");
    assert!(ran.out.contains("LED-0000001 is pending: written, and not certified yet."), "{ran:?}");
    assert!(ran.out.contains("\nNot in force:\nEntry        Source  Value        Status   Rank  Row\n"), "{ran:?}");
    assert!(ran.out.contains("LED-0000002: It waits for a reviewer. Row 6: a lower rank"), "{ran:?}");
    assert!(ran.out.lines().all(|line| line.width() <= 80), "{ran:?}");
    assert!(!ran.out.contains('\u{1b}'), "{ran:?}");
    assert_eq!(bench.run(&["explain", "PERSON", "FIN:7", "name"]).ok().out, ran.out);
}

#[test]
fn people_get_the_beginning_of_a_long_value_and_scripts_all_of_it() {
    let bench = Bench::new();
    let long = "Ada ".repeat(500);
    bench.file("hr.csv", format!("id,name\n1,{long}\n"));
    bench.ingest("hr.csv").ok();
    let ran = bench.run(&["explain", "person", "HR:1", "name"]).ok();
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("…\" (1,700 more characters), from HR"), "{ran:?}");
    let object = bench.run(&["explain", "person", "HR:1", "name", "--json"]).ok().json();
    assert_eq!(text(&object["candidates"][0], "value").trim(), long.trim());
}

#[test]
fn scripts_get_one_object() {
    let bench = two_sources();
    bench.run(&["reject", "--filter", "source:FIN", "--reason", "initials"]).ok();
    let object = bench.run(&["explain", "person", "p1", "name", "--json"]).ok().json();
    assert_eq!(text(&object, "value"), "Ada\u{1b}[31m\nLovelace");
    assert_eq!((text(&object, "source_system_key"), text(&object, "ledger_id")), ("HR", "LED-0000001"));
    assert_eq!((text(&object, "ledger_status"), &object["certified_by"]), ("Pending", &().into()));
    assert_eq!((&object["stale"], &object["row"], &object["rank"]), (&false.into(), &2.into(), &0.into()));
    let loser = &object["candidates"][0];
    assert_eq!((text(loser, "value"), text(loser, "ledger_status")), ("A. Lovelace", "Rejected"));
    assert_eq!((&loser["row"], text(loser, "decision_reason")), (&6.into(), "initials"));
    assert_eq!(text(loser, "decided_by"), bench.me());
    assert!(text(loser, "reason").contains("rejected it on"), "{loser}");
}

#[test]
fn a_field_without_a_value_has_every_key_too() {
    let bench = Bench::agency();
    let object = bench.run(&["explain", "person", "HR:1", "country", "--json"]).ok().json();
    for key in ["value", "source_system_key", "ledger_id", "ledger_status", "certified_by", "stale"] {
        assert_eq!(object.get(key), Some(&().into()), "{key}");
    }
    let held = &object["candidates"][0];
    assert_eq!((text(held, "raw_value"), text(held, "item_state")), ("fr", "Held"));
    assert!(text(held, "reason").contains("ST020"), "{held}");
    let ran = bench.run(&["explain", "person", "HR:1", "country"]).ok();
    assert!(ran.out.contains("No value is in force."), "{ran:?}");
    assert!(ran.out.contains("would: ") || ran.out.contains(" may, once "), "{ran:?}");
}

#[test]
fn an_earlier_state_is_told_as_it_was() {
    let bench = two_sources();
    let explain = |as_of: &str| bench.run(&["explain", "person", "p1", "name", "--json", "--as-of", as_of]);
    let newest = || text(&bench.run(&["history", "--json", "--limit", "1"]).ok().json(), "at").to_string();
    let before = newest();
    bench.run(&["certify", "--filter", "source:FIN"]).ok();
    let after = newest();
    bench.run(&["revoke", "--filter", "source:FIN", "--reason", "left"]).ok();
    let (then, later) = (explain(&before).ok().json(), explain(&after).ok().json());
    assert_eq!((text(&then, "ledger_id"), text(&then["candidates"][0], "ledger_status")), ("LED-0000001", "Pending"));
    assert_eq!((text(&later, "value"), text(&later, "certified_by")), ("A. Lovelace", bench.me().as_str()));
    assert!(text(&later["candidates"][0], "reason").contains("LED-0000002 was chosen over it"), "{later}");
    assert_eq!(text(&later, "as_of"), after);
    explain("2001-01-01").refused(&["nothing had been said of name of person p1", "The first value came on"]);
    explain("2999-01-01").refused(&["still to come"]);
    explain("yesterday").misused(&["2026-11-22"]);
}

#[test]
fn unknown_names_get_the_nearest_one() {
    let bench = two_sources();
    bench.run(&["explain", "persom", "p1", "name"]).refused(&["no target table persom. Did you mean person?"]);
    bench.run(&["explain", "person", "p2", "name"]).refused(&["no record p2. Did you mean p1?"]);
    bench.run(&["explain", "person", "HR:2\u{1b}", "name"]).refused(&["no key 2⟨U+001B⟩."]);
    bench.run(&["explain", "person", "p1", "nmae"]).refused(&["no field nmae. Did you mean name?"]);
}
