# En la clase: si el tiempo que pasas en ella llega a contarse.
presence-uncounted = Tu tiempo aquí no se está contando. Sal y abre de nuevo la actividad.
presence-unreachable = Ahora mismo no podemos conectar con el servicio. No cierres esta página: tu tiempo se enviará cuando vuelva la conexión.

# En la página de la actividad: tu propio tiempo.
attendance-mine = Tu tiempo en esta clase
attendance-mine-none = Tu tiempo cuenta desde que entras en la clase.
attendance-mine-minutes = { $form ->
    [one] Hasta ahora has estado { $count } minuto en esta clase.
   *[other] Hasta ahora has estado { $count } minutos en esta clase.
  }
attendance-mine-uncounted = Aquí solo observas, así que tu tiempo no cuenta como asistencia.

# Quién estuvo, para quienes moderan.
attendance-title = Asistencia
attendance-none = Todavía no ha entrado nadie. La asistencia aparece aquí a medida que la gente entra.
attendance-people = { $form ->
    [one] { $count } persona
   *[other] { $count } personas
  }
attendance-live = En directo
attendance-length = La clase duró { $form ->
    [one] { $count } minuto.
   *[other] { $count } minutos.
  }
attendance-length-live = En curso desde hace { $form ->
    [one] { $count } minuto.
   *[other] { $count } minutos.
  }
attendance-ended = La última persona salió a las
attendance-more = { $form ->
    [one] Aquí no se muestra { $count } persona más.
   *[other] Aquí no se muestran { $count } personas más.
  }
attendance-next = Mostrar más
attendance-table = Personas en esta clase
attendance-name = Nombre
attendance-minutes = Minutos
attendance-first = Primera vez
attendance-last = Última vez
attendance-status = Estado
attendance-here = En clase
attendance-away = Ha salido
attendance-zone = Las horas se muestran en tu zona horaria:
attendance-stale = No se puede actualizar ahora. Última actualización a las
