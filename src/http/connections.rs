//! Counts the connections, and gives up the one that keeps us waiting the longest when there is no room for another.
//!
//! Strangers may open connections and say nothing: whatever they hold, a new connection gets in, since only those that wait
//! for their client are given up, the oldest first. One whose request is being answered never is.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr, Shutdown, TcpStream};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::dev::Extensions;

/// Connections of one address that is neither this machine nor a trusted proxy: nobody there needs more than a probe does.
const MAX_FOR_STRANGER: usize = 16;
/// Bytes of all bodies that have not been answered yet: each is copied twice while it grows.
const MAX_HELD_BYTES: usize = 4 * 1024 * 1024;
/// A connection that waits longer than any head, body or pause may last.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Files that the process needs beside its connections.
const OTHER_FILES: u64 = 256;

/// How many connections `files` open files allow, of those that are wanted: each takes two, and more may just arrive.
pub fn fitting(wanted: usize, files: u64) -> usize {
    let fitting = files.saturating_sub(OTHER_FILES) / 4;
    wanted.min(usize::try_from(fitting).unwrap_or(usize::MAX)).max(16)
}

/// The open connections of this process.
pub struct Connections {
    max: usize,
    /// Their clients share their addresses, so these are not counted by address.
    trusted_proxies: Vec<IpAddr>,
    begun: Instant,
    buffered: AtomicUsize,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next: u64,
    open: BTreeMap<u64, Arc<Open>>,
    strangers: HashMap<IpAddr, usize>,
    swept: Duration,
}

struct Open {
    number: u64,
    stranger: Option<IpAddr>,
    /// Another handle of the connection, to end it with.
    socket: Option<TcpStream>,
    /// Since when the client is waited for. Units: milliseconds of this process.
    since: AtomicU64,
    is_answered: AtomicBool,
    buffered: AtomicUsize,
}

impl Connections {
    /// Room for `max` connections.
    pub fn new(max: usize, trusted_proxies: Vec<IpAddr>) -> Self {
        Self {
            max,
            trusted_proxies,
            begun: Instant::now(),
            buffered: AtomicUsize::new(0),
            table: Mutex::default(),
        }
    }

    /// How many there may be.
    pub fn max(&self) -> usize {
        self.max
    }

    /// Seats a new connection, or ends it at once.
    pub fn welcome(self: &Arc<Self>, io: &dyn Any, data: &mut Extensions) {
        let Some(stream) = io.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
        let peer = stream.peer_addr().map(|address| address.ip());
        let socket = stream.as_fd().try_clone_to_owned().map(TcpStream::from);
        let (Ok(peer), Ok(socket)) = (peer, socket) else { return };
        if let Some(slot) = self.admit(peer, Some(socket), self.begun.elapsed()) {
            data.insert(slot);
        }
    }

    /// `None` for one that there is no room for: it is over then.
    fn admit(
        self: &Arc<Self>,
        peer: IpAddr,
        socket: Option<TcpStream>,
        now: Duration,
    ) -> Option<ConnectionSlot> {
        let peer = peer.to_canonical();
        let is_known = peer.is_loopback() || self.trusted_proxies.contains(&peer);
        let stranger = (!is_known).then(|| neighbourhood(peer));
        let mut table = self.table();
        if now.saturating_sub(table.swept) >= Duration::from_secs(1) {
            table.swept = now;
            self.sweep(&mut table, now);
        }
        let is_one_too_many = stranger.is_some_and(|stranger| {
            table.strangers.get(&stranger).is_some_and(|count| *count >= MAX_FOR_STRANGER)
        });
        let has_room =
            !is_one_too_many && (table.open.len() < self.max || self.give_up_one(&mut table, |_| true));
        if !has_room {
            drop(table);
            end(socket.as_ref());
            return None;
        }
        table.next += 1;
        let number = table.next;
        let open = Arc::new(Open {
            number,
            stranger,
            socket,
            since: AtomicU64::new(millis(now)),
            is_answered: AtomicBool::new(false),
            buffered: AtomicUsize::new(0),
        });
        if let Some(stranger) = stranger {
            *table.strangers.entry(stranger).or_default() += 1;
        }
        table.open.insert(number, Arc::clone(&open));
        Some(ConnectionSlot(Arc::new(CountedIo { connections: Arc::clone(self), open })))
    }

    /// Gives up every connection that has waited too long: such as one that takes no answer.
    fn sweep(&self, table: &mut Table, now: Duration) {
        let is_over = |open: &Open| millis(now).saturating_sub(open.since()) > millis(MAX_WAIT);
        while self.give_up_one(table, is_over) {}
    }

    /// Gives up the connection that has waited longest among those that `may_go`; tells whether there was one.
    fn give_up_one(&self, table: &mut Table, may_go: impl Fn(&Open) -> bool) -> bool {
        let waiting = table.open.values().filter(|open| !open.is_answered.load(Ordering::Relaxed));
        let oldest =
            waiting.filter(|open| may_go(open)).min_by_key(|open| (open.since(), open.number)).cloned();
        let Some(oldest) = oldest else { return false };
        end(oldest.socket.as_ref());
        self.forget(table, &oldest);
        true
    }

    fn forget(&self, table: &mut Table, open: &Open) {
        self.buffered.fetch_sub(open.buffered.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        if table.open.remove(&open.number).is_none() {
            return;
        }
        if let Some(stranger) = open.stranger
            && let Some(count) = table.strangers.get_mut(&stranger)
        {
            *count -= 1;
            if *count == 0 {
                table.strangers.remove(&stranger);
            }
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn since(&self) -> u64 {
        self.since.load(Ordering::Relaxed)
    }
}

/// A connection's place among the open ones, free again when its last clone is dropped.
#[derive(Clone)]
pub struct ConnectionSlot(Arc<CountedIo>);

struct CountedIo {
    connections: Arc<Connections>,
    open: Arc<Open>,
}

impl ConnectionSlot {
    /// Notes that a request came whose body is still on its way.
    pub fn begins_body(&self) {
        self.waits();
    }

    /// Notes that a request is whole.
    pub fn begins_answer(&self) {
        self.0.open.is_answered.store(true, Ordering::Relaxed);
    }

    /// Notes that a request is answered: the client's turn.
    pub fn rests(&self) {
        let buffered = self.0.open.buffered.swap(0, Ordering::Relaxed);
        self.0.connections.buffered.fetch_sub(buffered, Ordering::Relaxed);
        self.waits();
    }

    /// Notes that `bytes` of a body came; false when there is no room for them.
    pub fn holds(&self, bytes: usize) -> bool {
        let CountedIo { connections, open } = &*self.0;
        open.buffered.fetch_add(bytes, Ordering::Relaxed);
        if connections.buffered.fetch_add(bytes, Ordering::Relaxed) + bytes <= MAX_HELD_BYTES {
            return true;
        }
        let mut table = connections.table();
        let holds_more =
            |other: &Open| other.number != open.number && other.buffered.load(Ordering::Relaxed) > 0;
        while connections.buffered.load(Ordering::Relaxed) > MAX_HELD_BYTES {
            if !connections.give_up_one(&mut table, holds_more) {
                return false;
            }
        }
        true
    }

    fn waits(&self) {
        let CountedIo { connections, open } = &*self.0;
        open.since.store(millis(connections.begun.elapsed()), Ordering::Relaxed);
        open.is_answered.store(false, Ordering::Relaxed);
    }
}

impl Drop for CountedIo {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        self.connections.forget(&mut table, &self.open);
    }
}

/// The addresses that count as one: in IPv6 everybody has a whole network.
fn neighbourhood(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

fn end(socket: Option<&TcpStream>) {
    // A client that is gone already needs no end.
    let _ = socket.map(|socket| socket.shutdown(Shutdown::Both));
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room_for(max: usize) -> Arc<Connections> {
        Arc::new(Connections::new(max, vec!["10.0.0.2".parse().unwrap()]))
    }

    fn comes(connections: &Arc<Connections>, peer: &str, second: u64) -> Option<ConnectionSlot> {
        connections.admit(peer.parse().unwrap(), None, Duration::from_secs(second))
    }

    fn is_open(connections: &Connections, slot: &ConnectionSlot) -> bool {
        connections.table().open.contains_key(&slot.0.open.number)
    }

    #[test]
    fn the_one_that_keeps_us_waiting_longest_makes_room() {
        let connections = room_for(3);
        let slots: Vec<ConnectionSlot> =
            (0..3).map(|second| comes(&connections, "127.0.0.1", second).unwrap()).collect();
        slots[0].begins_answer();
        let fourth = comes(&connections, "127.0.0.1", 3).unwrap();
        let open = |slot: &ConnectionSlot| is_open(&connections, slot);
        assert_eq!(slots.iter().map(open).collect::<Vec<_>>(), [true, false, true]);
        [&slots[2], &fourth].into_iter().for_each(ConnectionSlot::begins_answer);
        assert!(comes(&connections, "127.0.0.1", 4).is_none(), "all are being answered");
        drop(slots);
        assert!(comes(&connections, "127.0.0.1", 5).is_some());
    }

    #[test]
    fn a_stranger_has_few_and_a_proxy_as_many_as_there_are() {
        let connections = room_for(1000);
        let come = |peer: &str| (0..50).filter_map(|_| comes(&connections, peer, 1)).collect::<Vec<_>>();
        for (peer, expected) in [
            ("203.0.113.9", 16),
            ("10.0.0.2", 50),
            ("::ffff:10.0.0.2", 50),
            ("127.0.0.1", 50),
            ("10.0.0.3", 16),
        ] {
            assert_eq!(come(peer).len(), expected, "{peer}");
        }
        let network = come("2001:db8:1:2::1");
        assert_eq!(
            (network.len(), come("2001:db8:1:2::2").len(), come("2001:db8:1:3::1").len()),
            (16, 0, 16)
        );
        drop(network);
        assert_eq!(come("2001:db8:1:2::2").len(), 16, "those that are over do not count");
    }

    #[test]
    fn a_connection_that_waits_for_ever_is_ended() {
        let connections = room_for(10);
        let [silent, answered] = [1, 1].map(|second| comes(&connections, "127.0.0.1", second).unwrap());
        answered.begins_answer();
        let later = comes(&connections, "127.0.0.1", 40).unwrap();
        let open = [&silent, &answered, &later].map(|slot| is_open(&connections, slot));
        assert_eq!(open, [false, true, true]);
    }

    #[test]
    fn unfinished_bodies_share_a_bound() {
        let connections = room_for(100);
        let slots: Vec<ConnectionSlot> =
            (0..40).map(|second| comes(&connections, "127.0.0.1", second / 10).unwrap()).collect();
        for slot in &slots {
            assert!(slot.holds(MAX_HELD_BYTES / 16));
        }
        assert_eq!(connections.buffered.load(Ordering::Relaxed), MAX_HELD_BYTES);
        let open: Vec<bool> = slots.iter().map(|slot| is_open(&connections, slot)).collect();
        assert_eq!(open.iter().filter(|open| **open).count(), 16);
        assert!(open[39] && !open[0], "the oldest went");
        slots[24..].iter().for_each(ConnectionSlot::begins_answer);
        assert!(!slots[39].holds(1), "nobody is left to make room");
        drop(slots);
        assert_eq!(connections.buffered.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn connections_fit_the_files_that_there_are() {
        for (wanted, files, expected) in
            [(512, 1_048_576, 512), (512, 1024, 192), (512, 100, 16), (4096, 524_288, 4096), (512, 0, 16)]
        {
            assert_eq!(fitting(wanted, files), expected, "{wanted} of {files}");
        }
    }
}
