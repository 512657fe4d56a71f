//! Every word that pages show exists, in every language.

use jitsi_lti::admin::audit::action::Action;
use jitsi_lti::entry::notices::jobs::NOTICES;
use jitsi_lti::grades::results::RESULTS;
use jitsi_lti::grades::score::ScoreReason;
use jitsi_lti::grades::{COLUMN, SCORE};
use jitsi_lti::http::refusal_code::RefusalCode;
use jitsi_lti::jitsi::finding::{FindingCode, ServerVerdict};
use jitsi_lti::jobs::DATABASE_FAILED;
use jitsi_lti::lti::launch::roles::{MeetingRole, ReasonCode};
use jitsi_lti::lti::launch_log::LaunchAnswer;
use jitsi_lti::lti::registration::check::Subject;
use jitsi_lti::lti::services::failure::ServiceError;
use jitsi_lti::memberships::MEMBERSHIPS;
use jitsi_lti::rooms::groups::GROUPS;

use super::reading::*;

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
    none(&complaints);
}

#[test]
fn every_role_and_every_reason_for_it_has_its_words() {
    let roles = MeetingRole::ALL.map(MeetingRole::word);
    let roles = roles.into_iter().flat_map(|role| [format!("role-{role}"), format!("role-{role}-because")]);
    let reasons = ReasonCode::ALL.iter().map(|reason| format!("reason-{reason}"));
    none(&missing(roles.chain(reasons)));
}

#[test]
fn every_job_and_every_finding_has_a_name() {
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
    none(&missing(jobs.into_iter().chain(findings)));
}

#[test]
fn every_code_of_a_refusal_says_what_happened_and_what_to_do() {
    let codes = RefusalCode::ALL.iter().map(|code| code.code());
    let codes = codes.chain([LaunchAnswer::CookiesBlocked.code()]);
    let needed =
        codes.flat_map(|code| ["title", "meaning", "action"].map(|part| format!("error-{code}-{part}")));
    none(&missing(needed));
}

#[test]
fn every_word_of_the_administrators_pages_has_its_text() {
    let actions = Action::ALL.iter().map(|action| format!("audit-{action}"));
    let findings = FindingCode::ALL.iter().map(|code| format!("server-finding-{code}"));
    let fixes = FindingCode::ALL
        .iter()
        .filter(|code| code.verdict() != ServerVerdict::Good)
        .map(|code| format!("server-finding-{code}-fix"));
    let reasons = ScoreReason::ALL.iter().map(|reason| reason.code());
    let reasons = reasons.chain(ServiceError::ALL.iter().map(|error| error.code())).chain([DATABASE_FAILED]);
    let reasons = reasons.map(|code| format!("job-reason-{code}"));
    none(&missing(actions.chain(findings).chain(fixes).chain(reasons)));
}

#[test]
fn every_reason_why_a_mark_does_not_arrive_has_its_sentence() {
    let reasons = ScoreReason::ALL.iter().map(|reason| format!("grades-reason-{reason}"));
    let of_service =
        |start: &'static str| ServiceError::ALL.iter().map(move |error| format!("{start}-{error}"));
    let troubles = of_service("grades-trouble").chain(of_service("participants-trouble"));
    let states =
        ["in-class", "waiting", "sent", "refused", "not-sent"].map(|word| format!("grades-state-{word}"));
    none(&missing(reasons.chain(troubles).chain(states)));
}

/// Says which of these texts a language lacks.
fn missing(needed: impl Iterator<Item = String>) -> Vec<String> {
    let needed: Vec<String> = needed.collect();
    assert!(needed.len() > 10, "the codes were not found: {needed:?}");
    let lacking = |language: String| {
        let own = texts(&language);
        let keys = needed.iter().filter(move |key| !own.contains_key(*key));
        keys.map(move |key| format!("{language} lacks {key}"))
    };
    languages().into_iter().flat_map(lacking).collect()
}
