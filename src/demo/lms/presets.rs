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
        sentence: "Classes continue. The tool keeps every grade, tries again later, and tells the teacher that the \
                   gradebook isn’t responding. Nothing is lost.",
        turn: |now| (now.services_down, now.keys_down) = (true, true),
    },
    Preset {
        name: "lms-slow",
        label: "LMS slow (5 s)",
        sentence: "Nobody in class has to wait: grades arrive a few seconds later, a few at a time.",
        turn: |now| now.delay = Duration::from_secs(5),
    },
    Preset {
        name: "tokens-refused",
        label: "Access tokens refused",
        sentence: "The tool keeps the grades and tries again. The teacher reads that the LMS refuses access to its \
                   gradebook.",
        turn: |now| now.token_refused = true,
    },
    Preset {
        name: "grades-locked",
        label: "Every grade locked",
        sentence: "The LMS refuses each grade. The teacher sees whose and why, and can send it again once it’s \
                   unlocked.",
        turn: |now| now.grades_locked = true,
    },
    Preset {
        name: "clock-ahead",
        label: "LMS clock 5 minutes ahead",
        sentence: "New launches are refused, on a page that names the clocks. Waiting grades are kept, and the tool \
                   goes by the LMS’s own time there.",
        turn: |now| now.clock_offset = 300,
    },
    Preset {
        name: "clock-behind",
        label: "LMS clock 5 minutes behind",
        sentence: "New launches are refused, on a page that names the clocks. Waiting grades are kept, and the tool \
                   goes by the LMS’s own time there.",
        turn: |now| now.clock_offset = -300,
    },
    Preset {
        name: "healthy",
        label: "Everything healthy",
        sentence: "All switches are reset. The tool delivers what it kept, automatically.",
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
