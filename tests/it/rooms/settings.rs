//! What is decided about classes: for a room, in a course, for a platform, for the installation.

use jitsi_lti::demo::lms::{LmsActivity, LmsCourse};

use crate::support::{Backend, Browser, Form, Page, Room, TestTool, form, on_both, with};

on_both!(
    what_a_teacher_takes_away_has_neither_button_nor_right,
    moderators_and_others_get_what_each_should,
    a_course_s_defaults_count_in_its_rooms_and_a_lock_holds,
    operators_lock_for_one_platform_and_for_all,
    a_course_s_rules_are_those_of_rooms_made_later,
    the_second_of_two_teachers_sees_both_versions,
    a_preset_is_filled_in_and_saved_by_its_teacher,
    texts_of_any_script_are_shown_and_nothing_that_was_entered_is_lost,
    learners_and_other_courses_decide_nothing,
    a_form_from_before_an_upgrade_changes_only_what_it_shows,
);

/// A teacher at the settings of an activity.
struct Desk<'a> {
    tool: &'a TestTool,
    teacher: Browser,
    room: Room,
}

impl<'a> Desk<'a> {
    async fn at(tool: &'a TestTool, person: &str, activity: &str) -> Desk<'a> {
        let teacher = tool.browser();
        let room = teacher.launches(person, activity).await.assert_enters();
        Desk { tool, teacher, room }
    }

    fn path(&self) -> String {
        format!("{}/settings", self.room.path())
    }

    fn course_path(&self) -> String {
        format!("{}/settings/course", self.room.path())
    }

    async fn form(&self) -> Form {
        self.teacher.opens(self.path()).await.form("#settings")
    }

    async fn course_form(&self) -> Form {
        self.teacher.opens(self.course_path()).await.form("#settings")
    }

    async fn saves(&self, form: &Form) -> Page {
        self.teacher.submits(&self.path(), form).await
    }

    async fn saves_course(&self, form: &Form) -> Page {
        self.teacher.submits(&self.course_path(), form).await
    }

    /// Somebody opens the class: what the meeting's page tells Jitsi.
    async fn meeting_of(&self, person: &str) -> Page {
        let browser = self.tool.browser();
        let room = browser.launches(person, "1").await.assert_enters();
        browser.joins(&room).await
    }
}

fn is_saved(page: &Page) {
    assert!(
        page.status == 303 && page.header("location").contains("saved=yes"),
        "{} {}",
        page.status,
        page.body
    );
}

/// The form with the boxes of a control ticked as told.
fn ticked(form: Form, control: &str, moderators: bool, participants: bool) -> Form {
    let box_of = |on: bool| on.then_some("yes");
    let form = with(form, &format!("{control}-moderators"), box_of(moderators));
    with(form, &format!("{control}-participants"), box_of(participants))
}

/// What the level decides about a setting, on a page of defaults.
fn decided(form: Form, setting: &str, state: &str, why: &str) -> Form {
    let form = with(form, &format!("{setting}-state"), Some(state));
    with(form, &format!("{setting}-why"), Some(why))
}

fn buttons(meeting: &Page) -> Vec<String> {
    let config = meeting.meeting_config();
    let listed = config["configOverwrite"]["toolbarButtons"].as_array().cloned().unwrap_or_default();
    listed.iter().map(|button| button.as_str().unwrap().to_owned()).collect()
}

async fn what_a_teacher_takes_away_has_neither_button_nor_right(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let desk = Desk::at(&tool, "tessa", "1").await;
    let before = tool.token_of(&desk.meeting_of("tessa").await).await;
    assert_eq!(before.claims["context"]["features"]["recording"], true);
    let form = ["recording", "streaming", "chat", "whiteboard"]
        .iter()
        .fold(desk.form().await, |form, control| ticked(form, control, false, false));
    let form = ticked(form, "screen_sharing", true, false);
    is_saved(&desk.saves(&form).await);
    for (person, shares) in [("tessa", true), ("ana", false)] {
        let meeting = desk.meeting_of(person).await;
        let config = meeting.meeting_config()["configOverwrite"].clone();
        let token = tool.token_of(&meeting).await;
        let features = &token.claims["context"]["features"];
        assert_eq!(features["recording"], false, "{person}");
        assert_eq!(features["livestreaming"], false, "{person}");
        assert_eq!(features["screen-sharing"], shares, "{person}");
        assert_eq!((&config["disableChat"], &config["whiteboard"]["enabled"]), (&true.into(), &false.into()));
        let buttons = buttons(&meeting);
        for gone in ["recording", "livestreaming", "chat", "whiteboard"] {
            assert!(!buttons.iter().any(|one| one == gone), "{person} {gone}");
        }
        assert_eq!(buttons.iter().any(|one| one == "desktop"), shares, "{person}");
    }
    let shown = desk.teacher.opens(desk.path()).await;
    assert_eq!(shown.attr("[data-setting=recording]", "data-origin"), "room");
    assert_eq!(shown.attr("[data-setting=reactions]", "data-origin"), "usual");
    // The server itself refuses what is in its tokens; the rest is only hidden, and the page says so.
    assert_eq!(shown.attr("[data-setting=recording]", "data-enforced"), "server");
    assert_eq!(shown.attr("[data-setting=chat]", "data-enforced"), "page");
    shown.assert_says("checked by the server");
}

async fn moderators_and_others_get_what_each_should(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let desk = Desk::at(&tool, "tessa", "1").await;
    let form = ticked(desk.form().await, "start_audio_muted", true, false);
    let form = ticked(ticked(form, "prejoin", false, true), "polls", true, true);
    let form = ticked(ticked(form, "tile_view", true, true), "shared_video", true, true);
    is_saved(&desk.saves(&with(form, "last_n", Some("9"))).await);
    for (person, leads) in [("tessa", true), ("ana", false)] {
        let meeting = desk.meeting_of(person).await;
        let config = meeting.meeting_config();
        let overrides = &config["configOverwrite"];
        assert_eq!(overrides["startWithAudioMuted"], leads);
        assert_eq!(overrides["prejoinConfig"]["enabled"], !leads);
        assert_eq!((&overrides["channelLastN"], &config["tileView"]), (&9.into(), &true.into()));
        let token = tool.token_of(&meeting).await;
        assert_eq!(token.claims["context"]["features"]["create-polls"], true, "{person}");
    }
    // A learner has the button; who leads has all that the server offers.
    assert!(buttons(&desk.meeting_of("ana").await).iter().any(|one| one == "sharedvideo"));
    assert_eq!(buttons(&desk.meeting_of("tessa").await), [""; 0]);
}

async fn a_course_s_defaults_count_in_its_rooms_and_a_lock_holds(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let desk = Desk::at(&tool, "tessa", "1").await;
    let form = ticked(desk.course_form().await, "chat", true, false);
    let form = decided(form, "chat", "locked", "Rules of the faculty: “no chat”");
    let form = decided(ticked(form, "reactions", false, false), "reactions", "open", "");
    is_saved(&desk.saves_course(&form).await);
    let shown = desk.teacher.opens(desk.path()).await;
    shown.assert_says("locked for this course").assert_says("Rules of the faculty: “no chat”");
    assert_eq!(shown.attr("[data-setting=reactions]", "data-origin"), "course");
    assert!(
        shown.has("[name=chat-moderators][disabled]") && !shown.has("[name=reactions-moderators][disabled]")
    );
    // Whoever sends it all the same changes nothing; what is open is changed.
    let form = with(shown.form("#settings"), "asked-chat", Some("yes"));
    let form = ticked(ticked(form, "chat", true, true), "reactions", true, true);
    is_saved(&desk.saves(&form).await);
    let config = desk.meeting_of("ana").await.meeting_config()["configOverwrite"].clone();
    assert_eq!((&config["disableChat"], config.get("disableReactions")), (&true.into(), None));
    assert!(desk.meeting_of("tessa").await.meeting_config()["configOverwrite"].get("disableChat").is_none());
    // The lock is taken back: the room's own decisions, and the course's other one, count.
    let form = decided(desk.course_form().await, "chat", "none", "");
    is_saved(&desk.saves_course(&form).await);
    let config = desk.meeting_of("ana").await.meeting_config()["configOverwrite"].clone();
    assert_eq!((config.get("disableChat"), config.get("disableReactions")), (None, None));
}

async fn operators_lock_for_one_platform_and_for_all(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let desk = Desk::at(&tool, "tessa", "1").await;
    let of_platform = format!("/admin/platforms/{}/settings", tool.platform_id().await);
    let platform = admin.opens(&of_platform).await.form("#settings");
    let form = decided(ticked(platform, "recording", false, false), "recording", "locked", "Data protection");
    is_saved(&admin.submits(&of_platform, &form).await);
    let site = admin.opens("/admin/settings").await.form("#settings");
    let form = decided(with(site, "picture", None), "picture", "locked", "No consent");
    let form = with(decided(form, "help", "open", ""), "help", Some("Be kind. https://school.example/rules"));
    is_saved(&admin.submits("/admin/settings", &form).await);
    let shown = desk.teacher.opens(desk.path()).await;
    shown.assert_says("locked by your LMS’s administrator").assert_says("Data protection");
    shown.assert_says("locked by this site’s administrator").assert_says("No consent");
    let token = tool.token_of(&desk.meeting_of("tessa").await).await;
    assert_eq!(token.claims["context"]["features"]["recording"], false);
    assert!(token.claims["context"]["user"].get("avatar").is_none());
    let landing = desk.teacher.opens(desk.room.path()).await;
    assert_eq!(landing.attr("#room-help a", "href").replace("&#x2f;", "/"), "https://school.example/rules");
    // The course cannot open what is locked, and the platform's page says who locked what.
    let course = desk.teacher.opens(desk.course_path()).await;
    assert!(course.has("#picture[disabled]"), "{}", course.body);
    assert!(admin.opens(&of_platform).await.has("#picture[disabled]"));
    let audit = admin.opens("/admin/audit").await;
    audit
        .assert_says("Changed the defaults for all classes")
        .assert_says("Changed the defaults for a platform’s classes");
}

async fn a_course_s_rules_are_those_of_rooms_made_later(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let desk = Desk::at(&tool, "tessa", "1").await;
    let form = with(desk.course_form().await, "target_minutes", Some("60"));
    let form = with(decided(form, "target_minutes", "open", ""), "grades", Some("never"));
    is_saved(&desk.saves_course(&decided(form, "grades", "open", "")).await);
    let target = |page: &Page| page.attr("#target", "value");
    assert_eq!(
        target(&desk.teacher.opens(desk.path()).await),
        "45",
        "no grade changes because a default did"
    );
    let later = tool.lms.add_activity(LmsActivity::new("101", "Later")).unwrap();
    let there = Desk::at(&tool, "tessa", &later.id).await;
    let shown = there.teacher.opens(there.path()).await;
    assert_eq!((target(&shown), shown.has("#send-never[checked]")), ("60".to_owned(), true));
}

async fn the_second_of_two_teachers_sees_both_versions(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (tessa, tobias) = (Desk::at(&tool, "tessa", "1").await, Desk::at(&tool, "tobias", "1").await);
    let (first, second) = (tessa.form().await, tobias.form().await);
    let first = with(ticked(first, "chat", false, false), "target", Some("30"));
    is_saved(&tessa.saves(&first).await);
    let second = with(ticked(second, "captions", false, false), "title", Some("Exam"));
    let shown = tobias.saves(&second).await;
    assert_eq!(shown.status, 409, "{}", shown.body);
    shown.assert_says("Somebody else saved these settings");
    let theirs = shown.text_of("#problem ul");
    assert!(theirs.contains("Chat: Nobody") && theirs.contains("Minutes for the full grade: 30"), "{theirs}");
    // What was entered is still there, and saving once more puts it over the other.
    let again = shown.form("#settings");
    assert_eq!(shown.attr("#title", "value"), "Exam");
    is_saved(&tobias.saves(&again).await);
    let now = tessa.teacher.opens(tessa.path()).await;
    assert_eq!(
        (now.attr("#title", "value"), now.attr("#target", "value")),
        ("Exam".to_owned(), "45".to_owned())
    );
    assert!(now.has("[name=chat-moderators][checked]"));
    // The same on a course's page.
    let (first, second) = (tessa.course_form().await, tobias.course_form().await);
    is_saved(&tessa.saves_course(&decided(first, "chat", "locked", "")).await);
    let shown = tobias.saves_course(&decided(second, "polls", "open", "")).await;
    assert_eq!(shown.status, 409);
    is_saved(&tobias.saves_course(&shown.form("#settings")).await);
}

async fn a_preset_is_filled_in_and_saved_by_its_teacher(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let desk = Desk::at(&tool, "tessa", "1").await;
    let form = with(with(desk.form().await, "title", Some("Finals")), "preset", Some("exam"));
    let shown = desk.saves(&form).await;
    assert_eq!(shown.status, 200);
    shown.assert_says("Exam: values filled in below. Save to keep them.");
    assert_eq!(shown.attr("#title", "value"), "Finals");
    assert!(!shown.has("[name=chat-participants][checked]") && shown.has("[name=chat-moderators][checked]"));
    let stored = desk.teacher.opens(desk.path()).await;
    assert!(stored.has("[name=chat-participants][checked]"), "nothing is saved yet");
    let changed = ticked(shown.form("#settings"), "reactions", true, true);
    is_saved(&desk.saves(&changed).await);
    let config = desk.meeting_of("ana").await.meeting_config()["configOverwrite"].clone();
    assert_eq!((&config["disableChat"], config.get("disableReactions")), (&true.into(), None));
    let refused = desk.saves(&with(desk.form().await, "preset", Some("party"))).await;
    refused.assert_refused(400, "form-unreadable");
}

async fn texts_of_any_script_are_shown_and_nothing_that_was_entered_is_lost(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let desk = Desk::at(&tool, "tessa", "1").await;
    let title = "L’algèbre d’Émile 🎉 <b>الجبر</b>";
    let help = "Ruhe & Ordnung.\r\n\r\n„Fragen“? https://school.example/?a=1&b='2'";
    let form = with(with(desk.form().await, "title", Some(title)), "help", Some(help));
    is_saved(&desk.saves(&form).await);
    let landing = desk.teacher.opens(desk.room.path()).await;
    assert_eq!(landing.text_of("h1"), title);
    landing.assert_says("Ruhe & Ordnung.");
    assert!(!landing.has("h1 b"));
    assert_eq!(desk.meeting_of("ana").await.meeting_config()["configOverwrite"]["localSubject"], title);
    let shown = desk.teacher.opens(desk.path()).await;
    assert_eq!(with(shown.form("#settings"), "x", None), with(desk.form().await, "x", None));
    // Too long, and no number: both are marked, and the rest of the form stays as it was entered.
    let long = "ß".repeat(500);
    let form = with(with(shown.form("#settings"), "title", Some(&long)), "last_n", Some("a lot"));
    let refused = desk.saves(&ticked(form, "chat", false, false)).await;
    assert_eq!(refused.status, 422);
    refused.assert_says("Enter at most 255 characters.").assert_says("Enter a whole number from 0 to 100.");
    assert_eq!(
        (refused.attr("#title", "value"), refused.attr("#last_n", "value")),
        (long, "a lot".to_owned())
    );
    assert!(!refused.has("[name=chat-moderators][checked]"));
    assert_eq!(desk.teacher.opens(desk.room.path()).await.text_of("h1"), title);
}

async fn learners_and_other_courses_decide_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let desk = Desk::at(&tool, "tessa", "1").await;
    let ana = Desk::at(&tool, "ana", "1").await;
    ana.teacher.opens(ana.course_path()).await.assert_refused(403, "not-allowed");
    let forged = with(desk.course_form().await, "csrf", Some("forged"));
    ana.saves_course(&forged).await.assert_refused(403, "session-replaced");
    is_saved(&desk.saves_course(&decided(desk.course_form().await, "chat", "locked", "")).await);
    tool.lms.add_course(LmsCourse::new("202", "GEO", "Geometry"));
    let there = tool.lms.add_activity(LmsActivity::new("202", "Class")).unwrap();
    let there = Desk::at(&tool, "tessa", &there.id).await;
    assert_eq!(there.teacher.opens(there.path()).await.attr("[data-setting=chat]", "data-origin"), "usual");
    // Nobody without administration sees or changes the pages of operators.
    for path in
        ["/admin/settings".to_owned(), format!("/admin/platforms/{}/settings", tool.platform_id().await)]
    {
        desk.teacher.opens(&path).await.assert_refused(403, "admin-missing");
        let sent = form(&[("csrf", ""), ("version", ""), ("chat-state", "none")]);
        desk.teacher.submits(&path, &sent).await.assert_refused(403, "admin-missing");
    }
}

async fn a_form_from_before_an_upgrade_changes_only_what_it_shows(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let desk = Desk::at(&tool, "tessa", "1").await;
    is_saved(&desk.saves(&ticked(desk.form().await, "chat", false, false)).await);
    let csrf = desk.teacher.opens(desk.path()).await.field("csrf");
    is_saved(&desk.saves(&form(&[("csrf", &csrf), ("target", "30"), ("send", "never")])).await);
    let shown = desk.teacher.opens(desk.path()).await;
    assert_eq!(shown.attr("#target", "value"), "30");
    assert_eq!(shown.attr("[data-setting=chat]", "data-origin"), "room");
}
