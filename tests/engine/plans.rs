//! How the listings of the stock views are read: by an index, in order, without sorting.

use steward::model::filter::Filter;
use steward::model::query::{Query, Sort};
use steward::model::table::Table;

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
    ] {
        let filter_terms = Filter::parse(table, filter).unwrap();
        let query = Query { table, filter: filter_terms, sort: Sort::parse(table, sort).unwrap() };
        let plan = reader.plan(&query).unwrap();
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
