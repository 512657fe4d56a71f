//! The built-in LMS and the simulated Jitsi.
