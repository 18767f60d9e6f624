//! Content codings: who asks for none is sent any (RFC 9110 section 12.5.3), and what is in a body
//! is in it however it is packed.

use std::io::Read;

use encoding_rs::{Encoding, UTF_8};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

/// A body with its content codings undone, as far as that goes and no further than the limit; as it
/// came where it is in none, or in one that is not known.
///
/// An answer that broke off, or whose checksum is wrong, gives what can be had of it.
pub(super) fn decoded(headers: &HeaderMap, body: Vec<u8>, limit_bytes: usize) -> Vec<u8> {
    let lines = headers.get_all(CONTENT_ENCODING).iter();
    let names = lines.filter_map(|line| line.to_str().ok());
    let codings: Vec<String> = names
        .flat_map(|line| line.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    // The last one that was applied stands last (RFC 9110 section 8.4).
    codings.iter().rev().fold(body, |body, coding| {
        let undone = undone(coding, &body, limit_bytes);
        undone.filter(|undone| !undone.is_empty()).unwrap_or(body)
    })
}

/// A body as text: by its byte order mark, by the charset that its type names, else as UTF-8, whose
/// mark stays: JSON must not begin with it, and many readers do not take it (RFC 8259 section 8.1).
pub(crate) fn text(headers: &HeaderMap, body: &[u8]) -> String {
    if body.starts_with("\u{feff}".as_bytes()) {
        return String::from_utf8_lossy(body).into_owned();
    }
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let (decoded, _, _) = charset(kind.unwrap_or_default()).decode(body);
    decoded.into_owned()
}

fn charset(kind: &str) -> &'static Encoding {
    let parameters = kind.split(';').skip(1);
    let mut named = parameters.filter_map(|parameter| parameter.split_once('='));
    let charset = named.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charset
        .and_then(|(_, label)| Encoding::for_label(label.trim().trim_matches('"').as_bytes()))
        .unwrap_or(UTF_8)
}

fn undone(coding: &str, body: &[u8], limit_bytes: usize) -> Option<Vec<u8>> {
    match coding {
        "gzip" | "x-gzip" => Some(read(MultiGzDecoder::new(body), limit_bytes)),
        "br" => Some(read(
            brotli_decompressor::Decompressor::new(body, 4096),
            limit_bytes,
        )),
        // RFC 9110 section 8.4.1.2: some send it without the wrapping of zlib.
        "deflate" => {
            let wrapped = read(ZlibDecoder::new(body), limit_bytes);
            let is_wrapped = !wrapped.is_empty();
            Some(if is_wrapped {
                wrapped
            } else {
                read(DeflateDecoder::new(body), limit_bytes)
            })
        }
        _ => None,
    }
}

/// What can be read before an end, an error or the limit.
fn read(reader: impl Read, limit_bytes: usize) -> Vec<u8> {
    let mut read = Vec::new();
    let mut limited = reader.take(limit_bytes as u64);
    // What came before an error stays.
    limited.read_to_end(&mut read).unwrap_or_default();
    read
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use reqwest::header::HeaderValue;
    use rstest::rstest;

    use super::*;

    const BODY: &[u8] = b"[\"mercury\",\"venus\"]";
    const LIMIT: usize = 1000;

    fn all(mut reader: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).expect("packed");
        bytes
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        all(GzEncoder::new(body, Compression::fast()))
    }

    fn headers(codings: &[&'static str]) -> HeaderMap {
        let values = codings.iter().map(|name| HeaderValue::from_static(name));
        values.map(|value| (CONTENT_ENCODING, value)).collect()
    }

    /// [`BODY`] as Python's `brotli` packs it.
    const BROTLI: [u8; 23] = [
        11, 9, 128, 91, 34, 109, 101, 114, 99, 117, 114, 121, 34, 44, 34, 118, 101, 110, 117, 115,
        34, 93, 3,
    ];

    #[rstest]
    #[case::none(&[], BODY.to_vec())]
    #[case::identity(&["identity"], BODY.to_vec())]
    #[case::gzip(&["gzip"], gzip(BODY))]
    #[case::by_another_name(&["X-GZip"], gzip(BODY))]
    #[case::two_members(&["gzip"], [gzip(&BODY[..5]), gzip(&BODY[5..])].concat())]
    #[case::deflate(&["deflate"], all(ZlibEncoder::new(BODY, Compression::fast())))]
    #[case::bare_deflate(&["deflate"], all(DeflateEncoder::new(BODY, Compression::fast())))]
    #[case::brotli(&["br"], BROTLI.to_vec())]
    #[case::twice(&["gzip, gzip"], gzip(&gzip(BODY)))]
    #[case::in_two_lines(&["deflate", "gzip"], gzip(&all(ZlibEncoder::new(BODY, Compression::fast()))))]
    #[case::said_and_not_done(&["gzip"], BODY.to_vec())]
    #[case::unknown(&["zstd"], BODY.to_vec())]
    #[case::without_its_checksum(&["gzip"], gzip(BODY)[..gzip(BODY).len() - 8].to_vec())]
    fn a_body_is_what_is_in_it(#[case] codings: &[&'static str], #[case] sent: Vec<u8>) {
        assert_eq!(decoded(&headers(codings), sent, LIMIT), BODY);
    }

    #[rstest]
    #[case::utf_8("application/json", "io é".as_bytes().to_vec())]
    #[case::latin("text/html; charset=ISO-8859-1", vec![b'i', b'o', b' ', 0xe9])]
    #[case::quoted("text/html;q=1; Charset = \"latin1\"", vec![b'i', b'o', b' ', 0xe9])]
    #[case::utf_16("text/html", vec![0xff, 0xfe, b'i', 0, b'o', 0, b' ', 0, 0xe9, 0])]
    #[case::named("text/html; charset=utf-16be", vec![0, b'i', 0, b'o', 0, b' ', 0, 0xe9])]
    #[case::unknown("text/html; charset=?", "io é".as_bytes().to_vec())]
    fn a_body_is_read_in_its_charset(#[case] kind: &'static str, #[case] sent: Vec<u8>) {
        let kind = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        assert_eq!(text(&kind, &sent), "io é");
    }

    #[test]
    fn the_mark_of_utf_8_stays() {
        let text = text(&HeaderMap::new(), "\u{feff}[]".as_bytes());
        assert_eq!(text, "\u{feff}[]");
    }

    #[test]
    fn what_grows_without_end_is_read_to_the_limit() {
        let sent = gzip(&vec![0; 1_000_000]);
        assert!(sent.len() < 10_000);
        assert_eq!(decoded(&headers(&["gzip"]), sent, LIMIT).len(), LIMIT);
    }
}
