//! Items a second by the real ingest path, against SQLite itself filling the same tables and indexes.

mod common;

use std::path::Path;

use common::clock::Hand;
use common::generator::Generator;
use common::{Options, Report, Spent, forget_peak, grouped, megabytes, peak, plain, seconds, stores, table};
use steward::model::Table;
use steward::store::Store;

/// What one size came to.
struct Took {
    values: usize,
    first: Spent,
    /// The same values again in other bytes: nothing is new. Values and time.
    unchanged: (usize, Spent),
    memory: f64,
    plain: Spent,
    plain_by_operation: Spent,
    megabytes: f64,
    share: String,
    history: (usize, Spent),
}

impl Took {
    /// Processor time of a first value: what is compared with others of this program, and not with the disk's.
    fn each(&self) -> f64 {
        self.first.processor.as_secs_f64() / self.values as f64
    }

    fn faster_unchanged(&self) -> f64 {
        self.each() / (self.unchanged.1.processor.as_secs_f64() / self.unchanged.0.max(1) as f64)
    }
}

fn main() {
    let options = Options::read();
    if options.profile {
        options.sizes.iter().for_each(|items| profile(*items));
        return;
    }
    let mut report = Report::begin("Ingest", &options);
    let all: Vec<Took> = options.sizes.iter().map(|items| measure(*items)).collect();
    let row = |took: &Took| {
        let rate = took.values as f64 / took.first.wall.as_secs_f64();
        vec![
            grouped(took.values),
            seconds(took.first.wall),
            grouped(rate as usize),
            seconds(took.plain.wall),
            format!("{:.2}", took.first.over(&took.plain)),
            format!("{:.2}", took.first.processor_over(&took.plain)),
            seconds(took.plain_by_operation.wall),
            format!("{:.2}", took.first.over(&took.plain_by_operation)),
            format!("{:.1}", took.faster_unchanged()),
            format!("{:.0} MB", took.memory),
            format!("{:.0} MB", took.megabytes),
            took.share.clone(),
        ]
    };
    table(
        &[
            "values", "first delivery", "values/s", "SQLite itself", "ratio", "of processor time",
            "in as many transactions", "ratio", "unchanged: times faster", "peak memory", "store", "held and failed",
        ],
        &all.iter().map(row).collect::<Vec<_>>(),
    );
    for took in &all {
        let ratio = took.first.over(&took.plain);
        report.goal(&format!("{} values against SQLite itself", grouped(took.values)), ratio, 2.0);
        let slowness = 1.0 / took.faster_unchanged();
        report.goal("cost of an unchanged value against a first one", slowness, 1.0 / 3.0);
        report.figure("peak memory", took.memory, 150.0, "MB");
        println!(
            "  bad case: one record's history of {} entries took {}, of the processor {}",
            grouped(took.history.0),
            seconds(took.history.1.wall),
            seconds(took.history.1.processor)
        );
    }
    if let (Some(least), Some(most)) = (all.first(), all.last())
        && all.len() > 1
    {
        let what = format!("cost of an item at {} against {}", grouped(most.values), grouped(least.values));
        report.goal(&what, most.each() / least.each(), 1.3);
    }
    report.end();
}

fn measure(items: usize) -> Took {
    let passing = stores::passing();
    let generator = Generator::new(items, &passing.path().join("files"));
    let path = passing.path().join("store.db");
    let hand = Hand::at(0);
    let mut engine = stores::founded(&path, &generator, &hand);
    forget_peak();
    let (values, first) = stores::deliver_first(&mut engine, &generator, &hand);
    drop(engine);
    let plain = |name: &str, fill: fn(&Path, &Path)| {
        let to = passing.path().join(name);
        let (time, ()) = Spent::on(|| fill(&to, &path));
        std::fs::remove_file(&to).expect("the plain store");
        time
    };
    let memory_first = peak();
    let plain_at_once = plain("plain.db", plain::fill);
    let plain_by_operation = plain("steps.db", plain::fill_by_operation);
    let megabytes = megabytes(&path);
    let share = stopped(&path);

    forget_peak();
    let mut engine = stores::engine(&path, 1);
    let parcel = generator.unchanged();
    let (time, outcome) = Spent::on(|| stores::deliver(&mut engine, &parcel));
    assert_eq!(outcome.applied + outcome.waiting, 0, "nothing in it is new");
    let unchanged = (outcome.items as usize, time);
    let already = stores::deliver(&mut engine, &parcel);
    assert!(already.already_delivered, "the same bytes are no new delivery");
    generator.later().iter().for_each(|parcel| drop(stores::deliver(&mut engine, parcel)));
    let entries = (items / 10).clamp(1_000, 100_000);
    let (time, ()) = Spent::on(|| stores::deliver_history(&mut engine, entries));
    Took {
        values: values as usize,
        first,
        unchanged,
        memory: memory_first.max(peak()),
        plain: plain_at_once,
        plain_by_operation,
        megabytes,
        share,
        history: (entries, time),
    }
}

/// The share of items that are held or failed.
fn stopped(path: &Path) -> String {
    let overview = Store::open(path).and_then(|store| store.reader()?.overview(0)).expect("the store's counts");
    let of = |facet| overview.count(Table::SyncItems, facet) as f64;
    format!("{:.1} %", 100.0 * (of("Held") + of("Failed")) / of(""))
}

/// First deliveries and nothing else, for a profiler.
fn profile(items: usize) {
    let passing = stores::passing();
    let generator = Generator::new(items, &passing.path().join("files"));
    let hand = Hand::at(0);
    let mut engine = stores::founded(&passing.path().join("store.db"), &generator, &hand);
    let (values, spent) = stores::deliver_first(&mut engine, &generator, &hand);
    println!("{values} values: {spent:?}");
    let (spent, outcome) = Spent::on(|| stores::deliver(&mut engine, &generator.unchanged()));
    println!("{} unchanged: {spent:?}", outcome.items);
}
