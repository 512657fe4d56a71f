//! Room tokens from the real meeting page, judged as Jitsi servers judge them; and what a test of a server tells.

mod probing;
mod tokens;
