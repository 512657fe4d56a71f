//! Tool and platform that do not know each other yet, and what their administrators do about it.

use jitsi_lti::admin::invitations::store;
use jitsi_lti::admin::invitations::store::NewInvitation;
use jitsi_lti::admin::login_link;
use jitsi_lti::clock::Clock as _;
use jitsi_lti::db::Tx;
use jitsi_lti::ids::Random;
use jitsi_lti::startup::sealer;
use secrecy::ExposeSecret as _;

use super::{Browser, Page, TestTool, form};

impl TestTool {
    /// Invites a platform of this machine: the address that its administrator pastes.
    pub async fn invites(&self) -> String {
        self.invites_with(true).await
    }

    /// Invites a platform that may not be in a private network.
    pub async fn invites_from_outside(&self) -> String {
        self.invites_with(false).await
    }

    async fn invites_with(&self, private: bool) -> String {
        let (now, sealer) =
            (self.clock.now(), sealer(&self.config, &self.db, &Random::System).await.unwrap());
        let new =
            NewInvitation::draw("Riverside".to_owned(), private, "story", &sealer, now, &Random::System);
        let id = new.id.clone();
        let work = move |tx: &mut Tx<'_>| {
            store::make(tx, &new)?;
            store::find_state(tx.connection, &new.id)
        };
        let made = self.db.write(work).await.unwrap().unwrap();
        let secret = made.secret(&id, &sealer, now).unwrap();
        format!("{}/lti/register?invitation={}", self.origin, secret.expose_secret())
    }

    /// The browser of an administrator of the tool, who came in by a link.
    pub async fn administrator(&self) -> Browser {
        let work = |tx: &mut Tx<'_>| login_link::store::make_link(tx);
        let secret = self.db.write(work).await.unwrap();
        let admin = self.browser();
        let entered = admin.submits("/admin/enter", &form(&[("secret", &secret)])).await;
        assert_eq!(entered.status, 303, "{}", entered.body);
        admin
    }

    /// Our identifier of the platform.
    pub async fn platform_id(&self) -> String {
        self.texts("SELECT id AS value FROM platform").await.pop().unwrap()
    }

    /// The audit log's lines, in the order of time: who, what, and how it ended.
    pub async fn audit(&self) -> Vec<String> {
        self.texts("SELECT who || ' ' || action || ' ' || outcome AS value FROM audit_event ORDER BY at, id")
            .await
    }

    /// How often somebody without a name was refused `action`, as far as it is counted.
    pub async fn counted_refusals(&self, action: &str) -> i64 {
        let counted = format!(
            "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) AS value FROM audit_refusal WHERE action = '{action}'"
        );
        self.number(counted).await
    }

    /// An administrator approves the first deployment that waits.
    pub async fn approves(&self) {
        let admin = self.administrator().await;
        let page = admin.opens("/admin").await;
        let platform = page.attr("form[data-waiting]", "action");
        let (csrf, deployment) = (page.field("csrf"), page.field("deployment"));
        let approval = form(&[("csrf", &csrf), ("deployment", &deployment), ("act", "approve")]);
        let done = admin.submits(&platform, &approval).await;
        assert_eq!(done.status, 303, "{}", done.body);
    }
}

impl Browser {
    /// Presses a button of an administrator's page: sends the form at `path` with the CSRF token of `page`.
    pub async fn presses(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.opens(page).await.field("csrf");
        self.submits(path, &form(&[&[("csrf", csrf.as_str())], fields].concat())).await
    }
}
