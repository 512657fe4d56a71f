//! Whole situations for one click on the "Break it" page.

use std::time::Duration;

use super::behaviour::{Behaviour, Switches};

/// A situation.
pub(super) struct Preset {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// What the tool does in it.
    pub(super) sentence: &'static str,
    turn: fn(&mut Switches),
}

/// Every situation, the healthy one last.
pub(super) static PRESETS: [Preset; 7] = [
    Preset {
        name: "lms-down",
        label: "LMS down",
        sentence: "Classes go on. The tool keeps every mark, tries again later, and tells the teacher that the \
                   gradebook does not answer; nothing is lost.",
        turn: |now| (now.services_down, now.keys_down) = (true, true),
    },
    Preset {
        name: "lms-slow",
        label: "LMS slow (5 s)",
        sentence: "Nobody waits in class: marks arrive a few seconds later, a few at a time.",
        turn: |now| now.delay = Duration::from_secs(5),
    },
    Preset {
        name: "tokens-refused",
        label: "Access tokens refused",
        sentence: "The tool keeps the marks and tries again; the teacher reads that the LMS does not let the tool \
                   into the gradebook.",
        turn: |now| now.token_refused = true,
    },
    Preset {
        name: "grades-locked",
        label: "Every grade locked",
        sentence: "The LMS refuses each mark; the teacher sees whose and why, and it goes out once the lock is \
                   gone.",
        turn: |now| now.grades_locked = true,
    },
    Preset {
        name: "clock-ahead",
        label: "LMS clock 5 minutes ahead",
        sentence: "New launches are refused with a page that speaks of the clocks; marks that wait are kept, and \
                   the tool goes by the time that the LMS itself tells.",
        turn: |now| now.clock_offset = 300,
    },
    Preset {
        name: "clock-behind",
        label: "LMS clock 5 minutes behind",
        sentence: "New launches are refused with a page that speaks of the clocks; marks that wait are kept, and \
                   the tool goes by the time that the LMS itself tells.",
        turn: |now| now.clock_offset = -300,
    },
    Preset {
        name: "healthy",
        label: "Everything healthy",
        sentence: "All switches go back; the tool delivers what it kept, without anybody's doing.",
        turn: |_| {},
    },
];

impl Behaviour {
    /// Sets up a situation; whatever else was switched goes back, the family with the healthy one alone.
    pub(super) fn arrange(&self, preset: &Preset) {
        let family = self.get().family;
        self.reset();
        self.set(|now| {
            if preset.name != "healthy" {
                now.family = family;
            }
            (preset.turn)(now);
        });
    }
}

/// Returns the situation of that name.
pub(super) fn named(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_situation_replaces_the_one_before_and_keeps_the_family() {
        let switches = Behaviour::default();
        switches.set(|now| now.family = "canvas".to_owned());
        for preset in &PRESETS[..6] {
            switches.arrange(preset);
            let mut expected = Switches { family: "canvas".to_owned(), ..Switches::default() };
            assert_ne!(switches.get(), expected, "{}", preset.name);
            (preset.turn)(&mut expected);
            assert_eq!(switches.get(), expected, "{}", preset.name);
        }
        switches.arrange(named("healthy").unwrap());
        assert_eq!(switches.get(), Switches::default());
    }
}
