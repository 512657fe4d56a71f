# La página de la actividad.
room-page = Clase
room-join-section = Entrar en la clase
room-greeting = Nos alegra verte,
room-join = Entrar en la clase
room-opening = Abriendo…
room-hint-new-window = La clase se abre en una ventana nueva. Esta página sigue abierta.
room-hint-here = La clase se abre en esta página.
room-notice-frame = Esta página de la plataforma no permite que la clase use tu cámara y tu micrófono, así que la clase se abre en una ventana nueva.
room-notice-screen = La clase se abre en una ventana nueva para que puedas compartir tu pantalla. Esta página de la plataforma no lo permite aquí.
room-opened = La clase está abierta en la otra ventana.
room-nothing-opened = ¿No se ha abierto nada? Permite en tu navegador las ventanas emergentes de este sitio y vuelve a entrar.
room-join-here = O abre la clase en esta página

# Quién eres en la clase y por qué.
role-moderator = Modera
role-participant = Participa
role-observer = Observa
role-moderator-because = Moderas la clase, porque { $reason }
role-participant-because = Participas en la clase, porque { $reason }
role-observer-because = Observas la clase, porque { $reason }
reason-course-role = tu rol en este curso es { $role }
reason-sub-role = tu rol en este curso es { $role } ({ $sub })
reason-system-admin = administras toda la plataforma
reason-rule = quien administra este servicio lo decidió así para el rol { $role }
room-administer = Comprobar la conexión
room-administer-hint = Para quienes administran la plataforma: entradas y una prueba, en una ventana nueva.
reason-test-user = esta es la vista de estudiante de la plataforma
reason-no-course-role = tus roles fuera de este curso no cuentan aquí
reason-no-role = la plataforma no indicó ningún rol para ti
reason-unknown-role = la plataforma solo indicó roles que no conocemos
reason-learner-instructor = «{ $role }» señala a un estudiante que ayuda a enseñar

role-name-Administrator = Administración
role-name-ContentDeveloper = Autoría de contenidos
role-name-Instructor = Docente
role-name-Learner = Estudiante
role-name-Mentor = Mentoría
role-name-Manager = Gestión
role-name-Member = Miembro
role-name-Officer = Responsable
role-name-TeachingAssistant = Asistente de docencia
role-name-PrimaryInstructor = Docente principal
role-name-SecondaryInstructor = Docente de apoyo
role-name-Lecturer = Conferenciante
role-name-GuestInstructor = Docente invitado
role-name-ExternalInstructor = Docente externo
role-name-Grader = Calificación
role-name-NonCreditLearner = Estudiante sin créditos
role-name-GuestLearner = Estudiante invitado
role-name-ExternalLearner = Estudiante externo
role-name-Observer = Observación
role-name-Auditor = Oyente
role-name-Advisor = Orientación
role-name-Tutor = Tutoría
role-name-Reviewer = Revisión
role-name-LearningFacilitator = Facilitación del aprendizaje

# Cámara y micrófono.
devices-denied-title = Tu cámara o tu micrófono están bloqueados para este sitio.
devices-denied-how = Para permitirlos, pulsa el icono junto a la dirección, en la parte superior del navegador, y después Cámara y Micrófono, y Permitir. También puedes entrar sin ellos y solo ver y escuchar.

# La clase.
meeting-page = En clase
meeting-bar = Barra de la clase
meeting-to-bar = Volver a la barra de la clase
meeting-frame-title = Videoclase
meeting-leave = Salir
meeting-status-checking = Comprobando tu cámara y tu micrófono…
meeting-status-blocked = Todavía no has entrado.
meeting-status-loading = Abriendo la clase…
meeting-status-slow = Está tardando más de lo normal. Seguimos intentándolo…
meeting-status-waiting = Ya casi está: elige cámara y micrófono, y entra.
meeting-status-lobby = Estás en la sala de espera. Alguien que modera te dejará entrar.
meeting-status-host = La clase no ha empezado. Entrarás cuando llegue quien la modera.
meeting-status-joined = Estás en la clase.
meeting-status-moderator = Ahora moderas la clase.
meeting-status-left = Has salido de la clase.
meeting-status-error = La clase no ha podido continuar.
meeting-help-sound = ¿No oyes nada o no te oyen? Pulsa la flecha junto al micrófono y elige otro dispositivo.
meeting-help-camera = ¿No se ve tu imagen? Cierra otros programas que usen la cámara; después apágala y vuelve a encenderla.
meeting-help-reload = ¿Algo se ha quedado parado? Sal y vuelve a entrar: puedes hacerlo enseguida.
meeting-help-window = ¿Falta algo, por ejemplo compartir la pantalla?

meeting-do-back = Volver a la actividad
meeting-do-window = Abrir en una ventana nueva
meeting-do-anyway = Entrar de todos modos
meeting-do-retry = Intentar de nuevo
meeting-do-again = Volver a entrar

meeting-devices-frame-title = Aquí no se pueden usar tu cámara ni tu micrófono
meeting-devices-frame-meaning = Esta página de la plataforma no permite que la clase los use. En una ventana propia, la clase sí puede.
meeting-devices-frame-action = Vuelve a la actividad y entra desde allí: la clase se abrirá en una ventana nueva. Si entras de todos modos, solo podrás ver y escuchar.
meeting-devices-denied-title = Tu cámara o tu micrófono están bloqueados
meeting-devices-denied-meaning = Tu navegador tiene la orden de no dejar que este sitio los use. Los demás no podrían verte ni oírte.
meeting-devices-denied-action = Pulsa el icono junto a la dirección, en la parte superior del navegador, permite Cámara y Micrófono, e inténtalo de nuevo. Si entras de todos modos, podrás ver, escuchar y escribir en el chat.
meeting-devices-insecure-title = Esta dirección no es segura
meeting-devices-insecure-meaning = Los navegadores solo dan la cámara y el micrófono a direcciones que empiezan por https. Por eso la clase no puede empezar aquí.
meeting-devices-insecure-action = Di a la administración que este servicio tiene que abrirse con https.
meeting-jitsi-unreachable-title = El servidor de vídeo no responde
meeting-jitsi-unreachable-meaning = Tu rol y tu curso están bien, pero el servidor Jitsi no ha abierto la clase. Puede que se esté reiniciando o que tu red lo bloquee.
meeting-jitsi-unreachable-action = Espera un minuto e inténtalo de nuevo. Si sigue fallando, prueba con otra red o comunica a la administración el código de abajo.
meeting-jitsi-refused-token-title = El servidor de vídeo no ha aceptado tu pase
meeting-jitsi-refused-token-meaning = Un pase vale solo unos minutos. Quizá esta página llevaba más tiempo abierta.
meeting-jitsi-refused-token-action = Vuelve a entrar con un pase nuevo. Si lo rechaza otra vez, comunica a la administración el código de abajo: puede que el servidor de vídeo tenga otra clave o que su reloj esté mal.
meeting-connection-lost-title = Se ha perdido la conexión
meeting-connection-lost-meaning = Tu dispositivo y el servidor de vídeo ya no se alcanzan. La clase sigue sin ti.
meeting-connection-lost-action = Comprueba tu red y vuelve a entrar.
meeting-room-full-title = La clase está llena
meeting-room-full-meaning = El servidor de vídeo no admite a más personas en esta sala.
meeting-room-full-action = Inténtalo de nuevo cuando alguien haya salido, o avisa a tu docente.
meeting-entry-denied-title = No te han dejado entrar
meeting-entry-denied-meaning = Quien modera no lo ha aceptado, o esta sala no te admite.
meeting-entry-denied-action = Si crees que es un error, avisa a tu docente e inténtalo de nuevo.
meeting-left-title = Has salido de la clase
meeting-left-meaning = Tu cámara y tu micrófono están apagados. Puedes volver a entrar mientras la clase siga.
meeting-left-removed = Quien modera te ha sacado de la clase. Tu cámara y tu micrófono están apagados.
meeting-left-ended = La clase ha terminado para todos. Tu cámara y tu micrófono están apagados.
meeting-noscript-title = La clase necesita JavaScript
meeting-noscript-action = Permite JavaScript para este sitio en tu navegador y vuelve a cargar la página.

# Donde la plataforma no dio ningún nombre.
room-untitled = Clase
person-unnamed = Participante sin nombre
reason-anonymous = la plataforma no dice quién eres
