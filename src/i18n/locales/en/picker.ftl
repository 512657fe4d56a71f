# A teacher chooses classes for a course.
picker-title = Add classes to the course
picker-class = A new class
picker-class-number = New class { $number }
picker-name = Title
picker-text = Description
picker-optional = (optional)
picker-begins = Begins
picker-ends = Ends
picker-graded = Attendance counts as a mark
picker-graded-help = The learning platform gets a grade column for it. Minutes in class become the mark.
picker-ungraded = { $platform } takes no grade column here. You can have one made later, in the class’s settings.
picker-more = Another new class
picker-less = Remove
picker-less-what = Remove new class { $number }
picker-new-only = Make a new class
picker-rooms = Classes of this course
picker-rooms-several = Tick a class to add another way into the same room.
picker-rooms-one = Choose a class to add another way into the same room instead.
picker-room-unused = Not opened yet
picker-room-used =
    { $form ->
        [one] Opened by { $count } activity
       *[other] Opened by { $count } activities
    }
picker-add = Add to the course
picker-cancel = Cancel
picker-back = Back to { $platform }
picker-problem-values = Nothing was added: a value is not right
picker-problem-nothing = Enter a title for a new class, or choose a class of this course.
picker-problem-several = This place in the course takes one class only.
picker-wrong-title = Enter a title of at most 200 characters.
picker-wrong-begins = Enter a date and a time.
picker-wrong-ends = Enter a date and a time after the beginning.
picker-added-one = One class was added.
picker-added-other = { $count } classes were added.
picker-no-links-title = No class can be added here
picker-no-links-meaning = This place in { $platform } takes files or texts, not activities. Add the class where activities or external tools are added.
picker-no-links-told = A class can be added only where the learning platform takes activities.
picked-title = Going back to the course …

# When a class was planned for.
schedule-both = Planned:
schedule-begins = Planned from
schedule-ends = Planned until

# A room for each group.
groups-title = Choose a room
groups-lead = Each group of this course has a room of its own.
groups-own = You are in several groups. Each has a room of its own.
groups-whole = The whole course
groups-other = Rooms of the groups
groups-none = No group of this course is known yet. Groups appear here when the learning platform tells them, at the latest when their first member comes.
group-unnamed = Group { $number }
groups-trouble-meaning = Below are the groups that were known before.
groups-trouble-unreachable = The learning platform’s list of groups gives no answer.
groups-trouble-error = The learning platform’s list of groups answers with an error.
groups-trouble-busy = The learning platform asks us to wait before it tells its groups.
groups-trouble-token-refused = The learning platform does not let us see its groups.
groups-trouble-garbled = The learning platform’s list of groups cannot be read.

# An activity that was copied from another course.
copy-title = Which room shall this copied activity use?
copy-meaning = It was copied from another course, and has a new room until you decide.
copy-meaning-named = It was copied from “{ $course }”, and has a new room until you decide.
copy-meaning-here = It was duplicated in this course, and has a new room until you decide.
copy-own = A new room
copy-own-help = With the same settings. Nobody of the other course is there.
copy-own-help-here = With the same settings. The other activity keeps its room and its attendance list.
copy-shared = The same room as there
copy-shared-here = The other activity’s room
copy-shared-help = Both courses meet in one room, with one set of settings. Attendance lists and marks stay apart.
copy-shared-help-here = Both activities meet in one room, with one set of settings and one attendance list. Minutes count for the activity that a learner opened.
copy-alone = The room of the other course can be used only by somebody who teaches in both.
copy-decided = Done. This is the activity’s room from now on.
copy-change = Change it in the settings
copy-setting = Room of this copied activity
copy-is-own = It has a room of its own.
copy-is-shared = It uses the room of the course that it was copied from.
copy-is-shared-here = It uses the room of the activity that it was duplicated from.
copy-is-shared-named = It uses the room of “{ $course }”.

# One learner, as a platform’s gradebook opens it.
learner-everybody = Everybody’s attendance
learner-none = Was not in this class yet.
learner-minutes =
    { $form ->
        [one] { $count } minute in this class.
       *[other] { $count } minutes in this class.
    }
learner-mark = That is a mark of { $mark } of 100, with { $target } minutes for the full mark.
learner-class = Class
