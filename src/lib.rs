//! jitsi-lti: an LTI 1.3 Advantage tool that brings Jitsi Meet classes into every learning platform.

pub mod clock;
pub mod demo;
pub mod ids;
