//! `steward prove`

use std::io::Write;
use std::path::PathBuf;

use crate::exchange::json_line;
use crate::model::Shown;
use crate::model::table::Table;
use crate::model::text::{counted, grouped};
use crate::model::time;
use crate::store::{Proof, Proven, Stored};

use super::failure::Done;
use super::parsers;
use super::session::{Session, row_named};
use super::verify::read_digest;

#[derive(Debug, clap::Args)]
pub(super) struct Prove {
    #[arg(value_parser = parsers::table())]
    table: Table,
    /// The row's name (LED-0000001), number or GUID
    #[arg(value_name = "ID")]
    name: String,
    /// Prove it against the digest in this file instead of the end of the log
    #[arg(long, value_name = "FILE")]
    digest: Option<PathBuf>,
    /// Print the proof as one JSON object, for a verifier
    #[arg(long)]
    json: bool,
}

impl Prove {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let digest = self.digest.as_deref().map(read_digest).transpose()?;
        let reader = session.reader()?;
        reader.hold_still()?;
        let row = row_named(&reader, self.table, &self.name)?;
        let proof = reader.prove(self.table, row.id, digest.as_ref())?;
        if self.json {
            return Ok(json_line(out, &proof)?);
        }
        write_story(&proof, &self.table.row_name(row.id), out)
    }
}

/// What made the row and what changed it, a line each.
pub(super) fn write_leaves(proof: &Proof, name: &str, out: &mut dyn Write) -> Done {
    for (at, leaf) in proof.leaves.iter().enumerate() {
        let verb = if at == 0 { "made" } else { "changed" };
        if let Some(operation) = proof.operations.iter().find(|operation| operation.seq == leaf.operation) {
            writeln!(out, "{name} was {verb} by {}", written_by(operation, leaf))?;
        }
    }
    Ok(())
}

fn write_story(proof: &Proof, name: &str, out: &mut dyn Write) -> Done {
    write_leaves(proof, name, out)?;
    let Some(last) = proof.operations.last() else { return Ok(()) };
    writeln!(
        out,
        "Each leaf leads to the rows_hash of its operation, and {} on to the hash of operation {}.",
        counted(proof.operations.len() as i64, "operation"),
        grouped(last.seq)
    )?;
    match proof.last.is_some() {
        true => writeln!(out, "No operation up to {} changed it since.", grouped(last.seq))?,
        false => writeln!(
            out,
            "Whether it was changed in between cannot be proved: operations of an older format do not say which rows they \
             changed."
        )?,
    }
    writeln!(out, "It is proved to whoever holds a digest with seq {} and hash {}.", last.seq, last.hash_digits())?;
    writeln!(
        out,
        "The proof itself, for steward check-proof FILE or another verifier that trusts nothing else: --json"
    )?;
    Ok(())
}

/// `operation 7 (certify) of rita at …: leaf 1 of 2, 4f3c….`
fn written_by(operation: &Stored, leaf: &Proven) -> String {
    let who = match &operation.on_behalf_of {
        Some(person) => format!("{} for {}", Shown(&operation.actor), Shown(person)),
        None => Shown(&operation.actor).to_string(),
    };
    format!(
        "operation {} ({}) of {who} at {}: leaf {} of {}, {}.",
        grouped(operation.seq),
        Shown(&operation.kind),
        time::rfc3339(operation.at),
        leaf.index + 1,
        leaf.of,
        leaf.hash
    )
}
