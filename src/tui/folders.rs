//! Where the workbench keeps its own files, by the XDG rules: settings are the person's, state is ours.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// The folder of the settings; none where nobody knows the person's home.
pub fn config() -> Option<PathBuf> {
    etcetera::choose_base_strategy().ok().map(|folders| folders.config_dir().join("steward"))
}

/// The folder of what the workbench remembers.
pub fn state() -> Option<PathBuf> {
    etcetera::choose_base_strategy().ok().and_then(|folders| folders.state_dir()).map(|folder| folder.join("steward"))
}
