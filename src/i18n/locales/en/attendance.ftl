# In the class: whether the time spent there arrives.
presence-uncounted = Your time here is not being counted. Leave and open the activity again.
presence-unreachable = We can't reach the service right now. Keep this page open: your time is sent when the connection is back.

# On the activity's page: your own time.
attendance-mine = Your time in this class
attendance-mine-none = Your time counts from the moment you join the class.
attendance-mine-minutes = { $form ->
    [one] You have been in this class for { $count } minute so far.
   *[other] You have been in this class for { $count } minutes so far.
  }
attendance-mine-uncounted = You are here as an observer, so your time does not count as attendance.

# Who was there, for those who moderate.
attendance-title = Attendance
attendance-none = Nobody has been here yet. As soon as somebody joins, you see here who was there and for how long.
attendance-people = { $form ->
    [one] { $count } person
   *[other] { $count } people
  }
attendance-live = Live
attendance-length = The class lasted { $form ->
    [one] { $count } minute.
   *[other] { $count } minutes.
  }
attendance-length-live = The class has been going on for { $form ->
    [one] { $count } minute.
   *[other] { $count } minutes.
  }
attendance-ended = The last person left at
attendance-more = { $form ->
    [one] { $count } more person isn't shown here.
   *[other] { $count } more people aren't shown here.
  }
attendance-next = Show the next ones
attendance-table = People in this class
attendance-name = Name
attendance-minutes = Minutes
attendance-first = First seen
attendance-last = Last seen
attendance-status = Status
attendance-here = Here now
attendance-away = Not here now
attendance-zone = Times are shown in your time zone:
attendance-stale = The list cannot be updated for the moment. As of
