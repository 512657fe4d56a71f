//! A server without tokens: whoever knows a room's name is in, and the server decides who moderates.

use url::Url;

use super::input::{KindInput, ServerField, ServerInputError, needed, parse_origin};

/// Returns the origin of the server that was entered.
pub(super) fn read(input: &KindInput<'_>) -> Result<Url, ServerInputError> {
    parse_origin(&needed(input.domain, ServerField::Domain)?)
}
