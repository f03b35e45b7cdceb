//! verify: sound stores, and stores that somebody changed by hand.

use crate::harness::{Bench, tamper};

#[test]
fn a_sound_store_is_said_to_be_sound() {
    let bench = Bench::agency();
    let ran = bench.run(&["verify"]);
    assert!(matches!(ran.code, 0 | 14), "{ran:?}");
    assert!(!ran.out.is_empty(), "{ran:?}");
    let object = bench.run(&["verify", "--json"]).json();
    assert_eq!((&object["exit_code"], &object["sound"]), (&ran.code.into(), &true.into()));
}

#[test]
fn a_changed_row_names_the_first_operation_that_does_not_fit() {
    let bench = Bench::agency();
    let first_ingest = || {
        let operations = bench.run(&["history", "--json"]).ok().lines();
        let ingests = operations.iter().filter(|operation| operation["kind"] == "ingest");
        ingests.map(|operation| operation["seq"].as_i64().unwrap()).min().unwrap()
    };
    let seq = first_ingest();
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    tamper(&bench.store(), "UPDATE integration_sync_item SET raw_value = 'Eve' WHERE raw_value = 'Ada'");
    let ran = bench.run(&["verify"]);
    assert_eq!(ran.code, 10, "{ran:?}");
    assert!(ran.out.contains(&format!("operation {seq}")), "{ran:?}");
    let object = bench.run(&["verify", "--json"]).json();
    assert_eq!((&object["exit_code"], &object["sound"]), (&10.into(), &false.into()));
}
