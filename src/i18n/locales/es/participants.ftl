# La lista de participantes del curso, como la cuenta la plataforma.
participants-learners = { $form ->
    [one] El curso tiene { $count } estudiante.
   *[other] El curso tiene { $count } estudiantes.
  }
participants-learners-group = { $form ->
    [one] De este grupo se conoce { $count } estudiante por ahora: cada persona cuenta desde que abre la clase.
   *[other] De este grupo se conocen { $count } estudiantes por ahora: cada persona cuenta desde que abre la clase.
  }
participants-as-of = Lista de participantes actualizada:
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
participants-cut = La lista es más larga de lo que podemos leer, así que pueden faltar estudiantes aquí.
participants-reading = Estamos preguntando a la plataforma quién está en el curso. Tarda unos segundos.
participants-not-offered = La plataforma no comparte su lista de participantes, así que aquí no puedes ver quién faltó. Si lo necesitas, pide a la administración que permita «Names and Role Provisioning Services» para esta herramienta. Después abre de nuevo la actividad.

# Quién no estuvo en clase; mientras dura, quién no ha llegado todavía.
participants-absent = { $form ->
    [one] { $count } ausente
   *[other] { $count } ausentes
  }
participants-absent-none = Estuvieron todos los estudiantes del curso.
participants-absent-none-group = Todas las personas conocidas de este grupo estuvieron aquí.
participants-awaited = { $form ->
    [one] { $count } sin llegar todavía
   *[other] { $count } sin llegar todavía
  }
participants-awaited-none = Ya han pasado por aquí todos los estudiantes del curso.
participants-awaited-none-group = Todas las personas conocidas de este grupo ya han estado aquí.
participants-more = { $form ->
    [one] y { $count } más
   *[other] y { $count } más
  }
participants-nameless = { $form ->
    [one] { $count } sin nombre: la plataforma no lo comunica.
   *[other] { $count } sin nombre: la plataforma no lo comunica.
  }

# La lista no se puede leer por el momento.
participants-trouble-unreachable = La plataforma no responde cuando preguntamos quién está en el curso
participants-trouble-error = La plataforma responde con un error cuando preguntamos quién está en el curso
participants-trouble-busy = La plataforma nos pide que esperemos antes de leer quién está en el curso
participants-trouble-garbled = La plataforma envía una lista de participantes que no podemos leer
participants-trouble-token-refused = La plataforma no nos deja leer quién está en el curso
participants-trouble-old = Por eso la lista no está al día: falta quien haya llegado al curso desde entonces.
participants-trouble-none = Por eso aquí no puedes ver quién faltó. La asistencia y las notas se cuentan como siempre.
participants-trouble-denied = Por favor, comunica a la administración el código de abajo.
