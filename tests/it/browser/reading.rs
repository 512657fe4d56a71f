//! Pages for everybody: in their language, on a phone, by keyboard.

use fantoccini::key::Key;
use serde_json::json;

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn a_class_in_spanish_fits_a_phone() {
    let stage = Stage::shared();
    let activity =
        stage.activity("Álgebra en vivo, con un título que no cabe en una sola línea del teléfono");
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 360).await;
    visitor.open(&stage.address(&activity, "maximiliane", "&locale=es&in=window")).await;
    visitor.see("#join").await;
    assert_eq!(visitor.attribute("html", "lang").await, "es");
    assert_eq!(visitor.read("#join-label").await, "Entrar en la clase");
    assert_eq!(visitor.overhang().await, 0, "the activity");
    visitor.click("#join").await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    assert_eq!(visitor.attribute("html", "lang").await, "es");
    assert_eq!(visitor.overhang().await, 0, "the class");
    visitor.click("#help > summary").await;
    assert_eq!(visitor.overhang().await, 0, "the class with its help");
    visitor.click("#help > summary").await;
    visitor.click("#leave").await;
    visitor.see("[data-card=left]").await;
    assert_eq!(visitor.overhang().await, 0, "after the class");
}

#[tokio::test]
async fn no_page_scrolls_sideways_on_a_phone() {
    let stage = Stage::shared();
    let activity = stage.activity("Class on a phone");
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 360).await;
    visitor.open(&stage.address(&activity, "layla", "")).await;
    visitor.in_tool("#join").await;
    assert_eq!(visitor.overhang().await, 0, "the activity in the frame");
    visitor.to_page().await;
    assert_eq!(visitor.overhang().await, 0, "the LMS around it");
    let lms = stage.lms.settings().issuer.clone();
    let tool = stage.lms.tools()[0].origin.clone();
    let pages = [
        "/",
        "/courses/101",
        "/courses/101/gradebook",
        "/courses/101/people",
        "/tools",
        "/tour",
        "/messages",
        "/behaviour",
    ];
    let refusals = ["/rooms/0199a1b2-0000-7000-8000-000000000000", "/no-such-page"];
    let addresses = pages.map(|page| format!("{lms}{page}")).into_iter();
    for address in addresses.chain(refusals.map(|page| format!("{tool}{page}"))) {
        visitor.open(&address).await;
        visitor.see("h1").await;
        assert_eq!(visitor.overhang().await, 0, "{address}");
    }
    assert!(visitor.sees("#refused[data-code=page-unknown]").await);
}

#[tokio::test]
async fn the_keyboard_alone_leads_into_the_class_and_out() {
    let stage = Stage::shared();
    let activity = stage.activity("Class by keyboard");
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 1000).await;
    visitor.open(&stage.address(&activity, "ana", "")).await;
    visitor.in_tool("#join").await;
    tab_to(&visitor, "join").await;
    visitor.press(&[Key::Enter]).await;
    visitor.to_window(2).await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    tab_to(&visitor, "leave").await;
    visitor.press(&[Key::Enter]).await;
    visitor.see("[data-card=left]").await;
    // The card takes the focus, so that it is read out.
    assert_eq!(visitor.script("return document.activeElement.id").await, json!("card-left"));
}

async fn tab_to(visitor: &Visitor, id: &str) {
    for _ in 0..40 {
        visitor.press(&[Key::Tab]).await;
        if visitor.script("return document.activeElement?.id ?? ''").await == json!(id) {
            return;
        }
    }
    panic!("the Tab key does not lead to #{id}");
}
