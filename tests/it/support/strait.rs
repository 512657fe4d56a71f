//! The way between the tool and PostgreSQL, on which packets can be stopped.

use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::backend::postgres_address;

/// What becomes of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// They pass.
    Open,
    /// Connections are closed, new ones too.
    Refused,
    /// They vanish: nobody gets an answer, not even that there will be none.
    Swallowed,
}

/// A proxy that knows nothing of what passes.
pub struct Strait {
    port: u16,
    passage: Arc<watch::Sender<Passage>>,
}

impl Strait {
    /// In a thread of its own, so that it lives beside whatever the story waits for.
    pub async fn before_postgres() -> Self {
        let passage = Arc::new(watch::Sender::new(Passage::Open));
        let (tell, told) = tokio::sync::oneshot::channel();
        let state = Arc::clone(&passage);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
                tell.send(listener.local_addr().unwrap().port()).unwrap();
                let mut ends = state.subscribe();
                drop(state);
                loop {
                    tokio::select! {
                        accepted = listener.accept() => {
                            tokio::spawn(pass(accepted.unwrap().0, ends.clone()));
                        }
                        changed = ends.changed() => if changed.is_err() { return },
                    }
                }
            });
        });
        Self { port: told.await.unwrap(), passage }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn becomes(&self, passage: Passage) {
        self.passage.send_replace(passage);
    }
}

async fn pass(mut near: TcpStream, mut passage: watch::Receiver<Passage>) {
    let now = *passage.borrow_and_update();
    match now {
        Passage::Refused => return,
        Passage::Swallowed => {}
        Passage::Open => {
            let Ok(mut far) = TcpStream::connect(postgres_address()).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => return,
                _ = passage.wait_for(|now| *now != Passage::Open) => {}
            }
            if *passage.borrow() == Passage::Refused {
                return;
            }
            // Both ends stay open, and nothing passes.
            let _ = passage.wait_for(|now| *now != Passage::Swallowed).await;
            return;
        }
    }
    let _ = passage.wait_for(|now| *now != Passage::Swallowed).await;
}
