//! Why a server gave no answer, in words that tell what to do.

use std::fmt;

/// Why a server gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No address belongs to its name.
    NameUnknown,
    /// Nothing listens there.
    ConnectionRefused,
    /// It took too long.
    TimedOut,
    /// It hung up.
    ConnectionClosed,
    /// Its certificate has expired.
    CertificateExpired,
    /// Its certificate's time has not come yet.
    CertificateNotYetValid,
    /// Its certificate is for another name.
    CertificateForAnotherName,
    /// Nobody that we trust has signed its certificate.
    CertificateIssuerUnknown,
    /// It speaks no TLS that we understand.
    NotSecure,
    /// Anything else, in the words of whoever noticed.
    Other(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NameUnknown => "no address is known for this name (DNS)",
            Self::ConnectionRefused => "the connection was refused",
            Self::TimedOut => "it took too long",
            Self::ConnectionClosed => "the connection was closed",
            Self::CertificateExpired => "its certificate has expired",
            Self::CertificateNotYetValid => "its certificate isn't valid yet",
            Self::CertificateForAnotherName => "its certificate is for another name",
            Self::CertificateIssuerUnknown => {
                "its certificate isn't signed by an authority that this machine trusts, or the chain is incomplete"
            }
            Self::NotSecure => "no secure connection could be made (TLS)",
            Self::Other(words) => words,
        })
    }
}

impl Cause {
    /// Reads the cause from what the client says.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::TimedOut;
        }
        let mut chain = Vec::new();
        let mut kind = None;
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(one) = cause {
            kind = one.downcast_ref::<std::io::Error>().map(std::io::Error::kind).or(kind);
            chain.push(one.to_string());
            cause = one.source();
        }
        Self::read(&chain, kind)
    }

    /// Quirk: OpenSSL tells what is wrong with a certificate in words alone, in brackets after its own file and line.
    fn read(chain: &[String], kind: Option<std::io::ErrorKind>) -> Self {
        let all = chain.join(": ");
        let says = |words: &[&str]| words.iter().any(|words| all.contains(words));
        if says(&["certificate has expired"]) {
            return Self::CertificateExpired;
        }
        if says(&["certificate is not yet valid"]) {
            return Self::CertificateNotYetValid;
        }
        if says(&["ostname mismatch", "IP address mismatch", "certificate is not valid for"]) {
            return Self::CertificateForAnotherName;
        }
        if says(&[
            "self signed certificate",
            "self-signed certificate",
            "local issuer certificate",
            "unable to verify the first certificate",
        ]) {
            return Self::CertificateIssuerUnknown;
        }
        if says(&["SSL routines", "certificate verify failed", "error:0A"]) {
            return Self::NotSecure;
        }
        if says(&["failed to lookup address", "Name or service not known", "No address associated"]) {
            return Self::NameUnknown;
        }
        match kind {
            Some(std::io::ErrorKind::ConnectionRefused) => Self::ConnectionRefused,
            Some(
                std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::ConnectionAborted
                | std::io::ErrorKind::UnexpectedEof
                | std::io::ErrorKind::BrokenPipe,
            ) => Self::ConnectionClosed,
            Some(std::io::ErrorKind::TimedOut) => Self::TimedOut,
            _ if says(&["connection closed before message completed"]) => Self::ConnectionClosed,
            _ => Self::Other(chain.last().cloned().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_libraries_become_words_that_tell_what_to_do() {
        let openssl = |why: &str| {
            format!(
                "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/statem/statem_clnt.c:1889: ({why})"
            )
        };
        for (words, expected) in [
            (openssl("certificate has expired"), Cause::CertificateExpired),
            (openssl("certificate is not yet valid"), Cause::CertificateNotYetValid),
            (openssl("hostname mismatch"), Cause::CertificateForAnotherName),
            (openssl("IP address mismatch"), Cause::CertificateForAnotherName),
            (openssl("self-signed certificate"), Cause::CertificateIssuerUnknown),
            (openssl("unable to get local issuer certificate"), Cause::CertificateIssuerUnknown),
            (openssl("something new"), Cause::NotSecure),
            ("error:0A00010B:SSL routines:ssl3_get_record:wrong version number".into(), Cause::NotSecure),
            ("failed to lookup address information: Name or service not known".into(), Cause::NameUnknown),
            ("something else".into(), Cause::Other("something else".into())),
        ] {
            let cause = Cause::read(&["error sending request".to_owned(), words.clone()], None);
            assert_eq!(cause, expected, "{words}");
            assert!(!cause.to_string().contains("SSL routines"));
        }
        for (kind, expected) in [
            (std::io::ErrorKind::ConnectionRefused, Cause::ConnectionRefused),
            (std::io::ErrorKind::ConnectionReset, Cause::ConnectionClosed),
            (std::io::ErrorKind::UnexpectedEof, Cause::ConnectionClosed),
        ] {
            assert_eq!(Cause::read(&["x".to_owned()], Some(kind)), expected);
        }
    }
}
