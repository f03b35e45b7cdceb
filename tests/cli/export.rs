//! export: files and the standard output, and that nothing counts as sent before it is written.

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
    bench.run(&["import", "identifiers", "keys.csv"]).ok();
    let certified = bench.run(&["certify", "--filter", "field:name"]).ok();
    assert!(certified.out.contains("to be exported: 2 values"), "{certified:?}");
    bench
}

fn queued(bench: &Bench) -> usize {
    bench.rows("sync-items", "is:queued").len()
}

#[test]
fn values_go_to_a_file_in_either_format() {
    let bench = agency();
    let dry = bench.run(&["export", "--source", "FIN", "--out", "a.csv", "--dry-run", "--json"]).ok().json();
    assert_eq!((&dry["changed"], queued(&bench), bench.path("a.csv").exists()), (&2.into(), 2, false));
    let done = bench.run(&["export", "--source", "FIN", "--out", "a.csv", "--json"]).ok().json();
    assert_eq!((&done["changed"], queued(&bench)), (&2.into(), 0));
    let csv = std::fs::read_to_string(bench.path("a.csv")).unwrap();
    let mut lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.remove(0), "target_table,external_key,field_name,value");
    lines.sort_unstable();
    assert_eq!(lines, ["person,'=f2,name,Bao", "person,f1,name,Ada"]);
    bench.assert_sound();

    bench.run(&["undo"]).ok();
    bench.run(&["export", "--source", "fin", "--out", "a.jsonl"]).ok();
    let text = std::fs::read_to_string(bench.path("a.jsonl")).unwrap();
    assert!(text.contains(r#"{"target_table":"person","external_key":"=f2","values":{"name":"Bao"}}"#), "{text}");
    bench.assert_sound();
}

#[test]
fn values_go_to_the_standard_output_and_the_outcome_beside_it() {
    let bench = agency();
    bench.run(&["export", "--source", "FIN", "--json"]).refused(&["--out FILE"]);
    let ran = bench.run(&["export", "--source", "FIN", "--table", "person"]).ok();
    assert_eq!(ran.lines().len(), 2, "{ran:?}");
    assert!(ran.err.starts_with("Exported 2 values of 2 records to FIN\n"), "{ran:?}");
    let csv = bench.run(&["export", "--source", "FIN", "--format", "csv"]).ok();
    assert_eq!(csv.out, "target_table,external_key,field_name,value\n", "nothing is left to send");
    bench.assert_sound();
}

#[test]
fn what_cannot_be_written_is_not_sent() {
    let bench = agency();
    bench.file("there.csv", "not sent on yet");
    bench.run(&["export", "--source", "FIN", "--out", "there.csv"]).refused(&["there.csv", "such a file already"]);
    bench.run(&["export", "--source", "FIN", "--out", "no/where.csv"]).refused(&["no/where.csv", "folder"]);
    bench.run(&["export", "--source", "CRM", "--out", "b.csv"]).refused(&["no receiver CRM", "outbound = Yes"]);
    assert!(!bench.path("b.csv").exists());
    assert_eq!(
        (queued(&bench), std::fs::read_to_string(bench.path("there.csv")).unwrap().as_str()),
        (2, "not sent on yet")
    );
    bench.run(&["export"]).misused(&["--source"]);
    bench.assert_sound();
}
