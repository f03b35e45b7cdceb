//! How the listings of the stock views are read: by an index, in order, without sorting.

use steward::model::filter::Filter;
use steward::model::query::{Count, Cursor, Key, Position, Query, Sort};
use steward::model::table::Table;
use steward::store::sorts_by_index;

use steward::engine::{Import, Verb};

use crate::bench::Bench;

const BY_ID: &str = "INTEGER PRIMARY KEY";

/// Names that follow from the id are looked up by it, and compare as it does beyond seven digits, too.
#[test]
fn rows_are_found_by_their_names_without_reading_others() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("mail", "a@b")])]);
    let reader = bench.reader();
    let by_id = "SEARCH t USING INTEGER PRIMARY KEY";
    let job_by_id = "SEARCH integration_sync_job USING INTEGER PRIMARY KEY";
    for (table, filter, found) in [
        (Table::SyncItems, "item_id:ITM-0000002", 1),
        (Table::SyncItems, "item_id:itm-2", 1),
        (Table::SyncItems, "item_id:2", 1),
        (Table::SyncItems, "item_id:LED-0000002", 0),
        (Table::SyncItems, "item_id>=ITM-0000002", 1),
        (Table::SyncItems, "item_id<ITM-10000000", 2),
        (Table::SyncItems, "source:HR item_id:ITM-0000002", 1),
        (Table::Ledger, "ledger_id:LED-0000001", 1),
        (Table::SyncJobs, "job_id:JOB-0000001", 1),
    ] {
        let filter_terms = Filter::parse(table, filter).unwrap();
        let query = Query { table, filter: filter_terms, sort: Sort::NEWEST };
        assert_eq!(reader.page(&query, &Position::First, 10).unwrap().rows.len(), found, "{filter}");
        let plan = reader.plan(&query, None).unwrap();
        assert!(
            found == 0 || plan.iter().any(|step| [by_id, job_by_id].iter().any(|by_id| step.starts_with(by_id))),
            "{filter}: {plan:#?}"
        );
    }
    // One can still look for a part of a name.
    assert_eq!(bench.rows(Table::SyncItems, "item_id~0002").len(), 1);
    assert_eq!(bench.rows(Table::SyncItems, "ITM-0000002").len(), 1);
}

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
        (Table::SyncItems, "source:HR", "-id", "sync_item_source"),
        (Table::SyncItems, "source:HR field:name", "id", "sync_item_source"),
        (Table::SyncItems, "source:HR state:applied", "-id", "sync_item_source"),
        (Table::SyncItems, "source:HR ann", "-id", "sync_item_source"),
        // A queue or a record's items are fewer than a source's.
        (Table::SyncItems, "source:HR is:held", "-id", "sync_item_not_applied"),
        (Table::SyncItems, "source:HR state:held,failed", "-id", "sync_item_not_applied"),
        (Table::SyncItems, "source:HR job:1", "id", "sync_item_job"),
        (Table::SyncItems, "target:x source:HR", "id", "sync_item_target"),
        (Table::SyncItems, "source:HR,ERP", "-id", BY_ID),
        (Table::SyncItems, "-source:HR", "-id", BY_ID),
        (Table::SyncItems, "map:1 is:held", "id", "sync_item_waiting_for_map"),
        (Table::ValueMaps, "is:proposed", "-waiting", "value_map_proposed"),
        (Table::Ledger, "", "-id", BY_ID),
        (Table::Ledger, "is:pending", "id", "ledger_pending_queue"),
        (Table::Ledger, "is:pending source:HR", "id", "ledger_pending_source"),
        (Table::Ledger, "target:x", "id", "ledger_target"),
        (Table::Ledger, "status:rejected,revoked", "-id", "ledger_turned_down_queue"),
        (Table::Ledger, "is:stale", "id", "current_value_stale"),
        (Table::Ledger, "is:stale", "-id", "current_value_stale"),
        (Table::Ledger, "is:stale is:certified", "id", "current_value_stale"),
        (Table::Ledger, "is:stale source:HR", "id", "current_value_stale"),
        (Table::Ledger, "target:x is:stale", "id", "ledger_target"),
    ] {
        let filter_terms = Filter::parse(table, filter).unwrap();
        let query = Query { table, filter: filter_terms, sort: Sort::parse(table, sort).unwrap() };
        let plan = reader.plan(&query, None).unwrap();
        let listing = plan
            .iter()
            .find(|step| [" t", " c", " l", " integration_sync_job"].iter().any(|name| step.contains(name)))
            .unwrap();
        if index == BY_ID {
            // Where a job stands is worked out beside its columns, so that SQLite names the table itself.
            let scan = if table == Table::SyncJobs { "SCAN integration_sync_job" } else { "SCAN t" };
            assert_eq!(listing, scan, "{table:?} {filter}: {plan:#?}");
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
        (Table::SyncItems, "source:HR", "-id"),
        (Table::SyncItems, "source:HR", "id"),
        (Table::Ledger, "is:pending", "-id"),
        (Table::Ledger, "status:rejected,revoked", "id"),
        (Table::Ledger, "is:stale", "-id"),
        (Table::Ledger, "is:stale is:certified", "id"),
    ] {
        // The last page is the first one of the opposite order.
        let query =
            Query { table, filter: Filter::parse(table, filter).unwrap(), sort: Sort::parse(table, sort).unwrap() };
        let keys = if filter.starts_with("is:stale") { vec![Key::Int(1)] } else { Vec::new() };
        let plan = bench.reader().plan(&query, Some(&Cursor { keys, id: 7 })).unwrap();
        assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{table:?} {filter}: {plan:#?}");
        assert!(plan[0].contains("USING INDEX") || plan[0].contains("COVERING INDEX"), "{table:?} {filter}: {plan:#?}");
    }
}

#[test]
fn which_orders_have_an_index_is_what_sqlite_says() {
    let reader = Bench::new().reader();
    for table in Table::ALL {
        for field in table.fields().iter().filter(|field| !field.looked_up) {
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
fn stale_values_are_listed_by_the_time_at_which_they_got_stale() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("stale_after_days", "30")]);
    let days: [(&str, &[&str]); 3] = [("HR", &["1", "2", "3"]), ("ERP", &["4", "5"]), ("CRM", &["6", "7"])];
    for (source, keys) in days {
        let records: Vec<_> = keys.iter().map(|key| (*key, &[("name", "Ann"), ("mail", "a@b.example")][..])).collect();
        bench.deliver(source, "contact", &records);
        bench.days_pass(1);
    }
    bench.act_as("rita").decide(Verb::Certify, "is:pending source:CRM").unwrap();
    bench.days_pass(1);
    // What was certified last gets stale first, and what came last is not stale yet.
    bench.decide(Verb::Certify, "is:pending source:HR").unwrap();
    bench.days_pass(1);
    bench.decide(Verb::Certify, "is:pending source:ERP").unwrap();
    bench.days_pass(29);
    let reader = bench.reader();
    let listed = |sort, filter: &str| {
        let filter = Filter::parse(Table::Ledger, filter).unwrap();
        let query = Query { table: Table::Ledger, filter, sort };
        let page = reader.page(&query, &Position::First, 100).unwrap();
        (query, page)
    };
    let sources = |sort| {
        let (_, page) = listed(sort, "is:stale");
        page.rows.iter().map(|row| row.text("source_system_key").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(sources(Sort::OLDEST), ["CRM", "CRM", "CRM", "CRM", "HR", "HR", "HR", "HR", "HR", "HR"]);
    assert!(sources(Sort::NEWEST).iter().rev().eq(sources(Sort::OLDEST).iter()));
    for sort in [Sort::OLDEST, Sort::NEWEST] {
        let (query, whole) = listed(sort.clone(), "is:stale");
        assert_eq!(reader.count(&query, 100).unwrap(), Count { n: 10, exact: true });
        assert_eq!(reader.count(&query, 4).unwrap(), Count { n: 4, exact: false });
        let ids = |rows: &[steward::model::row::Row]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        let (all, mut mixed) = (ids(&whole.rows), ids(&whole.rows));
        mixed.sort_unstable();
        assert_eq!(ids(&reader.rows(&query, &mixed).unwrap()), all);
        for (at, cursor) in whole.cursors.iter().enumerate() {
            let page = |position| ids(&reader.page(&query, &position, 3).unwrap().rows);
            assert_eq!(page(Position::After(cursor.clone())), all[at + 1..(at + 4).min(10)]);
            assert_eq!(page(Position::From(cursor.clone())), all[at..(at + 3).min(10)]);
            assert_eq!(page(Position::Before(cursor.clone())), all[at.saturating_sub(3)..at]);
            assert_eq!(reader.number(&query, cursor, 100).unwrap(), Some(at as i64 + 1));
            assert_eq!(reader.numbered(&query, at as i64 + 1).unwrap().as_ref(), Some(cursor));
            assert_eq!(reader.cursor(&query, cursor.id).unwrap().as_ref(), Some(cursor));
        }
        // Other conditions and orders than by age hold as elsewhere.
        assert_eq!(ids(&listed(sort.clone(), "is:stale source:HR").1.rows).len(), 6);
        assert_eq!(ids(&listed(sort.clone(), "-is:stale").1.rows).len(), 4);
    }
    let by_value = Sort::parse(Table::Ledger, "value").unwrap();
    assert_eq!(listed(by_value, "is:stale").1.rows[0].text("value"), "Ann");
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

#[test]
fn rows_that_are_searched_for_are_handed_on_as_they_are_found() {
    let mut bench = Bench::new();
    let keys: Vec<String> = (0..9).map(|n| n.to_string()).collect();
    let records: Vec<_> = keys.iter().map(|key| (key.as_str(), &[("name", "Ann"), ("room", "12")][..])).collect();
    bench.deliver("HR", "contact", &records);
    let reader = bench.reader();
    let handed_on = |filter: &str, position: &Position| {
        let filter = Filter::parse(Table::SyncItems, filter).unwrap();
        let query = Query { table: Table::SyncItems, filter, sort: Sort::NEWEST };
        let mut handed_on = Vec::new();
        let page = reader.page_as_found(&query, position, 4, &mut |row, cursor| handed_on.push((row.id, cursor.id)));
        let page = page.unwrap();
        assert!(page.more);
        (handed_on, page.rows.iter().map(|row| (row.id, row.id)).collect::<Vec<_>>())
    };
    let after = Position::After(Cursor { keys: Vec::new(), id: 15 });
    for filter in ["ann", "value~nn", "field:name", "-field:room"] {
        for position in [&Position::First, &after] {
            let (handed_on, page) = handed_on(filter, position);
            assert_eq!((handed_on.len(), &handed_on), (4, &page), "{filter}");
        }
        assert_eq!(handed_on(filter, &Position::Last).0, [], "the last rows are found in the wrong order");
    }
    for filter in ["", "job:1"] {
        assert_eq!(handed_on(filter, &Position::First).0, [], "{filter}: an index has the page at once");
    }
}

#[test]
fn a_reader_that_is_stopped_between_two_queries_stops() {
    let mut bench = Bench::new();
    let keys: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    let records: Vec<_> = keys.iter().map(|key| (key.as_str(), &[("name", "Ann")][..])).collect();
    bench.deliver("HR", "contact", &records);
    let reader = bench.reader();
    let filter = Filter::parse(Table::SyncItems, "nowhere").unwrap();
    let query = Query { filter, ..Query::all(Table::SyncItems) };
    let page = || reader.page(&query, &Position::First, 10);
    assert_eq!(page().unwrap().rows.len(), 0);
    reader.interrupt().interrupt();
    assert!(page().unwrap_err().to_string().contains("interrupt"));
    reader.resume();
    assert_eq!(page().unwrap().rows.len(), 0);
}

#[test]
fn what_home_counts_row_by_row_stops_at_a_limit_and_says_so() {
    let mut bench = Bench::new();
    let counted = |bench: &Bench, cap| {
        let overview = bench.reader().overview_up_to(bench.now(), cap).unwrap();
        (overview.stale, overview.low_confidence, overview.proposed_lists)
    };
    let none = Count { n: 0, exact: true };
    assert_eq!(counted(&bench, 10), (none, none, 0));
    bench.policy(&[
        ("target_table", "contact"),
        ("commit_mode", "On Ingest"),
        ("auto_certify", "Yes"),
        ("stale_after_days", "30"),
    ]);
    for list in ["state", "unit"] {
        bench.codes(list, &["A"]);
        bench
            .import(Import::Bindings, &[&[("target_table", "contact"), ("field_name", list), ("code_list", list)]])
            .unwrap();
    }
    let fields: &[(&str, &str)] = &[("name", "Ann"), ("mail", "a@b.example"), ("state", "x"), ("unit", "y")];
    bench.deliver("HR", "contact", &[("1", fields)]);
    bench.deliver("HR", "contact", &[("2", &[("name", "Bob"), ("state", "z"), ("unit", "y")])]);
    for (code, confidence) in [("l1", "0.5"), ("l2", "0.79"), ("l3", "0.8")] {
        let row =
            [("code_list", "state"), ("source_code", code), ("canonical_code_value", "A"), ("confidence", confidence)];
        bench.import(Import::ValueMaps, &[&row]).unwrap();
    }
    bench.days_pass(30);
    let exactly = |n| Count { n, exact: true };
    assert_eq!(counted(&bench, 10), (exactly(3), exactly(2), 2));
    assert_eq!(counted(&bench, 3), (exactly(3), exactly(2), 2));
    let stopped = Count { n: 1, exact: false };
    assert_eq!(counted(&bench, 1), (stopped, stopped, 2));
    assert_eq!(stopped.to_string(), "1+");
}
