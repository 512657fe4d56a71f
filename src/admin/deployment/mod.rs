//! One deployment, as an administrator of its platform sees it: who comes by a launch, and where the operator allows it.

mod store;
pub mod web;
