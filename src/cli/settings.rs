//! `steward settings`: where the workbench's settings lie, and what can stand in them. `main` asks the workbench, which
//! alone knows.

/// Where the workbench's settings lie, and every setting with its default
#[derive(Debug, clap::Args)]
pub(super) struct Settings {
    /// Only check the file, and say what is wrong with which line
    #[arg(long)]
    pub(super) check: bool,
    /// Print one of the program's themes instead, to begin a theme of your own from
    #[arg(long, value_name = "NAME", conflicts_with = "check")]
    pub(super) theme: Option<String>,
}
