//! Two workbenches on one store: keys by chance, answers that come late or in another order, sizes that change, and what
//! one does under the other's cursor. What was written is what stood on the screen: a key's act on one row was asked for
//! while that row was drawn, in the state that it had; a bulk act came to the number that its button said.
//!
//! For 20 seconds, or as long as STEWARD_DRIVE_SECONDS says.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use steward::engine::{Command, Mode};
use steward::model::Table;
use steward::tui::event::Event;
use steward::tui::write::Work;

use crate::harness::{Act, Harness};
use crate::{LARGE, SMALL};

const SECONDS: &str = "STEWARD_DRIVE_SECONDS";
const STEPS: usize = 400;

/// Keys, those that decide most often.
const KEYS: [&str; 62] = [
    "c", "c", "c", "c", "c", "r", "r", "d", "d", "t", "z", "b", "E", "m", "Space", "Space", "Space", "X", "Down",
    "Down", "Down", "Down", "Up", "Up", "PgDn", "PgUp", "Home", "End", "6", "6", "6", "6", "5", "5", "2", "1", "Esc",
    "Esc", "Esc", "Esc", "Enter", "Enter", "Tab", "Tab", "C", "C", "R", "u", "u", "Ctrl+Y", "F1", "?", "v", "1", "2",
    "3", "H", "e", "k", "x", "y", "-",
];

/// What a person does in a row, with time to look at each frame: a bulk act, a reason, another view.
const WAYS: [&[&str]; 9] = [
    &["6", "C", "Tab", "Tab", "Enter"],
    &["6", "Space", "Space", "c", "Tab", "Tab", "Enter"],
    &["6", "c"],
    &["6", "Down", "c"],
    &["6", "r", "1"],
    &["6", "v", "1"],
    &["5", "t"],
    &["5", "v", "2", "z"],
    &["6", "v", "3", "d", "1"],
];

struct Desk {
    harness: Harness,
    /// The store changed, and it has not heard of it.
    to_hear: bool,
    judged: usize,
}

struct Drive {
    rng: TestRng,
    desks: [Desk; 2],
    /// What was done, for who looks at a failure.
    told: String,
    found: Found,
}

/// What a drive came upon: one that finds none of it tests nothing.
#[derive(Debug, Default, Clone, Copy)]
struct Found {
    on_one: usize,
    in_bulk: usize,
    refused: usize,
}

impl Drive {
    fn new(seed: u64) -> Drive {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let first = Harness::agency(SMALL);
        let second = first.beside("mlee", LARGE);
        let desk = |harness| Desk { harness, to_hear: false, judged: 0 };
        let mut desks = [desk(first), desk(second)];
        for desk in &mut desks {
            desk.harness.sudden = true;
            desk.harness.look(true);
        }
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        Drive { rng, desks, told: format!("seed {seed}\n"), found: Found::default() }
    }

    fn one_of(&mut self, many: usize) -> usize {
        (self.rng.next_u32() as usize) % many
    }

    fn by_chance(&mut self, percent: usize) -> bool {
        self.one_of(100) < percent
    }

    fn step(&mut self) {
        let at = self.one_of(2);
        match self.one_of(20) {
            0 => self.desks[at].harness.hold_reads = true,
            1 => self.desks[at].harness.hold_writes = true,
            2 | 3 => self.desks[at].harness.release_reads(),
            4 => self.desks[at].harness.release_writes(),
            5 => {
                let (width, height) = [SMALL, LARGE, (100, 30), (50, 10)][self.one_of(4)];
                self.desks[at].harness.send(Event::Resize(width, height));
                let _ = writeln!(self.told, "desk {at}: {width} x {height}");
            }
            6 | 7 => self.hear(at),
            8..=10 => {
                let way = WAYS[self.one_of(WAYS.len())];
                for key in ["Esc", "Esc"].iter().chain(way) {
                    self.desks[at].harness.look(true);
                    self.press(at, key);
                    // The other one comes in between.
                    if self.by_chance(10) {
                        self.press(1 - at, "c");
                    }
                }
            }
            _ => {
                let key = KEYS[self.one_of(KEYS.len())];
                self.press(at, key);
            }
        }
        // Most often a frame is drawn before the next key, and now and then there was time to look at it.
        if self.by_chance(75) {
            let rested = self.by_chance(50);
            self.desks[at].harness.look(rested);
        }
        self.judge(at);
    }

    fn hear(&mut self, at: usize) {
        if std::mem::take(&mut self.desks[at].to_hear) {
            self.desks[at].harness.send(Event::StoreChanged);
            let _ = writeln!(self.told, "desk {at}: hears of it");
        }
    }

    fn press(&mut self, at: usize, key: &str) {
        let _ = writeln!(self.told, "desk {at}: {key}");
        self.desks[at].harness.keys(key);
        if self.desks[at].harness.ended {
            panic!("no key of these ends it\n{}", self.told);
        }
        self.judge(at);
    }

    /// Holds what was written since against what was drawn when it was asked for.
    fn judge(&mut self, at: usize) {
        let desk = &mut self.desks[at];
        let new: Vec<Act> = desk.harness.acts[desk.judged..].to_vec();
        desk.judged = desk.harness.acts.len();
        for act in new {
            if act.mode == Mode::DryRun {
                continue;
            }
            let Some(outcome) = &act.outcome else {
                self.found.refused += 1;
                continue;
            };
            if outcome.operation.is_none() {
                continue;
            }
            self.desks[1 - at].to_hear = true;
            let wrong = match &act.mode {
                Mode::AsSeen(_) => {
                    self.found.on_one += 1;
                    not_as_drawn(&act)
                }
                Mode::AsPreviewed(_) => {
                    self.found.in_bulk += 1;
                    not_as_previewed(&act)
                }
                _ => on_rows_unseen(&act),
            };
            if let Some(wrong) = wrong {
                panic!("{wrong}\n{:?}\n{}\n{}", act.work, self.told, act.drawn);
            }
        }
    }
}

/// A row that is acted on stands in the frame, with the mark of the state that it had.
fn not_as_drawn(act: &Act) -> Option<String> {
    let row = act.before.as_ref()?;
    let name = row.name();
    // The footer named the key with what it does; what lay over the rows and was closed by the key before had one of its own.
    let closed = act.drawn.lines().last().is_some_and(|footer| footer.contains("Esc cancel"));
    if let (Work::Command(Command::Decide { verb, .. }), "c") = (&act.work, act.key.as_str()) {
        let named = format!("c {}", verb.name());
        if !closed && !act.drawn.lines().any(|line| line.contains(&named)) {
            return Some(format!("the footer did not name {named}"));
        }
    }
    let mark = match (row.table, &*row.display(row.table.state_field())) {
        (Table::Ledger, "Pending") => '?',
        (Table::Ledger, "Certified") => '+',
        (Table::Ledger, _) => 'x',
        (Table::SyncItems, "Held") => '!',
        (Table::SyncItems, "Failed" | "Rejected") => 'x',
        (Table::SyncItems, "Parked" | "Closed" | "Superseded") => '-',
        (Table::SyncItems, "Waiting") => '?',
        _ => return (!act.drawn.contains(name)).then(|| format!("{name} was not drawn")),
    };
    // In the list with its mark; in what is open about it, by its name.
    let in_list = act.drawn.lines().find(|line| line.contains(&format!("{mark} {name}")));
    let in_title = act.drawn.lines().any(|line| line.contains(name) && !line.contains(&format!(" {name} ")));
    // The record tells of the entries of the field at the cursor, by their names.
    let is_record = act.drawn.lines().nth(2).is_some_and(|title| title.starts_with(" Record "));
    let in_record = is_record && act.drawn.contains(name);
    (in_list.is_none() && !in_title && !in_record).then(|| format!("{name} was not drawn as {mark}"))
}

/// The button said how many rows there would be.
fn not_as_previewed(act: &Act) -> Option<String> {
    let changed = act.outcome.as_ref()?.changed;
    let buttons = [format!(" {changed} ]"), format!(" {changed} <]")];
    let said = act.drawn.lines().any(|line| buttons.iter().any(|button| line.contains(button)));
    (!said).then(|| format!("no button said {changed}"))
}

/// What is about rows says which, as they were drawn.
fn on_rows_unseen(act: &Act) -> Option<String> {
    let Work::Command(command) = &act.work else { return None };
    let on_rows = matches!(
        command,
        Command::Decide { .. }
            | Command::Retry { .. }
            | Command::Park { .. }
            | Command::Unpark { .. }
            | Command::Close { .. }
    );
    on_rows.then(|| format!("{} without a look at its rows", command.name()))
}

#[test]
fn what_two_workbenches_write_is_what_was_drawn() {
    let seconds = std::env::var(SECONDS).ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(20);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut all = Found::default();
    let mut seed = 0;
    while seed < 5 || Instant::now() < until {
        let mut drive = Drive::new(seed);
        for _ in 0..STEPS {
            drive.step();
        }
        let Found { on_one, in_bulk, refused } = drive.found;
        all = Found { on_one: all.on_one + on_one, in_bulk: all.in_bulk + in_bulk, refused: all.refused + refused };
        seed += 1;
    }
    println!("{seed} drives: {all:?}");
    assert!(all.on_one > 10 && all.in_bulk > 0 && all.refused > 0, "the drives came upon too little: {all:?}");
}
