//! Rooms for groups.

use super::{Browser, Dom, Page, Room, TestTool, form};

impl TestTool {
    /// The teacher switches rooms for groups on, in an activity of course 101.
    pub async fn gives_groups_rooms(&self, activity: &str) {
        let tessa = self.browser();
        let room = tessa.launches("tessa", activity).await.assert_enters();
        let path = format!("{}/settings", room.path());
        let csrf = tessa.opens(&path).await.field("csrf");
        let on = form(&[("csrf", &csrf), ("target", "45"), ("send", "auto"), ("group_rooms", "yes")]);
        assert_eq!(tessa.submits(&path, &on).await.status, 303);
    }
}

impl Browser {
    /// Opens an activity whose groups have rooms: the room, and the page of it that opens.
    pub async fn lands(&self, person: &str, activity: &str) -> (Room, String) {
        let answer = self.launches(person, activity).await;
        answer.assert_enters();
        let place = answer.leads();
        let parts: Vec<&str> = place.trim_start_matches("/rooms/").splitn(2, '/').collect();
        (Room::at(&format!("/rooms/{}", parts[0])), parts.get(1).copied().unwrap_or_default().to_owned())
    }

    /// Chooses a group's room on the page of groups.
    pub async fn chooses_group(&self, room: &Room, group: &str) -> Page {
        let path = format!("{}/groups", room.path());
        let csrf = self.opens(&path).await.field("csrf");
        self.submits(&path, &form(&[("csrf", &csrf), ("group", group)])).await
    }
}

impl Page {
    /// The groups to choose from, by name.
    pub fn groups(&self) -> Vec<String> {
        Dom::of(self).all("[data-group]").into_iter().map(|group| group.text_of("bdi")).collect()
    }
}
