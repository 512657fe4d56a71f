//! What each learning platform's registration needs: what its administrator reads off, and what is the same everywhere.

pub mod profile;

use url::Url;

/// The folders of Moodle whose pages an administrator may have open.
const MOODLE_FOLDERS: [&str; 7] = ["admin", "course", "grade", "login", "mod", "my", "user"];

/// How a family is told: beginnings of what it calls itself, and parts of the address where it authenticates.
type FamilyTraits = (&'static [&'static str], &'static [&'static str], Family);

static SIGNS: [FamilyTraits; 7] = [
    (&["moodle", "totara", "iomad"], &["/mod/lti/"], Family::Moodle),
    (&["canvas"], &[".instructure.com/", ".canvaslms.com/", "/api/lti/authorize"], Family::Canvas),
    (&["blackboard"], &[".blackboard.com/", ".anthology.com/"], Family::Blackboard),
    (&["desire2learn", "d2l", "brightspace"], &["/d2l/"], Family::Brightspace),
    (&["sakai"], &["/imsoidc/"], Family::Sakai),
    (&["schoology"], &[".schoology.com/"], Family::Schoology),
    (&["openedx", "open edx", "edx"], &["/lti_consumer/"], Family::OpenEdx),
];

/// A kind of learning platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Moodle and what is made of it.
    Moodle,
    /// Canvas in Instructure's cloud.
    Canvas,
    /// Blackboard Learn.
    Blackboard,
    /// D2L Brightspace.
    Brightspace,
    /// Sakai.
    Sakai,
    /// Schoology Learning.
    Schoology,
    /// Open edX.
    OpenEdx,
    /// Any other, and those that are set up in their own way.
    Other,
}

/// A value that an administrator brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointField {
    /// The address of the site.
    Site,
    /// Which of the cloud's three copies.
    Environment,
    /// What the platform calls itself.
    Issuer,
    /// Our client id there.
    ClientId,
    /// Its authentication request URL.
    AuthUrl,
    /// Its access token URL.
    TokenUrl,
    /// Its public keyset URL.
    JwksUrl,
    /// The audience of token requests.
    Audience,
}

impl EndpointField {
    /// Its name in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Environment => "environment",
            Self::Issuer => "issuer",
            Self::ClientId => "client_id",
            Self::AuthUrl => "auth_url",
            Self::TokenUrl => "token_url",
            Self::JwksUrl => "jwks_url",
            Self::Audience => "token_audience",
        }
    }
}

/// What an administrator input.
#[derive(Clone, Copy, Debug, Default)]
pub struct EndpointInput<'a> {
    /// The address of the site.
    pub site: &'a str,
    /// `production`, `beta` or `test`.
    pub environment: &'a str,
    /// What the platform calls itself.
    pub issuer: &'a str,
    /// Our client id there.
    pub client_id: &'a str,
    /// Its authentication request URL.
    pub auth_url: &'a str,
    /// Its access token URL.
    pub token_url: &'a str,
    /// Its public keyset URL.
    pub jwks_url: &'a str,
    /// The audience of token requests.
    pub audience: &'a str,
}

/// The values of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// What the platform calls itself.
    pub issuer: String,
    /// Its authentication request URL.
    pub auth_url: Url,
    /// Its access token URL.
    pub token_url: Url,
    /// Its public keyset URL.
    pub jwks_url: Url,
    /// The audience of token requests, where it is not the access token URL.
    pub token_audience: Option<String>,
}

/// A value that is missing, or no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is missing or cannot be read", .0.word())]
pub struct Unusable(pub EndpointField);

impl Family {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Moodle,
        Self::Canvas,
        Self::Blackboard,
        Self::Brightspace,
        Self::Sakai,
        Self::Schoology,
        Self::OpenEdx,
        Self::Other,
    ];

    /// Its word in addresses and texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Moodle => "moodle",
            Self::Canvas => "canvas",
            Self::Blackboard => "blackboard",
            Self::Brightspace => "brightspace",
            Self::Sakai => "sakai",
            Self::Schoology => "schoology",
            Self::OpenEdx => "open-edx",
            Self::Other => "other",
        }
    }

    /// Returns the family of a platform that calls itself `code`, or asks for authentication at `auth_url`.
    pub fn of(code: Option<&str>, auth_url: &str) -> Self {
        let (code, address) = (code.unwrap_or_default().trim().to_lowercase(), auth_url.to_lowercase());
        let called = |(names, _, _): &&FamilyTraits| names.iter().any(|name| code.starts_with(name));
        let placed = |(_, parts, _): &&FamilyTraits| parts.iter().any(|part| address.contains(part));
        let found = SIGNS.iter().find(called).or_else(|| SIGNS.iter().find(placed));
        found.map_or(Self::Other, |(_, _, family)| *family)
    }

    /// What it calls itself in launches, as far as it does (`product_family_code`).
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Moodle => Some("moodle"),
            Self::Canvas => Some("canvas"),
            Self::Blackboard => Some("BlackboardLearn"),
            Self::Brightspace => Some("desire2learn"),
            Self::Sakai => Some("sakai"),
            Self::Schoology => Some("schoology"),
            Self::OpenEdx => Some("openedx"),
            Self::Other => None,
        }
    }

    /// Its own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Moodle => "Moodle",
            Self::Canvas => "Canvas",
            Self::Blackboard => "Blackboard",
            Self::Brightspace => "Brightspace",
            Self::Sakai => "Sakai",
            Self::Schoology => "Schoology",
            Self::OpenEdx => "Open edX",
            Self::Other => "…",
        }
    }

    /// The family that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.word() == word)
    }

    /// What its administrator has to bring.
    pub fn asks(self) -> &'static [EndpointField] {
        match self {
            Self::Moodle | Self::Brightspace => &[EndpointField::Site, EndpointField::ClientId],
            Self::Canvas => &[EndpointField::Environment, EndpointField::ClientId],
            Self::Blackboard | Self::Schoology => &[EndpointField::ClientId],
            Self::Sakai | Self::OpenEdx => &[
                EndpointField::Issuer,
                EndpointField::ClientId,
                EndpointField::AuthUrl,
                EndpointField::TokenUrl,
                EndpointField::JwksUrl,
            ],
            Self::Other => &[
                EndpointField::Issuer,
                EndpointField::ClientId,
                EndpointField::AuthUrl,
                EndpointField::TokenUrl,
                EndpointField::JwksUrl,
                EndpointField::Audience,
            ],
        }
    }

    /// The values of its registration.
    pub fn endpoints(self, input: &EndpointInput<'_>) -> Result<Endpoints, Unusable> {
        let client_id = needed(input.client_id, EndpointField::ClientId)?;
        match self {
            Self::Moodle => of_moodle(input.site),
            Self::Canvas => of_canvas(input.environment),
            Self::Blackboard => of_blackboard(client_id),
            Self::Brightspace => of_brightspace(input.site),
            Self::Schoology => of_schoology(),
            Self::Sakai | Self::OpenEdx => as_told(input, None),
            Self::Other => {
                let audience = input.audience.trim();
                as_told(input, (!audience.is_empty()).then(|| audience.to_owned()))
            }
        }
    }
}

/// Spec: Moodle's page of the tool's configuration details; all follow from `wwwroot`.
fn of_moodle(text: &str) -> Result<Endpoints, Unusable> {
    let url = site(text)?;
    let site = format!("{}{}", url.origin().ascii_serialization(), moodle_root(url.path()));
    let at = |page: &str| address(&format!("{site}/mod/lti/{page}.php"), EndpointField::Site);
    let addresses = (at("auth")?, at("token")?, at("certs")?);
    Ok(Endpoints::new(site, addresses, None))
}

fn of_canvas(environment: &str) -> Result<Endpoints, Unusable> {
    let part = match environment {
        "production" => "",
        "beta" => ".beta",
        "test" => ".test",
        _ => return Err(Unusable(EndpointField::Environment)),
    };
    let at = |path| address(&format!("https://sso{part}.canvaslms.com/{path}"), EndpointField::Environment);
    let addresses =
        (at("api/lti/authorize_redirect")?, at("login/oauth2/token")?, at("api/lti/security/jwks")?);
    Ok(Endpoints::new(format!("https://canvas{part}.instructure.com"), addresses, None))
}

fn of_blackboard(client_id: &str) -> Result<Endpoints, Unusable> {
    let at = |path: &str| {
        address(&format!("https://developer.blackboard.com/api/v1/{path}"), EndpointField::ClientId)
    };
    let mut keys = at("management/applications")?;
    keys.path_segments_mut()
        .map_err(|()| Unusable(EndpointField::ClientId))?
        .extend([client_id, "jwks.json"]);
    let addresses = (at("gateway/oidcauth")?, at("gateway/oauth2/jwttoken")?, keys);
    Ok(Endpoints::new("https://blackboard.com".to_owned(), addresses, None))
}

/// Quirk: its tokens come from one service for all, whose audience is not its address.
fn of_brightspace(text: &str) -> Result<Endpoints, Unusable> {
    let site = site(text)?.origin().ascii_serialization();
    let at = |path: &str| address(&format!("{site}/d2l/{path}"), EndpointField::Site);
    let token = address("https://auth.brightspace.com/core/connect/token", EndpointField::Site)?;
    let addresses = (at("lti/authenticate")?, token, at(".well-known/jwks")?);
    let audience = "https://api.brightspace.com/auth/token".to_owned();
    Ok(Endpoints::new(site, addresses, Some(audience)))
}

fn of_schoology() -> Result<Endpoints, Unusable> {
    let at = |path: &str| {
        address(&format!("https://lti-service.svc.schoology.com/lti-service/{path}"), EndpointField::ClientId)
    };
    let addresses = (at("authorize-redirect")?, at("access-token")?, at(".well-known/jwks")?);
    Ok(Endpoints::new("https://schoology.schoology.com".to_owned(), addresses, None))
}

fn as_told(input: &EndpointInput<'_>, audience: Option<String>) -> Result<Endpoints, Unusable> {
    let issuer = needed(input.issuer, EndpointField::Issuer)?.to_owned();
    let addresses = (
        address(input.auth_url.trim(), EndpointField::AuthUrl)?,
        address(input.token_url.trim(), EndpointField::TokenUrl)?,
        address(input.jwks_url.trim(), EndpointField::JwksUrl)?,
    );
    Ok(Endpoints::new(issuer, addresses, audience))
}

impl Endpoints {
    fn new(
        issuer: String,
        (auth_url, token_url, jwks_url): (Url, Url, Url),
        token_audience: Option<String>,
    ) -> Self {
        Self { issuer, auth_url, token_url, jwks_url, token_audience }
    }
}

fn needed(text: &str, ask: EndpointField) -> Result<&str, Unusable> {
    let text = text.trim();
    if text.is_empty() { Err(Unusable(ask)) } else { Ok(text) }
}

fn address(text: &str, ask: EndpointField) -> Result<Url, Unusable> {
    Url::parse(text).map_err(|_: url::ParseError| Unusable(ask))
}

/// The address of a site, or of a page of it.
fn site(text: &str) -> Result<Url, Unusable> {
    let text = needed(text, EndpointField::Site)?;
    let url = match text.contains("://") {
        true => address(text, EndpointField::Site)?,
        false => address(&format!("https://{text}"), EndpointField::Site)?,
    };
    let is_site = url.origin().is_tuple() && url.username().is_empty() && url.password().is_none();
    is_site.then_some(url).ok_or(Unusable(EndpointField::Site))
}

/// The path below which a Moodle lives, without a slash at its end, where `path` may be that of a page.
///
/// Quirk: only what must be a page is cut. A Moodle may live in a folder that is called like one of its own.
fn moodle_root(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.last().is_some_and(|last| last.ends_with(".php") || *last == "my") {
        let is_inside = |part: &&str| MOODLE_FOLDERS.contains(part) || part.ends_with(".php");
        let depth = parts.iter().position(is_inside).unwrap_or(parts.len());
        parts.truncate(depth);
    }
    parts.into_iter().map(|part| format!("/{part}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(family: Family, site: &str, client_id: &str) -> Endpoints {
        let input = EndpointInput { site, client_id, environment: "beta", ..EndpointInput::default() };
        family.endpoints(&input).unwrap()
    }

    #[test]
    fn a_family_is_told_by_its_name_or_its_address() {
        for (code, auth_url, expected) in [
            (Some("moodle"), "https://lms.example/x", Family::Moodle),
            (Some("BlackboardLearn"), "https://lms.example/x", Family::Blackboard),
            (Some("sakai"), "https://lms.example/mod/lti/auth.php", Family::Sakai),
            (None, "https://lms.example/mod/lti/auth.php", Family::Moodle),
            (None, "https://sso.canvaslms.com/api/lti/authorize_redirect", Family::Canvas),
            (None, "https://uni.example/d2l/lti/authenticate", Family::Brightspace),
            (Some("ims"), "https://lms.example/auth", Family::Other),
        ] {
            assert_eq!(Family::of(code, auth_url), expected, "{code:?} {auth_url}");
        }
        for family in Family::ALL.into_iter().filter(|family| family.code().is_some()) {
            assert_eq!(Family::of(family.code(), ""), family);
        }
    }

    #[test]
    fn what_is_the_same_everywhere_is_not_asked() {
        let rows = [
            (
                of(Family::Moodle, "https://school.example/moodle/", "x"),
                [
                    "https://school.example/moodle",
                    "https://school.example/moodle/mod/lti/auth.php",
                    "https://school.example/moodle/mod/lti/token.php",
                    "https://school.example/moodle/mod/lti/certs.php",
                    "",
                ],
            ),
            (
                of(Family::Canvas, "", "10000000000001"),
                [
                    "https://canvas.beta.instructure.com",
                    "https://sso.beta.canvaslms.com/api/lti/authorize_redirect",
                    "https://sso.beta.canvaslms.com/login/oauth2/token",
                    "https://sso.beta.canvaslms.com/api/lti/security/jwks",
                    "",
                ],
            ),
            (
                of(Family::Blackboard, "", "a/../b"),
                [
                    "https://blackboard.com",
                    "https://developer.blackboard.com/api/v1/gateway/oidcauth",
                    "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
                    "https://developer.blackboard.com/api/v1/management/applications/a%2F..%2Fb/jwks.json",
                    "",
                ],
            ),
            (
                of(Family::Brightspace, "uni.brightspace.com", "x"),
                [
                    "https://uni.brightspace.com",
                    "https://uni.brightspace.com/d2l/lti/authenticate",
                    "https://auth.brightspace.com/core/connect/token",
                    "https://uni.brightspace.com/d2l/.well-known/jwks",
                    "https://api.brightspace.com/auth/token",
                ],
            ),
            (
                of(Family::Schoology, "", "x"),
                [
                    "https://schoology.schoology.com",
                    "https://lti-service.svc.schoology.com/lti-service/authorize-redirect",
                    "https://lti-service.svc.schoology.com/lti-service/access-token",
                    "https://lti-service.svc.schoology.com/lti-service/.well-known/jwks",
                    "",
                ],
            ),
        ];
        for (found, [issuer, auth, token, jwks, audience]) in rows {
            assert_eq!(found.issuer, issuer);
            assert_eq!((found.auth_url.as_str(), found.token_url.as_str()), (auth, token));
            assert_eq!(found.jwks_url.as_str(), jwks);
            assert_eq!(found.token_audience.unwrap_or_default(), audience);
        }
    }

    #[test]
    fn the_page_that_was_open_is_no_part_of_the_site() {
        for (pasted, issuer) in [
            ("https://school.example/course/view.php?id=3", "https://school.example"),
            ("https://school.example/moodle/mod/lti/toolconfigure.php", "https://school.example/moodle"),
            ("https://school.example/moodle/index.php", "https://school.example/moodle"),
            ("school.example/my/", "https://school.example"),
            ("https://school.example/course/", "https://school.example/course"),
            (" http://127.0.0.1:8080/ ", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(of(Family::Moodle, pasted, "x").issuer, issuer, "{pasted}");
        }
        for pasted in ["uni.brightspace.com/d2l/home", "https://uni.brightspace.com/d2l/lp/x.d2l?ou=1"] {
            assert_eq!(of(Family::Brightspace, pasted, "x").issuer, "https://uni.brightspace.com");
        }
        for pasted in ["mailto://", "https://a:b@school.example", "https://:b@school.example", "a b"] {
            let input = EndpointInput { site: pasted, client_id: "x", ..EndpointInput::default() };
            assert_eq!(Family::Moodle.endpoints(&input), Err(Unusable(EndpointField::Site)), "{pasted}");
        }
    }

    #[test]
    fn what_is_asked_is_needed() {
        let all = EndpointInput {
            site: "https://lms.example",
            environment: "production",
            issuer: "https://lms.example",
            client_id: "c",
            auth_url: "https://lms.example/a",
            token_url: "https://lms.example/t",
            jwks_url: "https://lms.example/k",
            audience: "",
        };
        for family in Family::ALL {
            assert!(family.endpoints(&all).is_ok(), "{family:?}");
            for ask in family.asks().iter().filter(|ask| **ask != EndpointField::Audience) {
                let mut less = all;
                match ask {
                    EndpointField::Site => less.site = " ",
                    EndpointField::Environment => less.environment = "other",
                    EndpointField::Issuer => less.issuer = "",
                    EndpointField::ClientId => less.client_id = "",
                    EndpointField::AuthUrl => less.auth_url = "x",
                    EndpointField::TokenUrl => less.token_url = "",
                    EndpointField::JwksUrl => less.jwks_url = "",
                    EndpointField::Audience => {}
                }
                assert_eq!(family.endpoints(&less), Err(Unusable(*ask)), "{family:?}");
            }
            assert_eq!(Family::parse(family.word()), Some(family));
        }
    }
}
