//! Style sheet, scripts and icons: embedded in a release, read from the disk in development.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Path;
use actix_web::{HttpResponse, http::StatusCode};

use super::failure::Failure;

#[derive(rust_embed::RustEmbed)]
#[folder = "assets"]
struct Assets;

/// The address of an asset, with its version: it may be kept for ever.
pub fn url(path: &str) -> String {
    let version = Assets::get(path).map(|file| version(&file)).unwrap_or_default();
    format!("/assets/{path}?v={version}")
}

/// `GET /assets/{path}`
pub async fn serve(path: Path<String>) -> Result<HttpResponse, Failure> {
    let path = path.into_inner();
    let file = Assets::get(&path).ok_or_else(|| Failure::refused(StatusCode::NOT_FOUND, "page-unknown"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type(&path)))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(file.data.into_owned()))
}

fn version(file: &rust_embed::EmbeddedFile) -> String {
    file.metadata.sha256_hash().iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
