//! Copied courses, and the question that a copied activity asks.

use jitsi_lti::demo::lms::{LmsActivity, LmsCourse};

use super::{Browser, Page, Room, TestTool, form};

impl TestTool {
    /// Copies a course; gives the activities of the copy.
    pub fn copies_course(&self, from: &str, to: &str) -> Vec<LmsActivity> {
        self.lms.copy_course(from, LmsCourse::new(to, &format!("C{to}"), &format!("Course {to}"))).unwrap()
    }

    /// A teacher places a class in a course by deep linking.
    pub async fn places_class(&self, teacher: &str, course: &str, title: &str) -> LmsActivity {
        let browser = self.browser();
        let picker = browser.picks(teacher, course).await;
        let fields = [("title-0", title), ("graded-0", "yes"), ("target-0", "33"), ("action", "add")];
        let picked = browser.chooses(&picker, &fields).await;
        browser.returns(&picked).await.unwrap().activities.remove(0)
    }
}

impl Browser {
    /// Answers the question of a copied activity; gives what the tool says.
    pub async fn answers_copy(&self, room: &Room, answer: &str) -> Page {
        let page = self.opens(room.path()).await;
        let csrf = page.field("csrf");
        self.submits(&format!("{}/copy", room.path()), &form(&[("csrf", &csrf), ("answer", answer)])).await
    }
}

impl Page {
    /// Whether a copied activity asks: `None` where it does not, else whether sharing is offered.
    pub fn copy_question(&self) -> Option<bool> {
        let asks = self.has("#copy") && self.has("[data-answer=open]");
        asks.then(|| self.has("#copy-shared"))
    }

    /// Where an answer leads.
    #[track_caller]
    pub fn leads_to(&self) -> Room {
        assert_eq!(self.status, 303, "{}", self.body);
        Room::at(self.header("location").split('?').next().unwrap())
    }
}
