//! The certification suite: what a tool must refuse, and what it must accept.

mod cases;
