//! Decisions on many rows at once, against the same row changes made by plain SQL in one transaction.

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{Options, Report, Spent, forget_peak, grouped, ms, peak, plain, seconds, stores, table};
use steward::engine::{Command, Engine, MapKey, Mode, Rows, Verb};
use steward::model::choice::Relationship;

/// Rows to decide on at most.
const ROWS: usize = 100_000;

fn main() {
    let options = Options::read();
    let mut report = Report::begin("Decide", &options);
    for (items, path) in stores::all(&options) {
        let passing = stores::passing();
        let (own, plainly) = (passing.path().join("own.db"), passing.path().join("plain.db"));
        std::fs::copy(&path, &own).expect("a copy");
        let mut engine = stores::engine(&own, 3);
        let (code, waiting) = prepare(&mut engine, (items / 8).min(ROWS));
        drop(engine);
        std::fs::copy(&own, &plainly).expect("a copy");
        let mut engine = stores::engine(&own, 4);
        let certify = Command::Decide { verb: Verb::Certify, rows: pending(&own), reason: None };
        let map = Command::Map {
            map: MapKey::Code { source: "S77".into(), list: "status".into(), code },
            canonical: "ST1".into(),
            relationship: Relationship::Equal,
        };
        let undo = Command::Undo { operation: None };
        let mut rows = Vec::new();
        for (name, command) in
            [("certify by rule", &certify), ("undo that", &undo), ("map a code", &map), ("undo that", &undo)]
        {
            forget_peak();
            let before = operations(&own);
            let watch = Watch::start(&own);
            let (spent, outcome) = Spent::on(|| engine.run_in_chunks(command, &Mode::Real).expect("the decision"));
            let (blocked, memory) = (watch.end(), peak());
            outcome.operation.expect("something was decided");
            let parts = operations(&own) - before;
            let (limit, changes) = Spent::on(|| plain::follow(&plainly, &own, before + 1));
            let ratio = spent.over(&limit);
            rows.push(vec![
                name.to_string(),
                grouped(outcome.changed.max(outcome.released) as usize),
                grouped(changes as usize),
                grouped(parts as usize),
                seconds(spent.wall),
                seconds(limit.wall),
                format!("{ratio:.2}"),
                format!("{:.2}", spent.processor_over(&limit)),
                ms(blocked),
                format!("{memory:.0} MB"),
            ]);
            report.goal(&format!("{name}, {} items, against plain SQL", grouped(items)), ratio, 3.0);
            report.figure("another writer waited at most", blocked.as_secs_f64() * 1e3, 250.0, "ms");
        }
        println!("\n## {} items, {} of them waiting for one code", grouped(items), grouped(waiting));
        table(
            &[
                "", "rows", "changes in the log", "operations", "steward", "plain SQL", "ratio", "of processor time",
                "others waited, ms", "peak memory",
            ],
            &rows,
        );
    }
    report.end();
}

fn operations(path: &Path) -> i64 {
    plain::connect(path).query_row("SELECT max(seq) FROM operation", [], |row| row.get(0)).expect("the log")
}

/// A source delivers one code that nobody mapped, again and again. Answers the code and how many items wait for it.
fn prepare(engine: &mut Engine, waiting: usize) -> (String, usize) {
    let code = "never seen before".to_string();
    stores::deliver_codes(engine, "S77", "status", &code, waiting);
    (code, waiting)
}

/// The pending mail addresses: by rule, or where there are far more than wanted, as many by id.
fn pending(path: &Path) -> Rows {
    let sql = "SELECT id FROM integration_ledger
               WHERE ledger_status = 166840000 AND statecode = 0 AND aspect_key = 'email' ORDER BY id LIMIT ?";
    let conn = plain::connect(path);
    let mut statement = conn.prepare(sql).expect("the rows to certify");
    let ids = statement.query_map([2 * ROWS as i64], |row| row.get(0)).expect("the rows to certify");
    let mut ids: Vec<i64> = ids.collect::<Result<_, _>>().expect("the rows to certify");
    if ids.len() < 2 * ROWS {
        return Rows::Filter("is:pending field:email".into());
    }
    ids.truncate(ROWS);
    Rows::Ids(ids)
}

/// Somebody else who wants to write all the while.
struct Watch {
    done: std::sync::Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Duration>,
}

impl Watch {
    fn start(path: &Path) -> Watch {
        let done = std::sync::Arc::new(AtomicBool::new(false));
        let (path, ended) = (path.to_path_buf(), done.clone());
        let thread = std::thread::spawn(move || {
            let mut conn = plain::connect(&path);
            // As the program's own connections wait for their turn.
            conn.busy_handler(Some(|_| {
                std::thread::sleep(Duration::from_millis(4));
                true
            }))
            .expect("patience");
            let mut longest = Duration::ZERO;
            while !ended.load(Ordering::Relaxed) {
                let begun = Instant::now();
                conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK").expect("a turn");
                longest = longest.max(begun.elapsed());
                std::thread::sleep(Duration::from_millis(5));
            }
            longest
        });
        Watch { done, thread }
    }

    fn end(self) -> Duration {
        self.done.store(true, Ordering::Relaxed);
        self.thread.join().expect("the other writer")
    }
}
