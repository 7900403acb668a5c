//! The HTTP clients that the SDK may use.

use aws_sdk_ecs::config::SharedHttpClient;
use aws_smithy_http_client::Builder;

/// An endpoint that this build cannot reach.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{endpoint} needs TLS, which this build leaves out; build with the feature `https`")]
#[non_exhaustive]
pub struct NoTls {
    /// The endpoint, or what stands for AWS's own.
    pub endpoint: String,
}

/// An HTTP client for the SDK's configuration that reaches `endpoint`, or AWS itself without one. TLS
/// is there with the feature `https`.
pub fn http_client(endpoint: Option<&str>) -> Result<SharedHttpClient, NoTls> {
    // hosts and schemes are the same in either case
    let plain = endpoint.is_some_and(|url| url.to_ascii_lowercase().starts_with("http://"));
    if plain { Ok(Builder::new().build_http()) } else { with_tls(endpoint) }
}

#[cfg(feature = "https")]
#[expect(clippy::unnecessary_wraps, reason = "without TLS there is an error")]
fn with_tls(_endpoint: Option<&str>) -> Result<SharedHttpClient, NoTls> {
    use aws_smithy_http_client::tls::Provider;
    use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

    Ok(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
}

#[cfg(not(feature = "https"))]
fn with_tls(endpoint: Option<&str>) -> Result<SharedHttpClient, NoTls> {
    Err(NoTls { endpoint: endpoint.unwrap_or("AWS").to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_needs_no_tls_and_aws_does() {
        assert!(http_client(Some("http://127.0.0.1:4566")).is_ok());
        assert!(http_client(Some("HTTP://localhost:1")).is_ok());
        for endpoint in [None, Some("https://ecs.eu-west-1.amazonaws.com")] {
            assert_eq!(http_client(endpoint).is_ok(), cfg!(feature = "https"));
        }
        let error = NoTls { endpoint: "AWS".to_owned() };
        assert!(error.to_string().contains("build with the feature `https`"));
    }
}
