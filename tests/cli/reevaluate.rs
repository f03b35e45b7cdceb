//! reevaluate: policies, fields and value maps.

use crate::harness::{Bench, text};

#[test]
fn a_policy_that_was_imported_later_reaches_what_waits() {
    let bench = Bench::agency();
    bench.file("policies.csv", "policy_id,target_table,commit_mode,auto_certify\nPeople,person,On Ingest,Yes\n");
    bench.run(&["import", "policies", "policies.csv"]).ok();
    let waiting = bench.rows("ledger", "is:pending").len();
    assert!(waiting > 0 && bench.rows("ledger", "is:current").is_empty());
    let dry = bench.run(&["reevaluate", "policy", "People", "--dry-run", "--json"]).ok().json();
    assert_eq!((&dry["dry_run"], &dry["changed"]), (&true.into(), &waiting.into()));
    let done = bench.run(&["reevaluate", "policy", "People", "--reason", "agreed"]).ok();
    assert!(done.out.starts_with("Re-evaluated People: 3 values, 3 certified by the engine\n"), "{done:?}");
    assert_eq!(bench.rows("ledger", "is:current").len(), waiting);
    let last = bench.run(&["history", "--json", "--limit", "1"]).ok().json();
    assert_eq!((text(&last, "kind"), text(&last, "reason")), ("reevaluate", "agreed"));
    let again = bench.run(&["reevaluate", "fields", "person", "name"]).ok();
    assert!(again.out.starts_with("Re-evaluated name of person: 3 values\n"), "{again:?}");
    bench.run(&["undo"]).ok();
    assert_eq!(bench.rows("ledger", "is:pending").len(), waiting);
    bench.assert_sound();
}

#[test]
fn what_cannot_be_re_evaluated_is_said() {
    let bench = Bench::agency();
    bench.run(&["reevaluate", "policy", "Nobody"]).refused(&["There is no commit policy Nobody.", "commit-policies"]);
    bench.run(&["reevaluate", "map", "\u{1b}[2J"]).refused(&["There is no value map", "value-maps"]);
    bench.run(&["reevaluate", "fields", "planet"]).refused(&["planet"]);
    bench.run(&["reevaluate", "fields"]).misused(&["<TABLE>"]);
    bench.run(&["reevaluate"]).misused(&["policy", "map"]);
    bench.assert_sound();
}
