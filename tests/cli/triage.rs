//! retry, park and unpark.

use crate::harness::{Bench, text};

#[test]
fn items_are_parked_unparked_and_retried_by_filter() {
    let bench = Bench::agency();
    let states = |state: &str| bench.rows("sync-items", &format!("is:{state}")).len();
    assert_eq!(states("held"), 2);
    let dry = bench.run(&["park", "--filter", "is:held", "--dry-run", "--json"]).ok().json();
    assert_eq!((&dry["dry_run"], &dry["changed"], states("parked")), (&true.into(), &2.into(), 0));
    let parked = bench.run(&["park", "--filter", "is:held", "--reason", "asked the source"]).ok();
    assert!(parked.out.starts_with("Parked 2 items\n") && parked.out.contains("steward undo"), "{parked:?}");
    let last = bench.run(&["history", "--json", "--limit", "1"]).ok().json();
    assert_eq!((text(&last, "kind"), text(&last, "reason")), ("park", "asked the source"));
    bench.run(&["unpark", "--filter", "is:parked"]).ok();
    assert_eq!(states("held"), 2);
    let retried = bench.run(&["retry", "--filter", "is:held", "--json"]).ok().json();
    // What is held again waits on.
    assert_eq!((&retried["changed"], &retried["released"], states("parked")), (&2.into(), &0.into(), 0));
    assert_eq!((states("held"), &retried["parked"]), (2, &0.into()));
    bench.run(&["undo"]).ok();
    assert_eq!((states("held"), states("parked")), (2, 0));
    bench.assert_sound();
}

#[test]
fn one_item_is_retried_by_name_and_with_another_value() {
    let bench = Bench::agency();
    let name = text(&bench.rows("sync-items", "is:held")[0], "item_id").to_string();
    bench.run(&["map", "HR", "country", "France", "FRA"]).ok();
    let edited = bench.run(&["retry", &name, "--value", "France", "--reason", "a typing error"]).ok();
    assert!(edited.out.contains("Retried 1 item: 1 went on"), "{edited:?}");
    let new = &bench.rows("sync-items", &format!("parent:{name}"))[0];
    assert_eq!((text(new, "raw_value"), text(new, "new_value"), text(new, "state")), ("France", "FRA", "Waiting"));
    bench.run(&["retry", &name]).refused(&[&name, text(new, "item_id"), "is not the newest attempt"]);
    bench.run(&["retry", "ITM-0009999"]).refused(&["There is no sync item ITM-0009999."]);
    bench.run(&["retry", "is:held"]).refused(&["There is no sync item is:held. For a filter: --filter \"is:held\""]);
    bench.assert_sound();
}

#[test]
fn retry_says_what_it_needs() {
    let bench = Bench::agency();
    bench.run(&["retry"]).misused(&["--filter"]);
    bench.run(&["retry", "1", "--filter", "is:held"]).misused(&["--filter"]);
    bench.run(&["retry", "1", "--value", "FRA"]).misused(&["--reason"]);
    bench.run(&["retry", "--filter", "is:held", "--value", "FRA", "--reason", "all"]).misused(&["--value"]);
    bench.run(&["park"]).misused(&["--filter"]);
    bench.run(&["retry", "1", "--value", "FRA", "--reason", " "]).refused(&["needs a reason"]);
    bench.run(&["park", "--filter", "statuz:x"]).refused(&["Did you mean"]);
}
