//! Bounds what a request may bring: nothing compressed, all of it in time, and not too much at once.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures::Stream;
use tokio::time::{Sleep, sleep};

use super::connections::ConnectionSlot;
use super::failure::Failure;
use super::refusal_code::RefusalCode;

/// How long the whole body of a request may take to arrive.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// Refuses a compressed body before anybody reads it: some kilobytes would become gigabytes.
///
/// Spec: RFC 9110 §15.5.16.
/// Errors: `body-encoded`.
pub fn require_unencoded(headers: &HeaderMap) -> Result<(), Failure> {
    if is_encoded(headers) {
        Err(Failure::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, RefusalCode::BodyEncoded))
    } else {
        Ok(())
    }
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).any(|value| {
        let is_plain =
            |coding: &str| coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity");
        !value.to_str().is_ok_and(|codings| codings.split(',').all(is_plain))
    })
}

/// Gives the body of a request until [`BODY_TIMEOUT`] to arrive, and closes the connection of one that nobody read.
///
/// Quirk: the server drains a chunked body that nobody wants, however long it is, unless somebody still holds it when the
/// answer is sent; then it closes the connection a second later.
pub async fn bound_body(
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let claims = request.conn_data::<ConnectionSlot>().cloned();
    let payload = request.take_payload();
    let incoming = match payload {
        Payload::None => {
            claims.as_ref().inspect(|claims| claims.begins_answer());
            None
        }
        payload => {
            let incoming = Rc::new(Incoming {
                payload: RefCell::new(payload),
                has_ended: Cell::new(false),
                claims: claims.clone(),
            });
            claims.as_ref().inspect(|claims| claims.begins_body());
            let body = BoundedBody { incoming: Rc::clone(&incoming), timer: None };
            let body: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(body);
            request.set_payload(body.into());
            Some(incoming)
        }
    };
    let outcome = next.call(request).await;
    claims.as_ref().inspect(|claims| claims.rests());
    let unread = incoming.filter(|incoming| !incoming.has_ended.get());
    Ok(outcome?.map_body(|_, body| match unread {
        Some(unread) => BoxBody::new(HoldingBody { body, _unread: unread }),
        None => body,
    }))
}

/// Whether reading a body ended with its time.
pub fn took_too_long(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}

/// Whether reading a body ended because bodies fill the memory that there is for them.
pub fn found_no_room(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(error) if error.kind() == io::ErrorKind::OutOfMemory)
}

/// A body on its way, shared by those who read it and those who answer.
struct Incoming {
    payload: RefCell<Payload>,
    has_ended: Cell<bool>,
    claims: Option<ConnectionSlot>,
}

struct BoundedBody {
    incoming: Rc<Incoming>,
    /// Runs from the first time that somebody had to wait.
    timer: Option<Pin<Box<Sleep>>>,
}

impl BoundedBody {
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(BODY_TIMEOUT)));
        timer.as_mut().poll(context)
    }
}

impl Stream for BoundedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.timer.is_some() && self.poll_timer(context).is_ready() {
            return Poll::Ready(Some(Err(failed(io::ErrorKind::TimedOut))));
        }
        let incoming = Rc::clone(&self.incoming);
        let polled = Pin::new(&mut *incoming.payload.borrow_mut()).poll_next(context);
        match polled {
            Poll::Pending => self.poll_timer(context).map(|()| Some(Err(failed(io::ErrorKind::TimedOut)))),
            Poll::Ready(Some(Ok(chunk))) => {
                let has_room = incoming.claims.as_ref().is_none_or(|claims| claims.holds(chunk.len()));
                Poll::Ready(Some(if has_room { Ok(chunk) } else { Err(failed(io::ErrorKind::OutOfMemory)) }))
            }
            Poll::Ready(None) => {
                incoming.has_ended.set(true);
                incoming.claims.as_ref().inspect(|claims| claims.begins_answer());
                Poll::Ready(None)
            }
            failure => failure,
        }
    }
}

fn failed(kind: io::ErrorKind) -> PayloadError {
    PayloadError::Io(kind.into())
}

/// An answer that holds on to the request's unread body until it is sent.
struct HoldingBody {
    body: BoxBody,
    _unread: Rc<Incoming>,
}

impl MessageBody for HoldingBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn every_coding_but_identity_is_seen() {
        let headers = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
            }
            headers
        };
        for values in [&[][..], &["identity"], &["Identity, identity"], &[""]] {
            assert!(!is_encoded(&headers(values)), "{values:?}");
        }
        for values in
            [&["gzip"][..], &["GZIP"], &["identity, gzip"], &["identity", "br"], &["x"], &["\u{e9}"]]
        {
            assert!(is_encoded(&headers(values)), "{values:?}");
        }
    }
}
