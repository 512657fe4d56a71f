# In the class: whether the time spent there arrives.
presence-uncounted = Your time here isn’t being counted. Leave and open the activity again.
presence-unreachable = We can’t reach the service right now. Keep this page open: your time will be sent once the connection is back.

# On the activity's page: your own time.
attendance-mine = Your time in this class
attendance-mine-none = Your time counts from the moment you join.
attendance-mine-minutes = { $form ->
    [one] You’ve been in this class for { $count } minute so far.
   *[other] You’ve been in this class for { $count } minutes so far.
  }
attendance-mine-uncounted = You’re here as an observer, so your time doesn’t count as attendance.

# Who was there, for those who moderate.
attendance-title = Attendance
attendance-none = Nobody has joined yet. Attendance appears here as people join.
attendance-people = { $form ->
    [one] { $count } person
   *[other] { $count } people
  }
attendance-live = Live
attendance-length = The class lasted { $form ->
    [one] { $count } minute.
   *[other] { $count } minutes.
  }
attendance-length-live = Running for { $form ->
    [one] { $count } minute.
   *[other] { $count } minutes.
  }
attendance-ended = Last person left at
attendance-more = { $form ->
    [one] { $count } more person isn’t shown here.
   *[other] { $count } more people aren’t shown here.
  }
attendance-next = Show more
attendance-table = People in this class
attendance-name = Name
attendance-minutes = Minutes
attendance-first = First seen
attendance-last = Last seen
attendance-status = Status
attendance-here = In class
attendance-away = Left
attendance-zone = Times are shown in your time zone:
attendance-stale = Can’t update right now. Last updated at
