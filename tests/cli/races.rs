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
    bench.file("codes.csv", "code,label\nA,Active\n");
    bench.file("maps.csv", "source_system_key,code_list,source_code,canonical_code_value\nHR,country,fr,FRA\n");
    let commands = [
        &["certify", "--filter", "is:pending"][..],
        &["undo"],
        &["park", "--filter", "is:held"],
        &["map", "HR", "country", "fr", "FRA"],
        &["withdraw", "JOB-0000001", "--reason", "the wrong file"],
        &["import", "codes", "codes.csv", "--list", "status"],
        &["map", "--file", "maps.csv"],
        &["attest", "table", "person"],
        &["rules", "set", "four_eyes_ingest", "on"],
        &["hold", "set", "--record", "person", "HR:1", "--reason", "a lawsuit"],
    ];
    let before = bench.run(&["digest"]).ok().json();
    // While somebody else writes, they wait.
    let other = Connection::open(bench.store()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = |args: &[&str]| bench.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children = commands.map(|args| (args, start(args)));
    let nothing_to_do = start(&["reevaluate", "fields", "person", "name"]);
    sleep(Duration::from_millis(3000));
    for child in children.iter().map(|(_, child)| child).chain([&nothing_to_do]) {
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
    }
    sleep(Duration::from_millis(200));
    drop(other);
    for (args, child) in children {
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert!(ran.code == 1 && ran.err.contains("Stopped: nothing was changed."), "{args:?}: {ran:?}");
    }
    let ran: Ran = nothing_to_do.wait_with_output().unwrap().into();
    assert_eq!(ran.code, 0, "what had nothing to write is done whole: {ran:?}");
    assert_eq!(bench.run(&["digest"]).ok().json()["seq"], before["seq"]);
    bench.assert_sound();
}
