//! The name under which a person appears in a meeting.

/// Longer names are cut, so that a token stays far below what proxies take in a URL.
const MAX_CHARS: usize = 120;

/// The name as Jitsi is told it, in a token as in a frame's address: one line, not too long, and without characters that
/// nobody sees but that change how a name, or what stands beside it, reads.
pub fn display_name(name: &str) -> String {
    let chars: Vec<char> = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let shown = chars.iter().enumerate().filter(|(index, c)| match **c {
        ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER => joins(&chars, *index),
        c => !is_hidden(c),
    });
    let line: String = shown.map(|(_, c)| *c).collect();
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").chars().take(MAX_CHARS).collect::<String>().trim_end().to_owned()
}

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Quirk: names in Persian, Hindi and other scripts need joiners between two of their letters; elsewhere they only hide.
fn joins(chars: &[char], index: usize) -> bool {
    let is_letter =
        |c: Option<&char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace() && !is_hidden(*c));
    is_letter(index.checked_sub(1).and_then(|before| chars.get(before))) && is_letter(chars.get(index + 1))
}

/// Spec: Unicode UAX #9 (grades, embeddings, overrides and isolates); characters without width; tags.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_direction_overrides_and_what_nobody_sees() {
        for (name, shown) in [
            ("Ana Silva", "Ana Silva"),
            ("Ana \u{202e}avliS", "Ana avliS"),
            ("\u{2066}Ana\u{2069} \u{200f}Silva\u{200e}", "Ana Silva"),
            ("Te\u{200b}ssa\u{feff} Mar\u{ad}low\u{2060}", "Tessa Marlow"),
            ("Tes\u{200d}sa", "Tessa"),
            ("  Ana\n\tSilva\u{0} ", "Ana Silva"),
            ("\u{202e}\u{200b}", ""),
            // Persian and Hindi names, and a family of emoji, keep what holds them together.
            ("علی\u{200c}رضا", "علی\u{200c}رضا"),
            ("क्\u{200d}ष", "क्\u{200d}ष"),
            ("👩\u{200d}👧", "👩\u{200d}👧"),
        ] {
            assert_eq!(display_name(name), shown, "{name:?}");
        }
    }

    #[test]
    fn endless_names_are_cut() {
        assert_eq!(display_name(&"界".repeat(4000)).chars().count(), MAX_CHARS);
        assert_eq!(display_name(&format!("{} b", "a".repeat(119))), "a".repeat(119));
    }
}
