//! The model by itself keeps the laws that the engine must keep. It costs little, so it is tried much more often than a
//! store: a rule that contradicts another shows here first.

use proptest::prelude::*;
use steward::model::choice::{ItemState, LedgerStatus};
use steward::model::time::{DAY, Micros};

use super::acts::{Act, HOUR, Operation, SOURCES, What, act};
use super::config;
use super::model::people::Kind;
use super::model::rows::Retire;
use super::model::{ENGINE, Entry, Model, Name, World};
use crate::bench::NOON;

struct Alone {
    model: Model,
    now: Micros,
    /// Operations so far, as a store would number them.
    operations: i64,
}

impl Alone {
    fn take(&mut self, Act { person, what }: &Act) {
        let who = (*person, self.now);
        let model = &mut self.model;
        let _ = match what {
            What::Deliver { source, time, values, .. } => {
                let submitted = time.at(self.now);
                model.operate(who, Kind::Delivery, |world| world.deliver(source, submitted, values))
            }
            What::Repeat { source, time, .. } => {
                let values = model.world.last_words(source);
                let submitted = time.at(self.now);
                model.operate(who, Kind::Delivery, |world| world.deliver(source, submitted, &values))
            }
            What::Operation(operation) => model.operate(who, operation.kind(), |world| operation.in_model(world)),
            What::Again(again) => model.operate(who, again.kind(), |world| again.in_model(world)),
            What::Edit { source, raw } => match model.world.stopped(source).pop() {
                Some(item) => model.operate(who, Kind::Triage, |world| world.edit(item, raw)),
                None => Ok(false),
            },
            What::EditMap { source, canonical, confidence } => match model.world.newest_map(source) {
                Some(map) => model.operate(who, Kind::EditMap, |world| {
                    world.edit_map(map, canonical, *confidence);
                    Ok(())
                }),
                None => Ok(false),
            },
            What::Withdraw(back) => match model.world.jobs.len().checked_sub(back + 1) {
                Some(job) => model.operate(who, Kind::Withdraw, |world| world.withdraw(job)),
                None => Ok(false),
            },
            What::Undo if model.has_done(person) => model.undo(who, None),
            What::UndoEarlier(back) => match model.earlier(*back) {
                Some(seq) => model.undo(who, Some(seq)),
                None => Ok(false),
            },
            What::Undo => Ok(false),
            What::DaysPass(days) => {
                self.now += days * DAY;
                Ok(false)
            }
            What::ClockBack { hours } => {
                self.now -= hours * HOUR;
                Ok(false)
            }
        };
        self.operations += 1;
        self.model.number_last(Some(self.operations));
        self.now += 1_000_000;
    }

    /// Every source says again what it said last; answers the worlds before and after.
    fn repeat(&mut self, source: Name) -> (World, World) {
        let before = self.model.world.clone();
        let values = before.last_words(source);
        // Later than anything was said: what is older confirms nothing.
        let time = before.sayings.iter().map(|said| said.word.time).max().unwrap_or(self.now).min(self.now + DAY);
        let _ = self.model.operate(("ada", self.now), Kind::Delivery, |world| world.deliver(source, time, &values));
        (before, self.model.world.clone())
    }
}

/// What was made of words that were said before: each was turned down and came another way, or waited and is written.
fn nothing_new(before: &World, after: &World) {
    for id in before.items.len()..after.items.len() {
        let item = &after.items[id];
        let same = |entry: &Entry| {
            let word = &entry.word;
            (word.source, word.key) == (item.word.source, item.word.key)
        };
        let allowed =
            before.entries.iter().filter(|(_, entry)| entry.is_active() && same(entry)).any(|(id, entry)| match entry
                .status
            {
                LedgerStatus::Rejected | LedgerStatus::Revoked => before.came_another_way(id),
                LedgerStatus::Pending => !entry.live && item.decided.state == ItemState::Applied,
                LedgerStatus::Certified => false,
            });
        assert!(allowed, "{item:?} of what was said before");
    }
}

fn unmoved(before: &World, after: &World) {
    let entries = |world: &World| -> Vec<Entry> { world.entries.iter().map(|(_, entry)| entry.clone()).collect() };
    assert_eq!(before.items.len(), after.items.len(), "a repeat of a repeat made {:?}", after.items.iter().last());
    assert_eq!(entries(before), entries(after));
    assert_eq!(before.maps.len(), after.maps.len());
}

/// What people decided of entries stands, whatever sources repeat.
fn decisions_stand(before: &World, after: &World) {
    for (id, entry) in before.entries.iter() {
        let by_a_person = match entry.status {
            LedgerStatus::Rejected | LedgerStatus::Revoked => true,
            LedgerStatus::Certified => entry.certified.is_some_and(|(by, _)| by != ENGINE),
            LedgerStatus::Pending => false,
        };
        let now = &after.entries[id];
        let same = (entry.status, entry.active, entry.certified) == (now.status, now.active, now.certified);
        assert!(!by_a_person || same, "{entry:?} became {now:?}");
        let displaced = before.is_current(id) && !after.is_current(id) && (by_a_person || entry.pinned);
        let key = entry.word.key;
        let anew = (before.items.len()..after.items.len()).any(|id| after.items[id].word.key == key);
        assert!(!displaced || anew, "a repeat put another in the place of {entry:?}");
        assert!(!displaced || !entry.pinned, "a repeat went past a pin");
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn the_model_keeps_the_laws_of_repeats(acts in prop::collection::vec(act(), 1..60)) {
        let mut alone = Alone { model: Model::new(), now: NOON, operations: 0 };
        // What was disposed of is remembered no more, so it is news.
        let disposes = |act: &&Act| matches!(act.what, What::Operation(Operation::Dispose { .. }));
        for act in acts.iter().filter(|act| !disposes(act)) {
            alone.take(act);
            for source in SOURCES {
                let (before, after) = alone.repeat(source);
                nothing_new(&before, &after);
                decisions_stand(&before, &after);
                let (before, after) = alone.repeat(source);
                unmoved(&before, &after);
            }
        }
    }
}
