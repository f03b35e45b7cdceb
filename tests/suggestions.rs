//! How right suggestions are on real lists. Where the data folder beside the project is absent, the tests say so and pass;
//! `cargo bench --bench suggest` prints the figures.

use std::collections::HashMap;
use std::path::PathBuf;

use steward::rules::suggest::{Decision, Entry, Index, MOST, Question, SURE};

fn rows(name: &str) -> Option<Vec<HashMap<String, String>>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        eprintln!("{name} is not there: nothing was tested.");
        return None;
    };
    Some(reader.deserialize().map(|row| row.unwrap()).collect())
}

fn countries() -> Option<Vec<Entry>> {
    let entry = |row: HashMap<String, String>| Entry {
        code: row["govcdm_abbreviation"].clone(),
        label: row["govcdm_name"].clone(),
    };
    Some(rows("federal-core/govcdm_country.csv")?.into_iter().map(entry).collect())
}

/// Shares in per cent: right first, right among five, and of the sure ones right.
fn measured(index: &Index, asked: &[&(String, String)]) -> [usize; 3] {
    let questions: Vec<Question> = asked.iter().map(|(label, _)| Question::label(label)).collect();
    let (mut first, mut five, mut sure, mut right) = (0, 0, 0, 0);
    for ((_, code), answer) in asked.iter().zip(index.suggest_all(&questions, MOST)) {
        let place = answer.iter().position(|candidate| candidate.code.as_ref() == Some(code));
        first += usize::from(place == Some(0));
        five += usize::from(place.is_some_and(|place| place < 5));
        if answer.first().is_some_and(|best| best.score >= SURE) {
            sure += 1;
            right += usize::from(place == Some(0));
        }
    }
    [first * 100 / asked.len(), five * 100 / asked.len(), right * 100 / sure.max(1)]
}

#[test]
fn other_names_of_countries_are_found() {
    let (Some(list), Some(names)) = (countries(), rows("mapping/location-synonyms.csv")) else { return };
    let names: Vec<(String, String)> =
        names.into_iter().map(|row| (row["source_label"].clone(), row["expected_code"].clone())).collect();
    let all: Vec<_> = names.iter().collect();
    let [first, five, sure] = measured(&Index::new(list.clone(), &[]), &all);
    assert!(first >= 75 && five >= 80 && sure >= 98, "{first} {five} {sure}");
    for decided in [0, 1] {
        let decision = |(label, code): &(String, String)| Decision {
            label: label.clone(),
            code: Some(code.clone()),
            chosen: true,
            times: 1,
        };
        let decisions: Vec<Decision> = names.iter().skip(decided).step_by(2).map(decision).collect();
        let asked: Vec<_> = names.iter().skip(1 - decided).step_by(2).collect();
        let [first, five, sure] = measured(&Index::new(list.clone(), &decisions), &asked);
        assert!(first >= 85 && five >= 90 && sure >= 98, "{first} {five} {sure}");
    }
}

#[test]
fn regions_that_are_no_members_and_values_that_say_nothing_are_not_sure() {
    let Some(list) = countries() else { return };
    let index = Index::new(list, &[]);
    for label in [
        "Europe", "Africa", "West Africa", "South America", "Central Africa", "Scandinavia", "New Mexico",
        "Northern Ireland", "Inner Mongolia", "British Columbia", "Korea", "Congo", "Virgin Islands", "Soviet Union",
        "N/A", "NA", "unknown", "TBD", "other", "none", "-",
    ] {
        let best = index.suggest(&Question::label(label), 1).pop();
        assert!(best.as_ref().is_none_or(|best| best.score < SURE), "{label}: {best:?}");
    }
}
