# Shown for a moment on the way in.
continue-title = One moment …
continue-link = Continue

# Shown when the browser gave nothing back that proves who opened the activity.
new-window-page = Open in a new window
new-window-title = One more step: open the class in a new window
new-window-why = Your browser keeps this part of the page from remembering that it was you who opened the activity.
new-window-why-named = Your browser keeps this part of the page from remembering that it was you who opened the activity in { $platform }.
new-window-meaning = So we cannot be sure who you are here, and nobody can enter in your name. In a window of its own it works: there you will be recognised.
new-window-by-hand = Go back to your course and open the activity in a new window or tab. If there is no such choice, ask your teacher to set the activity to open in a new window.
new-window-open = Open in a new window
new-window-stay-title = I would rather stay on this page
new-window-stay = Allow cookies from other sites for this address in your browser’s privacy settings, then open the activity again. The new window needs no change of settings.

# The same when the activity is in a window of its own already.
new-window-top-title = Your browser refuses every cookie of this site
new-window-top-meaning = This window needs one to remember who you are while you are in class. It is used for nothing else, and it goes when you leave.
new-window-top-action = Allow cookies for this address in your browser’s privacy settings, then open the activity again from your course. Another browser works too.
