//! `steward upgrade`, and reading an older store without it.

use std::io::Write;

use super::failure::Done;
use super::session::{Session, shown_path};

/// The argument of the commands that read an older store by way of a copy.
#[derive(Debug, clap::Args)]
pub(super) struct Copied {
    /// Of a store of an older format, read a private copy that is brought up to date; the store stays as it is
    #[arg(long)]
    upgraded_copy: bool,
}

impl Copied {
    pub(super) fn is_wanted(&self) -> bool {
        self.upgraded_copy
    }
}

pub(super) fn run(session: &Session, out: &mut dyn Write) -> Done {
    let (path, upgraded) = (session.path()?, session.upgrade()?);
    let path = shown_path(&path);
    match upgraded {
        true => writeln!(out, "Brought the store {path} up to date.")?,
        false => writeln!(out, "The store {path} is up to date already.")?,
    }
    Ok(())
}
