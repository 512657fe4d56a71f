# Cuándo tiene lugar una clase: su plan y sus fechas.
schedule-title = Fechas
schedule-next = Próxima:
schedule-in-zone = Las horas son las de la zona horaria del curso: { $zone }.
schedule-always-open = No hay fechas previstas: la sala está siempre abierta.
schedule-none-to-come = No quedan más fechas.
schedule-past = { $count ->
    [one] { $count } fecha pasada
   *[other] { $count } fechas pasadas
  }
schedule-kept = Solo se puede entrar en la clase a estas horas.
schedule-not-kept = También se puede entrar en la clase a otras horas.
schedule-saved = Fechas guardadas.
schedule-not-saved = No se ha guardado: un valor no es correcto
schedule-overtaken-meaning = Las fechas de arriba son las nuevas. Lo que has escrito está abajo y no se ha guardado; si guardas otra vez, las sustituye.
schedule-plan = Planificar las fechas
schedule-plan-anew = Cambiar el plan
schedule-kind = ¿Cuándo es la clase?
schedule-kind-open = Siempre abierta
schedule-kind-one = Una vez
schedule-kind-series = Una serie
schedule-begins = Comienza
schedule-ends = Termina
schedule-zone = Zona horaria
schedule-repeats = Se repite
schedule-daily = por días
schedule-weekly = por semanas
schedule-monthly = por meses, el mismo día
schedule-monthly-weekday = por meses, el mismo día de la semana
schedule-every = Cada … días, semanas o meses
schedule-days = Días de la semana
schedule-days-help = Sin marcar: el día de la primera fecha.
schedule-until = Termina
schedule-until-count = después de este número de fechas:
schedule-until-day = este día:
schedule-count = Número de fechas
schedule-last-day = Último día
schedule-show = Ver las fechas
schedule-preview = { $count ->
    [one] Esta es la fecha. Aún no se ha guardado nada.
   *[other] Estas son las { $count } fechas. Aún no se ha guardado nada.
  }
schedule-preview-open = La sala estará siempre abierta. Aún no se ha guardado nada.
schedule-preview-removed = { $count ->
    [one] Desaparece { $count } fecha prevista hasta ahora.
   *[other] Desaparecen { $count } fechas previstas hasta ahora.
  }
schedule-confirm = Guardar estas fechas
schedule-shift-title = Mover todas las fechas
schedule-shift-help = Todas las fechas que quedan se mueven este número de días y conservan su hora. Con un signo menos, se adelantan.
schedule-shift-days = Días
schedule-shift = Moverlas
schedule-take-title = Tomar las fechas del original
schedule-take-help = { $count ->
    [one] Esta actividad es una copia. El original tiene { $count } fecha; escribe cuántos días después es aquí.
   *[other] Esta actividad es una copia. El original tiene { $count } fechas; escribe cuántos días después son aquí.
  }
schedule-take = Tomarlas
schedule-wrong-kind = Elige cuándo es la clase.
schedule-wrong-zone = Esa zona horaria no existe. Escribe una ciudad, como Europe/Madrid.
schedule-wrong-begins = Escribe una fecha y una hora entre 2000 y 2099.
schedule-wrong-ends = Escribe cuándo termina la primera fecha.
schedule-wrong-order = El final tiene que ser posterior al comienzo.
schedule-wrong-length = Una clase dura entre 5 minutos y 24 horas.
schedule-wrong-past = Esa hora ya ha pasado.
schedule-wrong-never = No cabe ninguna fecha: la serie termina antes de comenzar.
schedule-wrong-too-many = Son más de 400 fechas. Termina la serie antes.
schedule-wrong-overlap = Dos fechas se solaparían.
schedule-wrong-every = Escribe un número entero del 1 al 52.
schedule-wrong-count = Escribe un número entero del 1 al 400.
schedule-wrong-last-day = Escribe el último día.
schedule-wrong-pattern = Elige cómo se repite.
schedule-wrong-until = Elige cuándo termina la serie.
schedule-wrong-days = Escribe un número entero de días distinto de 0, de diez años como máximo.
schedule-wrong-note = Una nota tiene 300 caracteres como máximo.
day-mon = lun
day-tue = mar
day-wed = mié
day-thu = jue
day-fri = vie
day-sat = sáb
day-sun = dom

# Una sola fecha.
date-title = Cambiar una fecha
date-change = Cambiar
date-change-of = Cambiar la fecha { $date }
date-cancelled = Cancelada
date-now = Ahora
date-moved-from = Antes:
date-jumps = Esa noche cambia la hora y la prevista no existe, así que comienza más tarde.
date-note = Nota para todos
date-cancel = Cancelada
date-cancel-help = Todos ven que no tiene lugar, y nadie puede entrar entonces.
date-scope = ¿Qué cambia?
date-scope-one = Esta fecha
date-scope-following = { $count ->
    [one] Esta fecha y las siguientes ({ $count })
   *[other] Esta fecha y las siguientes ({ $count })
  }
date-scope-all = { $count ->
    [one] Todas las fechas que quedan ({ $count })
   *[other] Todas las fechas que quedan ({ $count })
  }
date-overtaken-meaning = La fecha de arriba es la que se guardó. Lo que has escrito está abajo y no se ha guardado; si guardas otra vez, la sustituye.

# Calendarios.
calendar-title = En tu calendario
calendar-file = Descargar las fechas (.ics)
calendar-google = Próxima fecha en Google Calendar
calendar-outlook = Próxima fecha en Outlook
calendar-feed = Suscribirse
calendar-feed-help = Esta dirección muestra las fechas de todas tus clases y sigue sus cambios. Es solo tuya: quien la tenga también las ve.
calendar-reset = Tomar otra dirección
calendar-reset-help = La dirección anterior deja de funcionar en todos los calendarios.
calendar-reset-done = Esta es tu nueva dirección. La anterior ya no funciona.
calendar-name = Mis clases
calendar-how = Abre la actividad en tu curso para entrar: { $course }
