//! Stores of generated deliveries, made by the real ingest path: setup by commands, files by way of the format's reader.
//!
//! A finished store is kept beside the build's files, so that the other benchmarks need not make it again; one of an older
//! schema or generator is not taken. Remove the folder `target/tmp/bench` to be rid of them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use steward::engine::{Command, Delivery, Engine, Import, ImportRow, IngestOutcome, LOOKED_INTO, Mode};
use steward::exchange::{Format, Input, Records, key_column};
use steward::model::record::{Cell, Record};
use steward::model::time::{DAY, Micros};
use steward::store::Store;

use super::clock::{Hand, NOW, context};
use super::generator::{COUNTRIES, Generator, MAPPED, Parcel, STATUSES, source};
use super::{Options, Spent};

/// The table that the deliveries are for.
pub const TABLE: &str = "asset";

/// The record with the long history, and the source that delivers it.
pub const HISTORY_KEY: &str = "HISTORY";
pub const HISTORY_SOURCE: &str = "S12";

/// Rows of one import, so that it does not hold all of a long list.
const IMPORT: usize = 10_000;

/// Where finished stores and what is worked on stand.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    std::fs::create_dir_all(&folder).expect("a folder for the stores");
    folder
}

/// A folder that is removed with all that is in it.
pub fn passing() -> tempfile::TempDir {
    tempfile::tempdir_in(folder()).expect("a folder for this run")
}

/// Where the finished store of so many items stands.
fn path_of(items: usize) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (include_str!("../../schema.sql"), include_str!("generator.rs"), include_str!("stores.rs")).hash(&mut hasher);
    folder().join(format!("{items}-{:08x}.db", hasher.finish() as u32))
}

/// The finished store of so many items; it is made if it is not there. Nobody may change it: take a [`copy`].
pub fn finished(items: usize) -> PathBuf {
    let path = path_of(items);
    if !path.exists() {
        eprintln!("  (making the store of {items} items)");
        // In a process of its own: what it needs of memory is not what is measured here.
        let program = std::env::current_exe().expect("this program");
        let made = std::process::Command::new(program).args([MAKE, &items.to_string()]).status().expect("a process");
        assert!(made.success(), "the store of {items} items could not be made");
    }
    path
}

/// Asks a benchmark to make a store, and for nothing else.
pub const MAKE: &str = "--make";

/// Makes the store of so many items.
pub fn make(items: usize) {
    let passing = passing();
    let generator = Generator::new(items, &passing.path().join("files"));
    let unfinished = passing.path().join("store.db");
    let hand = Hand::at(NOW);
    let mut engine = founded(&unfinished, &generator, &hand);
    deliver_first(&mut engine, &generator, &hand);
    hand.set(NOW);
    generator.later().iter().for_each(|parcel| drop(deliver(&mut engine, parcel)));
    deliver_history(&mut engine, (items / 10).clamp(1_000, 100_000));
    // Closing the last connection puts everything into the one file.
    drop(engine);
    std::fs::rename(&unfinished, path_of(items)).expect("the finished store");
}

/// A copy to change.
pub fn copy(of: &Path, folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::copy(of, &path).expect("a copy of the store");
    path
}

/// All finished stores that the sizes ask for.
pub fn all(options: &Options) -> Vec<(usize, PathBuf)> {
    options.sizes.iter().map(|items| (*items, finished(*items))).collect()
}

/// An engine on a store, in the benchmarks' surroundings; `round` keeps its ids apart from those of other engines.
pub fn engine(path: &Path, round: u64) -> Engine {
    let store = Store::open(path).expect("the store");
    Engine::open(&store, context(&Hand::at(NOW), round << 40)).expect("the engine")
}

/// A new store with its code lists, bindings, policies and maps.
pub fn founded(path: &Path, generator: &Generator, hand: &Hand) -> Engine {
    hand.set(NOW - 90 * DAY);
    let mut engine = Engine::create(path, context(hand, 0)).expect("a new store");
    let plain = |prefix: &str, n: usize| -> Vec<Vec<(&'static str, String)>> {
        (0..n)
            .map(|at| vec![("code", format!("{prefix}{at}")), ("label", format!("Number {at} of {prefix}"))])
            .collect()
    };
    import(&mut engine, &Import::Codes { list: "status".into() }, plain("ST", STATUSES));
    import(&mut engine, &Import::Codes { list: "country".into() }, plain("C", COUNTRIES));
    let long = (0..generator.codes()).map(|at| vec![("code", format!("K{at:05}")), ("label", format!("Item {at}"))]);
    import(&mut engine, &Import::Codes { list: "item_code".into() }, long.collect());
    let binding = |field: &str, unmapped: &str| {
        vec![
            ("target_table", TABLE.to_string()),
            ("field_name", field.to_string()),
            ("code_list", field.to_string()),
            ("on_unmapped", unmapped.to_string()),
        ]
    };
    let bindings = vec![binding("status", "hold"), binding("country", "hold"), binding("item_code", "pass")];
    import(&mut engine, &Import::Bindings, bindings);
    import(&mut engine, &Import::Policies, policies());
    let map = |list: &str, code: String| {
        vec![("code_list", list.to_string()), ("source_code", code.clone()), ("canonical_code_value", code)]
    };
    let statuses = (0..STATUSES).map(|at| map("status", format!("ST{at}")));
    let countries = (0..COUNTRIES).map(|at| map("country", format!("C{at}")));
    let long = (0..generator.codes().min(MAPPED)).map(|at| map("item_code", format!("K{at:05}")));
    import(&mut engine, &Import::ValueMaps, statuses.chain(countries).chain(long).collect());
    engine
}

/// Most fields are certified by the engine; names are live and pending, mail addresses wait. `due` gets stale.
fn policies() -> Vec<Vec<(&'static str, String)>> {
    let policy = |field: &str, mode: &str, auto: &str| {
        vec![
            ("target_table", TABLE.to_string()),
            ("field_name", field.to_string()),
            ("commit_mode", mode.to_string()),
            ("auto_certify", auto.to_string()),
        ]
    };
    let mut all: Vec<_> = ["status", "country", "item_code", "amount", "due", "note"]
        .iter()
        .map(|field| policy(field, "On Ingest", "Yes"))
        .collect();
    all[3].push(("authoritative_sources", "S01 > S02 = S03 > *".to_string()));
    all[4].push(("stale_after_days", "30".to_string()));
    all.push(policy("name", "On Ingest", "No"));
    all.push(policy("email", "On Certify", "No"));
    all.push(policy("", "On Ingest", "Yes"));
    all
}

fn import(engine: &mut Engine, into: &Import, rows: Vec<Vec<(&'static str, String)>>) {
    for rows in rows.chunks(IMPORT) {
        let row = |(line, fields): (u64, &Vec<(&'static str, String)>)| ImportRow {
            line,
            fields: fields.iter().map(|(name, value)| (name.to_string(), value.clone())).collect::<BTreeMap<_, _>>(),
        };
        let rows = (2..).zip(rows).map(row).collect();
        engine.run(&Command::Import { into: into.clone(), rows }, &Mode::Real).expect("an import");
    }
}

/// The first deliveries: those of the small sources long ago, so that some of their values are stale now. Answers the
/// values taken and the time it took, without the time it takes to write the files.
pub fn deliver_first(engine: &mut Engine, generator: &Generator, hand: &Hand) -> (i64, Spent) {
    let parcels = generator.first();
    let mut sum = (0, Spent::default());
    for parcel in &parcels {
        hand.set(if parcel.source == source(0) { NOW - DAY } else { NOW - 60 * DAY });
        let (spent, outcome) = Spent::on(|| deliver(engine, parcel));
        sum.0 += outcome.items;
        sum.1 += spent;
    }
    sum
}

/// One file, as the command line takes it in.
pub fn deliver(engine: &mut Engine, parcel: &Parcel) -> IngestOutcome {
    let mut input = Input::open(&parcel.path).expect("the delivery");
    let delivery = Delivery {
        file_name: parcel.path.file_name().map(|name| name.to_string_lossy().into_owned()),
        key_column: key_column(&mut input, Format::Csv, "id").expect("the key").to_string(),
        ..delivery(&parcel.source, &input.sha256, None)
    };
    let mut looked_at = records(&mut input).brief(&delivery.key_column, LOOKED_INTO);
    let look = engine.look_at_delivery(&delivery, &mut looked_at).expect("the look");
    drop(looked_at);
    let mut records = records(&mut input);
    engine.ingest_looked_at(&delivery, &look, &mut records, false, &mut |_, _| true).expect("the delivery is taken")
}

fn records(input: &mut Input) -> Records<impl BufRead> {
    Records::new(Format::Csv, input.reader().expect("the delivery")).expect("the delivery")
}

fn delivery(source: &str, sha256: &str, submitted: Option<Micros>) -> Delivery {
    Delivery {
        source: source.into(),
        table: TABLE.into(),
        key_column: "id".into(),
        entity: None,
        delivery_id: None,
        sha256: sha256.into(),
        file_name: None,
        submitted,
        keep_unchanged: false,
        again: false,
    }
}

/// One record with a long history: many fields, all of which change with each of a hundred deliveries.
pub fn deliver_history(engine: &mut Engine, entries: usize) {
    const DELIVERIES: i64 = 100;
    let names: Vec<Arc<str>> = (0..entries / DELIVERIES as usize).map(|at| format!("part {at:03}").into()).collect();
    for n in 0..DELIVERIES {
        let mut fields = vec![("id".into(), Cell::Text(HISTORY_KEY.into()))];
        fields.extend(names.iter().map(|name| (name.clone(), Cell::Text(format!("value {n}")))));
        let mut record = std::iter::once(Ok(Record { line: 2, fields }));
        let delivery = delivery(HISTORY_SOURCE, &format!("{n:064x}"), Some(NOW - DAY + n));
        engine.ingest(&delivery, &mut record, false, &mut |_, _| true).expect("the history's delivery");
    }
}

/// Records of one field each, all with the same value: a code that many items wait for.
pub fn deliver_codes(engine: &mut Engine, source: &str, field: &str, code: &str, records: usize) {
    let (key, name): (Arc<str>, Arc<str>) = ("id".into(), field.into());
    let mut records = (0..records).map(|at| {
        let fields =
            vec![(key.clone(), Cell::Text(format!("{source}-{at:07}"))), (name.clone(), Cell::Text(code.to_string()))];
        Ok(Record { line: at as u64 + 2, fields })
    });
    let delivery = delivery(source, &"7".repeat(64), None);
    engine.ingest(&delivery, &mut records, false, &mut |_, _| true).expect("the codes are taken");
}
