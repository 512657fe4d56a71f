//! Answers that lead on.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;

/// Leads the browser on to `place` by GET.
///
/// Spec: RFC 9110 §15.4.4 (303).
pub fn redirect_to(place: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, place)).finish()
}
