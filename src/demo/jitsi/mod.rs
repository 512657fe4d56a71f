//! Simulated Jitsi (stub).
