//! What a source's code may stand for: the codes of its list that hold what was typed, and while nothing is typed those first
//! that are suggested, so that the first one is never there by its letter alone.

use super::read::Answer;
use crate::engine::suggest::{Question, Suggester};
use crate::model::{Row, Table};
use crate::store::{CodeEntry, Reader};

/// Codes that are shown.
const CODES: usize = 200;
/// Suggestions that come before the others, and the score from which on they do.
const SUGGESTED: usize = 5;
const LEAST: f32 = 0.5;
/// In a longer list finding suggestions would keep pages waiting; the map screen finds them on a lane of their own.
const LONGEST: usize = 2_000;

pub fn candidates(reader: &Reader, map: i64, part: &str) -> anyhow::Result<Answer> {
    let Some(map) = reader.row(Table::ValueMaps, map)? else {
        return Ok(Answer::Candidates { map: None, codes: Vec::new(), suggested: 0 });
    };
    let list = map.text("code_list");
    if !part.is_empty() {
        let codes = reader.codes(list, part, CODES)?;
        return Ok(Answer::Candidates { map: Some(map), codes, suggested: 0 });
    }
    let mut others = reader.codes(list, part, LONGEST + 1)?;
    let mut codes = if others.len() > LONGEST { Vec::new() } else { suggestions(reader, &map, &others)? };
    let suggested = codes.len();
    others.retain(|entry| !codes[..suggested].iter().any(|first| first.code == entry.code));
    codes.append(&mut others);
    codes.truncate(CODES);
    Ok(Answer::Candidates { map: Some(map), codes, suggested })
}

/// The entries of the list that are suggested, the best first.
fn suggestions(reader: &Reader, map: &Row, entries: &[CodeEntry]) -> anyhow::Result<Vec<CodeEntry>> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let suggester = Suggester::read(reader, map.text("code_list"))?;
    let text = |name| Some(map.text(name).to_string()).filter(|text| !text.trim().is_empty());
    let question = Question { code: text("source_code"), label: text("source_label") };
    let best = suggester.suggest(&question, SUGGESTED).into_iter().filter(|best| best.score >= LEAST);
    let entry = |code: String| entries.iter().find(|entry| entry.active && entry.code == code).cloned();
    Ok(best.filter_map(|best| entry(best.code?)).collect())
}
