//! `steward init`

use std::io::Write;

use crate::model::Shown;
use crate::store::Store;

use super::failure::Done;
use super::session::{Session, make_data_folder};

pub(super) fn run(session: &Session, out: &mut dyn Write) -> Done {
    let path = session.path()?;
    let login = session.actor().login;
    make_data_folder(&path)?;
    let store = Store::create(&path, &login)?;
    writeln!(out, "Made the store {}. Its first admin is {}.", store.path.display(), Shown(&login))?;
    writeln!(
        out,
        "Next: steward import codes FILE --list NAME, then steward ingest FILE --source … --table … --key …"
    )?;
    Ok(())
}
