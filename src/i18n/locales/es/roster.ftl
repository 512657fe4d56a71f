# La lista de participantes del curso, como la cuenta la plataforma.
roster-learners = { $form ->
    [one] El curso tiene { $count } estudiante.
   *[other] El curso tiene { $count } estudiantes.
  }
roster-learners-group = { $form ->
    [one] De este grupo se conoce { $count } estudiante por ahora: cada persona cuenta desde que abre la clase.
   *[other] De este grupo se conocen { $count } estudiantes por ahora: cada persona cuenta desde que abre la clase.
  }
roster-as-of = Lista de participantes actualizada:
roster-age-now = ahora mismo
roster-age-minutes = { $form ->
    [one] hace { $count } minuto
   *[other] hace { $count } minutos
  }
roster-age-hours = { $form ->
    [one] hace { $count } hora
   *[other] hace { $count } horas
  }
roster-age-days = { $form ->
    [one] hace { $count } día
   *[other] hace { $count } días
  }
roster-cut = La lista es más larga de lo que podemos leer, así que pueden faltar estudiantes aquí.
roster-reading = Estamos preguntando a la plataforma quién está en el curso. Tarda unos segundos.
roster-not-offered = La plataforma no comparte su lista de participantes, así que aquí no puedes ver quién faltó. Si lo necesitas, pide a la administración que permita «Names and Role Provisioning Services» para esta herramienta. Después abre de nuevo la actividad.

# Quién no estuvo en clase; mientras dura, quién no ha llegado todavía.
roster-absent = { $form ->
    [one] { $count } ausente
   *[other] { $count } ausentes
  }
roster-absent-none = Estuvieron todos los estudiantes del curso.
roster-absent-none-group = Todas las personas conocidas de este grupo estuvieron aquí.
roster-awaited = { $form ->
    [one] { $count } sin llegar todavía
   *[other] { $count } sin llegar todavía
  }
roster-awaited-none = Ya han pasado por aquí todos los estudiantes del curso.
roster-awaited-none-group = Todas las personas conocidas de este grupo ya han estado aquí.
roster-more = { $form ->
    [one] y { $count } más
   *[other] y { $count } más
  }
roster-nameless = { $form ->
    [one] { $count } sin nombre: la plataforma no lo comunica.
   *[other] { $count } sin nombre: la plataforma no lo comunica.
  }

# La lista no se puede leer por el momento.
roster-trouble-unreachable = La plataforma no responde cuando preguntamos quién está en el curso
roster-trouble-error = La plataforma responde con un error cuando preguntamos quién está en el curso
roster-trouble-busy = La plataforma nos pide que esperemos antes de leer quién está en el curso
roster-trouble-garbled = La plataforma envía una lista de participantes que no podemos leer
roster-trouble-token-refused = La plataforma no nos deja leer quién está en el curso
roster-trouble-old = Por eso la lista no está al día: falta quien haya llegado al curso desde entonces.
roster-trouble-none = Por eso aquí no puedes ver quién faltó. La asistencia y las notas se cuentan como siempre.
roster-trouble-denied = Por favor, comunica a la administración el código de abajo.
