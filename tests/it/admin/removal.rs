//! A platform goes, and takes nothing of another along.

use std::time::Duration;

use diesel::RunQueryDsl as _;
use jitsi_lti::admin::platforms::removal::store::remove;

use crate::support::{Backend, Lesson, MINUTE, OpenPage, Page, TestTool, on_both};

on_both!(
    a_platform_goes_with_all_that_came_with_it,
    a_room_that_another_platform_shares_stays,
    groups_lists_and_copies_go_too,
    a_class_that_goes_on_elsewhere_is_still_counted,
    who_enters_meanwhile_stops_nothing,
    nobody_deletes_by_a_slip,
);

/// The deletion begins before its end, and waits for it.
const SLOW_TRANSACTION: Duration = Duration::from_millis(700);

/// Deletes the platform of most stories, as its page asks for.
async fn deletes(tool: &TestTool) -> Page {
    let page = format!("/admin/platforms/{}/delete", id_of(tool, &tool.lms.settings().issuer).await);
    let admin = tool.administrator().await;
    let done = admin.presses(&page, &page, &[("name", " Riverside University ")]).await;
    assert_eq!(done.header("location"), "/admin#platforms", "{}", done.body);
    done
}

async fn id_of(tool: &TestTool, issuer: &str) -> String {
    let known = tool.texts("SELECT issuer || ' ' || id AS value FROM platform").await;
    known.iter().find_map(|line| line.strip_prefix(&format!("{issuer} "))).unwrap().to_owned()
}

async fn a_platform_goes_with_all_that_came_with_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let other = tool.adds_platform().await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    tool.jobs_rest().await;
    let learner = tool.browser();
    let left = learner.launches("layla", "1").await.assert_enters();
    let kept = other.browser(&tool).launches("tessa", "1").await.assert_enters();
    tool.launch_log(4).await;
    let admin = tool.administrator().await;
    let issuer = tool.lms.settings().issuer.clone();
    let place = format!("/admin/platforms/{}", id_of(&tool, &issuer).await);
    assert!(admin.opens(&place).await.body.contains(&format!("{place}/delete")));
    let asked = admin.opens(format!("{place}/delete")).await;
    for (what, count) in [
        ("deployments", 1),
        ("courses", 1),
        ("activities", 1),
        ("rooms", 1),
        ("meetings", 1),
        ("people", 3),
        ("grades", 1),
        ("launches", 3),
    ] {
        asked.assert_says(&format!("data-count=\"{what}\">{count}<"));
    }
    tool.jobs_rest().await;
    let page = format!("{place}/delete");
    let done = admin.presses(&page, &page, &[("name", "Riverside University")]).await;
    assert_eq!(done.header("location"), "/admin#platforms", "{}", done.body);
    for (table, count) in [
        ("platform", 1),
        ("deployment", 1),
        ("context", 1),
        ("resource_link", 1),
        ("room", 1),
        ("lti_user", 1),
        ("presence", 0),
        ("score", 0),
        ("job", 0),
        ("launch_log", 1),
    ] {
        assert_eq!(tool.count(table).await, count, "{table}");
    }
    assert_eq!(other.browser(&tool).launches("tessa", "1").await.assert_enters(), kept);
    let login = tool.lms.login_initiation(&jitsi_lti::demo::lms::Visit::new("ana", "1")).unwrap();
    tool.browser().logs_in(&login).await.assert_refused(404, "platform-unknown");
    // Who was inside is told so, whatever page they have open.
    let page = learner.opens(left.path()).await;
    assert!((400..500).contains(&page.status), "{} {}", page.status, page.body);
    let log = admin.opens("/admin/audit?q=platform-delete").await;
    log.assert_says("Deleted a platform").assert_says("people: 3");
}

async fn a_room_that_another_platform_shares_stays(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let other = tool.adds_platform().await;
    tool.browser().launches("tessa", "1").await.assert_enters();
    // Identifiers sort by the time of their making.
    tool.later(MINUTE);
    other.browser(&tool).launches("tessa", "1").await.assert_enters();
    tool.jobs_rest().await;
    tool.sql("DELETE FROM job").await;
    // Nothing that people can do here leads to it; whoever moves data by hand may.
    tool.sql("UPDATE room_link SET room_id = (SELECT MIN(room_id) FROM room_link)").await;
    tool.sql(
        "INSERT INTO job (id, kind, subject, queue, generation, wanted_at, due_at, attempts, lease_until) \
         SELECT id, 'score', id, id || ' lms.example', 1, 0, 9000000000000, 0, 0 FROM platform",
    )
    .await;
    let shared = other.browser(&tool).launches("tessa", "1").await.assert_enters();
    let left = tool.browser();
    assert_eq!(left.launches("tessa", "1").await.assert_enters(), shared);
    let page = format!("/admin/platforms/{}/delete", id_of(&tool, &tool.lms.settings().issuer).await);
    let asked = tool.administrator().await.opens(&page).await;
    for (what, count) in [("rooms", 0), ("waiting", 1)] {
        asked.assert_says(&format!("data-count=\"{what}\">{count}<"));
    }
    deletes(&tool).await;
    let tessa = other.browser(&tool);
    assert_eq!(tessa.launches("tessa", "1").await.assert_enters(), shared);
    assert_eq!(tessa.opens(shared.path()).await.status, 200);
    assert_eq!(tool.count("job").await, 1, "the other platform's work waits on");
    let page = left.opens(shared.path()).await;
    assert!((400..500).contains(&page.status), "who came by the deleted platform is out: {}", page.status);
}

async fn groups_lists_and_copies_go_too(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| (now.family, now.offer_groups) = ("sakai".to_owned(), true));
    tool.gives_groups_rooms("1").await;
    tool.browser().lands("ana", "1").await;
    tool.browser().lands("layla", "1").await;
    Lesson::begin_at(&tool, "1").await.lists("known", "", 4).await;
    tool.places_class("tessa", "101", "Algebra").await;
    let copies = tool.copies_course("101", "202");
    for copy in &copies {
        tool.browser().launches("tessa", &copy.id).await;
    }
    tool.jobs_rest().await;
    let tables = [
        "course_group",
        "group_member",
        "group_reading",
        "membership_list",
        "listed_member",
        "membership",
        "room_link",
        "link_copy",
        "line_item",
        "resource_link",
        "context",
        "room",
        "meeting",
        "lti_user",
        "deployment",
        "platform",
        "job",
        "job_queue",
        "job_share",
    ];
    for table in &tables[..12] {
        assert!(tool.count(table).await > 0, "nothing to delete in {table}");
    }
    deletes(&tool).await;
    for table in tables {
        assert_eq!(tool.count(table).await, 0, "{table}");
    }
}

async fn a_class_that_goes_on_elsewhere_is_still_counted(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let other = tool.adds_platform().await;
    let (ana, max) = (tool.browser(), other.browser(&tool));
    let open = OpenPage::open(&ana, &ana.launches("ana", "1").await.assert_enters()).await;
    let there = OpenPage::open(&max, &max.launches("ana", "1").await.assert_enters()).await;
    // Their heartbeats wait to be written when the platform goes.
    assert_eq!((open.says("beat").await, there.says("beat").await), (204, 204));
    let id = id_of(&tool, &tool.lms.settings().issuer).await.parse().unwrap();
    tool.db.write(move |tx| remove(tx.connection, id)).await.unwrap();
    // What was being written just then is written again, without those who are gone.
    tool.written().await;
    tool.later(MINUTE / 2);
    there.stays(&tool, 2).await;
    assert_eq!(tool.count("presence").await, 1);
    assert!((400..500).contains(&open.says("beat").await));
}

async fn who_enters_meanwhile_stops_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.browser().launches("tessa", "1").await.assert_enters();
    let (tell, told) = tokio::sync::oneshot::channel();
    let db = tool.db.clone();
    let entering = tokio::spawn(async move {
        db.write(move |tx| {
            diesel::sql_query(
                "INSERT INTO context (id, deployment_id, context_id, updated_at) \
                 SELECT '0000000000000000000000000000000a', id, 'late', 0 FROM deployment",
            )
            .execute(tx.connection)?;
            tell.send(()).unwrap();
            // Its end is not there yet when the deletion comes.
            std::thread::sleep(SLOW_TRANSACTION);
            Ok(())
        })
        .await
    });
    told.await.unwrap();
    deletes(&tool).await;
    entering.await.unwrap().unwrap();
    assert_eq!((tool.count("context").await, tool.count("platform").await), (0, 0));
}

async fn nobody_deletes_by_a_slip(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let page = format!("/admin/platforms/{}/delete", tool.platform_id().await);
    let refused = admin.presses(&page, &page, &[("name", "Riverside")]).await;
    assert_eq!(refused.status, 422);
    refused.assert_says("That’s not its name");
    tool.browser().launches("tessa", "1").await.assert_enters();
}
