# Se muestra un momento al entrar.
continue-title = Un momento…
continue-link = Continuar

# Se muestra cuando el navegador no devuelve nada que demuestre quién abrió la actividad.
new-window-page = Abrir en una ventana nueva
new-window-title = Un paso más: abre la clase en una ventana nueva
new-window-why = Tu navegador no deja que esta página incrustada te recuerde.
new-window-why-named = Tu navegador no deja que esta página, incrustada en { $platform }, te recuerde.
new-window-meaning = Por eso aquí no podemos saber con seguridad quién eres, y nadie puede entrar en tu nombre. En una ventana propia sí funciona.
new-window-by-hand = Vuelve a tu curso y abre la actividad en una ventana o pestaña nueva. Si no puedes, pide a tu docente que configure la actividad para que se abra en una ventana nueva.
new-window-open = Abrir en una ventana nueva
new-window-stay-title = Prefiero seguir en esta página
new-window-stay = En los ajustes de privacidad del navegador, permite las cookies de otros sitios para esta dirección y abre de nuevo la actividad. Con la ventana nueva no tienes que cambiar nada.

# Lo mismo cuando la actividad ya está en una ventana propia.
new-window-top-title = Tu navegador bloquea todas las cookies de este sitio
new-window-top-meaning = Esta ventana necesita una para recordar quién eres mientras estás en clase. No se usa para nada más y caduca a las 12 horas.
new-window-top-action = En los ajustes de privacidad del navegador, permite las cookies de esta dirección y abre de nuevo la actividad desde tu curso. También sirve otro navegador.
