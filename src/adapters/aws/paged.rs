//! A load balancer that answers in pages, for tests.

use std::sync::Arc;
use std::sync::Mutex;

use aws_config::BehaviorVersion;
use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::Config;
use aws_sdk_elasticloadbalancingv2::config::Credentials;
use aws_sdk_elasticloadbalancingv2::config::Region;
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

/// Answers every question with these pages in turn, and keeps what was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Paged {
    pages: Arc<Mutex<Vec<String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Paged {
    /// Pages of `<member>`s for this operation; all but the last name the next.
    pub(super) fn new(operation: &str, list: &str, pages: &[&str]) -> Self {
        let page = |(at, members): (usize, &&str)| {
            let more = at + 1 < pages.len();
            let marker =
                if more { format!("<NextMarker>{at}</NextMarker>") } else { String::new() };
            let result = format!("<{list}>{members}</{list}>{marker}");
            format!(
                "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
            )
        };
        let pages = pages.iter().enumerate().map(page).rev().collect();
        Self { pages: Arc::new(Mutex::new(pages)), asked: Arc::default() }
    }

    pub(super) fn client(&self) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .http_client(self.clone());
        Client::from_conf(config.build())
    }

    /// The bodies of the requests so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpConnector for Paged {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        self.asked.lock().unwrap().push(String::from_utf8_lossy(body).into_owned());
        let page = self.pages.lock().unwrap().pop().expect("a page is left");
        let answer = HttpResponse::new(200_u16.try_into().unwrap(), SdkBody::from(page));
        HttpConnectorFuture::ready(Ok(answer))
    }
}

impl HttpClient for Paged {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
