//! The house keeps its order: who may import whom, which library lives where, how long a file gets, and that every
//! text exists in every language.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jitsi_lti::attendance::passback::REASONS;
use jitsi_lti::lti::service::Trouble;

const CEILING: usize = 500;

/// The rooms of the house, and which other rooms each may import. `web.rs` may import [`EDGE`] as well.
const DOMAINS: [(&str, &[&str]); 7] = [
    ("lti", &[]),
    ("jitsi", &[]),
    ("servers", &["jitsi"]),
    ("rooms", &["lti", "jitsi", "servers"]),
    ("attendance", &["lti", "rooms"]),
    ("entry", &["lti", "rooms", "attendance"]),
    ("admin", &["lti", "jitsi", "servers", "rooms", "attendance", "entry"]),
];
/// What every room may use.
const TOOLS: [&str; 10] = [
    "clock",
    "config",
    "db",
    "ephemeral",
    "ids",
    "jobs",
    "on_each_backend",
    "outbound",
    "sealing",
    "signing",
];
/// What only a room's `web.rs` may use; words also its `jobs.rs`, which writes to people's gradebooks.
const EDGE: [&str; 3] = ["app", "http", "i18n"];
/// The foundation: knows no room, and neither the commands nor the demo.
const FOUNDATION: [&str; 12] = [
    "clock",
    "config",
    "db",
    "ephemeral",
    "http",
    "i18n",
    "ids",
    "jobs",
    "outbound",
    "sealing",
    "signing",
    "telemetry",
];
/// A library, whether a file is its home, and its home in words.
type Library = (&'static str, fn(&str) -> bool, &'static str);

/// Libraries that only some places may name.
const LIBRARIES: [Library; 6] = [
    ("actix", speaks_http, "http/, */web.rs, routes.rs, app.rs, telemetry.rs, cli/ and demo/"),
    ("diesel", |file| file.starts_with("src/db/") || file.ends_with("/store.rs"), "db/ and */store.rs"),
    ("redis", |file| file == "src/ephemeral/redis.rs", "ephemeral/redis.rs"),
    ("josekit", |file| file.starts_with("src/signing/"), "signing/"),
    ("openidconnect", |file| file.starts_with("src/lti/"), "lti/"),
    ("minijinja", draws_pages, "http/, demo/ and build.rs"),
];

fn speaks_http(file: &str) -> bool {
    ["src/http/", "src/cli/", "src/demo/"].iter().any(|folder| file.starts_with(folder))
        || ["src/routes.rs", "src/app.rs", "src/telemetry.rs"].contains(&file)
        || file.ends_with("/web.rs")
}

fn draws_pages(file: &str) -> bool {
    file.starts_with("src/http/") || file.starts_with("src/demo/") || file == "src/build.rs"
}

#[test]
fn imports_run_one_way() {
    let mut complaints = Vec::new();
    for source in sources() {
        for (line, target) in source.imports() {
            let broken = forbidden(&source.name, &target);
            complaints
                .extend(broken.map(|rule| format!("{}:{line} imports crate::{target}: {rule}", source.name)));
        }
    }
    none(&complaints);
}

/// The rule that `file` breaks when it imports `target`.
fn forbidden(file: &str, target: &str) -> Option<String> {
    let here = room_of(file);
    if here == target || matches!(here, "app" | "routes" | "cli" | "main" | "lib" | "build") {
        let only_main = target == "cli" && !matches!(here, "cli" | "main");
        return only_main.then(|| "only main.rs imports cli".to_owned());
    }
    if here == "demo" {
        let allowed = ["clock", "ids"].contains(&target);
        return (!allowed).then(|| "demo uses clock and ids alone, and speaks HTTP to the tool".to_owned());
    }
    if FOUNDATION.contains(&here) {
        let allowed = FOUNDATION.contains(&target)
            || target == "on_each_backend"
            || (here == "http" && target == "app");
        return (!allowed).then(|| format!("{here} is foundation and knows no room"));
    }
    let Some((_, rooms)) = DOMAINS.iter().find(|(room, _)| *room == here) else {
        return Some(format!("{here} has no rule yet: add it to this test"));
    };
    if EDGE.contains(&target) {
        let writes_words = target == "i18n" && file.ends_with("/jobs.rs");
        return (!writes_words && !file.ends_with("/web.rs"))
            .then(|| format!("only {here}/web.rs imports {target}"));
    }
    let allowed = rooms.contains(&target) || TOOLS.contains(&target);
    (!allowed).then(|| format!("{here} may import the tools and {rooms:?}"))
}

#[test]
fn libraries_stay_where_they_belong() {
    let mut complaints = Vec::new();
    for source in sources() {
        for (number, line) in source.code() {
            for name in crates_of(line) {
                let rule = LIBRARIES.iter().find(|(library, _, _)| belongs_to(&name, library));
                if let Some((library, is_at_home, home)) = rule
                    && !is_at_home(&source.name)
                    && !source.has_sibling(&name)
                {
                    complaints
                        .push(format!("{}:{number} names {name}: {library} lives in {home}", source.name));
                }
            }
        }
    }
    none(&complaints);
}

/// `actix_web`, `tracing_actix_web` and `deadpool_redis` belong to their library too.
fn belongs_to(name: &str, library: &str) -> bool {
    name.split('_').any(|part| part == library)
}

/// The first segments of the paths in a line that are not of this crate: `actix_web` in `actix_web::App`.
fn crates_of(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("::") {
        let before: String = line[..at].chars().rev().take_while(|letter| is_word(*letter)).collect();
        let name: String = before.chars().rev().collect();
        let is_first = !line[..at - name.len()].ends_with("::");
        if is_first && !name.is_empty() {
            found.push(name);
        }
    }
    if let Some(rest) = line.trim_start().strip_prefix("use ") {
        found.push(rest.chars().take_while(|letter| is_word(*letter)).collect());
    }
    found
}

#[test]
fn nobody_opens_a_second_window_to_the_outside() {
    let homes = ["src/outbound/", "src/demo/", "src/app.rs"];
    let mut complaints = Vec::new();
    for source in sources() {
        for (number, line) in source.code() {
            if crates_of(line).iter().any(|name| name == "reqwest")
                && !homes.iter().any(|home| source.name.starts_with(home))
            {
                complaints.push(format!(
                    "{}:{number} names reqwest: requests go out through outbound/",
                    source.name
                ));
            }
        }
    }
    none(&complaints);
}

#[test]
fn no_file_is_longer_than_the_ceiling() {
    let folders = ["src", "tests", "templates", "assets", "benches"];
    let files = folders.iter().flat_map(|folder| files_in(folder));
    let complaints: Vec<_> = files
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).ok()?.lines().count();
            (lines > CEILING)
                .then(|| format!("{} has {lines} lines, and {CEILING} is the ceiling", shown(&path)))
        })
        .collect();
    none(&complaints);
}

#[test]
fn templates_escape_everything() {
    let known = ("templates/pages/rooms/meeting.html", "{{ config|safe }}");
    let mut complaints = Vec::new();
    for (file, text) in templates() {
        for (number, line) in text.lines().enumerate() {
            let tight: String = line.split_whitespace().collect::<Vec<_>>().join("");
            let unescaped = tight.contains("|safe") || tight.contains("autoescapefalse");
            if unescaped && !(file == known.0 && line.contains(known.1)) {
                complaints.push(format!("{file}:{} switches escaping off", number + 1));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_language_says_the_same_things() {
    let english = texts("en");
    let mut complaints = Vec::new();
    for language in languages() {
        let own = texts(&language);
        for (key, text) in &english {
            match own.get(key) {
                None => complaints.push(format!("{language} lacks {key}")),
                Some(other) if variables(other) != variables(text) => {
                    complaints.push(format!("{language}: {key} does not use the same values as in English"));
                }
                Some(_) => {}
            }
        }
        complaints.extend(
            own.keys().filter(|key| !english.contains_key(*key)).map(|key| format!("en lacks {key}")),
        );
    }
    none(&complaints);
}

#[test]
fn every_text_of_a_template_exists() {
    let english = texts("en");
    let mut complaints = Vec::new();
    for (file, text) in templates() {
        for call in calls_of_t(&text) {
            let known = match call.as_slice() {
                [key] => english.contains_key(key),
                parts => english.keys().any(|key| fits(key, parts)),
            };
            if !known {
                complaints.push(format!("{file}: no text for t({})", call.join(" ~ … ~ ")));
            }
        }
        for card in literals_after(&text, "card = ").iter().filter(|card| *card != "left") {
            for part in ["title", "meaning", "action"] {
                let key = format!("meeting-{card}-{part}");
                if !english.contains_key(&key) {
                    complaints.push(format!("{file}: no text {key}"));
                }
            }
        }
        for list in
            text.match_indices("buttons = [").filter_map(|(at, _)| text[at..].split(['[', ']']).nth(1))
        {
            for button in list.split(',').map(|button| button.trim().trim_matches('"')) {
                if !english.contains_key(&format!("meeting-do-{button}")) {
                    complaints.push(format!("{file}: no text meeting-do-{button}"));
                }
            }
        }
    }
    for role in ["moderator", "participant", "observer"] {
        for key in [format!("role-{role}"), format!("role-{role}-because")] {
            if !english.contains_key(&key) {
                complaints.push(format!("no text {key}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_code_of_a_refusal_says_what_happened_and_what_to_do() {
    let english = texts("en");
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    for source in sources()
        .into_iter()
        .filter(|source| speaks_http(&source.name) && !source.name.starts_with("src/demo/"))
    {
        let code: String = source.code().map(|(_, line)| format!("{line}\n")).collect();
        for (at, _) in code.match_indices("refused(") {
            let argument = code[at..].split([')', ';']).next().unwrap_or_default();
            codes.extend(argument.split('"').nth(1).map(|code| (code.to_owned(), source.name.clone())));
        }
        // The tables that map an error to its code: `Error => (STATUS, "code")` and `"error" => "code"`.
        for line in code
            .lines()
            .filter(|line| line.contains("=> (") || line.contains("=> \"") || line.contains("code:"))
        {
            let last = line.split('"').collect::<Vec<_>>();
            let literal = last.len().checked_sub(2).map(|at| last[at]).filter(|text| is_code(text));
            let is_text = |code: &str| english.contains_key(code);
            codes.extend(
                literal.filter(|code| !is_text(code)).map(|code| (code.to_owned(), source.name.clone())),
            );
        }
    }
    codes.insert("internal".to_owned(), "src/http/failure.rs".to_owned());
    assert!(codes.len() > 30, "the codes were not found: {codes:?}");
    let mut complaints = Vec::new();
    for (code, file) in codes {
        for part in ["title", "meaning", "action"] {
            if !english.contains_key(&format!("error-{code}-{part}")) {
                complaints.push(format!("{file}: no text error-{code}-{part}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_word_of_the_administrators_pages_has_its_text() {
    let english = texts("en");
    let code: String = sources().into_iter().map(|source| source.text).collect();
    // Actions are named where they are noted, where their form is read, and in the words of buttons.
    let mut actions: Vec<String> = ["Event::done(", "Event::refused(", "&form.csrf, ("]
        .iter()
        .flat_map(|call| code.match_indices(call).map(|(at, _)| &code[at..]))
        .filter_map(|rest| rest.split(';').next()?.split('"').nth(1))
        .map(str::to_owned)
        .collect();
    for (at, _) in code.match_indices("fn action(self)") {
        let body = code[at..].split("fn said").next().unwrap();
        actions.extend(literals_after(body, "=> "));
    }
    assert!(actions.len() > 20, "the actions were not found: {actions:?}");
    let actions = actions.iter().map(|action| format!("audit-{action}"));
    let findings = ["Finding::good(", "Finding::notice(", "Finding::bad("]
        .iter()
        .flat_map(|call| literals_after(&code, call))
        .map(|code| format!("server-finding-{code}"));
    let fixes = ["Finding::notice(", "Finding::bad("]
        .iter()
        .flat_map(|call| literals_after(&code, call))
        .map(|code| format!("server-finding-{code}-fix"));
    let reasons = REASONS.iter().copied().chain(Trouble::ALL.map(|trouble| trouble.code()));
    let reasons = reasons.map(|code| format!("job-reason-{code}"));
    none(
        &actions
            .chain(findings)
            .chain(fixes)
            .chain(reasons)
            .filter(|key| !english.contains_key(key))
            .map(|key| format!("no text {key}"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_reason_why_a_mark_does_not_arrive_has_its_sentence() {
    let english = texts("en");
    let reasons = REASONS.map(|code| format!("marks-reason-{code}"));
    let troubles = Trouble::ALL.map(|trouble| format!("marks-trouble-{}", trouble.code()));
    let lists = Trouble::ALL.map(|trouble| format!("roster-trouble-{}", trouble.code()));
    let states =
        ["in-class", "waiting", "sent", "refused", "not-sent"].map(|word| format!("marks-state-{word}"));
    let needed = reasons.into_iter().chain(troubles).chain(lists).chain(states);
    none(
        &needed
            .filter(|key| !english.contains_key(key))
            .map(|key| format!("no text {key}"))
            .collect::<Vec<_>>(),
    );
}

// ------------------------------------------------------------------------------------------------------ reading

struct Source {
    name: String,
    text: String,
}

impl Source {
    /// Lines without comments, numbered from one.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().filter_map(|(at, line)| {
            let is_comment = line.trim_start().starts_with("//");
            (!is_comment).then(|| (at + 1, line.split(" // ").next().unwrap_or(line)))
        })
    }

    /// Whether `name` is a module in the file's own folder.
    fn has_sibling(&self, name: &str) -> bool {
        root().join(&self.name).with_file_name(format!("{name}.rs")).is_file()
    }

    /// The rooms of this crate that the file names, with the line.
    fn imports(&self) -> Vec<(usize, String)> {
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
fn depth_of(file: &str) -> usize {
    let parts = file.trim_start_matches("src/").split('/').count();
    if file.ends_with("/mod.rs") { parts - 1 } else { parts }
}

fn is_room(name: &str) -> bool {
    if name.is_empty() {
        return false;
    }
    name == "on_each_backend"
        || root().join("src").join(name).is_dir()
        || root().join(format!("src/{name}.rs")).is_file()
}

/// `lti` for `src/lti/web.rs`, `app` for `src/app.rs`.
fn room_of(file: &str) -> &str {
    let inside = file.trim_start_matches("src/");
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

/// Words in lower case, joined by hyphens.
fn is_code(text: &str) -> bool {
    text.contains('-') && text.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn files_in(folder: &str) -> Vec<PathBuf> {
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

fn sources() -> Vec<Source> {
    let rust = files_in("src").into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "rs"));
    let found: Vec<_> =
        rust.map(|path| Source { name: shown(&path), text: fs::read_to_string(&path).unwrap() }).collect();
    assert!(found.len() > 40, "the sources were not found");
    found
}

fn templates() -> Vec<(String, String)> {
    files_in("templates").into_iter().map(|path| (shown(&path), fs::read_to_string(&path).unwrap())).collect()
}

fn languages() -> Vec<String> {
    let folders = fs::read_dir(root().join("src/i18n/locales")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

/// Key and text of each message of a language.
fn texts(language: &str) -> BTreeMap<String, String> {
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

fn variables(text: &str) -> BTreeSet<String> {
    text.split('$').skip(1).map(|rest| rest.chars().take_while(|letter| is_word(*letter)).collect()).collect()
}

/// The literal parts of the key in each `t(…)` of a template: one part where the key is plain.
fn calls_of_t(template: &str) -> Vec<Vec<String>> {
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
fn fits(key: &str, parts: &[String]) -> bool {
    let [first, .., last] = parts else { return false };
    key.len() > first.len() + last.len() && key.starts_with(first.as_str()) && key.ends_with(last.as_str())
}

fn literals_after(text: &str, mark: &str) -> Vec<String> {
    text.match_indices(mark).filter_map(|(at, _)| text[at..].split('"').nth(1)).map(str::to_owned).collect()
}

fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
