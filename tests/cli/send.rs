//! send: files and the standard output, that nothing counts as sent before it is written, and what is queued for whom.

use crate::harness::Bench;

/// Two people that FIN knows and receives names of, in force.
fn agency() -> Bench {
    let bench = Bench::agency();
    let targets: Vec<String> =
        bench.rows("identifiers", "").iter().map(|row| row["target_id"].as_str().unwrap().to_string()).collect();
    bench.file("out.csv", "target_table,field_name,source_system_key,outbound\nperson,name,FIN,Yes\n");
    let header = "source_system_key,external_key,target_table,target_id";
    let keys = format!("{header}\nFIN,f1,person,{}\nFIN,=f2,person,{}\n", targets[0], targets[1]);
    bench.file("keys.csv", keys);
    bench.run(&["import", "bindings", "out.csv"]).ok();
    bench.run(&["import", "identifiers", "keys.csv", "--new"]).ok();
    let certified = bench.run(&["certify", "--filter", "field:name"]).ok();
    assert!(certified.out.contains("to be sent: 2 values"), "{certified:?}");
    bench
}

fn queued(bench: &Bench) -> usize {
    bench.rows("sync-items", "is:queued").len()
}

#[test]
fn values_go_to_a_file_in_either_format() {
    let bench = agency();
    let dry = bench.run(&["send", "--source", "FIN", "--out", "a.csv", "--dry-run", "--json"]).ok().json();
    assert_eq!((&dry["changed"], queued(&bench), bench.path("a.csv").exists()), (&2.into(), 2, false));
    let done = bench.run(&["send", "--source", "FIN", "--out", "a.csv", "--json"]).ok().json();
    assert_eq!((&done["changed"], queued(&bench)), (&2.into(), 0));
    let csv = std::fs::read_to_string(bench.path("a.csv")).unwrap();
    let mut lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.remove(0), "target_table,external_key,field_name,value");
    lines.sort_unstable();
    assert_eq!(lines, ["person,=f2,name,Bao", "person,f1,name,Ada"]);
    bench.assert_sound();

    bench.run(&["undo"]).ok();
    bench.run(&["send", "--source", "fin", "--out", "a.jsonl"]).ok();
    let text = std::fs::read_to_string(bench.path("a.jsonl")).unwrap();
    assert!(text.contains(r#"{"target_table":"person","external_key":"=f2","values":{"name":"Bao"}}"#), "{text}");
    bench.assert_sound();
}

#[test]
fn values_go_to_the_standard_output_and_the_outcome_beside_it() {
    let bench = agency();
    bench.run(&["send", "--source", "FIN", "--json"]).refused(&["--out FILE"]);
    let ran = bench.run(&["send", "--source", "FIN", "--table", "person"]).ok();
    assert_eq!(ran.lines().len(), 2, "{ran:?}");
    assert!(ran.err.starts_with("Sent 2 values of 2 records to FIN\n"), "{ran:?}");
    let csv = bench.run(&["send", "--source", "FIN", "--format", "csv"]).ok();
    assert_eq!(csv.out, "target_table,external_key,field_name,value\n", "nothing is left to send");
    bench.assert_sound();
}

#[test]
fn what_cannot_be_written_is_not_sent() {
    let bench = agency();
    bench.file("there.csv", "not sent on yet");
    bench.run(&["send", "--source", "FIN", "--out", "there.csv"]).refused(&["there.csv", "such a file already"]);
    bench.run(&["send", "--source", "FIN", "--out", "no/where.csv"]).refused(&["no/where.csv", "folder"]);
    bench.run(&["send", "--source", "CRM", "--out", "b.csv"]).refused(&["no receiver CRM", "outbound = Yes"]);
    assert!(!bench.path("b.csv").exists());
    assert_eq!(
        (queued(&bench), std::fs::read_to_string(bench.path("there.csv")).unwrap().as_str()),
        (2, "not sent on yet")
    );
    bench.run(&["send"]).misused(&["--source"]);
    bench.assert_sound();
}

/// Who was cut off in the middle does not know whether the values count as sent.
#[test]
fn what_counts_as_sent_is_told_to_who_asks_again() {
    let bench = agency();
    let send = |out: &str| bench.run(&["send", "--source", "fin", "--out", out]);
    // Killed after the file was made and before the commit.
    bench.file("there.csv", "the file of one who was killed");
    send("there.csv").refused(&["there.csv", "such a file already", "Nothing counts as sent to fin yet"]);
    // Killed after the commit and before it was told.
    send("a.csv").ok();
    let last = bench.run(&["history", "--json"]).ok().lines()[0]["seq"].to_string();
    send("a.csv").refused(&["such a file already", &format!("last: 2 values by operation {last} of ")]);
    let again = send("b.csv").ok();
    assert!(again.err.contains(&format!("2 values by operation {last} of ")), "{again:?}");
    // What was taken back does not count.
    bench.run(&["undo", &last]).ok();
    send("a.csv").refused(&["Nothing counts as sent to fin yet"]);
    assert!(send("c.csv").ok().err.is_empty());
}

#[test]
fn the_older_name_goes_on_working_and_names_the_new_one() {
    let bench = agency();
    let ran = bench.run(&["export", "--source", "FIN", "--out", "a.csv"]).ok();
    assert!(ran.err.contains("steward send --source") && ran.out.starts_with("Sent 2 values"), "{ran:?}");
    assert!(!bench.run(&["--help"]).ok().out.contains("export"), "one name is enough");
    bench.assert_sound();
}

/// A receiver reads numbers and telephone numbers, and gives them back as they are.
#[test]
fn what_goes_to_a_machine_is_what_is_stored() {
    const VALUES: [&str; 5] = ["-12.50", "+1 555 0100", "=1+1", "@at", "'quoted"];
    let bench = Bench::new();
    bench.file("policy.csv", "target_table,commit_mode,auto_certify\nt,On Ingest,Yes\n");
    bench.file("out.csv", "target_table,field_name,source_system_key,outbound\nt,v,PAY,Yes\n");
    let ids: String = (0..VALUES.len()).map(|n| format!("X,{n},t,r{n}\nPAY,{n},t,r{n}\n")).collect();
    bench.file("ids.csv", format!("source_system_key,external_key,target_table,target_id\n{ids}"));
    let rows: String = VALUES.iter().enumerate().map(|(n, value)| format!("{n},{value}\n")).collect();
    bench.file("in.csv", format!("id,v\n{rows}"));
    bench.run(&["import", "policies", "policy.csv"]).ok();
    bench.run(&["import", "identifiers", "ids.csv", "--new"]).ok();
    bench.run(&["import", "bindings", "out.csv"]).ok();
    bench.run(&["ingest", "in.csv", "--source", "X", "--table", "t", "--key", "id"]).ok();
    bench.run(&["send", "--source", "PAY", "--out", "to-pay.csv"]).ok();
    let sent = std::fs::read_to_string(bench.path("to-pay.csv")).unwrap();
    let expected: String = VALUES.iter().enumerate().map(|(n, value)| format!("t,{n},v,{value}\n")).collect();
    assert_eq!(sent, format!("target_table,external_key,field_name,value\n{expected}"));
    // What people open in a spreadsheet keeps its guard.
    let list = bench.run(&["list", "ledger", "--csv"]).ok().out;
    assert!(list.contains("'-12.50") && list.contains("'=1+1"), "{list}");
    bench.assert_sound();
}

#[test]
fn what_a_receiver_never_got_is_queued_when_asked_for() {
    let bench = agency();
    bench.run(&["send", "--source", "FIN", "--out", "a.csv"]).ok();
    bench.file("later.csv", "target_table,field_name,source_system_key,outbound\nperson,name,CRM,Yes\n");
    let targets: Vec<String> = bench
        .rows("identifiers", "source:HR")
        .iter()
        .map(|row| row["target_id"].as_str().unwrap().to_string())
        .collect();
    let keys: String = targets.iter().enumerate().map(|(n, target)| format!("CRM,c{n},person,{target}\n")).collect();
    bench.file("keys.csv", format!("source_system_key,external_key,target_table,target_id\n{keys}"));
    bench.run(&["import", "bindings", "later.csv"]).ok();
    bench.run(&["import", "identifiers", "keys.csv", "--new"]).ok();
    let dry = bench.run(&["send", "--source", "CRM", "--backfill", "--dry-run", "--json"]).ok().json();
    assert_eq!((dry["changed"].as_i64(), queued(&bench)), (Some(3), 0));
    let done = bench.run(&["send", "--source", "crm", "--backfill"]).ok();
    assert!(done.out.starts_with("Queued 3 values that CRM never got"), "{done:?}");
    assert!(done.err.contains("steward send --source"), "{done:?}");
    assert_eq!(queued(&bench), 3);
    bench.run(&["undo"]).ok();
    assert_eq!(queued(&bench), 0);
    bench.run(&["send", "--source", "CRM", "--backfill", "--out", "b.csv"]).misused(&["--out"]);
    bench.assert_sound();
}

#[test]
fn bind_says_what_becomes_of_a_value_that_is_gone() {
    let bench = agency();
    bench.run(&["bind", "person", "name", "--source", "FIN", "--on-empty", "send"]).ok();
    bench.run(&["certify", "--filter", "field:name"]);
    bench.run(&["send", "--source", "FIN", "--out", "a.csv"]).ok();
    bench.run(&["revoke", "--filter", "value:Ada", "--reason", "another person"]).ok();
    assert_eq!(queued(&bench), 1);
    // Binding it to a list, or saying something else of it, leaves the rest as it is.
    bench.run(&["bind", "person", "name", "country", "--source", "FIN"]).ok();
    bench.run(&["bind", "person", "name", "--source", "FIN", "--on-empty", "hold"]).ok();
    let again = bench.run(&["bind", "person", "name", "country", "--source", "FIN", "--on-empty", "hold", "--json"]);
    assert_eq!(again.ok().json()["changed"].as_i64(), Some(0));
    bench.run(&["bind", "person", "country", "--source", "HR", "--on-empty", "send"]).refused(&["outbound is Yes"]);
    bench.run(&["bind", "person", "name", "--on-empty", "send"]).misused(&["--source"]);
    bench.run(&["bind", "person", "name", "--source", "FIN", "--on-empty", "keep"]).refused(&["hold, default, send"]);
    bench.assert_sound();
}
