//! The engine over real stores in temporary folders: deliveries, decisions, undo, refusals, and the log.

#[path = "engine/aspects.rs"]
mod aspects;
#[path = "engine/backfill.rs"]
mod backfill;
#[path = "engine/bench.rs"]
mod bench;
#[path = "engine/chunks.rs"]
mod chunks;
#[path = "engine/closing.rs"]
mod closing;
#[path = "engine/decisions.rs"]
mod decisions;
#[path = "engine/deliveries.rs"]
mod deliveries;
#[path = "engine/disposal.rs"]
mod disposal;
#[path = "engine/erased.rs"]
mod erased;
#[path = "engine/explain.rs"]
mod explain;
#[path = "engine/four_eyes.rs"]
mod four_eyes;
#[path = "engine/holds.rs"]
mod holds;
#[path = "engine/identifiers.rs"]
mod identifiers;
#[path = "engine/labels.rs"]
mod labels;
#[path = "engine/last_words.rs"]
mod last_words;
#[path = "engine/log.rs"]
mod log;
#[path = "engine/look.rs"]
mod look;
#[path = "engine/machine.rs"]
mod machine;
#[path = "engine/many_at_once.rs"]
mod many_at_once;
#[path = "engine/mapping.rs"]
mod mapping;
#[path = "engine/nonsense.rs"]
mod nonsense;
#[path = "engine/of_job.rs"]
mod of_job;
#[path = "engine/one_candidate.rs"]
mod one_candidate;
#[path = "engine/orders.rs"]
mod orders;
#[path = "engine/outbound.rs"]
mod outbound;
#[path = "engine/own_word.rs"]
mod own_word;
#[path = "engine/people.rs"]
mod people;
#[path = "engine/plans.rs"]
mod plans;
#[path = "engine/receivers.rs"]
mod receivers;
#[path = "engine/reevaluation.rs"]
mod reevaluation;
#[path = "engine/rehearsal.rs"]
mod rehearsal;
#[path = "engine/retries_undone.rs"]
mod retries_undone;
#[path = "engine/second_thoughts.rs"]
mod second_thoughts;
#[path = "engine/setup.rs"]
mod setup;
#[path = "engine/stories.rs"]
mod stories;
#[path = "engine/triage.rs"]
mod triage;
#[path = "engine/turns.rs"]
mod turns;
#[path = "engine/twins.rs"]
mod twins;
#[path = "engine/undone_in_between.rs"]
mod undone_in_between;
#[path = "engine/withdrawal.rs"]
mod withdrawal;
