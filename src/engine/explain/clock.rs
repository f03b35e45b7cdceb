//! The stale clock of a value in force, now or in the past.
//!
//! Of the confirmations that restart it only the last one is kept, since a value that says nothing new leaves no row. So
//! the past of a clock can be told where that confirmation had happened already, or where none could have happened; else
//! it is only known not to have run longer than since the certification.

use super::moment::Moment;
use crate::model::row::Row;
use crate::model::time::{DAY, Micros};

/// How long a value in force has gone without confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// When it was last certified or confirmed; where that is not known, the last time that is.
    pub confirmed_on: Micros,
    /// When it gets, or got, stale; none: never.
    pub stale_on: Option<Micros>,
    /// None: it is not recorded whether its source had confirmed it by then.
    pub stale: Option<bool>,
}

/// The clock of the entry that holds the value in force at a moment.
pub(super) fn clock(moment: Moment, holder: &Row) -> Clock {
    let past = moment.past;
    let since = holder.int("certified_date_time").or(holder.int("created_on")).unwrap_or_default();
    let kept = past.in_force.as_ref().filter(|kept| {
        let still = moment.reigns.holds_ever_since(holder.id, moment.operation);
        kept.ledger == holder.id && kept.confirmed_on <= moment.at && still
    });
    let confirmed_on = kept.map_or(since, |kept| kept.confirmed_on.max(since));
    let stale_on = match kept {
        Some(kept) if moment.reigns.ended_by(moment.operation) => kept.stale_on,
        _ => {
            let confirmed_by = kept.map_or(0, |kept| kept.confirmed_by);
            let operation = moment.settled_by().max(confirmed_by);
            let days = Moment { operation, ..moment }.policy().stale_after_days;
            days.map(|days| confirmed_on.saturating_add(days.saturating_mul(DAY)))
        }
    };
    let maybe_confirmed = || past.confirmations.iter().any(|(from, to)| *from <= moment.at && confirmed_on < *to);
    let stale = match stale_on {
        Some(stale_on) if moment.at < stale_on => Some(false),
        Some(_) if kept.is_none() && maybe_confirmed() => None,
        Some(_) => Some(true),
        None => Some(false),
    };
    Clock { confirmed_on, stale_on, stale }
}
