//! Deliveries large enough for statements of many rows, and for facts that are gone through instead of looked up.

use steward::model::table::Table;

use crate::bench::{Bench, Given};

const FIELDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// So many records of those fields of [`FIELDS`] that `named` wants; a value names its record, field and `of`.
fn deliver(bench: &mut Bench, records: usize, named: fn(usize) -> bool, of: fn(usize) -> usize) -> (i64, i64) {
    let keys: Vec<String> = (0..records).map(|at| format!("K{at}")).collect();
    let values: Vec<Vec<(&str, String)>> = (0..records)
        .map(|at| {
            let fields = FIELDS.iter().enumerate().filter(|(field, _)| named(*field));
            fields.map(|(_, field)| (*field, format!("{at} {field} {}", of(at)))).collect()
        })
        .collect();
    let values: Vec<Vec<(&str, &str)>> =
        values.iter().map(|all| all.iter().map(|(field, value)| (*field, value.as_str())).collect()).collect();
    let given: Vec<Given> = keys.iter().zip(&values).map(|(key, all)| (key.as_str(), all.as_slice())).collect();
    let outcome = bench.deliver("HR", "asset", &given);
    (outcome.applied + outcome.waiting, outcome.unchanged)
}

/// Records of which each number of rows a statement is used, and a rest of one.
const RECORDS: usize = 123;

#[test]
fn each_of_many_values_is_written_as_it_was_delivered_and_found_again() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "asset"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    bench.policy(&[("target_table", "asset"), ("field_name", "f"), ("commit_mode", "On Certify")]);
    let all = (RECORDS * FIELDS.len()) as i64;
    assert_eq!(deliver(&mut bench, RECORDS, |_| true, |_| 1), (all, 0));
    for (at, item) in bench.rows(Table::SyncItems, "").iter().enumerate() {
        let (record, field) = (at / FIELDS.len(), FIELDS[at % FIELDS.len()]);
        let said = ["external_key", "field_name", "new_value"].map(|column| item.text(column).to_string());
        assert_eq!(said, [format!("K{record}"), field.to_string(), format!("{record} {field} 1")]);
    }
    bench.assert_sound();

    bench.second_passes();
    // All but the last field, which some records have and this delivery says nothing of.
    let some = (RECORDS * (FIELDS.len() - 1)) as i64;
    assert_eq!(deliver(&mut bench, RECORDS, |field| field < 5, |_| 1), (0, some), "the same again");
    bench.second_passes();
    assert_eq!(deliver(&mut bench, RECORDS, |field| field == 2, |_| 1), (0, RECORDS as i64), "one field of each");
    bench.second_passes();
    let changed = (RECORDS.div_ceil(5) * 5) as i64;
    let every_fifth = |at: usize| if at.is_multiple_of(5) { 2 } else { 1 };
    assert_eq!(deliver(&mut bench, RECORDS, |field| field < 5, every_fifth), (changed, some - changed));
    for at in [0, 1, 5, 120, 122] {
        assert_eq!(bench.value("HR", &format!("K{at}"), "c"), Some(format!("{at} c {}", every_fifth(at))));
    }
    bench.assert_sound();
}

#[test]
fn a_source_s_own_open_values_give_way_to_its_newer_ones_in_a_large_delivery() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "asset"), ("commit_mode", "On Ingest"), ("auto_certify", "No")]);
    for round in [|_| 1, |_| 2, |_| 3] {
        assert_eq!(deliver(&mut bench, 40, |_| true, round), (240, 0));
        bench.second_passes();
    }
    let entries = bench.rows(Table::Ledger, "");
    assert_eq!(entries.iter().filter(|entry| entry.display("statecode") == "Active").count(), 240);
    assert_eq!(bench.value("HR", "K39", "f").as_deref(), Some("39 f 3"));
    bench.assert_sound();
}
