//! The log: one JSON line an event, each request with an id, no token and no name in it.

use actix_web::HttpMessage as _;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder, TracingLogger};
use tracing_subscriber::EnvFilter;

/// Starts the log.
///
/// Errors: when `filter` is no level and no list of targets and levels.
pub fn start(filter: &str) -> Result<(), tracing_subscriber::filter::ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    // A second start, as tests make, keeps the first log.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
    Ok(())
}

/// Logs each request.
pub fn request_log() -> TracingLogger<RequestSpan> {
    TracingLogger::new()
}

const ROUTINE: [&str; 5] =
    ["/rooms/{room}/presence", "/rooms/{room}/live", "/calendar/{token}.ics", "/healthz", "/readyz"];

/// Marks a request of one of these routes.
struct Routine;

/// A request's span: method, route, request id. Never the address itself, which may hold hints and tokens.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let route = request.match_pattern().unwrap_or_else(|| "unknown".to_owned());
        if ROUTINE.contains(&route.as_str()) {
            request.extensions_mut().insert(Routine);
        }
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        tracing::info_span!("request", method = %request.method(), route, id, status = tracing::field::Empty)
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = match outcome {
            Ok(response) => response.status().as_u16(),
            Err(error) => error.as_response_error().status_code().as_u16(),
        };
        span.record("status", status);
        // Monitors and heartbeats come by the thousand and say nothing while all is well.
        let is_routine =
            outcome.as_ref().is_ok_and(|response| response.request().extensions().contains::<Routine>());
        let quiet = is_routine && (200..300).contains(&status);
        span.in_scope(|| {
            if quiet { tracing::debug!(status, "answered") } else { tracing::info!(status, "answered") }
        });
    }
}
