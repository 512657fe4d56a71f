# The comment that goes to the gradebook with a mark.
score-comment = { $minutes } of { $target } minutes

# What time in class is worth.
marks-title = Marks
marks-rule = { $form ->
    [one] { $target } minute in class is the full mark (100).
   *[other] { $target } minutes in class are the full mark (100).
  }
marks-rule-when = Marks go to the gradebook when a learner leaves.
marks-change = Change
marks-change-what = Change the settings for marks
marks-open-settings = Open the settings
marks-none = No learner has been in class yet. As soon as one joins, you see the mark here.

# Why marks do not go to the gradebook.
marks-off-title = Marks are not sent
marks-off-meaning = Sending is switched off in the settings of this class. Marks are shown here only.
marks-looking = We are asking the learning platform for the grade column of this activity. That takes a few seconds.
marks-not-graded-title = Nothing is sent: the learning platform does not grade this activity
marks-not-graded-meaning = Its gradebook has no column for the activity, so marks are shown here only.
marks-not-graded-action = To send them, switch grading on in the activity’s settings in the learning platform. Then open the activity again.
marks-not-graded-make = Or let us make a column: choose that in the settings of this class.
marks-not-offered-title = Nothing is sent: we have no access to the gradebook
marks-not-offered-meaning = The learning platform does not open its gradebook to us for this activity, so marks are shown here only.
marks-not-offered-action = If marks should go there, ask your administrator to allow “Assignment and Grade Services” for this tool. Then open the activity again.

# The gradebook does not work for the moment.
marks-trouble-unreachable = The learning platform’s gradebook does not answer
marks-trouble-error = The learning platform’s gradebook answers with an error
marks-trouble-busy = The learning platform’s gradebook asks us to wait
marks-trouble-garbled = The learning platform’s gradebook answers something that we cannot read
marks-trouble-token-refused = The learning platform does not let us into its gradebook
marks-trouble-meaning = Nothing is lost: marks wait here, and we keep trying. There is nothing that you need to do. If it lasts longer than a day, tell your administrator the code below.
marks-trouble-denied = Nothing is lost: marks wait here, and we keep trying. Please tell your administrator the code below. When access is allowed again, the marks go out by themselves.
marks-since = Since
marks-next = Next try:
marks-now = We are trying right now.

# The list.
marks-learner = Learner
marks-mark = Mark
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
marks-waits-for-gradebook = Goes out as soon as the gradebook works again.
marks-waits-for-retry = The gradebook has not taken it yet. We keep trying.
marks-reason-not-a-learner = The gradebook has no such learner. Perhaps the person is no longer enrolled as a student, or teaches in the course. If that is wrong, enrol the person, then send again.
marks-reason-no-gradable-role = This person’s role in the course doesn’t get grades. If it should, give the person a role that does in the learning platform, then send again.
marks-reason-grade-locked = The grade is locked, or the gradebook is closed. Open it in the learning platform if this mark should go there.
marks-reason-column-gone = The grade column was deleted. Switch grading on again in the activity’s settings in the learning platform, then open the activity again.
marks-reason-not-allowed = The learning platform does not let us write marks here. Please tell your administrator the code.
marks-reason-superseded = The gradebook holds a newer mark. Perhaps a teacher gave it there. It stays, and ours was not written. To put ours there, send again.
marks-superseded-shown = The gradebook has a newer grade: { $shown }, perhaps set by a teacher. We left it unchanged. To replace it with ours, send again.
marks-changed-there = The gradebook shows { $shown } instead of what we sent, perhaps because a teacher changed it there. We leave it unchanged.
marks-emptied-there = The gradebook took this mark but shows no grade, perhaps because a teacher removed or hid it there.
marks-too-short = Less than a minute in class, so no grade is sent. You can change that in the settings.
marks-reason-attempts-used-up = The learner has no attempts left in this activity. Allow more attempts in the learning platform, then send again.
marks-reason-rejected = The learning platform did not take the mark and did not say why. Send again. If that does not help, tell your administrator the code.
marks-reason-gave-up = The gradebook did not answer for 7 days, so we stopped trying. Send again when it works.

# Sending again.
marks-send-again = Send again
marks-send-all = Send all again
marks-sending = Sending…
marks-on-its-way = on its way
marks-send-failed = Nothing was sent, because we could not be reached. Check your connection and try again.

# The learner's own way to the full mark.
mine-target = { $form ->
    [one] { $minutes } of { $target } minute for the full mark
   *[other] { $minutes } of { $target } minutes for the full mark
  }
mine-full = { $form ->
    [one] Full mark reached: { $target } of { $target } minute.
   *[other] Full mark reached: { $target } of { $target } minutes.
  }
