//! Counts how many scores are being posted at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::Lms;

/// How many requests are open, and how many were at most.
#[derive(Default)]
pub(super) struct ScoreMeter {
    open: AtomicUsize,
    most: AtomicUsize,
}

/// A request that is open until this is dropped.
pub(super) struct OpenPost<'a>(&'a ScoreMeter);

impl ScoreMeter {
    pub(super) fn enter(&self) -> OpenPost<'_> {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(open, Ordering::SeqCst);
        OpenPost(self)
    }

    pub(super) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

impl Drop for OpenPost<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Counts a request from its arrival to its answer.
pub(super) async fn counted(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let _open = lms.0.score_meter.enter();
    next.call(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_remembers_the_most_that_were_open_at_once() {
        let score_meter = ScoreMeter::default();
        let first = score_meter.enter();
        drop(score_meter.enter());
        drop(score_meter.enter());
        assert_eq!(score_meter.most(), 2);
        drop(first);
        drop(score_meter.enter());
        assert_eq!(score_meter.most(), 2);
    }
}
