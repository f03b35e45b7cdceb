//! What people do at random with many codes at once, and with old entries after a policy or a map changed.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use steward::engine::{Command, MapChoice, MapKey, Reevaluated};
use steward::model::choice::Relationship;
use steward::model::row::Row;
use steward::model::table::Table;

use super::acts::{CANONICAL, CODES, FIELDS, confidence, source};
use super::model::people::Kind;
use super::model::{Choice, Name, PLACES, PolicyEdits, RANKINGS, Refused, World};
use crate::bench::{self, Bench};

#[derive(Debug, Clone)]
pub enum Again {
    MapMany(Vec<Choice>),
    RejectMatch {
        source: Name,
        code: Name,
        canonical: Name,
    },
    /// Takes the newest map of a source out of use.
    RetireMap {
        source: Name,
    },
    /// Decides again on what came through the newest map of a source, in use or not.
    Remap {
        source: Name,
    },
    /// Decides again on a field, or on all.
    Fields {
        field: Option<Name>,
    },
    /// Decides again on what the newest policy of a place governs.
    Policy {
        place: usize,
    },
    /// Edits the newest policy of a place.
    EditPolicy {
        place: usize,
        edits: PolicyEdits,
    },
}

impl Again {
    pub fn kind(&self) -> Kind {
        match self {
            Again::MapMany(_) | Again::RejectMatch { .. } | Again::RetireMap { .. } => Kind::Map,
            Again::Remap { .. } => Kind::Remap,
            Again::Fields { .. } | Again::Policy { .. } => Kind::Reevaluation,
            Again::EditPolicy { .. } => Kind::Policy,
        }
    }

    /// None where there is no row that it is about.
    pub fn command(&self, bench: &Bench) -> Option<Command> {
        let newest = |table, fits: &dyn Fn(&Row) -> bool| bench.rows(table, "").into_iter().rfind(fits);
        let map = |source: &Name| newest(Table::ValueMaps, &|row| row.text("source_system_key") == *source);
        let policy = |place: &usize| {
            let (table, field) = PLACES[*place];
            newest(Table::CommitPolicies, &|row| (row.text("target_table"), row.text("field_name")) == (table, field))
        };
        let reason = || Some("something else changed".to_string());
        Some(match self {
            Again::MapMany(choices) => Command::MapMany {
                choices: choices.iter().map(choice).collect(),
                reason: reason(),
                left_out: Vec::new(),
            },
            Again::RejectMatch { source, code, canonical } => {
                Command::RejectMatch { map: key(source, code), canonical: (*canonical).into(), note: None }
            }
            Again::RetireMap { source } => {
                let map = map(source)?;
                Command::RetireMap { id: map.id, row_version: version(&map), reason: "nobody sends it".into() }
            }
            Again::Remap { source } => {
                Command::Reevaluate { scope: Reevaluated::Map(map(source)?.id), reason: reason() }
            }
            Again::Fields { field } => {
                let field_name = field.map(str::to_string);
                let scope = Reevaluated::Fields { target_table: "contact".into(), field_name };
                Command::Reevaluate { scope, reason: reason() }
            }
            Again::Policy { place } => {
                Command::Reevaluate { scope: Reevaluated::Policy(policy(place)?.id), reason: reason() }
            }
            Again::EditPolicy { place, edits } => {
                let policy = policy(place)?;
                Command::EditPolicy { id: policy.id, row_version: version(&policy), changes: changes(edits) }
            }
        })
    }

    pub fn in_model(&self, world: &mut World) -> Result<(), Refused> {
        match self {
            Again::MapMany(choices) => world.map_many(choices),
            Again::RejectMatch { source, code, canonical } => world.reject_match(source, code, canonical)?,
            Again::RetireMap { source } => world.retire_map(world.newest_map_ever(source).ok_or(Refused)?)?,
            Again::Remap { source } => world.reevaluate_map(world.newest_map_ever(source).ok_or(Refused)?),
            Again::Fields { field } => world.reevaluate_fields(*field)?,
            Again::Policy { place } => world.reevaluate_policy(world.newest_policy(*place).ok_or(Refused)?),
            Again::EditPolicy { place, edits } => {
                world.edit_policy(world.newest_policy(*place).ok_or(Refused)?, *edits)?;
            }
        }
        Ok(())
    }
}

fn version(row: &Row) -> i64 {
    row.int("row_version").unwrap()
}

fn key(source: Name, code: Name) -> MapKey {
    MapKey::Code { source: source.into(), list: "status".into(), code: code.into() }
}

fn choice(choice: &Choice) -> MapChoice {
    MapChoice {
        map: key(choice.source, choice.code),
        canonical: choice.canonical.map(str::to_string),
        relationship: Relationship::Equal,
        score: choice.score,
    }
}

fn changes(edits: &PolicyEdits) -> BTreeMap<String, String> {
    let mode = edits.on_ingest.map(|on_ingest| if on_ingest { "On Ingest" } else { "On Certify" });
    let auto = edits.auto.map(|auto| if auto { "Yes" } else { "No" });
    let days = edits.stale_days.map(|days| days.map(|days| days.to_string()).unwrap_or_default());
    let given = [
        ("commit_mode", mode),
        ("auto_certify", auto),
        ("authoritative_sources", edits.ranking.map(|ranking| RANKINGS[ranking].0)),
        ("stale_after_days", days.as_deref()),
    ];
    let given: Vec<(&str, &str)> = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    bench::map(&given)
}

/// With many codes.
pub fn codes() -> impl Strategy<Value = Again> {
    let choice = (source(), select(&CODES[..]), canonical(), prop::option::weighted(0.4, confidence()));
    let choice = choice.prop_map(|(source, code, canonical, score)| Choice { source, code, canonical, score });
    let reject = (source(), select(&CODES[..]), select(&CANONICAL[..]));
    prop_oneof![
        4 => prop::collection::vec(choice, 1..5).prop_map(Again::MapMany),
        1 => reject.prop_map(|(source, code, canonical)| Again::RejectMatch { source, code, canonical }),
        2 => source().prop_map(|source| Again::RetireMap { source }),
        3 => source().prop_map(|source| Again::Remap { source }),
    ]
}

/// With policies and what they decided.
pub fn policies() -> impl Strategy<Value = Again> {
    let days = prop_oneof![Just(None), Just(Some(0)), Just(Some(1))];
    let edits = (
        prop::option::of(any::<bool>()),
        prop::option::of(any::<bool>()),
        prop::option::of(0..RANKINGS.len()),
        prop::option::of(days),
    );
    let edits =
        edits.prop_map(|(on_ingest, auto, ranking, stale_days)| PolicyEdits { on_ingest, auto, ranking, stale_days });
    let field = prop::option::of(select(&FIELDS[..]));
    prop_oneof![
        3 => field.prop_map(|field| Again::Fields { field }),
        2 => (0..PLACES.len()).prop_map(|place| Again::Policy { place }),
        2 => (0..PLACES.len(), edits).prop_map(|(place, edits)| Again::EditPolicy { place, edits }),
    ]
}

fn canonical() -> impl Strategy<Value = Option<Name>> {
    prop::option::weighted(0.7, select(&CANONICAL[..]))
}
