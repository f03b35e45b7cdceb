//! Laws of withdrawing, told from the store's rows alone: whatever came before, nothing of a withdrawn delivery stands, no
//! source has two candidates for a field, everything follows from the log, and an undo brings each row back.

use std::collections::BTreeMap;

use proptest::prelude::*;
use steward::engine::Command;
use steward::model::row::Row;
use steward::model::table::Table;

use super::acts::{act, withdraw};
use super::{Pair, config, picture};
use crate::bench::Bench;

/// Withdraws a delivery; the number of the operation, where there was anything to withdraw.
pub fn withdrawn(bench: &mut Bench, job: usize) -> Option<i64> {
    bench.second_passes();
    bench.act_as("ada").run(&withdraw(job)).ok()?.operation
}

pub fn nothing_stands(bench: &Bench, job: usize) {
    let active = |row: &Row| row.int("statecode") == Some(0);
    let items: Vec<Row> = bench.rows(Table::SyncItems, "");
    let of_it = |item: &Row| item.int("integration_sync_job") == Some(job as i64 + 1);
    for item in items.iter().filter(|item| of_it(item) && active(item)) {
        let gone = ["Closed", "Rejected", "Superseded"].contains(&item.display("state").as_ref());
        assert!(gone, "{} stands", item.json());
    }
    for entry in bench.rows(Table::Ledger, "active:active status:pending,certified") {
        let item = entry.int("sync_item").map(|id| &items[id as usize - 1]);
        assert!(!item.is_some_and(of_it), "{} stands", entry.json());
    }
    assert!(bench.rows(Table::Ledger, "is:current").iter().all(active));
}

/// What holds the value is no candidate while a newer word of its source waits.
pub fn one_candidate(bench: &Bench) {
    let in_force: Vec<i64> = bench.rows(Table::Ledger, "is:current").iter().map(|row| row.id).collect();
    let mut open: BTreeMap<[String; 3], i64> = BTreeMap::new();
    for entry in bench.rows(Table::Ledger, "active:active status:pending") {
        let of = ["source_system_key", "target_id", "aspect_key"].map(|name| entry.text(name).to_string());
        if !in_force.contains(&entry.id)
            && let Some(other) = open.insert(of, entry.id)
        {
            panic!("{} and entry {other} are both candidates", entry.json());
        }
    }
}

/// The rows as people see them, but for the clocks of values in force, which start anew with what comes back.
pub fn rows(bench: &Bench) -> Vec<String> {
    picture::of_store(&bench.reader()).into_iter().map(|line| line.replace(", stale", "")).collect()
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn a_withdrawal_leaves_nothing_of_it_and_an_undo_brings_all_back(
        acts in prop::collection::vec(act(), 1..50),
        back in prop::collection::vec(0..8usize, 1..4),
        at_once in prop::option::of(1..4usize),
    ) {
        let mut pair = Pair::new();
        for act in &acts {
            pair.perform(act);
        }
        let jobs = pair.model.world.jobs.len();
        let bench = &mut pair.bench;
        bench.rows_at_once = at_once;
        for job in back.into_iter().filter_map(|back| jobs.checked_sub(back + 1)) {
            let before = rows(bench);
            let Some(operation) = withdrawn(bench, job) else { continue };
            nothing_stands(bench, job);
            one_candidate(bench);
            bench.assert_sound();
            let without = rows(bench);
            bench.run(&Command::Undo { operation: Some(operation) }).unwrap();
            prop_assert_eq!(&rows(bench), &before, "the withdrawal of job {} taken back", job + 1);
            withdrawn(bench, job);
            prop_assert_eq!(&rows(bench), &without, "job {} withdrawn again", job + 1);
        }
        bench.assert_sound();
    }
}
