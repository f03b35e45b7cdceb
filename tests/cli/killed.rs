//! A process that is killed in the middle of an act on many rows: what it did stands, and undo takes it back or goes on.

use std::process::Stdio;
use std::time::{Duration, Instant};

use steward::store::Store;

use crate::harness::Bench;

/// So many names that wait for a reviewer that deciding them takes several operations.
fn many() -> Bench {
    let bench = Bench::new();
    let rows: String = (0..4_000).map(|at| format!("{at},Name {at}\n")).collect();
    bench.file("people.csv", format!("id,name\n{rows}"));
    bench.ingest("people.csv").ok();
    bench
}

fn operations(bench: &Bench) -> i64 {
    let reader = Store::open(&bench.store()).unwrap().reader().unwrap();
    reader.operations(None, 1).unwrap()[0].seq
}

/// Runs a command and kills it when two of its operations are in the log. Answers how many there are then.
fn kill_after_two(bench: &Bench, args: &[&str]) -> i64 {
    let before = operations(bench);
    let mut process = bench.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while operations(bench) < before + 2 {
        assert!(begun.elapsed() < Duration::from_secs(120), "{args:?} wrote nothing");
        assert!(process.try_wait().unwrap().is_none(), "{args:?} ended before it could be killed");
        std::thread::sleep(Duration::from_millis(2));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    operations(bench) - before
}

#[test]
fn what_a_killed_process_did_stands_and_is_taken_back_as_one() {
    let bench = many();
    let count = |filter: &str| bench.rows("ledger", filter).len();
    assert!(kill_after_two(&bench, &["certify", "--filter", "is:pending"]) >= 2);
    let certified = count("is:certified");
    assert!((1_000..4_000).contains(&certified), "{certified}");
    assert_eq!(count("is:pending"), 4_000 - certified);
    bench.assert_sound();

    // The undo is killed likewise, and asked again it goes on.
    bench.run(&["certify", "--filter", "is:pending"]).ok();
    assert!(kill_after_two(&bench, &["undo"]) >= 2);
    let pending = count("is:pending");
    assert!(pending > 0, "the undo took nothing back");
    bench.assert_sound();
    bench.run(&["undo"]).ok();
    bench.run(&["undo"]).ok();
    assert_eq!((count("is:pending"), count("is:certified")), (4_000, 0));
    bench.assert_sound();
}
