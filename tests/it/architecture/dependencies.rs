//! Libraries: each that is asked for is used, may be used, and comes from where all do.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::reading::*;

/// Licences that go with ours. No GPL: whoever hands out the program would have to hand out all of it under that licence.
const LICENCES: [&str; 9] =
    ["Apache-2.0", "BSD-3-Clause", "BSL-1.0", "ISC", "MIT", "MPL-2.0", "PostgreSQL", "Unicode-3.0", "Zlib"];
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Nobody names them: they are there for their features.
const FOR_THEIR_FEATURES: [&str; 2] = ["libsqlite3-sys", "pq-sys"];
/// Which folders use the libraries of a section.
const SECTIONS: [(&str, &[&str]); 3] = [
    ("[dependencies]", &["src"]),
    ("[dev-dependencies]", &["src", "tests", "benches"]),
    ("[build-dependencies]", &["src/build.rs"]),
];

#[test]
fn every_dependency_is_used() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut complaints = Vec::new();
    for (section, folders) in SECTIONS {
        let text = manifest.split(section).nth(1).unwrap_or_else(|| panic!("no {section}"));
        let lines = text.lines().skip(1).take_while(|line| !line.starts_with('['));
        let names: Vec<&str> = lines.filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
        assert!(!names.is_empty(), "no names in {section}");
        let code = code_in(folders);
        for name in names.into_iter().filter(|name| !FOR_THEIR_FEATURES.contains(name)) {
            if !is_named(&code, &name.replace('-', "_")) {
                complaints.push(format!("{section} asks for {name}, which {folders:?} never name"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn licences_and_sources_of_libraries_are_known() {
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let args = ["metadata", "--format-version=1", "--locked", "--filter-platform", &platform];
    let output = Command::new(env!("CARGO")).args(args).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "the packages were not found");
    let mut complaints = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("an unnamed licence");
        if !Expression::of(licence).permits() {
            complaints.push(format!("{name} is under {licence}"));
        }
        match package["source"].as_str() {
            None => {
                let any = package["dependencies"].as_array().unwrap().iter().filter(|one| one["req"] == "*");
                complaints.extend(any.map(|one| format!("{name} takes any version of {}", one["name"])));
            }
            Some(CRATES_IO) => {}
            Some(elsewhere) => complaints.push(format!("{name} comes from {elsewhere}")),
        }
    }
    none(&complaints);
}

/// What is left to read of a licence expression (SPDX, annex D).
struct Expression(Vec<String>);

impl Expression {
    fn of(text: &str) -> Self {
        let spaced = text.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        Self(spaced.split_whitespace().rev().map(str::to_owned).collect())
    }

    /// Whether one of the choices consists of permitted licences alone.
    fn permits(mut self) -> bool {
        self.any() && self.0.is_empty()
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.0.last().is_some_and(|next| next == word);
        is_next.then(|| self.0.pop()).is_some()
    }

    fn any(&mut self) -> bool {
        let mut permitted = self.all();
        while self.takes("OR") {
            permitted |= self.all();
        }
        permitted
    }

    fn all(&mut self) -> bool {
        let mut permitted = self.one();
        while self.takes("AND") {
            permitted &= self.one();
        }
        permitted
    }

    fn one(&mut self) -> bool {
        if self.takes("(") {
            return self.any() && self.takes(")");
        }
        let mut licence = self.0.pop().unwrap_or_default();
        if self.takes("WITH") {
            licence = format!("{licence} WITH {}", self.0.pop().unwrap_or_default());
        }
        LICENCES.contains(&licence.as_str())
    }
}

#[test]
fn licence_expressions_are_read() {
    for (text, permitted) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("GPL-3.0-only/MIT", true),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR GPL-3.0-only) AND Zlib", true),
        ("Apache-2.0 WITH LLVM-exception OR MIT", true),
        ("MIT WITH another-exception", false),
        ("MIT MIT", false),
        ("", false),
    ] {
        assert_eq!(Expression::of(text).permits(), permitted, "{text}");
    }
}

fn code_in(folders: &[&str]) -> String {
    let read = |path: &std::path::Path| fs::read_to_string(path).unwrap_or_default();
    let of = |folder: &&str| match folder.ends_with(".rs") {
        true => read(&root().join(folder)),
        false => files_in(folder)
            .iter()
            .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
            .map(|path| read(path))
            .collect(),
    };
    folders.iter().map(of).collect()
}

/// Whether `name` stands in the code as a word of its own, with a path or at the end of a `use`.
fn is_named(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let rest = &code[at + name.len()..];
        !code[..at].ends_with(is_word) && (rest.starts_with("::") || rest.starts_with(';'))
    })
}
