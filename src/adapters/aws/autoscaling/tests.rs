use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::super::fixtures::Canned;
use super::super::fixtures::subject;
use crate::model::ScalableTarget;
use crate::model::ScalingPlan;
use crate::model::ScalingPolicy;
use crate::model::Subject;
use crate::model::Suspension;
use crate::ports::Autoscaler;
use crate::ports::WriteError;

fn found(service: &str) -> ScalableTarget {
    let (service, suspended) = (service.to_owned(), Suspension::default());
    ScalableTarget { service, minimum: 2, maximum: 8, suspended }
}

fn pair() -> Subject {
    let mut subject = subject(2);
    let found = vec![found("blue"), found("green")];
    let plan = ScalingPlan::new(found, ScalingPolicy::Suspend, Some(("blue", "green")));
    subject.baseline.scaling = Some(plan);
    subject
}

/// One target to a page.
fn page(body: &Value) -> Value {
    let (id, token) = match body["NextToken"].as_str() {
        None => (body.pointer("/ResourceIds/0"), Some("second")),
        Some(_) => (body.pointer("/ResourceIds/1"), None),
    };
    json!({ "NextToken": token, "ScalableTargets": [{
        "ServiceNamespace": "ecs",
        "ResourceId": id,
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 2, "MaxCapacity": 8, "RoleARN": "role", "CreationTime": 1,
        "SuspendedState": { "ScheduledScalingSuspended": true },
    }] })
}

#[tokio::test(start_paused = true)]
async fn every_page_is_read_and_what_is_not_said_to_be_suspended_is_not() {
    let canned = Canned::new(|_, body| Ok(page(body)));
    let seen = canned.autoscaler().observe(&pair()).await.unwrap();
    let names: Vec<&str> = seen.iter().map(|target| target.service.as_str()).collect();
    assert_eq!(names, ["blue", "green"]);
    let scheduled = Suspension { scheduled: true, ..Suspension::default() };
    assert!(seen.iter().all(|target| target.suspended == scheduled), "{seen:?}");
    assert_eq!(canned.calls(), ["DescribeScalableTargets", "DescribeScalableTargets"]);
}

#[tokio::test(start_paused = true)]
async fn bounds_and_suspension_go_out_together_and_the_role_does_not() {
    let canned = Canned::new(|_, _| Ok(json!({})));
    let subject = pair();
    let held = &subject.baseline.scaling.as_ref().unwrap().held;
    canned.autoscaler().register(&subject, held).await.unwrap();
    let sent: BTreeMap<String, Value> =
        canned.take().into_iter().map(|(_, body)| (body["ResourceId"].to_string(), body)).collect();
    let idle = &sent["\"service/prod/green\""];
    assert_eq!((&idle["MinCapacity"], &idle["MaxCapacity"]), (&json!(0), &json!(8)));
    assert_eq!(idle["SuspendedState"].as_object().unwrap().len(), 3);
    assert!(idle["SuspendedState"].as_object().unwrap().values().all(|it| *it == true));
    assert_eq!(sent.len(), 2);
    assert!(sent.values().all(|body| body.get("RoleARN").is_none()), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn rejected_means_that_no_target_was_written() {
    for (refused, partly) in [("service/prod/blue", false), ("service/prod/green", true)] {
        let canned = Canned::new(move |_, body| {
            let refuses = body["ResourceId"] == refused;
            if refuses { Err(("ValidationException", "no")) } else { Ok(json!({})) }
        });
        let subject = pair();
        let plan = subject.baseline.scaling.as_ref().unwrap();
        let error = canned.autoscaler().register(&subject, &plan.held).await.unwrap_err();
        assert_eq!(matches!(error, WriteError::Unknown(_)), partly, "{error}");
    }
}
