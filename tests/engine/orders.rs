//! Listings by several columns: whatever the columns, directions, filter and page size, the pages put one after the other
//! are what a plain ORDER BY answers, forwards and backwards, and a row's number is its place there.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rusqlite::Connection;
use steward::model::filter::Filter;
use steward::model::query::{Cursor, Page, Position, Query, Sort};
use steward::model::table::Table;
use steward::store::Reader;

use crate::bench::Bench;

/// Filters that leave out nothing or some, beside the condition that SQL knows them by.
const FILTERS: [(&str, &str); 3] = [("", "1"), ("created>2000", "1"), ("-target:", "target_id <> ''")];
const TABLES: [Table; 3] = [Table::Identifiers, Table::SyncItems, Table::Ledger];

/// Two sources that share keys and values, with values that are empty, held, certified and tried again.
fn filled() -> Bench {
    let mut bench = Bench::new();
    for (source, tables) in
        [("HR", ["contact", "account"]), ("FIN", ["contact", "asset"]), ("HR", ["contact", "asset"])]
    {
        for table in tables {
            let keys = ["1", "2", "3", "4"];
            let values = [("name", source), ("room", ""), ("mail", table)];
            let records: Vec<_> = keys.iter().map(|key| (*key, &values[..])).collect();
            bench.deliver(source, table, &records);
            bench.second_passes();
        }
    }
    bench
}

/// What SQLite answers.
fn plainly(bench: &Bench, query: &Query, condition: &str) -> Vec<i64> {
    let mut order: Vec<String> = Vec::new();
    for key in &query.sort.keys {
        // Names that follow from the id are no column of their own.
        let named_by_id = key.field.name == query.table.fields()[0].name && query.table.info().named_by_id;
        let column = if named_by_id { "id" } else { key.field.name };
        order.push(format!("{column} {}", if key.descending { "DESC" } else { "ASC" }));
    }
    order.push(format!("id {}", if query.sort.newest { "DESC" } else { "ASC" }));
    let text = format!("SELECT id FROM {} WHERE {condition} ORDER BY {}", query.table.info().sql, order.join(", "));
    let conn = Connection::open(&bench.path).unwrap();
    let mut statement = conn.prepare(&text).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// The rows from one end to the other, page by page, in the listing's order. A listing that does not end is cut off.
fn walked(reader: &Reader, query: &Query, size: usize, backwards: bool, most: usize) -> Vec<(i64, Cursor)> {
    let mut position = if backwards { Position::Last } else { Position::First };
    let mut out: Vec<(i64, Cursor)> = Vec::new();
    loop {
        let Page { rows, cursors, more } = reader.page(query, &position, size).unwrap();
        let mut page: Vec<_> = rows.iter().map(|row| row.id).zip(cursors).collect();
        position = match if backwards { page.first() } else { page.last() } {
            Some((_, cursor)) if backwards => Position::Before(cursor.clone()),
            Some((_, cursor)) => Position::After(cursor.clone()),
            None => return out,
        };
        if backwards {
            page.append(&mut out);
            out = page;
        } else {
            out.append(&mut page);
        }
        if !more || out.len() > most {
            return out;
        }
    }
}

fn check(bench: &Bench, reader: &Reader, query: &Query, condition: &str, size: usize) -> Result<(), TestCaseError> {
    let expected = plainly(bench, query, condition);
    let forwards = walked(reader, query, size, false, expected.len());
    let ids = |walked: &[(i64, Cursor)]| walked.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    prop_assert_eq!(&ids(&forwards), &expected);
    prop_assert_eq!(&walked(reader, query, size, true, expected.len()), &forwards);
    for (at, (id, cursor)) in forwards.iter().enumerate().step_by(7) {
        let number = at as i64 + 1;
        prop_assert_eq!(reader.number(query, cursor, 1000).unwrap(), Some(number));
        prop_assert_eq!(reader.numbered(query, number).unwrap(), Some(cursor.clone()));
        prop_assert_eq!(reader.cursor(query, *id).unwrap(), Some(cursor.clone()));
        let from = reader.page(query, &Position::From(cursor.clone()), size).unwrap();
        prop_assert_eq!(from.rows.first().map(|row| row.id), Some(*id));
    }
    let mut some: Vec<i64> = expected.iter().copied().step_by(3).collect();
    some.sort_unstable();
    let again: Vec<i64> = reader.rows(query, &some).unwrap().iter().map(|row| row.id).collect();
    prop_assert_eq!(again, expected.iter().copied().step_by(3).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn pages_by_several_columns_are_what_a_plain_order_by_answers() {
    let bench = filled();
    let reader = bench.reader();
    let key = (0..64_usize, any::<bool>());
    let case = (0..TABLES.len(), prop::collection::vec(key, 0..4), any::<bool>(), 0..FILTERS.len(), 1..9_usize);
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let ran = runner.run(&case, |(table, keys, newest, filter, size)| {
        let table = TABLES[table];
        let fields = table.fields();
        let minus = |descending| if descending { "-" } else { "" };
        let mut words: Vec<String> =
            keys.iter().map(|(at, down)| format!("{}{}", minus(*down), fields[at % fields.len()].name)).collect();
        words.push(format!("{}id", minus(newest)));
        // What can make no difference is refused, and has its own test.
        let Ok(sort) = Sort::parse(table, &words.join(",")) else { return Ok(()) };
        let (filter, condition) = FILTERS[filter];
        let query = Query { table, filter: Filter::parse(table, filter).unwrap(), sort };
        check(&bench, &reader, &query, condition, size)
    });
    ran.unwrap();
}

#[test]
fn every_column_alone_lists_every_row_once() {
    let bench = filled();
    let reader = bench.reader();
    for table in TABLES {
        for (field, descending) in
            table.fields().iter().filter(|field| !field.looked_up).flat_map(|field| [(field, false), (field, true)])
        {
            let query = Query { sort: Sort::by(field, descending), ..Query::all(table) };
            if let Err(error) = check(&bench, &reader, &query, "1", 5) {
                panic!("{table:?} {} {descending}: {error}", field.name);
            }
        }
    }
}
