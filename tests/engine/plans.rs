//! How the listings of the stock views are read: by an index, in order, without sorting.

use steward::model::filter::Filter;
use steward::model::query::{Cursor, Key, Position, Query, Sort};
use steward::model::table::Table;
use steward::store::sorts_by_index;

use crate::bench::Bench;

const BY_ID: &str = "INTEGER PRIMARY KEY";

#[test]
fn stock_views_are_read_by_their_indexes_in_order() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let reader = bench.reader();
    for (table, filter, sort, index) in [
        (Table::Identifiers, "", "-id", BY_ID),
        (Table::Identifiers, "key:1", "id", "identifier_key"),
        (Table::Identifiers, "target:x", "id", "identifier_target"),
        (Table::SyncJobs, "", "-id", BY_ID),
        (Table::SyncItems, "", "-id", BY_ID),
        (Table::SyncItems, "is:held", "-id", "sync_item_not_applied"),
        (Table::SyncItems, "is:failed", "-id", "sync_item_not_applied"),
        (Table::SyncItems, "state:failed,held", "-id", "sync_item_not_applied"),
        (Table::SyncItems, "is:waiting", "id", "sync_item_waiting_queue"),
        (Table::SyncItems, "job:JOB-0000001", "id", "sync_item_job"),
        (Table::SyncItems, "target:x", "id", "sync_item_target"),
        (Table::SyncItems, "map:1 is:held", "id", "sync_item_waiting_for_map"),
        (Table::ValueMaps, "is:proposed", "-waiting", "value_map_proposed"),
        (Table::Ledger, "", "-id", BY_ID),
        (Table::Ledger, "is:pending", "id", "ledger_pending_queue"),
        (Table::Ledger, "is:pending source:HR", "id", "ledger_pending_source"),
        (Table::Ledger, "target:x", "id", "ledger_target"),
        (Table::Ledger, "status:rejected,revoked", "-id", "ledger_turned_down_queue"),
    ] {
        let filter_terms = Filter::parse(table, filter).unwrap();
        let query = Query { table, filter: filter_terms, sort: Sort::parse(table, sort).unwrap() };
        let plan = reader.plan(&query, None).unwrap();
        let listing = plan.iter().find(|step| step.contains(" t")).unwrap();
        if index == BY_ID {
            assert_eq!(listing, "SCAN t", "{table:?} {filter}: {plan:#?}");
        } else {
            assert!(listing.contains(index), "{table:?} {filter}: {plan:#?}");
        }
        // Few rows share a key or a target: sorting them costs nothing, and the index need not hold the id in order.
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        assert!(!sorts || filter.starts_with("target:") || filter.starts_with("key:"), "{table:?} {filter}: {plan:#?}");
    }
}

#[test]
fn a_page_amid_equal_sort_keys_is_found_by_key_and_id() {
    let bench = Bench::new();
    let sort = Sort::parse(Table::SyncItems, "integration_sync_job").unwrap();
    let query = Query { sort, ..Query::all(Table::SyncItems) };
    let plan = bench.reader().plan(&query, Some(&Cursor { keys: vec![Key::Int(1)], id: 7 })).unwrap();
    let steps: Vec<&String> = plan.iter().filter(|step| step.contains(" t ")).collect();
    assert!(steps[0].contains("sync_item_job (integration_sync_job=? AND rowid>?)"), "{plan:#?}");
    assert!(steps[1].contains("sync_item_job (integration_sync_job>?)"), "{plan:#?}");
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
}

#[test]
fn the_last_page_and_the_pages_before_it_are_read_by_the_same_indexes() {
    let bench = Bench::new();
    for (table, filter, sort) in [
        (Table::SyncItems, "state:failed,held", "id"),
        (Table::SyncItems, "is:waiting", "-id"),
        (Table::Ledger, "is:pending", "-id"),
        (Table::Ledger, "status:rejected,revoked", "id"),
    ] {
        // The last page is the first one of the opposite order.
        let query =
            Query { table, filter: Filter::parse(table, filter).unwrap(), sort: Sort::parse(table, sort).unwrap() };
        let plan = bench.reader().plan(&query, Some(&Cursor { keys: Vec::new(), id: 7 })).unwrap();
        assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{table:?} {filter}: {plan:#?}");
        assert!(plan[0].contains("USING INDEX") || plan[0].contains("COVERING INDEX"), "{table:?} {filter}: {plan:#?}");
    }
}

#[test]
fn which_orders_have_an_index_is_what_sqlite_says() {
    let reader = Bench::new().reader();
    for table in Table::ALL {
        for field in table.fields() {
            let sort = Sort::by(field, false);
            let query = Query { sort, ..Query::all(table) };
            let plan = reader.plan(&query, None).unwrap();
            // "LAST TERM": rows that share a key are sorted by their ids, and of these keys few rows share one.
            let sorts = plan.iter().any(|step| step.contains("USE TEMP B-TREE FOR ORDER BY"));
            let in_part = plan.iter().any(|step| step.contains("LAST TERM"));
            assert!(sorts_by_index(&query) != sorts || in_part, "{table:?} {}: {plan:#?}", field.name);
        }
    }
}

#[test]
fn pages_amid_equal_keys_hold_every_row_once_in_both_directions() {
    let mut bench = Bench::new();
    for job in ["A", "B", "C"] {
        let keys: Vec<String> = (0..9).map(|n| format!("{job}{n}")).collect();
        let records: Vec<_> = keys.iter().map(|key| (key.as_str(), &[("name", "Ann")][..])).collect();
        bench.deliver(job, "contact", &records);
    }
    let reader = bench.reader();
    for sort in ["integration_sync_job", "-integration_sync_job", "source_system_key", "-parent_item"] {
        let sort = Sort::parse(Table::SyncItems, sort).unwrap();
        let query = Query { sort, ..Query::all(Table::SyncItems) };
        let whole = reader.page(&query, &Position::First, 100).unwrap();
        assert_eq!(whole.rows.len(), 27);
        for (at, cursor) in whole.cursors.iter().enumerate() {
            let ids =
                |position| reader.page(&query, &position, 4).unwrap().rows.iter().map(|row| row.id).collect::<Vec<_>>();
            let expected = |range: &[steward::model::row::Row]| range.iter().map(|row| row.id).collect::<Vec<_>>();
            assert_eq!(ids(Position::After(cursor.clone())), expected(&whole.rows[at + 1..(at + 5).min(27)]));
            assert_eq!(ids(Position::From(cursor.clone())), expected(&whole.rows[at..(at + 4).min(27)]));
            assert_eq!(ids(Position::Before(cursor.clone())), expected(&whole.rows[at.saturating_sub(4)..at]));
            assert_eq!(reader.number(&query, cursor, 100).unwrap(), Some(at as i64 + 1));
            assert_eq!(reader.numbered(&query, at as i64 + 1).unwrap().as_ref(), Some(cursor));
        }
    }
}

#[test]
fn in_a_whole_table_by_age_a_row_s_number_needs_no_counting() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("mail", "a"), ("room", "1")])]);
    let reader = bench.reader();
    for (sort, second) in [(Sort::OLDEST, 2), (Sort::NEWEST, 2)] {
        let query = Query { sort, ..Query::all(Table::SyncItems) };
        let cursor = reader.numbered(&query, 2).unwrap().unwrap();
        assert_eq!(cursor.id, second);
        assert_eq!(reader.number(&query, &cursor, 1).unwrap(), Some(2), "a cap is for counting");
        assert_eq!(reader.numbered(&query, 4).unwrap(), None);
        assert_eq!(reader.numbered(&query, -3).unwrap(), reader.numbered(&query, 1).unwrap());
    }
}
