# Lo que cambia de una familia de plataformas a otra.

by-hand-where-moodle = Moodle muestra estos valores en «Ver detalles de configuración» de la herramienta. Las demás direcciones se deducen de la del sitio.
by-hand-where-canvas = El ID de cliente es el número largo de la clave de desarrollador; el ID de despliegue está en el menú de la aplicación instalada. Las direcciones son las mismas para todos los Canvas en la nube. Para un Canvas en servidor propio elige «Otra».
by-hand-where-blackboard = El ID de cliente es el ID de aplicación del portal de desarrolladores. Las direcciones son las mismas para todos los Blackboard.
by-hand-where-brightspace = Brightspace muestra el ID de cliente en la página del registro, y el ID de despliegue en la del despliegue. Las direcciones se deducen de la del sitio.
by-hand-where-sakai = Sakai muestra estos valores al abrir la herramienta en la lista de herramientas externas.
by-hand-where-schoology = Schoology muestra el ID de cliente en la página de la aplicación. Las direcciones son las mismas para todos.
by-hand-where-open-edx = Studio muestra estos valores debajo del componente guardado. El emisor es la dirección del LMS, no la de Studio.
by-hand-where-other = La plataforma muestra estos valores al guardar allí la herramienta.

config-where-moodle = Administración del sitio › Extensiones › Módulos de actividad › Herramienta externa › Gestionar herramientas › configurar una herramienta manualmente. Versión de LTI: LTI 1.3; tipo de clave pública: URL de claves.
config-where-canvas = Administrador › Claves de desarrollador › + Clave de desarrollador › + Clave LTI, método «Introducir URL». Canvas lee todo lo demás de la primera dirección; las otras son para introducirlas a mano.
config-where-blackboard = El portal de desarrolladores (developer.anthology.com) › Manage › Register an application.
config-where-brightspace = Herramientas de administración › Administrar extensibilidad › LTI Advantage › Registrar herramienta › Estándar.
config-where-sakai = Espacio de administración › Herramientas externas › Instalar herramienta LTI 1.x.
config-where-schoology = App Center › My Developer Apps › Add App, tipo de configuración LTI 1.3.
config-where-open-edx = Studio › Avanzado › LTI Consumer › Editar, versión de LTI 1.3.
config-where-other = Los ajustes de herramientas externas (LTI 1.3) de tu plataforma.

config-tick-moodle = Admite Deep Linking; servicios de tareas y calificaciones: sincronización y gestión de columnas; nombres y roles; compartir el nombre: siempre, el correo: nunca; aceptar calificaciones: delegar en el profesor. Contenedor: incrustado, sin bloques. La clase misma se abre en su propia ventana, así que se puede compartir pantalla. Uso de la configuración: mostrar en el selector de actividades; si no, el profesorado no encuentra la herramienta.
config-tick-canvas = Deja activados los permisos y las ubicaciones que quieras, y la privacidad al menos en «name only»: cada persona entra con su nombre. Con «public» se ven también las fotos.
config-tick-blackboard = Campos de usuario: rol y nombre. Permite el acceso a calificaciones y a la lista de miembros. Una ubicación del tipo «Deep Linking content tool».
config-tick-brightspace = Extensiones: tareas y calificaciones, deep linking, nombres y roles. Después crea un despliegue que permita nombres e información de enlaces.
config-tick-sakai = Envía nombres; devolver calificaciones, crear columnas, dar la lista del curso; LTI 1.3.
config-tick-schoology = Envía nombres; tareas y calificaciones; nombres y roles; deep linking.
config-tick-open-edx = Deep linking, si los docentes deben elegir; calificaciones LTI: programático; pedir el nombre de usuario. Abrir en una ventana nueva.
config-tick-other = Nombres de las personas, calificaciones (AGS), listas de cursos (NRPS), deep linking.

nameless-how-moodle = Puede cambiarlo un administrador de Moodle: en la configuración de esta herramienta, en «Privacidad», la opción de compartir el nombre de quien accede debe ser «Siempre».
nameless-how-canvas = Puede cambiarlo un administrador de Canvas: el nivel de privacidad de la aplicación debe incluir los nombres.
nameless-how-blackboard = Puede cambiarlo un administrador de Blackboard: los campos de usuario que se envían a esta herramienta deben incluir el nombre.
nameless-how-brightspace = Puede cambiarlo un administrador de Brightspace: los ajustes de seguridad del despliegue deben incluir nombre y apellidos.
nameless-how-sakai = Puede cambiarlo un administrador de Sakai: los ajustes de privacidad de esta herramienta deben incluir el envío de nombres.
nameless-how-schoology = Puede cambiarlo un administrador de Schoology: el ajuste de privacidad de la aplicación debe enviar los datos de las personas.
nameless-how-open-edx = Puede cambiarlo el equipo del curso: en los ajustes del componente, «Request user’s username» debe ser «True», si tu sitio lo permite.
nameless-how-other = Puede cambiarlo quien administra tu plataforma, en los ajustes de privacidad de esta herramienta.

register-next-moodle = En Moodle, pulsa «Activar». Después edita la herramienta (el lápiz; un engranaje antes de Moodle 4.3) y pon en «Uso de la configuración de la herramienta» la opción de mostrarla en el selector de actividades: si no, el profesorado no la encuentra. Desde Moodle 4.3 cada curso tiene además su propio interruptor, en Más › Herramientas externas LTI.
register-next-canvas = En Canvas, deja que se compartan los nombres y activa la aplicación.
register-next-blackboard = En Blackboard, aprueba la herramienta y deja que reciba los nombres.
register-next-brightspace = En Brightspace, crea un despliegue para los cursos que puedan usar la herramienta.
register-next-sakai = En Sakai, activa para la herramienta los nombres, las notas y la lista de participantes, y guárdala.
register-next-schoology = En Schoology, instala la aplicación en tus cursos.
register-next-open-edx = En Open edX, añade el componente a un curso.
register-next-other = Activa la herramienta en tu plataforma, si te lo pide.

admin-invited-where-moodle = Moodle: Administración del sitio › Extensiones › Herramienta externa › Gestionar herramientas, campo «URL de la herramienta», y después «Agregar LTI Advantage».
admin-invited-where-canvas = Canvas: Administrador › Aplicaciones › Gestionar › Instalar una aplicación nueva › Registro dinámico.
admin-invited-where-blackboard = Blackboard: su portal de desarrolladores no acepta estas direcciones; usa «Registrar manualmente».
admin-invited-where-brightspace = Brightspace: Herramientas de administración › Administrar extensibilidad › LTI Advantage › Registrar herramienta › Dinámico.
admin-invited-where-sakai = Sakai: Espacio de administración › Herramientas externas › LTI Advantage Auto Provision.
admin-invited-where-other = Otras: busca «registro dinámico» o «URL de registro» en los ajustes de herramientas externas.
