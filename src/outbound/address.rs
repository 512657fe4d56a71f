//! Which addresses lie in the open internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` is reachable from anywhere, and so no part of a private network, this machine or a reserve.
///
/// Spec: IANA IPv4 and IPv6 special-purpose address registries.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        // Relays of 6to4, given up.
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 224;
    !special
}

/// Nothing but 2000::/3 was ever given to the internet: every other address is special, or will be.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped().or_else(|| carried_v4(address)) {
        return is_public_v4(inner);
    }
    let [first, second, _, _, fifth, sixth, ..] = address.segments();
    let special = (first & 0xe000) != 0x2000
        // Protocols of the IETF: Teredo, benchmarks, ORCHID and others.
        || (first == 0x2001 && second < 0x0200)
        || (first == 0x2001 && second == 0x0db8)
        // Documentation, 3fff::/20.
        || (first == 0x3fff && second < 0x1000)
        // ISATAP: an IPv4 address of the local site inside.
        || (fifth & 0xfdff == 0 && sixth == 0x5efe);
    !special
}

/// The IPv4 address inside a translation (64:ff9b::/96) or 6to4 (2002::/16) address.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::super::{NetworkPolicy, check_url};
    use super::*;

    #[test]
    fn private_and_reserved_addresses_are_not_public() {
        // Every block of the two registries that is not globally reachable: its first and last addresses, and neighbours.
        let private = [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.1.2.3",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::a00:1",
            "::8.8.8.8",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:0:10.0.0.1",
            "::ffff:0:8.8.8.8",
            "64:ff9b::a00:1",
            "64:ff9b::127.0.0.1",
            "64:ff9b:1::1",
            "64:ff9b:1::8.8.8.8",
            "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
            "64:ff9b::1:0:0",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:a00:1::",
            "2002:7f00:1::1",
            "2002:c0a8:101::1",
            "2606:4700::5efe:a00:1",
            "2606:4700::200:5efe:a00:1",
            "3fff::1",
            "3fff:fff:ffff::1",
            "4000::1",
            "5f00::1",
            "5f00:ffff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ];
        for text in private {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        let public = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.88.98.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2c0f:fb50::1",
            "3fff:1000::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ];
        for text in public {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn literal_addresses_are_caught_in_every_spelling() {
        let urls = [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::1]/",
            "http://example.org/",
            "ftp://example.org/",
            "https://0177.0.0.1/",
        ];
        for text in urls {
            assert!(check_url(&Url::parse(text).unwrap(), NetworkPolicy::Public).is_err(), "{text}");
        }
        assert!(check_url(&Url::parse("http://127.0.0.1:1/").unwrap(), NetworkPolicy::Private).is_ok());
        assert!(
            check_url(&Url::parse("http://192.168.0.1/").unwrap(), NetworkPolicy::Private).is_err(),
            "http off this machine"
        );
        assert!(check_url(&Url::parse("https://example.org/").unwrap(), NetworkPolicy::Public).is_ok());
    }
}
