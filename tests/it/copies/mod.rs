//! Copied courses: no class is mixed by a copy, unless its teacher wants it so.

mod answers;
mod detection;
mod duplicates;
mod histories;
mod notices;
