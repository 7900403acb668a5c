//! Any client, over TCP, in real time.

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::time::Duration;

use aws_sdk_ecs::config::timeout::TimeoutConfig;
use aws_sdk_ecs::error::ProvideErrorMetadata;
use aws_sdk_ecs::error::SdkError;
use cutover::adapters::local::LocalCloud;
use cutover::adapters::local::LocalServer;
use cutover::adapters::local::WireFault;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::TaskSet;

const SPEED: f64 = 100.0;

fn serve(cloud: &LocalCloud) -> LocalServer {
    cloud.serve(TcpListener::bind("127.0.0.1:0").unwrap(), SPEED).unwrap()
}

fn ecs(server: &LocalServer, key: &str) -> aws_sdk_ecs::Client {
    use aws_sdk_ecs::config::BehaviorVersion;
    use aws_sdk_ecs::config::Credentials;
    use aws_sdk_ecs::config::Region;
    use aws_sdk_ecs::config::retry::RetryConfig;

    let limits = TimeoutConfig::builder().read_timeout(Duration::from_secs(1)).build();
    let config = aws_sdk_ecs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new(key, "secret", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(server.endpoint_url())
        .retry_config(RetryConfig::disabled())
        .timeout_config(limits);
    aws_sdk_ecs::Client::from_conf(config.build())
}

/// What `curl` would do: status and body.
async fn curl(server: &LocalServer, method: &str, path: &str, body: &str) -> (u16, String) {
    curl_with(server, &format!("{method} {path}"), "accept: */*", body).await
}

async fn curl_with(server: &LocalServer, what: &str, header: &str, body: &str) -> (u16, String) {
    let (address, length) = (server.address(), body.len());
    let request = format!(
        "{what} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{header}\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let talk = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = tokio::task::spawn_blocking(talk).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    // the first hour of the world, never this machine's time
    let mut dates = head.lines().filter(|line| line.to_lowercase().starts_with("date:"));
    assert!(dates.all(|date| date.contains("21 Nov 2026 00:")), "{head}");
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[tokio::test]
async fn an_sdk_reads_and_writes_over_http_in_faster_time() {
    let cloud = LocalCloud::new(Scenario::new(7).with_desired(3));
    let server = serve(&cloud);
    let ecs = ecs(&server, "AKIDALICE");
    ecs.update_service().cluster("prod").service("web").desired_count(5).send().await.unwrap();
    let answer = ecs.describe_services().cluster("prod").services("web").send().await.unwrap();
    assert_eq!(answer.services()[0].desired_count(), 5);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(cloud.now().as_millis() >= 100_000);
    let running =
        cloud.cloud().with(|world| world.state().sets().map(TaskSet::running).sum::<u32>());
    assert_eq!(running, 5, "tasks start while nobody calls");
    let actor = cloud.cloud().with(|world| world.ledger()[0].actor.clone());
    assert_eq!(actor.name(), "AKIDALICE");
    server.stop().await;
    let gone = ecs.describe_services().cluster("prod").services("web").send().await.unwrap_err();
    assert!(matches!(gone, SdkError::DispatchFailure(_)), "{gone:?}");
}

#[tokio::test]
async fn faults_are_switched_while_it_runs() {
    let cloud = LocalCloud::new(Scenario::new(7));
    let server = serve(&cloud);
    let ecs = ecs(&server, "AKIDALICE");
    let read = || ecs.describe_services().cluster("prod").services("web").send();
    let kinds = [
        (WireFault::Reset, false),
        (WireFault::AnswerLost, false),
        (WireFault::Hang, false),
        (WireFault::Slow { milliseconds: 150_000 }, false),
        (WireFault::Truncated, true),
        (WireFault::Malformed, true),
    ];
    for (fault, response) in kinds {
        let text = serde_json::to_string(&fault).unwrap();
        let rule = format!(r#"{{"operation": "ecs:*", "times": 1, "fault": {text}}}"#);
        assert_eq!(curl(&server, "POST", "/_cutover/faults", &rule).await.0, 200);
        let error = read().await.unwrap_err();
        let as_wanted = match &error {
            SdkError::DispatchFailure(_) => !response,
            SdkError::ResponseError(_) => response,
            _ => false,
        };
        assert!(as_wanted, "{fault:?}: {error:?}");
        read().await.unwrap();
    }
    let throttle = r#"[{"operation": "*", "fault": {"kind": "throttled"}}]"#;
    curl(&server, "POST", "/_cutover/faults", throttle).await;
    assert_eq!(read().await.unwrap_err().code(), Some("ThrottlingException"));
    let (status, listed) = curl(&server, "GET", "/_cutover/faults", "").await;
    assert_eq!((status, listed.matches("\"hits\": 1").count()), (200, 7), "{listed}");
    curl(&server, "DELETE", "/_cutover/faults", "").await;
    read().await.unwrap();
}

#[tokio::test]
async fn the_cloud_itself_can_be_asked_and_told() {
    let cloud = LocalCloud::new(Scenario::new(7));
    let server = serve(&cloud);
    let ecs = ecs(&server, "AKIDALICE");
    ecs.describe_services().cluster("prod").services("web").send().await.unwrap();
    let (_, clock) = curl(&server, "GET", "/_cutover/clock", "").await;
    assert!(clock.contains("\"now\": \"2026-11-21T00:00:") && clock.contains("100.0"), "{clock}");
    let (_, calls) = curl(&server, "GET", "/_cutover/calls", "").await;
    let calls: serde_json::Value = serde_json::from_str(&calls).unwrap();
    assert_eq!((&calls["reads"], &calls["writes"]), (&1.into(), &0.into()));
    assert_eq!(calls["byOperation"]["ecs:DescribeServices"], 1);
    assert_eq!(calls["byActor"][0]["actor"], "AKIDALICE");
    let sick = r#"{"revision": "web:1", "fate": {"kind": "neverHealthy"}}"#;
    assert_eq!(curl(&server, "POST", "/_cutover/behaviour", sick).await.0, 200);
    let fate = cloud.cloud().with(|world| format!("{:?}", world.state().revisions));
    assert!(fate.contains("NeverHealthy"), "{fate}");
    let (status, why) = curl(&server, "POST", "/_cutover/behaviour", r#"{"revisoin": 1}"#).await;
    assert!(status == 400 && why.contains("revisoin"), "{why}");
    let (status, doors) = curl(&server, "GET", "/_cutover/nothing", "").await;
    assert!(status == 404 && doors.contains("POST /_cutover/faults"), "{doors}");
    assert_eq!(curl(&server, "GET", "/favicon.ico", "").await.0, 404);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_an_answer_that_never_comes() {
    let cloud = LocalCloud::new(Scenario::new(7));
    cloud.inject(cutover::adapters::local::FaultRule::new("*", WireFault::Hang));
    let server = serve(&cloud);
    let ecs = ecs(&server, "AKIDALICE");
    let hanging = tokio::spawn(async move { ecs.list_clusters().send().await.is_err() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    tokio::time::timeout(Duration::from_secs(3), server.stop()).await.unwrap();
    assert!(hanging.await.unwrap());
}

#[tokio::test]
async fn older_and_newer_clients_of_cloudwatch_are_understood() {
    let cloud = LocalCloud::new(Scenario::new(7));
    let server = serve(&cloud);
    let form = "content-type: application/x-www-form-urlencoded";
    let put = "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=a%26b&Namespace=N&MetricName=M\
               &Statistic=Sum&Period=60&EvaluationPeriods=1&Threshold=2.5\
               &ComparisonOperator=GreaterThanThreshold&Dimensions.member.1.Name=D\
               &Dimensions.member.1.Value=V";
    let (status, xml) = curl_with(&server, "POST /", form, put).await;
    assert!(status == 200 && xml.contains("<PutMetricAlarmResponse xmlns="), "{xml}");
    let read = "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=a%26b";
    let (_, xml) = curl_with(&server, "POST /", form, read).await;
    assert!(xml.contains("<AlarmName>a&amp;b</AlarmName>"), "{xml}");
    assert!(xml.contains("<member><Name>D</Name><Value>V</Value></member>"), "{xml}");
    let set = "Action=SetAlarmState&Version=2010-08-01&AlarmName=no&StateValue=OK&StateReason=r";
    let (status, xml) = curl_with(&server, "POST /", form, set).await;
    assert!(status == 404 && xml.contains("<Code>ResourceNotFound</Code>"), "{xml}");

    let json = |operation: &str| {
        let target = format!("x-amz-target: GraniteServiceVersion20100801.{operation}");
        format!("content-type: application/x-amz-json-1.0\r\n{target}")
    };
    let names = r#"{"AlarmNames": ["a&b"]}"#;
    let (_, body) = curl_with(&server, "POST /", &json("DescribeAlarms"), names).await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["MetricAlarms"][0]["Threshold"], 2.5);
    assert!(body["MetricAlarms"][0]["StateUpdatedTimestamp"].as_f64().unwrap() > 1.7e9);
    let set = r#"{"AlarmName": "no", "StateValue": "OK", "StateReason": "r"}"#;
    let (status, body) = curl_with(&server, "POST /", &json("SetAlarmState"), set).await;
    assert!(status == 404 && body.contains(r#""__type":"ResourceNotFound""#), "{body}");
}

#[tokio::test]
async fn an_impossible_speed_is_refused() {
    let cloud = LocalCloud::new(Scenario::new(7));
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(cloud.serve(listener, speed).is_err(), "{speed}");
    }
}
