//! Whoever lost a race reads to whom, and whoever stops a command reads what stands.

use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rusqlite::Connection;

use crate::harness::{Bench, Ran};

#[test]
fn rows_that_were_named_and_not_changed_are_no_success_and_it_is_told_who_was_first() {
    let bench = Bench::agency();
    bench.run(&["certify", "--filter", "name:LED-0000001"]).ok();
    let cases: [(&str, &[&str], i32, &str); 7] = [
        (
            "named, and decided by somebody",
            &["certify", "--filter", "name:LED-0000001"],
            1,
            "is already certified. root changed it at 2",
        ),
        (
            "named, and decided otherwise",
            &["reject", "--filter", "name:LED-0000001", "--reason", "no match"],
            1,
            "root changed it at 2",
        ),
        ("one of the named can", &["certify", "--filter", "name:LED-0000001,LED-0000002"], 0, "held back: 1 row"),
        ("not named", &["certify", "--filter", "value:Ada"], 0, "held back: 1 row"),
        ("only told", &["certify", "--filter", "name:LED-0000001", "--dry-run"], 0, "held back: 1 row"),
        ("nothing matches", &["certify", "--filter", "value:nobody"], 0, "Certified 0 ledger entries"),
        ("named, and not there", &["certify", "--filter", "name:LED-0000099"], 0, "Certified 0 ledger entries"),
    ];
    let me = format!("{} changed it", bench.me());
    for (name, args, code, part) in cases {
        let ran = bench.run(args);
        let part = part.replace("root changed it", &me);
        assert!(ran.code == code && ran.out.contains(&part), "{name}: {ran:?}");
        assert_eq!(ran.err.contains("None of the rows that were named was changed"), code == 1, "{name}: {ran:?}");
    }
    bench.assert_sound();
}

#[test]
fn an_interrupt_stops_a_command_and_it_says_that_nothing_was_changed() {
    let bench = Bench::agency();
    bench.run(&["certify", "--filter", "value:Ada"]).ok();
    for args in [
        &["certify", "--filter", "is:pending"][..],
        &["undo"],
        &["park", "--filter", "is:held"],
        &["map", "HR", "country", "fr", "FRA"],
        &["withdraw", "JOB-0000001", "--reason", "the wrong file"],
    ] {
        let before = bench.run(&["digest"]).ok().json();
        // While somebody else writes, it waits.
        let other = Connection::open(bench.store()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let child = bench.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        sleep(Duration::from_millis(1500));
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
        sleep(Duration::from_millis(200));
        drop(other);
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert!(ran.code == 1 && ran.err.contains("Stopped: nothing was changed."), "{args:?}: {ran:?}");
        assert_eq!(bench.run(&["digest"]).ok().json()["seq"], before["seq"], "{args:?}");
    }
    bench.assert_sound();
}
