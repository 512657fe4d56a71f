# The course's list of participants, as the learning platform tells it.
roster-learners = { $form ->
    [one] The course has { $count } learner.
   *[other] The course has { $count } learners.
  }
roster-learners-group = { $form ->
    [one] { $count } learner of this group is known so far: people count once they’ve opened the class.
   *[other] { $count } learners of this group are known so far: people count once they’ve opened the class.
  }
roster-as-of = Participants updated
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
roster-cut = The list is too long to read in full, so some learners may be missing here.
roster-reading = Loading participants…
roster-not-offered = The LMS doesn’t share its list of participants, so you can’t see here who was absent. If you need that, ask your administrator to allow “Names and Role Provisioning Services” for this tool, then open the activity again.

# Who was not in class; while it runs, who is not there yet.
roster-absent = { $form ->
    [one] { $count } absent
   *[other] { $count } absent
  }
roster-absent-none = Everyone in the course was here.
roster-absent-none-group = Everyone known in this group was here.
roster-awaited = { $form ->
    [one] { $count } not here yet
   *[other] { $count } not here yet
  }
roster-awaited-none = Everyone in the course has been here.
roster-awaited-none-group = Everyone known in this group has been here.
roster-more = { $form ->
    [one] and { $count } more
   *[other] and { $count } more
  }
roster-nameless = { $form ->
    [one] { $count } of them without a name: the LMS doesn’t share it.
   *[other] { $count } of them without a name: the LMS doesn’t share it.
  }

# The list cannot be read for the moment.
roster-trouble-unreachable = The LMS isn’t responding when we ask who’s in the course
roster-trouble-error = The LMS returned an error when we asked who’s in the course
roster-trouble-busy = The LMS asked us to wait before reading who’s in the course
roster-trouble-garbled = The LMS sent an unreadable list of participants
roster-trouble-token-refused = The LMS doesn’t let us see who’s in the course
roster-trouble-old = So the list isn’t up to date: people who joined the course since then are missing.
roster-trouble-none = So you can’t see here who was absent. Attendance and grades are counted as usual.
roster-trouble-denied = Give your administrator the code below.
