//! edit, and retire of identifiers.

use crate::harness::{Bench, text};

#[test]
fn an_identifier_is_edited_and_taken_out_of_use() {
    let bench = Bench::agency();
    let name = text(&bench.rows("identifiers", "key:1")[0], "identifier_id").to_string();
    let dry = bench.run(&["edit", "identifiers", &name, "target=elsewhere", "--dry-run"]).ok();
    assert!(dry.out.contains("stands for the new person elsewhere"), "{dry:?}");
    assert_ne!(text(&bench.rows("identifiers", "key:1")[0], "target_id"), "elsewhere");
    bench.run(&["edit", "identifiers", &name, "target_id=elsewhere"]).ok();
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
