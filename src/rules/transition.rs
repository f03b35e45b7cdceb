//! What people may do to a ledger entry or a sync item, and what becomes of it (engine.md, "What people do").
//!
//! Only the row's own state is judged here. Roles, four eyes, reasons, what a new attempt comes to and what follows for
//! the current value are the engine's.

use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::code::{self, Code};

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LedgerAct {
    Certify,
    Reject,
    Revoke,
    Reopen,
    Recertify,
}

impl LedgerAct {
    pub const ALL: [LedgerAct; 5] =
        [LedgerAct::Certify, LedgerAct::Reject, LedgerAct::Revoke, LedgerAct::Reopen, LedgerAct::Recertify];
}

/// The status of a ledger entry after the act.
///
/// `active` is the entry's statecode; `stale` says that it holds the current value and that value is stale.
///
/// # Errors
///
/// Why the act is refused, as the end of a sentence that begins with the entry: "LED-0000012 is already certified".
pub fn ledger(act: LedgerAct, status: LedgerStatus, active: bool, stale: bool) -> Result<LedgerStatus, &'static str> {
    if !active {
        return Err("is inactive: a newer value superseded it");
    }
    match status {
        LedgerStatus::Pending => pending(act),
        LedgerStatus::Certified => certified(act, stale),
        LedgerStatus::Rejected => rejected(act),
        LedgerStatus::Revoked => Err(revoked(act)),
    }
}

fn pending(act: LedgerAct) -> Result<LedgerStatus, &'static str> {
    match act {
        LedgerAct::Certify => Ok(LedgerStatus::Certified),
        LedgerAct::Reject => Ok(LedgerStatus::Rejected),
        LedgerAct::Revoke => Err("is pending; reject it instead"),
        LedgerAct::Reopen => Err("is already pending"),
        LedgerAct::Recertify => Err("is pending; certify it instead"),
    }
}

fn certified(act: LedgerAct, stale: bool) -> Result<LedgerStatus, &'static str> {
    match act {
        LedgerAct::Certify if stale => Err("is certified, but stale; recertify it instead"),
        LedgerAct::Certify => Err("is already certified"),
        LedgerAct::Reject => Err("is certified; revoke it instead"),
        LedgerAct::Revoke => Ok(LedgerStatus::Revoked),
        LedgerAct::Reopen => Err("is certified; only a rejected entry is reopened"),
        LedgerAct::Recertify if stale => Ok(LedgerStatus::Certified),
        LedgerAct::Recertify => Err("is certified and not stale"),
    }
}

fn rejected(act: LedgerAct) -> Result<LedgerStatus, &'static str> {
    match act {
        LedgerAct::Reopen => Ok(LedgerStatus::Pending),
        LedgerAct::Reject => Err("is already rejected"),
        LedgerAct::Certify | LedgerAct::Recertify => Err("is rejected; reopen it first"),
        LedgerAct::Revoke => Err("is rejected; only a certified entry is revoked"),
    }
}

/// Revoked is the end: a person's second thoughts are an undo, which restores the row rather than moving it on.
fn revoked(act: LedgerAct) -> &'static str {
    match act {
        LedgerAct::Revoke => "is already revoked",
        LedgerAct::Reject => "is revoked; only a pending entry is rejected",
        LedgerAct::Certify | LedgerAct::Reopen | LedgerAct::Recertify => "is revoked; undo the revocation instead",
    }
}

/// What a person asks for an item that did not go on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemAct {
    Retry,
    /// Retry with another input than the delivered one.
    EditRetry,
    Park,
    Unpark,
    /// Set aside for good.
    Close,
}

impl ItemAct {
    pub const ALL: [ItemAct; 5] = [ItemAct::Retry, ItemAct::EditRetry, ItemAct::Park, ItemAct::Unpark, ItemAct::Close];
}

/// Where a sync item stands, as far as triage asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub state: ItemState,
    /// The statecode: an attempt that a newer one followed, or that was taken back, is not.
    pub active: bool,
    pub code: Option<&'static Code>,
    pub waits_for_map: bool,
    /// It stands for a record that could not be read as values, so that there is no field to put a value in.
    pub whole_record: bool,
    /// It goes out to a source: there is nothing delivered to decide on.
    pub outbound: bool,
}

/// The state of an item after the act; a retried one gives way to its new attempt.
///
/// # Errors
///
/// Why the act is refused, as the end of a sentence that begins with the item: "ITM-0000012 is already parked".
pub fn item(act: ItemAct, at: &Standing) -> Result<ItemState, &'static str> {
    if !at.active {
        return Err("is not the newest attempt");
    }
    match at.state {
        ItemState::Held | ItemState::Failed | ItemState::Parked => triaged(act, at),
        ItemState::Queued => Err("is still to be decided on"),
        ItemState::Applied => Err("is applied"),
        ItemState::Unchanged => Err("said nothing new"),
        ItemState::Waiting => Err("waits for certification; decide its ledger entry instead"),
        ItemState::Rejected => Err("is rejected; reopen its ledger entry instead"),
        ItemState::Superseded => Err("is superseded by a newer value of its source"),
        ItemState::Closed if act == ItemAct::Close => Err("is already closed"),
        ItemState::Closed => Err("is closed for good; undo the closing instead"),
    }
}

fn triaged(act: ItemAct, at: &Standing) -> Result<ItemState, &'static str> {
    let parked = at.state == ItemState::Parked;
    match act {
        // Somebody says that it is to go out all the same.
        ItemAct::Retry if at.outbound && at.code.is_some_and(Code::waits_for_word) => Ok(ItemState::Queued),
        ItemAct::Retry | ItemAct::EditRetry if at.outbound => Err("goes out to a source; send again instead"),
        ItemAct::EditRetry if at.whole_record => {
            Err("stands for a whole record; mend it at the source and deliver it again")
        }
        ItemAct::Retry | ItemAct::EditRetry => Ok(ItemState::Superseded),
        ItemAct::Park if parked => Err("is already parked"),
        ItemAct::Park => Ok(ItemState::Parked),
        ItemAct::Unpark if parked => Ok(unparked(at)),
        ItemAct::Unpark => Err("is not parked"),
        ItemAct::Close => Ok(ItemState::Closed),
    }
}

/// The state that a parked item came from, which its code tells: a fault of the input fails and everything else is
/// held, but for a code without a map, which is held where it waits for one and failed where the binding said so.
fn unparked(at: &Standing) -> ItemState {
    match at.code {
        Some(code) if code.of_input() => ItemState::Failed,
        Some(code) if code == code::NO_MAP && !at.waits_for_map => ItemState::Failed,
        _ => ItemState::Held,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LedgerAct::{Certify, Recertify, Reject, Reopen, Revoke};
    use LedgerStatus::{Certified, Pending, Rejected, Revoked};

    const CASES: &[(LedgerAct, LedgerStatus, bool, Result<LedgerStatus, &str>)] = &[
        (Certify, Pending, false, Ok(Certified)),
        (Certify, Certified, false, Err("is already certified")),
        (Certify, Certified, true, Err("is certified, but stale; recertify it instead")),
        (Certify, Rejected, false, Err("is rejected; reopen it first")),
        (Certify, Revoked, false, Err("is revoked; undo the revocation instead")),
        (Reject, Pending, false, Ok(Rejected)),
        (Reject, Certified, false, Err("is certified; revoke it instead")),
        (Reject, Rejected, false, Err("is already rejected")),
        (Reject, Revoked, false, Err("is revoked; only a pending entry is rejected")),
        (Revoke, Pending, false, Err("is pending; reject it instead")),
        (Revoke, Certified, false, Ok(Revoked)),
        (Revoke, Certified, true, Ok(Revoked)),
        (Revoke, Rejected, false, Err("is rejected; only a certified entry is revoked")),
        (Revoke, Revoked, false, Err("is already revoked")),
        (Reopen, Pending, false, Err("is already pending")),
        (Reopen, Certified, false, Err("is certified; only a rejected entry is reopened")),
        (Reopen, Rejected, false, Ok(Pending)),
        (Reopen, Revoked, false, Err("is revoked; undo the revocation instead")),
        (Recertify, Pending, false, Err("is pending; certify it instead")),
        (Recertify, Certified, false, Err("is certified and not stale")),
        (Recertify, Certified, true, Ok(Certified)),
        (Recertify, Rejected, false, Err("is rejected; reopen it first")),
        (Recertify, Revoked, false, Err("is revoked; undo the revocation instead")),
    ];

    #[test]
    fn what_people_do_to_an_entry() {
        for &(act, status, stale, expected) in CASES {
            assert_eq!(ledger(act, status, true, stale), expected, "{act:?} a {status:?} entry, stale: {stale}");
        }
    }

    /// Five operations are allowed and nothing else, and staleness matters to Certified entries alone.
    #[test]
    fn every_other_transition_is_refused() {
        for act in LedgerAct::ALL {
            for &status in LedgerStatus::ALL {
                for stale in [false, true] {
                    let allowed = matches!(
                        (act, status, stale),
                        (Certify | Reject, Pending, _)
                            | (Revoke, Certified, _)
                            | (Reopen, Rejected, _)
                            | (Recertify, Certified, true)
                    );
                    assert_eq!(ledger(act, status, true, stale).is_ok(), allowed, "{act:?} {status:?} {stale}");
                    assert_eq!(
                        ledger(act, status, false, stale),
                        Err("is inactive: a newer value superseded it"),
                        "{act:?} {status:?} {stale}"
                    );
                }
            }
        }
    }

    const HELD: Standing = Standing {
        state: ItemState::Held,
        active: true,
        code: Some(code::NO_MAP),
        waits_for_map: true,
        whole_record: false,
        outbound: false,
    };
    const FAILED: Standing =
        Standing { state: ItemState::Failed, code: Some(code::TOO_LONG), waits_for_map: false, ..HELD };

    fn parked(before: Standing) -> Standing {
        Standing { state: ItemState::Parked, ..before }
    }

    #[test]
    fn what_people_do_to_an_item() {
        use ItemAct::{Close, EditRetry, Park, Retry, Unpark};
        use ItemState::{Closed, Failed, Held, Parked, Queued, Superseded};
        let unmapped = Standing { code: Some(code::NO_MAP), ..FAILED };
        let two_targets = Standing { code: Some(code::TWO_TARGETS), waits_for_map: false, ..HELD };
        let record = Standing { code: Some(code::KEY_MISSING), whole_record: true, ..FAILED };
        let outbound = Standing { code: Some(code::AMBIGUOUS_REVERSE), waits_for_map: false, outbound: true, ..HELD };
        let not_taken = Standing { code: Some(code::NOT_TAKEN), ..outbound };
        let closed = Standing { state: Closed, ..HELD };
        let whole = Err("stands for a whole record; mend it at the source and deliver it again");
        let cases: &[(&str, ItemAct, Standing, Result<ItemState, &str>)] = &[
            ("retry a held item", Retry, HELD, Ok(Superseded)),
            ("retry a failed item", Retry, FAILED, Ok(Superseded)),
            ("retry a parked item", Retry, parked(HELD), Ok(Superseded)),
            ("retry a record without a key", Retry, record, Ok(Superseded)),
            ("edit a held item", EditRetry, HELD, Ok(Superseded)),
            ("edit a failed item", EditRetry, FAILED, Ok(Superseded)),
            ("edit a parked item", EditRetry, parked(FAILED), Ok(Superseded)),
            ("edit a record without a key", EditRetry, record, whole),
            ("retry what goes out", Retry, outbound, Err("goes out to a source; send again instead")),
            ("edit what goes out", EditRetry, outbound, Err("goes out to a source; send again instead")),
            ("retry what the receiver does not take", Retry, not_taken, Ok(Queued)),
            ("retry it after it was parked", Retry, parked(not_taken), Ok(Queued)),
            ("retry what was emptied", Retry, Standing { code: Some(code::EMPTIED), ..outbound }, Ok(Queued)),
            (
                "edit what the receiver does not take",
                EditRetry,
                not_taken,
                Err("goes out to a source; send again instead"),
            ),
            ("unpark what the receiver does not take", Unpark, parked(not_taken), Ok(Held)),
            ("park what goes out", Park, outbound, Ok(Parked)),
            ("unpark what goes out", Unpark, parked(outbound), Ok(Held)),
            ("park a held item", Park, HELD, Ok(Parked)),
            ("park a failed item", Park, FAILED, Ok(Parked)),
            ("park a parked item", Park, parked(HELD), Err("is already parked")),
            ("unpark a held item", Unpark, HELD, Err("is not parked")),
            ("unpark a failed item", Unpark, FAILED, Err("is not parked")),
            ("unpark what waited for a map", Unpark, parked(HELD), Ok(Held)),
            ("unpark what had two targets", Unpark, parked(two_targets), Ok(Held)),
            ("unpark what was too long", Unpark, parked(FAILED), Ok(Failed)),
            ("unpark what failed without a map", Unpark, parked(unmapped), Ok(Failed)),
            ("unpark a record without a key", Unpark, parked(record), Ok(Failed)),
            ("close a held item", Close, HELD, Ok(Closed)),
            ("close a failed item", Close, FAILED, Ok(Closed)),
            ("close a parked item", Close, parked(HELD), Ok(Closed)),
            ("close a record without a key", Close, record, Ok(Closed)),
            ("close what goes out", Close, outbound, Ok(Closed)),
            ("close a closed item", Close, closed, Err("is already closed")),
            ("retry a closed item", Retry, closed, Err("is closed for good; undo the closing instead")),
            ("edit a closed item", EditRetry, closed, Err("is closed for good; undo the closing instead")),
            ("park a closed item", Park, closed, Err("is closed for good; undo the closing instead")),
            ("unpark a closed item", Unpark, closed, Err("is closed for good; undo the closing instead")),
        ];
        for (case, act, standing, expected) in cases {
            assert_eq!(item(*act, standing), *expected, "{case}");
        }
    }

    /// Parking loses nothing: whatever the code, an item comes back to the state it was parked from.
    #[test]
    fn unparking_is_the_inverse_of_parking() {
        for code in code::ALL.iter().copied() {
            let state = if code.of_input() { ItemState::Failed } else { ItemState::Held };
            let before = Standing { state, code: Some(code), waits_for_map: code == code::NO_MAP, ..HELD };
            assert_eq!(item(ItemAct::Unpark, &parked(before)), Ok(state), "{code:?}");
        }
    }

    /// Only what did not go on is acted on, and closed once; whatever else is asked of a state is refused.
    #[test]
    fn what_went_on_and_older_attempts_are_left_alone() {
        for act in ItemAct::ALL {
            for &state in ItemState::ALL {
                let allowed = match state {
                    ItemState::Held | ItemState::Failed => act != ItemAct::Unpark,
                    ItemState::Parked => act != ItemAct::Park,
                    _ => false,
                };
                assert_eq!(item(act, &Standing { state, ..HELD }).is_ok(), allowed, "{act:?} {state:?}");
                let old = Standing { state, active: false, ..HELD };
                assert_eq!(item(act, &old), Err("is not the newest attempt"), "{act:?} {state:?}");
            }
        }
    }
}
