# Palabras que comparten todas las páginas.
app-name = Clases con Jitsi
skip-to-content = Ir al contenido
help = Ayuda
copy = Copiar
copy-all = Copiar todo
copy-done = Copiado.
copy-manual = El navegador no deja copiar desde esta página. El texto está seleccionado: cópialo con el teclado.
back-to-course = Volver al curso
way-back = Volver atrás
what-to-do = Qué hacer
for-administrator = Para la administración
support-for = Para soporte:
support-code = Código:
fact-issuer = Emisor (issuer)
fact-client-id = ID de cliente
fact-deployment = ID de despliegue
