//! jitsi
