//! Two runs of one delivery: the later one waits for its turn, and nothing is lost or taken twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use steward::engine::{Delivery, Error, IngestOutcome};
use steward::model::record::Record;
use steward::model::table::Table;

use crate::bench::{Bench, delivery, record};

const RECORDS: usize = 12;

fn records() -> Vec<Record> {
    (0..RECORDS).map(|at| record(at, &(&at.to_string() as &str, &[("f", "x")]))).collect()
}

fn the_delivery(bench: &Bench) -> Delivery {
    delivery("HR", "t", &"7".repeat(64), bench.now())
}

/// Takes the delivery in, chunk by chunk of two records; `progress` hears of each chunk.
fn take_in(bench: &mut Bench, progress: &mut dyn FnMut(i64) -> bool) -> Result<IngestOutcome, Error> {
    let (delivery, records) = (the_delivery(bench), records());
    bench.engine.ingest(&delivery, &mut records.into_iter().map(Ok), false, &mut |taken, _| progress(taken))
}

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.chunks = vec![2];
    bench.act_as("ada");
    bench
}

fn beside(bench: &Bench) -> Bench {
    let mut other = bench.beside("sue");
    other.chunks = vec![2];
    other.act_as("sue");
    other
}

fn leases(bench: &Bench) -> i64 {
    Connection::open(&bench.path).unwrap().query_row("SELECT count(*) FROM job_lease", [], |row| row.get(0)).unwrap()
}

fn state(bench: &Bench) -> String {
    bench.rows(Table::SyncJobs, "")[0].display("state").into_owned()
}

#[test]
fn a_second_run_is_refused_while_the_first_is_at_it_and_told_who_that_is() {
    let mut bench = bench();
    let mut other = beside(&bench);
    let mut refused = None;
    let whole = take_in(&mut bench, &mut |taken| {
        if taken == 4 {
            refused = Some(take_in(&mut other, &mut |_| true).unwrap_err().to_string());
            assert_eq!(state(&other), "Running");
        }
        true
    })
    .unwrap();
    let refused = refused.unwrap();
    assert!(refused.starts_with("JOB-0000001 is being taken in by ada (process "), "{refused}");
    assert_eq!((whole.records, whole.stopped), (RECORDS as i64, false));
    assert_eq!((bench.rows(Table::Identifiers, "").len(), leases(&bench)), (RECORDS, 0));
    assert_eq!(bench.rows(Table::SyncJobs, "").len(), 1);
    bench.assert_sound();
}

#[test]
fn a_run_that_waits_goes_on_where_the_first_one_stopped() {
    let mut bench = bench();
    let mut other = beside(&bench);
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let hears = told.clone();
    other.engine.wait_for_turn(move |said| {
        hears.lock().unwrap().push(said.to_string());
        true
    });
    let heard = || told.lock().unwrap().len();
    let mut second = None;
    let first = take_in(&mut bench, &mut |taken| {
        if taken == 2 {
            let mut other = std::mem::replace(&mut other, Bench::new());
            second = Some(std::thread::spawn(move || (take_in(&mut other, &mut |_| true).unwrap(), other)));
        }
        // It goes on until the other one waits for it, and then stops.
        while heard() == 0 {
            std::thread::yield_now();
        }
        taken < 6
    })
    .unwrap();
    assert_eq!((first.records, first.stopped), (6, true));
    let (whole, _other) = second.unwrap().join().unwrap();
    assert_eq!((whole.records, whole.stopped, whole.already_delivered), (RECORDS as i64, false, false));
    assert!(told.lock().unwrap()[0].contains("Waiting for it to end"), "{told:?}");
    assert_eq!((bench.rows(Table::Identifiers, "").len(), leases(&bench)), (RECORDS, 0));
    bench.assert_sound();
}

#[test]
fn a_run_that_waited_for_the_whole_delivery_has_nothing_to_do() {
    let mut bench = bench();
    let mut other = beside(&bench);
    let told = Arc::new(AtomicUsize::new(0));
    let hears = told.clone();
    other.engine.wait_for_turn(move |_| hears.fetch_add(1, Ordering::SeqCst) < 10_000);
    let mut second = None;
    take_in(&mut bench, &mut |taken| {
        if taken == 2 {
            let mut other = std::mem::replace(&mut other, Bench::new());
            second = Some(std::thread::spawn(move || (take_in(&mut other, &mut |_| true).unwrap(), other)));
        }
        while told.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        true
    })
    .unwrap();
    let (whole, _other) = second.unwrap().join().unwrap();
    assert!(whole.already_delivered, "{whole:?}");
    assert_eq!(bench.rows(Table::Identifiers, "").len(), RECORDS);
}

#[test]
fn a_run_may_give_its_turn_up() {
    let mut bench = bench();
    let mut other = beside(&bench);
    other.engine.wait_for_turn(|_| false);
    let mut gave_up = None;
    take_in(&mut bench, &mut |_| {
        gave_up = gave_up.take().or_else(|| Some(take_in(&mut other, &mut |_| true).unwrap_err().to_string()));
        true
    })
    .unwrap();
    assert!(gave_up.unwrap().ends_with("This run took in nothing, and waits no more."));
}

#[test]
fn a_delivery_that_nobody_is_at_is_interrupted_and_gone_on_with() {
    let mut bench = bench();
    let stopped = take_in(&mut bench, &mut |taken| taken < 4).unwrap();
    assert!(stopped.stopped);
    assert_eq!((state(&bench), leases(&bench)), ("Interrupted".to_string(), 0));
    assert_eq!(bench.rows(Table::SyncJobs, "is:interrupted").len(), 1);
    assert_eq!(bench.rows(Table::SyncJobs, "is:success").len(), 0);
    assert_eq!(bench.reader().overview(bench.now()).unwrap().sources[0].interrupted, 1);
    let whole = take_in(&mut bench, &mut |_| true).unwrap();
    assert_eq!(whole.records, RECORDS as i64);
    assert_eq!(bench.rows(Table::SyncJobs, "is:interrupted").len(), 0);
    assert_eq!(state(&bench), whole.job_status);
}

/// What a run left behind, and whether the next one takes over.
#[test]
fn the_lease_of_a_run_that_is_gone_ends() {
    let gone = "process = 2147483647";
    let elsewhere = "namespace = 'pid:[1]'";
    for (case, lease, seconds, taken_over) in [
        ("its process is gone", gone, 0, true),
        ("it runs, and was not heard of", "renewed_on = 0", 0, false),
        ("in another namespace, heard of just now", elsewhere, 0, false),
        ("in another namespace, not heard of for a minute", elsewhere, 60, true),
        ("in another boot, not heard of for a minute", "boot = 'another'", 60, true),
        ("of another machine, heard of 59 seconds ago", "boot = 'another'", 59, false),
    ] {
        let mut bench = bench();
        take_in(&mut bench, &mut |taken| taken < 4).unwrap();
        let process = steward::store::Process::ours();
        Connection::open(&bench.path)
            .unwrap()
            .execute(
                "INSERT INTO job_lease VALUES (1, ?1, 'ada', 'here', ?2, ?3, ?4, ?5, ?6, ?6)",
                rusqlite::params![
                    [7_u8; 16],
                    process.boot,
                    process.namespace,
                    process.number,
                    process.began,
                    bench.now()
                ],
            )
            .unwrap();
        Connection::open(&bench.path).unwrap().execute(&format!("UPDATE job_lease SET {lease}"), []).unwrap();
        (0..seconds).for_each(|_| bench.second_passes());
        assert_eq!(state(&bench), if taken_over { "Interrupted" } else { "Running" }, "{case}");
        assert_eq!(take_in(&mut bench, &mut |_| true).is_ok(), taken_over, "{case}");
        assert_eq!(leases(&bench), i64::from(!taken_over), "{case}");
        bench.assert_sound();
    }
}

#[test]
fn a_run_that_lost_its_lease_stops() {
    let mut bench = bench();
    let path = bench.path.clone();
    let stopped = take_in(&mut bench, &mut |taken| {
        if taken == 4 {
            Connection::open(&path).unwrap().execute("UPDATE job_lease SET token = ?", [[8_u8; 16]]).unwrap();
        }
        true
    });
    assert!(stopped.unwrap_err().to_string().contains("Another run is taking JOB-0000001 in, too"));
    assert_eq!(bench.rows(Table::Identifiers, "").len(), 4);
    bench.assert_sound();
}
