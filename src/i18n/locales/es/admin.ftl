# Las páginas de administración.
admin-title = Administración
admin-nav-home = Resumen
admin-nav-platforms = Plataformas
admin-nav-servers = Servidores
admin-nav-settings = Ajustes de clases
admin-nav-jobs = Tareas
admin-nav-status = Estado
admin-nav-audit = Auditoría
admin-leave = Cerrar la sesión
admin-back-home = Volver al resumen
admin-until = Válida hasta
admin-good = Correcto
admin-bad = Falla
admin-to-do = Pendiente

admin-sign-in = Iniciar sesión
admin-enter-title = Administración de este servicio
admin-enter-meaning = Este enlace te deja entrar una vez. La sesión dura ocho horas en este navegador.
admin-enter = Entrar

admin-checks-title = Antes de la primera clase
admin-checks-ready = Todo está listo para las clases
admin-check-https = Los navegadores permiten la cámara y el micrófono en esta dirección:
admin-check-https-bad = La dirección no es https: los navegadores bloquean entonces la cámara y el micrófono, y las plataformas rechazan la herramienta. Pon en JITSI_LTI_BASE_URL la dirección https.
admin-check-address = Has llegado por su propia dirección:
admin-check-address-bad = Has llegado por una dirección distinta de la configurada, así que las plataformas irían al lugar equivocado. Corrige JITSI_LTI_BASE_URL, o el proxy, que debe pasar el nombre del servidor. Has venido a:
admin-check-database = La base de datos responde:
admin-check-database-bad = La base de datos no responde.
admin-check-memory = El almacén temporal responde.
admin-check-memory-bad = El almacén temporal (Redis) no responde: nadie puede abrir una clase.
admin-check-keys = Las claves de firma están listas:
admin-check-keys-bad = No hay clave de firma: las plataformas no pueden comprobar lo que envía el servicio.
admin-check-server = Las salas se abren en el servidor Jitsi:
admin-check-server-bad = Ningún servidor Jitsi acepta salas todavía.
admin-check-platform = Plataformas registradas:
admin-check-platform-bad = Todavía no hay ninguna plataforma de aprendizaje registrada.
admin-check-approval = El despliegue de una plataforma está aprobado.
admin-check-approval-bad = Los únicos despliegues esperan tu aprobación, así que todavía nadie puede abrir una clase.
admin-check-approval-look = Revisarlos
admin-check-deployment = El despliegue de una plataforma está aprobado.
admin-check-deployment-bad = Todavía no hay ningún despliegue aprobado, así que nadie puede abrir una clase. Abre una vez la actividad en la plataforma: su despliegue aparece entonces aquí para que lo apruebes.
admin-check-clock = El reloj coincide con el de tu navegador.
admin-check-clock-bad = El reloj difiere del de tu navegador en más de medio minuto. Uno de los dos está mal; si es el del servidor, las entradas se rechazan: ponlo en hora con un servidor de tiempo (NTP).

admin-platforms = Plataformas de aprendizaje
admin-platforms-none = Ninguna todavía. Invita a una aquí abajo.
admin-refused-lately = { $count ->
    [one] { $count } rechazada en las últimas 24 horas
   *[other] { $count } rechazadas en las últimas 24 horas
 }
admin-status-active = en uso
admin-status-disabled = desactivada
admin-status-pending = espera aprobación
admin-last-entered = Última clase abierta
admin-never-entered = ninguna entrada todavía

admin-waiting = Espera tu aprobación
admin-waiting-meaning = Las entradas de este despliegue se rechazan hasta que lo apruebes. Apruébalo si reconoces la plataforma y alguien acaba de registrar allí la herramienta o de abrir una actividad.
admin-waiting-more = { $form ->
    [one] y espera { $count } despliegue más
   *[other] y esperan { $count } despliegues más
  }
admin-approve-all = Aprobar los { $count }
admin-approve-always-title = ¿Tu plataforma crea un despliegue por cada curso o actividad?
admin-approve-always-meaning = OpenOLAT, por ejemplo, lo hace. Puedes aprobarlos todos desde ahora: entonces quien administra este registro en la plataforma abre clases desde cualquier curso sin preguntarte, ya en la primera entrada. No lo elijas si un mismo ID de cliente sirve a varios clientes, como en Blackboard. Queda en el registro de auditoría, puedes deshacerlo cuando quieras y los despliegues que desactivaste siguen desactivados.
admin-approve-always = Aprobar todos desde ahora
admin-approves-at-once = Los despliegues nuevos de este registro se aprueban automáticamente, porque así lo decidió quien opera el servicio.
admin-ask-again = Volver a preguntarme
admin-turned-away = { $form ->
    [one] Llegó { $count } entrada de otro despliegue cuando la lista de espera estaba llena. Ese despliegue aparecerá aquí en su próxima entrada, cuando hayas decidido sobre estos.
   *[other] Llegaron { $count } entradas de otros despliegues cuando la lista de espera estaba llena. Esos despliegues aparecerán aquí en su próxima entrada, cuando hayas decidido sobre estos.
  }
admin-approve = Aprobar
admin-refuse = Rechazar

admin-invite-title = Registrar una plataforma de aprendizaje
admin-invite-meaning = Una invitación es una dirección que el administrador de la plataforma pega una vez. Moodle, Canvas, Brightspace, Sakai y otras registran entonces la herramienta automáticamente.
admin-invite-note = ¿Para quién es? (opcional)
admin-invite-note-help = La plataforma tendrá aquí este nombre, por ejemplo «Universidad X, Moodle».
admin-invite-private = La plataforma está en una red privada
admin-invite-private-help = Si no, se rechazan las direcciones de redes privadas.
admin-invite = Crear una invitación
admin-by-hand = Registrar manualmente
admin-invitations = Invitaciones pendientes
admin-invitation-unnamed = Invitación
admin-withdraw = Retirar
admin-invited-title = Invitación
admin-invited-address = La dirección que hay que pegar
admin-invited-meaning = Envíala al administrador de la plataforma, o pégala allí tú. Sirve una vez.
admin-invited-once = La encontrarás en esta página hasta que se use.
admin-invited-where = Dónde se pega
admin-arrived-waiting = Sin registrar todavía
admin-arrived-waiting-meaning = Esta página te avisa en cuanto la plataforma se haya registrado.
admin-arrived-look = Comprobar ahora
admin-arrived-arrived = La plataforma se ha registrado
admin-arrived-later = Todavía no hay nada que aprobar: el despliegue aparece aquí cuando alguien abre una actividad por primera vez.
admin-arrived-next = Lo que queda por hacer en la plataforma
admin-arrived-over = Esta invitación ya no se puede usar

admin-registration = Registro
admin-private = Sus direcciones pueden llevar a una red privada.
admin-proposal = La plataforma indica ahora otras direcciones
admin-proposal-meaning = Se registró otra vez. Todavía no ha cambiado nada: usa las nuevas direcciones si sabes por qué cambiaron.
admin-proposal-told = La plataforma dice
admin-proposal-accept = Usar las nuevas direcciones
admin-proposal-dismiss = Conservar las actuales
admin-proposal-badge = indica otras direcciones
admin-proposal-anew = El registro cambió mientras decidías. Revísalo otra vez.
admin-notice-dismissed = El registro se queda como estaba.
audit-platform-propose = Indicó otras direcciones al registrarse otra vez
audit-platform-accept = Aceptó las nuevas direcciones de una plataforma
audit-platform-dismiss = Descartó las nuevas direcciones de una plataforma
admin-family = LMS
admin-test = Probar la conexión
admin-testing = Probando…
admin-enable = Activar
admin-disable = Desactivar
admin-findings = Resultados de la prueba
admin-notice-approved = El despliegue está aprobado: ya se pueden abrir clases.
admin-notice-accepted = Todos los despliegues que esperaban están aprobados: ya se pueden abrir clases.
admin-notice-approves = Desde ahora se aprueban todos los despliegues.
admin-notice-asks = Los despliegues nuevos vuelven a esperar tu aprobación. Los aprobados siguen aprobados.
admin-notice-refused = El despliegue está desactivado: nadie puede abrir clases a través de él.
admin-notice-disabled = La plataforma está desactivada: nadie puede abrir clases desde ella.
admin-notice-enabled = La plataforma está activada.
admin-notice-saved = Guardado.
admin-deployments = Despliegues
admin-deployments-meaning = Una plataforma puede instalar la herramienta varias veces, por ejemplo una por facultad. Cada una se aprueba por separado.
admin-deployments-none = Ninguno todavía. La primera entrada lo añade aquí.
admin-deployments-more = { $form ->
    [one] y { $count } más en uso
   *[other] y { $count } más en uso
  }
admin-admit = Permitir administradores de la plataforma
admin-expel = Bloquear administradores de la plataforma
admin-admit-meaning = «Permitir administradores de la plataforma» da a quienes administran toda la plataforma una página con la prueba, las entradas y las personas de su despliegue. La abren desde cualquier actividad. Pueden bloquear a personas y cerrar sus sesiones; aquí no ven nada más ni pueden cambiar ningún ajuste.
admin-notice-admitted = Quienes administran la plataforma pueden ocuparse de este despliegue desde su próxima entrada.
admin-notice-expelled = Quienes administran la plataforma quedan bloqueados desde ahora.
deployment-title = Conexión de tu plataforma
deployment-rules = Quien opera este servicio decidió:
audit-deployment-admit = Permitió que los administradores de la plataforma se ocupen de un despliegue
audit-deployment-expel = Bloqueó a los administradores de la plataforma de un despliegue
audit-deployment-enter = Llegó desde la plataforma
audit-deployment-test = Probó la conexión de un despliegue
admin-launches = Entradas
admin-launches-all = Mostrar todas
admin-launches-refused = Mostrar solo las rechazadas
admin-launches-every = Ver y buscar todas las entradas
admin-launches-search = Buscar por persona, despliegue o código
admin-launches-list = Las más recientes primero
admin-launches-list-refused = Rechazadas, las más recientes primero
admin-launches-older = Entradas anteriores
admin-launches-newest = Entradas más recientes
admin-launches-none = Ninguna todavía.
admin-launch-entered = La clase se abrió
admin-launch-cookies-blocked = El navegador siguió en una ventana nueva
admin-launch-person = Persona
admin-launch-way = El navegador se reconoció por
admin-launch-more = Qué significa y qué hacer
admin-launch-passed = Antes pasó:
admin-values = Nombre y direcciones
admin-problem-url = No se ha guardado: una dirección no es https, o lleva a una red privada.
admin-problem-issuer = No se ha guardado: el emisor tiene que ser la dirección con la que la plataforma se identifica.
admin-problem-unreadable = No se ha guardado: no se puede leer una dirección. Tiene que empezar por https://.
admin-problem-length = No se ha guardado: un valor está vacío o es demasiado largo.
admin-value-name = Nombre visible
admin-value-auth_url = URL de solicitud de autenticación
admin-value-token_url = URL de token de acceso
admin-value-jwks_url = URL del conjunto de claves públicas
admin-value-token_audience = Audiencia de las solicitudes de token (vacío: la URL de token de acceso)
admin-conflict = Otra persona lo ha cambiado mientras tanto. No se ha guardado nada.
admin-conflict-meaning = El formulario conserva lo que escribiste; debajo de cada campo está lo guardado ahora. Guarda otra vez para poner lo tuyo en su lugar.
admin-conflict-stored = Guardado ahora:
admin-delete = Borrar
admin-delete-what = Qué se borraría
admin-delete-meaning = Los cursos, las salas, la asistencia y las notas de esta plataforma se borran para siempre. Las notas que ya están en la plataforma se quedan allí. Lo de otras plataformas se conserva.
admin-delete-type = Para confirmar, escribe el nombre de la plataforma
admin-delete-mistyped = No se ha borrado nada. Ese no es su nombre.
admin-delete-do = Borrar para siempre
admin-delete-keep = Conservarla
admin-delete-deployments = Despliegues
admin-delete-courses = Cursos
admin-delete-activities = Actividades
admin-delete-people = Personas
admin-delete-presences = Tiempos en clase
admin-delete-grades = Notas
audit-platform-delete = Borró una plataforma
admin-roles = Comprobar un rol
admin-roles-meaning = Pega los roles de una entrada, como los envía la plataforma, para ver qué papel dan y qué leería la persona.
admin-roles-input = Roles
admin-roles-try = Comprobar

admin-rules = Reglas de roles
admin-rules-meaning = Si los roles de esta plataforma no significan lo habitual, decide aquí qué dan. Una regla se aplica desde la próxima entrada de la persona.
admin-rules-several = Si varias reglas encajan con una persona, la de un subrol (TeachingAssistant) va antes que la del rol entero (Instructor); después, la que menos da. Los roles de la institución valen en todos los cursos: quien enseña en algún sitio moderaría también las clases en las que aprende.
admin-rules-none = Ninguna regla: los roles tienen su significado habitual.
admin-rule-role = Rol
admin-rule-role-help = Como lo nombra una entrada: una URI entera, o el nombre corto de un rol en el curso, como ContentDeveloper.
admin-rule-becomes = Quien lo tiene es
admin-rule-add = Añadir regla
admin-rule-remove = Quitar
admin-becomes-observer = observador: mira, pero no cuenta
admin-becomes-participant = participante
admin-becomes-moderator = moderador
admin-becomes-administrator = moderador y administrador del despliegue
admin-rule-problem-no-role = Ninguna entrada podría nombrar este rol. Pégalo como lo envía la plataforma.
admin-rule-problem-test-user = El usuario de prueba de la plataforma siempre es estudiante.
admin-rule-problem-too-many = Ya hay 50 reglas. Quita una antes.

admin-frames = Sitios que pueden mostrar la herramienta en un marco
admin-frames-meaning = Se deducen del emisor y de las direcciones de arriba.
admin-frames-more = Más sitios, uno por línea
admin-frames-help = Para plataformas que muestran los cursos en otro servidor, como https://apps.lms.example.org o https://*.example.org. Se aplica desde la próxima entrada.
admin-frames-bad = No se ha guardado: esta línea no es la dirección de un sitio.
audit-platform-roles = Cambió una regla de roles
audit-platform-settings = Cambió los valores iniciales de las clases de una plataforma
audit-site-settings = Cambió los valores iniciales de todas las clases
audit-platform-frames = Fijó qué sitios pueden mostrar la herramienta

# Lo que encuentra la prueba de una plataforma.
finding-keys = Claves públicas
finding-keys-bad = El servicio no puede leer las claves públicas de la plataforma, así que se rechaza toda entrada. Abre en un navegador la URL del conjunto de claves públicas: tiene que mostrar una lista de claves, sin iniciar sesión. Revisa la URL, los cortafuegos entre los dos servidores y el certificado.
finding-clock = Reloj
finding-clock-bad = Los relojes de la plataforma y de este servicio difieren en más de medio minuto, así que se rechazan entradas y notas. Pon ambos en hora con un servidor de tiempo (NTP).
finding-login = Dirección de inicio de sesión
finding-login-bad = La URL de solicitud de autenticación no responde. Compárala con los valores que muestra la plataforma.
finding-token-address = Dirección de los tokens de acceso
finding-token-address-bad = La URL de token de acceso no responde: ni notas ni listas de participantes. Compárala con los valores que muestra la plataforma.
finding-token = Token de acceso para las notas
finding-token-bad = La plataforma niega el token de acceso: ni notas ni listas de participantes. Comprueba en la plataforma que la herramienta puede usar el libro de calificaciones, que su URL de claves es /lti/jwks de este servicio y que la plataforma llega hasta ella. Puede que la audiencia de las solicitudes de token tenga que ser otra.
admin-finding-scopes = La herramienta puede
admin-unknown = todavía no se sabe
finding-unknown = Ninguna entrada de este despliegue lo ha ofrecido todavía. Abre una actividad y prueba otra vez.
finding-gradebook = Libro de calificaciones
finding-gradebook-bad = Las notas no pueden llegar: la plataforma no deja que la herramienta envíe puntuaciones, o su libro de calificaciones no responde. Comprueba en la plataforma que la herramienta puede enviar notas y gestionar sus columnas; lo que permite está arriba.
finding-participants = Participantes
finding-participants-bad = No se puede leer la lista de participantes, así que no se puede mostrar quién faltó. Comprueba en la plataforma que la herramienta puede ver nombres y roles del curso.
admin-rotate = Volver a obtener sus claves
admin-rotate-help = Si la plataforma cambió sus claves por una filtración: las obtenidas antes dejan de valer enseguida, en todos los procesos.
admin-notice-rotated = Las claves de la plataforma se obtendrán de nuevo en la próxima entrada.
audit-platform-rotate = Hizo obtener de nuevo las claves de una plataforma
audit-keys-rotate = Generó las próximas claves de la herramienta
admin-keys = Las claves de la herramienta
admin-keys-meaning = Firman el acceso a los servicios de las plataformas, el «deep linking» y los tokens de las salas. Las nuevas se publican más de un día antes de firmar, para que nadie lo note.
admin-keys-wait = Las próximas claves ya están publicadas.
admin-keys-rotate = Generar las próximas claves
admin-keys-leak = Tras una filtración, en la terminal del servidor:
admin-notice-keys = Las próximas claves están publicadas.

# El registro de auditoría.
admin-audit-search = Buscar por persona, acción o asunto
admin-audit-find = Buscar
admin-audit-export = Descargar todos los resultados
admin-audit-events = { $count ->
    [one] { $count } anotación
   *[other] { $count } anotaciones
 }
admin-audit-none = No se ha encontrado nada.
admin-audit-refused = rechazado
admin-audit-strangers = Rechazado sin haber iniciado sesión
admin-audit-strangers-meaning = Se cuenta por día y por tipo, para que nadie pueda llenar el registro desde fuera. Si son muchos, el número real puede ser mayor.
admin-audit-times = { $count ->
    [one] una vez
   *[other] { $count } veces
}
admin-audit-last = la última
admin-audit-before = Antes
admin-audit-after = Después
audit-enter = Inició sesión en la administración
audit-invite = Creó una invitación
audit-invitation-withdraw = Retiró una invitación
audit-register = Se registró con una invitación
audit-register-update = Actualizó un registro con una invitación
audit-platform-enable = Activó una plataforma
audit-platform-disable = Desactivó una plataforma
audit-platform-test = Probó una plataforma
audit-platform-change = Cambió una plataforma
audit-deployment-approve = Aprobó un despliegue
audit-deployment-approve-all = Aprobó todos los despliegues que esperaban
audit-platform-approve-always = Activó la aprobación automática de los despliegues de una plataforma
audit-platform-ask-again = Desactivó la aprobación automática de los despliegues de una plataforma
audit-deployment-refuse = Rechazó un despliegue

# Lo que ve el administrador de la plataforma.
register-title = Registrar aquí las clases en directo
register-meaning = La herramienta añade a tus cursos clases en directo con Jitsi. Al registrarla, tu plataforma guarda sus direcciones y claves; después, un administrador de la herramienta aprueba el primer uso.
register-platform = Tu plataforma
register-asks = Pide permiso para
register-others = Tu plataforma ya está registrada aquí
register-others-meaning = Continúa solo si quieres otro registro además de ese. ID de cliente:
register-update-title = Actualizar aquí las clases en directo
register-update-meaning = Tu plataforma actualiza el registro que ya tiene: direcciones, permisos y claves. Sus cursos y clases se quedan como están. ID de cliente:
register-update = Actualizar
register-next = Lo que queda por hacer en tu plataforma
register = Registrar
register-busy = Registrando…
registered-title = Registrada
registered-again = Actualizada
registered-again-meaning = Tu plataforma volvió a pedir este registro y conserva su ID de cliente. Aquí no ha cambiado nada.
registered-ready = No hace falta ninguna aprobación: las clases se abren enseguida.
registered-waits = El primer uso espera a que un administrador de la herramienta lo apruebe.
registered-meaning = Tu plataforma ya conoce la herramienta.
registered-granted = Tu plataforma le permite
registered-missing = Tu plataforma no le permite
registered-missing-action = Las clases funcionan sin esto, pero no lo que depende de ello. Puedes permitirlo en los ajustes de la herramienta en tu plataforma.
registered-finish = Terminar
registered-by-itself = Esta página se cierra automáticamente.
registered-close = Ya puedes cerrar esta página.
scope-lineitem = crear columnas de calificación para la asistencia
scope-lineitem-readonly = ver qué columnas tiene el libro de calificaciones
scope-result-readonly = leer las notas que ha enviado
scope-score = enviar notas de asistencia
scope-contextmembership-readonly = ver quién está en el curso
scope-contextgroup-readonly = ver los grupos del curso
scope-noticehandlers = recibir un aviso cuando se copia un curso

admin-unregistered = Entradas sin registro
admin-unregistered-meaning = Hubo quien llegó desde aquí, pero lo que envió no nombra ninguna plataforma registrada. Cualquiera puede enviar peticiones así, por lo que cada lista guarda solo algunas; los números las cuentan todas. Desaparecen 30 días después del último intento.
admin-unregistered-none = Ninguna entrada sin registro últimamente.
admin-unregistered-lately = { $count } en las últimas 24 horas
admin-refusals = Entradas sin verificar, rechazadas
admin-refusals-meaning = Estas peticiones no las firmó la plataforma, o no para un despliegue conocido aquí. Cualquiera puede enviarlas, por lo que la lista de abajo guarda solo las 50 últimas; los números las cuentan todas.
admin-refusals-count = { $count ->
    [one] una vez
   *[other] { $count } veces
}
admin-since = desde
admin-last-time = última vez
admin-claimed = dice ser
fact-consumer-key = Clave de consumidor (consumer key)
fact-platform-guid = La plataforma se identifica como

# Relojes de los servicios de una plataforma que están mal.
admin-clock-fast = El reloj de { $host } va adelantado { $amount }.
admin-clock-slow = El reloj de { $host } va atrasado { $amount }.
admin-clock-minutes = { $form ->
    [one] { $count } minuto
   *[other] { $count } minutos
  }
admin-clock-hours = { $form ->
    [one] { $count } hora
   *[other] { $count } horas
  }
admin-clock-days = { $form ->
    [one] { $count } día
   *[other] { $count } días
  }
admin-clock-token = Nos da los tokens de acceso.
admin-clock-gradebook = Lleva un libro de calificaciones.
admin-clock-followed = Allí nos guiamos por él, para que nada se rechace.
admin-clock-ignored = Ningún reloj va tan mal, así que nos guiamos por nuestra hora.
admin-clock-seen = Visto
admin-clock-action = Pide a quien lleva la plataforma que ponga el reloj en hora con un servidor de tiempo (NTP).

# Quién hizo algo.
actor-link-made = Enlace de un solo uso creado el
actor-link = Enlace de un solo uso
actor-lms-administrator = Administrador de la plataforma
actor-terminal = En la terminal
actor-nobody = Sin sesión
actor-invitation = Con una invitación

# Lo que responde sin un curso.
front-meaning = Este servicio lleva clases en directo por vídeo con Jitsi Meet a los cursos de una plataforma de aprendizaje (LMS).
front-course-title = Docentes y estudiantes
front-course = Abre la clase desde tu curso: esta dirección por sí sola no lleva a ninguna clase.
front-lms-title = Administradores de la plataforma
front-lms = Para añadir clases en directo a tu plataforma, pide una invitación a quien opera este servicio, o regístralo manualmente con estos valores.
front-operator-title = Quien opera este servicio
front-operator = Plataformas, servidores Jitsi y ajustes.

# Las guías.
admin-docs = Documentación
admin-docs-guides = Guías de esta versión
admin-docs-meaning = En inglés, como texto sin formato.
admin-platform = Plataforma
admin-platform-state = Estado
admin-family-unknown = otra
admin-launch-when = Cuándo
admin-launch-outcome = Resultado
