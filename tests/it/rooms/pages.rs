//! The room's page.

use std::sync::Arc;

use jitsi_lti::demo::lms::{LmsActivity, LmsCourse, LmsPerson, Tamper, Visit, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Page, Setup, TestTool, on_both};

on_both!(
    the_page_says_what_you_are_and_why_in_your_language,
    the_whole_name_is_shown,
    without_a_name_or_title_the_page_still_reads_well,
    titles_and_names_are_text,
    the_browser_decides_where_the_launch_names_no_language,
    the_platform_may_frame_the_page_and_nobody_else,
    without_a_server_the_page_says_so,
);

const SYSTEM: &str = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator";

async fn page_of(tool: &TestTool, visit: &Visit) -> Page {
    let browser = tool.browser();
    let room = browser.launches_as(visit).await.assert_enters();
    let page = browser.opens(room.path()).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

fn visit(person: &str, locale: &str) -> Visit {
    Visit { locale: locale.to_owned(), ..Visit::new(person, "1") }
}

async fn the_page_says_what_you_are_and_why_in_your_language(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let institution = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Faculty";
    for (id, roles) in [
        ("admin", vec![SYSTEM]),
        ("faculty", vec![institution]),
        ("nobody", vec![]),
        ("gardener", vec!["https://example.org/roles#Gardener"]),
        ("preview", vec!["http://purl.imsglobal.org/vocab/lti/system/person#TestUser"]),
    ] {
        tool.lms.add_person(LmsPerson::new(id, "Guest", "Gil", "Guest", &roles));
    }
    let rows = [
        (
            "tessa",
            "Moderator, because your role in this course is Instructor",
            "Moderas la clase, porque tu rol en este curso es Docente",
        ),
        (
            "tobias",
            "Moderator, because your role in this course is Teaching assistant",
            "Moderas la clase, porque tu rol en este curso es Asistente de docencia",
        ),
        (
            "ana",
            "Participant, because your role in this course is Learner",
            "Participas en la clase, porque tu rol en este curso es Estudiante",
        ),
        (
            "olga",
            "Observer, because your role in this course is Mentor",
            "Observas la clase, porque tu rol en este curso es Mentor",
        ),
        ("admin", "Moderator, because you’re an administrator of the whole LMS", "Moderas la clase, porque"),
        (
            "faculty",
            "Participant, because your roles outside this course don’t count here",
            "Participas en la clase, porque tus roles fuera",
        ),
        (
            "nobody",
            "Participant, because the LMS sent no role for you",
            "porque la plataforma no envió ningún rol para ti",
        ),
        (
            "gardener",
            "Participant, because the LMS sent only roles we don’t recognise",
            "roles que no reconocemos",
        ),
        (
            "preview",
            "Participant, because this is the LMS’s student preview",
            "Participas en la clase, porque",
        ),
    ];
    for (person, english, spanish) in rows {
        page_of(&tool, &visit(person, "en"))
            .await
            .assert_says(english)
            .assert_says("lang=\"en\" dir=\"ltr\"");
        page_of(&tool, &visit(person, "es_MX")).await.assert_says(spanish).assert_says("lang=\"es\"");
    }
}

async fn the_whole_name_is_shown(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for (person, name) in [
        ("ana", "Ana Silva"),
        ("layla", "ليلى الحسيني"),
        ("maximiliane", "Maximiliane-Zoë Østergård-Kowalczyk"),
    ] {
        let page = page_of(&tool, &visit(person, "en")).await;
        page.assert_says(&format!("<bdi>{name}</bdi>")).assert_says("Algebra 1").assert_says("Live class");
        page.assert_says("Every Tuesday at ten. Bring your questions.");
    }
}

async fn without_a_name_or_title_the_page_still_reads_well(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for tamper in [Tamper::NullOptionals, Tamper::NoPii, Tamper::NoContext] {
        tool.lms.behaviour().tamper_next(tamper.clone());
        let page = page_of(&tool, &visit("ana", "en")).await;
        assert!(!page.body.contains("None") && !page.body.contains("null"), "{tamper:?}: {}", page.body);
        assert!(!page.body.contains("<bdi></bdi>"), "{tamper:?}: {}", page.body);
    }
}

async fn titles_and_names_are_text(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let script = "</script><script>alert(1)</script><img src=x onerror=\"alert('2')\">{{ 7*7 }}";
    tool.lms.add_course(LmsCourse::new("xss", script, script));
    let activity = LmsActivity { description: script.into(), ..LmsActivity::new("xss", script).ungraded() };
    let activity = tool.lms.add_activity(activity).unwrap();
    let mut person = LmsPerson::teacher("mallory", script, script);
    person.picture = Some(format!("https://x.example/{script}"));
    tool.lms.add_person(person);
    let browser = tool.browser();
    let room = browser.launches("mallory", &activity.id).await.assert_enters();
    for page in [browser.opens(room.path()).await, browser.joins(&room).await] {
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(!page.body.contains("<script>"), "{}", page.body);
        assert!(!page.body.contains("<img"), "{}", page.body);
        page.assert_says(script);
    }
    let meeting = browser.opens(room.meeting()).await;
    assert_eq!(meeting.meeting_config()["configOverwrite"]["localSubject"], script);
}

async fn the_browser_decides_where_the_launch_names_no_language(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser().in_language("fr;q=0.9, es-AR;q=0.8, en;q=0.1");
    let edit = |_: &mut Value, payload: &mut Value| payload[claim("launch_presentation")] = json!({});
    tool.lms.behaviour().tamper_next(Tamper::Edit(Arc::new(edit)));
    let room = browser.launches("ana", "1").await.assert_enters();
    browser.opens(room.path()).await.assert_says("lang=\"es\"").assert_says("Entrar en la clase");
    browser.opens("/nowhere").await.assert_refused(404, "page-unknown").assert_says("lang=\"es\"");
}

async fn the_platform_may_frame_the_page_and_nobody_else(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let page = page_of(&tool, &visit("ana", "en")).await;
    assert_eq!(page.policy("frame-ancestors"), ["'self'", &tool.lms.settings().issuer]);
    assert_eq!(page.policy("frame-src"), ["'none'"]);
    assert_eq!(page.policy("form-action"), ["'self'"]);
    let scripts = page.policy("script-src");
    assert_eq!(scripts[0], "'self'");
    assert!(scripts.len() == 2 && scripts[1].starts_with("'nonce-"), "{scripts:?}");
    let again = page_of(&tool, &visit("ana", "en")).await;
    assert_ne!(again.policy("script-src"), scripts, "each page has a nonce of its own");
    assert_eq!(page.header("cache-control"), "no-store");
    // What a platform says of itself counts as an origin, never as a policy.
    let hostile = [
        "https://a.example; script-src *",
        "https://a.example;sandbox",
        "https://a.example,sandbox",
        "https://*",
        "https://*.example",
        "https://'self'",
        "javascript:alert(1)",
        "data:x",
        "http://plain.example/",
    ];
    for hostile in hostile {
        let edit = move |_: &mut Value, payload: &mut Value| {
            payload[claim("launch_presentation")]["return_url"] = json!(hostile);
        };
        tool.lms.behaviour().tamper_next(Tamper::Edit(Arc::new(edit)));
        let page = page_of(&tool, &visit("ana", "en")).await;
        assert_eq!(page.policy("frame-ancestors"), ["'self'", &tool.lms.settings().issuer], "{hostile}");
        assert_eq!(page.header("content-security-policy").matches("script-src").count(), 1, "{hostile}");
    }
}

async fn without_a_server_the_page_says_so(backend: Backend) {
    let tool = Setup::new(backend).without_server().start().await;
    let browser = tool.browser();
    let room = browser.launches("tessa", "1").await.assert_enters();
    let page = browser.opens(room.path()).await;
    assert_eq!((page.status, page.code().as_deref()), (200, Some("server-missing")));
    assert!(page.body.contains("id=\"problem\"") && !page.body.contains("id=\"join\""));
    let meeting = browser.opens(room.meeting()).await;
    meeting.assert_refused(503, "server-missing");
    assert_eq!(meeting.header("retry-after"), "5");
    tool.adds_server(crate::support::at_jitsi(jitsi_lti::jitsi::kinds::TokenSigning::PublicKey, None)).await;
    assert_eq!(browser.joins(&room).await.status, 200, "the same room works as soon as a server is there");
}
