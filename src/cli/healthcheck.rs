//! `healthcheck`: whether the server on this machine is ready, for containers and monitors.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Context as _, bail};
use url::Url;

use super::say;
use crate::config::Config;
use crate::outbound::{NetworkPolicy, Outbound};

const MAX_RESPONSE: usize = 4 * 1024;

/// Asks `/readyz` where `serve` listens.
///
/// Errors: it does not answer, or is not ready.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let url = Url::parse(&format!("http://{}/readyz", reachable(config.addresses.listen)))?;
    let answer = Outbound::new().get(&url, NetworkPolicy::Private, MAX_RESPONSE).await;
    let answer = answer.with_context(|| format!("{url} does not answer"))?;
    if answer.status != 200 {
        bail!("{url} answers {}: {}", answer.status, answer.text());
    }
    say("ready");
    Ok(())
}

/// Where to ask a server that listens at `listen`: one that listens everywhere is also here.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let here = match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    SocketAddr::new(here, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_here() {
        for (listen, expected) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("127.0.0.1:9", "127.0.0.1:9"),
            ("192.0.2.7:80", "192.0.2.7:80"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), expected);
        }
    }
}
