//! The house keeps its order: who may import whom, which library lives where, how long a file gets, and that every
//! text exists in every language.

mod circles;
mod dependencies;
mod reading;
mod samples;
mod settings;
mod words;

use std::fs;

use self::reading::*;

const CEILING: usize = 500;

/// The domains, and which other domains each may import. `web.rs` may import [`EDGE`] as well.
const DOMAINS: [(&str, &[&str]); 11] = [
    ("lti", &[]),
    ("jitsi", &[]),
    ("servers", &["jitsi"]),
    ("rooms", &["lti", "jitsi", "servers"]),
    ("memberships", &["lti", "rooms"]),
    ("presence", &["lti", "rooms"]),
    ("attendance", &["lti", "rooms", "presence", "memberships"]),
    ("grades", &["lti", "rooms", "presence", "attendance"]),
    ("activity", &["lti", "jitsi", "servers", "rooms", "memberships", "presence", "attendance", "grades"]),
    ("entry", &["lti", "rooms", "memberships", "grades"]),
    (
        "admin",
        &[
            "lti",
            "jitsi",
            "servers",
            "rooms",
            "memberships",
            "presence",
            "attendance",
            "grades",
            "activity",
            "entry",
        ],
    ),
];
/// What every domain may use.
const TOOLS: [&str; 13] = [
    "clock",
    "codes",
    "config",
    "db",
    "ephemeral",
    "flush",
    "ids",
    "jobs",
    "on_each_backend",
    "outbound",
    "private_files",
    "sealing",
    "signing",
];
/// What only the pages of a domain may use; words also its `jobs.rs`, which writes to people's gradebooks.
const EDGE: [&str; 3] = ["state", "http", "i18n"];
/// The foundation: knows no domain, and neither the commands nor the demo.
const FOUNDATION: [&str; 15] = [
    "clock",
    "codes",
    "config",
    "db",
    "ephemeral",
    "flush",
    "http",
    "i18n",
    "ids",
    "jobs",
    "outbound",
    "private_files",
    "sealing",
    "signing",
    "telemetry",
];
/// A library, whether a file is its home, and its home in words.
type Library = (&'static str, fn(&str) -> bool, &'static str);

/// Libraries that only some places may name.
const LIBRARIES: [Library; 6] = [
    (
        "actix",
        speaks_http,
        "http/, */web.rs, activity/, admin/'s pages, routes.rs, startup.rs, telemetry.rs, cli/ and demo/",
    ),
    ("diesel", speaks_sql, "db/, jobs/, */store.rs, and ids.rs and clock.rs, whose types columns hold"),
    ("redis", |file| file == "src/ephemeral/redis.rs", "ephemeral/redis.rs"),
    ("josekit", |file| file.starts_with("src/signing/"), "signing/"),
    ("openidconnect", speaks_openid, "lti/ and admin/sign_in/"),
    ("minijinja", draws_pages, "http/, demo/ and build.rs"),
];

fn speaks_http(file: &str) -> bool {
    ["src/http/", "src/cli/", "src/demo/"].iter().any(|folder| file.starts_with(folder))
        || ["src/routes.rs", "src/startup.rs", "src/telemetry.rs"].contains(&file)
        || is_page(file)
}

/// Whether a file draws pages: any `web.rs`, and where a folder is nothing but pages, every file but its queries and forms
/// without HTTP.
fn is_page(file: &str) -> bool {
    file.ends_with("/web.rs")
        || file.starts_with("src/activity/")
        || (file.starts_with("src/admin/") && !file.ends_with("/store.rs"))
}

fn speaks_sql(file: &str) -> bool {
    file.starts_with("src/db/")
        || file.starts_with("src/jobs/")
        || file.ends_with("/store.rs")
        || ["src/ids.rs", "src/clock.rs"].contains(&file)
}

fn speaks_openid(file: &str) -> bool {
    file.starts_with("src/lti/") || file.starts_with("src/admin/sign_in/")
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
    if here == target || matches!(here, "startup" | "routes" | "cli" | "main" | "lib" | "build") {
        let only_main = target == "cli" && !matches!(here, "cli" | "main");
        return only_main.then(|| "only main.rs imports cli".to_owned());
    }
    if here == "state" {
        return (target == "routes" || target == "startup")
            .then(|| "state is what handlers share".to_owned());
    }
    if here == "demo" {
        let allowed = ["clock", "ids"].contains(&target);
        return (!allowed).then(|| "demo uses clock and ids alone, and speaks HTTP to the tool".to_owned());
    }
    if FOUNDATION.contains(&here) {
        let allowed = FOUNDATION.contains(&target)
            || target == "on_each_backend"
            || (here == "http" && target == "state");
        return (!allowed).then(|| format!("{here} is foundation and knows no room"));
    }
    let Some((_, rooms)) = DOMAINS.iter().find(|(room, _)| *room == here) else {
        return Some(format!("{here} has no rule yet: add it to this test"));
    };
    if EDGE.contains(&target) {
        let writes_words = target == "i18n" && file.ends_with("/jobs.rs");
        return (!writes_words && !is_page(file))
            .then(|| format!("only the pages of {here} import {target}"));
    }
    let allowed = rooms.contains(&target) || TOOLS.contains(&target);
    (!allowed).then(|| format!("{here} may import the tools and {rooms:?}"))
}

/// No file needs one that needs it: what both ends of an import use stands in a file of its own.
#[test]
fn no_files_import_each_other_in_a_circle() {
    let circles: Vec<String> = circles::all().iter().map(|circle| circle.join(" → ")).collect();
    none(&circles);
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
    let homes = ["src/outbound/", "src/demo/"];
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
