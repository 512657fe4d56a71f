# The course's list of participants, as the learning platform tells it.
roster-learners = { $form ->
    [one] The course has { $count } learner.
   *[other] The course has { $count } learners.
  }
roster-learners-group = { $form ->
    [one] { $count } learner of this group is known so far: people count once they’ve opened the class.
   *[other] { $count } learners of this group are known so far: people count once they’ve opened the class.
  }
roster-as-of = List of participants as of
roster-age-now = just now
roster-age-minutes = { $form ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
  }
roster-age-hours = { $form ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
  }
roster-age-days = { $form ->
    [one] { $count } day ago
   *[other] { $count } days ago
  }
roster-cut = The list is longer than we can read, so some learners may be missing here.
roster-reading = We are asking the learning platform who is in the course. That takes a few seconds.
roster-not-offered = The learning platform does not share its list of participants, so you cannot see here who was absent. If you need that, ask your administrator to allow “Names and Role Provisioning Services” for this tool. Then open the activity again.

# Who was not in class; while it runs, who is not there yet.
roster-absent = { $form ->
    [one] { $count } absent
   *[other] { $count } absent
  }
roster-absent-none = Every learner of the course was here.
roster-absent-none-group = Everyone known in this group was here.
roster-awaited = { $form ->
    [one] { $count } not here yet
   *[other] { $count } not here yet
  }
roster-awaited-none = Every learner of the course has been here.
roster-awaited-none-group = Everyone known in this group has been here.
roster-more = { $form ->
    [one] and { $count } more
   *[other] and { $count } more
  }
roster-nameless = { $form ->
    [one] { $count } of them without a name: the learning platform does not tell it.
   *[other] { $count } of them without a name: the learning platform does not tell it.
  }

# The list cannot be read for the moment.
roster-trouble-unreachable = The learning platform does not answer when we ask who is in the course
roster-trouble-error = The learning platform answers with an error when we ask who is in the course
roster-trouble-busy = The learning platform asks us to wait before we read who is in the course
roster-trouble-garbled = The learning platform sends a list of participants that we cannot read
roster-trouble-token-refused = The learning platform does not let us read who is in the course
roster-trouble-old = So the list is not up to date: people who came to the course since then are missing.
roster-trouble-none = So you cannot see here who was absent. Attendance and marks are counted as usual.
roster-trouble-denied = Please tell your administrator the code below.
