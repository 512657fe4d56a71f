# When a class takes place: its plan and its dates.
schedule-title = Dates
schedule-next = Next:
schedule-in-zone = Times are in the course’s time zone: { $zone }.
schedule-always-open = No dates are planned: the room is always open.
schedule-none-to-come = There are no more dates.
schedule-past = { $count ->
    [one] { $count } past date
   *[other] { $count } past dates
  }
schedule-kept = The class can be entered only at these times.
schedule-not-kept = The class can be entered at other times too.
schedule-saved = Dates saved.
schedule-not-saved = Not saved: a value isn’t right
schedule-overtaken-meaning = The dates above are the new ones. What you entered is below and has not been saved; saving again replaces them.
schedule-plan = Plan the dates
schedule-plan-anew = Change the plan
schedule-kind = When is the class?
schedule-kind-open = Always open
schedule-kind-one = Once
schedule-kind-series = A series
schedule-begins = Begins
schedule-ends = Ends
schedule-zone = Time zone
schedule-repeats = Repeats
schedule-daily = by days
schedule-weekly = by weeks
schedule-monthly = by months, on the same day
schedule-monthly-weekday = by months, on the same weekday
schedule-every = Every … days, weeks or months
schedule-days = Days of the week
schedule-days-help = None ticked: the day of the first date.
schedule-until = Ends
schedule-until-count = after this many dates:
schedule-until-day = on this day:
schedule-count = Number of dates
schedule-last-day = Last day
schedule-show = Show the dates
schedule-preview = { $count ->
    [one] This is the date. Nothing has been saved yet.
   *[other] These are the { $count } dates. Nothing has been saved yet.
  }
schedule-preview-open = The room will be always open. Nothing has been saved yet.
schedule-preview-removed = { $count ->
    [one] { $count } date planned so far goes away.
   *[other] { $count } dates planned so far go away.
  }
schedule-confirm = Save these dates
schedule-shift-title = Move all dates
schedule-shift-help = All dates still to come move by this many days and keep their times of day. A minus moves them earlier.
schedule-shift-days = Days
schedule-shift = Move them
schedule-take-title = Take over the dates of the original
schedule-take-help = { $count ->
    [one] This activity is a copy. The original has { $count } date; enter how many days later it is here.
   *[other] This activity is a copy. The original has { $count } dates; enter how many days later they are here.
  }
schedule-take = Take them over
schedule-wrong-kind = Choose when the class is.
schedule-wrong-zone = There is no such time zone. Write a city, such as Europe/Madrid.
schedule-wrong-begins = Enter a date and a time between 2000 and 2099.
schedule-wrong-ends = Enter when the first date ends.
schedule-wrong-order = The end has to be after the beginning.
schedule-wrong-length = A class lasts from 5 minutes to 24 hours.
schedule-wrong-past = That time has passed.
schedule-wrong-never = No date fits: the series ends before it begins.
schedule-wrong-too-many = That’s more than 400 dates. End the series earlier.
schedule-wrong-overlap = Two dates would overlap.
schedule-wrong-every = Enter a whole number from 1 to 52.
schedule-wrong-count = Enter a whole number from 1 to 400.
schedule-wrong-last-day = Enter the last day.
schedule-wrong-pattern = Choose how it repeats.
schedule-wrong-until = Choose when the series ends.
schedule-wrong-days = Enter a whole number of days, other than 0, up to ten years.
schedule-wrong-note = A note has up to 300 characters.
day-mon = Mon
day-tue = Tue
day-wed = Wed
day-thu = Thu
day-fri = Fri
day-sat = Sat
day-sun = Sun

# A single date.
date-title = Change a date
date-change = Change
date-change-of = Change the date { $date }
date-cancelled = Cancelled
date-now = Now
date-moved-from = Moved from
date-jumps = The clocks change that night and skip the planned time, so it begins later.
date-note = Note for everyone
date-cancel = Cancelled
date-cancel-help = People see that it doesn’t take place, and nobody can enter then.
date-scope = What changes?
date-scope-one = This date
date-scope-following = { $count ->
    [one] This date and those after it ({ $count })
   *[other] This date and those after it ({ $count })
  }
date-scope-all = { $count ->
    [one] All dates still to come ({ $count })
   *[other] All dates still to come ({ $count })
  }
date-overtaken-meaning = The date above is what they saved. What you entered is below and has not been saved; saving again replaces it.

# Calendars.
calendar-title = In your calendar
calendar-file = Download the dates (.ics)
calendar-google = Next date in Google Calendar
calendar-outlook = Next date in Outlook
calendar-feed = Subscribe
calendar-feed-help = This address shows the dates of all your classes and follows their changes. It’s yours alone: whoever has it sees them too.
calendar-reset = Take a new address
calendar-reset-help = The old address stops working in every calendar.
calendar-reset-done = This is your new address. The old one no longer works.
calendar-name = My classes
calendar-how = Open the activity in your course to join: { $course }
