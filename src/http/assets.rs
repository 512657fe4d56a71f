//! Style sheet, scripts and icons: embedded in a release, read from the disk in development.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::failure::Failure;
use super::refusal_code::RefusalCode;
use super::security::for_every_site;

#[derive(rust_embed::RustEmbed)]
#[folder = "assets"]
struct Files;

struct Asset {
    version: String,
    plain: Bytes,
    /// `None` for a file that gains nothing.
    gzip: Option<Bytes>,
}

/// Every asset, compressed once for the life of the process: answers need no compression, and the program no part that
/// could unpack what requests bring.
static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let read = |path: &str| Some((path.to_owned(), Asset::new(Files::get(path)?)));
    Files::iter().filter_map(|path| read(&path)).collect()
});

impl Asset {
    fn new(file: rust_embed::EmbeddedFile) -> Self {
        let version = file.metadata.sha256_hash().iter().take(5).map(|byte| format!("{byte:02x}")).collect();
        let plain = match file.data {
            std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Self { version, gzip: compressed(&plain).filter(|packed| packed.len() < plain.len()), plain }
    }
}

fn compressed(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// The address of an asset, with its version: it may be kept for ever.
pub fn url(path: &str) -> String {
    let version = ASSETS.get(path).map(|asset| asset.version.as_str()).unwrap_or_default();
    format!("/assets/{path}?v={version}")
}

/// `GET /assets/{path}`
pub async fn serve(path: Path<String>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let path = path.into_inner();
    let asset =
        ASSETS.get(&path).ok_or_else(|| Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown))?;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, content_type(&path)))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, "Accept-Encoding"));
    if path.starts_with("icons/") {
        // Platforms show the tool's icon on their own pages.
        answer.insert_header(for_every_site());
    }
    let accepted = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    match &asset.gzip {
        Some(gzip) if accepted.is_some_and(accepts_gzip) => {
            Ok(answer.insert_header((CONTENT_ENCODING, "gzip")).body(gzip.clone()))
        }
        _ => Ok(answer.body(asset.plain.clone())),
    }
}

/// Spec: RFC 9110 §12.5.3; a weight of zero is a no.
fn accepts_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map(str::parse::<f32>);
        is_gzip && !matches!(weight, Some(Ok(weight)) if weight <= 0.0)
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sent_compressed_to_whoever_takes_them_so() {
        for accepted in ["gzip", "br, gzip;q=0.5", "deflate,GZIP", "gzip; q=1.0"] {
            assert!(accepts_gzip(accepted), "{accepted}");
        }
        for accepted in ["", "br", "gzip;q=0", "identity, gzip; q=0.0", "gzipped"] {
            assert!(!accepts_gzip(accepted), "{accepted}");
        }
        let style = &ASSETS["css/app.css"];
        assert!(style.gzip.as_ref().unwrap().len() * 3 < style.plain.len());
    }
}
