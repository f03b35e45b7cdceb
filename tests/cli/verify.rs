//! verify: sound stores, and stores that somebody changed by hand.

use crate::harness::{Bench, tamper};

#[test]
fn a_sound_store_is_said_to_be_sound() {
    let bench = Bench::agency();
    let ran = bench.run(&["verify"]);
    assert!(matches!(ran.code, 0 | 14), "{ran:?}");
    assert!(!ran.out.is_empty(), "{ran:?}");
    let object = bench.run(&["verify", "--json"]).json();
    assert_eq!((&object["exit_code"], &object["first_bad"]), (&ran.code.into(), &serde_json::Value::Null));
}

#[test]
fn a_changed_row_names_the_first_operation_that_does_not_fit() {
    let bench = Bench::agency();
    let seq = bench.first_ingest();
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    tamper(&bench.store(), "UPDATE integration_sync_item SET raw_value = 'Eve' WHERE raw_value = 'Ada'");
    let ran = bench.run(&["verify"]);
    assert_eq!(ran.code, 10, "{ran:?}");
    assert!(ran.out.starts_with("TAMPERED: ") && ran.out.contains(&format!("Operation {seq}:")), "{ran:?}");
    let object = bench.run(&["verify", "--json"]).json();
    assert_eq!((&object["exit_code"], &object["first_bad"]), (&10.into(), &seq.into()));
}

#[test]
fn a_digest_kept_elsewhere_tells_an_older_copy_and_another_store() {
    let bench = Bench::agency();
    let older = std::fs::read(bench.store()).unwrap();
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    let digest = bench.run(&["digest"]).ok();
    bench.file("digests", &digest.out);
    let verify = ["verify", "--digest", "digests"];
    assert_eq!(bench.run(&verify).code, 0);
    std::fs::write(bench.store(), older).unwrap();
    assert_eq!(bench.run(&verify).code, 11);
    let other = Bench::agency();
    other.file("digests", &digest.out);
    assert_eq!(other.run(&verify).code, 12);
    other.file("digests", "nothing\n");
    other.run(&verify).refused(&["digests: ", "steward digest"]);
}
