//! What people and sources do at random, as a command to the store and as a step of the model.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use steward::engine::{Attested, Command, Import, ImportRow, MapKey, Rows, Verb};
use steward::model::choice::{OnBlank, OnNoMatch, OnUnmapped, Relationship};

use steward::model::table::Table;
use steward::model::time::Micros;

use super::again::{self, Again};
use super::model::people::{ALL_ROLES, Kind};
use super::model::{FIXED, Key, Name, PLACES, RANKINGS, Refused, Said, Terms, Ways, Wider, World};
use crate::bench;

pub const SOURCES: [Name; 3] = ["HR", "FIN", "TAX"];
/// The records.
pub const TARGETS: [Name; 2] = ["0", "1"];
/// Each source's keys, several of which stand for one record.
pub const KEYS: [Name; 5] = ["0", "0b", "0c", "1", "1b"];
pub const FIELDS: [Name; 2] = ["name", "status"];
const VALUES: [Name; 5] = ["a", "b", "c", "A", ""];
pub const CODES: [Name; 4] = ["a", "b", "c", "A"];
const PEOPLE: [Name; 4] = ["ada", "sam", "rita", "sue"];
const FEW_ROLES: &[&[Name]] = &[&["steward"], &["reviewer"], &["support", "reviewer"], &["auditor"], &["admin"], &[]];
pub const CANONICAL: [Name; 2] = ["x", "y"];

#[derive(Debug, Clone)]
pub struct Act {
    pub person: Name,
    pub what: What,
}

impl Act {
    /// Whether a person decided something, after which every source may well deliver again.
    pub fn is_of_a_person(&self) -> bool {
        !matches!(self.what, What::Deliver { .. } | What::Repeat { .. } | What::DaysPass(_) | What::ClockBack { .. })
    }
}

#[derive(Debug, Clone)]
pub enum What {
    Deliver {
        source: Name,
        time: When,
        values: Vec<Said>,
        chunks: Vec<usize>,
    },
    /// A full delivery of what the source said last.
    Repeat {
        source: Name,
        time: When,
        chunks: Vec<usize>,
    },
    Operation(Operation),
    /// Another input for the newest of a source's items that did not go on.
    Edit {
        source: Name,
        raw: Name,
    },
    /// The newest map of a source: another canonical code, and perhaps another confidence.
    EditMap {
        source: Name,
        canonical: Name,
        confidence: Option<i64>,
    },
    Again(Again),
    /// Withdraws the delivery so many before the last.
    Withdraw(usize),
    /// The person's last operation.
    Undo,
    /// The operation so far back, whoever's it was.
    UndoEarlier(usize),
    DaysPass(i64),
    /// The clock is put right, or wrong.
    ClockBack {
        hours: i64,
    },
}

/// When a source says that it submitted something. Times come out of order, and many are equal.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// Some came from ahead of the clock; from a day on they are refused.
    HoursBack(i64),
    /// The beginning of an hour so far back.
    OnTheHour(i64),
}

impl When {
    pub fn at(self, now: Micros) -> Micros {
        match self {
            When::HoursBack(hours) => now - hours * HOUR,
            When::OnTheHour(hours) => (now - hours * HOUR) / HOUR * HOUR,
        }
    }
}

pub const HOUR: Micros = 3_600_000_000;

#[derive(Debug, Clone)]
pub enum Operation {
    /// No canonical code: it has no match.
    Map {
        source: Name,
        code: Name,
        canonical: Option<Name>,
    },
    Flag {
        source: Name,
        code: Name,
    },
    ImportMap {
        source: Name,
        code: Name,
        canonical: Name,
        confidence: i64,
    },
    Bind {
        field: Name,
        source: Option<Name>,
        ways: Ways,
    },
    Attest {
        wider: Wider,
        key: Key,
        reason: bool,
    },
    Dispose {
        table: Table,
        source: Name,
    },
    SetRoles {
        login: Name,
        roles: &'static [Name],
    },
    Decide {
        verb: Verb,
        source: Name,
        reason: bool,
    },
    Policy {
        place: usize,
        terms: Terms,
    },
    Pin {
        key: Key,
        pinned: bool,
    },
    Retry {
        source: Name,
    },
    Park {
        source: Name,
        parked: bool,
    },
    Close {
        source: Name,
    },
}

impl Operation {
    pub fn kind(&self) -> Kind {
        match self {
            Operation::Map { .. } | Operation::Flag { .. } => Kind::Map,
            Operation::ImportMap { .. } | Operation::Bind { .. } => Kind::Import,
            Operation::Decide { .. } => Kind::Decision,
            Operation::Policy { .. } => Kind::Policy,
            Operation::Attest { .. } => Kind::Attest,
            Operation::Dispose { .. } => Kind::Dispose,
            Operation::SetRoles { .. } => Kind::People,
            Operation::Pin { .. } => Kind::Pin,
            Operation::Retry { .. } | Operation::Park { .. } | Operation::Close { .. } => Kind::Triage,
        }
    }

    pub fn command(&self) -> Command {
        match self {
            Operation::Map { source, code, canonical } => {
                let map = MapKey::Code { source: (*source).into(), list: "status".into(), code: (*code).into() };
                match canonical {
                    Some(to) => Command::Map { map, canonical: (*to).into(), relationship: Relationship::Equal },
                    None => Command::NoMatch { map },
                }
            }
            Operation::Flag { source, code } => {
                let map = MapKey::Code { source: (*source).into(), list: "status".into(), code: (*code).into() };
                Command::Flag { map, note: None }
            }
            Operation::ImportMap { source, code, canonical, confidence } => {
                let row = ImportRow { line: 2, fields: map_row(source, code, canonical, *confidence) };
                Command::Import { into: Import::ValueMaps, rows: vec![row] }
            }
            Operation::Bind { field, source, ways } => {
                let row = ImportRow { line: 2, fields: binding_row(field, *source, ways) };
                Command::Import { into: Import::Bindings, rows: vec![row] }
            }
            Operation::Attest { wider, key, reason } => {
                let target_table = "contact".into();
                let scope = match wider {
                    Wider::Record => Attested::Record { target_table, target_id: key.0.into() },
                    Wider::Table(_) => Attested::Table { target_table },
                    Wider::File(job) => Attested::File { job: *job as i64 + 1 },
                };
                Command::Attest { scope, reason: reason.then(|| "nobody else is here".into()) }
            }
            Operation::Dispose { table, source } => {
                let rows = Rows::Filter(format!("source:{source}"));
                Command::Dispose { table: *table, rows, reason: "Schedule 7".into() }
            }
            Operation::SetRoles { login, roles } => {
                let roles = roles.iter().map(|role| role.to_string()).collect();
                Command::SetRoles { login: (*login).into(), roles }
            }
            Operation::Decide { verb, source, reason } => {
                let rows = Rows::Filter(format!("source:{source}"));
                Command::Decide { verb: *verb, rows, reason: reason.then(|| "nobody else is here".into()) }
            }
            Operation::Policy { place, terms } => {
                let row = ImportRow { line: 2, fields: policy_row(*place, terms) };
                Command::Import { into: Import::Policies, rows: vec![row] }
            }
            Operation::Pin { key: (target, field), pinned } => Command::Pin {
                target_table: "contact".into(),
                target_id: (*target).into(),
                field_name: (*field).into(),
                pinned: *pinned,
                reason: None,
            },
            Operation::Retry { source } => {
                let rows = Rows::Filter(format!("source:{source} state:held,failed,parked"));
                Command::Retry { rows, reason: None }
            }
            Operation::Park { source, parked } => {
                let rows = Rows::Filter(format!("source:{source} is:active"));
                if *parked { Command::Park { rows, reason: None } } else { Command::Unpark { rows } }
            }
            Operation::Close { source } => {
                let rows = Rows::Filter(format!("source:{source}"));
                Command::Close { rows, reason: "nobody mends it".into() }
            }
        }
    }

    pub fn in_model(&self, world: &mut World) -> Result<(), Refused> {
        match self {
            Operation::Map { source, code, canonical } => world.map(source, code, *canonical)?,
            Operation::Flag { source, code } => world.flag(source, code)?,
            Operation::ImportMap { source, code, canonical, confidence } => {
                world.import_map(source, code, canonical, *confidence)?;
            }
            Operation::Bind { field, source, ways } => world.bind(field, *source, *ways),
            Operation::Attest { wider, key, reason } => world.attest(*wider, key.0, *reason)?,
            Operation::Dispose { table: Table::Ledger, source } => world.dispose_entries(source),
            Operation::Dispose { source, .. } => world.dispose_items(source),
            Operation::SetRoles { login, roles } => world.set_roles(login, roles)?,
            Operation::Decide { verb, source, reason } => world.decide(*verb, source, *reason),
            Operation::Policy { place, terms } => world.policy(*place, *terms),
            Operation::Pin { key, pinned } => world.pin(*key, *pinned)?,
            Operation::Retry { source } => world.retry(source),
            Operation::Park { source, parked } => world.park(source, *parked),
            Operation::Close { source } => world.close(source),
        }
        Ok(())
    }
}

fn map_row(source: Name, code: Name, canonical: Name, confidence: i64) -> BTreeMap<String, String> {
    bench::map(&[
        ("code_list", "status"),
        ("source_system_key", source),
        ("source_code", code),
        ("canonical_code_value", canonical),
        ("confidence", &hundredths(confidence)),
    ])
}

pub fn hundredths(n: i64) -> String {
    format!("{}.{:02}", n / 100, n % 100)
}

fn binding_row(field: Name, source: Option<Name>, ways: &Ways) -> BTreeMap<String, String> {
    bench::map(&[
        ("target_table", "contact"),
        ("field_name", field),
        ("source_system_key", source.unwrap_or_default()),
        ("code_list", if ways.coded { "status" } else { "" }),
        ("on_unmapped", ways.unmapped.label()),
        ("on_blank", ways.blank.label()),
        ("on_no_match", ways.no_match.label()),
        ("fixed_value", FIXED),
    ])
}

fn policy_row(place: usize, terms: &Terms) -> BTreeMap<String, String> {
    let days = terms.stale_days.map(|days| days.to_string()).unwrap_or_default();
    let (table, field) = PLACES[place];
    bench::map(&[
        ("target_table", table),
        ("field_name", field),
        ("commit_mode", if terms.on_ingest { "On Ingest" } else { "On Certify" }),
        ("auto_certify", if terms.auto { "Yes" } else { "No" }),
        ("authoritative_sources", RANKINGS[terms.ranking].0),
        ("stale_after_days", &days),
    ])
}

/// Mostly one of those who may, now and then anybody.
fn by(people: &'static [Name], what: impl Strategy<Value = What>) -> impl Strategy<Value = Act> {
    let person = prop_oneof![12 => select(people), 1 => select(&PEOPLE[..])];
    (person, what).prop_map(|(person, what)| Act { person, what })
}

pub fn act() -> impl Strategy<Value = Act> {
    let days = (1..3i64).prop_map(What::DaysPass);
    let back = (1..50i64).prop_map(|hours| What::ClockBack { hours });
    let earlier = (0..4usize).prop_map(What::UndoEarlier);
    prop_oneof![
        6 => by(&["ada", "sue"], delivery()),
        2 => by(&["ada", "sue"], repeat()),
        3 => by(&["ada", "sam"], map().prop_map(What::Operation)),
        2 => by(&["ada", "sam"], import().prop_map(What::Operation)),
        1 => by(&["ada", "sam"], edit_map()),
        3 => by(&["ada", "sam"], again::codes().prop_map(What::Again)),
        3 => by(&["ada"], again::policies().prop_map(What::Again)),
        5 => by(&["ada", "rita"], decision().prop_map(What::Operation)),
        2 => by(&["ada"], policy().prop_map(What::Operation)),
        1 => by(&["ada", "rita"], attest().prop_map(What::Operation)),
        1 => by(&["ada"], rare().prop_map(What::Operation)),
        2 => by(&["ada", "rita"], pin().prop_map(What::Operation)),
        3 => by(&["ada", "sue"], triage().prop_map(What::Operation)),
        2 => by(&["ada", "sue"], edit()),
        2 => by(&["ada", "rita"], (0..6usize).prop_map(What::Withdraw)),
        2 => by(&PEOPLE, Just(What::Undo)),
        2 => by(&PEOPLE, earlier),
        2 => by(&["ada"], days),
        1 => by(&["ada"], back),
    ]
}

/// What sources and people do who are of different minds about few fields.
pub fn rivalry() -> impl Strategy<Value = Act> {
    prop_oneof![
        10 => by(&["ada"], delivery()),
        8 => by(&["ada", "rita"], decision().prop_map(What::Operation)),
        2 => by(&["ada"], policy().prop_map(What::Operation)),
        2 => by(&["ada", "rita"], pin().prop_map(What::Operation)),
        2 => by(&["ada", "sam"], map().prop_map(What::Operation)),
        1 => by(&["ada", "sam"], import().prop_map(What::Operation)),
        1 => by(&["ada", "sam"], edit_map()),
        1 => by(&["ada", "sam"], again::codes().prop_map(What::Again)),
        2 => by(&["ada"], again::policies().prop_map(What::Again)),
        1 => by(&["ada", "sue"], triage().prop_map(What::Operation)),
        1 => by(&["ada", "sue"], edit()),
        2 => by(&["ada", "rita"], Just(What::Undo)),
        1 => by(&["ada"], (0..4usize).prop_map(What::UndoEarlier)),
        1 => by(&["ada"], (1..3i64).prop_map(What::DaysPass)),
    ]
}

pub fn values() -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec((said(), select(&VALUES[..])), 1..6)
}

fn delivery() -> impl Strategy<Value = What> {
    (source(), when(), values(), chunks()).prop_map(|(source, time, values, chunks)| What::Deliver {
        source,
        time,
        values,
        chunks,
    })
}

/// One that says much of few records, some of it of times that are long past.
pub fn long_delivery() -> impl Strategy<Value = What> {
    let said = (select(&KEYS[..]), select(&FIELDS[..]));
    let values = prop::collection::vec((said, select(&VALUES[..])), 1..10);
    (source(), (0..5i64).prop_map(When::OnTheHour), values).prop_map(|(source, time, values)| What::Deliver {
        source,
        time,
        values,
        chunks: Vec::new(),
    })
}

fn repeat() -> impl Strategy<Value = What> {
    (source(), when(), chunks()).prop_map(|(source, time, chunks)| What::Repeat { source, time, chunks })
}

pub fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        4 => Just(When::HoursBack(0)),
        8 => (0..30i64).prop_map(When::HoursBack),
        8 => (0..4i64).prop_map(When::OnTheHour),
        1 => (-26..0i64).prop_map(When::HoursBack),
    ]
}

/// Where a delivery is cut.
pub fn chunks() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![Just(Vec::new()), prop::collection::vec(1..4usize, 1..4)]
}

fn map() -> impl Strategy<Value = Operation> {
    let canonical = prop::option::weighted(0.7, select(&CANONICAL[..]));
    let map = (source(), select(&CODES[..]), canonical).prop_map(|(source, code, canonical)| Operation::Map {
        source,
        code,
        canonical,
    });
    let flag = (source(), select(&CODES[..])).prop_map(|(source, code)| Operation::Flag { source, code });
    prop_oneof![6 => map, 1 => flag]
}

/// Unsure as often as sure.
pub fn confidence() -> impl Strategy<Value = i64> {
    select(&[50, 89, 90, 100][..])
}

fn import() -> impl Strategy<Value = Operation> {
    let map = (source(), select(&CODES[..]), select(&CANONICAL[..]), confidence())
        .prop_map(|(source, code, canonical, confidence)| Operation::ImportMap { source, code, canonical, confidence });
    let ways = (any::<bool>(), select(OnUnmapped::ALL), select(OnBlank::ALL), select(OnNoMatch::ALL))
        .prop_map(|(coded, unmapped, blank, no_match)| Ways { coded, unmapped, blank, no_match });
    let bind = (select(&FIELDS[..]), prop::option::of(source()), ways)
        .prop_map(|(field, source, ways)| Operation::Bind { field, source, ways });
    prop_oneof![2 => map, 1 => bind]
}

fn edit_map() -> impl Strategy<Value = What> {
    (source(), select(&CANONICAL[..]), prop::option::of(confidence()))
        .prop_map(|(source, canonical, confidence)| What::EditMap { source, canonical, confidence })
}

fn decision() -> impl Strategy<Value = Operation> {
    (select(&Verb::ALL[..]), source(), prop::bool::weighted(0.2)).prop_map(|(verb, source, reason)| Operation::Decide {
        verb,
        source,
        reason,
    })
}

pub fn withdraw(job: usize) -> Command {
    Command::Withdraw { job: job as i64 + 1, reason: Some("the wrong file".into()) }
}

/// The terms of a policy whose values never get stale.
pub fn terms() -> impl Strategy<Value = Terms> {
    (any::<bool>(), any::<bool>(), 0..RANKINGS.len()).prop_map(|(on_ingest, auto, ranking)| Terms {
        on_ingest,
        auto,
        ranking,
        stale_days: None,
    })
}

/// A delivery of each source; some say the same of a field.
pub fn words() -> impl Strategy<Value = BTreeMap<Name, Vec<Said>>> {
    let own = |source: Name| {
        let word = (select(&TARGETS[..]), select(&["a", "b", "c"][..])).prop_map(|(key, value)| ((key, "name"), value));
        prop::collection::vec(word, 0..4).prop_map(move |words| (source, words))
    };
    (own("HR"), own("FIN"), own("TAX")).prop_map(|(hr, fin, tax)| BTreeMap::from([hr, fin, tax]))
}

pub fn policy() -> impl Strategy<Value = Operation> {
    let days = prop_oneof![Just(None), Just(Some(0)), Just(Some(1))];
    let terms = (terms(), days).prop_map(|(terms, stale_days)| Terms { stale_days, ..terms });
    (0..PLACES.len(), terms).prop_map(|(place, terms)| Operation::Policy { place, terms })
}

fn attest() -> impl Strategy<Value = Operation> {
    let wider = prop_oneof![Just(Wider::Record), Just(Wider::Table(0)), (0..6usize).prop_map(Wider::File)];
    (wider, key(), prop::bool::weighted(0.2)).prop_map(|(wider, key, reason)| Operation::Attest { wider, key, reason })
}

/// What happens to a store now and then.
fn rare() -> impl Strategy<Value = Operation> {
    let dispose = (select(&[Table::Ledger, Table::SyncItems][..]), source())
        .prop_map(|(table, source)| Operation::Dispose { table, source });
    let roles = prop_oneof![
        4 => Just(ALL_ROLES),
        4 => select(FEW_ROLES),
    ];
    let set_roles = (select(&PEOPLE[..]), roles).prop_map(|(login, roles)| Operation::SetRoles { login, roles });
    prop_oneof![dispose, set_roles]
}

fn pin() -> impl Strategy<Value = Operation> {
    (key(), any::<bool>()).prop_map(|(key, pinned)| Operation::Pin { key, pinned })
}

fn triage() -> impl Strategy<Value = Operation> {
    let park = (source(), any::<bool>()).prop_map(|(source, parked)| Operation::Park { source, parked });
    let close = source().prop_map(|source| Operation::Close { source });
    prop_oneof![4 => source().prop_map(|source| Operation::Retry { source }), 4 => park, 1 => close]
}

fn edit() -> impl Strategy<Value = What> {
    (source(), select(&VALUES[..])).prop_map(|(source, raw)| What::Edit { source, raw })
}

fn key() -> impl Strategy<Value = Key> {
    (prop_oneof![4 => Just(TARGETS[0]), 1 => Just(TARGETS[1])], select(&FIELDS[..]))
}

/// A key of a source, and a field.
fn said() -> impl Strategy<Value = (Name, Name)> {
    let key =
        prop_oneof![8 => Just(KEYS[0]), 3 => Just(KEYS[1]), 1 => Just(KEYS[2]), 2 => Just(KEYS[3]), 1 => Just(KEYS[4])];
    (key, select(&FIELDS[..]))
}

pub fn source() -> impl Strategy<Value = Name> {
    prop_oneof![4 => Just(SOURCES[0]), 2 => Just(SOURCES[1]), 1 => Just(SOURCES[2])]
}
