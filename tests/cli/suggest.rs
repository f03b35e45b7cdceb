//! suggest, map --file, families, bind --suggest, map-history and retire.

use serde_json::Value as Json;

use crate::harness::{Bench, text};

/// A store with a list of contract types and a delivery of codes in many spellings.
fn contracts() -> Bench {
    let bench = Bench::new();
    bench.file("types.csv", "code,label\nJ,Firm Fixed Price\nY,Time and Materials\nU,Cost Plus Fixed Fee\n3,Other\n");
    bench.file("bindings.csv", "target_table,field_name,code_list\ncontract,type,contract_type\n");
    bench.file(
        "contracts.csv",
        "id,type,agency\n1,FFP,NASA\n2,FFP,DOE\n3,Firm Fixed Price,DOE\n4,FIRM-FIXED PRICE,NASA\n5,T&amp;M,NASA\n\
         6,Firm Fixed Prise,DOE\n7,TBD,DOE\n8,IDIQ,NASA\n",
    );
    bench.run(&["import", "codes", "types.csv", "--list", "contract_type"]).ok();
    bench.run(&["import", "bindings", "bindings.csv"]).ok();
    bench.run(&["ingest", "contracts.csv", "--source", "FPDS", "--table", "contract", "--key", "id"]).ok();
    bench
}

fn first(answer: &Json) -> (&str, f64) {
    let best = &answer["candidates"][0];
    (best["code"].as_str().unwrap_or_default(), best["score"].as_f64().unwrap_or_default())
}

#[test]
fn a_label_is_answered_with_code_label_score_and_reason() {
    let bench = contracts();
    let ran = bench.run(&["suggest", "--list", "Contract_Type", "--label", "T&M: Time & Materials", "--json"]).ok();
    let answer = ran.json();
    assert_eq!(text(&answer, "label"), "T&M: Time & Materials");
    let best = &answer["candidates"][0];
    assert_eq!((text(best, "code"), text(best, "label")), ("Y", "Time and Materials"));
    assert_eq!(text(best, "reason"), "same words with their abbreviation");
    assert!(best["score"].as_f64().is_some_and(|score| (0.9..=1.0).contains(&score)));
    let unsure = bench.run(&["suggest", "--list", "contract_type", "--label", "other", "--json"]).ok().json();
    assert!(first(&unsure).1 < 0.9, "{unsure}");
    let one =
        bench.run(&["suggest", "--list", "contract_type", "--label", "fixed", "--json", "--top", "1"]).ok().json();
    assert_eq!(one["candidates"].as_array().map(Vec::len), Some(1));
    bench.run(&["suggest", "--list", "contract_type", "--label", "fixed", "--top", "0"]).misused(&["--top", "0"]);
    let people = bench.run(&["suggest", "--list", "contract_type", "--label", "CPFF"]).ok();
    assert!(people.out.contains("U  Cost Plus Fixed Fee  (abbreviation of Cost Plus Fixed Fee)"), "{people:?}");
    bench
        .run(&["suggest", "--list", "contract_typ", "--label", "x"])
        .refused(&["contract_typ", "Did you mean contract_type?"]);
    bench.run(&["suggest", "--list", "contract_type"]).misused(&["--label"]);
}

#[test]
fn a_file_of_labels_is_answered_line_by_line() {
    let bench = contracts();
    bench.file("labels.csv", "nr,text\nJ,firm fixed price\n,\nzz,CPFF\n");
    let args = ["suggest", "--list", "contract_type", "--file", "labels.csv", "--json", "--label-column"];
    let answers = bench.run(&[&args[..], &["TEXT", "--code-column", "nr"]].concat()).ok().lines();
    assert_eq!(answers.iter().map(|answer| first(answer).0).collect::<Vec<_>>(), ["J", "", "U"]);
    assert_eq!((text(&answers[0], "code"), &answers[1]["label"]), ("J", &Json::Null));
    bench.run(&[&args[..], &["txet"]].concat()).refused(&["labels.csv", "txet", "text"]);
    bench.file("bad.csv", "text\na,b\n");
    bench
        .run(&["suggest", "--list", "contract_type", "--file", "bad.csv", "--label-column", "text"])
        .refused(&["Line 2"]);
}

#[test]
fn what_people_decided_is_suggested_and_no_match_is_told_apart() {
    let bench = contracts();
    bench.run(&["map", "FPDS", "contract_type", "IDIQ", "3"]).ok();
    let answer = bench.run(&["suggest", "--list", "contract_type", "--label", "idiq", "--json"]).ok().json();
    assert_eq!(first(&answer).0, "3");
    assert_eq!(text(&answer["candidates"][0], "reason"), "decided so 1 time before: IDIQ");
    bench.run(&["undo"]).ok();
    let answer = bench.run(&["suggest", "--list", "contract_type", "--label", "idiq", "--json"]).ok().json();
    assert!(first(&answer).1 < 0.5, "{answer}");
}

#[test]
fn a_file_of_decisions_maps_all_its_codes() {
    let bench = contracts();
    bench.file(
        "decisions.csv",
        "source_system_key,code_list,source_code,canonical_code_value,relationship\n\
         FPDS,contract_type,FFP,J,equal\nFPDS,contract_type,IDIQ,3,inexact\n",
    );
    let dry = bench.run(&["map", "--file", "decisions.csv", "--dry-run", "--json"]).ok().json();
    assert_eq!((&dry["changed"], &dry["released"]), (&2.into(), &3.into()));
    assert_eq!(bench.rows("value-maps", "is:active state:Active").len(), 0);
    let real = bench.run(&["map", "--file", "decisions.csv", "--json"]).ok().json();
    assert_eq!((&real["changed"], &real["released"]), (&2.into(), &3.into()));
    let map = &bench.rows("value-maps", "code:IDIQ")[0];
    assert_eq!((text(map, "canonical_code_value"), text(map, "relationship")), ("3", "inexact"));
    bench.file("wrong.csv", "code_list,source_code,canonical_code_value\ncontract_type,TBD,Q\n");
    bench.run(&["map", "--file", "wrong.csv"]).refused(&["wrong.csv", "Line 2", "Q"]);
    bench.file("short.csv", "code_list,source_code\ncontract_type,TBD\n");
    bench.run(&["map", "--file", "short.csv"]).refused(&["canonical_code_value"]);
    bench.run(&["map", "FPDS", "contract_type", "TBD"]).misused(&["CANONICAL"]);
    bench.assert_sound();
}

#[test]
fn families_of_waiting_codes_are_listed_by_their_items() {
    let bench = contracts();
    let family = bench.run(&["families", "--list", "contract_type", "--json"]).ok().json();
    let codes = |family: &Json| {
        let members = family["members"].as_array().cloned().unwrap_or_default();
        members.iter().map(|member| text(member, "source_code").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&family), ["Firm Fixed Price", "FIRM-FIXED PRICE"]);
    assert_eq!(family["waiting"], 2);
    let near = bench.run(&["families", "--list", "contract_type", "--method", "nearest", "--json"]).ok().json();
    assert_eq!(codes(&near), ["Firm Fixed Price", "FIRM-FIXED PRICE", "Firm Fixed Prise"]);
    let people = bench.run(&["families", "--list", "contract_type"]).ok();
    assert!(people.out.starts_with("2 spellings, 2 items\n"), "{people:?}");
    bench.run(&["families", "--list", "contract_type", "--method", "soundex"]).misused(&["soundex", "fingerprint"]);
}

#[test]
fn what_came_before_a_field_was_bound_is_read_by_its_codes_when_asked_to() {
    let bench = contracts();
    bench.file("agencies.csv", "code,label\nN,NASA\nD,DOE\n");
    bench.run(&["import", "codes", "agencies.csv", "--list", "agencies"]).ok();
    let bound = bench.run(&["bind", "Contract", "AGENCY", "agencies", "--source", "fpds"]).ok();
    let hint = "values of Contract.AGENCY came before, not through this list. What it makes of them: \
                steward reevaluate codes Contract AGENCY --dry-run";
    assert!(bound.err.contains(hint), "{bound:?}");
    let values = bench.rows("ledger", "field:agency is:active").len();
    assert!(bound.err.contains(&format!("{values} values")), "{values}: {bound:?}");
    let done = bench.run(&["reevaluate", "codes", "Contract", "AGENCY"]).ok();
    assert!(done.out.contains(&format!("{values} values, {values} items decided on again")), "{done:?}");
    assert!(bench.rows("sync-items", "field:agency is:active").iter().all(|item| text(item, "state") == "Held"));
    let again = bench.run(&["bind", "contract", "agency", "agencies", "--source", "fpds"]).ok();
    assert!(!again.err.contains("came before"), "{again:?}");
    bench.run(&["undo"]).ok();
    assert_eq!(bench.rows("ledger", "field:agency is:active").len(), values);
    bench.run(&["reevaluate", "codes", "contract", "agenc"]).refused(&["no value in the ledger for"]);
    bench.assert_sound();
}

#[test]
fn a_source_that_never_delivered_is_told() {
    let bench = contracts();
    let slip = bench.run(&["map", "FPD", "contract_type", "NEW", "J"]).ok();
    assert!(slip.err.contains("FPD has delivered nothing yet. Did you mean FPDS?"), "{slip:?}");
    assert_eq!(bench.run(&["map", "fpds", "contract_type", "NEW", "J"]).ok().err, "");
}

#[test]
fn the_list_that_fits_a_field_is_found() {
    let bench = contracts();
    bench.file("agencies.csv", "code,label\nN,NASA\nD,DOE\n");
    bench.run(&["import", "codes", "agencies.csv", "--list", "agency"]).ok();
    let fits = bench.run(&["bind", "--suggest", "--json"]).ok().lines();
    let fit = fits.iter().find(|fit| text(fit, "field_name") == "agency").unwrap();
    assert_eq!((text(fit, "code_list"), fit["share"].as_f64()), ("agency", Some(1.0)));
    assert!(fits.iter().any(|fit| text(fit, "field_name") == "type" && text(fit, "code_list") == "contract_type"));
    let people = bench.run(&["bind", "--suggest"]).ok();
    assert!(
        people.out.contains("contract.agency of FPDS: agency 100 % of what came (2 of 2 different values)"),
        "{people:?}"
    );
    let bound = bench.run(&["bind", "contract", "agency", "agency", "--source", "FPDS"]).ok();
    assert!(!bound.err.contains("no field"), "{bound:?}");
    let people = bench.run(&["bind", "--suggest"]).ok();
    assert!(people.out.contains("(2 of 2 different values), and is looked up in it\n"), "{people:?}");
    // A field that never came is bound all the same, since it may come yet, and said.
    let slip = bench.run(&["bind", "contract", "agenci", "agency"]).ok();
    assert!(slip.err.contains("have no field agenci. Did you mean agency?"), "{slip:?}");
    bench.run(&["bind", "contract", "agency"]).misused(&["LIST"]);
}

#[test]
fn a_map_tells_its_history_and_can_be_retired() {
    let bench = contracts();
    bench.run(&["map", "FPDS", "contract_type", "FFP", "J"]).ok();
    let map = bench.rows("value-maps", "code:FFP")[0].clone();
    let name = text(&map, "map_id");
    let story = bench.run(&["map-history", name, "--json"]).ok().json();
    assert_eq!((&story["items"], &story["ledger_entries"], &story["waiting"]), (&2.into(), &2.into(), &0.into()));
    let kinds: Vec<&str> = story["operations"].as_array().unwrap().iter().map(|deed| text(deed, "kind")).collect();
    assert_eq!(kinds, ["map", "ingest"]);
    let people = bench.run(&["map-history", name]).ok();
    assert!(people.out.contains("2 items came through it and brought 2 ledger entries"), "{people:?}");
    // A re-evaluation that is taken back leaves nothing that counts.
    bench.run(&["edit", "value-maps", name, "canonical_code_value=Y"]).ok();
    bench.run(&["reevaluate", "map", name]).ok();
    bench.run(&["undo"]).ok();
    let people = bench.run(&["map-history", name]).ok();
    assert!(people.out.contains("2 items came through it and brought 2 ledger entries"), "{people:?}");
    let waiting = bench.rows("value-maps", "code:TBD")[0].clone();
    bench.run(&["retire", text(&waiting, "map_id"), "--reason", "r"]).refused(&["1 item wait", "Decide it"]);
    bench.run(&["retire", name, "--reason", " "]).refused(&["reason"]);
    bench.run(&["retire", name, "--reason", "the source closed", "--dry-run"]).ok();
    bench.run(&["retire", name, "--reason", "the source closed"]).ok();
    assert_eq!(bench.rows("value-maps", "code:FFP is:inactive").len(), 1);
    bench.run(&["retire", name, "--reason", "again"]).refused(&["retired already"]);
    bench.run(&["undo"]).ok();
    assert_eq!(bench.rows("value-maps", "code:FFP is:inactive").len(), 0);
    bench.run(&["map-history", "VMP-9999999"]).refused(&["VMP-9999999"]);
    bench.assert_sound();
}

#[test]
fn conflicts_and_retired_codes_are_found() {
    let bench = contracts();
    bench.file(
        "maps.csv",
        "source_system_key,code_list,source_code,canonical_code_value\nFPDS,contract_type,ffp,J\n\
         FPDS,contract_type,Ffp,U\nFPDS,contract_type,IDIQ,3\nOTHER,contract_type,FFP,Y\n",
    );
    bench.run(&["import", "value-maps", "maps.csv"]).ok();
    let codes = |filter: &str| {
        let mut codes: Vec<String> =
            bench.rows("value-maps", filter).iter().map(|map| text(map, "source_code").to_string()).collect();
        codes.sort();
        codes
    };
    assert_eq!(codes("is:conflict"), ["Ffp", "ffp"]);
    assert!(codes("is:retired-code").is_empty());
    assert_eq!(codes("-is:conflict is:active state:Active"), ["FFP", "IDIQ"]);
    bench.run(&["list", "sync-items", "--filter", "is:conflict"]).refused(&["is: takes one of"]);
}

#[test]
fn suggestions_from_a_score_on_are_accepted_and_single_codes_left_out() {
    let bench = contracts();
    let accept = ["suggest", "--list", "contract_type", "--accept", "0.8"];
    let run = |more: &[&str]| bench.run(&[&accept, more].concat());
    let all = run(&["--dry-run", "--json"]).ok().json()["changed"].as_i64().unwrap();
    assert!(all > 2, "{all}");
    let shown = run(&["--dry-run", "--leave-out", "FFP"]).ok();
    let lines: Vec<&str> = shown.out.lines().filter(|line| line.contains("FFP → J")).collect();
    assert!(lines.len() == 1 && lines[0].ends_with("left out"), "{shown:?}");
    assert!(bench.rows("value-maps", "is:active").is_empty());
    let done = run(&["--json", "--leave-out", "FFP", "--leave-out", "FFP"]).ok().json();
    assert_eq!(done["changed"].as_i64(), Some(all - 1));
    assert_eq!(bench.rows("value-maps", "is:active").len() as i64, all - 1);
    assert_eq!(text(&bench.rows("value-maps", "code:FFP")[0], "state"), "Proposed");
    run(&["--leave-out", "nothing"]).refused(&["suggestion", "nothing", "from 0.80 on"]);
    bench.run(&["suggest", "--list", "contract_type", "--accept", "0.3"]).misused(&["0.5 to 1"]);
    bench.run(&["suggest", "--list", "contract_type", "--label", "x", "--leave-out", "y"]).misused(&["--label"]);
    bench.assert_sound();
}

/// A list with a field that has it, and a delivery of codes.
fn coded(codes: &str, delivered: &[&str]) -> Bench {
    let bench = Bench::new();
    bench.file("codes.csv", format!("code,label\n{codes}"));
    bench.file("bindings.csv", "target_table,field_name,code_list\nt,g,g\n");
    bench.run(&["import", "codes", "codes.csv", "--list", "g"]).ok();
    bench.run(&["import", "bindings", "bindings.csv"]).ok();
    deliver(&bench, "first.csv", delivered);
    bench
}

fn deliver(bench: &Bench, file: &str, codes: &[&str]) {
    let rows: Vec<String> = codes.iter().zip(1..).map(|(code, id)| format!("{id},{code}\n")).collect();
    bench.file(file, format!("id,g\n{}", rows.concat()));
    bench.run(&["ingest", file, "--source", "X", "--table", "t", "--key", "id"]).ok();
}

#[test]
fn signs_are_neither_accepted_as_others_nor_one_family() {
    let bench = coded(
        "B,5+\nL,mg/L\n1,102\nO,kO\nP,5 °C\nY,Approved\nM,A-\nT,10\nC,C\n",
        &["<5", "μg/L", "10²", "kΩ", "−5 °C", "≠ approved", "not approved", "A+", "10%", "C++"],
    );
    bench.run(&["suggest", "--list", "g", "--accept", "0.90"]).ok();
    let maps = bench.rows("value-maps", "");
    assert_eq!(maps.len(), 10);
    assert!(maps.iter().all(|map| text(map, "state") == "Proposed"), "{maps:?}");
    let bench = coded("1,A pos\n2,A neg\n3,A any\n", &["A+", "A-", "A"]);
    assert_eq!(bench.run(&["families", "--list", "g", "--json"]).ok().out, "");
    // What stands in the list letter by letter is what it is.
    let bench = coded("1,C\n2,C++\n3,C#\n", &["C", "C++", "C#"]);
    bench.run(&["suggest", "--list", "g", "--accept", "0.90"]).ok();
    let mapped = bench.rows("value-maps", "");
    let mapped: Vec<_> = mapped.iter().map(|map| text(map, "canonical_code_value")).collect();
    assert_eq!(mapped, ["1", "2", "3"]);
    bench.assert_sound();
}

#[test]
fn a_code_that_waits_is_not_passed_by_another_that_folds_to_it() {
    let bench = coded("mm,millimetre\nMm,megametre\n", &["mm"]);
    bench.run(&["map", "X", "g", "Mm", "Mm"]).ok();
    deliver(&bench, "second.csv", &["mm", "mm"]);
    let items = bench.rows("sync-items", "");
    assert!(items.iter().all(|item| text(item, "state") == "Held"), "{items:?}");
    // Where no two codes of the list fold alike, the other spelling goes along.
    let bench = coded("A,Alpha\n", &["x", "X"]);
    let mapped = bench.run(&["map", "X", "g", "x", "A"]).ok();
    assert!(mapped.out.contains(", and 1 other proposal goes by it: 2 items released"), "{mapped:?}");
    bench.assert_sound();
}
