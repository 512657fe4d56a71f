//! lti
