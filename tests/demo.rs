//! The demo shows every state a user will meet, its log is sound, and building it is quick enough to wait for.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use steward::demo::{self, DemoSummary};
use steward::engine::{Verdict, verify};
use steward::model::Table;
use steward::model::filter::Filter;
use steward::model::query::{Position, Query, Sort};
use steward::model::time::now;
use steward::store::{Reader, Store};
use tempfile::TempDir;

struct Built {
    store: Store,
    summary: DemoSummary,
    took: Duration,
    _folder: TempDir,
}

/// Built once for all tests, which only read it.
fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let (store, summary) = demo::create(&folder.path().join("demo.db"), "ada", now()).unwrap();
        Built { store, summary, took: begun.elapsed(), _folder: folder }
    })
}

fn count(reader: &Reader, table: Table, filter: &str) -> i64 {
    let filter = Filter::parse(table, filter).unwrap();
    reader.count(&Query { table, filter, sort: Sort::OLDEST }, 10_000).unwrap().n
}

#[test]
fn every_state_occurs() {
    let reader = built().store.reader().unwrap();
    let people = demo::PEOPLE.map(|person| person.login).join(",");
    let filters = [
        (Table::SyncItems, "is:applied"),
        (Table::SyncItems, "is:unchanged"),
        (Table::SyncItems, "is:waiting"),
        (Table::SyncItems, "is:held"),
        (Table::SyncItems, "is:failed"),
        (Table::SyncItems, "is:rejected"),
        (Table::SyncItems, "is:superseded"),
        (Table::SyncItems, "code:ST011"),
        (Table::SyncItems, "code:ST012"),
        (Table::SyncItems, "code:ST013"),
        (Table::SyncItems, "code:ST014"),
        (Table::SyncItems, "code:ST020"),
        (Table::SyncItems, "code:ST023"),
        (Table::SyncItems, "code:ST024"),
        (Table::ValueMaps, "is:proposed waiting>0"),
        (Table::ValueMaps, "is:active"),
        (Table::ValueMaps, "is:no-match"),
        (Table::ValueMaps, "is:flagged"),
        (Table::Ledger, "is:pending -is:live active:active"),
        (Table::Ledger, "is:pending is:live active:active"),
        (Table::Ledger, &format!("is:certified -by:{people}")),
        (Table::Ledger, &format!("is:certified by:{people}")),
        (Table::Ledger, "is:rejected"),
        (Table::Ledger, "is:revoked"),
        (Table::Ledger, "is:stale"),
        (Table::Ledger, "is:inactive"),
        (Table::SyncJobs, "is:success"),
        (Table::SyncJobs, "is:partial-success"),
        (Table::SyncJobs, "is:indeterminate-neutral"),
        (Table::SyncJobs, "is:failure"),
        (Table::Identifiers, "source:PAYROLL"),
        (Table::CommitPolicies, ""),
    ];
    let missing: Vec<_> = filters.iter().filter(|(table, filter)| count(&reader, *table, filter) == 0).collect();
    assert!(missing.is_empty(), "nothing matches {missing:#?}");
}

#[test]
fn the_log_is_sound() {
    let found = verify(&built().store, None);
    assert_eq!(found.verdict, Verdict::SoundWithoutDigest, "{}", found.lines.join("\n"));
}

#[test]
fn several_people_acted_on_several_days() {
    let operations = built().store.reader().unwrap().operations(None, 1_000).unwrap();
    for person in demo::PEOPLE {
        assert!(operations.iter().any(|operation| operation.actor == person.login), "{}", person.login);
    }
    assert!(operations.iter().any(|operation| operation.undoes.is_some()));
    assert!(operations.iter().any(|operation| operation.kind == "refused"));
    let mut days: Vec<_> = operations.iter().map(|operation| operation.at / steward::model::time::DAY).collect();
    days.dedup();
    assert!(days.len() > 10, "{days:?}");
}

#[test]
fn hostile_text_is_kept_byte_for_byte() {
    let reader = built().store.reader().unwrap();
    for text in
        ["\u{1b}[31mURGENT\u{1b}[0m see file", "invoice \u{202e}fdp.exe", "400 Alder Street\nSuite 210", "الهاشمي"]
    {
        let filter = Filter::parse(Table::SyncItems, &format!("raw:{}", steward::model::filter::quoted(text))).unwrap();
        let query = Query { table: Table::SyncItems, filter, sort: Sort::OLDEST };
        let page = reader.page(&query, &Position::First, 1).unwrap();
        assert_eq!(page.rows.first().map(|row| row.text("raw_value")), Some(text));
    }
}

#[test]
fn it_is_built_within_five_seconds() {
    let took = built().took;
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn the_summary_says_what_waits() {
    let summary = &built().summary;
    let text = summary.to_string();
    assert!(text.starts_with(demo::AGENCY), "{text}");
    for n in [summary.pending, summary.held, summary.failed, summary.stale, summary.unmapped] {
        assert!(n > 0 && text.contains(&n.to_string()), "{n}: {text}");
    }
}
