//! withdraw: what it would take back, what it took back, and the way to undo it.

use crate::harness::{Bench, text};

#[test]
fn a_delivery_is_withdrawn_after_a_look_and_taken_up_again() {
    let bench = Bench::agency();
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    bench.file("more.csv", "id,name\n1,Adah\n9,Cy\n");
    bench.ingest("more.csv").ok();
    let before = bench.rows("ledger", "is:pending").len();
    let dry = bench.run(&["withdraw", "JOB-0000002", "--dry-run"]).ok();
    assert!(dry.out.starts_with("Dry run, nothing was changed.\nWithdrew JOB-0000002: "), "{dry:?}");
    assert_eq!(bench.rows("ledger", "is:pending").len(), before);
    let done = bench.run(&["withdraw", "JOB-0000002", "--reason", "the wrong file", "--json"]).ok().json();
    let withdrawn = &done["withdrawn"];
    assert_eq!(
        (&withdrawn["rejected"], &withdrawn["closed"], &withdrawn["identifiers"]),
        (&2.into(), &2.into(), &1.into())
    );
    let job = &bench.rows("sync-jobs", "is:withdrawn")[0];
    assert_eq!((text(job, "job_id"), text(job, "process_message")), ("JOB-0000002", "Withdrawn: the wrong file"));
    let said = &bench.rows("ledger", "is:rejected")[0];
    assert_eq!(text(said, "reason"), "the wrong file");
    bench.run(&["withdraw", "JOB-0000002"]).refused(&["JOB-0000002 was withdrawn before", "steward undo "]);
    bench.run(&["undo"]).ok();
    assert_eq!(bench.rows("ledger", "is:pending").len(), before);
    assert!(bench.rows("sync-jobs", "is:withdrawn").is_empty());
    // The same file is a delivery of its own once it was withdrawn.
    bench.run(&["withdraw", "JOB-0000002"]).ok();
    let again = bench.ingest("more.csv").ok().json();
    assert_eq!(
        (text(&again, "job_id"), &again["waiting"], &again["identifiers"]),
        ("JOB-0000003", &2.into(), &0.into())
    );
    bench.assert_sound();
}

#[test]
fn a_delivery_of_repeats_changes_nothing_and_says_what_stays() {
    let bench = Bench::agency();
    bench.file("same.csv", "id,name\n1,Ada\n");
    bench.ingest("same.csv").ok();
    let ran = bench.run(&["withdraw", "2"]).ok();
    assert!(ran.out.starts_with("Withdrew JOB-0000002: nothing in force changes\n"), "{ran:?}");
    assert!(ran.out.contains("  1 value repeated what was known: the clocks of those stay as they are.\n"), "{ran:?}");
}

#[test]
fn what_cannot_be_withdrawn_is_said() {
    let bench = Bench::agency();
    bench.run(&["withdraw", "JOB-0000077"]).refused(&["JOB-0000077", "steward list sync-jobs"]);
    bench.run(&["withdraw"]).misused(&["<JOB>"]);
    bench.run(&["withdraw", "1", "--reason", " "]).refused(&["reason", "blank"]);
    bench.assert_sound();
}
