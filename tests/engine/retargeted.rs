//! Keys that are led to another record, or to none, between all else that people do: what was not decided goes along, an
//! undo brings each row back, and a delivery that came by such a key is withdrawn like any other.

use proptest::prelude::*;
use proptest::sample::select;
use steward::engine::Command;
use steward::model::row::Row;
use steward::model::table::Table;

use super::acts::{Act, KEYS, TARGETS, What, rivalry, source};
use super::laws::Told;
use super::model::Name;
use super::withdrawal_laws::{nothing_stands, one_candidate, rows, withdrawn};
use super::{config, rehearsed};
use crate::bench::{Bench, map};

#[derive(Debug, Clone)]
enum Step {
    Act(Act),
    Lead(Lead),
}

/// A key of a source is to stand for a record, or for none.
#[derive(Debug, Clone)]
struct Lead {
    source: Name,
    key: Name,
    to: Option<Name>,
}

fn step() -> impl Strategy<Value = Step> {
    let to = prop_oneof![2 => select(&TARGETS[..]).prop_map(Some), 1 => Just(None)];
    let lead = (source(), select(&KEYS[..2]), to).prop_map(|(source, key, to)| Lead { source, key, to });
    prop_oneof![
        5 => rivalry().prop_map(Step::Act),
        1 => lead.prop_map(Step::Lead),
    ]
}

fn take(told: &mut Told, step: &Step) {
    match step {
        Step::Act(Act { person, what: What::Deliver { source, values, chunks, .. } }) => {
            told.bench.chunks.clone_from(chunks);
            told.deliver(person, source, values);
        }
        Step::Act(Act { person, what }) => told.decide(person, what),
        Step::Lead(lead) => take_back_and_again(&mut told.bench, lead),
    }
    told.bench.second_passes();
    items_lead_where_their_keys_do(&told.bench);
    one_candidate(&told.bench);
}

fn is(row: &Row, field: &str, text: &str) -> bool {
    row.text(field) == text
}

/// Leads a key elsewhere, takes that back, and does it again.
fn take_back_and_again(bench: &mut Bench, Lead { source, key, to }: &Lead) {
    let keys = bench.rows(Table::Identifiers, "is:active");
    let named = |row: &&Row| is(row, "source_system_key", source) && is(row, "external_key", key);
    let Some(row) = keys.iter().find(named) else { return };
    let edit = |row_version: Option<i64>| Command::EditIdentifier {
        id: row.id,
        row_version: row_version.unwrap(),
        changes: match to {
            Some(to) => map(&[("target_id", to), ("new_target", "Yes")]),
            None => map(&[("target_id", "")]),
        },
    };
    let before = rows(bench);
    let Ok(outcome) = rehearsed(bench.act_as("ada"), &edit(row.int("row_version"))) else { return };
    let Some(operation) = outcome.operation else { return };
    let after = rows(bench);
    rehearsed(bench, &Command::Undo { operation: Some(operation) }).unwrap();
    assert_eq!(rows(bench), before, "leading {key} of {source} to {to:?} was taken back");
    let keys = bench.rows(Table::Identifiers, "is:active");
    let row = keys.iter().find(named).unwrap();
    rehearsed(bench, &edit(row.int("row_version"))).unwrap();
    assert_eq!(rows(bench), after, "{key} of {source} was led to {to:?} again");
}

/// What is held, failed or parked of a key leads to its record. What led to none waits for a person who tries it again; a
/// held one without a record waits for that alone.
fn items_lead_where_their_keys_do(bench: &Bench) {
    let keys = bench.rows(Table::Identifiers, "is:active");
    for item in bench.rows(Table::SyncItems, "state:held,failed,parked is:active") {
        let of_item = |row: &&Row| {
            is(row, "source_system_key", item.text("source_system_key"))
                && is(row, "external_key", item.text("external_key"))
        };
        let Some(key) = keys.iter().find(of_item) else { continue };
        let target = item.text("target_id");
        assert!(target.is_empty() || key.text("target_id") == target, "{} of {}", item.json(), key.json());
        if target.is_empty() && item.display("state") == "Held" {
            assert_eq!((item.text("code"), item.int("value_map")), ("ST040", None), "{}", item.json());
        }
    }
}

proptest! {
    #![proptest_config(config(6))]

    #[test]
    fn what_is_not_decided_goes_where_its_key_leads(
        steps in prop::collection::vec(step(), 1..40),
        back in prop::collection::vec(0..6usize, 0..3),
        at_once in prop::option::of(1..4usize),
    ) {
        let mut told = Told::new();
        for step in &steps {
            take(&mut told, step);
        }
        let bench = &mut told.bench;
        bench.assert_sound();
        bench.rows_at_once = at_once;
        let jobs = bench.rows(Table::SyncJobs, "").len();
        for job in back.into_iter().filter_map(|back| jobs.checked_sub(back + 1)) {
            let before = rows(bench);
            let Some(operation) = withdrawn(bench, job) else { continue };
            nothing_stands(bench, job);
            one_candidate(bench);
            bench.assert_sound();
            bench.run(&Command::Undo { operation: Some(operation) }).unwrap();
            prop_assert_eq!(&rows(bench), &before, "the withdrawal of job {} taken back", job + 1);
            withdrawn(bench, job);
        }
        bench.assert_sound();
    }
}
