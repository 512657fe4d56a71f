//! The protocol: login, launch, keys, and what is refused.

mod binding;
mod clocks;
mod completion;
mod cookieless;
mod hostile;
mod identifiers;
mod launch_log;
mod legacy;
mod login;
mod platform_keys;
mod single_use;
mod targets;
