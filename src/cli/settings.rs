//! `steward settings`: where the workbench's settings lie, and what can stand in them. `main` asks the workbench, which
//! alone knows.

/// Where the workbench's settings lie, and every setting with its default
#[derive(Debug, clap::Args)]
pub(super) struct Settings {
    /// Only check the file, and say what is wrong with which line
    #[arg(long)]
    pub(super) check: bool,
}
