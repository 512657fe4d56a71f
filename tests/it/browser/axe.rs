//! axe-core examines pages, as people with other eyes and hands would find them.

use fantoccini::Locator;
use serde_json::{Value, json};

use super::visitor::Visitor;

/// What the page shows in both schemes of colour, at the width that it has.
pub async fn examine(visitor: &Visitor, page: &str) {
    for scheme in ["light", "dark"] {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        visitor.devtools("Emulation.setEmulatedMedia", features).await;
        let found = violations(visitor).await;
        assert!(found.is_empty(), "{page}, {scheme}: {found:#?}");
        assert_eq!(visitor.overhang().await, 0, "{page}, {scheme}");
    }
}

async fn violations(visitor: &Visitor) -> Vec<String> {
    let path = std::env::var_os("TEST_AXE").expect("TEST_AXE is not set: run tests/run");
    let axe = std::fs::read_to_string(path).unwrap();
    visitor.client().wait().for_element(Locator::Css("main")).await.unwrap();
    // Folded parts count too.
    visitor.script("for (const one of document.querySelectorAll('details')) one.open = true").await;
    visitor.client().execute(&axe, vec![]).await.unwrap();
    let run = "const done = arguments[arguments.length - 1]; \
               axe.run(document).then(({ passes, violations }) => done([passes.length, violations.map((one) => \
               `${one.id}: ${one.help}: ${one.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`)]))";
    let found: Value = visitor.client().execute_async(run, vec![]).await.unwrap();
    let (passed, violations): (u32, Vec<String>) = serde_json::from_value(found).unwrap();
    assert!(passed > 10, "{passed} rules had something to look at");
    violations
}
