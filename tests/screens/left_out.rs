//! Suggestions that are accepted all at once, but for those that a person leaves out.

use super::harness::Harness;
use super::map::decided;
use super::{SMALL, golden, shows};

#[test]
fn single_suggestions_are_left_out_of_a_bulk_acceptance_and_the_numbers_follow() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("M A Enter"), "4 codes: 26 items released");
    // The cursor stands on the second one.
    shows(harness.keys("Tab Down Space"), "[ ] 0.90  ffp");
    shows(&harness, "3 codes: 23 items released");
    golden("codes_left_out", &harness);
    shows(harness.keys("Up Space"), "4 codes: 26 items released");
    // While it is counted another one is left out: the numbers are those without it.
    harness.hold_writes = true;
    shows(harness.keys("Up Space Up Up Space"), "counting…");
    shows(harness.keys("Tab Enter"), "The numbers are not there yet.");
    harness.release_writes();
    shows(&harness, "2 codes: ");
    shows(harness.keys("Enter"), "Decided 2 codes");
    assert_eq!(decided(&harness, "FPDS", "FFP"), "Proposed  equal");
    assert_eq!(decided(&harness, "LEGACY", "ffp"), "Proposed  equal");
    assert_eq!(decided(&harness, "FPDS", "CPFF"), "Active U equal");
    let reason = harness.reader.operations(None, 1).unwrap()[0].reason.clone();
    assert_eq!(reason.as_deref(), Some("Suggestions from 0.90 on accepted, 2 codes left out"));
    // Nothing is left to do where all are left out.
    harness.keys("u A Enter Tab Space Space Space Space Tab Enter");
    shows(&harness, "No row would change.");
}
