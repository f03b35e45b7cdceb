//! Whose rights files are opened with. Where the program itself belongs to a group that alone may touch a store (setgid), it
//! runs with a right that the person at the keyboard lacks. The store is opened with it; every other path that somebody names
//! is opened as that person, or the program would read out what they may not see, or write over it.

use nix::unistd::{getegid, getgid, setfsgid};

/// Whether the program runs with the rights of a group that the person did not bring along.
pub fn are_lent() -> bool {
    getgid() != getegid()
}

/// Does something about files with the person's own rights. Only this thread is meant: others go on with the store.
pub fn as_person<T>(act: impl FnOnce() -> T) -> T {
    if !are_lent() {
        return act();
    }
    let _back = Back;
    setfsgid(getgid());
    act()
}

/// Gives the group's rights back, whatever happened.
struct Back;

impl Drop for Back {
    fn drop(&mut self) {
        setfsgid(getegid());
    }
}
