//! The figures of the first issue on the shared real data. An extra: in a lone clone the data is absent, and this says so.

#[path = "cli/harness.rs"]
mod harness;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use harness::{Bench, tamper, text};

const KEY: &str = "Contract ID";
const TYPE: &str = "Type of Contract";

/// A file of the shared data, or nothing where the folder is absent.
fn shared(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !folder.exists() {
        eprintln!("skipped: ../shared/data is absent");
        return None;
    }
    Some(folder.join(name))
}

fn delivered(file: &Path) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(file).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

fn ingest(bench: &Bench, file: &Path, source: &str, table: &str, key: &str) -> serde_json::Value {
    let file = file.to_str().unwrap();
    bench.run(&["ingest", file, "--source", source, "--table", table, "--key", key, "--json"]).ok().json()
}

#[test]
fn contracts_are_held_mapped_and_verified() {
    let (Some(contracts), Some(types)) =
        (shared("contracts/government_contracts.csv"), shared("contracts/contract-types.csv"))
    else {
        return;
    };
    let bench = Bench::new();
    bench.run(&["import", "codes", types.to_str().unwrap(), "--list", "contract_type"]).ok();
    bench.file("bindings.csv", format!("target_table,field_name,code_list\ncontract,{TYPE},contract_type\n"));
    bench.run(&["import", "bindings", "bindings.csv"]).ok();
    bench.assert_sound();

    let outcome = ingest(&bench, &contracts, "FPDS", "contract", KEY);
    assert_eq!(outcome["records"], 6422);
    let rows = delivered(&contracts);
    let filled = rows.iter().flat_map(|row| row.iter()).filter(|(name, value)| *name != KEY && !value.is_empty());
    assert_eq!(outcome["items"], filled.count());
    assert_eq!(outcome["held"], 6331 + 77);
    assert_eq!(bench.rows("identifiers", "").len(), 6422);
    bench.assert_sound();

    let maps = bench.rows("value-maps", "is:proposed");
    let waiting = |map: &serde_json::Value| map["waiting"].as_i64().unwrap();
    assert_eq!(maps.len(), 849);
    assert_eq!(maps.iter().map(waiting).sum::<i64>(), 6331);
    let largest = maps.iter().max_by_key(|map| waiting(map)).unwrap();
    assert_eq!((text(largest, "source_code"), waiting(largest)), ("FFP", 584));

    let too_long = bench.rows("sync-items", "code:ST024");
    let by_key: BTreeMap<&str, &str> = rows.iter().map(|row| (row[KEY].as_str(), row[TYPE].as_str())).collect();
    assert_eq!(too_long.len(), 77);
    for item in &too_long {
        assert_eq!(text(item, "state"), "Held");
        assert_eq!(text(item, "raw_value"), by_key[text(item, "external_key")]);
    }
    let typed = bench.rows("sync-items", &format!("field:\"{TYPE}\""));
    assert_eq!((by_key.values().filter(|value| value.is_empty()).count(), typed.len()), (14, 6422 - 14));

    let mapped = bench.run(&["map", "FPDS", "contract_type", "FFP", "J", "--json"]).ok().json();
    assert_eq!(mapped["released"], 584);
    bench.assert_sound();

    let again = ingest(&bench, &contracts, "FPDS", "contract", KEY);
    assert_eq!((&again["already_delivered"], &again["job_id"]), (&true.into(), &outcome["job_id"]));
    assert_eq!(bench.rows("sync-jobs", "").len(), 1);
    bench.assert_sound();

    tamper(
        &bench.store(),
        "UPDATE integration_sync_item SET raw_value = 'X' || substr(raw_value, 2)
         WHERE id = (SELECT min(id) FROM integration_sync_item)",
    );
    let ran = bench.run(&["verify"]);
    assert_eq!(ran.code, 10, "{ran:?}");
    assert!(ran.out.contains(&format!("Operation {}:", bench.first_ingest())), "{ran:?}");
}

#[test]
fn long_texts_come_back_byte_for_byte() {
    for (file, table, key) in [
        ("federal-core/contact.csv", "contact", "contactid"),
        ("federal-core/govcdm_compliancerequirement.csv", "requirement", "govcdm_compliancerequirementid"),
    ] {
        let Some(file) = shared(file) else { return };
        let bench = Bench::new();
        ingest(&bench, &file, "CORE", table, key);
        let stored: BTreeMap<(String, String), String> = bench
            .rows("sync-items", "")
            .iter()
            .map(|item| {
                let place = (text(item, "external_key").to_string(), text(item, "field_name").to_string());
                (place, text(item, "raw_value").to_string())
            })
            .collect();
        let rows = delivered(&file);
        let expected: BTreeMap<(String, String), String> = rows
            .iter()
            .flat_map(|row| row.iter().map(|(name, value)| ((row[key].clone(), name.clone()), value.clone())))
            .filter(|((_, name), value)| name != key && !value.is_empty())
            .collect();
        assert_eq!(stored.len(), expected.len());
        for (place, value) in &expected {
            assert_eq!(stored.get(place), Some(value), "{place:?}");
        }
        bench.assert_sound();
    }
}
