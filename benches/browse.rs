//! From a key to the finished frame: in process (state, query, draw at 160×45) and through a pseudo-terminal.
//!
//! "Frame" is the time to the first frame after the key, which never waits for the store; "rows" the time until the frame
//! that shows what was asked for, "processor" what of that the program had the processor: the rest is the machine's, where
//! others work on it. Counts and values of a column are read beside both and have a column of their own.

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::desk::{Took, Workbench};
use common::generator::Generator;
use common::pty::Terminal;
use common::{Options, Report, Times, grouped, ms, plain, stores, table, thread_time};
use steward::engine::{Command, Mode, Rows, Verb};
use steward::model::Table;
use steward::model::filter::Filter;
use steward::model::query::{Position, Query, Sort};
use steward::store::Store;

/// What is measured in process: a name, the keys that lead there, the key that is timed, and how often.
struct Case {
    name: &'static str,
    before: String,
    key: String,
    times: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// The rows are in memory.
    State,
    /// A page by an index.
    Indexed,
    /// All rows may have to be read; the goal is that a person is told and can stop it.
    Scan,
}

/// Items of a store that is copied to be changed, at most.
const COPIED: usize = 1_000_000;

fn main() {
    let options = Options::read();
    let mut report = Report::begin("Browse", &options);
    let stores = stores::all(&options);
    let mut all: Vec<Vec<(Kind, &str, [Times; 4])>> = Vec::new();
    let mut filtered = Vec::new();
    for (items, path) in &stores {
        let cases = cases(*items, &history_target(path));
        let measured: Vec<_> =
            cases.iter().map(|case| (case.kind, case.name, measure(case, path, options.ci))).collect();
        println!("\n## In process, {} items", grouped(*items));
        let row = |(_, name, [frame, rows, slow, processor]): &(Kind, &str, [Times; 4])| {
            let [first, p50, p99, max] = rows.cells();
            let slow = if slow.max().is_zero() { String::new() } else { ms(slow.at(0.5)) };
            let [_, _, own_p99, own_max] = processor.cells();
            vec![name.to_string(), ms(frame.at(0.99)), first, p50, p99, max, own_p99, own_max, slow]
        };
        table(
            &["ms", "frame p99", "rows: cold", "p50", "p99", "max", "processor: p99", "max", "beside, p50"],
            &measured.iter().map(row).collect::<Vec<_>>(),
        );
        all.push(measured);
        filtered.push(filters(*items, path, options.ci));
    }
    for (at, (items, path)) in stores.iter().enumerate() {
        let slowest = |kind: fn(Kind) -> bool, part: usize, share: f64| {
            let times =
                all[at].iter().filter(|(of, ..)| kind(*of)).map(|(_, name, times)| (times[part].at(share), *name));
            times.max().unwrap_or_default()
        };
        let (frame, name) = slowest(|_| true, 0, 0.99);
        let title = grouped(*items);
        report.figure(&format!("{title}: key to frame, p99 ({name})"), frame.as_secs_f64() * 1e3, 16.0, "ms");
        let (rows, name) = slowest(|kind| kind == Kind::Indexed, 1, 0.99);
        report.figure(&format!("{title}: page by an index, p99 ({name})"), rows.as_secs_f64() * 1e3, 50.0, "ms");
        let (rows, name) = &filtered[at];
        report.figure(
            &format!("{title}: filter on a column with an index ({name})"),
            rows.as_secs_f64() * 1e3,
            50.0,
            "ms",
        );
        let codes = codes(path);
        report.figure(&format!("{title}: codes of the longest list that hold a part"), codes, 100.0, "ms");
        let ([first, own], stopped) = search(path);
        report.figure(&format!("{title}: first hits of a search for a part"), first, 100.0, "ms");
        println!("    of that the program had the processor for {own:.1} ms");
        report.figure(&format!("{title}: a search that finds nothing, from stop to stopped"), stopped, 100.0, "ms");
    }
    // These write, so each needs a copy: of a store that can be copied in a second.
    let (_, small) = stores.iter().rfind(|(items, _)| *items <= COPIED).unwrap_or(&stores[0]);
    println!("  bad case, rows changed between two pages: {}", changed_between_pages(small));
    println!("  bad case, rows deleted between two pages: {}", deleted_between_pages(small));
    let coming = if options.ci { 80_000 } else { 1_000_000 };
    println!("  bad case, a reader that stays open while items come in: {}", open_reader(&stores[0].1, coming));
    if let (Some(least), Some(most)) = (all.first(), all.last())
        && all.len() > 1
    {
        let median = |times: &[Times; 4]| times[1].at(0.5).as_secs_f64();
        let (mut sum_small, mut sum_large) = (0.0, 0.0);
        for ((kind, name, small), (.., large)) in least.iter().zip(most) {
            if *kind == Kind::Indexed {
                sum_small += median(small);
                sum_large += median(large);
                println!("  {name}: {:.2} times that of the smallest store", median(large) / median(small));
            }
        }
        // Together, since one of them takes less time than the machine may need for somebody else.
        report.goal("all of these, the largest store against the smallest", sum_large / sum_small, 1.5);
    }
    for (items, path) in &stores {
        through_a_terminal(*items, path);
    }
    report.end();
}

fn cases(items: usize, target: &str) -> Vec<Case> {
    let case =
        |kind, name, before: &str, key: &str, times| Case { name, before: before.into(), key: key.into(), times, kind };
    // All items, newest first, and all of the ledger.
    let (all, ledger) = ("5 v 5", "6 v 6");
    // Most items are of one job; so the middle of the order by jobs lies amid rows that do not differ in it.
    let by_job = format!("{all} {} s", "Right ".repeat(7));
    let amid_equal = format!("{by_job} Ctrl+G '{}' Enter", items / 2);
    let middle = format!("{all} Ctrl+G '{}'", items / 2);
    let history = format!("6 f 'target:{target}'");
    let mut cases = vec![
        case(Kind::State, "line down", all, "Down", 300),
        case(Kind::State, "column right and left", all, "Right", 20),
        case(Kind::Indexed, "page down", all, "PgDn", 300),
        case(Kind::Indexed, "last", all, "G", 1),
        case(Kind::Indexed, "first again", &format!("{all} G"), "g", 1),
        case(Kind::Indexed, "page up from the end", &format!("{all} G"), "PgUp", 300),
        case(Kind::Indexed, "page down amid equal sort keys", &amid_equal, "PgDn", 100),
        case(Kind::Indexed, "go to the row in the middle", &middle, "Enter", 1),
        case(Kind::Indexed, "page down from the middle", &format!("{middle} Enter"), "PgDn", 300),
        case(
            Kind::Indexed,
            "open a linked row (job)",
            &format!("{all} Right Right Right Right Right Right Right"),
            "Enter",
            1,
        ),
        case(Kind::Indexed, "identifiers by key, exact", "1 f 'key:S01-0000007'", "Enter", 1),
        case(Kind::Indexed, "identifiers by key, prefix", "1 f 'key>=S01-00000 key<S01-00001'", "Enter", 1),
        case(Kind::Indexed, "ledger: page down", ledger, "PgDn", 300),
        case(Kind::Scan, "sort by a column without an index", &format!("{all} Right Right Right"), "s", 1),
        case(Kind::Scan, "find a part that is there", &format!("{all} / 'acm'"), "e", 1),
        case(Kind::Scan, "find a part that is nowhere", &format!("{all} / 'zzzqq'"), "q", 1),
        case(Kind::Indexed, "items of the largest source", all, "f 'source:S01' Enter", 1),
        case(Kind::Indexed, "items of a small source", all, "f 'source:S11' Enter", 1),
        case(Kind::Scan, "values of a column", &format!("{all} Right Right"), "F", 1),
        case(Kind::Scan, "the long history of one record", &history, "Enter", 1),
    ];
    for (at, name) in ["not applied", "held", "failed", "waiting", "all"].into_iter().enumerate() {
        let name = ["items: ", name].concat().leak();
        cases.push(case(Kind::Indexed, name, "5 v", &(at + 1).to_string(), 1));
    }
    let views = [
        (Kind::Indexed, "ledger: pending"),
        (Kind::Indexed, "ledger: certified"),
        (Kind::Indexed, "ledger: stale"),
        (Kind::Indexed, "ledger: rejected or revoked"),
        (Kind::Indexed, "ledger: current values"),
        (Kind::Indexed, "ledger: all"),
    ];
    for (at, (kind, name)) in views.into_iter().enumerate() {
        cases.push(case(kind, name, "6 v", &(at + 1).to_string(), 1));
    }
    cases
}

/// The large tables: the key of the pane, and of its view of all rows.
const LARGE: [(Table, &str); 3] =
    [(Table::Identifiers, "1 v 1"), (Table::SyncItems, "5 v 5"), (Table::Ledger, "6 v 6")];

/// Of their columns those that an index finds.
const INDEXED: [&str; 9] = [
    "Identifiers: Identifier", "Identifiers: External key", "Identifiers: Target", "Sync Items: Item",
    "Sync Items: State", "Sync Items: Source", "Sync Items: Job", "Ledger: Entry", "Ledger: Target",
];

/// Each column that a pane shows by itself, filtered by the value that a row in the middle of the table has; the slowest of
/// those that an index finds, at p99.
fn filters(items: usize, path: &Path, ci: bool) -> (Duration, String) {
    println!("\n## Filter on each column of the large tables, {} items", grouped(items));
    let (mut lines, mut slowest) = (Vec::new(), (Duration::ZERO, String::new()));
    for (of, all) in LARGE {
        let mut workbench = Workbench::open(path, None);
        workbench.keys(all);
        let titles: Vec<&str> =
            workbench.app.pane().iter().flat_map(|pane| pane.columns.shown()).map(|column| column.title).collect();
        let rows = if of == Table::Identifiers { items / 8 } else { items };
        for (at, title) in titles.into_iter().enumerate() {
            let mut times: [Times; 3] = Default::default();
            let begun = Instant::now();
            for _ in 0..if ci { 2 } else { 20 } {
                workbench.keys(&format!("{all} Ctrl+G '{}' Enter {}", rows / 2, "Left ".repeat(12)));
                workbench.keys(&"Right ".repeat(at));
                let took = workbench.keys("=");
                [took.frame, took.rows, took.slow]
                    .into_iter()
                    .zip(&mut times)
                    .for_each(|(took, times)| times.push(took));
                if begun.elapsed() > Duration::from_millis(1500) {
                    break;
                }
            }
            let [frame, page, count] = times;
            let [cold, p50, p99, max] = page.cells();
            let name = format!("{}: {}", of.info().title, title);
            if INDEXED.contains(&name.as_str()) && page.at(0.99) >= slowest.0 {
                slowest = (page.at(0.99), name.clone());
            }
            lines.push(vec![name, ms(frame.at(0.99)), cold, p50, p99, max, ms(count.at(0.5))]);
        }
    }
    table(&["ms", "frame p99", "rows: first", "p50", "p99", "max", "counted in, p50"], &lines);
    slowest
}

/// The target of the record with the long history.
fn history_target(path: &Path) -> String {
    let filter = Filter::parse(Table::Identifiers, &format!("key:{}", stores::HISTORY_KEY)).expect("the filter");
    let query = Query { filter, ..Query::all(Table::Identifiers) };
    let reader = Store::open(path).and_then(|store| store.reader()).expect("a reader");
    let page = reader.page(&query, &Position::First, 1).expect("its identifier");
    page.rows[0].text("target_id").to_string()
}

/// The first, cold time is that of a newly opened workbench; the machine's own cache of the file is as it is.
fn measure(case: &Case, path: &Path, ci: bool) -> [Times; 4] {
    let mut times: [Times; 4] = Default::default();
    let mut push = |took: Took| {
        times[0].push(took.frame);
        times[1].push(took.rows);
        times[2].push(took.slow);
        times[3].push(took.processor);
    };
    if case.times > 1 {
        let mut workbench = Workbench::open(path, None);
        workbench.keys(&case.before);
        let keys = if ci { case.times.min(60) } else { case.times };
        (0..keys).for_each(|_| push(workbench.keys(&case.key)));
    } else {
        // As many as a second and a half allows for: some of these read all rows.
        let begun = Instant::now();
        let mut workbench = Workbench::open(path, None);
        for _ in 0..if ci { 3 } else { 20 } {
            // Back to the first column, where a pane was entered.
            workbench.keys(&format!("Esc Esc {}", "Left ".repeat(12)));
            workbench.keys(&case.before);
            push(workbench.keys(&case.key));
            if begun.elapsed() > Duration::from_millis(1500) {
                break;
            }
        }
    }
    times
}

/// A row of the listing changes, by another process as it were, between one page and the next: no row is seen twice and none
/// is left out but that one.
fn changed_between_pages(path: &Path) -> String {
    let passing = stores::passing();
    let copy = stores::copy(path, passing.path(), "changed.db");
    let reader = Store::open(&copy).and_then(|store| store.reader()).expect("a reader");
    let filter = Filter::parse(Table::Ledger, "is:pending").expect("the filter");
    let query = Query { table: Table::Ledger, filter, sort: Sort::OLDEST };
    let first = reader.page(&query, &Position::First, 40).expect("the first page");
    let last = first.cursors.last().expect("a row").clone();
    let expected = reader.page(&query, &Position::After(last.clone()), 40).expect("the second page");
    let gone = [first.rows[39].id, expected.rows[0].id];
    let certify = Command::Decide { verb: Verb::Certify, rows: Rows::Ids(gone.to_vec()), reason: None };
    stores::engine(&copy, 7).run(&certify, &Mode::Real).expect("certified elsewhere");
    let begun = Instant::now();
    let second = reader.page(&query, &Position::After(last), 40).expect("the second page");
    let took = begun.elapsed();
    let ids = |page: &steward::model::query::Page| page.rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(&second)[..39], ids(&expected)[1..], "the page goes on where it stood");
    format!("{} ms, no row twice, none lost", ms(took))
}

/// Another program takes rows out of the file, which this one never does: the next page goes on where it stood.
fn deleted_between_pages(path: &Path) -> String {
    let passing = stores::passing();
    let copy = stores::copy(path, passing.path(), "deleted.db");
    let reader = Store::open(&copy).and_then(|store| store.reader()).expect("a reader");
    let query = Query { sort: Sort::NEWEST, ..Query::all(Table::SyncItems) };
    let first = reader.page(&query, &Position::First, 40).expect("the first page");
    let last = first.cursors.last().expect("a row").clone();
    let expected = reader.page(&query, &Position::After(last.clone()), 40).expect("the second page");
    let conn = plain::connect(&copy);
    let gone = [first.rows[39].id, expected.rows[0].id];
    conn.execute("DELETE FROM integration_sync_item WHERE id IN (?, ?)", gone).expect("deleted elsewhere");
    let begun = Instant::now();
    let second = reader.page(&query, &Position::After(last), 40).expect("the second page");
    let took = begun.elapsed();
    let ids = |page: &steward::model::query::Page| page.rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(&second)[..39], ids(&expected)[1..], "the page goes on where it stood");
    format!("{} ms, no row twice, none lost but these", ms(took))
}

/// Pages are read all the while a source delivers.
fn open_reader(path: &Path, items: usize) -> String {
    let passing = stores::passing();
    let copy = stores::copy(path, passing.path(), "open.db");
    let generator = Generator::new(items * 10 / 9, &passing.path().join("files"));
    // From a source that is new.
    let mut parcel = generator.unchanged();
    parcel.source = "S99".into();
    let done = AtomicBool::new(false);
    let mut times = Times::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            stores::deliver(&mut stores::engine(&copy, 9), &parcel);
            done.store(true, Ordering::Relaxed);
        });
        let mut workbench = Workbench::open(&copy, None);
        workbench.keys("5 v 5");
        while !done.load(Ordering::Relaxed) {
            times.push(workbench.keys("PgDn").rows);
            times.push(workbench.store_changed().rows);
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let wal = copy.with_extension("db-wal");
    let wal = std::fs::metadata(wal).map_or(0.0, |meta| meta.len() as f64 / (1 << 20) as f64);
    let (values, [_, p50, p99, max]) = (grouped(parcel.records * 8), times.cells());
    format!("{values} values, page p50 {p50} ms, p99 {p99}, max {max}; the write-ahead log had {wal:.0} MB")
}

/// The codes of the longest list that hold a part, in ms: the slowest of some.
fn codes(path: &Path) -> f64 {
    let reader = Store::open(path).and_then(|store| store.reader()).expect("a reader");
    let took = ["", "99", "Item 7", "nowhere"].map(|part| {
        let begun = Instant::now();
        reader.codes("item_code", part, 200).expect("the codes");
        begun.elapsed()
    });
    took.iter().max().map_or(0.0, |took| took.as_secs_f64() * 1e3)
}

/// The first hit of a search for a part that one row in a hundred has, and how fast one without hits can be stopped; in ms.
fn search(path: &Path) -> ([f64; 2], f64) {
    let store = Store::open(path).expect("the store");
    let query = |words: &str| Query {
        table: Table::SyncItems,
        filter: Filter::parse(Table::SyncItems, words).expect("the filter"),
        sort: Sort::NEWEST,
    };
    let reader = store.reader().expect("a reader");
    let (begun, before) = (Instant::now(), thread_time());
    let mut first = None;
    let mut hit = |_: &_, _: &_| {
        first.get_or_insert_with(|| [begun.elapsed(), thread_time() - before]);
    };
    reader.page_as_found(&query("acme"), &Position::First, 40, &mut hit).expect("the hits");
    let first = first.expect("something is found");
    let interrupt = reader.interrupt();
    let (sender, ended) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = reader.page(&query("zzzqqq"), &Position::First, 40);
            let _ = sender.send(Instant::now());
        });
        std::thread::sleep(Duration::from_millis(50));
        let asked = Instant::now();
        interrupt.interrupt();
        let ended = ended.recv().expect("it ended");
        (first.map(|time| time.as_secs_f64() * 1e3), ended.saturating_duration_since(asked).as_secs_f64() * 1e3)
    })
}

/// The release binary: from the key's byte to the cells on the terminal.
fn through_a_terminal(items: usize, path: &Path) {
    println!("\n## Through a pseudo-terminal, {} items", grouped(items));
    let passing = stores::passing();
    let mut terminal = Terminal::start(path, passing.path());
    terminal.wait_for("home", |text| text.contains("NEEDS ATTENTION"));
    terminal.time("5", "the items", |text| text.contains("ITM-"));
    terminal.press("v");
    terminal.drain(Duration::from_millis(100));
    terminal.press("5");
    terminal.drain(Duration::from_millis(300));
    let mut rows = Vec::new();
    for (name, key, times) in [
        ("line down", "\x1b[B", 200),
        ("page down", "\x1b[6~", 200),
        ("last", "G", 1),
        ("page up", "\x1b[5~", 100),
        ("first", "g", 1),
        ("item to ledger and back", "6", 1),
    ] {
        let mut spent = Times::default();
        for _ in 0..times {
            let before = terminal.text();
            // A frame is finished once it differs from the one before and no row is still to come.
            spent.push(terminal.time(key, name, |text| text != before && !text.contains("reading…")));
            terminal.drain(Duration::from_millis(2));
        }
        let [first, p50, p99, max] = spent.cells();
        rows.push(vec![name.to_string(), first, p50, p99, max]);
    }
    table(&["key to cells, ms", "first", "p50", "p99", "max"], &rows);
}
