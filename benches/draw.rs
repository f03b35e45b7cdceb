//! One frame of each screen at 160×45: state in, cells out, nothing read.

mod common;

use common::desk::Workbench;
use common::{Options, Report, Times, ms, stores, table};

/// Frames of each screen.
const FRAMES: usize = 200;

/// Each screen with the keys that lead to it from home.
const SCREENS: &[(&str, &str)] = &[
    ("home", "0"),
    ("identifiers", "1"),
    ("value maps", "2"),
    ("commit policies", "3"),
    ("sync jobs", "4"),
    ("sync items", "5"),
    ("ledger", "6"),
    ("ledger, found words", "6 v 6 / 'acme' Enter"),
    ("map", "2 m"),
    ("form", "2 E"),
    ("related", "5 o"),
    ("values of a column", "6 Right Right F"),
    ("views", "5 v"),
    ("record", "6 v 5 Enter"),
    ("codes", "M"),
    ("triage", "W"),
    ("preview", "6 C"),
    ("columns", "5 |"),
    ("filter", "5 f"),
    ("an item's input", "5 E"),
    ("sending out", "6 O"),
    ("row in full", "5 P"),
    ("history", "U"),
    ("palette", ":"),
    ("help", "?"),
];

fn main() {
    let options = Options::read();
    let mut report = Report::begin("Draw", &options);
    let path = stores::finished(options.sizes[0]);
    let mut rows = Vec::new();
    let mut worst = (String::new(), 0.0);
    for (name, keys) in SCREENS {
        let mut workbench = Workbench::open(&path, Some(stores::engine(&path, 1)));
        workbench.keys(keys);
        let mut times = Times::default();
        (0..FRAMES).for_each(|_| times.push(workbench.draw()));
        let [first, p50, p99, max] = times.cells();
        rows.push(vec![name.to_string(), first, p50, p99, max]);
        let median = times.at(0.5).as_secs_f64() * 1e3;
        if median > worst.1 {
            worst = (format!("{name}, p50 {}", ms(times.at(0.5))), median);
        }
    }
    table(&["screen at 160×45, ms", "first", "p50", "p99", "max"], &rows);
    // The limit is a figure of its own here: what a terminal of 60 frames a second allows for.
    report.goal(&format!("slowest screen ({}) against 2 ms", worst.0), worst.1 / 2.0, 1.0);
    report.end();
}
