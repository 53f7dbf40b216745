//! How the SIP front answers: settings as written, and the configuration that has been checked.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use kernel::{Faults, Text};
use rustc_hash::FxHashMap;
use screen::{BareDigits, LabelId, Trunk, TrunkKind};
use serde::{Deserialize, Serialize};
use sip::{NameAddr, Uri};

use super::proxy::NextHop;

const ADDRESS: Text = Text::new(
    "sip.uri",
    ("“{found}”不是 SIP 地址", "“{found}” is no SIP address"),
    ("请写成 sip:号码@主机 或 sip:主机", "write sip:number@host or sip:host"),
);
const HOST: Text = Text::new(
    "sip.host",
    ("“{found}”不是主机", "“{found}” is no host"),
    (
        "请写主机名或地址，可带端口，例如 sbc.example.cn:5060",
        "write a host name or address, with a port if need be, such as sbc.example.cn:5060",
    ),
);
const NETWORK: Text = Text::new(
    "sip.network",
    ("“{found}”不是网段", "“{found}” is no network"),
    ("请写地址或网段，例如 192.0.2.0/24", "write an address or a network such as 192.0.2.0/24"),
);
const NO_HOP: Text = Text::new(
    "sip.next_hop",
    ("代理模式没有填写下一跳", "the proxy has no next hop"),
    ("请填写 next_hop，例如 192.0.2.10:5060", "set next_hop, for instance 192.0.2.10:5060"),
);
const HOP: Text = Text::new(
    "sip.next_hop_form",
    ("“{found}”不是下一跳", "“{found}” is no next hop"),
    (
        "写作 192.0.2.10:5060 或 sbc.example.cn:5061;transport=tls（udp、tcp、tls）",
        "write 192.0.2.10:5060 or sbc.example.cn:5061;transport=tls (udp, tcp, tls)",
    ),
);
const TRUNK_TWICE: Text = Text::new(
    "sip.trunk_twice",
    ("中继群编号 {id} 重复且设置不同", "trunk group {id} stands twice with different settings"),
    ("同一编号的 kind 和 bare_digits 必须相同", "give one number one kind and one bare_digits"),
);
const ONWARD: Text = Text::new(
    "sip.onward",
    ("正常呼叫以 302 答复，却没有填写 onward", "clean calls are answered 302, and there is no onward"),
    ("请填写 onward 主机，或改用 not_found", "set the onward host, or answer not_found"),
);
const COUNT: Text = Text::new(
    "sip.count",
    ("{found} 超出范围 {min} 至 {max}", "{found} is not between {min} and {max}"),
    ("请填写范围内的数", "give a number within it"),
);

/// Texts of this module.
pub const TEXTS: &[Text] = &[ADDRESS, HOST, NETWORK, NO_HOP, HOP, TRUNK_TWICE, ONWARD, COUNT];

/// What a clean call is answered by the redirect server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Clean {
    /// 404: “I know nothing against it”; the asking switch goes on with its own routing.
    #[default]
    NotFound,
    /// 503, for switches that go on to the next route at that.
    Unavailable,
    /// 302 to the called number at the host `onward`.
    Onward,
}

/// What peers outside of every trunk group are met with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Strangers {
    /// Screened as calls of another operator of the mainland.
    #[default]
    National,
    /// Screened as calls from an international gateway.
    Foreign,
    /// Answered 403.
    Refuse,
}

/// What an INVITE is answered that breaks the rules of form, or requires an extension that is not known here, and whose
/// caller is not stopped. Whoever is stopped, and whoever calls for help, is answered as ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum BadForm {
    /// 400, 416, 420 or 505: it does not go on.
    #[default]
    Refuse,
    /// What was decided of its caller. Where nobody can be read as its caller it is refused all the same.
    Decide,
}

/// A trunk group: whose signalling comes from where.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkSettings {
    /// Number of the group.
    pub id: u32,
    /// What it leads to.
    pub kind: TrunkKind,
    /// Addresses and networks that its signalling comes from.
    #[serde(default)]
    pub from: Vec<String>,
    /// How callers' digits are read that stand without `+`: `national`, `either` or `international`. By default `either`
    /// on a foreign trunk and `national` on others.
    #[serde(default)]
    pub bare_digits: Option<BareDigits>,
    /// Believe P-Asserted-Identity (RFC 3325: only within a trust domain).
    #[serde(default = "yes")]
    pub asserted: bool,
    /// It is a proxy of ours that passes on what others send; the header `trunk_header` says from which group.
    #[serde(default)]
    pub relay: bool,
}

fn yes() -> bool {
    true
}

/// The front as configured, not yet checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Addresses for UDP.
    pub udp: Vec<SocketAddr>,
    /// Addresses for TCP.
    pub tcp: Vec<SocketAddr>,
    /// Addresses for TLS.
    pub tls: Vec<SocketAddr>,
    /// Certificate chain for TLS, PEM.
    pub tls_certificate: Option<PathBuf>,
    /// Key for TLS, PEM.
    pub tls_key: Option<PathBuf>,
    /// Threads that share each UDP address.
    pub udp_threads: usize,
    /// Whether these threads go before everything else on the machine (`SCHED_FIFO`); needs the right to it
    /// (`CAP_SYS_NICE`), and goes on without where that is not given.
    pub real_time: bool,
    /// Answer to a clean call.
    pub clean: Clean,
    /// Answer to a call of broken form whose caller is not stopped.
    pub bad_form: BadForm,
    /// Host that clean calls are sent on to.
    pub onward: Option<String>,
    /// Address of the announcement for stopped callers.
    pub announcement: Option<String>,
    /// Address of the voice challenge.
    pub challenge: Option<String>,
    /// Where the signed redress card is served, named in a 608 (RFC 8688).
    pub redress_card: Option<String>,
    /// Address named beside a warning label; what the label says stands in `call-reason` (RFC 9796).
    pub label_address: String,
    /// Trunk groups.
    pub trunks: Vec<TrunkSettings>,
    /// Peers outside of every group.
    pub strangers: Strangers,
    /// Header in which a relay names the trunk group.
    pub trunk_header: String,
    /// Requests that a peer may send in a second; beyond it is answered 503.
    pub peer_requests_per_second: u32,
    /// Requests that a peer may send at once before the limit is felt.
    pub peer_burst: u32,
    /// Connections over TCP and TLS together.
    pub connections_max: usize,
    /// Connections of one peer.
    pub peer_connections_max: usize,
    /// Seconds after which a silent connection is closed.
    pub connection_idle_seconds: u64,
    /// Roots that vouch for PASSporT signers, PEM files. Without any, tokens are not looked at.
    pub passport_roots: Vec<PathBuf>,
    /// Hosts that certificates of PASSporT signers may be fetched from.
    pub passport_hosts: Vec<String>,
    /// Certificates (PEM) that those hosts' TLS is trusted by; those of the system where absent.
    pub passport_tls_roots: Option<PathBuf>,
    /// Where the proxy forwards to: `host:port` with an address or a name, and where it is not UDP `;transport=tcp` or
    /// `;transport=tls`.
    pub next_hop: Option<String>,
    /// Certificates (PEM) that a next hop over TLS is trusted by; those of the system where absent.
    pub next_hop_roots: Option<PathBuf>,
    /// Address that the proxy writes into Via and Record-Route, where it is not the one it listens on.
    pub advertised: Option<String>,
    /// Address of the proxy, over UDP and TCP; none, and there is no proxy.
    pub proxy: Option<SocketAddr>,
    /// Address of the proxy for TLS; takes `tls_certificate` and `tls_key`.
    pub proxy_tls: Option<SocketAddr>,
    /// File in which calls in progress are written down, so that they are known after a restart.
    pub calls_file: Option<PathBuf>,
    /// Calls in progress that the proxy holds at most.
    pub calls_max: usize,
    /// Seconds after which a call without any sign of life is forgotten, where the call sets no session timer.
    pub call_idle_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            udp: Vec::new(),
            tcp: Vec::new(),
            tls: Vec::new(),
            tls_certificate: None,
            tls_key: None,
            udp_threads: 1,
            real_time: false,
            clean: Clean::NotFound,
            bad_form: BadForm::Refuse,
            onward: None,
            announcement: None,
            challenge: None,
            redress_card: None,
            label_address: "data:,".into(),
            trunks: Vec::new(),
            strangers: Strangers::National,
            trunk_header: "X-Trunk".into(),
            peer_requests_per_second: 20_000,
            peer_burst: 20_000,
            connections_max: 4_096,
            peer_connections_max: 256,
            connection_idle_seconds: 300,
            passport_roots: Vec::new(),
            passport_hosts: Vec::new(),
            passport_tls_roots: None,
            next_hop: None,
            next_hop_roots: None,
            advertised: None,
            proxy: None,
            proxy_tls: None,
            calls_file: None,
            calls_max: 200_000,
            call_idle_seconds: 7_200,
        }
    }
}

/// A trunk group, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) trunk: Trunk,
    pub(crate) bare: BareDigits,
}

impl Group {
    fn new(trunk: Trunk, bare: Option<BareDigits>) -> Self {
        Self { trunk, bare: bare.unwrap_or(trunk.kind.bare_digits()) }
    }
}

/// A peer's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) group: Group,
    pub(crate) asserted: bool,
    pub(crate) relay: bool,
}

impl Peer {
    fn stranger(kind: TrunkKind) -> Self {
        Self { group: Group::new(Trunk { id: 0, kind }, None), asserted: true, relay: false }
    }

    /// A stranger who calls for help where strangers are refused: nobody is kept from that. He asserts nothing.
    pub(crate) fn in_need() -> Self {
        Self { asserted: false, ..Self::stranger(TrunkKind::National) }
    }
}

/// The front's configuration, checked.
#[derive(Debug)]
pub struct Config {
    pub(crate) settings: Settings,
    pub(crate) onward: String,
    pub(crate) next_hop: Option<NextHop>,
    pub(crate) labels: Vec<(LabelId, Label)>,
    hosts: FxHashMap<IpAddr, Peer>,
    networks: Vec<(IpAddr, u8, Peer)>,
    trunks: FxHashMap<u32, Group>,
}

/// A label, ready to be written.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    /// The words in quotes, for a display name.
    pub(crate) display: String,
    /// The value of Call-Info.
    pub(crate) call_info: String,
}

impl Settings {
    /// Checks everything; all faults at once, by field.
    pub fn check(self) -> Result<Config, Faults> {
        let mut faults = Faults::none();
        for (field, address) in [("announcement", &self.announcement), ("challenge", &self.challenge)] {
            if let Some(text) = address
                .as_ref()
                .filter(|a| Uri::parse(a).is_none_or(|u| u.host.is_empty() && u.scheme != sip::Scheme::Tel))
            {
                faults.push(ADDRESS.at(field, &[("found", text)]));
            }
        }
        for (field, host) in [("onward", &self.onward), ("advertised", &self.advertised)] {
            if let Some(text) =
                host.as_ref().filter(|h| Uri::parse(&format!("sip:{h}")).is_none_or(|u| u.user.is_some()))
            {
                faults.push(HOST.at(field, &[("found", text)]));
            }
        }
        if self.clean == Clean::Onward && self.onward.is_none() {
            faults.push(ONWARD.at("onward", &[]));
        }
        if self.proxy.is_some() && self.next_hop.is_none() {
            faults.push(NO_HOP.at("next_hop", &[]));
        }
        let next_hop = self.next_hop.as_ref().and_then(|text| {
            let read = NextHop::parse(text);
            if read.is_none() {
                faults.push(HOP.at("next_hop", &[("found", text)]));
            }
            read
        });
        for (field, found, min, max) in [
            ("udp_threads", self.udp_threads, 1, 256),
            ("connections_max", self.connections_max, 1, 1_000_000),
            ("calls_max", self.calls_max, 1, 10_000_000),
        ] {
            if !(min..=max).contains(&found) {
                let (found, min, max) = (found.to_string(), min.to_string(), max.to_string());
                faults.push(COUNT.at(field, &[("found", &found), ("min", &min), ("max", &max)]));
            }
        }
        let (mut hosts, mut networks, mut trunks) = (FxHashMap::default(), Vec::new(), FxHashMap::default());
        for (index, group) in self.trunks.iter().enumerate() {
            let named = Group::new(Trunk { id: group.id, kind: group.kind }, group.bare_digits);
            if trunks.insert(group.id, named).is_some_and(|old: Group| old != named) {
                faults.push(TRUNK_TWICE.at(format!("trunks[{index}].id"), &[("id", &group.id.to_string())]));
            }
            let peer = Peer { group: named, asserted: group.asserted, relay: group.relay };
            for (at, text) in group.from.iter().enumerate() {
                match network(text) {
                    Some((ip, bits)) if bits == if ip.is_ipv4() { 32 } else { 128 } => drop(hosts.insert(ip, peer)),
                    Some((ip, bits)) => networks.push((ip, bits, peer)),
                    None => faults.push(NETWORK.at(format!("trunks[{index}].from[{at}]"), &[("found", text)])),
                }
            }
        }
        // The narrowest network that holds an address decides.
        networks.sort_by_key(|(_, bits, _)| std::cmp::Reverse(*bits));
        faults.into_result()?;
        let labels =
            LabelId::BUILT_IN.iter().map(|(id, _, zh, _)| (*id, Label::new(zh, &self.label_address))).collect();
        let onward = self.onward.clone().unwrap_or_default();
        Ok(Config { onward, next_hop, labels, hosts, networks, trunks, settings: self })
    }
}

impl Label {
    pub(crate) fn new(words: &str, address: &str) -> Self {
        let display = sip::quote(words);
        let call_info = format!("<{address}>;purpose=info;call-reason={display}");
        Self { display, call_info }
    }
}

impl Config {
    /// The settings that were checked.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Who sends from this address; `None` where strangers are refused.
    pub(crate) fn peer(&self, ip: IpAddr) -> Option<Peer> {
        if let Some(peer) = self.hosts.get(&ip) {
            return Some(*peer);
        }
        if let Some((_, _, peer)) = self.networks.iter().find(|(net, bits, _)| within(ip, *net, *bits)) {
            return Some(*peer);
        }
        let kind = match self.settings.strangers {
            Strangers::National => TrunkKind::National,
            Strangers::Foreign => TrunkKind::Foreign,
            Strangers::Refuse => return None,
        };
        Some(Peer::stranger(kind))
    }

    /// Whether a Route leads to an address of this front, as that of an element that sends all its calls here does.
    pub(crate) fn is_own_route(&self, route: &str) -> bool {
        let Some(address) = NameAddr::parse(route) else { return false };
        let uri = address.uri;
        let settings = &self.settings;
        let named = settings.advertised.as_ref().is_some_and(|own| {
            Uri::parse(&format!("sip:{own}"))
                .is_some_and(|own| own.host.eq_ignore_ascii_case(uri.host) && own.port == uri.port)
        });
        let Ok(ip) = uri.host.trim_matches(['[', ']']).parse::<IpAddr>() else { return named };
        let is_here = |own: &SocketAddr, usual: u16| {
            own.ip() == ip && (own.port() == 0 || own.port() == uri.port.unwrap_or(usual))
        };
        let mut plain = settings.udp.iter().chain(&settings.tcp).chain(&settings.proxy);
        let mut sealed = settings.tls.iter().chain(&settings.proxy_tls);
        named || plain.any(|own| is_here(own, 5_060)) || sealed.any(|own| is_here(own, 5_061))
    }

    /// The trunk group that a relay names.
    pub(crate) fn group(&self, id: u32) -> Option<Group> {
        self.trunks.get(&id).copied()
    }

    pub(crate) fn label(&self, id: LabelId) -> Option<&Label> {
        self.labels.iter().find(|(known, _)| *known == id).map(|(_, label)| label)
    }
}

/// Reads `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`.
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
    let ip: IpAddr = address.trim().parse().ok()?;
    let max = if ip.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(max), |b| b.trim().parse().ok())?;
    (bits <= max).then_some((ip, bits))
}

fn within(ip: IpAddr, net: IpAddr, bits: u8) -> bool {
    let (a, b, width) = match (ip, net) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return false,
    };
    let drop = u32::from(width - bits);
    a.checked_shr(drop).unwrap_or(0) == b.checked_shr(drop).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_told_at_once_with_its_field() {
        let settings = Settings {
            announcement: Some("call me".into()),
            onward: Some("a b".into()),
            clean: Clean::Onward,
            proxy: Some("127.0.0.1:5060".parse().unwrap()),
            udp_threads: 0,
            trunks: vec![
                TrunkSettings {
                    id: 1,
                    kind: TrunkKind::Home,
                    from: vec!["192.0.2.0/33".into()],
                    bare_digits: None,
                    asserted: true,
                    relay: false,
                },
                TrunkSettings {
                    id: 1,
                    kind: TrunkKind::Foreign,
                    from: vec!["here".into()],
                    bare_digits: None,
                    asserted: true,
                    relay: false,
                },
            ],
            ..Settings::default()
        };
        let fields: Vec<String> = settings.check().unwrap_err().0.into_iter().map(|f| f.field).collect();
        assert_eq!(
            fields,
            [
                "announcement",
                "onward",
                "next_hop",
                "udp_threads",
                "trunks[0].from[0]",
                "trunks[1].id",
                "trunks[1].from[0]"
            ]
        );
    }

    #[test]
    fn the_narrowest_network_decides_whose_call_it_is() {
        let group = |id, kind, from: &str| TrunkSettings {
            id,
            kind,
            from: vec![from.into()],
            bare_digits: None,
            asserted: true,
            relay: false,
        };
        let trunks = vec![
            group(1, TrunkKind::National, "192.0.2.0/24"),
            group(2, TrunkKind::Foreign, "192.0.2.128/25"),
            group(3, TrunkKind::Home, "192.0.2.200"),
            group(4, TrunkKind::Home, "2001:db8::/32"),
        ];
        let config = Settings { trunks, strangers: Strangers::Refuse, ..Settings::default() }.check().unwrap();
        let id = |ip: &str| config.peer(ip.parse().unwrap()).map(|p| p.group.trunk.id);
        assert_eq!(
            [id("192.0.2.5"), id("192.0.2.129"), id("192.0.2.200"), id("2001:db8::1"), id("198.51.100.1")],
            [Some(1), Some(2), Some(3), Some(4), None]
        );
    }
}
