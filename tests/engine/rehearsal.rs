//! The preview of many suggestions accepted at once: worked out in parts that keep nobody from writing, it says what the
//! real run does, and codes that are left out are in neither.

use std::collections::BTreeSet;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use steward::engine::suggest::Deck;
use steward::engine::{Command, Mode, Outcome};
use steward::model::table::Table;

use crate::bench::{Bench, Given};

const CODES: [&str; 3] = ["Firm Fixed Price", "Time and Materials", "Cost Plus Fixed Fee"];

/// Records whose codes are the labels of a list, so that each has a sure suggestion.
fn waiting(records: usize, at_once: Option<usize>) -> Bench {
    let mut bench = Bench::new();
    let labels = ["J", "Y", "U"].into_iter().zip(CODES);
    let rows: Vec<[(&str, &str); 2]> = labels.map(|(code, label)| [("code", code), ("label", label)]).collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(|row| &row[..]).collect();
    bench.import(steward::engine::Import::Codes { list: "kind".into() }, &rows).unwrap();
    let keys: Vec<String> = (0..records).map(|at| format!("K{at:05}")).collect();
    let fields: Vec<[(&str, &str); 1]> = (0..records).map(|at| [("kind", CODES[at % CODES.len()])]).collect();
    let given: Vec<Given> = keys.iter().zip(&fields).map(|(key, field)| (key.as_str(), &field[..])).collect();
    bench.deliver("SRC", "thing", &given);
    bench.rows_at_once = at_once;
    bench.act_as("ada");
    bench
}

/// The suggestions, without that for one of the codes.
fn all_but(bench: &Bench, left_out: &str) -> Command {
    let bulk = Deck::read(&bench.reader(), "kind").unwrap().accept_from(0.9);
    assert_eq!(bulk.accepted.len(), CODES.len());
    let maps: BTreeSet<i64> =
        bulk.accepted.iter().filter(|(_, code, _)| code == left_out).map(|(map, ..)| *map).collect();
    bulk.without(&maps)
}

fn numbers(outcome: &Outcome) -> (i64, i64, i64, i64) {
    (outcome.changed, outcome.released, outcome.values_changed, outcome.outbound)
}

#[test]
fn a_preview_in_parts_says_what_the_real_run_does_and_others_write_in_between() {
    let mut bench = waiting(12, Some(2));
    let command = all_but(&bench, CODES[1]);
    let mut other = Some(bench.beside("sam"));
    let (send, parts) = channel();
    bench.engine.on_progress(move |_, _| {
        send.send(()).unwrap();
        // Nothing of the preview stands in anybody's way, and nothing of it is seen.
        if let Some(mut other) = other.take() {
            assert!(other.rows(Table::ValueMaps, "is:active").is_empty());
            other.codes("unrelated", &["x"]);
        }
    });
    let rehearsed = bench.engine.run_in_chunks(&command, &Mode::DryRun).unwrap();
    assert!(parts.try_iter().count() >= 3);
    assert_eq!(numbers(&rehearsed).0, 2);
    assert_eq!(rehearsed.released, 8);
    assert!(bench.rows(Table::ValueMaps, "is:active").is_empty());
    bench.engine.on_progress(|_, _| {});
    let previewed = Mode::AsPreviewed(rehearsed.fingerprint.clone());
    let done = bench.engine.run_in_chunks(&command, &previewed).unwrap();
    assert_eq!(numbers(&done), numbers(&rehearsed));
    assert_eq!(bench.rows(Table::SyncItems, "is:held").len(), 4);
    assert_eq!(bench.rows(Table::ValueMaps, "is:proposed")[0].text("source_code"), CODES[1]);
    // One operation says the same.
    let mut whole = waiting(12, None);
    let command = all_but(&whole, CODES[1]);
    let at_once = whole.engine.run(&command, &Mode::DryRun).unwrap();
    assert_eq!(numbers(&at_once), numbers(&rehearsed));
    bench.assert_sound();
}

/// Somebody else writes again and again while the numbers of thousands of items are counted.
#[test]
fn a_second_writer_does_not_wait_for_the_end_of_a_preview() {
    let mut bench = waiting(3_000, Some(250));
    let command = all_but(&bench, "");
    let mut other = bench.beside("sam");
    let (begun, told) = channel();
    let (over, ended) = channel();
    bench.engine.on_progress(move |_, _| begun.send(()).unwrap_or_default());
    let writer = std::thread::spawn(move || {
        told.recv().unwrap();
        let mut waits: Vec<Duration> = Vec::new();
        while ended.try_recv().is_err() {
            let from = Instant::now();
            other.codes("unrelated", &[format!("x{}", waits.len()).as_str()]);
            waits.push(from.elapsed());
            std::thread::sleep(Duration::from_millis(5));
        }
        waits
    });
    let from = Instant::now();
    let rehearsed = bench.engine.run_in_chunks(&command, &Mode::DryRun).unwrap();
    let took = from.elapsed();
    over.send(()).unwrap();
    let waits = writer.join().unwrap();
    assert_eq!(rehearsed.released, 3_000);
    // How long a part takes is the machine's; that nobody waits for more than half of them is ours.
    let longest = waits.iter().max().unwrap();
    println!("{} writes beside a preview of {took:?}, the longest {longest:?}", waits.len());
    assert!(waits.len() > 2 && *longest < took / 2, "{longest:?} of {took:?}, {} writes", waits.len());
}
