//! Room tokens from the real meeting page, judged as Jitsi servers judge them.

mod docker;
mod tokens;
