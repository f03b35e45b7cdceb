//! What people do all day, with the number of keys that it may take.

use steward::model::Table;
use steward::model::filter::Filter;
use steward::model::query::{Count, Query, Sort};

use steward::tui::event::Event;

use super::harness::Harness;
use super::{LEAST, SMALL, golden, lacks, shows};

/// The keys of a script without texts.
fn keys(script: &str) -> usize {
    script.split_whitespace().count()
}

/// How many ledger entries match.
fn entries(harness: &Harness, filter: &str) -> i64 {
    let query =
        Query { table: Table::Ledger, filter: Filter::parse(Table::Ledger, filter).unwrap(), sort: Sort::OLDEST };
    let Count { n, exact } = harness.reader.count(&query, 100_000).unwrap();
    assert!(exact);
    n
}

#[test]
fn a_group_of_identical_changes_is_certified_in_three_keys_and_taken_back_in_one() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("6");
    let alike = "status:Pending table:contact field:home_state value:CB source:PAYROLL";
    let (group, pending) = (entries(&harness, alike), entries(&harness, "is:pending"));
    assert!(group > 2 && group < pending, "a group among others: {group} of {pending}");
    let certify = "i Shift+Tab Enter";
    assert_eq!(keys(certify), 3);
    shows(harness.keys("i"), &format!("Will change   {group} ledger entries"));
    harness.keys("Esc").keys(certify);
    assert_eq!((entries(&harness, alike), entries(&harness, "is:pending")), (0, pending - group));
    shows(harness.keys("u"), "Took back operation");
    assert_eq!((entries(&harness, alike), entries(&harness, "is:pending")), (group, pending));
}

#[test]
fn stale_values_are_certified_again_by_the_keys_that_certify() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("6 v 3");
    let (stale, in_all) = (entries(&harness, "is:stale"), entries(&harness, "is:certified"));
    assert!(stale > 1, "{stale}");
    shows(harness.keys("c"), "Recertified LED-");
    assert_eq!(entries(&harness, "is:stale"), stale - 1);
    shows(harness.keys("C"), &format!("Will change   {} ledger entries", stale - 1));
    harness.keys("Shift+Tab Enter");
    assert_eq!((entries(&harness, "is:stale"), entries(&harness, "is:certified")), (0, in_all));
    harness.keys("u u");
    assert_eq!(entries(&harness, "is:stale"), stale);
}

#[test]
fn an_entry_is_rejected_with_a_listed_reason_in_two_keys_and_taken_back_in_one() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("6");
    let pending = entries(&harness, "is:pending");
    let reject = "r 2";
    assert_eq!(keys(reject), 2);
    shows(harness.keys(reject), "Rejected LED-");
    assert_eq!(entries(&harness, "is:pending"), pending - 1);
    assert_eq!(entries(&harness, "is:rejected reason:\"The value is out of date.\""), 1);
    shows(harness.keys("u"), "Took back operation");
    assert_eq!(entries(&harness, "is:pending"), pending);
    // A reason of one's own may hold digits.
    harness.keys("r 'see form 27' Enter");
    assert_eq!(entries(&harness, "is:rejected reason:\"see form 27\""), 1);
    // Certified entries have reasons of their own.
    shows(harness.keys("v 2 d"), "It was certified by mistake.");
    shows(harness.keys("9"), "Another: 9");
}

#[test]
fn an_error_group_is_retried_by_way_of_the_preview_in_three_keys() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("W");
    let retry = "T Shift+Tab Enter";
    assert_eq!(keys(retry), 3);
    shows(harness.keys("T"), "Retry: check before you commit");
    shows(harness.keys("Esc").keys(retry), "Retried ");
    shows(harness.keys("Esc u"), "Took back operation");
}

#[test]
fn a_record_is_found_from_a_fragment_of_its_key_in_its_letters_and_two() {
    // From home, where one begins, and from any pane whose rows have the key.
    for begin in ["0", "1"] {
        let mut harness = Harness::demo(SMALL);
        harness.keys(begin);
        let before = harness.text();
        shows(harness.keys("/ '10217' Enter"), "Record");
        shows(&harness, "E-10217");
        shows(harness.keys("Esc"), "Filter: 10217");
        if begin == "0" {
            shows(harness.keys("Backspace"), "NEEDS ATTENTION");
            assert_eq!(harness.text(), before);
        }
    }
}

#[test]
fn a_code_is_mapped_from_its_item_and_taken_back_in_one_key() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("5 f 'code:ST020 raw:Time/Mat.' Enter");
    let before = harness.text();
    let (there, mended) = ("w", "m Enter");
    assert!(keys(there) == 1 && keys(mended) <= 3);
    shows(harness.keys(there), "[2 Value Maps]");
    shows(harness.keys(mended), "released");
    shows(harness.keys("u"), "Took back operation");
    assert_eq!(harness.keys("Backspace").text(), before);
}

#[test]
fn who_may_not_decide_is_not_offered_the_group() {
    let mut harness = Harness::demo(SMALL);
    harness.app.person.roles = "auditor".into();
    lacks(harness.keys("6"), "i alike");
    shows(harness.keys("i"), "i takes the role reviewer or admin; yours: auditor.");
}

#[test]
fn what_an_undo_brings_back_to_the_beginning_of_a_list_is_in_sight() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("6");
    let first = |harness: &Harness| harness.text().lines().nth(5).unwrap()[2..].to_string();
    let before = first(&harness);
    assert_ne!(first(harness.keys("c")), before);
    assert_eq!(first(harness.keys("u")), before);
}

#[test]
fn many_are_rejected_revoked_and_set_aside_with_a_listed_reason_in_one_more_key() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("6 Space Space R");
    golden("reasons", &harness);
    shows(harness.keys("Shift+Tab Enter"), "A reason is needed");
    shows(harness.keys("2"), "[> Reject 2 <]");
    // Another digit is another reason, until the number is typed.
    shows(harness.keys("3 Enter"), "Rejected 2 ledger entries");
    assert_eq!(entries(&harness, "is:rejected reason:\"It belongs to another record.\""), 2);
    harness.keys("u g Space Space R Tab 'see form 27' Tab Enter");
    assert_eq!(entries(&harness, "is:rejected reason:\"see form 27\""), 2);
    // A digit is none of a number's.
    let certified = entries(&harness, "is:certified");
    shows(harness.keys("u v 2 Ctrl+A D 5"), "Revoke");
    if certified >= 1000 {
        shows(harness.keys("1"), "rows will change [ 1");
    }
    harness.keys("Esc 5 f Ctrl+U 'is:held' Enter Space Space Z");
    // Where there is no room for the reasons, a digit shows them first.
    harness.send(Event::Resize(LEAST.0, LEAST.1));
    lacks(&harness, "The source is to correct it.");
    golden("reasons_least", harness.keys("1"));
    shows(harness.keys("1 Enter"), "Parked 2 items");
    let reason = harness.reader.operations(None, 1).unwrap()[0].reason.clone();
    assert_eq!(reason.as_deref(), Some("The source is to correct it."));
}

/// What was done before one came is not taken back by a key that was pressed once too often.
#[test]
fn only_what_was_done_here_is_undone_by_a_key() {
    let nothing = "Nothing that was done here is left to take back. U shows what was before.";
    let mut harness = Harness::demo(SMALL);
    let before = harness.rows_of_log();
    shows(harness.keys("u"), nothing);
    shows(harness.keys("6 u"), nothing);
    shows(harness.keys("M u"), nothing);
    assert_eq!(harness.rows_of_log(), before);
    shows(harness.keys("Esc 6 c c u"), "Took back operation");
    shows(harness.keys("u"), "Took back operation");
    shows(harness.keys("u"), nothing);
    // What the history takes back is not there any more, either.
    shows(harness.keys("c U u"), "Took back operation");
    shows(harness.keys("Esc u"), nothing);
}

/// The footer says what a key does to the row under the cursor, and not what it does elsewhere.
#[test]
fn words_of_keys_follow_the_row() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("6 v 2"), "d revoke");
    shows(harness.keys("1"), "d retire");
    lacks(&harness, "d revoke");
    harness.keys("5 v 3");
    shows(&harness, "z park");
    shows(harness.keys("z"), "Parked ITM-");
}

/// Keys that come faster than the disk are acts all the same, each about the row that the cursor was on.
#[test]
fn acts_that_come_while_another_is_written_follow_it() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("6");
    let before = entries(&harness, "is:pending");
    harness.hold_writes = true;
    harness.keys("c Down c Down c");
    assert_eq!(entries(&harness, "is:pending"), before);
    harness.release_writes();
    assert_eq!(entries(&harness, "is:pending"), before - 3);
    // An undo takes back what was done last by the time it comes to it.
    harness.hold_writes = true;
    harness.keys("c u u");
    harness.release_writes();
    assert_eq!(entries(&harness, "is:pending"), before - 2);
    // What takes longer is not waited for in silence.
    harness.keys("C Shift+Tab");
    harness.hold_writes = true;
    harness.keys("Enter Esc c");
    shows(&harness, "is still going on; Ctrl+C stops it.");
}
