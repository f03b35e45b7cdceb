//! Pure decisions: facts in, verdict out, no I/O.
