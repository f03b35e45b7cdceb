//! What people may do to a ledger entry, and what becomes of it (engine.md, "What people do").
//!
//! Only the entry's own state is judged here. Roles, four eyes, reasons and what follows for the current value are the
//! engine's.

use crate::model::choice::LedgerStatus;

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
}
