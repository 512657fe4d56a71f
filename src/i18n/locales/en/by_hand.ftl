# Registering by hand.
by-hand-which = Learning platform
by-hand-other = Other
by-hand-there = First, in the platform
by-hand-values = Show the values to enter there
by-hand-here = Then, here
by-hand-unusable = Not saved: a value is missing or can’t be read.
by-hand-known = Not saved: this platform is already registered with this client ID.
by-hand-known-see = See it
by-hand-site = Address of the site (Moodle: Platform ID)
by-hand-environment = Which Canvas
by-hand-environment-production = Production
by-hand-environment-beta = Beta
by-hand-environment-test = Test
by-hand-issuer = Issuer
by-hand-client_id = Client ID
by-hand-deployment_id = Deployment ID (optional)
by-hand-deployment-help = If you leave it empty, the first launch adds it to your overview, where it waits for your approval.
by-hand-auth_url = Authentication request URL
by-hand-token_url = Access token URL
by-hand-jwks_url = Public keyset URL
by-hand-token_audience = Audience of token requests (empty: the access token URL)
by-hand-name = Display name (optional)
audit-platform-add = Registered a platform manually
admin-notice-added = The platform is registered. Test the connection now.

config-title = Values for learning platforms
config-meaning = What to enter where an LMS is set up manually. None of it is secret.
config-entries = Enter these
config-tick = What to turn on there
config-back = Then give the values the LMS shows to whoever administers this service.

# Deleting a platform: more of what is counted.
admin-delete-rooms = Rooms
admin-delete-meetings = Meetings
admin-delete-waiting = Pending jobs, such as grades to send
admin-delete-launches = Launches in the log
