//! Ways to spoil an id_token, for the certification list and for the "Break it" page.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// Changes header and payload of an id_token before it is signed.
pub type Edit = Arc<dyn Fn(&mut Value, &mut Value) + Send + Sync>;

/// One way in which an id_token differs from a good one.
///
/// Each variant's sentence and what a strict tool does with it stand in [`super::tamper_cases::CASES`].
#[derive(Clone)]
#[allow(missing_docs, reason = "each variant has its sentence in the table of cases")]
pub enum Tamper {
    NoKid,
    WrongKid,
    AlgNone,
    Hs256WithPublicKey,
    Rs384,
    TamperedPayload,
    StrangerKey,
    WrongVersion,
    MissingVersion,
    WrongMessageType,
    MissingMessageType,
    MissingRoles,
    RolesNotAnArray,
    EmptyRoles,
    MissingDeployment,
    UnknownDeployment,
    MissingResourceLink,
    MissingResourceLinkId,
    MissingSub,
    EmptySub,
    Expired,
    IssuedInFuture,
    IatAsText,
    ExpAsText,
    MissingIat,
    MissingExp,
    WrongAud,
    AudArrayOfOne,
    AudArrayWithAzp,
    AudArrayTwoWithAzp,
    AudArrayWithoutAzp,
    AudArrayWrongAzp,
    WrongAzp,
    WrongIss,
    WrongNonce,
    MissingNonce,
    ForeignTarget,
    DifferentTarget,
    MissingTarget,
    NotLti,
    NotJson,
    DuplicateKeys,
    Huge,
    NullOptionals,
    ForeignShapes,
    UnknownClaims,
    ShortRole,
    UnknownRole,
    NamesOnly,
    EmailOnly,
    NoPii,
    NoContext,
    /// Not an id_token at all: the OIDC error `login_required`, as Canvas sends without its cookie.
    LoginRequired,
    /// Anything else a test wants.
    Edit(Edit),
}

impl fmt::Debug for Tamper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.case().map_or("edit", |case| case.name))
    }
}

/// What a strict tool does with a spoiled id_token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// It must refuse the launch.
    Refused,
    /// It must accept the launch.
    Accepted,
    /// The specification leaves it to the tool.
    Open,
}

/// A row of the table of cases.
pub struct Case {
    /// The case.
    pub tamper: Tamper,
    /// Its name in forms and test reports.
    pub name: &'static str,
    /// What is done, in words.
    pub sentence: &'static str,
    /// What a strict tool does.
    pub verdict: ExpectedOutcome,
}

impl Tamper {
    /// Returns the row of this case; `None` for [`Tamper::Edit`].
    pub fn case(&self) -> Option<&'static Case> {
        let same = |case: &&Case| std::mem::discriminant(&case.tamper) == std::mem::discriminant(self);
        super::tamper_cases::CASES.iter().find(same)
    }

    /// Returns the case of that name.
    pub fn named(name: &str) -> Option<Self> {
        super::tamper_cases::CASES.iter().find(|case| case.name == name).map(|case| case.tamper.clone())
    }
}
