# Registrar manualmente.
by-hand-which = Plataforma de aprendizaje
by-hand-other = Otra
by-hand-there = Primero, en la plataforma
by-hand-values = Ver los valores que hay que introducir allí
by-hand-here = Después, aquí
by-hand-unusable = No se ha guardado: falta un valor o no se puede leer.
by-hand-known = No se ha guardado: esta plataforma ya está registrada con este ID de cliente.
by-hand-known-see = Verla
by-hand-site = Dirección del sitio (Moodle: ID de plataforma)
by-hand-environment = Qué Canvas
by-hand-environment-production = Producción
by-hand-environment-beta = Beta
by-hand-environment-test = Prueba
by-hand-issuer = Emisor
by-hand-client_id = ID de cliente
by-hand-deployment_id = ID de despliegue (opcional)
by-hand-deployment-help = Si lo dejas vacío, la primera entrada lo añade a tu resumen, donde espera tu aprobación.
by-hand-auth_url = URL de solicitud de autenticación
by-hand-token_url = URL de token de acceso
by-hand-jwks_url = URL del conjunto de claves públicas
by-hand-token_audience = Audiencia de las solicitudes de token (vacío: la URL de token de acceso)
by-hand-name = Nombre visible (opcional)
audit-platform-add = Registró una plataforma manualmente
admin-notice-added = La plataforma está registrada. Prueba ahora la conexión.

config-title = Valores para plataformas de aprendizaje
config-meaning = Lo que hay que introducir para configurar manualmente una plataforma. Nada de ello es secreto.
config-entries = Introduce estos
config-tick = Qué hay que activar allí
config-back = Después, da los valores que muestra la plataforma a quien administra este servicio.

# Borrar una plataforma: más de lo que se cuenta.
admin-delete-rooms = Salas
admin-delete-meetings = Reuniones
admin-delete-waiting = Tareas pendientes, como notas por enviar
admin-delete-launches = Entradas en el registro
