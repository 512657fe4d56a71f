# Shown for a moment on the way in.
continue-title = One moment…
continue-link = Continue

# Shown when the browser gave nothing back that proves who opened the activity.
new-window-page = Open in a new window
new-window-title = One more step: open the class in a new window
new-window-why = Your browser won’t let this embedded page remember you.
new-window-why-named = Your browser won’t let this page, embedded in { $platform }, remember you.
new-window-meaning = So we can’t be sure who you are here, and nobody can enter in your name. It works in its own window.
new-window-by-hand = Go back to your course and open the activity in a new window or tab. If you can’t, ask your teacher to set the activity to open in a new window.
new-window-open = Open in a new window
new-window-stay-title = I’d rather stay on this page
new-window-stay = In your browser’s privacy settings, allow cookies from other sites for this address, then open the activity again. With the new window, you don’t need to change anything.

# The same when the activity is in a window of its own already.
new-window-top-title = Your browser blocks all cookies from this site
new-window-top-meaning = This window needs one to remember who you are while you’re in class. It’s used for nothing else and expires after 12 hours.
new-window-top-action = In your browser’s privacy settings, allow cookies for this address, then open the activity again from your course. Another browser works too.
