//! How many records of a delivery are taken in one transaction.

use std::time::Duration;

use super::Chunks;

/// How long a chunk's transaction should take.
const CHUNK_TIME: Duration = Duration::from_millis(80);
/// Records in the first chunk, and the bounds for the others.
pub(super) const FIRST_CHUNK: usize = 250;
const SMALLEST_CHUNK: usize = 32;
pub(super) const LARGEST_CHUNK: usize = 3_000;

/// How many records the chunk at hand takes.
pub(super) struct Cut {
    chunks: Chunks,
    /// By time.
    size: usize,
    /// Chunks before this one.
    done: usize,
}

impl Cut {
    pub fn new(chunks: &Chunks, first: usize) -> Cut {
        Cut { chunks: chunks.clone(), size: first, done: 0 }
    }

    pub fn size(&self) -> usize {
        match &self.chunks {
            Chunks::Sizes(sizes) if !sizes.is_empty() => sizes[self.done % sizes.len()].max(1),
            _ => self.size,
        }
    }

    pub fn passed(&mut self) {
        self.done += 1;
    }

    pub fn took(&mut self, time: Duration) {
        self.size = next_size(self.size, time);
        self.passed();
    }
}

/// Aims at [`CHUNK_TIME`], at most doubling, so that one lucky chunk does not make the next one block others.
fn next_size(size: usize, took: Duration) -> usize {
    let ratio = CHUNK_TIME.as_secs_f64() / took.as_secs_f64().max(0.001);
    ((size as f64 * ratio.clamp(0.25, 2.0)) as usize).clamp(SMALLEST_CHUNK, LARGEST_CHUNK)
}
