# What differs from one family of platforms to the next.

by-hand-where-moodle = Moodle shows these values under “View configuration details” of the tool. The other addresses follow from the site’s.
by-hand-where-canvas = The client ID is the long number of the developer key; the deployment ID is in the menu of the installed app. The addresses are the same for every Canvas in the cloud. For a self-hosted Canvas choose “Other”.
by-hand-where-blackboard = The client ID is the application ID of the developer portal. The addresses are the same for every Blackboard.
by-hand-where-brightspace = Brightspace shows the client ID on the page of the registration, and the deployment ID on that of the deployment. The addresses follow from the site’s.
by-hand-where-sakai = Sakai shows these values when the tool is opened in the list of external tools.
by-hand-where-schoology = Schoology shows the client ID on the app’s page. The addresses are the same for everyone.
by-hand-where-open-edx = Studio shows these values below the saved component. The issuer is the address of the LMS, not of Studio.
by-hand-where-other = The platform shows these values when you save the tool there.

config-where-moodle = Site administration › Plugins › Activity modules › External tool › Manage tools › configure a tool manually. LTI version: LTI 1.3; public key type: keyset URL.
config-where-canvas = Admin › Developer Keys › + Developer Key › + LTI Key, method “Enter URL”. Canvas reads everything else from the first address; the others are for entering manually.
config-where-blackboard = The developer portal (developer.anthology.com) › Manage › Register an application.
config-where-brightspace = Admin Tools › Manage Extensibility › LTI Advantage › Register Tool › Standard.
config-where-sakai = Administration Workspace › External Tools › Install LTI 1.x Tool.
config-where-schoology = App Center › My Developer Apps › Add App, configuration type LTI 1.3.
config-where-open-edx = Studio › Advanced › LTI Consumer › Edit, LTI version 1.3.
config-where-other = The settings of external tools (LTI 1.3) of your platform.

config-tick-moodle = Supports Deep Linking; assignment and grade services: grade sync and column management; names and role provisioning; share the launcher’s name: always, the e-mail: never; accept grades: delegate to teacher. Launch container: embed, without blocks. The class itself opens in a window of its own, so screens can be shared. Tool configuration usage: show in activity chooser, or teachers won’t find the tool.
config-tick-canvas = Leave on the scopes and placements you want, and set the privacy level to at least “name only”, so people enter under their names. With “public” they have their pictures too.
config-tick-blackboard = User fields: role and name. Allow grade service access and membership service access. A placement of the kind “Deep Linking content tool”.
config-tick-brightspace = Extensions: assignment and grade services, deep linking, names and role provisioning. Then make a deployment, with names and link information allowed.
config-tick-sakai = Send names; return grades, create grade columns, provide the roster; LTI 1.3.
config-tick-schoology = Send names; assignment and grade services; names and roles; deep linking.
config-tick-open-edx = Deep linking, if instructors should choose; LTI assignment and grades: programmatic; request the user’s name. Open in a new window.
config-tick-other = Names of people, grades (AGS), course lists (NRPS), deep linking.

nameless-how-moodle = A Moodle administrator can change it: in this tool’s settings under Privacy, “Share launcher’s name with tool” must be “Always”.
nameless-how-canvas = A Canvas administrator can change it: the app’s privacy level must include names.
nameless-how-blackboard = A Blackboard administrator can change it: “User Fields to Send” of this tool must include the name.
nameless-how-brightspace = A Brightspace administrator can change it: the deployment’s Security Settings must include “First Name” and “Last Name”.
nameless-how-sakai = A Sakai administrator can change it: this tool’s privacy settings must include “Send User Names to External Tool”.
nameless-how-schoology = A Schoology administrator can change it: the app’s privacy setting must send user data.
nameless-how-open-edx = Your course staff can change it: “Request user’s username” must be “True” in the component’s settings, where your site allows it.
nameless-how-other = An LMS administrator can change it in the privacy settings of this tool.

register-next-moodle = In Moodle, press “Activate”. Then edit the tool (the pencil; a gear before Moodle 4.3) and set “Tool configuration usage” to “Show in activity chooser and as a preconfigured tool”: otherwise teachers don’t find it. Since Moodle 4.3 each course has a switch of its own too, under More › LTI External tools.
register-next-canvas = In Canvas, leave names shared and enable the app.
register-next-blackboard = In Blackboard, approve the tool and let it receive names.
register-next-brightspace = In Brightspace, make a deployment for the courses that may use the tool.
register-next-sakai = In Sakai, switch on names, grades and the roster for the tool, and save it.
register-next-schoology = In Schoology, install the app for your courses.
register-next-open-edx = In Open edX, add the component to a course.
register-next-other = Turn on the tool in your LMS if it asks you to.

admin-invited-where-moodle = Moodle: Site administration › Plugins › External tool › Manage tools, field “Tool URL”, then “Add LTI Advantage”.
admin-invited-where-canvas = Canvas: Admin › Apps › Manage › Install a new app › Dynamic Registration.
admin-invited-where-blackboard = Blackboard: its developer portal doesn’t take such addresses; use “Register manually”.
admin-invited-where-brightspace = Brightspace: Admin Tools › Manage Extensibility › LTI Advantage › Register Tool › Dynamic.
admin-invited-where-sakai = Sakai: Administration Workspace › External Tools › LTI Advantage Auto Provision.
admin-invited-where-other = Others: look for “Dynamic Registration” or “Registration URL” in the settings of external tools.
