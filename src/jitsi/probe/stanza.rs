//! Reads the small XML of XMPP: elements, attributes and texts.
//!
//! Spec: RFC 6120 §11.1: no document types, no comments, and no entities but the five that XML knows.

/// Nothing that a server sends at a login is deeper.
const MAX_DEPTH: usize = 32;

/// An element with what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name without a prefix.
    pub name: String,
    attributes: Vec<(String, String)>,
    /// The elements in it.
    pub children: Vec<Element>,
    /// The text that stands in it directly.
    pub text: String,
}

impl Element {
    /// Reads `text`, which holds one element; `None` when it isn't well-formed.
    pub fn read(text: &str) -> Option<Self> {
        let mut open: Vec<Self> = Vec::new();
        let mut rest = text;
        loop {
            let (before, after) = rest.split_once('<')?;
            if let Some(current) = open.last_mut() {
                current.text.push_str(&decoded(before));
            }
            if let Some(declared) = after.strip_prefix('?') {
                rest = declared.split_once("?>")?.1;
                continue;
            }
            let (tag, after) = after.split_at(end_of_tag(after)?);
            rest = after.get(1..)?;
            let closed = match (tag.strip_prefix('/'), tag.strip_suffix('/')) {
                (Some(name), _) => {
                    let done = open.pop()?;
                    if done.name != local(name.trim()) {
                        return None;
                    }
                    Some(done)
                }
                (None, Some(tag)) => Some(Self::opened(tag)?),
                (None, None) => {
                    open.push(Self::opened(tag)?);
                    None
                }
            };
            if open.len() > MAX_DEPTH {
                return None;
            }
            if let Some(done) = closed {
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => return Some(done),
                }
            }
        }
    }

    fn opened(tag: &str) -> Option<Self> {
        let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        if name.is_empty() || name.starts_with('!') {
            return None;
        }
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return Some(Self { name: local(name).to_owned(), attributes, ..Self::default() });
            }
            let (key, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
            let (value, after) = after.get(1..)?.split_once(quote)?;
            attributes.push((key.trim().to_owned(), decoded(value)));
            rest = after;
        }
    }

    /// Returns an attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the first element in it that has this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Returns the elements in it that have this name.
    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Where a tag ends: values may hold the sign that ends it.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, letter)| {
        match (quote, letter) {
            (None, '>') => return Some(at),
            (None, '\'' | '"') => quote = Some(letter),
            (Some(begun), letter) if begun == letter => quote = None,
            _ => {}
        }
        None
    })
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The text that `raw` stands for: each entity is read once, so that what was written twice stays as it was meant.
fn decoded(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        match after.split_once(';').and_then(|(name, after)| Some((entity(name)?, after))) {
            Some((letter, after)) => {
                text.push(letter);
                rest = after;
            }
            None => {
                text.push('&');
                rest = after;
            }
        }
    }
    text + rest
}

fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_attributes_and_texts_are_read() {
        let body = Element::read(
            "<?xml version='1.0'?><body sid='a>b' xmlns:stream='x'><stream:features><mechanisms><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features><presence  from = \"r@m/n\"/></body>",
        )
        .unwrap();
        assert_eq!(body.attribute("sid"), Some("a>b"));
        let features = body.child("features").and_then(|features| features.child("mechanisms")).unwrap();
        assert_eq!(features.child("mechanism").unwrap().text, "ANONYMOUS");
        assert_eq!(body.child("presence").unwrap().attribute("from"), Some("r@m/n"));
        assert_eq!(body.children_named("presence").count(), 1);
    }

    #[test]
    fn texts_of_the_server_are_decoded_once() {
        let text = |raw: &str| Element::read(&format!("<t>{raw}</t>")).unwrap().text;
        assert_eq!(text("invalid &apos;iss&apos; claim"), "invalid 'iss' claim");
        assert_eq!(text("&amp;apos; &lt;b&gt; &#39;&#x27;"), "&apos; <b> ''");
        assert_eq!(text("R&D &unknown; &"), "R&D &unknown; &");
    }

    #[test]
    fn what_is_no_element_is_refused() {
        for text in ["", "text", "<a>", "<a></b>", "</a>", "<a b=c/>", "<!DOCTYPE a><a/>", "< a/>"] {
            assert_eq!(Element::read(text), None, "{text}");
        }
        assert_eq!(Element::read(&"<a>".repeat(100_000)), None);
    }
}
