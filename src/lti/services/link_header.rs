//! Pages of long lists: the address of the next one, read leniently.

use url::Url;

use crate::outbound::Response;

/// What an answer says of a list's next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The list ends here.
    None,
    /// It goes on there.
    Page(Url),
    /// It would go on where nobody may follow: at another origin, or at no address at all.
    Astray,
}

/// The next page of a list that was asked for at `asked`.
///
/// Spec: RFC 8288; AGS 2.0 §3.2.9, NRPS 2.0 §2.4.
/// Trust: an address of another origin is not followed, since the access token would go with it.
/// Quirk: Moodle repeats the header's name in its value, uses typographic quotes, and `&amp;` in the address.
pub fn next_of(answer: &Response, asked: &Url) -> Next {
    let lines = answer.headers.get_all("link").iter();
    let found = lines.filter_map(|line| next_in(&String::from_utf8_lossy(line.as_bytes()))).next();
    found.map_or(Next::None, |found| followed(&found, asked))
}

/// The address of the next page, where there is one that may be followed.
pub fn next_page(answer: &Response, asked: &Url) -> Option<Url> {
    match next_of(answer, asked) {
        Next::Page(url) => Some(url).filter(|url| url != asked),
        Next::None | Next::Astray => None,
    }
}

/// The next page that a body names instead.
pub fn next_in_body(address: &str, asked: &Url) -> Next {
    if address.trim().is_empty() { Next::None } else { followed(address.trim(), asked) }
}

fn followed(address: &str, asked: &Url) -> Next {
    match asked.join(address) {
        Ok(url) if url.origin() == asked.origin() => Next::Page(url),
        _ => Next::Astray,
    }
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

    #[test]
    fn nobody_is_led_astray() {
        let asked = Url::parse("https://lms.example/l?limit=1").unwrap();
        let page = |text: &str| Next::Page(Url::parse(text).unwrap());
        for (address, expected) in [
            ("https://lms.example/l?from=1", page("https://lms.example/l?from=1")),
            ("/l?from=1", page("https://lms.example/l?from=1")),
            ("https://lms.example:444/l", Next::Astray),
            ("http://lms.example/l", Next::Astray),
            ("https://evil.example/l", Next::Astray),
            ("//evil.example/l", Next::Astray),
            ("https://", Next::Astray),
            ("javascript:x", Next::Astray),
        ] {
            assert_eq!(followed(address, &asked), expected, "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_the_reader_panic(line in ".{0,80}") {
            let _ = next_in(&line);
        }
    }
}
