# The course's list of participants, as the learning platform tells it.
participants-learners = { $form ->
    [one] The course has { $count } learner.
   *[other] The course has { $count } learners.
  }
participants-learners-group = { $form ->
    [one] { $count } learner of this group is known so far: people count once they’ve opened the class.
   *[other] { $count } learners of this group are known so far: people count once they’ve opened the class.
  }
participants-as-of = Participants updated
participants-age-now = just now
participants-age-minutes = { $form ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
  }
participants-age-hours = { $form ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
  }
participants-age-days = { $form ->
    [one] { $count } day ago
   *[other] { $count } days ago
  }
participants-cut = The list is too long to read in full, so some learners may be missing here.
participants-reading = Loading participants…
participants-not-offered = The LMS doesn’t share its list of participants, so you can’t see here who was absent. If you need that, ask your administrator to allow “Names and Role Provisioning Services” for this tool, then open the activity again.

# Who was not in class; while it runs, who is not there yet.
participants-absent = { $form ->
    [one] { $count } absent
   *[other] { $count } absent
  }
participants-absent-none = Everyone in the course was here.
participants-absent-none-group = Everyone known in this group was here.
participants-awaited = { $form ->
    [one] { $count } not here yet
   *[other] { $count } not here yet
  }
participants-awaited-none = Everyone in the course has been here.
participants-awaited-none-group = Everyone known in this group has been here.
participants-more = { $form ->
    [one] and { $count } more
   *[other] and { $count } more
  }
participants-nameless = { $form ->
    [one] { $count } of them without a name: the LMS doesn’t share it.
   *[other] { $count } of them without a name: the LMS doesn’t share it.
  }

# The list cannot be read for the moment.
participants-trouble-unreachable = The LMS isn’t responding when we ask who’s in the course
participants-trouble-error = The LMS returned an error when we asked who’s in the course
participants-trouble-busy = The LMS asked us to wait before reading who’s in the course
participants-trouble-garbled = The LMS sent an unreadable list of participants
participants-trouble-token-refused = The LMS doesn’t let us see who’s in the course
participants-trouble-old = So the list isn’t up to date: people who joined the course since then are missing.
participants-trouble-none = So you can’t see here who was absent. Attendance and grades are counted as usual.
participants-trouble-denied = Give your administrator the code below.
