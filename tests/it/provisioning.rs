//! Registrations at the terminal and in the file: never in silence over another one, never with what nobody sees.

use crate::support::{Said, Shell};

/// A platform with these addresses, and what `platform add` says.
fn adds_canvas(shell: &Shell, host: &str, more: &[&str]) -> Said {
    let at = |path: &str| format!("https://{host}/{path}");
    let (auth, token, keys) = (at("auth"), at("token"), at("keys"));
    let args = [
        "platform",
        "add",
        "--issuer",
        "https://canvas.instructure.com",
        "--client-id",
        "10000000000001",
        "--name",
        host,
        "--auth-url",
        &auth,
        "--token-url",
        &token,
        "--jwks-url",
        &keys,
    ];
    shell.runs(&[&args[..], more].concat())
}

#[test]
fn another_platforms_issuer_and_client_id_replace_nothing_in_silence() {
    let shell = Shell::new();
    let addresses = || {
        shell.does(&[
            "platform",
            "show",
            "--issuer",
            "https://canvas.instructure.com",
            "--client-id",
            "10000000000001",
        ])
    };
    assert!(adds_canvas(&shell, "north.example", &[]).worked);
    // The same again is no change, and a deployment may be added.
    assert!(adds_canvas(&shell, "north.example", &["--deployment", "1"]).worked);
    let before = addresses();
    for more in [&[][..], &["--deployment", "2"], &["--allow-anonymous"]] {
        let said = adds_canvas(&shell, "south.example", more);
        assert!(!said.worked);
        for words in [
            "“north.example”",
            "“south.example”",
            "https://north.example/keys",
            "https://south.example/keys",
            "--replace",
        ] {
            assert!(said.err.contains(words), "{words}: {}", said.err);
        }
        assert_eq!(addresses(), before, "nothing was changed");
    }
    let said = adds_canvas(&shell, "north.example", &["--token-audience", "another"]);
    assert!(
        !said.worked && said.err.contains("audience of token requests: none is registered"),
        "{}",
        said.err
    );
    assert!(adds_canvas(&shell, "south.example", &["--replace"]).worked);
    assert!(addresses().contains("https://south.example/keys"));
}

#[test]
fn the_file_of_platforms_replaces_nothing_in_silence() {
    let shell = Shell::new();
    assert!(adds_canvas(&shell, "north.example", &[]).worked);
    let entry = |host: &str, replace: bool| {
        let at = |path: &str| format!("https://{host}/{path}");
        serde_json::json!({
            "issuer": "https://canvas.instructure.com", "client_id": "10000000000001", "name": host,
            "auth_url": at("auth"), "token_url": at("token"), "jwks_url": at("keys"), "replace": replace,
        })
    };
    let file = |platforms: serde_json::Value| {
        let text = serde_json::json!({"title": "t", "description": "d", "platforms": platforms});
        shell.file("lti-config.json", &text.to_string())
    };
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let path = file(serde_json::json!([entry("south.example", false)]));
    let said = shell
        .fails(&[&serve[..], &["--lti-config", &path]].concat(), "registered already as “north.example”");
    assert!(said.err.contains("“south.example”") && said.err.contains("\"replace\": true"), "{}", said.err);
    let path = file(serde_json::json!([entry("north.example", false), entry("east.example", false)]));
    shell.fails(&[&serve[..], &["--lti-config", &path]].concat(), "“north.example” and “east.example”");
}

#[test]
fn hidden_characters_are_refused_at_the_terminal_by_name_and_place() {
    let shell = Shell::new();
    let add = |issuer: &str, client: &str, url: &str, name: &str| {
        shell.runs(&[
            "platform",
            "add",
            "--issuer",
            issuer,
            "--client-id",
            client,
            "--auth-url",
            url,
            "--token-url",
            "https://lms.example/t",
            "--jwks-url",
            "https://lms.example/k",
            "--name",
            name,
        ])
    };
    let (issuer, url) = ("https://lms.example", "https://lms.example/a");
    for (said, words) in [
        (
            add("https://lms.example\u{200b}", "c", url, "n"),
            "character 20 is a zero-width character (U+200B)",
        ),
        (add(issuer, "c\u{a0}d", url, "n"), "character 2 is a no-break space (U+00A0)"),
        (add(issuer, "c", "https://lms.example/a\nb", "n"), "character 22 is a line break (U+000A)"),
        (add(issuer, "c", url, "n\u{202e}"), "character 2 is a mark of the writing direction (U+202E)"),
    ] {
        assert!(!said.worked && said.err.contains(words), "{words}: {}", said.err);
    }
    assert!(add(" https://lms.example ", " c\n", url, " n ").worked);
    assert!(shell.does(&["platform", "show", "--issuer", issuer, "--client-id", "c "]).contains(issuer));
    let secret = shell.file("secret", "the app_secret\u{200b} of this campus's Jitsi");
    let args = ["server", "add", "--name", "a", "--kind", "self-hosted", "--domain", "m.example", "--app-id"];
    let own = ["x", "--secret-file", secret.as_str()];
    let said = shell.fails(&[&args[..], &own].concat(), "--secret: character 15 is a zero-width character");
    assert!(!said.err.contains("campus"));
    let said = shell.runs(&[&args[..], &["x\u{200b}", "--secret", "the app_secret of this campus"]].concat());
    assert!(!said.worked && said.err.contains("--app-id: character 2"), "{}", said.err);
}
