# The comment that goes to the gradebook with a mark.
score-comment = { $minutes } of { $target } minutes

# What time in class is worth.
marks-title = Grades
marks-rule = { $form ->
    [one] Full grade (100): { $target } minute in class, in total
   *[other] Full grade (100): { $target } minutes in class, in total
  }
marks-rule-when = Grades go to the gradebook when a learner leaves.
marks-change = Change
marks-change-what = Change the grade settings
marks-open-settings = Open settings
marks-none = No learner has been in class yet. Grades appear here as learners join.

# Why marks do not go to the gradebook.
marks-off-title = Grades aren’t sent
marks-off-meaning = Sending is turned off in this class’s settings. Grades appear here only.
marks-looking = Looking for this activity’s grade column…
marks-not-graded-title = Nothing is sent: this activity isn’t graded in the LMS
marks-not-graded-meaning = Its gradebook has no column for the activity, so grades appear here only.
marks-not-graded-action = To send them, turn on grading in the activity’s settings in the LMS, then open the activity again.
marks-not-graded-make = Or let us create a column: choose that in this class’s settings.
marks-not-offered-title = Nothing is sent: we have no access to the gradebook
marks-not-offered-meaning = The LMS doesn’t give us access to the gradebook for this activity, so grades appear here only.
marks-not-offered-action = To send grades, ask your administrator to allow “Assignment and Grade Services” for this tool, then open the activity again.

# The gradebook does not work for the moment.
marks-trouble-unreachable = The LMS’s gradebook isn’t responding
marks-trouble-error = The LMS’s gradebook returned an error
marks-trouble-busy = The LMS’s gradebook asked us to wait
marks-trouble-garbled = The LMS’s gradebook sent an unreadable response
marks-trouble-token-refused = The LMS refuses access to its gradebook
marks-trouble-meaning = Nothing is lost: grades wait here and we keep trying. You don’t need to do anything. If it lasts more than a day, give your administrator the code below.
marks-trouble-denied = Nothing is lost: grades wait here and we keep trying. Give your administrator the code below. Once access is allowed again, grades are sent automatically.
marks-since = Since
marks-next = Next try:
marks-now = Trying right now…

# The list.
marks-learner = Learner
marks-mark = Grade
marks-in-gradebook = Gradebook
# What was sent, and what the gradebook shows now.
marks-sent-what = Sent: { $mark }
marks-shown-what = Shows: { $mark }
marks-shown-nothing = Shows no grade
marks-note = Explanation
marks-nothing = nothing yet
marks-state-in-class = In class
marks-state-waiting = Waiting
marks-state-sent = Sent
marks-state-refused = Refused
marks-state-not-sent = Not sent
marks-state-too-short = Not sent
marks-count-in-class = { $form ->
    [one] { $count } in class
   *[other] { $count } in class
  }
marks-count-waiting = { $form ->
    [one] { $count } waiting
   *[other] { $count } waiting
  }
marks-count-sent = { $form ->
    [one] { $count } sent
   *[other] { $count } sent
  }
marks-count-refused = { $form ->
    [one] { $count } refused
   *[other] { $count } refused
  }

# Why a mark is not there, and what to do.
marks-waits-for-gradebook = Will be sent once the gradebook is available.
marks-waits-for-retry = The gradebook hasn’t accepted it yet. We keep trying.
marks-reason-not-a-learner = The gradebook has no such learner. The person may no longer be enrolled as a student, or may teach in the course. If that’s wrong, enrol the person, then send again.
marks-reason-no-gradable-role = This person’s role in the course doesn’t get grades. If it should, give the person a role that does in the LMS, then send again.
marks-reason-grade-locked = The grade is locked, or the gradebook is closed. Unlock it in the LMS if this grade should go there.
marks-reason-column-gone = The grade column was deleted. Turn grading on again in the activity’s settings in the LMS, then open the activity again.
marks-reason-not-allowed = The LMS doesn’t let us write grades here. Give your administrator the code.
marks-reason-superseded = The gradebook has a newer grade, perhaps set by a teacher. We left it unchanged. Use Send again to replace it.
marks-superseded-shown = The gradebook has a newer grade: { $shown }, perhaps set by a teacher. We left it unchanged. Use Send again to replace it.
marks-changed-there = The gradebook shows { $shown } instead of what we sent, perhaps because a teacher changed it. We leave it unchanged.
marks-emptied-there = The gradebook accepted this grade but shows none, perhaps because a teacher removed or hid it.
marks-too-short = Less than a minute in class, so no grade is sent. You can change that in the settings.
marks-reason-attempts-used-up = The learner has no attempts left in this activity. Allow more attempts in the LMS, then send again.
marks-reason-rejected = The LMS didn’t accept the grade and didn’t say why. Send again. If that doesn’t help, give your administrator the code.
marks-reason-gave-up = The gradebook didn’t respond for 7 days, so we stopped trying. Send again once it works.

# Sending again.
marks-send-again = Send again
marks-send-all = Resend all
marks-sending = Sending…
marks-on-its-way = being sent
marks-send-failed = Nothing was sent: we couldn’t be reached. Check your connection and try again.

# The learner's own way to the full mark.
mine-target = { $form ->
    [one] { $minutes } of { $target } minute for the full grade
   *[other] { $minutes } of { $target } minutes for the full grade
  }
mine-full = { $form ->
    [one] Full grade reached: { $target } of { $target } minute.
   *[other] Full grade reached: { $target } of { $target } minutes.
  }
