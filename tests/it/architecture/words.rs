//! Every word that pages show exists, in every language.

use std::collections::BTreeMap;

use jitsi_lti::entry::notices::jobs::NOTICES;
use jitsi_lti::grades::results::RESULTS;
use jitsi_lti::grades::score::REASONS;
use jitsi_lti::grades::{COLUMN, SCORE};
use jitsi_lti::lti::registration::check::Subject;
use jitsi_lti::lti::services::failure::ServiceError;
use jitsi_lti::memberships::MEMBERSHIPS;
use jitsi_lti::rooms::groups::GROUPS;

use super::reading::*;
use super::speaks_http;

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
fn every_job_and_every_finding_has_a_name() {
    let english = texts("en");
    let jobs = [SCORE, COLUMN, RESULTS, GROUPS, NOTICES, MEMBERSHIPS].map(|kind| format!("job-{kind}"));
    let subjects = [
        Subject::Keys,
        Subject::Clock,
        Subject::Login,
        Subject::TokenAddress,
        Subject::Token,
        Subject::Gradebook,
        Subject::Roster,
    ];
    let findings = subjects.map(Subject::word).into_iter();
    let findings = findings.flat_map(|word| [format!("finding-{word}"), format!("finding-{word}-bad")]);
    let complaints: Vec<String> = jobs
        .into_iter()
        .chain(findings)
        .filter(|key| !english.contains_key(key))
        .map(|key| format!("no text {key}"))
        .collect();
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
        for (at, _) in code
            .match_indices("refused(")
            .filter(|(at, _)| !code[..*at].ends_with("Event::") && !code[..*at].ends_with("note_"))
        {
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
            let is_text = |code: &str| {
                ["", "audit-", "server-finding-", "server-problem-"]
                    .iter()
                    .any(|start| english.contains_key(&format!("{start}{code}")))
            };
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
    let reasons = REASONS.iter().copied().chain(ServiceError::ALL.map(|trouble| trouble.code()));
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
    let reasons = REASONS.map(|code| format!("grades-reason-{code}"));
    let troubles = ServiceError::ALL.map(|trouble| format!("grades-trouble-{}", trouble.code()));
    let lists = ServiceError::ALL.map(|trouble| format!("participants-trouble-{}", trouble.code()));
    let states =
        ["in-class", "waiting", "sent", "refused", "not-sent"].map(|word| format!("grades-state-{word}"));
    let needed = reasons.into_iter().chain(troubles).chain(lists).chain(states);
    none(
        &needed
            .filter(|key| !english.contains_key(key))
            .map(|key| format!("no text {key}"))
            .collect::<Vec<_>>(),
    );
}
