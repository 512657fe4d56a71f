//! Grades: minutes become scores in the platform's gradebook, exactly once, and teachers see what became of each.

mod clocks;
mod columns;
mod crashes;
mod fairness;
mod families;
mod results;
mod sending;
mod settings;
mod trouble;
