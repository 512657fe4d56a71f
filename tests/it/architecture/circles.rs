//! Finds circles among the files that import each other.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{Source, is_word, sources};

/// Which files each file imports. The lists of modules and re-exports of a `mod.rs` are no imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// Each group of files that reach one another, in order.
pub(super) fn all() -> Vec<Vec<String>> {
    let imports = read();
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        imports.keys().map(|file| (file, reachable(&imports, file))).collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        let back = |other: &&&String| reached.get(**other).is_some_and(|reached| reached.contains(*file));
        let circle: BTreeSet<String> = others.iter().filter(back).map(|other| (**other).clone()).collect();
        if circle.len() > 1 {
            circles.insert(circle.into_iter().collect::<Vec<_>>());
        }
    }
    circles.into_iter().collect()
}

fn reachable<'a>(imports: &'a Imports, from: &String) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&String> = imports[from].iter().collect();
    while let Some(next) = waiting.pop() {
        if found.insert(next) {
            waiting.extend(imports.get(next).into_iter().flatten());
        }
    }
    found
}

fn read() -> Imports {
    let sources: Vec<Source> =
        sources().into_iter().filter(|source| !source.name.starts_with("src/demo/")).collect();
    let files: BTreeMap<String, &str> =
        sources.iter().map(|source| (module_of(&source.name), source.name.as_str())).collect();
    sources
        .iter()
        .map(|source| {
            let own = module_of(&source.name);
            let targets = paths(source, &own, &files)
                .filter_map(|path| file_of(&path, &files))
                .filter(|file| *file != source.name)
                .map(str::to_owned)
                .collect();
            (source.name.clone(), targets)
        })
        .collect()
}

/// `lti::launch` for `src/lti/launch/mod.rs`.
fn module_of(file: &str) -> String {
    let inside = file.trim_start_matches("src/").trim_end_matches(".rs");
    inside.strip_suffix("/mod").unwrap_or(inside).replace('/', "::")
}

/// The file that the longest beginning of a path names.
fn file_of<'a>(path: &str, files: &BTreeMap<String, &'a str>) -> Option<&'a str> {
    let mut path = path;
    loop {
        if let Some(file) = files.get(path) {
            return Some(file);
        }
        path = &path[..path.rfind("::")?];
    }
}

/// The paths that a file names, from the crate's root on: those of its imports, and those in its code.
fn paths<'a>(
    source: &Source,
    own: &'a str,
    files: &'a BTreeMap<String, &str>,
) -> impl Iterator<Item = String> + use<'a> {
    let tests = "\n#[cfg(test)]\nmod tests";
    let text = source.text.split(tests).next().unwrap_or_default();
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut named = Vec::new();
    let mut rest = String::new();
    for statement in code.split_inclusive(';') {
        let line = statement.trim_start();
        let visible =
            line.split_once("use ").filter(|(before, _)| before.is_empty() || before.starts_with("pub"));
        match visible.filter(|(before, _)| !before.contains(['{', '}', '=', '\n'])) {
            // A re-export makes a module's own name for something; nothing is needed for it.
            Some((before, _)) if before.starts_with("pub") => {}
            Some((_, tree)) => named.extend(flat(tree.trim_end_matches(';'))),
            None => rest.push_str(statement),
        }
    }
    let in_scope: BTreeMap<String, String> =
        named.iter().filter_map(|path| Some((path.rsplit("::").next()?.to_owned(), path.clone()))).collect();
    named.extend(in_code(&rest, &in_scope));
    named.into_iter().filter_map(|path| absolute(&path, own, files))
}

/// The paths of an import, each whole.
fn flat(tree: &str) -> Vec<String> {
    let tight: String = tree.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((stem, inner)) = tight.split_once('{') else {
        return vec![tight.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let mut depth = 0;
    let parts = inner.split(|letter: char| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        letter == ',' && depth == 0
    });
    let whole = |part: &str| {
        flat(part.trim()).into_iter().map(|path| format!("{}{path}", stem.trim())).collect::<Vec<_>>()
    };
    parts
        .filter(|part| !part.trim().is_empty())
        .flat_map(whole)
        .map(|path| path.trim_end_matches("::self").to_owned())
        .collect()
}

/// The paths in code that begin at the crate, nearby, or with an imported module.
fn in_code(code: &str, in_scope: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for word in code.split(|letter: char| !is_word(letter) && letter != ':') {
        let path = word.trim_matches(':');
        let Some((first, rest)) = path.split_once("::") else { continue };
        if matches!(first, "crate" | "super" | "self") {
            found.push(path.to_owned());
        } else if let Some(imported) = in_scope.get(first) {
            found.push(format!("{imported}::{rest}"));
        }
    }
    found
}

/// The same path from the crate's root on; `None` for another crate's.
fn absolute(path: &str, own: &str, files: &BTreeMap<String, &str>) -> Option<String> {
    let (first, rest) = path.split_once("::").unwrap_or((path, ""));
    match first {
        "crate" => Some(rest.to_owned()),
        "self" => Some(format!("{own}::{rest}")),
        "super" => {
            let (mut base, mut rest) = (own, path);
            while let Some(after) = rest.strip_prefix("super::") {
                (base, rest) = (base.rsplit_once("::").map_or("", |(above, _)| above), after);
            }
            Some(if base.is_empty() { rest.to_owned() } else { format!("{base}::{rest}") })
        }
        _ => {
            let nearby = if own.is_empty() { first.to_owned() } else { format!("{own}::{first}") };
            files.contains_key(&nearby).then(|| format!("{own}::{path}"))
        }
    }
}
