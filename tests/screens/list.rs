//! Lists as a person arranges them: columns, views, marks, copies, exports, filters.

use std::sync::mpsc::channel;

use steward::engine::{Command, Import, ImportRow};
use steward::model::Table;
use steward::model::query::Query;
use steward::tui::Options;
use steward::tui::app::{App, Person};
use steward::tui::event::Event;
use steward::tui::export::{self, Exports, What};
use steward::tui::read::Chosen;
use steward::tui::theme::Theme;
use steward::tui::zone::Zone;

use crate::harness::{self, Harness};
use crate::{LARGE, LEAST, SMALL, golden, lacks, shows};

fn heading(harness: &Harness) -> String {
    harness.text().lines().nth(4).unwrap_or_default().to_string()
}

#[test]
fn columns_are_hidden_shown_moved_and_given_a_width() {
    let mut harness = Harness::agency(SMALL);
    golden("columns_choice", harness.keys("6 |"));
    golden("columns_choice_least", Harness::agency(LEAST).keys("5 |"));
    golden("columns_choice_large", Harness::agency(LARGE).keys("5 | Down"));
    // The second column goes, the third comes before the first, and that one gets four cells more.
    harness.keys("Down Space < - - + + + + Enter");
    golden("columns_changed", &harness);
    let changed = heading(&harness);
    // The cursor's column, sorting and copying go by what is shown.
    shows(harness.keys("g Right Right"), "column ");
    assert_eq!(heading(harness.keys("5 6")), changed);
    assert_eq!(harness.state.columns.keys().collect::<Vec<_>>(), ["ledger"]);
    shows(harness.keys("|"), "wide");
    harness.keys("Ctrl+R Esc");
    assert_eq!(heading(&harness), changed, "left as it was");
    harness.keys("| Ctrl+R Enter");
    assert_ne!(heading(&harness), changed);
    assert!(harness.state.columns.is_empty(), "as described is nothing to remember");
}

#[test]
fn the_last_column_stays() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 | Space Space Space Space Space Space Space Space Space Space Space Space Space Space Space Enter");
    assert!(!heading(&harness).trim().is_empty());
    shows(harness.keys("Right Right s |"), "1 of ");
}

#[test]
fn what_is_listed_is_saved_as_a_view_renamed_and_deleted() {
    let mut harness = Harness::agency(SMALL);
    golden("views", harness.keys("6 v"));
    shows(harness.keys("s Enter"), "A name is needed");
    shows(harness.keys("'Pending' Enter"), "Pending is a built-in view");
    harness.keys("Esc Esc f Ctrl+U 'source:LEGACY' Enter | Down Space Enter v s");
    golden("views_name", harness.keys("'Old ones'"));
    shows(harness.keys("Enter"), "Saved as the view Old ones; v lists it.");
    shows(&harness, "View: Old ones (v)   Filter: source:LEGACY");
    // Built-in views come with the table's columns, this one with its own.
    let with_columns = heading(harness.keys("| Space Enter"));
    assert_ne!(heading(harness.keys("v 1")), with_columns);
    golden("views_own", harness.keys("v End Down Down Down Down Down Down Down Down"));
    shows(harness.keys("Enter"), "View: Old ones");
    assert_eq!(heading(&harness), with_columns);
    shows(harness.keys("v s Enter"), "Enter again takes its place");
    shows(harness.keys("Enter"), "Saved as the view Old ones");
    shows(harness.keys("v r Ctrl+U 'Legacy' Enter Esc"), "View: Legacy (v)");
    assert_eq!(harness.state.views[0].name, "Legacy");
    shows(harness.keys("v d"), "d again deletes the view");
    lacks(harness.keys("Up Down"), "d again deletes");
    shows(harness.keys("d d Esc"), "View: your own (v)   Filter: source:LEGACY");
    assert!(harness.state.views.is_empty());
}

#[test]
fn views_are_found_by_their_words_among_the_commands() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 f Ctrl+U 'source:LEGACY' Enter : 'save filter' Enter 'Old ones' Enter v 1");
    golden("palette_views", harness.keys(": 'old ones'"));
    shows(harness.keys("Enter"), "View: Old ones (v)");
    shows(harness.keys(": 'view certified' Enter"), "View: Certified");
}

#[test]
fn columns_and_views_come_back_and_those_of_another_version_are_no_trouble() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 | Space Enter f Ctrl+U 'source:LEGACY' Enter v s 'mine' Enter");
    let columns = heading(&harness);
    let mut state = harness.state.clone();
    state.left = harness.app.left();
    let mut broken = state.views[0].clone();
    (broken.name, broken.filter) = ("x\u{1b}[2J\u{202e}".into(), "nonsense:1".into());
    state.views.push(broken);
    let options = Options { state, ..Options::plain(Theme::default(), Zone::fixed(0)) };
    let person = Person { login: "druiz".into(), roles: "steward".into() };
    harness.app = App::new("agency.db".into(), person, &options, SMALL);
    harness.send(Event::StoreChanged);
    harness.keys("6");
    // How wide they are, and so how many fit, goes by what is listed.
    let now = heading(&harness);
    let same = columns.split_whitespace().zip(now.split_whitespace()).take_while(|(before, now)| before == now).count();
    assert!(same > 4 && !now.contains("Entry"), "{columns}\n{now}");
    shows(harness.keys("0 G Enter"), "View: mine (v)   Filter: source:LEGACY");
    shows(harness.keys("v Down"), "x⟨U+001B⟩[2J⟨U+202E⟩");
    shows(harness.keys("Enter"), "This view cannot be read any more.");
}

#[test]
fn a_range_is_marked_and_taken_back_by_going_back() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("6 Space Down Shift+Down Shift+Down"), "4 marked");
    golden("range", &harness);
    shows(harness.keys("Shift+Up"), "3 marked");
    // A range begun anew adds to what is marked, in both directions.
    shows(harness.keys("Down Down Down Shift+Up"), "5 marked");
    shows(harness.keys("X Shift+PgDn"), "8 marked");
    shows(harness.keys("X g Shift+End"), "24 marked");
    shows(harness.keys("Shift+Home"), "1 marked");
    // A rule is given up for a range.
    shows(harness.keys("Ctrl+A Shift+Down"), "2 marked");
    shows(harness.keys("C"), "the 2 rows you marked");
}

#[test]
fn a_range_is_not_lost_where_its_beginning_is_out_of_memory() {
    let mut harness = Harness::agency(LEAST);
    harness.keys("5 v 5 p");
    for _ in 0..79 {
        harness.keys("Shift+Down");
    }
    shows(&harness, "80 marked");
}

#[test]
fn rows_are_copied_with_a_header_and_without_formulas() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 Down Down Down");
    shows(harness.keys("Y"), "1 row copied with a header, for a spreadsheet.");
    let text = harness.copied.pop().unwrap();
    let lines: Vec<&str> = text.split('\n').collect();
    assert!(lines[0].starts_with("Ledger ID\tLedger Status\tExternal Key\tAspect Key\tValue\t"), "{text}");
    assert!(lines[1].starts_with("LED-0000007\tPending\tW15-0004\tVendor\t\"Two"), "{text}");
    // Marked rows come in the order of the listing, with the columns that are shown.
    harness.keys("G Space Up Up Space | Down Space Enter Y");
    let text = harness.copied.pop().unwrap();
    assert!(text.starts_with("Ledger ID\tExternal Key\t"), "{text}");
    let names: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert!(names.len() == 2 && names == sorted, "{text}");
    formula(&mut harness);
    harness.keys("X 1 v 1 g Y");
    assert!(harness.copied[0].contains("\t'=cmd|x\t"), "{}", harness.copied[0]);
}

#[test]
fn a_copy_is_as_long_as_a_terminal_takes_and_says_so() {
    let mut harness = Harness::agency(SMALL);
    // Text of 4,000 characters each, and more of it than there is room for.
    let long = |n: usize| vec![("Person", format!("L-{n}")), ("Mail", "y".repeat(4000))];
    let records = (0..30).map(long).collect();
    harness::ingest(&mut harness.engine, "HR", "contact", "Person", "some-longer.csv", records);
    harness.send(Event::StoreChanged);
    shows(harness.keys("6 f Ctrl+U 'value~yyyy' Enter Ctrl+A Y"), "Only the first 17 rows copied");
    assert!(harness.copied[0].len() <= 74_000);
}

/// An identifier whose key a spreadsheet would run.
fn formula(harness: &mut Harness) {
    let fields = [("external_key", "=cmd|x"), ("source_system_key", "FPDS"), ("target_table", "contract")];
    let fields = fields.map(|(name, text)| (name.to_string(), text.to_string())).into();
    harness.elsewhere(&Command::Import { into: Import::Identifiers, rows: vec![ImportRow { line: 0, fields }] });
}

#[test]
fn a_listing_is_exported_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let path = path.to_str().unwrap();
    let mut harness = Harness::agency(SMALL);
    formula(&mut harness);
    golden("export", harness.keys("1 v 1 x"));
    golden("export_least", Harness::agency(LEAST).keys("6 Ctrl+A x Tab"));
    harness.keys("Ctrl+U");
    harness.send(Event::Paste(path.into()));
    shows(harness.keys("Enter"), "Exported 30 rows to ");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("id,identifier_id,external_key,") && text.contains(",'=cmd|x,"), "{text}");
    assert_eq!(text.lines().count(), 31);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // A file that is there is not written over without a second press.
    harness.keys("Space Space x Ctrl+U");
    harness.send(Event::Paste(path.into()));
    shows(harness.keys("Enter"), "There is such a file already: Enter again writes over it.");
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    shows(harness.keys("Enter"), "Exported 2 rows to ");
    assert_eq!(std::fs::read_to_string(path).unwrap().lines().count(), 3);
    // NDJSON by the ending, every text as it is stored.
    harness.keys("X x Ctrl+U");
    harness.send(Event::Paste(path.into()));
    harness.keys("Tab Enter");
    let text = std::fs::read_to_string(folder.path().join("out.ndjson")).unwrap();
    assert!(text.contains("\"external_key\":\"=cmd|x\"") && text.lines().count() == 30, "{text}");
    // Stopped, or with nowhere to write, it leaves nothing behind.
    harness.stop_exports = true;
    harness.keys("x Ctrl+U");
    harness.send(Event::Paste(folder.path().join("stopped.csv").to_str().unwrap().into()));
    shows(harness.keys("Enter"), "Stopped: no file was written.");
    harness.stop_exports = false;
    harness.keys("x Ctrl+U");
    harness.send(Event::Paste(folder.path().join("no/such.csv").to_str().unwrap().into()));
    shows(harness.keys("Enter"), "Its folder does not exist.");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// On its thread an export tells how far it is, and is stopped with its draft when the workbench ends.
#[test]
fn an_export_runs_beside_the_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = Harness::agency(SMALL);
    let (sink, events) = channel();
    let mut exports = Exports::new(harness.store(), move |event| drop(sink.send(event)));
    let job = |ticket, name: &str| export::Job {
        ticket,
        chosen: Chosen { query: Query::all(Table::SyncItems), ids: None },
        path: folder.path().join(name).to_str().unwrap().into(),
        overwrite: false,
    };
    exports.start(job(1, "items.csv"));
    loop {
        match events.recv().unwrap() {
            Event::Export(told) => match told.what {
                What::Done(rows, _) => break assert_eq!((told.ticket, rows), (1, 81)),
                What::Begun | What::Rows(_) => {}
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
    exports.start(job(2, "other.csv"));
    drop(exports);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "items.csv" || name == "other.csv"), "{left:?}");
    // While one goes on, the workbench is not quit and another is not begun.
    harness.app.desk.export(|ticket| job(ticket, "third.csv"));
    harness.app.desk.take_effects();
    shows(harness.keys("6"), "Exporting: 0 rows so far… Ctrl+C stops it.");
    shows(harness.keys("q"), "Exporting is still going on");
    shows(harness.keys("x Enter"), "Another export is still going on");
}

#[test]
fn a_filter_is_filled_in_field_by_field() {
    let mut harness = Harness::agency(SMALL);
    golden("filter_form", harness.keys("6 f"));
    golden("filter_form_least", Harness::agency(LEAST).keys("6 f Down Down Down 'x'"));
    golden("filter_form_large", Harness::agency(LARGE).keys("5 f Down Down Down 'con' Tab"));
    // A choice, a name that the store knows, and two of them.
    harness.keys("Ctrl+U Down");
    while !harness.text().contains("> Source System Key") {
        harness.keys("Down");
    }
    shows(harness.keys("'fp'"), " Tab FPDS");
    golden("filter_form_completed", harness.keys("Tab ',leg' Tab"));
    shows(&harness, "Filter: source:FPDS,LEGACY");
    while !harness.text().contains("> Ledger Status") {
        harness.keys("Up");
    }
    shows(harness.keys("Tab Tab"), "status:Certified");
    shows(harness.keys("Shift+Tab"), "status:Pending");
    shows(harness.keys("Enter"), "Filter: source:FPDS,LEGACY status:Pending");
    // What is wrong with a field stands below it; the line above shows the same filter.
    harness.keys("f Down");
    while !harness.text().contains("> Created On") {
        harness.keys("Down");
    }
    golden("filter_form_problem", harness.keys("'>soon'"));
    shows(&harness, "! created_on is a date like 2026-11-22");
    shows(harness.keys("Enter"), "is a date like");
    shows(harness.keys("Ctrl+U '>2020' Enter f"), "status:Pending created>2020");
    harness.keys("Esc");
    // In the line of text names and values are completed, too.
    shows(harness.keys("f Ctrl+U 'sou' Tab"), "Filter: source:");
    shows(harness.keys("'h' Tab Enter"), "Filter: source:HR ");
    shows(harness.keys("f Ctrl+U 'x' Esc"), "Filter: source:HR ");
}

/// The budget: the fragment's letters and two keys more. The list follows each letter; the one that is left is opened.
#[test]
fn a_record_is_found_by_a_fragment_of_its_key_in_two_keys_more() {
    for (fragment, found) in [("5-0017", "FPDS:W15-0017"), ("15-0024", "FPDS:W15-0024"), ("OLD-2", "LEGACY:OLD-2")] {
        let mut harness = Harness::agency(SMALL);
        harness.keys("1");
        let letters: Vec<String> = fragment.chars().map(|letter| letter.to_string()).collect();
        let script: Vec<&str> =
            std::iter::once("/").chain(letters.iter().map(String::as_str)).chain(["Enter"]).collect();
        assert_eq!(script.len(), fragment.len() + 2);
        let (last, typed) = script.split_last().unwrap();
        shows(harness.keys(&typed.join(" ")), "1 of 29 rows");
        shows(harness.keys(last), &format!("Record contract {found}"));
        // Where several are left, Enter keeps them, and n goes through them.
        shows(harness.keys("Esc f Ctrl+U Enter / 'W15' Enter n"), "Row 2 of 24");
    }
}

#[test]
fn a_row_is_added_in_a_form_that_checks_and_completes() {
    let mut harness = Harness::agency(SMALL);
    golden("add_map", harness.keys("2 a"));
    golden("add_map_least", Harness::agency(LEAST).keys("2 a Tab 'con'"));
    shows(harness.keys("Ctrl+S"), "Code List has to be given.");
    // A known source and list are chosen, and the codes are those of the list.
    harness.keys("Shift+Tab 'fp' Down Enter 'contr' Down Enter 'NEW' Tab Tab 'firm'");
    golden("add_map_codes", &harness);
    shows(harness.keys("Down Enter Ctrl+S"), "Imported 1 value map, MAP-0000005");
    shows(harness.keys("v 2"), "NEW");
    // The same again is no row more, and the draft stays.
    harness.keys("a 'FPDS' Tab 'contract_type' Tab 'NEW' Tab Tab 'J'");
    shows(harness.keys("Ctrl+S"), "there already");
    shows(&harness, "Add: value map");
    shows(harness.keys("Shift+Tab Shift+Tab Ctrl+U Ctrl+S"), "Source Code has to be given.");
    shows(harness.keys("Esc"), "not saved: Esc again drops them");
    // Identifiers and policies; ledger entries come from deliveries alone.
    shows(harness.keys("Esc 1 a 'HR' Tab 'P-77' Tab 'contact' Ctrl+S"), "Imported 1 identifier");
    harness.keys("3 a 'contact' Tab 'Mail' Tab Right Tab Right Right Tab Tab 'soon'");
    golden("add_policy", &harness);
    // The cursor is on what was added.
    shows(harness.keys("Ctrl+U '30' Ctrl+S"), "Imported 1 policy, POL-0000004");
    shows(&harness, "> + POL-0000004 contact  Mail");
    // One that is there already is not emptied by what the form leaves out.
    shows(harness.keys("a 'contact' Tab 'Mail' Ctrl+S"), "POL-0000004 is the policy of this table and field already");
    shows(harness.keys("Esc Esc 6 a"), "a does nothing here");
    shows(harness.keys("3 u"), "Took back operation");
}

#[test]
fn a_policy_is_edited_unless_somebody_changed_it_meanwhile() {
    let mut harness = Harness::agency(SMALL);
    golden("edit_policy", harness.keys("3 E"));
    shows(harness.keys("Tab Tab 'HR >' Ctrl+S"), "Authoritative Sources: A source is missing");
    // Saved from elsewhere, the cursor goes to the field that is wrong.
    shows(harness.keys("Tab Tab Tab Ctrl+S"), "Authoritative Sources: A source is missing");
    shows(harness.keys("Ctrl+U 'HR' Tab '45' Ctrl+S"), "Edited POL-0000003 (Authoritative Sources \"HR\", Stale");
    shows(&harness, "45");
    // The form says who changed the row, and when; the draft stays.
    harness.keys("E Tab Tab Tab Ctrl+U '60'");
    let changes = [("stale_after_days".to_string(), "90".to_string())].into();
    let row = harness.reader.row(Table::CommitPolicies, 3).unwrap().unwrap();
    let row_version = row.int("row_version").unwrap();
    harness.elsewhere(&Command::EditPolicy { id: 3, row_version, changes });
    shows(harness.keys("Ctrl+S"), "POL-0000003 was changed by druiz at 2026-11-22 09:14 UTC meanwhile");
    shows(&harness, "60");
    // It shows what the row holds by now, so that one can go on, and what was typed is saved if it is meant still.
    shows(&harness, "was 90");
    shows(harness.keys("Ctrl+S"), "Edited POL-0000003 (Stale After Days \"60\"); what it decided");
    shows(&harness, "60");
    // Only who may state policies is offered that.
    harness.app.person.roles = "steward".into();
    shows(harness.keys("E"), "E does nothing here");
    shows(harness.keys("a"), "a does nothing here");
    shows(harness.keys("2 a"), "Add: value map");
}

/// Names, values and paths of any kind reach these screens as visible marks alone.
#[test]
fn hostile_text_stays_text_in_lists_and_forms() {
    let mut harness = Harness::agency(LARGE);
    let text = "x\u{1b}[2J\u{9b}1m\u{202e}y\u{200b}\u{7}z";
    let fields = ["source_system_key", "source_code", "source_label"].map(|name| (name.to_string(), text.to_string()));
    let mut fields: std::collections::BTreeMap<_, _> = fields.into();
    fields.insert("code_list".into(), "contract_type".into());
    harness.elsewhere(&Command::Import { into: Import::ValueMaps, rows: vec![ImportRow { line: 1, fields }] });
    for script in [
        "2 v 6 g |", "Esc = f", "Down Down Down Down 'x'", "Tab", "Tab", "Esc v s", "Esc Esc a 'x'", "Down", "Enter",
        "Esc Esc x", "Ctrl+U",
    ] {
        harness.keys(script);
        if script == "Ctrl+U" || script.ends_with('s') {
            harness.send(Event::Paste(format!("/nowhere/{text}")));
            harness.keys("Enter");
        }
        let shown = harness.text();
        let acting =
            |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
        assert!(!shown.contains(acting), "{script}\n{shown}");
    }
    shows(&harness, "x⟨U+001B⟩[2J");
}
