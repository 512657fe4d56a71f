//! Marks: minutes become scores in the platform's gradebook, exactly once, and teachers see what became of each.

mod columns;
mod crashes;
mod families;
mod sending;
mod settings;
mod trouble;
