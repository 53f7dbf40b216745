//! The torture tests of RFC 4475, each under its section: what is valid is read, what is not is refused with a status or
//! dropped, and nothing panics. The messages are ours, built to the description of each section.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use sip::{Message, Name, Peek, Start, parse};

/// Lines to a message.
fn lines(text: &str) -> Vec<u8> {
    text.trim_start_matches('\n').replace('\n', "\r\n").into_bytes()
}

/// What became of a message: `ok`, the status of the refusal, or `dropped`. Both readers must agree that it is refused.
#[track_caller]
fn fate(bytes: &[u8]) -> String {
    let lazy = match Peek::scan(bytes) {
        Err(_) => "dropped".to_owned(),
        Ok(peek) => match peek.start {
            Start::Request { .. } => peek.request().map_or_else(|r| r.status.to_string(), |_| "ok".into()),
            Start::Response { .. } => peek.response().map_or_else(|_| "dropped".into(), |_| "ok".into()),
        },
    };
    if lazy != "ok" {
        assert!(parse(bytes).is_err(), "the full reader takes what the lazy one refuses");
    }
    lazy
}

#[track_caller]
fn read(bytes: &[u8]) -> Message {
    assert_eq!(fate(bytes), "ok");
    parse(bytes).unwrap_or_else(|e| panic!("{e}"))
}

/// A plain request with one or two lines replaced or added: `Name: value` replaces the header of that name.
fn request(start: &str, change: &[&str]) -> Vec<u8> {
    let method = start.split(' ').next().unwrap();
    let mut head: Vec<String> = vec![
        "Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bK-39234-23523".into(),
        "Max-Forwards: 70".into(),
        "From: <sip:caller@example.net>;tag=2234923".into(),
        "To: <sip:user@example.com>".into(),
        "Call-ID: torture.0ha0isndaksdj".into(),
        format!("CSeq: 7 {method}"),
        "Contact: <sip:caller@host5.example.net>".into(),
        "Content-Length: 0".into(),
    ];
    for line in change {
        let name = line.split(':').next().unwrap().trim();
        head.retain(|l| !l.starts_with(&format!("{name}:")));
        if line.contains(':') {
            head.push((*line).to_owned());
        }
    }
    format!("{start}\r\n{}\r\n\r\n", head.join("\r\n")).into_bytes()
}

#[test]
fn s3_1_1_1_a_short_tortuous_invite() {
    let message = read(&lines(
        r#"
INVITE sip:zhou@chair.example.com;unknownparam SIP/2.0
TO :
 sip:zhou@chair.example.com ;   tag    = 1918181833n
from   : "Zhou \\\""       <sip:zhou@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: short.tortuous@192.0.2.1
Content-Length   : 4
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \"\"" <sip:zhou@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

v=0
"#,
    ));
    assert_eq!(message.to().unwrap().tag(), Some("1918181833n"));
    let from = message.from().unwrap();
    assert_eq!((from.display.as_deref(), from.tag()), (Some("Zhou \\\""), Some("98asjd8")));
    assert_eq!(message.max_forwards(), Some(68));
    assert_eq!(message.cseq().map(|c| (c.number, c.method)), Some((9, "INVITE")));
    assert_eq!(message.get(Name::Subject), Some(""));
    assert_eq!(message.get(Name::Other("newfangledheader")), Some("newfangled value continued newfangled value"));
    assert_eq!(
        message.values(Name::Via).map(|v| sip::Via::parse(v).unwrap().host).collect::<Vec<_>>(),
        ["192.0.2.2", "spindle.example.com", "192.168.255.111"]
    );
    let contact = message.contact().unwrap();
    assert_eq!(
        (contact.display.as_deref(), contact.params.get("q"), contact.params.get("newparam")),
        (Some("Quoted string \"\""), Some("0.33"), Some("newvalue"))
    );
    assert_eq!(message.body, b"v=0\r");
}

#[test]
fn s3_1_1_2_a_wide_range_of_valid_characters() {
    let method = "!interesting-Method0123456789_*+`.%indeed'~";
    let start = format!(
        "{method} sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0"
    );
    let message = read(&request(
        &start,
        &[
            "To: \"BEL:\\\x07 NUL:\\\x01 DEL:\\\x7F\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>",
            "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.",
            "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
            "extensionHeader-!.%*+_`'~:大停電",
        ],
    ));
    assert_eq!(message.method(), Some(method));
    assert_eq!(sip::Uri::parse(message.uri().unwrap()).unwrap().host, "example.com");
    assert_eq!(message.from().unwrap().tag(), Some("_token~1'+`*%!-."));
    assert_eq!(message.get(Name::Other("extensionHeader-!.%*+_`'~")), Some("大停電"));
}

#[test]
fn s3_1_1_3_valid_use_of_the_percent_escape() {
    let message =
        read(&request("INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0", &["To: sip:%75se%72@example.com"]));
    assert_eq!(sip::Uri::parse(message.uri().unwrap()).unwrap().user_text().unwrap(), "sips:user@example.com");
    assert_eq!(message.to().unwrap().uri.user_text().unwrap(), "user");
}

#[test]
fn s3_1_1_4_escaped_nulls_in_addresses() {
    let message = read(&request(
        "REGISTER sip:example.com SIP/2.0",
        &[
            "To: sip:null-%00-null@example.com",
            "From: sip:null-%00-null@example.com;tag=839923423",
            "Contact: <sip:%00@host5.example.com>, <sip:%00%00@host5.example.com>",
        ],
    ));
    assert_eq!(message.to().unwrap().uri.user_text().unwrap(), "null-\0-null");
    assert_eq!(message.values(Name::Contact).count(), 2);
}

#[test]
fn s3_1_1_5_percent_that_is_no_escape() {
    let message =
        read(&request("RE%47IST%45R sip:registrar.example.com SIP/2.0", &["To: \"%Z%45\" <sip:resource@example.com>"]));
    assert_eq!(message.method(), Some("RE%47IST%45R"));
    assert_eq!(message.to().unwrap().display.as_deref(), Some("%Z%45"));
}

#[test]
fn s3_1_1_6_no_space_between_display_name_and_bracket() {
    let message =
        read(&request("OPTIONS sip:user@example.com SIP/2.0", &["From: caller<sip:caller@example.com>;tag=323"]));
    assert_eq!(message.from().unwrap().display.as_deref(), Some("caller"));
}

#[test]
fn s3_1_1_7_long_values() {
    let name = "I have a user name of extreme proportion ".repeat(20);
    let start = format!("INVITE sip:user@example.com;param={} SIP/2.0", "x".repeat(400));
    let mut bytes = request(
        &start,
        &[
            &format!(
                "To: \"{name}\"<sip:{}@example.com:6000;unknownparam1={}>",
                "aheadofpreposterouslength".repeat(12),
                "y".repeat(300)
            ),
            &format!("Unknown-{}: {}", "Long".repeat(60), "value".repeat(100)),
        ],
    );
    let vias: String = (6..40).map(|n| format!("v: SIP/2.0/TCP sip{n}.example.com\r\n")).collect();
    let at = bytes.windows(2).position(|w| w == b"\r\n").unwrap() + 2;
    bytes.splice(at..at, vias.into_bytes());
    assert_eq!(read(&bytes).values(Name::Via).count(), 35);
}

#[test]
fn s3_1_1_8_extra_octets_behind_the_message() {
    let mut bytes = request("REGISTER sip:example.com SIP/2.0", &[]);
    bytes.extend(request("INVITE sip:joe@example.com SIP/2.0", &[]));
    let message = read(&bytes);
    assert_eq!((message.method(), message.body.len()), (Some("REGISTER"), 0));
}

#[test]
fn s3_1_1_9_semicolons_in_the_user_part() {
    let message = read(&request("OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0", &[]));
    let uri = sip::Uri::parse(message.uri().unwrap()).unwrap();
    assert_eq!((uri.user, uri.host), (Some("user;par=u%40example.net"), "example.com"));
}

#[test]
fn s3_1_1_10_varied_and_unknown_transports() {
    let mut bytes = request("OPTIONS sip:user@example.com SIP/2.0", &[]);
    let more = "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKzzxc21\r\nVia: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj\r\nVia: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en\r\n";
    let at = bytes.windows(9).position(|w| w == b"Max-Forwa").unwrap();
    bytes.splice(at..at, more.bytes());
    assert_eq!(
        read(&bytes).values(Name::Via).map(|v| sip::Via::parse(v).unwrap().transport).collect::<Vec<_>>(),
        ["UDP", "SCTP", "TLS", "UNKNOWN"]
    );
}

#[test]
fn s3_1_1_11_a_body_in_parts_that_is_no_text() {
    let body = b"--7a9\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9\r\nContent-Type: application/octet-stream\r\n\r\n\x82\x00\xff\xfe\r\n--7a9--\r\n";
    let mut bytes = request(
        "MESSAGE sip:user@example.com SIP/2.0",
        &["Content-Type: multipart/mixed;boundary=7a9", &format!("Content-Length: {}", body.len())],
    );
    bytes.extend_from_slice(body);
    assert_eq!(read(&bytes).body, body);
}

fn response(first: &str, change: &[&str]) -> Vec<u8> {
    let mut bytes = request("INVITE sip:user@example.com SIP/2.0", change);
    let end = bytes.windows(2).position(|w| w == b"\r\n").unwrap();
    bytes.splice(..end, first.bytes());
    bytes
}

#[test]
fn s3_1_1_12_an_unusual_reason_phrase() {
    let message = read(&response("SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое", &[]));
    assert_eq!(
        message.first,
        sip::First::Response {
            status: 200, reason: "= 2**3 * 5**2 но сто девяносто девять - простое".into()
        }
    );
}

#[test]
fn s3_1_1_13_an_empty_reason_phrase() {
    assert_eq!(read(&response("SIP/2.0 100 ", &[])).status(), Some(100));
    assert_eq!(read(&response("SIP/2.0 100", &[])).status(), Some(100));
}

#[test]
fn s3_1_2_1_extra_separators() {
    assert_eq!(fate(&request("INVITE sip:user@example.com SIP/2.0", &["Via: SIP/2.0/UDP 192.0.2.15;;,;,,"])), "400");
    let contact = request("INVITE sip:user@example.com SIP/2.0", &["Contact: \"Joe\" <sip:joe@example.org>;;;;"]);
    assert_eq!(fate(&contact), "400");
}

#[test]
fn s3_1_2_2_content_length_beyond_the_message() {
    assert_eq!(fate(&request("INVITE sip:user@example.com SIP/2.0", &["Content-Length: 9999"])), "400");
}

#[test]
fn s3_1_2_3_negative_content_length() {
    assert_eq!(fate(&request("INVITE sip:user@example.com SIP/2.0", &["Content-Length: -999"])), "400");
}

#[test]
fn s3_1_2_4_numbers_beyond_their_bounds_in_a_request() {
    assert_eq!(fate(&request("REGISTER sip:example.com SIP/2.0", &["CSeq: 36893488147419103232 REGISTER"])), "400");
    assert_eq!(fate(&request("REGISTER sip:example.com SIP/2.0", &["Max-Forwards: 300"])), "400");
}

#[test]
fn s3_1_2_5_numbers_beyond_their_bounds_in_a_response() {
    assert_eq!(
        fate(&response(
            "SIP/2.0 503 Service Unavailable",
            &["CSeq: 9292394834772304023312 OPTIONS", "Retry-After: 949302838503028349304023988"]
        )),
        "dropped"
    );
}

#[test]
fn s3_1_2_6_a_quote_that_does_not_end() {
    assert_eq!(
        fate(&request("INVITE sip:user@example.com SIP/2.0", &["To: \"Mr J. User <sip:j.user@example.com>"])),
        "400"
    );
}

#[test]
fn s3_1_2_7_brackets_around_the_request_address() {
    assert_eq!(fate(&request("INVITE <sip:user@example.com> SIP/2.0", &[])), "400");
}

#[test]
fn s3_1_2_8_white_space_in_the_request_address() {
    assert_eq!(fate(&request("INVITE sip:user@example.com; lr SIP/2.0", &[])), "400");
}

#[test]
fn s3_1_2_9_more_than_one_space_in_the_request_line() {
    assert_eq!(fate(&request("INVITE  sip:user@example.com  SIP/2.0", &["CSeq: 7 INVITE"])), "400");
}

#[test]
fn s3_1_2_10_space_behind_the_request_line() {
    assert_eq!(fate(&request("OPTIONS sip:remote-target@example.com SIP/2.0  ", &[])), "400");
}

#[test]
fn s3_1_2_11_escaped_headers_in_the_request_address() {
    assert_eq!(fate(&request("INVITE sip:user@example.com?Route=%3Csip:sip.example.com%3E SIP/2.0", &[])), "400");
}

#[test]
fn s3_1_2_12_a_time_zone_that_is_not_gmt() {
    let date = "Date: Fri, 01 Jan 2010 16:00:00 EST";
    // The date is needed for what Identity says, and for nothing else.
    assert_eq!(fate(&request("INVITE sip:user@example.com SIP/2.0", &[date])), "ok");
    let identity = "Identity: ..c2ln;info=<https://a.example/c.pem>";
    assert_eq!(fate(&request("INVITE sip:user@example.com SIP/2.0", &[date, identity])), "400");
}

#[test]
fn s3_1_2_13_an_address_with_question_mark_without_brackets() {
    assert_eq!(
        fate(&request(
            "REGISTER sip:example.com SIP/2.0",
            &["Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E"]
        )),
        "400"
    );
}

#[test]
fn s3_1_2_14_spaces_within_an_address() {
    assert_eq!(
        fate(&request(
            "OPTIONS sip:user@example.org SIP/2.0",
            &["To: \"Watson, Thomas\" < sip:t.watson@example.org >"]
        )),
        "400"
    );
}

#[test]
fn s3_1_2_15_a_display_name_that_needed_quotes() {
    assert_eq!(
        fate(&request(
            "OPTIONS sip:t.watson@example.org SIP/2.0",
            &["From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43"]
        )),
        "400"
    );
}

#[test]
fn s3_1_2_16_an_unknown_version() {
    assert_eq!(fate(&request("OPTIONS sip:t.watson@example.org SIP/7.0", &[])), "505");
}

#[test]
fn s3_1_2_17_and_18_cseq_of_another_method() {
    assert_eq!(fate(&request("OPTIONS sip:user@example.com SIP/2.0", &["CSeq: 8 INVITE"])), "400");
    assert_eq!(fate(&request("NEWMETHOD sip:user@example.com SIP/2.0", &["CSeq: 8 INVITE"])), "400");
}

#[test]
fn s3_1_2_19_an_overlarge_status() {
    assert_eq!(fate(&response("SIP/2.0 4294967301 better not break the receiver", &[])), "dropped");
}

#[test]
fn s3_2_1_a_branch_that_is_only_the_cookie() {
    let message =
        read(&request("OPTIONS sip:user@example.com SIP/2.0", &["Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK"]));
    assert_eq!(message.top_via().unwrap().branch(), None, "it names no transaction");
}

#[test]
fn s3_3_1_missing_headers() {
    assert_eq!(fate(&request("INVITE sip:user@example.com SIP/2.0", &["Call-ID", "From", "To"])), "400");
    assert_eq!(fate(&request("INVITE sip:user@example.com SIP/2.0", &["Via"])), "dropped");
}

#[test]
fn s3_3_2_and_3_a_request_to_another_scheme() {
    assert_eq!(fate(&request("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", &[])), "416");
    assert_eq!(fate(&request("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", &[])), "416");
}

#[test]
fn s3_3_4_other_schemes_in_headers() {
    let message = read(&request(
        "OPTIONS sip:user@example.com SIP/2.0",
        &["To: isbn:2983792873", "From: <http://www.example.com>;tag=3234233", "Contact: <name:John_Smith>"],
    ));
    assert_eq!(message.to().unwrap().uri.as_str(), "isbn:2983792873");
}

#[test]
fn s3_3_5_extensions_that_are_required_are_seen() {
    let bytes = request(
        "OPTIONS sip:user@example.com SIP/2.0",
        &[
            "Require: nothingSupportsThis, nothingSupportsThisEither",
            "Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis",
        ],
    );
    let peek = Peek::scan(&bytes).unwrap();
    assert_eq!(peek.values(Name::Require).collect::<Vec<_>>(), ["nothingSupportsThis", "nothingSupportsThisEither"]);
    assert!(peek.proxy_require.is_some() && peek.request().is_ok());
}

#[test]
fn s3_3_6_and_7_unknown_content_type_and_authorisation_are_not_the_codecs_business() {
    let mut bytes = request(
        "INVITE sip:user@example.com SIP/2.0",
        &[
            "Content-Type: application/unknownformat",
            "Content-Length: 4",
            "Authorization: NoOneKnowsThisScheme opaque-data=here",
        ],
    );
    bytes.extend_from_slice(b"<a/>");
    assert_eq!(read(&bytes).body, b"<a/>");
}

#[test]
fn s3_3_8_values_given_twice() {
    for line in [
        "CSeq: 59 INVITE",
        "Call-ID: other@192.0.2.1",
        "From: <sip:other@example.net>;tag=2",
        "To: <sip:other@example.net>",
        "Max-Forwards: 5",
    ] {
        let mut bytes = request("INVITE sip:user@example.com SIP/2.0", &[]);
        let at = bytes.windows(9).position(|w| w == b"Max-Forwa").unwrap();
        bytes.splice(at..at, format!("{line}\r\n").bytes());
        assert_eq!(fate(&bytes), "400", "{line}");
    }
}

#[test]
fn s3_3_9_content_length_given_twice() {
    let mut bytes = request("OPTIONS sip:user@example.com SIP/2.0", &[]);
    let at = bytes.windows(9).position(|w| w == b"Max-Forwa").unwrap();
    bytes.splice(at..at, *b"l: 5\r\n");
    bytes.extend_from_slice(b"There's no way to know");
    assert_eq!(fate(&bytes), "400");
}

#[test]
fn s3_3_10_a_response_whose_via_was_broadcast_is_read_and_left_to_the_transaction() {
    assert_eq!(
        read(&response(
            "SIP/2.0 200 OK",
            &["Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923, SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23"]
        ))
        .values(Name::Via)
        .count(),
        2
    );
}

#[test]
fn s3_3_11_no_hops_left() {
    assert_eq!(read(&request("OPTIONS sip:user@example.com SIP/2.0", &["Max-Forwards: 0"])).max_forwards(), Some(0));
}

#[test]
fn s3_3_12_to_14_parameters_of_the_header_and_of_the_address() {
    let contact = |line: &str| {
        let message = read(&request("REGISTER sip:example.com SIP/2.0", &[line]));
        let contact = message.contact().unwrap();
        (
            contact.params.get("unknownparam").is_some(),
            contact.uri.param("unknownparam").is_some(),
            contact.uri.headers.is_empty(),
        )
    };
    assert_eq!(contact("Contact: sip:+19725552222@gw1.example.net;unknownparam"), (true, false, true));
    assert_eq!(contact("Contact: <sip:+19725552222@gw1.example.net;unknownparam>"), (false, true, true));
    assert_eq!(contact("Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>"), (false, false, false));
}

#[test]
fn s3_3_15_an_accept_that_cannot_be_met_is_not_the_codecs_business() {
    assert_eq!(fate(&request("INVITE sip:user@example.com SIP/2.0", &["Accept: text/nobodyKnowsThis"])), "ok");
}

#[test]
fn s3_4_1_an_invite_in_the_form_of_rfc_2543() {
    let bytes = lines(
        r#"
INVITE sip:UserB@example.com SIP/2.0
Via: SIP/2.0/UDP iftgw.example.com
From: <sip:+13035551111@ift.client.example.net;user=phone>
Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>
To: sip:+16505552222@ss1.example.net;user=phone
Call-ID: inv2543.1717@ift.client.example.com
CSeq: 56 INVITE
Content-Type: application/sdp

v=0
"#,
    );
    let message = read(&bytes);
    assert_eq!(
        (message.top_via().unwrap().branch(), message.from().unwrap().tag(), message.max_forwards()),
        (None, None, None)
    );
    assert_eq!(message.body, b"v=0\r\n");
}

#[test]
fn control_characters_that_hide_a_second_message_are_refused() {
    assert_eq!(fate(b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nSubject: x\rVia: SIP/2.0/UDP evil\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n"), "400");
    assert_eq!(fate(b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nSubject: x\nVia: SIP/2.0/UDP evil\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n"), "400");
    assert_eq!(fate(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "dropped");
    assert_eq!(fate(b"\r\n\r\n"), "dropped");
    assert_eq!(fate(b"\0\0\0\0"), "dropped");
    assert_eq!(fate(b""), "dropped");
}
