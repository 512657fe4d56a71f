# A teacher chooses classes for a course.
picker-title = Add classes to the course
picker-class = A new class
picker-class-number = New class { $number }
picker-name = Title
picker-text = Description
picker-optional = (optional)
picker-begins = Begins
picker-ends = Ends
picker-graded = Grade attendance
picker-graded-help = Adds a grade column to the LMS. Minutes in class become the grade.
picker-ungraded = { $platform } doesn’t take a grade column here. You can have one created later, in the class’s settings.
picker-more = Add another class
picker-less = Remove
picker-less-what = Remove new class { $number }
picker-new-only = New class
picker-rooms = Classes of this course
picker-rooms-several = Select an existing class to link to its room again.
picker-rooms-one = Or select an existing class to link to its room again.
picker-room-unused = Not opened yet
picker-room-used =
    { $form ->
        [one] Opened by { $count } activity
       *[other] Opened by { $count } activities
    }
picker-add = Add to the course
picker-cancel = Cancel
picker-back = Back to { $platform }
picker-problem-values = Nothing was added: a value isn’t right
picker-problem-nothing = Enter a title for a new class, or select an existing one.
picker-problem-several = Only one class can be added here.
picker-wrong-title = Enter a title of up to 200 characters.
picker-title-missing = Enter a title.
picker-wrong-begins = Enter a date and a time.
picker-wrong-ends = Enter a date and a time after the beginning.
picker-added-one = One class was added.
picker-added-other = { $count } classes were added.
picker-no-links-title = Classes can’t be added here
picker-no-links-meaning = This place in { $platform } takes files or text, not activities. Add the class where you add activities or external tools.
picker-no-links-told = Add the class where the LMS lets you add activities.
picked-title = Returning to the course…

# When a class was planned for.
schedule-both = Scheduled:

# A room for each group.
groups-title = Choose a room
groups-lead = Each group has its own room, and its members go there automatically. You can enter every room.
groups-own = You’re in several groups. Each has its own room.
groups-next = Your choice opens the room’s page. You join the call from there.
groups-whole = The whole course
groups-whole-for = For everyone in no group, and for meeting all together
groups-here = You’re here
groups-nobody = No members known yet. They appear when they open the activity.
groups-members-count = { $count ->
    [one] { $count } person
   *[other] { $count } people
  }
groups-members-more = { $count ->
    [one] { $names } and { $count } more
   *[other] { $names } and { $count } more
  }
groups-other = Group rooms
groups-none = No groups yet. They appear once the LMS shares them or a member joins.
group-unnamed = Group { $number }
groups-trouble-meaning = The groups we knew before are below.
groups-trouble-unreachable = The LMS’s list of groups isn’t responding.
groups-trouble-error = The LMS’s list of groups returned an error.
groups-trouble-busy = The LMS asked us to wait before reading its groups.
groups-trouble-token-refused = The LMS doesn’t let us see its groups.
groups-trouble-garbled = The LMS sent an unreadable list of groups.

# An activity that was copied from another course.
copy-title = Which room should this copied activity use?
copy-meaning = It was copied from another course and has a new room until you decide.
copy-meaning-named = It was copied from “{ $course }” and has a new room until you decide.
copy-meaning-here = It was duplicated in this course and has a new room until you decide.
copy-own = A new room
copy-own-help = With the same settings. Nobody from the other course is there.
copy-own-help-here = With the same settings. The other activity keeps its room and attendance list.
copy-shared = Share the original course’s room
copy-shared-here = Share the other activity’s room
copy-shared-help = Both courses meet in one room with the same settings. Attendance lists and grades stay separate.
copy-shared-help-here = Both activities meet in one room, with the same settings and one attendance list. Minutes count for the activity a learner opened.
copy-alone = Only somebody who teaches in both courses can share the other course’s room.
copy-decided = Done. This is the activity’s room from now on.
copy-change = Change it in the settings
copy-setting = Room of this copied activity
copy-is-own = It has its own room.
copy-is-shared = It shares the room of the course it was copied from.
copy-is-shared-here = It shares the room of the activity it was duplicated from.
copy-is-shared-named = It shares the room of “{ $course }”.

# One learner, as a platform’s gradebook opens it.
learner-everybody = Everyone’s attendance
learner-none = Has not attended yet.
learner-minutes =
    { $form ->
        [one] { $count } minute in this class.
       *[other] { $count } minutes in this class.
    }
learner-grade = That’s a grade of { $grade } out of 100, with { $target } minutes for the full grade.
learner-class = Class
