# Sesiones y personas.
admin-nav-sessions = Sesiones
admin-sessions-own = Tus sesiones
admin-sessions-meaning = Una sesión dura ocho horas. Cierra las que ya no uses o no reconozcas.
admin-sessions-others = Otros administradores
admin-sessions-end-others = Cerrar todas las sesiones menos esta
admin-session-this = esta
admin-session-who = Administrador
admin-session-began = Inicio de sesión
admin-session-seen = Último uso
admin-session-end = Cerrar
audit-session-end = Cerró una sesión
admin-end-sessions = Cerrar todas las sesiones
admin-end-sessions-help = Todas las personas de esta plataforma tendrán que volver a abrir su actividad. La asistencia de quienes están en clase deja de contar hasta que vuelvan a entrar.
admin-notice-ended = Se han cerrado todas las sesiones.
audit-platform-end-sessions = Cerró todas las sesiones de una plataforma
admin-people = Personas
admin-people-search = Buscar por nombre o ID de usuario en la plataforma
admin-people-found = { $count ->
    [one] 1 persona
   *[other] { $count } personas
}
admin-people-more = Hay más. Acota la búsqueda.
admin-people-none = No se encontró a nadie.
admin-person-sub = ID de usuario en la plataforma
admin-person-blocked = bloqueada
admin-person-access = Acceso
admin-person-access-meaning = Una persona bloqueada no puede abrir ninguna clase y su asistencia deja de contar enseguida. Si está en una videollamada, sigue en ella hasta que la expulse un moderador o caduque su acceso.
admin-person-block = Bloquear
admin-person-unblock = Desbloquear
admin-person-end-sessions = Cerrar sus sesiones
admin-person-control-own = No puedes bloquearte a ti mismo.
admin-person-control-shared = Esta persona pertenece también a otros despliegues. Pide a quien opera este servicio que la bloquee.
admin-person-sessions-from = Sesiones cerradas
admin-person-notice-blocked = Bloqueada. Sus sesiones se han cerrado.
admin-person-notice-unblocked = Desbloqueada. Ya puede volver a abrir sus actividades.
admin-person-notice-ended = Sus sesiones se han cerrado.
admin-person-stored = Qué se guarda
admin-person-since = Primera entrada
admin-person-locale = Idioma
admin-person-picture = Dirección de una foto
admin-person-has = guardada
admin-person-has-not = no guardada
admin-person-intervals = Tiempos en clase
admin-person-scores = Notas
admin-person-courses = { $count ->
    [one] 1 curso
   *[other] { $count } cursos
}
audit-person-block = Bloqueó a una persona
audit-person-unblock = Desbloqueó a una persona
audit-person-end-sessions = Cerró las sesiones de una persona
