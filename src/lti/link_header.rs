//! Pages of long lists: the address of the next one, read leniently.

use url::Url;

use crate::outbound::Answer;

/// The address of the next page of a list that was asked for at `asked`.
///
/// Spec: RFC 8288; AGS 2.0 §3.2.9, NRPS 2.0 §2.4.
/// Trust: an address of another origin is not followed, since the access token would go with it.
/// Quirk: Moodle repeats the header's name in its value, uses typographic quotes, and `&amp;` in the address.
pub fn next_page(answer: &Answer, asked: &Url) -> Option<Url> {
    let lines = answer.headers.get_all("link").iter();
    let found = lines.filter_map(|line| next_in(&String::from_utf8_lossy(line.as_bytes()))).next()?;
    let url = asked.join(&found).ok()?;
    (url.origin() == asked.origin() && url != *asked).then_some(url)
}

fn next_in(line: &str) -> Option<String> {
    line.split('<').skip(1).find_map(|link| {
        let (address, parameters) = link.split_once('>')?;
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let named = parameter.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
            named.is_some_and(|(_, value)| {
                let bare = value.trim().trim_matches(|c| matches!(c, '"' | '\'' | '“' | '”' | '„'));
                bare.split_whitespace().any(|word| word.eq_ignore_ascii_case("next"))
            })
        });
        is_next.then(|| address.trim().replace("&amp;", "&"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_next_page_is_found_however_it_is_written() {
        for line in [
            "<https://lms.example/l?from=2&limit=1>; rel=\"next\"",
            "<https://lms.example/l?from=2&limit=1>; rel=next",
            "<https://lms.example/l?from=2&amp;limit=1>; rel=“next”",
            "Link: <https://lms.example/l?from=2&amp;limit=1>; rel=“next”",
            "<https://lms.example/l?from=0>; rel=\"prev\", <https://lms.example/l?from=2&limit=1>; title=a; REL=\"last next\"",
        ] {
            assert_eq!(next_in(line).as_deref(), Some("https://lms.example/l?from=2&limit=1"), "{line}");
        }
        for line in
            ["", "<https://lms.example/l>; rel=prev", "<https://lms.example/l", "rel=next", "<x>; title=next"]
        {
            assert_eq!(next_in(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_the_reader_panic(line in ".{0,80}") {
            let _ = next_in(&line);
        }
    }
}
