//! `steward check-proof`

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::engine::Verdict;
use crate::exchange::{json_line, named, read_problem};
use crate::model::Shown;
use crate::model::table::Table;
use crate::model::text::grouped;
use crate::store::{Proof, ProofFault, Proved};

use super::failure::Failure;
use super::prove::write_leaves;
use super::report::say;
use super::session::shown_path;
use super::verify::read_digest;

#[derive(Debug, clap::Args)]
pub(super) struct CheckProof {
    /// What steward prove --json printed
    file: PathBuf,
    /// A file with the line of steward digest that it is a proof against
    #[arg(long, value_name = "FILE")]
    digest: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl CheckProof {
    /// Answers the exit code.
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<u8, Failure> {
        let digest = self.digest.as_deref().map(read_digest).transpose()?;
        let text = named::text(&self.file)
            .map_err(|error| Failure::new(format!("{}: {}", shown_path(&self.file), read_problem(&error))))?;
        let proof: Proof = match serde_json::from_str(&text) {
            Ok(proof) => proof,
            Err(error) => {
                say(&format!(
                    "steward: {} is no proof ({}); steward prove TABLE ROW --json prints one.",
                    shown_path(&self.file),
                    Shown(&error.to_string())
                ));
                return Ok(Verdict::Unreadable as u8);
            }
        };
        let (proved, verdict) = match proof.check(digest.as_ref()) {
            Ok(proved) => {
                let verdict = if digest.is_some() { Verdict::Sound } else { Verdict::SoundWithoutDigest };
                (proved, verdict)
            }
            Err(fault) => return self.refuse(&fault),
        };
        if self.json {
            self.write_json(&proof, &proved, verdict, out)?;
        } else {
            write_story(&proof, &proved, self.digest.as_deref(), out)?;
        }
        Ok(verdict as u8)
    }

    fn refuse(&self, fault: &ProofFault) -> Result<u8, Failure> {
        let (word, verdict) = match fault {
            ProofFault::Forged(_) => ("FORGED", Verdict::Tampered),
            ProofFault::OtherDigest(_) => ("NOT OF THIS DIGEST", Verdict::ForkedFromDigest),
        };
        say(&format!("steward: {word}: {} proves nothing: {}.", shown_path(&self.file), Shown(&fault.to_string())));
        Ok(verdict as u8)
    }

    fn write_json(&self, proof: &Proof, proved: &Proved, verdict: Verdict, out: &mut dyn Write) -> Result<(), Failure> {
        let columns: serde_json::Map<_, _> = proved.columns.iter().cloned().collect();
        let last = proof.operations.last();
        Ok(json_line(
            out,
            &json!({
                "exit_code": verdict as u8,
                "table": proof.table,
                "id": proof.id,
                "row": columns,
                "last": proved.last,
                "store_id": proof.store_id,
                "seq": last.map(|operation| operation.seq),
                "hash": last.map(|operation| operation.hash_digits()),
            }),
        )?)
    }
}

fn write_story(proof: &Proof, proved: &Proved, digest: Option<&Path>, out: &mut dyn Write) -> Result<(), Failure> {
    let table = Table::ALL.into_iter().find(|table| table.info().sql == proof.table);
    let name = table.map_or_else(|| format!("{} {}", proof.table, proof.id), |table| table.row_name(proof.id));
    write_leaves(proof, &name, out)?;
    for (column, value) in &proved.columns {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_string);
        writeln!(out, "  {}: {}", Shown(column), Shown(&value))?;
    }
    let end = proof.operations.last();
    let seq = grouped(end.map_or(0, |operation| operation.seq));
    match proved.last {
        true => writeln!(out, "PROVED: no operation up to {seq} changed it since.")?,
        false => writeln!(
            out,
            "PROVED, and not that it is the last state: operations of an older format do not say which rows they changed."
        )?,
    }
    match (digest, end) {
        (Some(digest), _) => writeln!(out, "The proof ends with the digest in {}.", shown_path(digest))?,
        (None, Some(end)) => writeln!(
            out,
            "Nothing was given to compare its end with: whoever made the proof could have made the whole log. It holds for \
             whoever has a digest of the store {} with seq {} and hash {} from elsewhere (steward check-proof FILE --digest FILE).",
            Shown(&proof.store_id),
            end.seq,
            end.hash_digits()
        )?,
        (None, None) => {}
    }
    Ok(())
}
