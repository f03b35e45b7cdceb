//! Two runs of one delivery at once: everybody is there once, and whoever comes later waits, or is told.

use std::fmt::Write;
use std::process::Stdio;

use crate::harness::{Bench, text};

const PEOPLE: usize = 1_500;

fn people() -> String {
    (0..PEOPLE).fold("id,name,mail\n".to_string(), |mut file, n| {
        let _ = writeln!(file, "{n},Person {n},p{n}@example.org");
        file
    })
}

const INGEST: [&str; 8] = ["ingest", "people.csv", "--source", "FIN", "--table", "person", "--key", "id"];

#[test]
fn runs_of_one_delivery_take_turns() {
    let bench = Bench::agency();
    bench.file("people.csv", people());
    let before = bench.rows("identifiers", "source:FIN").len();
    let run = || bench.command(&INGEST).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (first, second) = (run(), run());
    let third = run();
    for run in [first, second, third] {
        let output = run.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(bench.rows("identifiers", "source:FIN").len() - before, PEOPLE);
    let jobs = bench.rows("sync-jobs", "source:FIN");
    assert_eq!((jobs.len(), &jobs[0]["records"]), (1, &PEOPLE.into()));
    assert!(bench.rows("sync-jobs", "state:interrupted,running").is_empty());
    bench.assert_sound();
}

#[test]
fn a_delivery_that_a_killed_run_left_shows_as_interrupted_and_goes_on() {
    let bench = Bench::agency();
    bench.file("people.csv", people());
    let mut run = bench.command(&INGEST).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while bench.rows("sync-jobs", "source:FIN").is_empty() && run.try_wait().unwrap().is_none() {}
    run.kill().unwrap();
    run.wait().unwrap();
    let jobs = bench.rows("sync-jobs", "source:FIN");
    if text(&jobs[0], "state") == "Interrupted" {
        let stats = bench.run(&["stats", "--json"]).ok().json();
        let of = |source: &str| {
            stats["jobs_of_seven_days"]
                .as_array()
                .unwrap()
                .iter()
                .find(|jobs| jobs["source_system_key"] == source)
                .unwrap()["interrupted"]
                .clone()
        };
        assert_eq!(of("FIN"), 1);
    }
    bench.run(&INGEST).ok();
    assert_eq!(bench.rows("identifiers", "source:FIN").len(), PEOPLE);
    bench.assert_sound();
}
