//! A web site in a thread of its own, for peers of the tool.

use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};

/// A site that answers until it is dropped.
pub struct Site {
    /// Scheme, host and port.
    pub origin: String,
    handle: ServerHandle,
}

impl Site {
    /// A listener on a free port, and its origin: for sites that must know their own address.
    pub fn place() -> (TcpListener, String) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        (listener, origin)
    }

    /// Serves `routes` on `listener`.
    pub fn serve(
        listener: TcpListener,
        routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    ) -> Self {
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || App::new().configure(routes.clone()));
                let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
                tell.send(server.handle()).unwrap();
                let _ = server.await;
            });
        });
        Self { origin, handle: told.recv().unwrap() }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}
