//! Laws that hold whatever is delivered and decided, told from the store's rows alone: a source that says nothing new
//! decides nothing, what people decided stays, and where a delivery is cut leaves no trace.
//!
//! Sources tell here of nothing but today; late words and the exact rows are for the model of the machine.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use steward::engine::Command;
use steward::model::row::Row;
use steward::model::table::Table;
use steward::model::time::Micros;
use steward::store::OperationRow;

use super::acts::{Act, Operation, SOURCES, What, hundredths, long_delivery, policy, rivalry};
use super::model::{Name, Said, record_of};
use super::{Pair, config, picture, rehearsed};
use crate::bench::{Bench, Given, map};

/// What each key of a source said last of each field.
#[derive(Default)]
struct SaidLast(BTreeMap<(Name, Name, Name), Name>);

impl SaidLast {
    fn note(&mut self, source: Name, values: &[Said]) {
        self.0.extend(values.iter().map(|((key, field), raw)| ((source, *key, *field), *raw)));
    }

    fn of(&self, source: Name) -> Vec<Said> {
        let own = self.0.iter().filter(|((from, ..), _)| *from == source);
        own.map(|((_, key, field), raw)| ((*key, *field), *raw)).collect()
    }

    /// The fields of records of which a delivery says something else than its keys said last.
    fn news(&self, source: Name, values: &[Said]) -> Fields {
        let is_new = |((key, field), raw): &&Said| self.0.get(&(source, *key, *field)) != Some(raw);
        values.iter().filter(is_new).map(|((key, field), _)| (record_of(key), *field)).collect()
    }
}

/// A store whose set-up is so long ago that nobody means it who takes something back.
pub struct Told {
    pub bench: Bench,
    /// The last operation of the set-up.
    pub set_up: i64,
    said: SaidLast,
}

impl Told {
    pub fn new() -> Told {
        Told::of(Pair::new().bench)
    }

    pub fn of(bench: Bench) -> Told {
        bench.days_pass(200);
        let set_up = bench.reader().operations(None, 1).unwrap()[0].seq;
        Told { bench, set_up, said: SaidLast::default() }
    }

    /// Delivers now; whether the person might.
    pub fn deliver(&mut self, person: Name, source: Name, values: &[Said]) -> bool {
        self.deliver_at(person, source, self.bench.now(), values)
    }

    fn deliver_at(&mut self, person: Name, source: Name, submitted: Micros, values: &[Said]) -> bool {
        let fields: Vec<[(&str, &str); 1]> = values.iter().map(|((_, field), raw)| [(*field, *raw)]).collect();
        let records: Vec<Given> = values.iter().zip(&fields).map(|(((key, _), _), field)| (*key, &field[..])).collect();
        self.bench.act_as(person).try_deliver_at(source, "contact", submitted, &records).is_ok()
    }

    /// Every source delivers once more what it said last; what was there before and after each is looked at.
    fn repeat_all(&mut self, after: &Act, check: fn(&Rows, &Rows, &Fields, &str)) {
        for source in SOURCES {
            let before = Rows::of(&self.bench);
            if self.deliver("ada", source, &self.said.of(source)) {
                let again = format!("{source}, after {after:?},");
                check(&before, &Rows::of(&self.bench), &Fields::new(), &again);
            }
        }
        self.bench.second_passes();
    }

    /// An act of a source or of people: a delivery comes now, and says nothing of what is empty.
    fn take(&mut self, act: &Act, check: fn(&Rows, &Rows, &Fields, &str)) {
        let Act { person, what } = act;
        if let What::Deliver { source, values, chunks, .. } = what {
            let values = without_blanks(values);
            let (before, news) = (Rows::of(&self.bench), self.said.news(source, &values));
            self.bench.chunks.clone_from(chunks);
            if self.deliver(person, source, &values) {
                self.said.note(source, &values);
                check(&before, &Rows::of(&self.bench), &news, &format!("{act:?}"));
            }
        } else {
            self.decide(person, what);
        }
        self.bench.second_passes();
    }

    /// Does what people do, with what rows of the store there are.
    pub fn decide(&mut self, person: Name, what: &What) {
        let bench = &self.bench;
        let command = match what {
            What::Operation(Operation::Dispose { .. }) => None,
            What::Operation(operation) => Some(operation.command()),
            What::Again(again) => again.command(bench),
            What::Edit { source, raw } => edit(bench, source, raw),
            What::EditMap { source, canonical, confidence } => edit_map(bench, source, canonical, *confidence),
            What::Withdraw(back) => {
                let jobs = bench.rows(Table::SyncJobs, "direction:inbound");
                jobs.iter().nth_back(*back).map(|job| super::acts::withdraw(job.id as usize - 1))
            }
            What::Undo => Some(Command::Undo { operation: None }),
            What::UndoEarlier(back) => undo_earlier(bench, self.set_up, *back),
            What::DaysPass(days) => {
                bench.days_pass(*days);
                None
            }
            What::Deliver { .. } | What::Repeat { .. } | What::ClockBack { .. } => None,
        };
        if let Some(command) = command {
            drop(rehearsed(self.bench.act_as(person), &command));
        }
    }
}

/// (record, field)
type Fields = BTreeSet<(Name, Name)>;

/// Says each thing once, and nothing of what is empty.
fn without_blanks(values: &[Said]) -> Vec<Said> {
    let said: BTreeMap<(Name, Name), Name> = values.iter().copied().filter(|(_, raw)| !raw.is_empty()).collect();
    said.into_iter().collect()
}

/// Another input for the newest of a source's items that did not go on.
fn edit(bench: &Bench, source: &str, raw: &str) -> Option<Command> {
    let item = bench.rows(Table::SyncItems, &format!("source:{source} is:active state:held,failed,parked")).pop()?;
    let row_version = item.int("row_version")?;
    Some(Command::EditRetry { item: item.id, row_version, raw: raw.into(), reason: "read wrongly".into() })
}

fn edit_map(bench: &Bench, source: &str, canonical: &str, confidence: Option<i64>) -> Option<Command> {
    let row = bench.rows(Table::ValueMaps, &format!("source:{source} is:active")).pop()?;
    let mut changes = map(&[("canonical_code_value", canonical)]);
    changes.extend(confidence.map(|confidence| ("confidence".into(), hundredths(confidence))));
    Some(Command::EditValueMap { id: row.id, row_version: row.int("row_version")?, changes })
}

/// An operation so far back that was no delivery: how many of those there are depends on where they are cut.
fn undo_earlier(bench: &Bench, set_up: i64, back: usize) -> Option<Command> {
    let operations = bench.reader().operations(None, 1_000).unwrap();
    let done = |operation: &&OperationRow| operation.kind != "ingest" && operation.seq > set_up;
    let operation = operations.iter().filter(done).nth(back)?;
    Some(Command::Undo { operation: Some(operation.seq) })
}

/// The rows that decisions leave, as a delivery finds them.
struct Rows {
    items: Vec<Row>,
    ledger: Vec<Row>,
    maps: Vec<Row>,
    in_force: Vec<Row>,
    stale: BTreeSet<i64>,
    /// When the newest of the maps, policies and bindings was changed.
    ways_changed: Option<i64>,
}

impl Rows {
    fn of(bench: &Bench) -> Rows {
        let rows = |table, filter| bench.rows(table, filter);
        let ways = [Table::ValueMaps, Table::CommitPolicies].into_iter().flat_map(|table| rows(table, ""));
        let changed = ways.filter_map(|row| row.int("modified_on")).max();
        Rows {
            items: rows(Table::SyncItems, ""),
            ledger: rows(Table::Ledger, ""),
            maps: rows(Table::ValueMaps, ""),
            in_force: rows(Table::Ledger, "is:current"),
            stale: rows(Table::Ledger, "is:stale").iter().map(|row| row.id).collect(),
            ways_changed: changed.max(bindings_changed(bench)),
        }
    }

    fn holder(&self, field: (&str, &str)) -> Option<&Row> {
        self.in_force.iter().find(|row| field_of(row) == field)
    }

    /// The text that was delivered for an entry, whatever it was edited to.
    fn delivered(&self, entry: &Row) -> Option<&Row> {
        let item = |id: i64| &self.items[id as usize - 1];
        let mut item_of = item(entry.int("sync_item")?);
        while let Some(parent) = item_of.int("parent_item") {
            item_of = item(parent);
        }
        Some(item_of)
    }

    /// Whether these rows allow that a word that was said before is decided anew, which made an item: it was turned down,
    /// and the way it came by may be another one; or it waited, and is written now.
    fn may_be_decided_anew(&self, item: &Row) -> bool {
        let same = |entry: &&Row| {
            let text = |name| item.text(name);
            let came = self.delivered(entry);
            entry.text("source_system_key") == text("source_system_key")
                && field_of(entry) == (text("target_id"), text("field_name"))
                && came.is_some_and(|came| came.text("raw_value") == text("raw_value"))
        };
        let may = |entry: &Row| {
            let waits = entry.display("ledger_status") == "Pending"
                && entry.display("statecode") == "Active"
                && entry.int("live") == Some(0);
            let turned_down = ["Rejected", "Revoked"].contains(&entry.display("ledger_status").as_ref());
            let other_ways = self.ways_changed > entry.int("modified_on");
            (waits && item.display("state") == "Applied") || (turned_down && other_ways)
        };
        self.ledger.iter().filter(same).any(may)
    }
}

/// Bindings are no table that is listed, and when they were changed stands in the log alone.
fn bindings_changed(bench: &Bench) -> Option<i64> {
    let conn = rusqlite::Connection::open(&bench.path).unwrap();
    let sql = "SELECT max(at) FROM operation WHERE rows_created LIKE '%code_binding%'
               OR seq IN (SELECT seq FROM operation_change WHERE table_name = 'code_binding')";
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn field_of(entry: &Row) -> (&str, &str) {
    (entry.text("target_id"), entry.text("aspect_key"))
}

/// What was said before is said again: the items that it made, each of which must be allowed, and all else as it was.
fn nothing_new(before: &Rows, after: &Rows, _: &Fields, said: &str) {
    let made = &after.items[before.items.len()..];
    for item in made {
        assert!(before.may_be_decided_anew(item), "{said} made {} of what was said before", item.json());
    }
    let fields: BTreeSet<(&str, &str)> =
        made.iter().map(|item| (item.text("target_id"), item.text("field_name"))).collect();
    let others = |rows: &[Row], of: fn(&Row) -> (&str, &str)| -> Vec<String> {
        rows.iter().filter(|row| !fields.contains(&of(row))).map(|row| row.json().to_string()).collect()
    };
    assert_eq!(others(&before.ledger, field_of), others(&after.ledger, field_of), "{said}");
    let item_field: fn(&Row) -> (&str, &str) = |row| (row.text("target_id"), row.text("field_name"));
    assert_eq!(others(&before.items, item_field), others(&after.items, item_field), "{said}");
    let held_by = |rows: &Rows| -> Vec<i64> {
        let others = rows.in_force.iter().filter(|row| !fields.contains(&field_of(row)));
        others.map(|row| row.id).collect()
    };
    assert_eq!(held_by(before), held_by(after), "{said}");
    let maps = |rows: &Rows| -> Vec<String> { rows.maps.iter().map(|row| row.json().to_string()).collect() };
    assert!(!made.is_empty() || maps(before) == maps(after), "{said} moved a value map");
}

/// What people decided of an entry, if anything.
fn decided_by_a_person(entry: &Row) -> Option<String> {
    let status = entry.display("ledger_status");
    let by_a_person = match status.as_ref() {
        "Rejected" | "Revoked" => true,
        "Certified" => entry.text("certified_by") != "steward:engine",
        _ => false,
    };
    let fields = ["ledger_status", "statecode", "certified_by", "certified_date_time", "value", "pinned"];
    let pinned = entry.int("pinned") == Some(1);
    (by_a_person || pinned).then(|| fields.map(|name| entry.display(name).into_owned()).join(" "))
}

/// A delivery took nothing from what people decided, but for the fields that its source says something new of.
fn decisions_stand(before: &Rows, after: &Rows, news: &Fields, said: &str) {
    for (entry, now) in before.ledger.iter().zip(&after.ledger) {
        let decided = decided_by_a_person(entry);
        assert!(
            decided.is_none() || decided == decided_by_a_person(now),
            "{said} changed {} to {}",
            entry.json(),
            now.json()
        );
    }
    for entry in before.in_force.iter().filter(|entry| decided_by_a_person(entry).is_some()) {
        let field = field_of(entry);
        let held_by = after.holder(field).map(|row| row.id);
        let anew = after.items[before.items.len()..]
            .iter()
            .any(|item| (item.text("target_id"), item.text("field_name")) == field && before.may_be_decided_anew(item));
        let moved = held_by != Some(entry.id);
        let may = news.contains(&field) || before.stale.contains(&entry.id) || anew;
        assert!(!moved || may, "{said} put {held_by:?} in the place of {}", entry.json());
        assert!(!moved || entry.int("pinned") == Some(0), "{said} went past a pin");
    }
}

/// Under one policy to begin with: where there is none, no source stands before another.
fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    let policy = policy().prop_map(|policy| Act { person: "ada", what: What::Operation(policy) });
    (policy, prop::collection::vec(rivalry(), 1..most)).prop_map(|(policy, acts)| [vec![policy], acts].concat())
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn a_delivery_equal_to_the_last_of_its_source_changes_nothing(acts in acts(40)) {
        let mut told = Told::new();
        for act in &acts {
            told.take(act, |_, _, _, _| {});
            told.repeat_all(act, nothing_new);
        }
        told.bench.assert_sound();
    }
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn a_decision_of_a_person_stands_until_a_source_says_something_new(acts in acts(40)) {
        let mut told = Told::new();
        for act in &acts {
            told.take(act, decisions_stand);
            if act.is_of_a_person() {
                told.repeat_all(act, decisions_stand);
            }
        }
        told.bench.assert_sound();
    }
}

/// Deliveries of any time between what people do.
fn cut_acts() -> impl Strategy<Value = Vec<Act>> {
    let policy = policy().prop_map(|policy| Act { person: "ada", what: What::Operation(policy) });
    let then = prop_oneof![2 => long_delivery().prop_map(|what| Act { person: "ada", what }), 1 => rivalry()];
    (policy, prop::collection::vec(then, 1..30)).prop_map(|(policy, acts)| [vec![policy], acts].concat())
}

/// An act of the law about chunks: late words are as good as any.
fn take_cut(told: &mut Told, Act { person, what }: &Act, sizes: &[usize]) {
    match what {
        What::Deliver { source, time, values, .. } => {
            told.bench.chunks = sizes.to_vec();
            told.deliver_at(person, source, time.at(told.bench.now()), values);
        }
        what => told.decide(person, what),
    }
    told.bench.second_passes();
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn where_a_delivery_is_cut_leaves_no_trace(
        acts in cut_acts(), sizes in prop::collection::vec(1..4usize, 1..4),
    ) {
        let (mut whole, mut cut) = (Told::new(), Told::new());
        for act in &acts {
            take_cut(&mut whole, act, &[]);
            take_cut(&mut cut, act, &sizes);
            let (whole, cut) = (picture::of_store(&whole.bench.reader()), picture::of_store(&cut.bench.reader()));
            let others = |those: &[String], these: &[String]| -> Vec<String> {
                those.iter().filter(|line| !these.contains(line)).cloned().collect()
            };
            prop_assert_eq!(others(&whole, &cut), others(&cut, &whole), "after {:?}, cut at {:?}", act, sizes);
            prop_assert_eq!(whole, cut, "the same rows in another order after {:?}", act);
        }
        whole.bench.assert_sound();
        cut.bench.assert_sound();
    }
}
