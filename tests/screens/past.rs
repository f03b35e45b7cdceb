//! History that is searched, and operations that open into their rows.

use super::harness::Harness;
use super::{LARGE, SMALL, golden, lacks, shows};

#[test]
fn history_is_found_by_words_people_kinds_tables_and_rows() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 c c U");
    shows(&harness, "Certified LED-0000003: contract FPDS:W15-0002 Vendor 'Vendor 02 LLC'");
    for (typed, found, not) in [
        ("policies", "Imported 3 policies", "Certified"),
        ("kind:certify", "Certified LED-0000001", "Imported"),
        ("by:nobody", "No operation matches.", "Imported"),
        ("table:commit-policies", "Imported 3 policies", "Certified"),
        ("LED-0000001", "Certified LED-0000001", "LED-0000003"),
        ("until:2026-11-21", "No operation matches.", "Imported"),
        ("since:2026-11-22 kind:import", "Imported 1 binding", "Certified"),
    ] {
        let script = format!("/ '{typed}'");
        shows(harness.keys(&script), found);
        lacks(&harness, not);
        shows(&harness, "Find: ");
        // What is found stays, until Esc shows all again.
        lacks(harness.keys("Enter"), "Find: ");
        shows(&harness, "History, found by");
        shows(harness.keys("Esc"), "History: every operation, the newest first");
    }
    // Letters are letters while one types, and what cannot be read is said.
    shows(harness.keys("/ 'qu table:x'"), "There is no table x; there are identifiers");
    shows(harness.keys("Esc Esc"), "[6 Ledger]");
}

#[test]
fn an_operation_opens_into_its_rows_and_a_row_is_gone_to() {
    for (size, name) in [(SMALL, "operation_rows"), (LARGE, "operation_rows_large")] {
        let mut harness = Harness::agency(size);
        golden(name, harness.keys("6 c U Enter"));
        shows(&harness, "Pending → Certified");
        shows(&harness, "contract FPDS:W15-0001 Vendor");
        shows(harness.keys("Enter"), "LED-0000001");
        shows(harness.keys("Backspace"), "Operation 8: 2 rows");
        shows(harness.keys("Esc"), "History: every operation");
        // What was made is told as such.
        shows(harness.keys("Down Enter"), "made");
    }
}
