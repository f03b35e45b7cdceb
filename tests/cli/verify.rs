//! verify: sound stores, and stores that somebody changed by hand.

use std::fs;

use rusqlite::Connection;
use steward::store::{Opener, Store};

use crate::harness::{Bench, tamper, text};

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
    bench.run(&["verify", "--digest", "digest"]).refused(&["digest: There is no such file. Check the path."]);
    assert_eq!(bench.run(&verify).code, 0);
    std::fs::write(bench.store(), older).unwrap();
    assert_eq!(bench.run(&verify).code, 11);
    let other = Bench::agency();
    other.file("digests", &digest.out);
    assert_eq!(other.run(&verify).code, 12);
    other.file("digests", "nothing\n");
    other.run(&verify).refused(&["digests: ", "steward digest"]);
}

#[test]
fn a_check_can_begin_later_and_go_through_the_log_again() {
    let bench = Bench::agency();
    let seq = bench.first_ingest();
    let ran = bench.run(&["verify", "--since", &seq.to_string(), "--replay"]);
    assert_eq!(ran.code, 14, "{ran:?}");
    assert!(ran.out.contains(&format!("from {seq} on")) && ran.out.contains("Replayed: "), "{ran:?}");
    assert_eq!(bench.run(&["verify", "--since", "2026-01-01"]).code, 14);
    let ran = bench.run(&["verify", "--since", "9999"]);
    assert!(ran.code == 14 && ran.out.starts_with("No operation was checked: the log ends before that."), "{ran:?}");
    bench.run(&["verify", "--since", "yesterday"]).misused(&["an operation's number or a time"]);
}

#[test]
fn a_row_is_proved_in_sentences_and_to_a_verifier() {
    let bench = Bench::agency();
    let seq = bench.first_ingest();
    let before = bench.run(&["digest"]).ok();
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    let digest = bench.run(&["digest"]).ok().json();
    let said = bench.run(&["prove", "ledger", "LED-0000001"]).ok();
    for part in [
        format!("LED-0000001 was made by operation {seq} (ingest) of "),
        format!("LED-0000001 was changed by operation {} (certify) of ", seq + 1),
        format!("seq {} and hash {}", digest["seq"], text(&digest, "hash")),
    ] {
        assert!(said.out.contains(&part), "{part:?} is not in {said:?}");
    }
    let proof = bench.run(&["prove", "ledger", "1", "--json"]).ok().json();
    assert_eq!(proof["leaves"].as_array().unwrap().len(), 2);
    assert_eq!(proof["operations"].as_array().unwrap().last().unwrap()["hash"], digest["hash"]);
    // Against an older digest it is the row as it was then.
    bench.file("digest", &before.out);
    let older = bench.run(&["prove", "ledger", "1", "--digest", "digest", "--json"]).ok().json();
    assert_eq!(older["leaves"].as_array().unwrap().len(), 1);
}

#[test]
fn a_proof_is_checked_without_the_store() {
    let bench = Bench::agency();
    bench.first_ingest();
    let before = bench.run(&["digest"]).ok().out;
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    bench.file("before", &before);
    bench.file("digest", &bench.run(&["digest"]).ok().out);
    let proof = bench.run(&["prove", "ledger", "1", "--json"]).ok().out;
    bench.file("proof", &proof);
    bench.file("short", &proof[..proof.len() / 2]);
    bench.file("forged", proof.replace("certify", "certifx"));
    fs::remove_file(bench.store()).unwrap();
    let said = bench.run(&["check-proof", "proof", "--digest", "digest"]).ok();
    for part in
        ["LED-0000001 was made by", "value: Ada", "PROVED: no operation up to", "ends with the digest in digest"]
    {
        assert!(said.out.contains(part), "{part:?} is not in {said:?}");
    }
    let json = bench.run(&["check-proof", "proof", "--digest", "digest", "--json"]).ok().json();
    assert!(json["last"] == true && json["row"]["value"] == "Ada" && json["exit_code"] == 0, "{json}");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["proof"], 14, "Nothing was given to compare its end with"),
        (&["proof", "--digest", "before"], 12, "NOT OF THIS DIGEST: proof proves nothing: it ends with operation"),
        (&["forged", "--digest", "digest"], 10, "FORGED: forged proves nothing: operation"),
        (&["short"], 13, "short is no proof"),
        (&["digest"], 13, "digest is no proof"),
        (&["nowhere"], 1, "nowhere"),
        (&["proof", "--digest", "nowhere"], 1, "nowhere"),
    ];
    for (args, code, sentence) in cases {
        let ran = bench.run(&[&["check-proof"], *args].concat());
        assert_eq!(*code, ran.code, "{args:?}: {ran:?}");
        assert!(ran.out.contains(sentence) || ran.err.contains(sentence), "{args:?}: {ran:?}");
    }
}

#[test]
fn a_row_that_the_log_does_not_vouch_for_is_not_proved() {
    let bench = Bench::agency();
    bench.run(&["prove", "ledger", "LED-0000099"]).refused(&["There is no ledger entry"]);
    tamper(&bench.store(), "UPDATE integration_sync_item SET raw_value = 'Eve' WHERE raw_value = 'Ada'");
    bench.run(&["prove", "sync-items", "1"]).refused(&["steward verify"]);
}

#[test]
fn values_are_disposed_of_for_good_and_the_log_still_holds() {
    let bench = Bench::agency();
    bench.run(&["reject", "--filter", "value:Ada", "--reason", "wrong person"]).ok();
    let dispose = ["dispose", "ledger", "--filter", "is:rejected", "--reason", "GRS 5.2"];
    let dry = bench.run(&[&dispose[..], &["--dry-run"]].concat()).ok();
    assert!(dry.out.starts_with("Dry run") && dry.out.contains("1 ledger entry"), "{dry:?}");
    let said = bench.run(&dispose).ok();
    assert!(said.out.contains("not to be taken back") && !said.out.contains("steward undo"), "{said:?}");
    assert!(bench.rows("ledger", "value:Ada").is_empty());
    assert_eq!(bench.run(&["verify", "--replay"]).code, 14);
    bench.run(&["prove", "ledger", "LED-0000001"]).refused(&["disposed of"]);
    bench.run(&["undo"]).refused(&[
        "Disposed of the values of 1 ledger entry",
        "cannot be taken back",
        "steward history",
    ]);
    // What went before cannot come back either: its value is gone.
    let before = bench.run(&["history", "--json"]).ok().lines();
    let rejected = before.iter().find(|operation| operation["summary"].as_str().unwrap().contains("Rejected")).unwrap();
    bench.run(&["undo", &rejected["seq"].to_string()]).refused(&["has changed since"]);
}

/// What was made before operations said which rows they changed is proved, and not that it is the last state.
#[test]
fn of_an_older_stores_row_it_is_told_that_its_last_state_cannot_be_proved() {
    let bench = Bench::empty();
    Connection::open(bench.store()).unwrap().execute_batch(include_str!("../older/format3.sql")).unwrap();
    Store::open_to_write(&bench.store(), Opener { login: "root", mapped: false }, &mut |_| {}).unwrap();
    let prove = |part: &str| {
        let said = bench.run(&["prove", "ledger", "1"]).ok();
        assert!(said.out.contains(part), "{said:?}");
        bench.file("proof", bench.run(&["prove", "ledger", "1", "--json"]).ok().out);
        bench.run(&["check-proof", "proof"])
    };
    let before = prove("cannot be proved: operations of an older format");
    assert!(before.code == 14 && before.out.contains("not that it is the last state"), "{before:?}");
}
