//! The check of a whole store, and of its chain alone, against SHA-256 over the same bytes. Paces and ratios are of the
//! processor's time, since the goal is one of a core's work.

mod common;

use std::path::Path;

use common::{Options, Report, Spent, forget_peak, grouped, peak, plain, process_time, seconds, stores, table};
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};
use steward::engine::{Verdict, verify};
use steward::store::Store;

/// Columns that no leaf covers (see `store/logged.rs`).
const UNCOVERED: [&str; 15] = [
    "modified_on", "modified_by", "row_version", "last_seen_date_time", "job_status", "waiting", "records", "items",
    "queued", "applied", "unchanged", "held", "failed", "finished_on", "superseded",
];

/// Bytes that are gathered before they are hashed.
const BATCH: usize = 16 << 20;

fn main() {
    let options = Options::read();
    let mut report = Report::begin("Verify", &options);
    let mut rows = Vec::new();
    let mut goals = Vec::new();
    for (items, path) in stores::all(&options) {
        let store = Store::open(&path).expect("the store");
        forget_peak();
        // It has two threads.
        let before = process_time();
        let (time, verification) = Spent::on(|| verify(&store, None));
        let together = (process_time() - before).as_secs_f64();
        let memory = peak();
        assert_eq!(verification.verdict, Verdict::SoundWithoutDigest, "{:?}", verification.lines);
        forget_peak();
        let (chain_time, chain) = Spent::on(|| {
            let reader = store.reader().expect("a reader");
            reader.hold_still().and_then(|()| reader.chain(1)).expect("the chain")
        });
        let chain_memory = peak();
        let (bytes, hashing) = sha_alone(&path);
        let alone = chain_time.processor.as_secs_f64();
        let per_ten_million = alone * 1e7 / chain.rows as f64;
        rows.push(vec![
            grouped(items),
            grouped(chain.rows as usize),
            seconds(time.wall),
            seconds(chain_time.wall),
            format!("{per_ten_million:.1} s"),
            format!("{:.0} MB", bytes as f64 / 1e6),
            format!("{hashing:.2} s"),
            format!("{:.1}", alone / hashing),
            format!("{:.1}", together / hashing),
            format!("{chain_memory:.0} MB"),
            format!("{memory:.0} MB"),
        ]);
        goals.push((chain.rows, alone / hashing, per_ten_million, chain_memory));
    }
    table(
        &[
            "items", "rows", "verify", "its chain", "of 10⁷ rows", "hashed", "SHA-256 alone", "chain ratio",
            "verify ratio", "chain's memory", "peak memory",
        ],
        &rows,
    );
    for (rows, ratio, seconds, memory) in goals {
        report.goal(&format!("chain of {} rows against SHA-256 alone", grouped(rows as usize)), ratio, 6.0);
        report.figure("chain of 10⁷ rows at this pace", seconds, 20.0, "s");
        report.figure("peak memory of the chain", memory, 64.0, "MB");
    }
    report.end();
}

/// Hashes the bytes that the leaves of all rows have, and the tree above them. Reading them is not timed.
fn sha_alone(path: &Path) -> (usize, f64) {
    let conn = plain::connect(path);
    let (mut all, mut spent) = (0, 0.0);
    let mut leaves = 0;
    for logged in ["setting", "system_user", "code_list_entry", "code_binding"]
        .map(String::from)
        .into_iter()
        .chain(steward::model::Table::ALL.iter().map(|table| table.info().sql.to_string()))
    {
        let columns: Vec<String> =
            plain::columns(&conn, &logged).into_iter().filter(|column| !UNCOVERED.contains(&column.as_str())).collect();
        let mut statement = conn.prepare(&format!("SELECT {} FROM {logged}", columns.join(", "))).expect("the rows");
        let mut rows = statement.query([]).expect("the rows");
        let mut batch: Vec<u8> = Vec::with_capacity(BATCH + 65536);
        let mut ends: Vec<usize> = Vec::new();
        while let Some(row) = rows.next().expect("a row") {
            canonical(&mut batch, &logged, row, columns.len());
            ends.push(batch.len());
            if batch.len() >= BATCH {
                spent += hash(&mut batch, &mut ends, &mut all);
            }
            leaves += 1;
        }
        spent += hash(&mut batch, &mut ends, &mut all);
    }
    // The tree has as many inner nodes as leaves, but for one: each hashes a byte and two hashes.
    let node = [1u8; 65];
    let (time, _) = Spent::on(|| (0..leaves).fold(0, |sum, _| sum ^ Sha256::digest(std::hint::black_box(node))[0]));
    (all + leaves * node.len(), spent + time.processor.as_secs_f64())
}

/// A row's canonical bytes (see `store/canonical.rs`).
fn canonical(out: &mut Vec<u8>, table: &str, row: &rusqlite::Row, columns: usize) {
    let mut sized = |kind: u8, bytes: &[u8]| {
        out.push(kind);
        out.extend((bytes.len() as u32).to_be_bytes());
        out.extend(bytes);
    };
    sized(b'T', b"steward-row-1");
    sized(b'T', table.as_bytes());
    for at in 0..columns {
        match row.get_ref(at).expect("a value") {
            ValueRef::Null => out.push(b'N'),
            ValueRef::Integer(n) => {
                out.push(b'I');
                out.extend(n.to_be_bytes());
            }
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                out.push(b'T');
                out.extend((bytes.len() as u32).to_be_bytes());
                out.extend(bytes);
            }
            ValueRef::Real(_) => unreachable!("no column is REAL"),
        }
    }
}

/// Hashes the gathered leaves and forgets them; answers the time in seconds.
fn hash(batch: &mut Vec<u8>, ends: &mut Vec<usize>, all: &mut usize) -> f64 {
    let (time, _) = Spent::on(|| {
        let mut from = 0;
        ends.iter().fold(0, |sum, end| {
            let leaf = Sha256::digest(&batch[from..*end]);
            from = *end;
            sum ^ std::hint::black_box(leaf)[0]
        })
    });
    *all += batch.len();
    batch.clear();
    ends.clear();
    time.processor.as_secs_f64()
}
