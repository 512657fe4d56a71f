//! What somebody comes to the LMS for, and with which tool.

/// Somebody opening an activity, or what else a launch is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The person's id.
    pub person: String,
    /// The activity's id; empty if the launch is for the course.
    pub activity: String,
    /// What the launch is for.
    pub message: VisitMessage,
    /// The client id of the tool to choose with; `None` is the first. An activity opens its own.
    pub tool: Option<String>,
    /// The language the launch names.
    pub locale: String,
    /// `iframe` or `window`.
    pub document_target: String,
    /// Whether nobody real is behind it: it is left out of message log and tour.
    pub is_simulated: bool,
}

/// What a launch is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitMessage {
    /// To open the activity.
    ResourceLink,
    /// To choose what comes into a course.
    DeepLinking {
        /// The course's id.
        course: String,
    },
    /// To see what a learner did in the activity.
    SubmissionReview {
        /// The learner's id.
        learner: String,
    },
}

impl Visit {
    /// Returns the visit of a person who opens an activity in the course page's frame, in English.
    pub fn new(person: &str, activity: &str) -> Self {
        Self {
            person: person.to_owned(),
            activity: activity.to_owned(),
            message: VisitMessage::ResourceLink,
            tool: None,
            locale: "en".to_owned(),
            document_target: "iframe".to_owned(),
            is_simulated: false,
        }
    }

    /// Marks it as one with nobody real behind it.
    #[must_use]
    pub fn simulated(mut self) -> Self {
        self.is_simulated = true;
        self
    }

    /// Returns the visit of a person who is about to add something to a course.
    pub fn picking(person: &str, course: &str) -> Self {
        let message = VisitMessage::DeepLinking { course: course.to_owned() };
        Self { message, ..Self::new(person, "") }
    }

    /// Opens the tool with that client id instead.
    #[must_use]
    pub fn with(mut self, client_id: &str) -> Self {
        self.tool = Some(client_id.to_owned());
        self
    }

    /// Returns the visit of a person who reviews what a learner did in an activity.
    pub fn reviewing(person: &str, activity: &str, learner: &str) -> Self {
        let message = VisitMessage::SubmissionReview { learner: learner.to_owned() };
        Self { message, ..Self::new(person, activity) }
    }
}
