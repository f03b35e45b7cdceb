//! `steward verify` and `steward digest`

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::engine::{Check, Since, Verification};
use crate::exchange::{json_line, named, read_problem};
use crate::model::sentence;
use crate::store::{Digest, OlderFormat, Store};

use super::failure::{Done, Failure};
use super::parsers;
use super::report::say;
use super::session::{Session, not_with_lent_rights, shown_path, tell_of_other_names};
use super::upgrade::Copied;

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// A file with a line that steward digest printed: the log must go on from it
    #[arg(long, value_name = "FILE")]
    digest: Option<PathBuf>,
    /// Check only the operations from this one, or from this time on, and take what was before as given
    #[arg(long, value_name = "SEQ|TIME", value_parser = parsers::since)]
    since: Option<Since>,
    /// Also go through the log again: versions, last changes, certifications, and who had which role when
    #[arg(long)]
    replay: bool,
    #[command(flatten)]
    copied: Copied,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Answers the exit code.
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Result<u8, Failure> {
        let digest = self.digest.as_deref().map(read_digest).transpose()?;
        let path = session.path()?;
        let check = Check { digest: digest.as_ref(), since: self.since, replay: self.replay };
        if self.copied.is_wanted() {
            not_with_lent_rights("--upgraded-copy")?;
        }
        let store = match self.copied.is_wanted() {
            true => Store::open_upgraded_copy(&path).map(|(store, _)| store),
            false => Store::open(&path),
        };
        let verification = match store {
            Ok(store) => {
                tell_of_other_names(&store);
                check.run(&store)
            }
            // A script that asks whether the store is sound must not take an unreadable one for a wrong call.
            Err(error) if path.exists() && !error.is::<OlderFormat>() => {
                let sentence = format!("{error:#}");
                say(&format!("steward: {sentence}"));
                let unreadable = Verification::unreadable(sentence);
                if !self.json {
                    return Ok(unreadable.exit_code);
                }
                unreadable
            }
            Err(error) => return Err(error.into()),
        };
        if self.json {
            json_line(out, &verification)?;
        } else {
            verification.lines.iter().try_for_each(|line| writeln!(out, "{}", sentence(line)))?;
        }
        Ok(verification.exit_code)
    }
}

/// `steward digest`: one line of JSON, to keep where nobody who can write the store can write.
pub(super) fn digest(copied: &Copied, session: &Session, out: &mut dyn Write) -> Done {
    let (reader, is_copy) = session.reader_of(copied)?;
    // What brought the copy up to date is no operation of the store's.
    let last = reader.last_seq()? - i64::from(is_copy);
    Ok(json_line(out, &reader.digest_of(last)?)?)
}

/// Reads the last line of a file: digests are usually appended to one.
pub(super) fn read_digest(path: &Path) -> Result<Digest, Failure> {
    let refused = |problem: &str| Failure::new(format!("{}: {problem}", shown_path(path)));
    let text = named::text(path).map_err(|error| refused(&read_problem(&error)))?;
    let last = text.lines().rfind(|line| !line.trim().is_empty()).ok_or_else(|| refused("It holds no digest."))?;
    serde_json::from_str(last).map_err(|_| refused("Its last line is no digest; steward digest prints one."))
}
