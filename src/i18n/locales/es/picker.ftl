# Un docente elige clases para un curso.
picker-title = Añadir clases al curso
picker-class = Una clase nueva
picker-class-number = Clase nueva { $number }
picker-name = Título
picker-text = Descripción
picker-optional = (opcional)
picker-begins = Empieza
picker-ends = Termina
picker-graded = Calificar la asistencia
picker-graded-help = Añade una columna de calificación en la plataforma. Los minutos en clase se convierten en la nota.
picker-ungraded = { $platform } no admite aquí una columna de calificación. Puedes hacer que se cree más tarde, en los ajustes de la clase.
picker-more = Añadir otra clase
picker-less = Quitar
picker-less-what = Quitar la clase nueva { $number }
picker-new-only = Clase nueva
picker-rooms = Clases de este curso
picker-rooms-several = Elige una clase existente para volver a enlazar su sala.
picker-rooms-one = O elige una clase existente para volver a enlazar su sala.
picker-room-unused = Todavía no se ha abierto
picker-room-used =
    { $form ->
        [one] La abre { $count } actividad
       *[other] La abren { $count } actividades
    }
picker-add = Añadir al curso
picker-cancel = Cancelar
picker-back = Volver a { $platform }
picker-problem-values = No se ha añadido nada: un valor no es correcto
picker-problem-nothing = Escribe el título de una clase nueva o elige una existente.
picker-problem-several = Aquí solo se puede añadir una clase.
picker-wrong-title = Escribe un título de 200 caracteres como máximo.
picker-title-missing = Escribe un título.
picker-wrong-begins = Escribe una fecha y una hora.
picker-wrong-ends = Escribe una fecha y una hora posteriores al comienzo.
picker-added-one = Se ha añadido una clase.
picker-added-other = Se han añadido { $count } clases.
picker-no-links-title = Aquí no se pueden añadir clases
picker-no-links-meaning = Este lugar de { $platform } admite archivos o textos, no actividades. Añade la clase donde se añaden actividades o herramientas externas.
picker-no-links-told = Añade la clase donde la plataforma permite añadir actividades.
picked-title = Volviendo al curso…

# Para cuándo está prevista una clase.
schedule-both = Prevista:

# Una sala para cada grupo.
groups-title = Elige una sala
groups-lead = Cada grupo tiene su propia sala, y sus miembros van a ella automáticamente. Tú puedes entrar en todas.
groups-own = Estás en varios grupos. Cada uno tiene su propia sala.
groups-next = Tu elección abre la página de la sala. Desde allí entras en la llamada.
groups-whole = Todo el curso
groups-whole-for = Para quien no está en ningún grupo, y para reunirse todos
groups-here = Estás aquí
groups-nobody = Sin miembros conocidos todavía. Aparecen cuando abren la actividad.
groups-members-count = { $count ->
    [one] { $count } persona
   *[other] { $count } personas
  }
groups-members-more = { $count ->
    [one] { $names } y { $count } más
   *[other] { $names } y { $count } más
  }
groups-other = Salas de los grupos
groups-none = Todavía no hay grupos. Aparecen cuando la plataforma los comparte o entra uno de sus miembros.
group-unnamed = Grupo { $number }
groups-trouble-meaning = Abajo están los grupos que ya se conocían.
groups-trouble-unreachable = La lista de grupos de la plataforma no responde.
groups-trouble-error = La lista de grupos de la plataforma devolvió un error.
groups-trouble-busy = La plataforma nos pidió esperar antes de leer sus grupos.
groups-trouble-token-refused = La plataforma no nos deja ver sus grupos.
groups-trouble-garbled = La plataforma envió una lista de grupos ilegible.

# Una actividad copiada de otro curso.
copy-title = ¿Qué sala debe usar esta actividad copiada?
copy-meaning = Se copió de otro curso y tiene una sala nueva hasta que decidas.
copy-meaning-named = Se copió de «{ $course }» y tiene una sala nueva hasta que decidas.
copy-meaning-here = Se duplicó en este curso y tiene una sala nueva hasta que decidas.
copy-own = Una sala nueva
copy-own-help = Con los mismos ajustes. Nadie del otro curso está en ella.
copy-own-help-here = Con los mismos ajustes. La otra actividad conserva su sala y su lista de asistencia.
copy-shared = Compartir la sala del curso original
copy-shared-here = Compartir la sala de la otra actividad
copy-shared-help = Los dos cursos se reúnen en una sala, con los mismos ajustes. Las listas de asistencia y las notas siguen separadas.
copy-shared-help-here = Las dos actividades se reúnen en una misma sala, con los mismos ajustes y una sola lista de asistencia. Los minutos cuentan para la actividad que abrió cada estudiante.
copy-alone = Solo quien enseña en los dos cursos puede compartir la sala del otro curso.
copy-decided = Hecho. Desde ahora esta es la sala de la actividad.
copy-change = Cambiarlo en los ajustes
copy-setting = Sala de esta actividad copiada
copy-is-own = Tiene su propia sala.
copy-is-shared = Comparte la sala del curso del que se copió.
copy-is-shared-here = Comparte la sala de la actividad de la que se duplicó.
copy-is-shared-named = Comparte la sala de «{ $course }».

# Un estudiante, como lo abre el libro de calificaciones.
learner-everybody = Asistencia de todos
learner-none = Todavía no ha asistido.
learner-minutes =
    { $form ->
        [one] { $count } minuto en esta clase.
       *[other] { $count } minutos en esta clase.
    }
learner-grade = Eso es una nota de { $grade } sobre 100, con { $target } minutos para la nota máxima.
learner-class = Clase
