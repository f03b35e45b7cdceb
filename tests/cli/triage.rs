//! retry, park, unpark and close.

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
fn items_are_closed_for_good_and_counted_so() {
    let bench = Bench::agency();
    let states = |state: &str| bench.rows("sync-items", &format!("is:{state}")).len();
    let close = ["close", "--filter", "is:held", "--reason", "the record is out of use"];
    let dry = bench.run(&[&close[..], &["--dry-run", "--json"]].concat()).ok().json();
    assert_eq!((&dry["dry_run"], &dry["changed"], states("held")), (&true.into(), &2.into(), 2));
    let closed = bench.run(&close).ok();
    assert!(closed.out.starts_with("Closed 2 items\n") && closed.out.contains("steward undo"), "{closed:?}");
    assert_eq!((states("held"), states("closed")), (0, 2));
    let stats = bench.run(&["stats", "--json"]).ok().json();
    assert_eq!(stats["tables"]["sync-items"]["Closed"], 2, "{stats}");
    let jobs = bench.rows("sync-jobs", "");
    assert_eq!(jobs.iter().map(|job| job["closed"].as_i64().unwrap()).sum::<i64>(), 2, "{jobs:?}");
    let left = bench.run(&["retry", "--filter", "is:closed", "--json"]).ok().json();
    assert_eq!((&left["changed"], &left["held_back"][0]["rows"]), (&0.into(), &2.into()), "{left}");
    let name = text(&bench.rows("sync-items", "is:closed")[0], "item_id").to_string();
    bench.run(&["retry", &name]).refused(&[&name, "is closed for good; undo the closing instead"]);
    bench.run(&["dispose", "sync-items", "--filter", "is:closed", "--reason", "GRS 5.2", "--dry-run"]).ok();
    bench.run(&["undo"]).ok();
    assert_eq!((states("held"), states("closed")), (2, 0));
    bench.assert_sound();
}

#[test]
fn retry_says_what_it_needs() {
    let bench = Bench::agency();
    bench.run(&["retry"]).misused(&["--filter"]);
    bench.run(&["retry", "1", "--filter", "is:held"]).misused(&["--filter"]);
    bench.run(&["retry", "1", "--value", "FRA"]).misused(&["--reason"]);
    bench.run(&["retry", "--filter", "is:held", "--value", "FRA", "--reason", "all"]).misused(&["--value"]);
    bench.run(&["close", "--filter", "is:held"]).misused(&["--reason"]);
    bench.run(&["close", "--reason", "gone"]).misused(&["--filter"]);
    bench.run(&["close", "--filter", "is:held", "--reason", " "]).refused(&["say why"]);
    bench.run(&["park"]).misused(&["--filter"]);
    bench.run(&["retry", "1", "--value", "FRA", "--reason", " "]).refused(&["needs a reason"]);
    bench.run(&["park", "--filter", "statuz:x"]).refused(&["Did you mean"]);
}
