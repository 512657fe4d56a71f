# The administrator's pages.
admin-title = Administration
admin-nav-home = Overview
admin-nav-platforms = Platforms
admin-nav-servers = Servers
admin-nav-settings = Class settings
admin-nav-jobs = Jobs
admin-nav-status = Status
admin-nav-audit = Audit log
admin-leave = Sign out
admin-back-home = Back to the overview
admin-until = Valid until
admin-good = OK
admin-bad = Failed
admin-to-do = To do

admin-sign-in = Sign in
admin-enter-title = Administration of this service
admin-enter-meaning = This link works once. You’ll stay signed in on this browser for eight hours.
admin-enter = Enter

admin-checks-title = Before your first class
admin-checks-ready = Everything is ready for classes
admin-check-https = Browsers allow the camera and microphone at this address:
admin-check-https-bad = The address isn’t https: browsers then block the camera and microphone, and LMSs refuse the tool. Set JITSI_LTI_BASE_URL to the https address.
admin-check-address = You reached it at its own address:
admin-check-address-bad = You reached it at a different address than the one it’s set to, so LMSs would be sent to the wrong place. Correct JITSI_LTI_BASE_URL, or the proxy that must pass on the host name. You came to:
admin-check-database = The database is responding:
admin-check-database-bad = The database isn’t responding.
admin-check-memory = The cache is responding.
admin-check-memory-bad = The cache (Redis) isn’t responding: nobody can open a class.
admin-check-keys = Signing keys are ready:
admin-check-keys-bad = There’s no signing key: LMSs can’t check what the service sends.
admin-check-server = Rooms open on the Jitsi server:
admin-check-server-bad = No Jitsi server is accepting rooms yet.
admin-check-platform = Registered platforms:
admin-check-platform-bad = No LMS is registered yet.
admin-check-approval = A platform’s deployment is approved.
admin-check-approval-bad = The only deployments are awaiting your approval, so nobody can open a class yet.
admin-check-approval-look = Review them
admin-check-deployment = A platform’s deployment is approved.
admin-check-deployment-bad = No deployment is approved yet, so nobody can open a class. Open the activity once in the LMS: its deployment then appears here for your approval.
admin-check-clock = The clock matches your browser’s.
admin-check-clock-bad = The clock differs from your browser’s by more than half a minute. One of the two is wrong; if it’s the server’s, launches are refused: synchronise it with a time server (NTP).

admin-platforms = Learning platforms
admin-platforms-none = None yet. Invite one below.
admin-refused-lately = { $count } refused in the last 24 hours
admin-status-active = in use
admin-status-disabled = switched off
admin-status-pending = awaiting approval
admin-last-entered = Last class opened
admin-never-entered = no launches yet

admin-waiting = Awaiting your approval
admin-waiting-meaning = Launches of this deployment are refused until you approve it. Approve it if you recognise the platform and somebody there has just registered the tool or opened an activity.
admin-waiting-more = { $form ->
    [one] and { $count } more deployment is waiting
   *[other] and { $count } more deployments are waiting
  }
admin-approve-all = Approve all { $count }
admin-approve-always-title = Does your platform create a deployment for each course or activity?
admin-approve-always-meaning = OpenOLAT, for one, does. You can approve all of them from now on: then whoever administers this registration in the platform can open classes from any course without asking you, from the first launch. Don’t choose this if one client ID serves several customers, as with Blackboard. It’s recorded in the audit log, you can undo it at any time, and deployments you switched off stay off.
admin-approve-always = Approve all from now on
admin-approves-at-once = New deployments of this registration are approved automatically, because an operator chose that.
admin-ask-again = Ask me again
admin-turned-away = { $form ->
    [one] { $count } launch came from yet another deployment while the waiting list was full. That deployment appears here at its next launch, once you’ve decided about these.
   *[other] { $count } launches came from yet other deployments while the waiting list was full. Those deployments appear here at their next launch, once you’ve decided about these.
  }
admin-approve = Approve
admin-refuse = Refuse

admin-invite-title = Register a learning platform
admin-invite-meaning = An invitation is an address that the platform’s administrator pastes once. Moodle, Canvas, Brightspace, Sakai and others then register the tool automatically.
admin-invite-note = Who is it for? (optional)
admin-invite-note-help = The platform gets this name here, such as “University of X, Moodle”.
admin-invite-private = The platform is in a private network
admin-invite-private-help = Otherwise addresses in private networks are refused.
admin-invite = Create an invitation
admin-by-hand = Register manually
admin-invitations = Pending invitations
admin-invitation-unnamed = Invitation
admin-withdraw = Withdraw
admin-invited-title = Invitation
admin-invited-address = The address to paste
admin-invited-meaning = Send it to the platform’s administrator, or paste it there yourself. It works once.
admin-invited-once = You’ll find it on this page until it’s used.
admin-invited-where = Where to paste it
admin-arrived-waiting = Not registered yet
admin-arrived-waiting-meaning = This page tells you as soon as the platform has registered.
admin-arrived-look = Check now
admin-arrived-arrived = The platform has registered
admin-arrived-later = There’s nothing to approve yet: the deployment appears here when somebody first opens an activity.
admin-arrived-next = What’s left to do in the platform
admin-arrived-over = This invitation can no longer be used

admin-registration = Registration
admin-private = Its addresses may lead into a private network.
admin-proposal = The platform now names other addresses
admin-proposal-meaning = It registered again. Nothing has changed yet: use the new addresses if you know why they changed.
admin-proposal-told = The platform says
admin-proposal-accept = Use the new addresses
admin-proposal-dismiss = Keep the current ones
admin-proposal-badge = names other addresses
admin-proposal-anew = The registration changed while you were deciding. Review it again.
admin-notice-dismissed = The registration stays as it is.
audit-platform-propose = Named other addresses when it registered again
audit-platform-accept = Accepted a platform’s new addresses
audit-platform-dismiss = Declined a platform’s new addresses
admin-family = LMS
admin-test = Test the connection
admin-testing = Testing…
admin-enable = Switch on
admin-disable = Switch off
admin-findings = Test results
admin-notice-approved = The deployment is approved: people can open classes.
admin-notice-accepted = All waiting deployments are approved: people can open classes.
admin-notice-approves = All deployments are approved from now on.
admin-notice-asks = New deployments need your approval again. Approved ones stay approved.
admin-notice-refused = The deployment is switched off: nobody can open classes through it.
admin-notice-disabled = The platform is switched off: nobody can open classes from it.
admin-notice-enabled = The platform is switched on.
admin-notice-saved = Saved.
admin-deployments = Deployments
admin-deployments-meaning = A platform may install the tool several times, for example once for each faculty. Each is approved separately.
admin-deployments-none = None yet. The first launch adds it here.
admin-deployments-more = { $form ->
    [one] and { $count } more in use
   *[other] and { $count } more in use
  }
admin-admit = Allow LMS administrators
admin-expel = Block LMS administrators
admin-admit-meaning = “Allow LMS administrators” gives administrators of the whole LMS a page with the test, the launches and the people of their deployment. They open it from any activity. They can block people and end their sessions; they see nothing else here and can’t change any setting.
admin-notice-admitted = LMS administrators can look after this deployment, from their next launch on.
admin-notice-expelled = LMS administrators are blocked from now on.
deployment-title = Connection to your LMS
deployment-rules = The operator of this service decided:
audit-deployment-admit = Allowed LMS administrators to look after a deployment
audit-deployment-expel = Blocked LMS administrators of a deployment
audit-deployment-enter = Came from the LMS
audit-deployment-test = Tested the connection of a deployment
admin-launches = Launches
admin-launches-all = Show all
admin-launches-refused = Show refused only
admin-launches-every = See and search all launches
admin-launches-search = Search by person, deployment or code
admin-launches-list = Newest first
admin-launches-list-refused = Refused, newest first
admin-launches-older = Older launches
admin-launches-newest = Newest launches
admin-launches-none = None yet.
admin-launch-entered = The class opened
admin-launch-cookies-blocked = The browser continued in a new window
admin-launch-person = Person
admin-launch-way = Browser recognised by
admin-launch-more = What it means and what to do
admin-launch-passed = Passed before:
admin-values = Name and addresses
admin-problem-url = Not saved: an address isn’t https, or it leads into a private network.
admin-problem-issuer = Not saved: the issuer must be the address the platform calls itself.
admin-problem-unreadable = Not saved: an address can’t be read. It must begin with https://.
admin-problem-length = Not saved: a value is empty or too long.
admin-value-name = Display name
admin-value-auth_url = Authentication request URL
admin-value-token_url = Access token URL
admin-value-jwks_url = Public keyset URL
admin-value-token_audience = Audience of token requests (empty: the access token URL)
admin-conflict = Somebody else changed this in the meantime. Nothing was saved.
admin-conflict-meaning = The form holds what you entered; what’s stored now is below each field. Save again to replace it with yours.
admin-conflict-stored = Stored now:
admin-delete = Delete
admin-delete-what = What would be deleted
admin-delete-meaning = Courses, rooms, attendance and grades from this platform are deleted permanently. Grades already in the platform stay there. What belongs to other platforms stays.
admin-delete-type = To confirm, type the platform’s name
admin-delete-mistyped = Nothing was deleted. That’s not its name.
admin-delete-do = Delete permanently
admin-delete-keep = Keep it
admin-delete-deployments = Deployments
admin-delete-courses = Courses
admin-delete-activities = Activities
admin-delete-people = People
admin-delete-presences = Times in class
admin-delete-grades = Grades
audit-platform-delete = Deleted a platform
admin-roles = Check a role
admin-roles-meaning = Paste the roles of a launch, as the platform sends them, to see what role they give and what the person would read.
admin-roles-input = Roles
admin-roles-try = Check

admin-rules = Role rules
admin-rules-meaning = If this platform’s roles don’t have their usual meaning, decide here what they give. A rule applies from the person’s next launch.
admin-rules-several = If several rules fit a person, one for a sub-role (TeachingAssistant) beats one for the whole role (Instructor); then the one that gives the least wins. Institution roles apply in every course: anyone who teaches anywhere would also lead the classes where they learn.
admin-rules-none = No rules: roles have their usual meaning.
admin-rule-role = Role
admin-rule-role-help = As a launch names it: a whole URI, or the short name of a course role, such as ContentDeveloper.
admin-rule-becomes = Someone with it is
admin-rule-add = Add rule
admin-rule-remove = Remove
admin-becomes-observer = observer: watches, isn’t counted
admin-becomes-participant = participant
admin-becomes-moderator = moderator
admin-becomes-administrator = moderator and administrator of the deployment
admin-rule-problem-no-role = No launch could name this role. Paste it as the platform sends it.
admin-rule-problem-test-user = The platform’s test user is always a learner.
admin-rule-problem-too-many = There are already 50 rules. Remove one first.

admin-frames = Sites that may show the tool in a frame
admin-frames-meaning = They follow from the issuer and the addresses above.
admin-frames-more = More sites, one per line
admin-frames-help = For platforms that show courses on another host, such as https://apps.lms.example.org or https://*.example.org. It applies from the next launch.
admin-frames-bad = Not saved: this line isn’t a site’s address.
audit-platform-roles = Changed a role rule
audit-platform-settings = Changed the defaults for a platform’s classes
audit-site-settings = Changed the defaults for all classes
audit-platform-frames = Set which sites may show the tool

# What the test of a platform found.
finding-keys = Public keys
finding-keys-bad = The service can’t read the platform’s public keys, so every launch is refused. Open the public keyset URL in a browser: it must show a list of keys, without a login. Check the URL, a firewall between the two servers, and the certificate.
finding-clock = Clock
finding-clock-bad = The clocks of the platform and of this service differ by more than half a minute, so launches and grades are refused. Synchronise both with a time server (NTP).
finding-login = Login address
finding-login-bad = The authentication request URL isn’t responding. Compare it with the values the platform shows.
finding-token-address = Access token address
finding-token-address-bad = The access token URL isn’t responding: no grades and no participant lists. Compare it with the values the platform shows.
finding-token = Access token for grades
finding-token-bad = The platform refuses an access token: no grades and no participant lists. Check in the platform that the tool may use the gradebook service, that its keyset URL is this service’s /lti/jwks, and that the platform can reach it. The audience of token requests may need to be different.
admin-finding-scopes = The tool may
admin-unknown = not known yet
finding-unknown = No launch of this deployment has offered it yet. Open an activity, then test again.
finding-gradebook = Gradebook
finding-gradebook-bad = Grades can’t arrive: the platform doesn’t let the tool send scores, or its gradebook isn’t responding. Check in the platform that the tool may send grades and manage its columns; what it allows is named above.
finding-participants = Participants
finding-participants-bad = The list of participants can’t be read, so nobody can be shown as absent. Check in the platform that the tool may see names and roles of the course.
admin-rotate = Refetch keys
admin-rotate-help = After the platform changed its keys because of a leak: keys fetched earlier stop counting right away, in every process.
admin-notice-rotated = The platform’s keys will be fetched again at the next launch.
audit-platform-rotate = Had a platform’s keys refetched
audit-keys-rotate = Generated the tool’s next keys
admin-keys = The tool’s keys
admin-keys-meaning = They sign access to the platforms’ services, deep linking and room tokens. New ones are published for more than a day before they sign, so that nobody notices.
admin-keys-wait = The next keys are already published.
admin-keys-rotate = Generate next keys
admin-keys-leak = After a leak, at the terminal of the server:
admin-notice-keys = The next keys are published.

# The audit log.
admin-audit-search = Search by person, action or subject
admin-audit-find = Search
admin-audit-export = Download all results
admin-audit-events = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
 }
admin-audit-none = Nothing found.
admin-audit-refused = refused
admin-audit-strangers = Refused without sign-in
admin-audit-strangers-meaning = Counted by day and kind, so nobody can fill the log from outside. If there are many, the real number may be higher.
admin-audit-times = { $count ->
    [one] once
   *[other] { $count } times
}
admin-audit-last = last
admin-audit-before = Before
admin-audit-after = After
audit-enter = Signed in to the administration
audit-invite = Created an invitation
audit-invitation-withdraw = Withdrew an invitation
audit-register = Registered with an invitation
audit-register-update = Updated a registration with an invitation
audit-platform-enable = Switched a platform on
audit-platform-disable = Switched a platform off
audit-platform-test = Tested a platform
audit-platform-change = Changed a platform
audit-deployment-approve = Approved a deployment
audit-deployment-approve-all = Approved all waiting deployments
audit-platform-approve-always = Turned on automatic approval of a platform’s deployments
audit-platform-ask-again = Turned off automatic approval of a platform’s deployments
audit-deployment-refuse = Refused a deployment

# What the platform's administrator sees.
register-title = Register live classes here
register-meaning = The tool adds live classes with Jitsi to your courses. Registering stores its addresses and keys in your LMS; an administrator of the tool then approves the first use.
register-platform = Your LMS
register-asks = It asks to
register-others = Your LMS is already registered here
register-others-meaning = Continue only if you want another registration alongside it. Client IDs:
register-update-title = Update the live classes here
register-update-meaning = Your LMS updates its existing registration: addresses, permissions and keys. Its courses and classes stay as they are. Client ID:
register-update = Update
register-next = What’s left to do in your LMS
register = Register
register-busy = Registering…
registered-title = Registered
registered-again = Updated
registered-again-meaning = Your LMS asked for this registration again and keeps its client ID. Nothing changed here.
registered-ready = Nothing needs approval: classes open right away.
registered-waits = The first use waits for an administrator of the tool to approve it.
registered-meaning = Your LMS now knows the tool.
registered-granted = Your LMS allows it to
registered-missing = Your LMS doesn’t allow it to
registered-missing-action = Classes work without these, but what depends on them doesn’t. You can allow them in the tool’s settings in your LMS.
registered-finish = Finish
registered-by-itself = This page closes automatically.
registered-close = You can close this page now.
scope-lineitem = create grade columns for attendance
scope-lineitem-readonly = see which columns the gradebook has
scope-result-readonly = read the grades it sent
scope-score = send grades for attendance
scope-contextmembership-readonly = see who is in the course
scope-contextgroup-readonly = see the groups of the course
scope-noticehandlers = be told when a course is copied

admin-unregistered = Launches without a registration
admin-unregistered-meaning = People came from here, but what they sent names no registered LMS. Anybody can send such requests, so each list keeps only some entries; the numbers count them all. Entries disappear 30 days after the last attempt.
admin-unregistered-none = No launches without a registration lately.
admin-unregistered-lately = { $count } in the last 24 hours
admin-refusals = Unverified launches, refused
admin-refusals-meaning = These requests weren’t signed by the platform, or not for a deployment known here. Anybody can send them, so the list below keeps only the last 50; the numbers count them all.
admin-refusals-count = { $count ->
    [one] once
   *[other] { $count } times
}
admin-since = since
admin-last-time = last
admin-claimed = claimed
fact-consumer-key = Consumer key
fact-platform-guid = The platform calls itself

# Clocks of a platform's services that are wrong.
admin-clock-fast = The clock of { $host } is { $amount } fast.
admin-clock-slow = The clock of { $host } is { $amount } slow.
admin-clock-minutes = { $form ->
    [one] { $count } minute
   *[other] { $count } minutes
  }
admin-clock-hours = { $form ->
    [one] { $count } hour
   *[other] { $count } hours
  }
admin-clock-days = { $form ->
    [one] { $count } day
   *[other] { $count } days
  }
admin-clock-token = It gives us access tokens.
admin-clock-gradebook = It keeps a gradebook.
admin-clock-followed = We go by it there, so that nothing is refused.
admin-clock-ignored = Nobody’s clock is that wrong, so we go by our own time.
admin-clock-seen = Seen
admin-clock-action = Ask whoever runs the platform to synchronise the clock with a time server (NTP).

# Who did something.
actor-link-made = One-time link created on
actor-link = One-time link
actor-lms-administrator = LMS administrator
actor-terminal = At the terminal
actor-nobody = Not signed in
actor-invitation = With an invitation

# What answers without a course.
front-meaning = This service brings live video classes with Jitsi Meet into the courses of a learning platform (LMS).
front-course-title = Teachers and students
front-course = Open the class from your course: this address alone doesn’t lead to any class.
front-lms-title = LMS administrators
front-lms = To add live classes to your LMS, ask whoever runs this service for an invitation, or register it manually with these values.
front-operator-title = Whoever runs this service
front-operator = Platforms, Jitsi servers and settings.

# The guides.
admin-docs = Documentation
admin-docs-guides = Guides of this version
admin-docs-meaning = In English, as plain text.
admin-platform = Platform
admin-platform-state = State
admin-family-unknown = other
admin-launch-when = When
admin-launch-outcome = Outcome
