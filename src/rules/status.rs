//! How a job went, by where its items stand (engine.md, step 8).

use crate::model::choice::OverallResult;

/// How many of a job's values stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    pub queued: i64,
    /// Written, whether the ledger entry is Certified or Pending and live.
    pub applied: i64,
    pub unchanged: i64,
    pub waiting: i64,
    pub held: i64,
    pub failed: i64,
    pub rejected: i64,
    pub superseded: i64,
    pub parked: i64,
    pub closed: i64,
}

/// The status of a job, which the engine recomputes after each operation.
///
/// Three questions decide: has anything landed (applied, unchanged, superseded), does anything wait (queued, held,
/// waiting), has anything failed (failed, rejected)? Parked and closed items count nowhere, since a person set them aside:
/// they have neither landed nor failed, and nobody waits for them. A file that could not be read at all is a Failure
/// whatever its counters say; the engine sets that itself.
pub fn job_status(counters: &Counters) -> OverallResult {
    let Counters { queued, applied, unchanged, waiting, held, failed, rejected, superseded, parked: _, closed: _ } =
        *counters;
    let landed = applied > 0 || unchanged > 0 || superseded > 0;
    let waits = queued > 0 || held > 0 || waiting > 0;
    let failed = failed > 0 || rejected > 0;
    match (landed, waits, failed) {
        (true, false, false) => OverallResult::Success,
        (true, _, true) => OverallResult::PartialSuccess,
        (false, false, true) => OverallResult::Failure,
        (false, false, false) | (_, true, false) | (false, true, true) => OverallResult::Indeterminate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OverallResult::{Failure, Indeterminate, PartialSuccess, Success};

    const NONE: Counters = Counters {
        queued: 0,
        applied: 0,
        unchanged: 0,
        waiting: 0,
        held: 0,
        failed: 0,
        rejected: 0,
        superseded: 0,
        parked: 0,
        closed: 0,
    };

    #[test]
    fn step_8() {
        let cases: &[(&str, Counters, OverallResult)] = &[
            ("0/0/0", NONE, Indeterminate),
            ("L only: applied", Counters { applied: 2, ..NONE }, Success),
            ("L only: unchanged", Counters { unchanged: 1, ..NONE }, Success),
            ("L only: superseded", Counters { superseded: 1, ..NONE }, Success),
            ("W only: queued", Counters { queued: 1, ..NONE }, Indeterminate),
            ("W only: waiting", Counters { waiting: 1, ..NONE }, Indeterminate),
            ("W only: held", Counters { held: 1, ..NONE }, Indeterminate),
            ("L and W, no F", Counters { applied: 9, held: 1, ..NONE }, Indeterminate),
            ("F only: failed", Counters { failed: 1, ..NONE }, Failure),
            ("F only: rejected", Counters { rejected: 1, ..NONE }, Failure),
            ("L and F", Counters { applied: 1, failed: 9, ..NONE }, PartialSuccess),
            ("L, W and F", Counters { unchanged: 1, waiting: 1, rejected: 1, ..NONE }, PartialSuccess),
            ("W and F without L", Counters { queued: 1, failed: 1, ..NONE }, Indeterminate),
            ("parked only", Counters { parked: 1, ..NONE }, Indeterminate),
            ("parked beside L", Counters { parked: 1, applied: 1, ..NONE }, Success),
            ("parked beside F", Counters { parked: 1, failed: 1, ..NONE }, Failure),
            ("closed only", Counters { closed: 1, ..NONE }, Indeterminate),
            ("closed beside L", Counters { closed: 1, superseded: 1, ..NONE }, Success),
            ("closed beside W", Counters { closed: 9, held: 1, ..NONE }, Indeterminate),
            ("closed beside F", Counters { closed: 9, rejected: 1, ..NONE }, Failure),
        ];
        for (case, counters, expected) in cases {
            assert_eq!(job_status(counters), *expected, "{case}");
        }
    }
}
