//! Items of one source as a listing: read by an index of their own, so that those of a small source are found at once among
//! millions of others.
//!
//! SQLite knows nothing of how many rows a source has and would take that index wherever a source is named, also where a
//! queue or a record's items are far fewer. Its term, which every row meets, keeps it out unless a listing says so.

use crate::model::choice::ItemState;
use crate::model::filter::{Filter, Operand, Term, Test};
use crate::model::query::Query;
use crate::model::table::Table;

/// The term of the index `sync_item_source`.
pub(super) const TERM: &str = " AND t.id > 0";

/// Whether a listing by age is best read by the index of sources: nothing else in its filter has an index.
pub(super) fn by_source(query: &Query) -> bool {
    query.table == Table::SyncItems
        && query.sort.keys.is_empty()
        && query.filter.terms.iter().filter(|term| names_one_source(term)).count() == 1
        && !has_narrower(&query.filter)
}

/// Several sources would be gathered and sorted.
fn names_one_source(term: &Term) -> bool {
    let Test::OneOf(field, values) = &term.test else { return false };
    !term.negated && field.name == "source_system_key" && matches!(values.as_slice(), [Some(_)])
}

/// Whether a filter names a queue, or a field that has an index.
fn has_narrower(filter: &Filter) -> bool {
    let queues = [ItemState::Queued, ItemState::Waiting, ItemState::Held, ItemState::Failed].map(ItemState::code);
    filter.terms.iter().filter(|term| !term.negated).any(|term| match &term.test {
        Test::Is(field, code) => field.name == "state" && queues.contains(code),
        Test::OneOf(field, values) if field.name == "state" => {
            values.iter().all(|value| matches!(value, Some(Operand::Int(code)) if queues.contains(code)))
        }
        Test::OneOf(field, _) => {
            matches!(field.name, "item_id" | "integration_sync_job" | "target_id" | "parent_item" | "code" | "guid")
        }
        _ => false,
    })
}
