//! edit, and retire of identifiers.

use crate::harness::{Bench, text};

#[test]
fn an_identifier_is_edited_and_taken_out_of_use() {
    let bench = Bench::agency();
    let name = text(&bench.rows("identifiers", "key:1")[0], "identifier_id").to_string();
    let dry = bench.run(&["edit", "identifiers", &name, "target=elsewhere", "--new", "--dry-run"]).ok();
    assert!(dry.out.contains("stands for the new person elsewhere"), "{dry:?}");
    assert_ne!(text(&bench.rows("identifiers", "key:1")[0], "target_id"), "elsewhere");
    let unknown = ["edit", "identifiers", &name, "target_id=elsewhere"];
    bench.run(&unknown).refused(&["no person that the store knows is called elsewhere", "--new"]);
    bench.run(&[&unknown[..], &["--new"]].concat()).ok();
    assert_eq!(text(&bench.rows("identifiers", "key:1")[0], "target_id"), "elsewhere");
    bench.run(&["edit", "identifiers", &name, "external_key=2"]).refused(&["deliveries have come by"]);
    bench.run(&["retire", "--identifier", &name, "--reason", "a mistake"]).ok();
    assert!(bench.rows("identifiers", "key:1 is:active").is_empty());
    bench.run(&["undo"]).ok();
    assert_eq!(bench.rows("identifiers", "key:1 is:active").len(), 1);
    bench.assert_sound();
}

#[test]
fn what_cannot_be_edited_is_said() {
    let bench = Bench::agency();
    let name = text(&bench.rows("identifiers", "key:1")[0], "identifier_id").to_string();
    bench.run(&["edit", "sync-items", "ITM-0000001", "raw=1"]).refused(&["steward retry ITEM --value TEXT"]);
    bench.run(&["edit", "ledger", "LED-0000001", "value=1"]).refused(&["Nobody edits a ledger entry"]);
    bench.run(&["edit", "identifiers", &name, "no=1"]).refused(&["there is no such field"]);
    bench.run(&["edit", "identifiers", &name, "target=1", "target_id=2"]).refused(&["is given twice"]);
    bench.run(&["edit", "identifiers", "IDN-9", "target=1"]).refused(&["There is no identifier IDN-9"]);
    bench.run(&["edit", "identifiers", &name, "target"]).misused(&["FIELD=VALUE"]);
    bench.assert_sound();
}

/// What stands on a command line is for everybody on the machine to read.
#[test]
fn values_come_from_a_file_or_the_standard_input() {
    let bench = Bench::agency();
    let target = text(&bench.rows("identifiers", "key:1")[0], "target_id").to_string();
    let file = bench.file("target", format!("{target}\r\n"));
    let from_file = format!("target_id={}", file.display());
    bench.run(&["edit", "identifiers", "IDN-0000002", "--value-from", &from_file, "--yes"]).ok();
    assert_eq!(text(&bench.rows("identifiers", "key:2")[0], "target_id"), target);
    let ran = bench
        .feed(&["edit", "identifiers", "IDN-0000003", "--value-from", "target_id=-", "--yes"], target.as_bytes())
        .ok();
    assert!(ran.out.contains("IDN-0000003"), "{ran:?}");
    assert_eq!(text(&bench.rows("identifiers", "key:3")[0], "target_id"), target);
    bench
        .run(&["edit", "identifiers", "IDN-0000002", "--value-from", "target_id=/nowhere"])
        .refused(&["/nowhere", "cannot be read"]);
    bench.run(&["edit", "identifiers", "IDN-0000002"]).misused(&["<FIELD=VALUE>"]);
    bench.file("bad", [0xFF_u8, 0xFE]);
    let bad = format!("target_id={}", bench.path("bad").display());
    bench.run(&["edit", "identifiers", "IDN-0000002", "--value-from", &bad]).refused(&["not valid UTF-8"]);
    bench.assert_sound();
}

/// Whoever leads a second key of one source to a record says that it is no slip, by name, key or id.
#[test]
fn a_record_is_named_as_people_know_it_and_a_second_key_is_asked_about() {
    let bench = Bench::agency();
    let target = text(&bench.rows("identifiers", "key:1")[0], "target_id").to_string();
    let led = |to: &str, more: &[&str]| {
        let change = format!("target_id={to}");
        bench.run(&[&["edit", "identifiers", "IDN-0000002", &change], more].concat())
    };
    let warned = ["HR would know one person as 1 (IDN-0000001) and as 2, by two keys", "--yes"];
    led("HR:1", &[]).refused(&warned);
    let dry = led("hr:1", &["--dry-run"]).ok();
    assert!(dry.out.contains("looks wrong: HR would know") && dry.out.contains("--yes does it"), "{dry:?}");
    assert_ne!(text(&bench.rows("identifiers", "key:2")[0], "target_id"), target);
    let json = led("HR:1", &["--json"]);
    assert_eq!((json.code, json.json()["warnings"].as_array().unwrap().len()), (1, 1));
    led("HR:1", &["--yes"]).ok();
    assert_eq!(text(&bench.rows("identifiers", "key:2")[0], "target_id"), target);
    bench.run(&["undo"]).ok();
    // By its label, once there is one.
    led("Ada", &["--yes"]).refused(&["no person that the store knows is called Ada"]);
    bench.run(&["rules", "set", "label.person", "name"]).ok();
    let rules = bench.run(&["rules", "list", "--json"]).ok().lines();
    assert_eq!(text(rules.last().unwrap(), "key"), "label.person");
    bench.run(&["certify", "--filter", "field:name"]).ok();
    led("ada", &["--yes"]).ok();
    assert_eq!(text(&bench.rows("identifiers", "key:2")[0], "target_id"), target);
    // A file of identifiers tells of records that the store has not heard of.
    bench.file("keys.csv", "source_system_key,external_key,target_table,target_id\nFIN,9,person,P-9\n");
    bench.run(&["import", "identifiers", "keys.csv"]).ok();
    assert_eq!(text(&bench.rows("identifiers", "key:9 source:FIN")[0], "target_id"), "P-9");
    bench.file("keys.csv", "source_system_key,external_key,target_table,target_id\nFIN,9,person,FIN:77\n");
    bench.run(&["import", "identifiers", "keys.csv"]).refused(&["FIN has no key 77"]);
    // A second key is asked about there, too.
    bench.file("keys.csv", "source_system_key,external_key,target_table,target_id\nHR,9,person,HR:3\n");
    bench.run(&["import", "identifiers", "keys.csv"]).refused(&["as 3 (IDN-0000003) and as 9"]);
    bench.run(&["import", "identifiers", "keys.csv", "--yes"]).ok();
    let entry = &bench.rows("ledger", "key:9 field:name")[0];
    assert_eq!((text(entry, "label"), text(entry, "external_key")), ("Chidi", "3"));
    bench.run(&["edit", "value-maps", "MAP-0000001", "note=x", "--new"]).refused(&["--new speaks of the record"]);
    bench.assert_sound();
}
