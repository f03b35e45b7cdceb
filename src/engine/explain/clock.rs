//! The stale clock of a value in force, now or in the past.
//!
//! Of the confirmations that restart it only the last one is kept, since a value that says nothing new leaves no row. So
//! the past of a clock can be told where that confirmation had happened already, or where none could have happened; else
//! it is only known not to have run longer than since the certification.

use super::moment::Moment;
use crate::model::time::{DAY, Micros};
use crate::model::versions::Versions;

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

/// The clock of the value in force at a moment; `None` where none is.
pub(super) fn clock(moment: Moment) -> Option<Clock> {
    let past = moment.past;
    let id = moment.holder()?;
    let holder = past.entries.iter().find(|versions| versions.id() == id)?;
    let kept = past.in_force.as_ref().filter(|kept| {
        let still = moment.reigns.holds_ever_since(id, moment.operation);
        kept.ledger == id && kept.confirmed_on <= moment.at && still
    });
    let certified_on = certified_on(moment, holder);
    let confirmed_on = kept.map_or(certified_on, |kept| kept.confirmed_on.max(certified_on));
    let stale_on = match kept {
        Some(kept) if moment.reigns.ended_by(moment.operation) => kept.stale_on,
        _ => {
            let confirmed_by = kept.map_or(0, |kept| kept.confirmed_by);
            let started_by = moment.reigns.began_by(id, moment.operation);
            let certified_by = holder.set_by("certified_date_time", moment.operation);
            let operation = started_by.max(certified_by).max(confirmed_by);
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
    Some(Clock { confirmed_on, stale_on, stale })
}

/// When the holder was last certified, or else made.
fn certified_on(moment: Moment, holder: &Versions) -> Micros {
    let row = holder.at(moment.operation);
    row.and_then(|row| row.int("certified_date_time").or(row.int("created_on"))).unwrap_or_default()
}
