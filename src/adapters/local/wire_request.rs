//! A request as it came in.

use std::collections::BTreeMap;
use std::io;
use std::io::Read;

use flate2::read::GzDecoder;

/// No request of AWS is larger, in bytes.
pub(super) const LARGEST: usize = 8 * 1024 * 1024;

/// A request as it came in, through whichever door.
#[derive(Debug, Clone, Default)]
pub(super) struct WireRequest {
    /// The method, `POST`.
    pub(super) method: String,
    /// The path, without the query.
    pub(super) path: String,
    /// The query, without its mark.
    pub(super) query: String,
    /// The headers, by their names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    /// The body.
    pub(super) body: Vec<u8>,
}

impl WireRequest {
    /// The same with its body unpacked: SDKs pack large ones of `PutMetricData`.
    ///
    /// # Errors
    ///
    /// Where the body is not packed as its header says, or too large.
    pub(super) fn unpacked(mut self) -> io::Result<Self> {
        if self.header("content-encoding") != Some("gzip") {
            return Ok(self);
        }
        let mut body = Vec::new();
        let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX);
        GzDecoder::new(self.body.as_slice()).take(limit).read_to_end(&mut body)?;
        if body.len() == LARGEST {
            return Err(io::Error::other("the body is too large"));
        }
        self.body = body;
        Ok(self)
    }

    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The access key id that the request is signed with. It is no secret, and no signature is checked.
    pub(super) fn access_key(&self) -> Option<&str> {
        self.scope(0)
    }

    /// The service that the request is signed for, `ecs`.
    pub(super) fn signed_for(&self) -> Option<&str> {
        self.scope(3)
    }

    /// A part of `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`.
    fn scope(&self, part: usize) -> Option<&str> {
        let (_, after) = self.header("authorization")?.split_once("Credential=")?;
        let scope = after.split(',').next()?;
        scope.trim().split('/').nth(part).filter(|part| !part.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(body: &[u8]) -> WireRequest {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        let headers = [("content-encoding".to_owned(), "gzip".to_owned())].into();
        WireRequest { headers, body: encoder.finish().unwrap(), ..WireRequest::default() }
    }

    #[test]
    fn a_packed_body_is_unpacked_within_limits() {
        assert_eq!(packed(b"hello").unpacked().unwrap().body, b"hello");
        assert!(packed(&vec![0; LARGEST + 1]).unpacked().is_err());
        let lying = WireRequest { body: b"hello".to_vec(), ..packed(b"") };
        assert!(lying.unpacked().is_err());
    }
}
