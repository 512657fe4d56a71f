//! A class with a tool that only records what pages send.

use std::collections::HashSet;
use std::net::TcpListener;

use actix_web::middleware::from_fn;
use actix_web::web::{Data, Form, Json, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use openssl::hash::MessageDigest;
use serde_json::{Value, json};

use super::open_pages::send_presence;
use super::*;
use crate::clock::{Clock, FakeClock};
use crate::demo::jitsi::{JitsiSettings, JitsiSim, RoomEvent, SimKeys, SimKind, TokenServer};
use crate::demo::jws::{Parsed, SignWith, sign};
use crate::demo::lms::{self, LmsActivity, LmsSettings};
use crate::ids::Random;

const NOW: i64 = 1_795_341_697;

/// What a page sent.
#[derive(Clone)]
struct Sent {
    token: String,
    event: String,
    at: Timestamp,
}

/// Everything that pages sent.
type Heard = Arc<Mutex<Vec<Sent>>>;

/// A tool that opens a room for every activity.
#[derive(Clone)]
struct Tool {
    lms: Lms,
    jitsi: String,
    clock: Arc<dyn Clock>,
    heard: Heard,
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/lti/login", web::post().to(login))
        .route("/lti/launch", web::post().to(launch))
        .route("/rooms/{room}", web::get().to(room))
        .route("/rooms/{room}/meeting", web::post().to(join))
        .route("/rooms/{room}/meeting", web::get().to(meeting))
        .route("/rooms/{room}/presence", web::post().to(presence));
}

type Fields = Form<BTreeMap<String, String>>;

fn to(status: u16, place: &str) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status.try_into().unwrap());
    answer.insert_header(("location", place));
    answer
}

async fn login(tool: Data<Tool>, form: Fields) -> HttpResponse {
    let redirect = &tool.lms.settings().tools[0].redirect_uris[0];
    let own = [
        ("scope", "openid"),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
        ("redirect_uri", redirect.as_str()),
        ("state", "s"),
        ("nonce", "n"),
    ];
    let given = ["client_id", "login_hint", "lti_message_hint"].map(|name| (name, form[name].as_str()));
    let url = Url::parse_with_params(&tool.lms.auth_url(), own.into_iter().chain(given)).unwrap();
    // A tool may go on by a page of its own, for browsers that it has not seen before.
    if form["login_hint"].ends_with('1') {
        let link = url.as_str().replace('&', "&amp;");
        return HttpResponse::Ok().body(format!("<a id=\"lti-continue\" href=\"{link}\">Continue</a>"));
    }
    to(302, url.as_str()).finish()
}

async fn launch(form: Fields) -> HttpResponse {
    let token = Parsed::of(&form["id_token"]).unwrap();
    let link = token.payload[crate::demo::lms::claim("resource_link")]["id"].as_str().unwrap().to_owned();
    let cookie =
        format!("__Host-who={}; Path=/; Secure; HttpOnly; SameSite=None", token.text("sub").unwrap());
    to(303, &format!("/rooms/{link}")).append_header(("set-cookie", cookie)).finish()
}

fn who(request: &HttpRequest) -> String {
    let cookie = request.headers().get("cookie").unwrap().to_str().unwrap();
    cookie.strip_prefix("__Host-who=").unwrap().to_owned()
}

async fn room(request: HttpRequest) -> HttpResponse {
    let field =
        |name: &str, value: &str| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    let form = field("csrf", &format!("a&amp;b {}", who(&request))) + &field("session_token", "p");
    HttpResponse::Ok().body(form)
}

async fn join(room: Path<String>, request: HttpRequest, form: Fields) -> HttpResponse {
    assert_eq!(form["csrf"], format!("a&b {}", who(&request)));
    assert_eq!(form["session_token"], "p");
    to(303, &format!("/rooms/{room}/meeting")).finish()
}

async fn meeting(tool: Data<Tool>, room: Path<String>, request: HttpRequest) -> HttpResponse {
    let (person, now) = (who(&request), tool.clock.now().secs());
    let name = format!("Class-{room}");
    let claims = json!({
        "iss": "app", "aud": "jitsi", "sub": "meet.lab", "room": name, "exp": now + 600, "nbf": now - 60,
        "context": {"user": {"id": person, "name": person}},
    });
    let with = SignWith::Hmac(b"secret", MessageDigest::sha256());
    let jwt = sign(&json!({"alg": "HS256", "typ": "JWT"}), &claims.to_string(), &with).unwrap();
    let token = format!("{person}/{}", Random::System.secret());
    let config = json!({
        "roomName": name, "jwt": jwt, "serverOrigin": tool.jitsi, "userInfo": {"displayName": person},
        "presence": {"url": format!("/rooms/{room}/presence"), "token": token},
    });
    let page =
        format!("<script type=\"application/json\" id=\"meeting-config\" nonce=\"x\">{config}</script>");
    HttpResponse::Ok().body(page)
}

async fn presence(tool: Data<Tool>, request: HttpRequest, body: Json<Value>) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("sec-fetch-site"), "same-origin");
    assert_eq!(header("origin"), tool.lms.settings().tools[0].origin);
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    tool.heard.lock().unwrap().push(Sent {
        token: text("presence_token"),
        event: text("event"),
        at: tool.clock.now(),
    });
    HttpResponse::NoContent().finish()
}

struct Stage {
    classroom: Classroom,
    lms: Lms,
    jitsi: JitsiSim,
    heard: Heard,
}

fn place() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    (listener, origin)
}

fn serve<F: Fn(&mut web::ServiceConfig) + Clone + Send + 'static>(listener: TcpListener, routes: F) {
    let server = HttpServer::new(move || App::new().configure(routes.clone()));
    actix_web::rt::spawn(server.workers(1).listen(listener).unwrap().run());
}

fn stage() -> Stage {
    let base = Arc::new(FakeClock::new(Timestamp::from_secs(NOW)));
    let clock = Arc::new(SkippingClock::over(base));
    let ((lms_place, issuer), (tool_place, tool), (jitsi_place, origin)) = (place(), place(), place());
    let settings = LmsSettings { issuer, tools: vec![lms::Tool::at(&tool, "tool", "1")] };
    let lms = Lms::new(settings, clock.clone(), Random::seeded(1)).unwrap();
    let server = TokenServer::new("app", SimKeys::Secret("secret".into()), "meet.lab");
    let kind = SimKind::Token(server);
    let jitsi = JitsiSim::new(JitsiSettings { origin: origin.clone(), kind }, clock.clone()).unwrap();
    let heard = Heard::default();
    let tool = Tool { lms: lms.clone(), jitsi: origin, clock: clock.clone(), heard: heard.clone() };
    serve(lms_place, lms.routes());
    serve(jitsi_place, jitsi.routes());
    let classroom = Classroom::lasting(Duration::from_millis(200), lms.clone(), clock);
    let open_pages = classroom.open_pages();
    serve(tool_place, move |config: &mut web::ServiceConfig| {
        config.app_data(Data::new(tool.clone())).app_data(Data::new(open_pages.clone()));
        config.service(web::scope("").wrap(from_fn(watch_pages)).configure(routes));
    });
    Stage { classroom, lms, jitsi, heard }
}

/// Returns the whole minutes that follow from the pages' heartbeats.
fn minutes(sent: &[Sent]) -> BTreeMap<String, u64> {
    let mut heard: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for Sent { token, at, .. } in sent {
        heard.entry(token.split('/').next().unwrap().to_owned()).or_default().push(*at);
    }
    let there = |times: Vec<Timestamp>| {
        let pauses = times.windows(2).map(|two| two[1].since(two[0]).as_secs());
        pauses.filter(|pause| *pause <= 90).sum::<u64>() / 60
    };
    heard.into_iter().map(|(person, times)| (person, there(times))).collect()
}

#[actix_web::test]
async fn a_class_is_held_as_the_script_says() {
    let stage = stage();
    stage.lms.add_activity(LmsActivity::new("101", "Another class")).unwrap();
    let before = stage.jitsi.log().len();
    let expected = stage.classroom.simulate("class-3").await.unwrap();
    let heard = stage.heard.lock().unwrap().clone();
    assert_eq!(minutes(&heard), expected);
    let all: Vec<_> = expected.values().copied().collect();
    assert_eq!(all, [45, 45, 45, 45, 45, 45, 45, 33, 30, 45, 45, 40]);
    let tokens: HashSet<_> = heard.iter().map(|one| &one.token).collect();
    assert_eq!(tokens.len(), 14, "one more for the reload, one for the second tab");
    let goodbyes = heard.iter().filter(|one| one.event == "leave").count();
    assert_eq!(goodbyes, 14);
    let events: Vec<_> = stage.jitsi.log()[before..].iter().map(|entry| entry.event.clone()).collect();
    let count = |wanted: &RoomEvent| events.iter().filter(|event| *event == wanted).count();
    assert_eq!((count(&RoomEvent::Joined), count(&RoomEvent::Left), events.len()), (14, 14, 28));
    assert!(stage.jitsi.occupants("class-3").is_empty());
    let gradebook = format!("{}/courses/101/gradebook", stage.lms.settings().issuer);
    assert_eq!(stage.classroom.progress("class-3"), Some(ClassProgress::Over { gradebook }));
    assert_eq!(stage.classroom.progress("class-1"), None);
}

#[actix_web::test]
async fn one_class_at_a_time_and_again_afterwards() {
    let stage = stage();
    let (first, second) =
        futures::join!(stage.classroom.simulate("class-1"), stage.classroom.simulate("class-1"));
    assert!(first.is_ok());
    assert!(second.unwrap_err().to_string().contains("already"));
    let people = stage.lms.people().len();
    assert!(stage.classroom.simulate("CLASS-1").await.is_ok());
    assert_eq!(stage.lms.people().len(), people);
}

#[actix_web::test]
async fn a_room_that_no_graded_activity_leads_to_stays_empty() {
    let stage = stage();
    // The second activity of the directory is not graded.
    let error = stage.classroom.simulate("class-2").await.unwrap_err();
    assert!(error.to_string().contains("No graded activity"), "{error}");
    assert_eq!(
        stage.classroom.progress("class-2"),
        Some(ClassProgress::Failed { reason: error.to_string() })
    );
    let students = people::students();
    let in_course = |id: &str| stage.lms.person(id).is_some_and(|person| person.is_in("101"));
    assert!(students.iter().all(|student| !in_course(&student.id)));
}

#[actix_web::test]
async fn open_pages_send_heartbeats_as_often_as_the_clock_skips() {
    let stage = stage();
    let (http, origin) =
        (reqwest::Client::builder().build().unwrap(), stage.lms.settings().tools[0].origin.clone());
    let sends = async |token: &str, event: &str| {
        send_presence(&http, &origin, "/rooms/1/presence", token, event).await.unwrap().status()
    };
    for (token, event) in [("tessa/1", "beat"), ("ana/1", "beat"), ("layla/1", "beat"), ("layla/1", "leave")]
    {
        assert_eq!(sends(token, event).await, 204);
    }
    let expected = stage.classroom.simulate("class-1").await.unwrap();
    let heard = stage.heard.lock().unwrap().clone();
    let found = minutes(&heard);
    assert_eq!((found["tessa"], found["ana"], found["layla"]), (45, 45, 0));
    assert!(expected.iter().all(|(student, minutes)| found[student] == *minutes), "{found:?}");
    // The tool would refuse one that comes so soon after the one that was sent in its place.
    assert_eq!(sends("ana/1", "beat").await, 204);
    assert_eq!(sends("ana/1", "leave").await, 204);
    let later = stage.heard.lock().unwrap()[heard.len()..].to_vec();
    assert_eq!(later.iter().map(|one| one.event.as_str()).collect::<Vec<_>>(), ["leave"]);
}

#[actix_web::test]
async fn a_class_counts_in_the_tour_and_stays_out_of_the_message_log() {
    let stage = stage();
    stage.classroom.simulate("class-1").await.unwrap();
    assert_eq!(stage.lms.steps_done(), [TourStep::SimulatedClass]);
    let titles: Vec<_> = stage.lms.message_log().into_iter().map(|message| message.title).collect();
    assert_eq!(titles, [""; 0]);
    let courses = stage.lms.courses();
    assert_eq!(courses[0].memberships_revision, 1, "tools read the members anew");
}
