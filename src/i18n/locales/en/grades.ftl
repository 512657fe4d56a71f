# The comment that goes to the gradebook with a mark.
score-comment = { $minutes } of { $target } minutes

# What time in class is worth.
grades-title = Grades
grades-rule = { $form ->
    [one] Full grade (100): { $target } minute in class, in total.
   *[other] Full grade (100): { $target } minutes in class, in total.
  }
grades-rule-when = Grades go to the gradebook when a learner leaves.
grades-change = Change
grades-change-what = Change the grade settings
grades-open-settings = Open settings
grades-none = No learner has been in class yet. Grades appear here as learners join.

# Why marks do not go to the gradebook.
grades-off-title = Grades aren’t sent
grades-off-meaning = Sending is turned off in this class’s settings. Grades appear here only.
grades-looking = Looking for this activity’s grade column…
grades-not-graded-title = Nothing is sent: this activity isn’t graded in the LMS
grades-not-graded-meaning = Its gradebook has no column for the activity, so grades appear here only.
grades-not-graded-action = To send them, turn on grading in the activity’s settings in the LMS, then open the activity again.
grades-not-graded-make = Or let us create a column: choose that in this class’s settings.
grades-not-offered-title = Nothing is sent: we have no access to the gradebook
grades-not-offered-meaning = The LMS doesn’t give us access to the gradebook for this activity, so grades appear here only.
grades-not-offered-action = To send grades, ask your administrator to allow “Assignment and Grade Services” for this tool, then open the activity again.

# The gradebook does not work for the moment.
grades-trouble-unreachable = The LMS’s gradebook isn’t responding
grades-trouble-error = The LMS’s gradebook returned an error
grades-trouble-busy = The LMS’s gradebook asked us to wait
grades-trouble-garbled = The LMS’s gradebook sent an unreadable response
grades-trouble-token-refused = The LMS refuses access to its gradebook
grades-trouble-meaning = Nothing is lost: grades wait here and we keep trying. You don’t need to do anything. If it lasts more than a day, give your administrator the code below.
grades-trouble-denied = Nothing is lost: grades wait here and we keep trying. Give your administrator the code below. Once access is allowed again, grades are sent automatically.
grades-since = Since
grades-next = Next try:
grades-now = Trying right now…

# The list.
grades-learner = Learner
grades-grade = Grade
grades-in-gradebook = Gradebook
# What was sent, and what the gradebook shows now.
grades-sent-what = Sent: { $grade }
grades-shown-what = Shows: { $grade }
grades-shown-nothing = Shows no grade
grades-note = Explanation
grades-nothing = nothing yet
grades-state-in-class = In class
grades-state-waiting = Waiting
grades-state-sent = Sent
grades-state-refused = Refused
grades-state-not-sent = Not sent
grades-state-too-short = Not sent
grades-count-in-class = { $form ->
    [one] { $count } in class
   *[other] { $count } in class
  }
grades-count-waiting = { $form ->
    [one] { $count } waiting
   *[other] { $count } waiting
  }
grades-count-sent = { $form ->
    [one] { $count } sent
   *[other] { $count } sent
  }
grades-count-refused = { $form ->
    [one] { $count } refused
   *[other] { $count } refused
  }

# Why a mark is not there, and what to do.
grades-waits-for-gradebook = Will be sent once the gradebook is available.
grades-waits-for-retry = The gradebook hasn’t accepted it yet. We keep trying.
grades-reason-not-a-learner = The gradebook has no such learner. The person may no longer be enrolled as a student, or may teach in the course. If that’s wrong, enrol the person, then send again.
grades-reason-no-gradable-role = This person’s role in the course doesn’t get grades. If it should, give the person a role that does in the LMS, then send again.
grades-reason-grade-locked = The grade is locked, or the gradebook is closed. Unlock it in the LMS if this grade should go there.
grades-reason-line-item-gone = The grade column was deleted. Turn grading on again in the activity’s settings in the LMS, then open the activity again.
grades-reason-not-allowed = The LMS doesn’t let us write grades here. Give your administrator the code.
grades-reason-superseded = The gradebook has a newer grade, perhaps set by a teacher. We left it unchanged. Use Send again to replace it.
grades-superseded-shown = The gradebook has a newer grade: { $shown }, perhaps set by a teacher. We left it unchanged. Use Send again to replace it.
grades-changed-there = The gradebook shows { $shown } instead of what we sent, perhaps because a teacher changed it. We left it unchanged.
grades-emptied-there = The gradebook accepted this grade but shows none, perhaps because a teacher removed or hid it.
grades-too-short = Less than a minute in class, so no grade is sent. You can change that in the settings.
grades-reason-attempts-used-up = The learner has no attempts left in this activity. Allow more attempts in the LMS, then send again.
grades-reason-rejected = The LMS didn’t accept the grade and didn’t say why. Send again. If that doesn’t help, give your administrator the code.
grades-reason-gave-up = The gradebook didn’t respond for 7 days, so we stopped trying. Send again once it works.

# Sending again.
grades-send-again = Send again
grades-send-all = Resend all
grades-sending = Sending…
grades-on-its-way = being sent
grades-send-failed = Nothing was sent: we couldn’t be reached. Check your connection and try again.

# The learner's own way to the full mark.
mine-target = { $form ->
    [one] { $minutes } of { $target } minute for the full grade
   *[other] { $minutes } of { $target } minutes for the full grade
  }
mine-full = { $form ->
    [one] Full grade reached: { $target } of { $target } minute.
   *[other] Full grade reached: { $target } of { $target } minutes.
  }
