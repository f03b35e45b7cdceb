//! An explanation as one JSON object: the value in force, and below `candidates` each that is not.
//!
//! The names are those of the data model; every key is there, also where there is nothing to say.

use serde_json::{Map, Value as Json, json};

use crate::engine::explain::{Candidate, Explanation, MapUsed, PolicySince, PolicyUsed, Standing};
use crate::model::choice::ItemState;
use crate::model::table::Table;
use crate::model::time::{Micros, rfc3339};

pub(super) fn object(explanation: &Explanation) -> Json {
    let in_force = explanation.in_force.as_ref();
    let clock = explanation.clock.as_ref();
    let identifiers = explanation.identifiers.iter();
    let mut object = Map::new();
    let mut put = |key: &str, value: Json| object.insert(key.into(), value);
    put("target_table", json!(explanation.target_table));
    put("target_id", json!(explanation.target_id));
    put("field_name", json!(explanation.field_name));
    put("as_of", time(explanation.as_of));
    let identifiers = identifiers.map(|(source, key)| json!({"source_system_key": source, "external_key": key}));
    put("identifiers", identifiers.collect());
    for (key, value) in candidate(in_force) {
        put(&key, value);
    }
    // Null where it is not recorded, or nothing is in force.
    put("stale", json!(clock.and_then(|clock| clock.stale)));
    put("stale_on", time(clock.and_then(|clock| clock.stale_on)));
    put("confirmed_on", time(clock.map(|clock| clock.confirmed_on)));
    put("next_ledger_id", row_name(Table::Ledger, explanation.next));
    put("candidates", explanation.losers.iter().map(loser).collect());
    Json::Object(object)
}

/// What there is to say of a candidate, in force or not.
fn candidate(candidate: Option<&Candidate>) -> Vec<(String, Json)> {
    let of = |tell: &dyn Fn(&Candidate) -> Json| candidate.map_or(Json::Null, tell);
    [
        ("value", of(&|c| json!(c.value))),
        ("raw_value", of(&|c| json!(c.raw_value))),
        ("edited_from", of(&|c| json!(c.edit.as_ref().map(|edit| edit.raw_value.as_str())))),
        ("disposed_on", of(&|c| time(c.disposed.as_ref().map(|deed| deed.on)))),
        ("source_system_key", of(&|c| json!(c.source))),
        ("external_key", of(&|c| json!(c.external_key))),
        ("source_date_time", of(&|c| time(Some(c.source_time)))),
        ("ledger_id", of(&|c| row_name(Table::Ledger, c.ledger))),
        ("ledger_status", of(&|c| json!(c.status.map(|status| status.label())))),
        ("live", of(&|c| json!(c.live))),
        ("pinned", of(&|c| json!(c.pinned))),
        ("rank", of(&|c| json!(c.rank))),
        ("certified_by", of(&|c| json!(c.certified_by))),
        ("certified_date_time", of(&|c| time(c.certified_on))),
        ("notes", of(&|c| json!(c.notes))),
        ("item_id", of(&|c| row_name(Table::SyncItems, c.item))),
        ("item_state", of(&|c| json!(c.state.map(|state| state.label())))),
        ("job_id", of(&|c| row_name(Table::SyncJobs, c.job))),
        ("value_map", of(&|c| c.map.as_ref().map_or(Json::Null, map_used))),
        ("commit_policy", of(&|c| c.policy.as_ref().map_or(Json::Null, policy_used))),
        ("row", of(&|c| json!(c.row))),
        ("row_words", of(&|c| json!(c.row_words()))),
        ("reevaluated_by", of(&|c| json!(c.reevaluated.as_ref().map(|again| again.act.by.as_str())))),
        ("reevaluated_on", of(&|c| time(c.reevaluated.as_ref().map(|again| again.act.on)))),
        ("policy_since", of(&|c| c.policy_since.as_ref().map_or(Json::Null, policy_since))),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_string(), value))
    .collect()
}

/// A candidate that is not in force, with why, and who decided so.
fn loser(loser: &Candidate) -> Json {
    let (act, given) = match &loser.standing {
        Standing::Rejected { act, reason } | Standing::Revoked { act, reason } => (act.as_ref(), reason.as_deref()),
        Standing::TakenBack { act }
        | Standing::TriedAgain { act, .. }
        | Standing::ReadAnew { act, .. }
        | Standing::Behind { act, .. }
        | Standing::Disposed { act } => (act.as_ref(), None),
        Standing::Waits { reopened, .. } => (reopened.as_ref(), None),
        Standing::Item { state: ItemState::Parked | ItemState::Closed, act, .. } => {
            (act.as_ref(), act.as_ref().and_then(|act| act.reason.as_deref()))
        }
        _ => (None, None),
    };
    let mut object: Map<String, Json> = candidate(Some(loser)).into_iter().collect();
    object.insert("reason".into(), json!(loser.reason(&rfc3339)));
    object.insert("decided_by".into(), json!(act.map(|act| act.by.as_str())));
    object.insert("decided_on".into(), time(act.map(|act| act.on)));
    object.insert("decision_reason".into(), json!(given));
    object.insert("operation".into(), json!(act.map(|act| act.operation)));
    Json::Object(object)
}

fn map_used(map: &MapUsed) -> Json {
    json!({
        "map_id": map.name,
        "source_system_key": map.source,
        "code_list": map.code_list,
        "source_code": map.source_code,
        "canonical_code_value": map.canonical,
        "author": map.author,
    })
}

fn policy_used(policy: &PolicyUsed) -> Json {
    json!({
        "policy_id": policy.name,
        "commit_mode": policy.mode,
        "auto_certify": policy.auto_certify,
        "authoritative_sources": policy.sources,
        "stale_after_days": policy.stale_after_days,
    })
}

/// What would decide from now on: without a policy's name, none speaks of the field, or `problem` says why none can be told.
fn policy_since(since: &PolicySince) -> Json {
    json!({
        "commit_policy": since.now.as_ref().ok().and_then(Option::as_ref).map_or(Json::Null, policy_used),
        "problem": since.now.as_ref().err(),
        "rank": since.place.map(|place| place.rank),
        "authoritative": since.place.map(|place| place.authoritative),
        "changed_by": since.act.as_ref().map(|act| act.by.as_str()),
        "changed_on": time(since.act.as_ref().map(|act| act.on)),
        "operation": since.act.as_ref().map(|act| act.operation),
    })
}

fn time(at: Option<Micros>) -> Json {
    json!(at.map(rfc3339))
}

fn row_name(table: Table, id: Option<i64>) -> Json {
    json!(id.map(|id| table.row_name(id)))
}
