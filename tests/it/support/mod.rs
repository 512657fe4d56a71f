//! What the stories are told with: the tool as production builds it, its two databases, browsers and HTTP doubles.

mod backend;
mod background;
mod browser;
mod class;
mod cookieless;
mod copies;
mod double;
mod groups;
mod html;
mod leftovers;
mod picker;
mod processes;
mod provider;
mod registrations;
mod shell;
mod site;
mod strait;
mod strangers;
mod tool;
mod waiting;

pub use backend::{Backend, Storage, redis_url};
pub use background::Background;
pub use browser::{Browser, Form, Page, Room, form, with, without_name};
pub use class::{Lesson, MINUTE, OpenPage, SECOND, send_presence};
pub use cookieless::{BY_SCRIPT, Headers, Inside};
pub use double::{Double, Reply};
pub use html::Dom;
pub use picker::{PICKER, choice};
pub use processes::{Process, Redis, free_port, program, program_without_signals};
pub use provider::{Person, Provider, Signature, Tamper};
pub use shell::{Serving, Shell};
pub use site::Site;
pub use strait::{Passage, Strait};
pub use tool::{
    CLIENT_ID, DEPLOYMENT, NOW, Number, SECRET, Setup, TestTool, at_jitsi, keys_of, lms_settings,
};
pub use waiting::{PATIENCE, PAUSE, eventually, until};

/// Runs each named story on both pairs: SQLite with memory, PostgreSQL with Redis.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        $(mod $story {
            #[tokio::test]
            async fn on_sqlite() {
                super::$story($crate::support::Backend::Sqlite).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                super::$story($crate::support::Backend::Postgres).await;
            }
        })+
    };
}
pub(crate) use on_both;
