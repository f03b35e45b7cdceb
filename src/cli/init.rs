//! `steward init`

use std::io::Write;

use crate::engine::{Context, Engine};
use crate::model::Shown;

use super::failure::Done;
use super::session::Session;

pub(super) fn run(session: &Session, out: &mut dyn Write) -> Done {
    let actor = session.actor()?;
    let login = actor.login.clone();
    let engine = Engine::create(&session.path()?, Context::new(actor))?;
    writeln!(out, "Made the store {}. Its first admin is {}.", engine.store(), Shown(&login))?;
    writeln!(
        out,
        "Next: steward import codes FILE --list NAME, then steward ingest FILE --source S --table T --key COLUMN"
    )?;
    Ok(())
}
