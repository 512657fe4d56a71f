# El comentario que acompaña a una nota en el libro de calificaciones.
score-comment = { $minutes } de { $target } minutos

# Cuánto vale el tiempo en clase.
grades-title = Notas
grades-rule = { $form ->
    [one] Nota máxima (100): { $target } minuto en clase, en total.
   *[other] Nota máxima (100): { $target } minutos en clase, en total.
  }
grades-rule-when = Las notas van al libro de calificaciones cuando un estudiante sale.
grades-change = Cambiar
grades-change-what = Cambiar los ajustes de las notas
grades-open-settings = Abrir los ajustes
grades-none = Todavía no ha estado ningún estudiante en clase. Las notas aparecen aquí a medida que entran.

# Por qué las notas no van al libro de calificaciones.
grades-off-title = Las notas no se envían
grades-off-meaning = El envío está desactivado en los ajustes de esta clase. Las notas solo se muestran aquí.
grades-looking = Buscando la columna de calificación de esta actividad…
grades-not-graded-title = No se envía nada: esta actividad no se califica en la plataforma
grades-not-graded-meaning = En su libro de calificaciones no hay columna para la actividad, así que las notas solo se muestran aquí.
grades-not-graded-action = Para enviarlas, activa la calificación en los ajustes de la actividad en la plataforma. Después abre de nuevo la actividad.
grades-not-graded-make = O deja que creemos una columna: elígelo en los ajustes de esta clase.
grades-not-offered-title = No se envía nada: no tenemos acceso al libro de calificaciones
grades-not-offered-meaning = La plataforma no nos da acceso al libro de calificaciones de esta actividad, así que las notas solo se muestran aquí.
grades-not-offered-action = Para enviar notas, pide a la administración que permita «Assignment and Grade Services» para esta herramienta. Después abre de nuevo la actividad.

# El libro de calificaciones no funciona por el momento.
grades-trouble-unreachable = El libro de calificaciones de la plataforma no responde
grades-trouble-error = El libro de calificaciones de la plataforma devolvió un error
grades-trouble-busy = El libro de calificaciones de la plataforma nos pidió esperar
grades-trouble-garbled = El libro de calificaciones de la plataforma envió una respuesta ilegible
grades-trouble-token-refused = La plataforma niega el acceso a su libro de calificaciones
grades-trouble-meaning = No se pierde nada: las notas esperan aquí y seguimos intentándolo. No tienes que hacer nada. Si dura más de un día, comunica a la administración el código de abajo.
grades-trouble-denied = No se pierde nada: las notas esperan aquí y seguimos intentándolo. Comunica a la administración el código de abajo. Cuando vuelva a haber acceso, las notas se enviarán automáticamente.
grades-since = Desde
grades-next = Próximo intento:
grades-now = Intentándolo ahora mismo…

# La lista.
grades-learner = Estudiante
grades-grade = Nota
grades-in-gradebook = Libro de calificaciones
# Lo que se envió y lo que muestra ahora el libro de calificaciones.
grades-sent-what = Enviada: { $grade }
grades-shown-what = Muestra: { $grade }
grades-shown-nothing = No muestra ninguna nota
grades-note = Explicación
grades-nothing = nada todavía
grades-state-in-class = En clase
grades-state-waiting = En espera
grades-state-sent = Enviada
grades-state-refused = Rechazada
grades-state-not-sent = Sin enviar
grades-state-too-short = Sin enviar
grades-count-in-class = { $form ->
    [one] { $count } en clase
   *[other] { $count } en clase
  }
grades-count-waiting = { $form ->
    [one] { $count } en espera
   *[other] { $count } en espera
  }
grades-count-sent = { $form ->
    [one] { $count } enviada
   *[other] { $count } enviadas
  }
grades-count-refused = { $form ->
    [one] { $count } rechazada
   *[other] { $count } rechazadas
  }

# Por qué falta una nota y qué hacer.
grades-waits-for-gradebook = Se enviará cuando el libro de calificaciones esté disponible.
grades-waits-for-retry = El libro de calificaciones todavía no la ha aceptado. Seguimos intentándolo.
grades-reason-not-a-learner = El libro de calificaciones no tiene a esta persona como estudiante. Quizá ya no está matriculada o es docente del curso. Si no es correcto, matricúlala y vuelve a enviar la nota.
grades-reason-no-gradable-role = El rol de esta persona en el curso no recibe calificaciones. Si debe recibirlas, dale en la plataforma un rol que las reciba y vuelve a enviar la nota.
grades-reason-grade-locked = La calificación está bloqueada o el libro está cerrado. Ábrelo en la plataforma si esta nota debe llegar allí.
grades-reason-line-item-gone = La columna de calificación se ha borrado. Activa de nuevo la calificación en los ajustes de la actividad en la plataforma y abre otra vez la actividad.
grades-reason-not-allowed = La plataforma no nos deja escribir notas aquí. Comunica el código a la administración.
grades-reason-superseded = El libro de calificaciones tiene una nota más reciente, quizá puesta por un docente. No la hemos cambiado. Usa «Enviar de nuevo» para sustituirla.
grades-superseded-shown = El libro de calificaciones tiene una nota más reciente: { $shown }, quizá puesta por un docente. No la hemos cambiado. Usa «Enviar de nuevo» para sustituirla.
grades-changed-there = El libro de calificaciones muestra { $shown } en lugar de lo que enviamos, quizá porque un docente la cambió. La dejamos como está.
grades-emptied-there = El libro de calificaciones aceptó esta nota, pero no muestra ninguna, quizá porque un docente la borró o la ocultó.
grades-too-short = Menos de un minuto en clase, así que no se envía ninguna nota. Puedes cambiarlo en los ajustes.
grades-reason-attempts-used-up = Al estudiante no le quedan intentos en esta actividad. Permite más intentos en la plataforma y vuelve a enviar la nota.
grades-reason-rejected = La plataforma no aceptó la nota y no dijo por qué. Vuelve a enviarla. Si no funciona, comunica el código a la administración.
grades-reason-gave-up = El libro de calificaciones no respondió en 7 días, así que dejamos de intentarlo. Vuelve a enviar la nota cuando funcione.

# Enviar de nuevo.
grades-send-again = Enviar de nuevo
grades-send-all = Enviar todas de nuevo
grades-sending = Enviando…
grades-on-its-way = enviándose
grades-send-failed = No se ha enviado nada: no se pudo conectar con el servicio. Comprueba tu conexión e inténtalo de nuevo.

# El camino propio hasta la nota máxima.
mine-target = { $form ->
    [one] { $minutes } de { $target } minuto para la nota máxima
   *[other] { $minutes } de { $target } minutos para la nota máxima
  }
mine-full = { $form ->
    [one] Has llegado a la nota máxima: { $target } de { $target } minuto.
   *[other] Has llegado a la nota máxima: { $target } de { $target } minutos.
  }
