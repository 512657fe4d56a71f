# The administrator's pages.
admin-title = Administration
admin-nav-home = Overview
admin-nav-servers = Servers
admin-nav-jobs = Jobs
admin-nav-status = Status
admin-nav-audit = Audit log
admin-leave = Sign out
admin-back-home = Back to the overview
admin-until = Valid until
admin-good = OK
admin-bad = Fails
admin-to-do = To do

admin-sign-in = Sign in
admin-enter-title = Administration of this service
admin-enter-meaning = This link lets you in once. The session lasts eight hours in this browser.
admin-enter = Enter

admin-checks-title = What is still missing before a class can take place
admin-checks-ready = Everything is ready for classes
admin-check-https = The service has a secure address:
admin-check-https-bad = The address is not https: browsers then refuse camera and microphone, and platforms refuse the tool. Set JITSI_LTI_BASE_URL to the https address.
admin-check-address = You reached it at its own address:
admin-check-address-bad = You reached it at another address than the one that it is set to, so platforms would be sent to the wrong place. Correct JITSI_LTI_BASE_URL, or the proxy that must pass the host name on. You came to:
admin-check-database = The database answers:
admin-check-database-bad = The database does not answer.
admin-check-memory = The short-lived memory answers.
admin-check-memory-bad = The short-lived memory (Redis) does not answer: nobody can come in.
admin-check-keys = Signing keys are there:
admin-check-keys-bad = There is no signing key: platforms cannot check what the service sends.
admin-check-server = Rooms open on the Jitsi server:
admin-check-server-bad = No Jitsi server takes rooms yet.
admin-check-platform = Registered platforms:
admin-check-platform-bad = No learning platform is registered yet.
admin-check-approval = A platform’s deployment is approved.
admin-check-approval-bad = The only deployments wait for your approval, so nobody can come in yet.
admin-check-approval-look = See what waits
admin-check-deployment = A platform’s deployment is approved.
admin-check-deployment-bad = No deployment is approved yet, so nobody can come in. Open the activity once in the learning platform: its deployment then appears here for your approval.
admin-check-clock = The clock agrees with that of your browser.
admin-check-clock-bad = The clock differs from that of your browser by more than half a minute. One of the two is wrong; if it is the server’s, launches are refused: set it by a time server (NTP).

admin-platforms = Learning platforms
admin-platforms-none = None yet. Invite one below.
admin-refused-lately = { $count } refused in 24 hours
admin-status-active = in use
admin-status-disabled = switched off
admin-status-pending = waits
admin-last-entered = Last class opened
admin-never-entered = nobody has come in yet

admin-waiting = Waits for your approval.
admin-waiting-meaning = Launches of this deployment are refused until you approve it. Approve it when you recognise the platform and somebody there registered the tool or opened an activity just now.
admin-waiting-more = { $form ->
    [one] and { $count } more deployment waits
   *[other] and { $count } more deployments wait
  }
admin-approve-all = Approve all { $count }
admin-approve-always-title = Does your platform make a deployment for each course or activity?
admin-approve-always-meaning = OpenOLAT, for one, does. You can approve all of them from now on: then whoever administers this registration in the platform opens classes from any course without asking you, on the first launch. Don’t choose it where one client ID serves several customers, as at Blackboard. It goes into the audit log, you can undo it at any time, and deployments that you switched off stay off.
admin-approve-always = Approve all from now on
admin-approves-at-once = New deployments of this registration are approved at once, because an operator chose that.
admin-ask-again = Ask me again
admin-turned-away = { $form ->
    [one] { $count } launch came from yet another deployment while the list of those that wait was full. That deployment appears here at its next launch, once you have decided about these.
   *[other] { $count } launches came from yet other deployments while the list of those that wait was full. Those deployments appear here at their next launch, once you have decided about these.
  }
admin-approve = Approve
admin-refuse = Refuse

admin-invite-title = Register a learning platform
admin-invite-meaning = An invitation is an address that the platform’s administrator pastes once. Moodle, Canvas, Brightspace, Sakai and others then register the tool by themselves.
admin-invite-note = Whom is it for? (optional)
admin-invite-note-help = The platform gets this name here, such as “University of X, Moodle”.
admin-invite-private = The platform is in a private network
admin-invite-private-help = Otherwise addresses in private networks are refused.
admin-invite = Make an invitation
admin-by-hand = Register by hand
admin-invitations = Invitations that wait
admin-invitation-unnamed = Invitation
admin-withdraw = Withdraw
admin-invited-title = Invitation
admin-invited-address = The address to paste
admin-invited-meaning = Send it to the administrator of the platform, or paste it there yourself. It works once.
admin-invited-once = You find it on this page until it’s used.
admin-invited-where = Where to paste it
admin-invited-where-moodle = Moodle: Site administration › Plugins › External tool › Manage tools, field “Tool URL”, then “Add LTI Advantage”.
admin-invited-where-canvas = Canvas: Admin › Apps › Manage › Install a new app › Dynamic Registration.
admin-invited-where-blackboard = Blackboard: its developer portal does not take such addresses; use “Register by hand”.
admin-invited-where-brightspace = Brightspace: Admin Tools › Manage Extensibility › LTI Advantage › Register Tool › Dynamic.
admin-invited-where-sakai = Sakai: Administration Workspace › External Tools › LTI Advantage Auto Provision.
admin-invited-where-other = Others: look for “Dynamic Registration” or “Registration URL” in the settings of external tools.
admin-arrived-waiting = Not registered yet
admin-arrived-waiting-meaning = This page tells you as soon as the platform has registered.
admin-arrived-look = Look now
admin-arrived-arrived = The platform has registered
admin-arrived-later = Nothing is to be approved yet: the deployment shows up here when somebody opens an activity for the first time.
admin-arrived-next = What’s left to do in the platform
admin-arrived-over = This invitation cannot be used any more

admin-registration = Registration
admin-private = Its addresses may lead into a private network.
admin-proposal = The platform names other addresses
admin-proposal-meaning = It registered once more. Nothing has changed: take its addresses over when you know why they changed.
admin-proposal-told = The platform says
admin-proposal-accept = Take over
admin-proposal-dismiss = Leave as it is
admin-proposal-badge = names other addresses
admin-proposal-anew = The registration changed while you decided. Look at it once more.
admin-said-dismissed = The registration stays as it is.
audit-platform-propose = Named other addresses when it registered once more
audit-platform-accept = Took over other addresses of a platform
audit-platform-dismiss = Left a platform’s other addresses aside
admin-family = Kind
admin-test = Test the connection
admin-testing = Testing …
admin-enable = Switch on
admin-disable = Switch off
admin-findings = What the test found
admin-said-approved = The deployment is approved: people can come in.
admin-said-accepted = All deployments that waited are approved: people can come in.
admin-said-approves = All deployments are approved from now on.
admin-said-asks = New deployments wait for your approval again. Those that are approved stay so.
admin-said-refused = The deployment is switched off: nobody can come in through it.
admin-said-disabled = The platform is switched off: nobody can come in from it.
admin-said-enabled = The platform is switched on.
admin-said-saved = Saved.
admin-deployments = Deployments
admin-deployments-meaning = A platform may install the tool several times, for example once for each faculty. Each is approved on its own.
admin-deployments-none = None is known yet. The first launch brings it here.
admin-deployments-more = { $form ->
    [one] and { $count } more that is in use
   *[other] and { $count } more that are in use
  }
admin-admit = Let its administrators in
admin-expel = Keep its administrators out
admin-admit-meaning = “Let its administrators in” gives administrators of the whole platform a page with the test and the launches of their deployment. They come to it from any activity; they see nothing else here, and change nothing.
admin-said-admitted = The platform’s administrators may look after this deployment, from their next launch on.
admin-said-expelled = The platform’s administrators are kept out from now on.
deployment-title = Connection of your learning platform
deployment-rules = The operator of this service decided:
audit-deployment-admit = Let a platform’s administrators look after a deployment
audit-deployment-expel = Kept a platform’s administrators out
audit-deployment-enter = Came from the learning platform
audit-deployment-test = Tested the connection of a deployment
admin-launches = Launches
admin-launches-all = Show all
admin-launches-refused = Show only the refused ones
admin-launches-none = None yet.
admin-launch-entered = The class opened
admin-launch-cookies-blocked = The browser went on in a new window
admin-launch-person = Person
admin-launch-way = The browser was known by
admin-launch-more = What it means and what to do
admin-launch-passed = Passed before:
admin-values = Name and addresses
admin-problem-url = Not saved: an address is not https, or it leads into a private network.
admin-problem-issuer = Not saved: the issuer has to be the address that the platform calls itself.
admin-problem-unreadable = Not saved: an address cannot be read. It has to begin with https://.
admin-problem-length = Not saved: a value is empty or too long.
admin-value-name = Name in lists
admin-value-auth_url = Authentication request URL
admin-value-token_url = Access token URL
admin-value-jwks_url = Public keyset URL
admin-value-token_audience = Audience of token requests (empty: the access token URL)
admin-conflict = Somebody else has changed this meanwhile. Nothing was saved.
admin-conflict-meaning = The form holds what you typed; what is stored now stands below each field. Save again to put yours in its place.
admin-conflict-stored = Stored now:
admin-delete = Delete
admin-delete-what = What would go
admin-delete-meaning = Courses, rooms, attendance and marks that came from this platform go for good. Marks that the platform has stay there. What belongs to other platforms stays.
admin-delete-type = To confirm, type the platform’s name
admin-delete-mistyped = Nothing was deleted. That is not its name.
admin-delete-do = Delete for good
admin-delete-keep = Keep it
admin-delete-deployments = Deployments
admin-delete-courses = Courses
admin-delete-activities = Activities
admin-delete-people = People
admin-delete-presences = Times in class
admin-delete-marks = Marks
audit-platform-delete = Deleted a platform
admin-roles = Who would moderate?
admin-roles-meaning = Paste the roles of a launch, as the platform sends them, to see what somebody with them would be and would read.
admin-roles-typed = Roles
admin-roles-try = Show

admin-rules = Decide about roles
admin-rules-meaning = Where this platform’s roles mean something else than usual, say what somebody with a role is. It counts from the person’s next launch.
admin-rules-several = Of several rules that fit a person, one for a part of a role (TeachingAssistant) goes before one for the whole of it (Instructor); after that the one that gives least. Roles of the institution are held in every course: who teaches anywhere would lead classes where they learn.
admin-rules-none = Nothing is decided: roles mean what they usually mean.
admin-rule-role = Role
admin-rule-role-help = As a launch names it: a whole URI, or the short name of a role in the course, such as ContentDeveloper.
admin-rule-becomes = Somebody with it is
admin-rule-add = Decide so
admin-rule-remove = Take back
admin-becomes-observer = observer: looks on, is not counted
admin-becomes-participant = participant
admin-becomes-moderator = moderator
admin-becomes-administrator = moderator, and administrator of the deployment
admin-rule-problem-no-role = No launch could name this role. Paste it as the platform sends it.
admin-rule-problem-test-user = The platform’s test user is a learner always.
admin-rule-problem-too-many = There are 50 rules already. Take one back first.

admin-frames = Sites that may show the tool in a frame
admin-frames-meaning = They follow from the issuer and the addresses above.
admin-frames-more = More sites, one on a line
admin-frames-help = For platforms that show courses on another host than their own, such as https://apps.lms.example.org or https://*.example.org. It counts from the next launch on.
admin-frames-bad = Not saved: this line is no address of a site.
audit-platform-roles = Decided about a role
audit-platform-frames = Set which sites may show the tool

# What the test of a platform found.
finding-keys = Public keys
finding-keys-bad = The service cannot read the platform’s public keys, so every launch is refused. Open the public keyset URL in a browser: it has to answer with a list of keys, without a login. Check the URL, a firewall between the two servers, and the certificate.
finding-clock = Clock
finding-clock-bad = The clocks of the platform and of this service differ by more than half a minute, so launches and marks are refused. Set both by a time server (NTP).
finding-login = Login address
finding-login-bad = The authentication request URL does not answer. Check it against the values that the platform shows.
finding-token-address = Address of access tokens
finding-token-address-bad = The access token URL does not answer: no marks and no course lists. Check it against the values that the platform shows.
finding-token = Access token for marks
finding-token-bad = The platform refuses to give an access token: no marks and no course lists. Check in the platform that the tool may use the gradebook service, that its keyset URL is this service’s /lti/jwks, and that the platform can reach it. The audience of token requests may have to be another.
admin-unknown = not known yet
finding-unknown = No launch of this deployment has offered it yet. Open an activity, then test again.
finding-gradebook = Gradebook
finding-gradebook-bad = Marks cannot arrive: the platform does not let the tool send scores, or its gradebook does not answer. Check in the platform that the tool may send grades and manage its columns; what it allows is named above.
finding-roster = List of participants
finding-roster-bad = The list of participants cannot be read, so nobody can be shown as absent. Check in the platform that the tool may see names and roles of the course.
admin-rotate = Forget its keys
admin-rotate-help = After the platform changed its keys because of a leak: keys that were fetched before count no more, at once and in every process.
admin-said-rotated = The platform’s keys are fetched anew at the next launch.
audit-platform-rotate = Let a platform’s keys be fetched anew
audit-keys-rotate = Made the tool’s next keys
admin-keys = The tool’s keys
admin-keys-meaning = They sign access to the platforms’ services, deep linking and room tokens. The next ones are published for more than a day before they sign, so that nobody notices.
admin-keys-wait = The next keys are published already.
admin-keys-rotate = Make the next keys
admin-keys-leak = After a leak, at the terminal of the server:
admin-said-keys = The next keys are published.

# The audit log.
admin-audit-search = Search by person, action or subject
admin-audit-find = Search
admin-audit-export = Download all that match
admin-audit-events = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
 }
admin-audit-none = Nothing found.
admin-audit-refused = refused
admin-audit-strangers = Refused without sign-in
admin-audit-strangers-meaning = Counted by day and kind, so nobody can fill the log from outside. The count is a lower bound when there are many.
admin-audit-times = { $count ->
    [one] once
   *[other] { $count } times
}
admin-audit-last = last
admin-audit-before = Before
admin-audit-after = After
audit-enter = Entered the administration
audit-invite = Made an invitation
audit-invitation-withdraw = Withdrew an invitation
audit-register = Registered with an invitation
audit-register-update = Updated a registration with an invitation
audit-platform-enable = Switched a platform on
audit-platform-disable = Switched a platform off
audit-platform-test = Tested a platform
audit-platform-change = Changed a platform
audit-deployment-approve = Approved a deployment
audit-deployment-approve-all = Approved all deployments that waited
audit-platform-approve-always = Let a platform’s deployments be approved at once
audit-platform-ask-again = Let a platform’s deployments wait for approval again
audit-deployment-refuse = Refused a deployment

# What the platform's administrator sees.
register-title = Register live classes here
register-meaning = The tool adds live classes with Jitsi to your courses. Registering stores its addresses and keys in your platform; an administrator of the tool then approves the first use.
register-platform = Your platform
register-asks = It asks to
register-others = Your platform is registered here already
register-others-meaning = Go on only if you want another registration beside it. Client IDs:
register-update-title = Update the live classes here
register-update-meaning = Your platform updates the registration that it has already: addresses, permissions and keys. Its courses and classes stay as they are. Client ID:
register-update = Update
register-next = What’s left to do in your platform
register-next-moodle = In Moodle, press “Activate”. Then edit the tool (the pencil; a gear before Moodle 4.3) and set “Tool configuration usage” to “Show in activity chooser and as a preconfigured tool”: otherwise teachers don’t find it. Since Moodle 4.3 each course has a switch of its own too, under More › LTI External tools.
register-next-canvas = In Canvas, leave names shared and enable the app.
register-next-blackboard = In Blackboard, approve the tool and let it receive names.
register-next-brightspace = In Brightspace, make a deployment for the courses that may use the tool.
register-next-sakai = In Sakai, switch on names, grades and the roster for the tool, and save it.
register-next-schoology = In Schoology, install the app for your courses.
register-next-open-edx = In Open edX, add the component to a course.
register-next-other = Switch the tool on in your platform, if it asks you to.
register = Register
register-busy = Registering …
registered-title = Registered
registered-again = Updated
registered-again-meaning = Your platform has asked for this registration again and keeps its client ID. Nothing changed here.
registered-ready = Nothing waits for approval: classes open right away.
registered-waits = The first use waits until an administrator of the tool approves it.
registered-meaning = The tool is known to your platform now.
registered-granted = Your platform lets it
registered-missing = Your platform does not let it
registered-missing-action = Classes work without, but what depends on it does not. You can allow it in the settings of the tool in your platform.
registered-finish = Finish
registered-by-itself = This page closes by itself.
registered-close = You can close this page now.
scope-lineitem = create columns in the gradebook for attendance
scope-lineitem-readonly = see which columns the gradebook has
scope-result-readonly = read the marks that it sent
scope-score = send marks for attendance
scope-contextmembership-readonly = see who is in the course
scope-contextgroup-readonly = see the groups of the course
scope-noticehandlers = be told when a course is copied

admin-unregistered = Launches without a registration
admin-unregistered-meaning = People came from here, but what they brought names no platform that’s registered. Anybody can send such requests, so each list keeps only some entries; the numbers count them all. Entries go 30 days after the last try.
admin-unregistered-none = Nobody came without a registration lately.
admin-unregistered-lately = { $count } in 24 hours
admin-refusals = Refused without proof
admin-refusals-meaning = These requests weren’t signed by the platform, or not for a deployment that’s known here. Anybody can send them, so the list below keeps only the last 50; the numbers count them all.
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
admin-clock-action = Ask whoever runs the platform to set the clock by a time server (NTP).
