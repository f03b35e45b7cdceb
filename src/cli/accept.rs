//! `steward suggest --accept`: the best suggestions from a score on as one decision, of which single codes are left out.

use std::collections::BTreeSet;
use std::io::Write;

use crate::engine::suggest::{Bulk, Deck};
use crate::engine::{Error, Refusal};
use crate::model::Shown;

use super::acting::act;
use super::failure::Done;
use super::report::ReportArgs;
use super::session::Session;

pub(super) fn accept(
    list: &str,
    score: f32,
    leave_out: &[String],
    report: &ReportArgs,
    session: &Session,
    out: &mut dyn Write,
) -> Done {
    let bulk = Deck::read(&session.reader()?, list)?.accept_from(score);
    let left_out = maps(&bulk, score, leave_out)?;
    let command = bulk.without(&left_out);
    let outcome = act(&command, report, session)?;
    report.write(&outcome, out)?;
    if report.dry_run() && !report.json() {
        write_suggestions(&bulk, &left_out, out)?;
    }
    Ok(())
}

/// The maps of some codes, from any source; each must be among what would be accepted.
fn maps(bulk: &Bulk, score: f32, codes: &[String]) -> Result<BTreeSet<i64>, Error> {
    let mut maps = BTreeSet::new();
    for code in codes {
        let mut found =
            bulk.accepted.iter().filter(|(_, accepted, _)| accepted == code).map(|(map, ..)| *map).peekable();
        if found.peek().is_none() {
            let hint = format!(" No waiting code of this spelling has a suggestion from {score:.2} on.");
            return Err(Refusal::NotFound { what: "suggestion", name: code.clone(), hint }.into());
        }
        maps.extend(found);
    }
    Ok(maps)
}

/// What would be accepted, the least sure first.
fn write_suggestions(bulk: &Bulk, left_out: &BTreeSet<i64>, out: &mut dyn Write) -> std::io::Result<()> {
    let mut suggestions: Vec<_> = bulk.accepted.iter().collect();
    suggestions.sort_by(|a, b| a.2.score.total_cmp(&b.2.score));
    suggestions.into_iter().try_for_each(|(map, code, best)| {
        let canonical = best.code.as_deref().unwrap_or("no match");
        let left = if left_out.contains(map) { "  left out" } else { "" };
        let (score, reason) = (best.score, Shown(&best.reason));
        writeln!(out, "  {score:.2}  {} → {}  {}  ({reason}){left}", Shown(code), Shown(canonical), Shown(&best.label))
    })
}
