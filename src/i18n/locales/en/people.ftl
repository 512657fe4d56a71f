# Sessions and people.
admin-nav-sessions = Sessions
admin-sessions-own = Your sessions
admin-sessions-meaning = A session lasts eight hours. End those you no longer use or don’t recognise.
admin-sessions-others = Other administrators
admin-sessions-end-others = End all sessions but this one
admin-session-this = this one
admin-session-who = Administrator
admin-session-began = Signed in
admin-session-seen = Last used
admin-session-end = End
audit-session-end = Ended a session
admin-end-sessions = End all sessions
admin-end-sessions-help = Everyone from this platform has to reopen their activity. Attendance of people in class stops counting until they rejoin.
admin-notice-ended = All sessions have ended.
audit-platform-end-sessions = Ended all sessions of a platform
admin-people = People
admin-people-search = Search by name or LMS user ID
admin-people-found = { $count ->
    [one] 1 person
   *[other] { $count } people
}
admin-people-more = There are more. Narrow your search.
admin-people-none = Nobody found.
admin-person-sub = LMS user ID
admin-person-blocked = blocked
admin-person-access = Access
admin-person-access-meaning = A blocked person can’t open any class, and their attendance stops counting at once. Someone who is in a video call stays there until a moderator removes them or their access to the call expires.
admin-person-block = Block
admin-person-unblock = Unblock
admin-person-end-sessions = End their sessions
admin-person-control-own = You can’t block yourself.
admin-person-control-shared = This person also belongs to other deployments. Ask the operator of this service to block them.
admin-person-sessions-from = Sessions ended
admin-person-notice-blocked = Blocked. Their sessions have ended.
admin-person-notice-unblocked = Unblocked. They can open their activities again.
admin-person-notice-ended = Their sessions have ended.
admin-person-stored = What is stored
admin-person-since = First launch
admin-person-locale = Language
admin-person-picture = Address of a picture
admin-person-has = stored
admin-person-has-not = not stored
admin-person-intervals = Times in class
admin-person-scores = Grades
admin-person-courses = { $count ->
    [one] 1 course
   *[other] { $count } courses
}
audit-person-block = Blocked a person
audit-person-unblock = Unblocked a person
audit-person-end-sessions = Ended a person’s sessions
