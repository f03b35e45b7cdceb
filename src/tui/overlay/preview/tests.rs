//! When a preview may be carried out.

use super::*;
use crate::engine::Verb;

fn preview(what: Bulk, changed: i64) -> Preview {
    let stage = Stage::Ready(Outcome { changed, ..Outcome::default() });
    let (reason, number) = (Entry::default(), Entry::default());
    let what = Proposal::Rows(what, Rows::Filter(String::new()));
    let (focus, counted_with_reason, own_alone, through, asked) = (Focus::Go, false, false, None, None);
    let leaving = Leaving::default();
    Preview {
        what,
        stage,
        reason,
        number,
        focus,
        counted_with_reason,
        own_alone,
        leaving,
        through,
        asked,
        top: 0,
        seen: true,
    }
}

#[test]
fn from_a_thousand_rows_on_their_number_is_typed() {
    assert_eq!(preview(Bulk::Decide(Verb::Certify), 999).obstacle(), None);
    let mut many = preview(Bulk::Decide(Verb::Certify), 1_200);
    for (typed, enough) in [("", false), ("120", false), ("1200", true), ("1,200", true)] {
        many.number.set(typed);
        assert_eq!(many.obstacle().is_none(), enough, "{typed}");
    }
}

#[test]
fn rejecting_takes_a_reason_and_nothing_is_done_to_no_rows() {
    let mut some = preview(Bulk::Decide(Verb::Reject), 3);
    assert!(some.obstacle().is_some_and(|obstacle| obstacle.contains("reason")));
    some.reason.set("wrong source");
    assert_eq!(some.obstacle(), None);
    assert!(preview(Bulk::Decide(Verb::Certify), 0).obstacle().is_some());
}
