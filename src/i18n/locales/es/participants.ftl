# La lista de participantes del curso, como la cuenta la plataforma.
participants-learners = { $form ->
    [one] El curso tiene { $count } estudiante.
   *[other] El curso tiene { $count } estudiantes.
  }
participants-learners-group = { $form ->
    [one] De este grupo se conoce { $count } estudiante por ahora: cada persona cuenta desde que abre la clase.
   *[other] De este grupo se conocen { $count } estudiantes por ahora: cada persona cuenta desde que abre la clase.
  }
participants-as-of = Participantes actualizados:
participants-age-now = ahora mismo
participants-age-minutes = { $form ->
    [one] hace { $count } minuto
   *[other] hace { $count } minutos
  }
participants-age-hours = { $form ->
    [one] hace { $count } hora
   *[other] hace { $count } horas
  }
participants-age-days = { $form ->
    [one] hace { $count } día
   *[other] hace { $count } días
  }
participants-cut = La lista es demasiado larga para leerla entera, así que pueden faltar estudiantes aquí.
participants-reading = Cargando participantes…
participants-not-offered = La plataforma no comparte su lista de participantes, así que aquí no puedes ver quién faltó. Si lo necesitas, pide a la administración que permita «Names and Role Provisioning Services» para esta herramienta. Después abre de nuevo la actividad.

# Quién no estuvo en clase; mientras dura, quién no ha llegado todavía.
participants-absent = { $form ->
    [one] { $count } ausente
   *[other] { $count } ausentes
  }
participants-absent-none = Estuvieron todos los estudiantes del curso.
participants-absent-none-group = Todas las personas conocidas de este grupo estuvieron aquí.
participants-awaited = { $form ->
    [one] { $count } todavía por llegar
   *[other] { $count } todavía por llegar
  }
participants-awaited-none = Ya han pasado por aquí todos los estudiantes del curso.
participants-awaited-none-group = Todas las personas conocidas de este grupo ya han estado aquí.
participants-more = { $form ->
    [one] y { $count } más
   *[other] y { $count } más
  }
participants-nameless = { $form ->
    [one] { $count } de ellos sin nombre: la plataforma no lo comparte.
   *[other] { $count } de ellos sin nombre: la plataforma no lo comparte.
  }

# La lista no se puede leer por el momento.
participants-trouble-unreachable = La plataforma no responde cuando preguntamos quién está en el curso
participants-trouble-error = La plataforma devolvió un error cuando preguntamos quién está en el curso
participants-trouble-busy = La plataforma nos pidió esperar antes de leer quién está en el curso
participants-trouble-garbled = La plataforma envió una lista de participantes ilegible
participants-trouble-token-refused = La plataforma no nos deja ver quién está en el curso
participants-trouble-old = Por eso la lista no está al día: falta quien haya llegado al curso desde entonces.
participants-trouble-none = Por eso aquí no puedes ver quién faltó. La asistencia y las notas se cuentan como siempre.
participants-trouble-denied = Comunica a la administración el código de abajo.
