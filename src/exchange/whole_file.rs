//! A file that has its name only when it is whole, and until then none at all: a program that is killed leaves nothing.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags, OFlag};
use nix::unistd::linkat;
use tempfile::NamedTempFile;

use super::rights;

/// A file that is being written; readable by its owner alone.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    draft: Draft,
}

#[derive(Debug)]
enum Draft {
    Nameless(File),
    /// Where the file system knows no files without a name.
    Named(NamedTempFile),
}

impl WholeFile {
    /// Begins a file in the folder in which it will stand.
    ///
    /// # Errors
    /// The folder takes none.
    pub fn begin(path: &Path) -> io::Result<WholeFile> {
        let folder = folder(path);
        let draft = rights::as_person(|| match nameless(folder) {
            Some(file) => Ok(Draft::Nameless(file)),
            None => NamedTempFile::new_in(folder).map(Draft::Named),
        })?;
        Ok(WholeFile { path: path.to_path_buf(), draft })
    }

    /// What to write to.
    pub fn file(&self) -> &File {
        match &self.draft {
            Draft::Nameless(file) => file,
            Draft::Named(draft) => draft.as_file(),
        }
    }

    /// Gives the file its name, once all that it holds is on the disk.
    ///
    /// # Errors
    /// It could not be written, or something has the name; that stays.
    pub fn place(self) -> io::Result<()> {
        rights::as_person(|| self.place_here())
    }

    fn place_here(self) -> io::Result<()> {
        self.file().sync_all()?;
        match self.draft {
            Draft::Nameless(file) => name(&file, &self.path)?,
            Draft::Named(draft) => drop(draft.persist_noclobber(&self.path)?),
        }
        sync_folder(&self.path)
    }

    /// The same in the place of what has the name.
    ///
    /// # Errors
    /// It could not be written.
    pub fn replace(self) -> io::Result<()> {
        rights::as_person(|| self.replace_here())
    }

    fn replace_here(self) -> io::Result<()> {
        self.file().sync_all()?;
        match self.draft {
            Draft::Nameless(file) => {
                // A name can be given but not taken by a file that has none; so it has another one for a moment. Who was
                // killed in that moment left it, and it is ours to take away.
                let moment = moment(&self.path)?;
                match std::fs::remove_file(&moment) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => name(&file, &moment)?,
                }
                std::fs::rename(&moment, &self.path)?;
            }
            Draft::Named(draft) => drop(draft.persist(&self.path)?),
        }
        sync_folder(&self.path)
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// How the system calls an open file.
fn open_name(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// A file without a name that can be given one; none where the system or the file system knows no such thing.
fn nameless(folder: &Path) -> Option<File> {
    let flags = OFlag::O_TMPFILE.bits();
    let file = OpenOptions::new().read(true).write(true).mode(0o600).custom_flags(flags).open(folder).ok()?;
    open_name(&file).exists().then_some(file)
}

fn name(file: &File, path: &Path) -> io::Result<()> {
    Ok(linkat(AT_FDCWD, &open_name(file), AT_FDCWD, path, AtFlags::AT_SYMLINK_FOLLOW)?)
}

fn moment(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    Ok(path.with_file_name(format!(".{}.steward-new", name.to_string_lossy())))
}

/// Has the name last through a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(folder(path))?.sync_all() {
        // Some file systems keep folders by themselves, and cannot be asked to.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    fn begun(path: &Path) -> WholeFile {
        let file = WholeFile::begin(path).unwrap();
        file.file().write_all(b"whole").unwrap();
        file
    }

    #[test]
    fn a_file_has_no_name_before_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let file = begun(&path);
        assert!(names(folder.path()).is_empty());
        file.place().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_has_the_name_stays_unless_it_is_to_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        std::fs::write(&path, "old").unwrap();
        assert_eq!(begun(&path).place().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        std::fs::write(moment(&path).unwrap(), "of one who was killed").unwrap();
        begun(&path).replace().unwrap();
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), names(folder.path()).len()), ("whole", 1));
    }
}
