//! Clocks that differ: id_tokens live 60 seconds, as Moodle's do, and the tool allows for two minutes.

use crate::support::{Backend, TestTool, on_both};

on_both!(clocks_may_differ_by_the_leeway);

async fn clocks_may_differ_by_the_leeway(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let rows = [
        (0, "enters"),
        (60, "enters"),
        (120, "enters"),
        (121, "401 token-too-early"),
        (-60, "enters"),
        (-120, "enters"),
        // The token's own minute comes on top.
        (-179, "enters"),
        (-181, "401 token-expired"),
    ];
    for (offset, expected) in rows {
        tool.lms.behaviour().set(|now| now.clock_offset = offset);
        assert_eq!(tool.browser().launches("ana", "1").await.outcome(), expected, "{offset} s");
    }
    // A token that lives long is refused when it was issued long ago.
    for (offset, expected) in [(-710, "enters"), (-730, "401 token-too-old")] {
        tool.lms.behaviour().set(|now| (now.clock_offset, now.id_token_seconds) = (offset, 3600));
        assert_eq!(tool.browser().launches("ana", "1").await.outcome(), expected, "{offset} s");
    }
}
