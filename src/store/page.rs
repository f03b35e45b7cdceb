//! What of a page of the file holds nothing any more ("Database File Format" of SQLite's manual): bytes of cells that were
//! freed or moved to another page, and the rest of a row's last page of overflow.
//!
//! SQLite leaves such bytes as they are, and where it moved cells it does so whatever `secure_delete` says. They mean
//! nothing to it: overwriting them changes no row, and no header.

use anyhow::{Context, Result, bail};

/// The length of the file's own header, with which the first page begins.
const FILE_HEADER: usize = 100;

/// Kinds of a page of a tree, by its first byte.
const INDEX_INSIDE: u8 = 2;
const TABLE_INSIDE: u8 = 5;
const INDEX_LEAF: u8 = 10;
const TABLE_LEAF: u8 = 13;

/// A row's content that does not fit its page: its first page, how many there are, and the bytes used of the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overflow {
    pub first: u32,
    pub pages: usize,
    pub used: usize,
}

/// A page of the file, whose bytes from `usable` on are nobody's.
pub(super) struct Page<'p> {
    pub bytes: &'p mut [u8],
    pub usable: usize,
    /// Whether anything was overwritten.
    pub changed: bool,
    /// Where the page's own header begins.
    header: usize,
}

impl<'p> Page<'p> {
    pub fn new(number: u32, bytes: &'p mut [u8], usable: usize) -> Page<'p> {
        let header = if number == 1 { FILE_HEADER } else { 0 };
        Page { bytes, usable, changed: false, header }
    }

    /// Whether it is a page of a tree, if it is not free. The first byte of a page of overflow belongs to a page number, and
    /// is smaller in a file of less than [`MOST_PAGES`].
    pub fn is_of_tree(&self) -> bool {
        matches!(self.bytes.get(self.header), Some(&(INDEX_INSIDE | TABLE_INSIDE | INDEX_LEAF | TABLE_LEAF)))
    }

    /// Overwrites bytes with zeros.
    pub fn clear(&mut self, from: usize, to: usize) -> Result<()> {
        let Some(bytes) = self.bytes.get_mut(from..to) else { bail!("it is damaged") };
        if bytes.iter().any(|byte| *byte != 0) {
            bytes.fill(0);
            self.changed = true;
        }
        Ok(())
    }

    /// Overwrites what holds nothing in a page of a tree. Answers the overflow of its cells.
    pub fn clear_free_space(&mut self) -> Result<Vec<Overflow>> {
        let kind = self.bytes[self.header];
        let inside = matches!(kind, INDEX_INSIDE | TABLE_INSIDE);
        let cells = self.two(self.header + 3)?;
        let pointers = self.header + if inside { 12 } else { 8 };
        let content = match self.two(self.header + 5)? {
            0 => 65_536,
            at => at,
        };
        self.clear(pointers + 2 * cells, content.min(self.usable))?;
        let mut block = self.two(self.header + 1)?;
        let mut least = content;
        while block != 0 {
            // The blocks stand in the order of their places.
            if block < least {
                bail!("it is damaged");
            }
            let (next, size) = (self.two(block)?, self.two(block + 2)?);
            self.clear(block + 4, block + size.max(4))?;
            least = block + size.max(4);
            block = next;
        }
        if kind == TABLE_INSIDE {
            return Ok(Vec::new());
        }
        let mut overflows = Vec::new();
        for cell in 0..cells {
            let at = self.two(pointers + 2 * cell)?;
            overflows.extend(self.overflow(kind, at)?);
        }
        Ok(overflows)
    }

    /// What of the cell at a place lies elsewhere.
    fn overflow(&self, kind: u8, at: usize) -> Result<Option<Overflow>> {
        let (length, after) = self.varint(if kind == INDEX_INSIDE { at + 4 } else { at })?;
        let after = if kind == TABLE_LEAF { self.varint(after)?.1 } else { after };
        let (usable, length) = (self.usable, usize::try_from(length)?);
        let most = if kind == TABLE_LEAF { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
        if length <= most {
            return Ok(None);
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let here = match least + (length - least) % (usable - 4) {
            here if here <= most => here,
            _ => least,
        };
        let first = self.four(after + here)?;
        let (left, each) = (length - here, usable - 4);
        let pages = left.div_ceil(each);
        Ok(Some(Overflow { first, pages, used: left - (pages - 1) * each }))
    }

    fn two(&self, at: usize) -> Result<usize> {
        let bytes = self.bytes.get(at..at + 2).context("it is damaged")?;
        Ok(usize::from(bytes[0]) << 8 | usize::from(bytes[1]))
    }

    /// Four bytes as a number, the greatest first.
    pub fn four(&self, at: usize) -> Result<u32> {
        let bytes = self.bytes.get(at..at + 4).context("it is damaged")?;
        Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    /// A number of one to nine bytes, and the place behind it.
    fn varint(&self, at: usize) -> Result<(u64, usize)> {
        let mut value = 0;
        for place in 0..9 {
            let byte = *self.bytes.get(at + place).context("it is damaged")?;
            if place == 8 {
                return Ok((value << 8 | u64::from(byte), at + 9));
            }
            value = value << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Ok((value, at + place + 1));
            }
        }
        bail!("it is damaged")
    }
}

/// Pages that a file may have for [`Page::is_of_tree`] to tell them apart: 128 GB of the usual 4 kB.
pub(super) const MOST_PAGES: u32 = (INDEX_INSIDE as u32) << 24;

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 512;

    /// A leaf with one cell of a table at its end, a free block before it, and old bytes between.
    fn leaf(length: u8, old: u8) -> Vec<u8> {
        let mut bytes = vec![old; SIZE];
        let (block, cell) = (460, 480);
        bytes[..8].copy_from_slice(&[TABLE_LEAF, 1, (block - 256) as u8, 0, 1, 1, (block - 256) as u8, 0]);
        bytes[8..10].copy_from_slice(&[1, (cell - 256) as u8]);
        bytes[block..block + 4].copy_from_slice(&[0, 0, 0, 20]);
        bytes[cell..cell + 2].copy_from_slice(&[length, 1]);
        bytes
    }

    #[test]
    fn what_holds_nothing_is_overwritten_and_a_cell_stays() {
        let mut bytes = leaf(30, 0xAA);
        let mut page = Page::new(2, &mut bytes, SIZE);
        assert!(page.is_of_tree());
        assert_eq!(page.clear_free_space().unwrap(), []);
        assert!(page.changed);
        let old = bytes.iter().enumerate().filter(|(_, byte)| **byte == 0xAA).map(|(at, _)| at);
        assert!(old.eq(482..SIZE), "the cell's own bytes");
        let mut again = Page::new(2, &mut bytes, SIZE);
        again.clear_free_space().unwrap();
        assert!(!again.changed, "there is nothing left to overwrite");
    }

    #[test]
    fn a_damaged_page_is_told_and_not_guessed_at() {
        for (what, at, value) in [("a block in front of the cells", 2, 1), ("a block behind the page", 463, 255)] {
            let mut bytes = leaf(30, 0);
            bytes[at] = value;
            if at == 2 {
                bytes[1] = 0;
            }
            assert!(Page::new(2, &mut bytes, SIZE).clear_free_space().is_err(), "{what}");
        }
    }

    /// By the manual's formula: 1,000 bytes of a row in a page of 512 leave 476 or fewer here.
    #[test]
    fn the_rest_of_a_rows_last_page_is_known() {
        let mut bytes = vec![0; SIZE];
        bytes[..8].copy_from_slice(&[TABLE_LEAF, 0, 0, 0, 1, 0, 20, 0]);
        bytes[8..10].copy_from_slice(&[0, 20]);
        // 1,000 as a number of two bytes, then the row's own number.
        bytes[20..23].copy_from_slice(&[0x87, 0x68, 1]);
        let least = (SIZE - 12) * 32 / 255 - 23;
        let here = least + (1000 - least) % (SIZE - 4);
        let here = if here <= SIZE - 35 { here } else { least };
        bytes[23 + here..27 + here].copy_from_slice(&[0, 0, 0, 7]);
        let found = Page::new(2, &mut bytes, SIZE).clear_free_space().unwrap();
        let left = 1000 - here;
        let pages = left.div_ceil(SIZE - 4);
        assert_eq!(found, [Overflow { first: 7, pages, used: left - (pages - 1) * (SIZE - 4) }]);
    }
}
