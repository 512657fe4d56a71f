//! Heartbeats of meeting pages: what counts when databases, processes, people and pages misbehave.

mod leaving;
mod many_pages;
mod outages;

use jitsi_lti::clock::Clock as _;
use jitsi_lti::db::Tx;
use jitsi_lti::ids::{Random, UserId, row_id};
use jitsi_lti::lti::launch::roles::MeetingRole;
use jitsi_lti::rooms::presence_token::PresenceToken;
use jitsi_lti::sealing::sealed::Sealed as _;
use jitsi_lti::startup::sealer;
use serde_json::json;

use crate::support::{Browser, Room, TestTool, send_presence};

/// A meeting page that was opened without a visit to the platform: for stories with hundreds of them.
pub struct Tab {
    token: String,
}

impl Tab {
    /// A page of somebody of a crowd in the only activity.
    pub async fn of(tool: &TestTool, room: &Room, user: &str) -> Self {
        let token = PresenceToken {
            visit: row_id(tool.clock.now(), &Random::System),
            room: room.id().parse().unwrap(),
            link: tool.texts("SELECT id AS value FROM resource_link").await[0].parse().unwrap(),
            user: user_id(user),
            role: MeetingRole::Participant,
            opened: tool.clock.now(),
        };
        let sealer = sealer(&tool.config, &tool.db, &Random::System).await.unwrap();
        Self { token: token.seal(&sealer, &Random::System) }
    }

    /// What the service answers to a heartbeat or a good-bye; `missed` are the ages of heartbeats that failed, in seconds.
    pub async fn says(&self, browser: &Browser, room: &Room, event: &str, missed: &[u64]) -> u16 {
        let missed: Vec<u64> = missed.iter().map(|secs| secs * 1_000).collect();
        let body = json!({ "presence_token": self.token, "event": event, "missed": missed });
        send_presence(browser, room, body.to_string()).await.status
    }
}

/// Our identifier of somebody of a crowd.
pub fn user_id(name: &str) -> UserId {
    UserId::derived(name, 0)
}

/// Adds people who never launched, called `u0`, `u1`, ….
pub async fn crowd(tool: &TestTool, count: usize) {
    let rows: String = (0..count)
        .map(|n| {
            format!(
                "INSERT INTO lti_user (id, platform_id, sub, pseudonym, name, name_key, status, created_at, updated_at) \
                 SELECT '{}', id, 'u{n}', 'pseudonym {n}', 'Student {n}', 'student {n}', 'active', 0, 0 FROM platform;",
                user_id(&format!("u{n}"))
            )
        })
        .collect();
    let work = move |tx: &mut Tx<'_>| {
        use diesel::connection::SimpleConnection as _;
        Ok(jitsi_lti::db::DbConnection::batch_execute(tx.connection, &rows)?)
    };
    tool.db.write(work).await.unwrap();
}

/// How long somebody was in class without a break, in seconds, by the rows.
async fn rows_of(tool: &TestTool, user: &str) -> Vec<String> {
    // `texts` takes constants; the rows of a story are few.
    let all = tool
        .texts(
            "SELECT user_id || ' ' || CAST((last_seen - joined) / 1000 AS TEXT) AS value FROM presence ORDER BY joined",
        )
        .await;
    let own = format!("{} ", user_id(user));
    all.iter().filter_map(|line| line.strip_prefix(&own)).map(str::to_owned).collect()
}
