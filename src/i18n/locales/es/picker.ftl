# A teacher chooses classes for a course.
picker-title = Añadir clases al curso
picker-class = Una clase nueva
picker-class-number = Clase nueva { $number }
picker-name = Título
picker-text = Descripción
picker-optional = (opcional)
picker-begins = Empieza
picker-ends = Termina
picker-graded = La asistencia cuenta como nota
picker-graded-help = La plataforma recibe una columna de calificación. Los minutos en clase se convierten en la nota.
picker-ungraded = { $platform } no admite aquí una columna de calificación. Puedes pedirla más tarde en los ajustes de la clase.
picker-more = Otra clase nueva
picker-less = Quitar
picker-less-what = Quitar la clase nueva { $number }
picker-new-only = Crear una clase nueva
picker-rooms = Clases de este curso
picker-rooms-several = Marca una clase para añadir otra entrada a la misma sala.
picker-rooms-one = Elige una clase para añadir en su lugar otra entrada a la misma sala.
picker-room-unused = Aún no se ha abierto
picker-room-used =
    { $form ->
        [one] La abre { $count } actividad
       *[other] La abren { $count } actividades
    }
picker-add = Añadir al curso
picker-cancel = Cancelar
picker-back = Volver a { $platform }
picker-problem-values = No se ha añadido nada: un valor no es correcto
picker-problem-nothing = Escribe el título de una clase nueva o elige una clase de este curso.
picker-problem-several = En este lugar del curso solo cabe una clase.
picker-wrong-title = Escribe un título de 200 caracteres como máximo.
picker-title-missing = Escribe un título.
picker-wrong-begins = Escribe una fecha y una hora.
picker-wrong-ends = Escribe una fecha y una hora posteriores al comienzo.
picker-added-one = Se ha añadido una clase.
picker-added-other = Se han añadido { $count } clases.
picker-no-links-title = Aquí no se puede añadir ninguna clase
picker-no-links-meaning = Este lugar de { $platform } admite archivos o textos, no actividades. Añade la clase donde se añaden actividades o herramientas externas.
picker-no-links-told = Una clase solo se puede añadir donde la plataforma admite actividades.
picked-title = Volviendo al curso…

# When a class was planned for.
schedule-both = Prevista:
schedule-begins = Prevista desde
schedule-ends = Prevista hasta

# A room for each group.
groups-title = Elige una sala
groups-lead = Cada grupo tiene su propia sala, y sus miembros van a ella automáticamente. Tú puedes entrar en todas.
groups-own = Estás en varios grupos. Cada uno tiene su propia sala.
groups-next = Tu elección abre la página de la sala. Desde allí entras en la llamada.
groups-whole = Todo el curso
groups-whole-for = Para quien no está en ningún grupo, y para reunir a todos
groups-here = Estás aquí
groups-nobody = Aún no se conoce ningún miembro. Aparecen cuando abren la actividad.
groups-members-count = { $count ->
    [one] { $count } persona
   *[other] { $count } personas
  }
groups-members-more = { $count ->
    [one] { $names } y { $count } más
   *[other] { $names } y { $count } más
  }
groups-other = Salas de los grupos
groups-none = Aún no se conoce ningún grupo de este curso. Los grupos aparecen aquí cuando la plataforma los comunica, a más tardar cuando llega su primer miembro.
group-unnamed = Grupo { $number }
groups-trouble-meaning = Abajo están los grupos que ya se conocían.
groups-trouble-unreachable = La lista de grupos de la plataforma no responde.
groups-trouble-error = La lista de grupos de la plataforma responde con un error.
groups-trouble-busy = La plataforma nos pide esperar antes de comunicar sus grupos.
groups-trouble-token-refused = La plataforma no nos deja ver sus grupos.
groups-trouble-garbled = La lista de grupos de la plataforma no se puede leer.

# An activity that was copied from another course.
copy-title = ¿Qué sala debe usar esta actividad copiada?
copy-meaning = Se copió de otro curso y tiene una sala nueva hasta que decidas.
copy-meaning-named = Se copió de «{ $course }» y tiene una sala nueva hasta que decidas.
copy-meaning-here = Se duplicó en este curso y tiene una sala nueva hasta que decidas.
copy-own = Una sala nueva
copy-own-help = Con los mismos ajustes. Nadie del otro curso está en ella.
copy-own-help-here = Con los mismos ajustes. La otra actividad conserva su sala y su lista de asistencia.
copy-shared = La misma sala que allí
copy-shared-here = La sala de la otra actividad
copy-shared-help = Los dos cursos se reúnen en una sala, con los mismos ajustes. Las listas de asistencia y las notas siguen separadas.
copy-shared-help-here = Las dos actividades se reúnen en una misma sala, con los mismos ajustes y una sola lista de asistencia. Los minutos cuentan para la actividad que abrió cada estudiante.
copy-alone = La sala del otro curso solo la puede usar quien enseña en los dos.
copy-decided = Hecho. Desde ahora esta es la sala de la actividad.
copy-change = Cambiarlo en los ajustes
copy-setting = Sala de esta actividad copiada
copy-is-own = Tiene su propia sala.
copy-is-shared = Usa la sala del curso del que se copió.
copy-is-shared-here = Usa la sala de la actividad de la que se duplicó.
copy-is-shared-named = Usa la sala de «{ $course }».

# One learner, as a platform’s gradebook opens it.
learner-everybody = Asistencia de todos
learner-none = Aún no ha estado en esta clase.
learner-minutes =
    { $form ->
        [one] { $count } minuto en esta clase.
       *[other] { $count } minutos en esta clase.
    }
learner-grade = Eso es una nota de { $grade } de 100, con { $target } minutos para la nota completa.
learner-class = Clase
