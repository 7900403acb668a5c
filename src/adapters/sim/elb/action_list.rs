//! Lists of actions as they are kept.

use serde_json::Value;
use serde_json::json;

use super::super::api_error::ApiError;
use super::forward::Forward;

const SECRET: &str = "ClientSecret";
const KEEP_SECRET: &str = "UseExistingClientSecret";

fn refused(message: impl Into<String>) -> ApiError {
    ApiError::refused("InvalidLoadBalancerAction", message)
}

/// Checks a list of actions that takes the place of `before`, and brings it into the shape in which
/// the API shows it: without secrets, with what AWS fills in.
pub(crate) fn stored_actions(given: &[Value], before: &[Value]) -> Result<Vec<Value>, ApiError> {
    let mut actions = given.to_vec();
    actions.sort_by_key(|action| action["Order"].as_u64());
    if actions
        .iter()
        .any(|action| action["Order"].as_u64().is_some_and(|order| !(1..=50_000).contains(&order)))
    {
        return Err(ApiError::validation("The order of an action must be between 1 and 50000"));
    }
    let routes = |action: &&Value| {
        matches!(action["Type"].as_str(), Some("forward" | "redirect" | "fixed-response"))
    };
    let last_routes = actions.last().is_some_and(|action| routes(&action));
    if !last_routes || actions.iter().filter(routes).count() != 1 {
        return Err(refused(
            "A list of actions has exactly one forward, redirect or fixed-response, as its last",
        ));
    }
    actions.iter().map(|action| stored(action, before)).collect()
}

fn stored(action: &Value, before: &[Value]) -> Result<Value, ApiError> {
    let mut kept = action.clone();
    match action["Type"].as_str() {
        Some("forward") => {
            let forward = Forward::of(std::slice::from_ref(action))?;
            let shown = forward.map(|forward| forward.action()).unwrap_or_default();
            if let (Some(kept), Value::Object(shown)) = (kept.as_object_mut(), shown) {
                kept.extend(shown);
            }
        }
        Some("redirect") => complete_redirect(&mut kept)?,
        Some("fixed-response")
            if action.pointer("/FixedResponseConfig/StatusCode").is_some_and(Value::is_string) => {}
        Some("fixed-response") => return Err(ApiError::validation("StatusCode must be given")),
        Some("authenticate-oidc") => hide_secret(&mut kept, before)?,
        Some("authenticate-cognito" | "jwt-validation") => {}
        _ => return Err(ApiError::validation("Type is not a valid action type")),
    }
    Ok(kept)
}

fn complete_redirect(action: &mut Value) -> Result<(), ApiError> {
    let config = action["RedirectConfig"].as_object_mut();
    let config = config.filter(|config| {
        matches!(config.get("StatusCode").and_then(Value::as_str), Some("HTTP_301" | "HTTP_302"))
    });
    let config = config.ok_or_else(|| {
        ApiError::validation("A redirect needs a StatusCode, HTTP_301 or HTTP_302")
    })?;
    for (part, same) in [
        ("Protocol", "#{protocol}"),
        ("Port", "#{port}"),
        ("Host", "#{host}"),
        ("Path", "/#{path}"),
        ("Query", "#{query}"),
    ] {
        config.entry(part).or_insert_with(|| json!(same));
    }
    Ok(())
}

fn hide_secret(action: &mut Value, before: &[Value]) -> Result<(), ApiError> {
    let issuer = |action: &Value| action.pointer("/AuthenticateOidcConfig/Issuer").cloned();
    let same = issuer(action);
    let known =
        before.iter().any(|action| action["Type"] == "authenticate-oidc" && issuer(action) == same);
    let Some(config) = action["AuthenticateOidcConfig"].as_object_mut() else {
        return Err(ApiError::validation("AuthenticateOidcConfig must be given"));
    };
    let given = config.remove(SECRET).is_some();
    let keeps = config.remove(KEEP_SECRET) == Some(Value::Bool(true));
    match (given, keeps) {
        (true, false) => Ok(()),
        (false, true) if known => Ok(()),
        (false, true) => Err(refused("There is no existing client secret for this issuer")),
        (true, true) => Err(refused("You cannot specify a client secret and use the existing one")),
        (false, false) => {
            Err(refused("You must specify a client secret or set UseExistingClientSecret to true"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/0123";

    fn oidc(more: &Value) -> Value {
        let mut config = json!({ "Issuer": "https://id.example", "ClientId": "me" });
        if let (Some(config), Some(more)) = (config.as_object_mut(), more.as_object()) {
            config.extend(more.clone());
        }
        json!({ "Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": config })
    }

    fn forward() -> Value {
        json!({ "Type": "forward", "Order": 2, "TargetGroupArn": ARN })
    }

    #[test]
    fn a_secret_is_never_shown_and_must_be_kept_by_name() {
        let first = stored_actions(&[forward(), oidc(&json!({ SECRET: "hush" }))], &[]).unwrap();
        assert_eq!(first[0], oidc(&json!({})));
        let silent = stored_actions(&[oidc(&json!({})), forward()], &first);
        assert_eq!(silent.unwrap_err().code, "InvalidLoadBalancerAction");
        let keep = oidc(&json!({ KEEP_SECRET: true }));
        assert_eq!(stored_actions(&[keep.clone(), forward()], &first).unwrap(), first);
        assert!(stored_actions(&[keep, forward()], &[]).is_err());
    }

    #[test]
    fn a_list_has_exactly_one_routing_action_and_it_is_the_last() {
        for wrong in [vec![], vec![oidc(&json!({ SECRET: "x" }))], vec![forward(), forward()]] {
            assert!(stored_actions(&wrong, &[]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_a_redirect_does_not_say_stays_as_it_is() {
        let given = json!({ "Type": "redirect", "RedirectConfig": {
            "StatusCode": "HTTP_301", "Protocol": "HTTPS", "Port": "443",
        } });
        let kept = stored_actions(&[given], &[]).unwrap();
        assert_eq!(kept[0]["RedirectConfig"]["Path"], "/#{path}");
        assert_eq!(kept[0]["RedirectConfig"]["Port"], "443");
    }
}
