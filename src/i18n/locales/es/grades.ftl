# El comentario que acompaña a una nota en el libro de calificaciones.
score-comment = { $minutes } de { $target } minutos

# Cuánto vale el tiempo en clase.
grades-title = Notas
grades-rule = { $form ->
    [one] Con { $target } minuto en clase se obtiene la nota máxima (100).
   *[other] Con { $target } minutos en clase se obtiene la nota máxima (100).
  }
grades-rule-when = La nota va al libro de calificaciones cuando cada estudiante sale de la clase.
grades-change = Cambiar
grades-change-what = Cambiar los ajustes de las notas
grades-open-settings = Abrir los ajustes
grades-none = Todavía no ha estado ningún estudiante en clase. En cuanto entre alguno, verás aquí su nota.

# Por qué las notas no van al libro de calificaciones.
grades-off-title = Las notas no se envían
grades-off-meaning = El envío está desactivado en los ajustes de esta clase. Las notas solo se muestran aquí.
grades-looking = Buscando la columna de calificación de esta actividad…
grades-not-graded-title = No se envía nada: la plataforma no califica esta actividad
grades-not-graded-meaning = En su libro de calificaciones no hay columna para la actividad, así que las notas solo se muestran aquí.
grades-not-graded-action = Para enviarlas, activa la calificación en los ajustes de la actividad en la plataforma. Después abre de nuevo la actividad.
grades-not-graded-make = O deja que creemos una columna: elígelo en los ajustes de esta clase.
grades-not-offered-title = No se envía nada: no tenemos acceso al libro de calificaciones
grades-not-offered-meaning = La plataforma no nos abre su libro de calificaciones para esta actividad, así que las notas solo se muestran aquí.
grades-not-offered-action = Si las notas deben llegar allí, pide a la administración que permita «Assignment and Grade Services» para esta herramienta. Después abre de nuevo la actividad.

# El libro de calificaciones no funciona por el momento.
grades-trouble-unreachable = El libro de calificaciones de la plataforma no responde
grades-trouble-error = El libro de calificaciones de la plataforma responde con un error
grades-trouble-busy = El libro de calificaciones de la plataforma nos pide que esperemos
grades-trouble-garbled = El libro de calificaciones de la plataforma responde algo que no podemos leer
grades-trouble-token-refused = La plataforma no nos deja entrar en su libro de calificaciones
grades-trouble-meaning = No se pierde nada: las notas esperan aquí y seguimos intentándolo. No tienes que hacer nada. Si dura más de un día, comunica a la administración el código de abajo.
grades-trouble-denied = No se pierde nada: las notas esperan aquí y seguimos intentándolo. Por favor, comunica a la administración el código de abajo. Cuando vuelva a haber acceso, las notas se enviarán solas.
grades-since = Desde:
grades-next = Próximo intento:
grades-now = Lo estamos intentando ahora mismo.

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
grades-reason-not-a-learner = Esta persona no figura como estudiante en el libro de calificaciones. Quizá ya no tiene matrícula o es docente del curso. Si no es correcto, matricúlala y vuelve a enviar la nota.
grades-reason-no-gradable-role = El rol de esta persona en el curso no recibe calificaciones. Si debe recibirlas, dale en la plataforma un rol que las reciba y vuelve a enviar la nota.
grades-reason-grade-locked = La calificación está bloqueada o el libro está cerrado. Ábrelo en la plataforma si esta nota debe llegar allí.
grades-reason-line-item-gone = La columna de calificación se ha borrado. Activa de nuevo la calificación en los ajustes de la actividad en la plataforma y abre otra vez la actividad.
grades-reason-not-allowed = La plataforma no nos deja escribir notas aquí. Por favor, comunica el código a la administración.
grades-reason-superseded = El libro de calificaciones tiene una nota más reciente. Quizá se puso allí a mano. Se queda como está y la nuestra no se ha escrito. Para poner la nuestra, vuelve a enviarla.
grades-superseded-shown = El libro de calificaciones tiene una nota más reciente: { $shown }. Quizá se puso allí a mano. La dejamos como está. Para poner la nuestra, vuelve a enviarla.
grades-changed-there = El libro de calificaciones muestra { $shown } en lugar de lo que enviamos, quizá porque se cambió allí a mano. Lo dejamos como está.
grades-emptied-there = El libro de calificaciones aceptó esta nota, pero no muestra ninguna, quizá porque se borró o se ocultó allí.
grades-too-short = Menos de un minuto en clase, así que no se envía ninguna nota. Puedes cambiarlo en los ajustes.
grades-reason-attempts-used-up = Al estudiante no le quedan intentos en esta actividad. Permite más intentos en la plataforma y vuelve a enviar la nota.
grades-reason-rejected = La plataforma no ha aceptado la nota y no ha dicho por qué. Vuelve a enviarla. Si no ayuda, comunica el código a la administración.
grades-reason-gave-up = El libro de calificaciones no ha respondido en 7 días, así que dejamos de intentarlo. Vuelve a enviar la nota cuando funcione.

# Enviar de nuevo.
grades-send-again = Enviar de nuevo
grades-send-all = Enviar todas de nuevo
grades-sending = Enviando…
grades-on-its-way = en camino
grades-send-failed = No se ha enviado nada, porque no se ha podido conectar con el servicio. Comprueba tu conexión e inténtalo de nuevo.

# El camino propio hasta la nota máxima.
mine-target = { $form ->
    [one] { $minutes } de { $target } minuto para la nota máxima
   *[other] { $minutes } de { $target } minutos para la nota máxima
  }
mine-full = { $form ->
    [one] Has llegado a la nota máxima: { $target } de { $target } minuto.
   *[other] Has llegado a la nota máxima: { $target } de { $target } minutos.
  }
