//! Platforms that others wrote: what our own demo platform believes of the protocol, they know from elsewhere.

pub mod calendar;
mod class;
mod python;
