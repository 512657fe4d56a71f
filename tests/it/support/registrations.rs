//! What the tool knows of platforms, changed as an operator would.

use jitsi_lti::db::Tx;
use jitsi_lti::demo::lms::Lms;
use jitsi_lti::ids::{PlatformId, Random};
use jitsi_lti::lti::registration::platform::{Platform, Status};
use jitsi_lti::lti::store;
use jitsi_lti::startup::sealer;
use secrecy::SecretString;

use super::tool::OtherPlatform;
use super::{CLIENT_ID, DEPLOYMENT, Site, TestTool, lms_settings};

impl TestTool {
    /// Registers another platform, like the first but for `change`.
    pub async fn registers(&self, change: impl FnOnce(&mut Platform) + Send + 'static) {
        let issuer = self.lms.settings().issuer.clone();
        let work = move |tx: &mut Tx<'_>| {
            let mut platform = store::find(tx.connection, &issuer, CLIENT_ID)?.unwrap();
            platform.id = PlatformId::new(tx.now, &Random::System);
            change(&mut platform);
            store::save(tx, &platform)
        };
        self.db.write(work).await.unwrap();
    }

    /// Registers a second platform, with a gradebook of its own.
    pub async fn adds_platform(&self) -> OtherPlatform {
        let (place, issuer) = Site::place();
        let lms = Lms::new(lms_settings(&issuer, &self.origin), self.clock.clone(), Random::System).unwrap();
        let site = Site::serve(place, lms.routes());
        let (auth, token, jwks) = (lms.auth_url(), lms.token_url(), lms.jwks_url());
        let name = issuer.clone();
        self.registers(move |platform| {
            platform.issuer = name;
            platform.auth_url = auth.parse().unwrap();
            platform.token_url = token.parse().unwrap();
            platform.jwks_url = jwks.parse().unwrap();
        })
        .await;
        let work = move |tx: &mut Tx<'_>| {
            let platform = store::find(tx.connection, &issuer, CLIENT_ID)?.unwrap();
            store::add_deployment(tx, platform.id, DEPLOYMENT)
        };
        self.db.write(work).await.unwrap();
        OtherPlatform { lms, _site: site }
    }

    /// Switches the platform's migration from LTI 1.1 on.
    pub async fn sets_legacy(&self, key: &'static str, secret: &'static str) {
        let sealer = sealer(&self.config, &self.db, &Random::System).await.unwrap();
        let issuer = self.lms.settings().issuer.clone();
        let work = move |tx: &mut Tx<'_>| {
            let platform = store::find(tx.connection, &issuer, CLIENT_ID)?.unwrap();
            let legacy = store::LegacyKey { key: key.to_owned(), secret: SecretString::from(secret) };
            store::save_legacy_secret(tx.connection, platform.id, Some(&legacy), &sealer, &Random::System)
        };
        self.db.write(work).await.unwrap();
    }

    /// Lets another deployment of the platform launch.
    pub async fn adds_deployment(&self, name: &'static str) {
        let issuer = self.lms.settings().issuer.clone();
        let work = move |tx: &mut Tx<'_>| {
            let platform = store::find(tx.connection, &issuer, CLIENT_ID)?.unwrap();
            store::add_deployment(tx, platform.id, name)
        };
        self.db.write(work).await.unwrap();
    }

    /// Switches the platform off or on.
    pub async fn sets_platform(&self, status: Status) {
        let issuer = self.lms.settings().issuer.clone();
        let work = move |tx: &mut Tx<'_>| store::set_status(tx, &issuer, CLIENT_ID, status);
        assert!(self.patiently(async || self.db.write(work.clone()).await).await);
    }
}
