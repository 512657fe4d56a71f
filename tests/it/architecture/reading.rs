//! Reads the sources, the templates and the texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

impl Source {
    /// Lines without comments, numbered from one.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().filter_map(|(at, line)| {
            let is_comment = line.trim_start().starts_with("//");
            (!is_comment).then(|| (at + 1, line.split(" // ").next().unwrap_or(line)))
        })
    }

    /// Whether `name` is a module in the file's own folder.
    pub(super) fn has_sibling(&self, name: &str) -> bool {
        root().join(&self.name).with_file_name(format!("{name}.rs")).is_file()
    }

    /// The rooms of this crate that the file names, with the line.
    pub(super) fn imports(&self) -> Vec<(usize, String)> {
        let above = "super::".repeat(depth_of(&self.name));
        let mut found = Vec::new();
        for (number, line) in self.code() {
            let from_root = line.match_indices("crate::").map(|(at, mark)| &line[at + mark.len()..]);
            let from_above =
                line.find(&above).filter(|_| !above.is_empty()).map(|at| &line[at + above.len()..]);
            for rest in from_root.chain(from_above) {
                let names: Vec<&str> = match rest.strip_prefix('{') {
                    Some(group) => group.split(['}', ';']).next().unwrap_or_default().split(',').collect(),
                    None => vec![rest],
                };
                let first = |name: &str| {
                    name.trim().chars().take_while(|letter| is_word(*letter)).collect::<String>()
                };
                found.extend(
                    names.into_iter().map(first).filter(|name| is_room(name)).map(|name| (number, name)),
                );
            }
        }
        found
    }
}

/// How many modules a file lies below the crate's root.
pub(super) fn depth_of(file: &str) -> usize {
    let parts = file.trim_start_matches("src/").split('/').count();
    if file.ends_with("/mod.rs") { parts - 1 } else { parts }
}

pub(super) fn is_room(name: &str) -> bool {
    if name.is_empty() {
        return false;
    }
    name == "on_each_backend"
        || root().join("src").join(name).is_dir()
        || root().join(format!("src/{name}.rs")).is_file()
}

/// `lti` for `src/lti/web.rs`, `app` for `src/app.rs`.
pub(super) fn room_of(file: &str) -> &str {
    let inside = file.trim_start_matches("src/");
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

pub(super) fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

pub(super) fn files_in(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { waiting.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

pub(super) fn sources() -> Vec<Source> {
    let rust = files_in("src").into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "rs"));
    let found: Vec<_> =
        rust.map(|path| Source { name: shown(&path), text: fs::read_to_string(&path).unwrap() }).collect();
    assert!(found.len() > 40, "the sources were not found");
    found
}

pub(super) fn templates() -> Vec<(String, String)> {
    files_in("templates").into_iter().map(|path| (shown(&path), fs::read_to_string(&path).unwrap())).collect()
}

pub(super) fn languages() -> Vec<String> {
    let folders = fs::read_dir(root().join("src/i18n/locales")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

/// Key and text of each message of a language.
pub(super) fn texts(language: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for path in files_in(&format!("src/i18n/locales/{language}")) {
        let mut last = String::new();
        for line in fs::read_to_string(&path).unwrap().lines() {
            if line.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '-') {
                let (key, text) = line.split_once('=').unwrap_or((line, ""));
                key.trim().clone_into(&mut last);
                let before = found.insert(last.clone(), text.trim().to_owned());
                assert!(before.is_none(), "{}: {last} stands there twice", shown(&path));
            } else if line.starts_with(' ') {
                found.entry(last.clone()).or_default().push_str(line);
            }
        }
    }
    assert!(!found.is_empty(), "no texts in {language}");
    found
}

pub(super) fn variables(text: &str) -> BTreeSet<String> {
    text.split('$').skip(1).map(|rest| rest.chars().take_while(|letter| is_word(*letter)).collect()).collect()
}

/// The literal parts of the key in each `t(…)` of a template: one part where the key is plain.
pub(super) fn calls_of_t(template: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in template.match_indices("t(") {
        if template[..at].ends_with(|letter: char| is_word(letter)) {
            continue;
        }
        let key = template[at + 2..].split([')', ',']).next().unwrap_or_default();
        let mut parts: Vec<String> = key.split(['"', '\'']).skip(1).step_by(2).map(str::to_owned).collect();
        if key.trim_end().ends_with(|letter: char| is_word(letter)) {
            parts.push(String::new());
        }
        found.push(parts);
    }
    found
}

/// Whether `key` begins with the first part, ends with the last, and has something between.
pub(super) fn fits(key: &str, parts: &[String]) -> bool {
    let [first, .., last] = parts else { return false };
    key.len() > first.len() + last.len() && key.starts_with(first.as_str()) && key.ends_with(last.as_str())
}

pub(super) fn literals_after(text: &str, mark: &str) -> Vec<String> {
    text.match_indices(mark).filter_map(|(at, _)| text[at..].split('"').nth(1)).map(str::to_owned).collect()
}

pub(super) fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
