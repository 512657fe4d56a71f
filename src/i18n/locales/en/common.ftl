# Words that every page shares.
app-name = Jitsi classes
skip-to-content = Skip to the content
help = Help
copy = Copy
copy-all = Copy all
copy-done = Copied.
copy-manual = The browser doesn’t let this page copy. The text is selected: copy it with your keyboard.
back-to-course = Back to the course
way-back = Go back
what-to-do = What to do
for-administrator = For the administrator
support-for = For support:
support-code = Code:
fact-issuer = Issuer
fact-client-id = Client ID
fact-deployment = Deployment ID
