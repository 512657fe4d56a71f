//! Platforms and servers go, from the terminal.

use crate::support::{Backend, CLIENT_ID, Serving, Shell, Storage, on_both};

on_both!(a_platform_goes_when_its_name_is_typed, servers_are_drained_and_removed);

async fn a_platform_goes_when_its_name_is_typed(backend: Backend) {
    let storage = Storage::new(backend);
    let shell = Shell::at(&storage.url());
    let (lms, _site, _) = Serving::platform();
    let issuer = lms.settings().issuer.clone();
    let delete = ["platform", "delete", "--issuer", &issuer, "--client-id", CLIENT_ID];
    shell.fails(&delete, "no platform is registered with issuer");
    shell.adds(&lms);
    for line in ["", "\n", "Riverside\n", "yes\n"] {
        let output = shell.answers(&delete, line);
        assert!(!output.worked && output.err.contains("nothing was deleted"), "{line:?}: {}", output.err);
        assert!(
            output.out.contains("Deployments") && output.out.contains("Launches in the log"),
            "{}",
            output.out
        );
    }
    assert!(shell.does(&["platform", "list"]).contains(&issuer));
    let output = shell.answers(&delete, "Riverside University\n");
    assert!(
        output.worked && output.out.contains("Riverside University is deleted."),
        "{}{}",
        output.out,
        output.err
    );
    assert!(shell.does(&["platform", "list"]).contains("No platform is registered"));
    shell.adds(&lms);
    assert!(shell.does(&[&delete[..], &["--yes"]].concat()).contains("is deleted"));
    assert!(shell.does(&["platform", "list"]).contains("No platform is registered"));
}

async fn servers_are_drained_and_removed(backend: Backend) {
    let storage = Storage::empty(backend);
    let shell = Shell::at(&storage.url());
    for name in ["first", "second"] {
        shell.does(&["server", "add", "--name", name, "--kind", "public", "--domain", "meet.example.org"]);
    }
    let needed =
        "classes begin on first: make another server the default first (jitsi-lti server default NAME)";
    shell.fails(&["server", "drain", "first"], needed);
    shell.fails(&["server", "remove", "first"], needed);
    shell.fails(&["server", "drain", "third"], "no server is named third");
    assert!(shell.does(&["server", "drain", "second"]).contains("none takes place there"));
    assert!(shell.does(&["server", "list"]).contains("disabled"));
    // What takes no classes takes them again when it becomes the default.
    shell.does(&["server", "default", "second"]);
    assert!(!shell.does(&["server", "list"]).contains("disabled"));
    shell.does(&["server", "remove", "first"]);
    let list = shell.does(&["server", "list"]);
    assert!(list.contains("second") && !list.contains("first"), "{list}");
    shell.fails(&["server", "remove", "first"], "no server is named first");
}
