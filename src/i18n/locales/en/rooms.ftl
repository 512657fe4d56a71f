# The activity's page.
room-page = Class
room-join-section = Join the class
room-greeting = Good to see you,
room-join = Join the class
room-opening = Opening…
room-hint-new-window = The class opens in a new window. This page stays open.
room-hint-here = The class opens on this page.
room-notice-frame = This page of the learning platform does not let the class use your camera and microphone, so the class opens in a new window.
room-notice-screen = The class opens in a new window so that you can share your screen. This page of the learning platform does not allow that here.
room-opened = The class is open in the other window.
room-nothing-opened = Did nothing open? Allow pop-up windows for this site in your browser, then join again.
room-join-here = Or open the class on this page

# Who you are in the class, and why.
role-moderator = Moderator
role-participant = Participant
role-observer = Observer
role-moderator-because = Moderator, because { $reason }
role-participant-because = Participant, because { $reason }
role-observer-because = Observer, because { $reason }
reason-course-role = you are { $role } in this course
reason-sub-role = you are { $role } ({ $sub }) in this course
reason-system-admin = you administer the whole learning platform
reason-rule = the administrator of this service decided so about the role { $role }
room-administer = Check the connection
room-administer-hint = For administrators of the learning platform: launches and a test, in a new window.
reason-test-user = this is the platform’s student preview
reason-no-course-role = your roles outside this course do not count here
reason-no-role = the learning platform named no role for you
reason-unknown-role = the learning platform named only roles that we do not know
reason-learner-instructor = “{ $role }” marks a learner who helps to teach

role-name-Administrator = Administrator
role-name-ContentDeveloper = Content developer
role-name-Instructor = Instructor
role-name-Learner = Learner
role-name-Mentor = Mentor
role-name-Manager = Manager
role-name-Member = Member
role-name-Officer = Officer
role-name-TeachingAssistant = Teaching assistant
role-name-PrimaryInstructor = Primary instructor
role-name-SecondaryInstructor = Secondary instructor
role-name-Lecturer = Lecturer
role-name-GuestInstructor = Guest instructor
role-name-ExternalInstructor = External instructor
role-name-Grader = Grader
role-name-NonCreditLearner = Non-credit learner
role-name-GuestLearner = Guest learner
role-name-ExternalLearner = External learner
role-name-Observer = Observer
role-name-Auditor = Auditor
role-name-Advisor = Advisor
role-name-Tutor = Tutor
role-name-Reviewer = Reviewer
role-name-LearningFacilitator = Learning facilitator

# Camera and microphone.
devices-denied-title = Your camera or microphone is blocked for this site.
devices-denied-how = To allow it, choose the icon beside the address at the top of the browser, then Camera and Microphone, then Allow. You can also join without them and only watch and listen.

# The class.
meeting-page = In class
meeting-bar = Class bar
meeting-to-bar = Back to the class bar
meeting-frame-title = Video class
meeting-leave = Leave
meeting-status-checking = Checking your camera and microphone…
meeting-status-blocked = You have not joined yet.
meeting-status-loading = Opening the class…
meeting-status-slow = This takes longer than usual. Still trying…
meeting-status-waiting = Almost there: choose your camera and microphone, then join.
meeting-status-lobby = You are in the waiting room. A moderator will let you in.
meeting-status-host = The class has not started. You will enter when a moderator arrives.
meeting-status-joined = You are in the class.
meeting-status-moderator = You are a moderator now.
meeting-status-left = You left the class.
meeting-status-error = The class could not go on.
meeting-help-sound = No sound, or nobody hears you? Choose the arrow beside the microphone and pick another device.
meeting-help-camera = No picture? Close other programs that use the camera, then switch it off and on again.
meeting-help-reload = Something is stuck? Leave and join again: you can come back at once.
meeting-help-window = Is something missing, such as screen sharing?

meeting-do-back = Back to the activity
meeting-do-window = Open in a new window
meeting-do-anyway = Join anyway
meeting-do-retry = Try again
meeting-do-again = Join again

meeting-devices-frame-title = Your camera and microphone cannot be used here
meeting-devices-frame-meaning = This page of the learning platform does not let the class use them. In a window of its own, the class can.
meeting-devices-frame-action = Go back to the activity and join from there: the class then opens in a new window. If you join anyway, you can only watch and listen.
meeting-devices-denied-title = Your camera or microphone is blocked
meeting-devices-denied-meaning = Your browser was told not to let this site use them. The others would not see or hear you.
meeting-devices-denied-action = Choose the icon beside the address at the top of the browser, allow Camera and Microphone, then try again. If you join anyway, you can watch, listen and write in the chat.
meeting-devices-insecure-title = This address is not secure
meeting-devices-insecure-meaning = Browsers give the camera and microphone only to addresses that start with https. So the class cannot start here.
meeting-devices-insecure-action = Tell your administrator that this service has to be opened with https.
meeting-jitsi-unreachable-title = The video server does not answer
meeting-jitsi-unreachable-meaning = Your course and your role are fine, but the Jitsi server did not open the class. It may be restarting, or your network may block it.
meeting-jitsi-unreachable-action = Wait a minute and try again. If it still fails, try another network, or tell your administrator the code below.
meeting-jitsi-refused-token-title = The video server did not accept your pass
meeting-jitsi-refused-token-meaning = A pass is valid for a few minutes only. Perhaps this page was open for longer than that.
meeting-jitsi-refused-token-action = Join again with a new pass. If it is refused again, tell your administrator the code below: the video server may be set up with another key, or its clock may be wrong.
meeting-connection-lost-title = The connection was lost
meeting-connection-lost-meaning = Your device and the video server no longer reach each other. The class goes on without you.
meeting-connection-lost-action = Check your network, then join again.
meeting-room-full-title = The class is full
meeting-room-full-meaning = The video server admits no more people to this room.
meeting-room-full-action = Try again when somebody has left, or tell your teacher.
meeting-entry-denied-title = You were not let in
meeting-entry-denied-meaning = A moderator declined, or this room does not admit you.
meeting-entry-denied-action = If you think that it was a mistake, tell your teacher and try again.
meeting-left-title = You left the class
meeting-left-meaning = Your camera and microphone are off. You can join again while the class goes on.
meeting-left-removed = A moderator removed you from the class. Your camera and microphone are off.
meeting-left-ended = The class was ended for everyone. Your camera and microphone are off.
meeting-noscript-title = The class needs JavaScript
meeting-noscript-action = Allow JavaScript for this site in your browser, then reload this page.

# Where the learning platform gave no name.
room-untitled = Class
person-unnamed = Guest of the class
reason-anonymous = the learning platform does not tell who you are
