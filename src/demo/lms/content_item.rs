//! Content items, read as strictly as their specification (Deep Linking 2.0 §3).

use serde_json::{Map, Value};

use super::behaviour::DeepLinkingOffer;
use super::directory::LmsActivity;

/// Members of a link that launches a tool.
const MEMBERS: [&str; 12] = [
    "type",
    "url",
    "title",
    "text",
    "icon",
    "thumbnail",
    "window",
    "iframe",
    "custom",
    "lineItem",
    "available",
    "submission",
];

/// An item that passed every check.
#[derive(Debug)]
pub(super) struct AcceptedItem {
    pub(super) activity: LmsActivity,
    pub(super) resource_id: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) label: Option<String>,
}

/// Reads an item that was offered so.
///
/// Errors: the first thing that is wrong with it.
pub(super) fn read(
    item: &Value,
    offer: &DeepLinkingOffer,
    tool_origin: &str,
) -> Result<AcceptedItem, String> {
    let members = item.as_object().ok_or("an item must be an object")?;
    let kind = text(members, "type")?.ok_or("type is missing")?;
    must(offer.accept_types.contains(&kind), &format!("items of type {kind} are not taken"))?;
    must(kind == "ltiResourceLink", "this LMS can use links that launch the tool alone")?;
    for name in members.keys() {
        let known = MEMBERS.contains(&name.as_str()) || url::Url::parse(name).is_ok();
        must(known, &format!("{name} is no member of an item"))?;
    }
    let url =
        text(members, "url")?.ok_or("url is missing: some LMSs make an invalid link of such an item")?;
    let origin = url::Url::parse(&url).map(|url| url.origin().ascii_serialization());
    must(origin.as_deref() == Ok(tool_origin), "url must be an address of the tool")?;
    let title = text(members, "title")?.filter(|title| !title.trim().is_empty());
    let grading = line_item(members, offer)?;
    picture(members, "icon")?;
    picture(members, "thumbnail")?;
    let (resource_id, tag, label) = match grading.as_ref() {
        Some(item) => (text(item, "resourceId")?, text(item, "tag")?, text(item, "label")?),
        None => (None, None, None),
    };
    Ok(AcceptedItem {
        activity: LmsActivity {
            title: title.ok_or("title is missing")?,
            description: text(members, "text")?.unwrap_or_default(),
            target_link_uri: Some(url),
            maximum: grading.as_ref().and_then(|item| item["scoreMaximum"].as_f64()),
            custom: custom(members)?,
            presentation: presentation(members, offer)?,
            available: times(members, "available")?,
            submission: times(members, "submission")?,
            ..LmsActivity::default()
        },
        resource_id,
        tag,
        label,
    })
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name} must be a text")),
    }
}

fn object<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Map<String, Value>>, String> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Object(inner)) => Ok(Some(inner)),
        Some(_) => Err(format!("{name} must be an object")),
    }
}

fn line_item(
    members: &Map<String, Value>,
    offer: &DeepLinkingOffer,
) -> Result<Option<Map<String, Value>>, String> {
    let Some(item) = object(members, "lineItem")? else { return Ok(None) };
    must(offer.accept_lineitem != Some(false), "lineItem was not asked for")?;
    let maximum = item.get("scoreMaximum").and_then(Value::as_f64).is_some_and(|maximum| maximum > 0.0);
    must(maximum, "scoreMaximum must be a positive number")?;
    Ok(Some(item.clone()))
}

fn custom(members: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let Some(custom) = object(members, "custom")? else { return Ok(Vec::new()) };
    let plain = |name: &str| {
        let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        !name.is_empty() && name.chars().all(fits)
    };
    let pair = |(name, value): (&String, &Value)| {
        must(plain(name), &format!("Moodle would rename the custom parameter {name}"))?;
        let value = value.as_str().ok_or(format!("the custom parameter {name} must be a text"))?;
        Ok((name.clone(), value.to_owned()))
    };
    custom.iter().map(pair).collect()
}

fn picture(members: &Map<String, Value>, name: &str) -> Result<(), String> {
    let Some(picture) = object(members, name)? else { return Ok(()) };
    let url = text(picture, "url")?.and_then(|url| url::Url::parse(&url).ok());
    let reachable = url.is_some_and(|url| matches!(url.scheme(), "http" | "https"));
    must(reachable, &format!("{name}.url must be an address"))?;
    let sized = ["width", "height"].into_iter().filter_map(|side| picture.get(side)).all(Value::is_u64);
    must(sized, &format!("{name} must be so many pixels wide and high"))
}

/// Checks the times; returns them as they came.
///
/// Spec: ISO 8601 with a zone; an end after its beginning.
fn times(members: &Map<String, Value>, name: &str) -> Result<Option<Value>, String> {
    let Some(times) = object(members, name)? else { return Ok(None) };
    let moment = |edge: &str| match text(times, edge)? {
        None => Ok(None),
        Some(text) => chrono::DateTime::parse_from_rfc3339(&text)
            .map(Some)
            .map_err(|_: chrono::ParseError| format!("{name}.{edge} is no moment with a zone")),
    };
    if let (Some(start), Some(end)) = (moment("startDateTime")?, moment("endDateTime")?) {
        must(start < end, &format!("{name} ends before it begins"))?;
    }
    Ok(Some(Value::Object(times.clone())))
}

fn presentation(members: &Map<String, Value>, offer: &DeepLinkingOffer) -> Result<Option<String>, String> {
    let offered = |target: &str| offer.accept_targets.iter().any(|one| one == target);
    let asked: Vec<&str> =
        ["window", "iframe"].into_iter().filter(|name| members.contains_key(*name)).collect();
    for target in &asked {
        object(members, target)?;
        must(offered(target), &format!("items may not open in a {target}"))?;
    }
    must(asked.len() < 2, "an item opens in a window or in a frame")?;
    Ok(asked.first().map(|target| (*target).to_owned()))
}

fn must(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_flaw_of_an_item_is_named() {
        let good = json!({
            "type": "ltiResourceLink", "url": "http://tool/launch", "title": "Class", "custom": {"room": "r"},
            "lineItem": {"scoreMaximum": 100, "resourceId": "r", "tag": "t", "label": "Class"},
            "available": {"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T11:00:00+01:00"},
            "window": {"targetName": "_blank"},
        });
        let offer = DeepLinkingOffer::default();
        let early = "available ends before it begins";
        assert_eq!(read(&good, &offer, "http://tool").unwrap_err(), early);
        for (name, value, reason) in [
            ("available", json!({}), ""),
            ("available", json!({"startDateTime": "2026-12-01T10:00"}), "no moment with a zone"),
            ("available", json!("now"), "must be an object"),
            ("type", json!("html"), "are not taken"),
            ("type", json!(null), "must be a text"),
            ("url", json!("http://elsewhere/launch"), "address of the tool"),
            ("url", json!("/launch"), "address of the tool"),
            ("title", json!(" "), "title is missing"),
            ("custom", json!({"Room": "r"}), "would rename"),
            ("custom", json!({"room": 7}), "must be a text"),
            ("lineItem", json!({"scoreMaximum": 0}), "positive number"),
            ("iframe", json!({}), "a window or in a frame"),
            ("icon", json!({"url": "http://tool/icon.png", "width": 64, "height": 64}), ""),
            ("icon", json!({"url": "/icon.png"}), "icon.url must be an address"),
            ("icon", json!({"url": "javascript:alert(1)"}), "icon.url must be an address"),
            ("thumbnail", json!({}), "thumbnail.url must be an address"),
            ("thumbnail", json!({"url": "http://tool/t.png", "width": "wide"}), "pixels"),
            ("presentation", json!({}), "no member of an item"),
            ("https://example.org/x", json!({}), ""),
        ] {
            let mut item = good.clone();
            item["available"] = json!({});
            item[name] = value;
            let found = read(&item, &offer, "http://tool").err().unwrap_or_default();
            assert!(found.contains(reason) && found.is_empty() == reason.is_empty(), "{name}: {found}");
        }
        let mut item = good;
        item["available"] = json!({});
        let no_grades = DeepLinkingOffer { accept_lineitem: Some(false), ..offer.clone() };
        assert!(read(&item, &no_grades, "http://tool").is_err());
        let frames = DeepLinkingOffer { accept_targets: vec!["iframe".into()], ..offer };
        assert!(read(&item, &frames, "http://tool").unwrap_err().contains("may not open in a window"));
    }
}
