//! What can be done here: by the place, the row under the cursor and the person's roles.

use std::borrow::Cow;

use super::actions::{Action, Id, Place};
use super::app::App;
use super::bulk::Bulk;
use super::legal;
use super::marks::Marks;
use super::overlay::form_kind::added;
use super::pane::Pane;
use super::panes::{Plan, RowAct, STEWARD};
use crate::engine::Verb;
use crate::model::Table;
use crate::model::text::grouped;

impl App {
    /// What an action would do to the row under the cursor, where the person's roles allow it.
    pub(super) fn plan(&self, act: RowAct) -> Option<Plan> {
        self.pane().and_then(|pane| pane.plan(act)).filter(|plan| self.person.has(plan.roles()))
    }

    /// What an action on a row does to all that are marked, where some are.
    pub(super) fn on_marked(&self, act: RowAct) -> Option<Bulk> {
        let pane = self.pane().filter(|pane| pane.marks != Marks::None)?;
        let what = match act {
            RowAct::Certify => Bulk::Decide(Verb::Certify),
            RowAct::Reject => Bulk::Decide(Verb::Reject),
            RowAct::Revoke => Bulk::Decide(Verb::Revoke),
            RowAct::Retry => Bulk::Retry,
            RowAct::Park => Bulk::Park,
            RowAct::Close => Bulk::Close,
            _ => return None,
        };
        pane.spec.bulk.contains(&what).then_some(what)
    }

    /// Whether the action gives the marked value maps one code.
    pub(super) fn maps_marked(&self, act: RowAct) -> bool {
        let marked = self.pane().filter(|pane| pane.marks != Marks::None);
        act == RowAct::Map && marked.is_some_and(|pane| pane.spec.table == Table::ValueMaps)
    }

    /// The roles that an action takes, where the person has none of them.
    pub(super) fn lacks(&self, id: Id) -> &'static [&'static str] {
        let of_row = match id {
            Id::Row(act) => self.pane().and_then(|pane| pane.plan(act)).map(|plan| plan.roles()),
            _ => None,
        };
        of_row.or(Some(id.roles())).filter(|roles| !self.person.has(roles)).unwrap_or_default()
    }

    /// The word of an action for what it would do to the row under the cursor.
    pub fn word(&self, action: &Action) -> Cow<'static, str> {
        if let Id::Row(act) = action.id
            && let (true, Some(pane)) = (self.on_marked(act).is_some() || self.maps_marked(act), self.pane())
        {
            return match &pane.marks {
                Marks::Ids(ids) => format!("{} {}", action.hint, grouped(ids.len() as i64)).into(),
                _ => format!("{} all", action.hint).into(),
            };
        }
        let plan = match action.id {
            Id::Row(act) => self.plan(act),
            _ => None,
        };
        match plan {
            Some(Plan::Retire(..)) => "retire",
            Some(Plan::Withdraw(_)) => "withdraw",
            Some(Plan::Park(false)) => "unpark",
            _ => action.hint,
        }
        .into()
    }

    /// Whether an action can be done here and now: what footer, help and keys go by.
    pub fn applies(&self, id: Id) -> bool {
        let pane = self.pane();
        let row = pane.and_then(Pane::selected);
        if !id.roles().is_empty() && !self.person.has(id.roles()) {
            return false;
        }
        let sets_policy = matches!(id, Id::Row(RowAct::Edit) | Id::EditCell | Id::Add);
        if sets_policy && self.place == Place::Pane(Table::CommitPolicies) && !self.person.has(&["admin"]) {
            return false;
        }
        match id {
            Id::LegalHold => row.is_some_and(|row| !legal::may_hold(row).is_empty()),
            Id::Dispose => row.is_some() && matches!(self.place, Place::Pane(Table::SyncItems | Table::Ledger)),
            Id::Add => pane.is_some_and(|pane| added(pane.spec.table).is_some()),
            Id::Row(act) if pane.is_some_and(|pane| pane.marks != Marks::None) => match self.on_marked(act) {
                Some(what) => self.applies(Id::Bulk(what)),
                None if self.maps_marked(act) => self.person.has(STEWARD),
                None => !act.changes() && self.plan(act).is_some(),
            },
            Id::Row(act) => self.plan(act).is_some(),
            Id::EditCell if pane.is_some_and(|pane| pane.marks != Marks::None) => false,
            Id::EditCell => match (self.plan(RowAct::Edit), pane.and_then(Pane::field)) {
                (Some(Plan::Edit(names)), Some(field)) => names.contains(&field.name),
                (Some(Plan::EditInput), Some(field)) => field.name == "raw_value",
                _ => false,
            },
            Id::Bulk(what) => row.is_some() && pane.is_some_and(|pane| pane.spec.bulk.contains(&what)),
            Id::Cause => matches!((pane, row), (Some(pane), Some(row)) if (pane.spec.cause)(row).is_some()),
            Id::Full | Id::RowHistory => row.is_some(),
            Id::Record => matches!((pane, row), (Some(pane), Some(row)) if (pane.spec.record)(row).is_some()),
            Id::Open => row.is_some() || (pane.is_none() && self.home.leads_somewhere(&self.desk)),
            Id::Related => match (pane, row) {
                (Some(pane), Some(row)) => pane.spec.links.iter().any(|link| (link.target)(row).is_some()),
                _ => false,
            },
            Id::Back => self.leads_back(),
            Id::NextMatch | Id::PreviousMatch => pane.is_some_and(|pane| pane.listing.finds_words()),
            Id::KeepValue | Id::LeaveOutValue | Id::Copy | Id::CopyRows | Id::Range(_) | Id::Mark | Id::Export => {
                row.is_some()
            }
            Id::DropCondition => pane.is_some_and(|pane| pane.listing.is_filtered()),
            Id::MarkMatching => {
                pane.is_some_and(|pane| !pane.spec.bulk.is_empty() || pane.spec.table == Table::ValueMaps)
            }
            Id::ClearMarks => pane.is_some_and(|pane| pane.marks != Marks::None),
            Id::Facets | Id::GoToRow => row.is_some(),
            Id::EditFilter
            | Id::Views
            | Id::SaveView
            | Id::Columns
            | Id::Sort
            | Id::AlsoSort
            | Id::Left
            | Id::Right
            | Id::Detail => pane.is_some(),
            _ => true,
        }
    }

    /// All actions that apply here, in the table's order.
    pub fn applicable(&self) -> Vec<&'static Action> {
        self.desk.keymap.actions().iter().filter(|action| self.applies(action.id)).collect()
    }
}
