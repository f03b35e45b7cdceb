//! `steward completions`

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Args;
use super::failure::Done;

#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, out: &mut dyn Write) -> Done {
        // By way of a buffer, because clap_complete panics where its output cannot be written.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Args::command(), "steward", &mut script);
        Ok(out.write_all(&script)?)
    }
}
