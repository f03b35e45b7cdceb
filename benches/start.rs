//! From the start of the process to the first full frame, in a pseudo-terminal; and its memory after much scrolling.

mod common;

use std::path::Path;
use std::time::Duration;

use common::clock::{Hand, context};
use common::pty::Terminal;
use common::{Options, Report, Times, grouped, memory, ms, processor_of, stores, table, timed};
use steward::engine::Engine;

/// Starts of each store.
const STARTS: usize = 15;

/// An hour's worth of keys at ten a second.
const KEYS: usize = 36_000;

fn main() {
    let options = Options::read();
    let mut report = Report::begin("Start", &options);
    let passing = stores::passing();
    let empty = passing.path().join("empty.db");
    drop(Engine::create(&empty, context(&Hand::at(0), 0)).expect("an empty store"));
    let home = passing.path();
    let (bare, bare_own) = starts(&empty, home, "THIS STORE IS EMPTY");
    let mut rows = vec![row("an empty store", &bare, &bare_own, None)];
    for (items, path) in stores::all(&options) {
        let (times, own) = starts(&path, home, "NEEDS ATTENTION");
        let keys = if options.ci { KEYS / 20 } else { KEYS };
        let used = scrolled(&path, home, keys);
        rows.push(row(&format!("{} items", grouped(items)), &times, &own, Some(used)));
        let ratio = times.at(0.5).as_secs_f64() / bare.at(0.5).as_secs_f64();
        report.goal(&format!("start with {} items against an empty store", grouped(items)), ratio, 1.2);
        let ratio = own.at(0.5).as_secs_f64() / bare_own.at(0.5).as_secs_f64();
        report.goal("the same by processor time", ratio, 1.2);
        report.figure("start, p50", times.at(0.5).as_secs_f64() * 1e3, 100.0, "ms");
        report.figure(&format!("memory after {} keys", grouped(keys)), used, 100.0, "MB");
    }
    table(
        &["first full frame, ms", "first", "p50", "p99", "max", "processor, p50", "peak memory after scrolling"],
        &rows,
    );
    report.end();
}

fn row(name: &str, times: &Times, own: &Times, used: Option<f64>) -> Vec<String> {
    let cells = [name.to_string()].into_iter().chain(times.cells());
    cells.chain([ms(own.at(0.5)), used.map_or(String::new(), |used| format!("{used:.0} MB"))]).collect()
}

/// The first frame is full once home shows its counts: before, it says that it reads them. Answers the times to it, and how
/// long the program had the processor by then.
fn starts(store: &Path, home: &Path, shown: &str) -> (Times, Times) {
    let (mut times, mut own) = (Times::default(), Times::default());
    for _ in 0..STARTS {
        let (time, mut terminal) = timed(|| {
            let mut terminal = Terminal::start(store, home);
            terminal.wait_for("home", |text| text.contains(shown));
            terminal
        });
        times.push(time);
        // The kernel counts a thread's time when it begins to wait.
        terminal.drain(Duration::from_millis(30));
        own.push(processor_of(&terminal.process()));
    }
    eprintln!("  ({}: {} ms)", shown.to_lowercase(), ms(times.at(0.5)));
    (times, own)
}

/// Scrolls through items and ledger up and down, by lines and pages; answers the most memory the program had.
fn scrolled(store: &Path, home: &Path, keys: usize) -> f64 {
    let mut terminal = Terminal::start(store, home);
    terminal.wait_for("home", |text| text.contains("NEEDS ATTENTION"));
    const ROUND: [(&str, usize); 6] =
        [("5", 1), ("\x1b[6~", 40), ("\x1b[B", 40), ("6", 1), ("\x1b[6~", 30), ("\x1b[A", 8)];
    let mut pressed = 0;
    while pressed < keys {
        for (key, times) in ROUND {
            for _ in 0..times {
                terminal.press(key);
            }
            pressed += times;
            // The program takes in what waits before it draws; the pipe to it must not fill up.
            terminal.drain(Duration::from_millis(5));
        }
    }
    terminal.drain(Duration::from_millis(500));
    memory(&terminal.process(), "VmHWM")
}
