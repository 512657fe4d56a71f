"""Open edX's own LTI consumer as a platform: its launches, deep linking, access tokens and gradebook, outside of Open edX.

Usage: openedx.py PORT TOOL_ORIGIN FOLDER. Prints the platform's settings as one line of JSON once it answers.
"""

import importlib.abc
import importlib.machinery
import json
import sys
from unittest.mock import MagicMock
from wsgiref.simple_server import WSGIRequestHandler, make_server

PORT, TOOL, FOLDER = int(sys.argv[1]), sys.argv[2], sys.argv[3]
ISSUER = f"http://127.0.0.1:{PORT}"
LINK = "block-v1:Riverside+ALG1+2026+type@lti_consumer+block@live"


class Stub(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Open edX itself is not here: what the consumer imports of it stands in for it."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("openedx", "xmodule", "common", "lms"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__, module.__name__ = [], spec, spec.name
        return module

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, Stub())

import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(
    DEBUG=True,
    SECRET_KEY="a platform of one test",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=[
        "django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "config_models", "lti_consumer",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER}/openedx.sqlite3"}},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    ROOT_URLCONF="__main__",
    MIDDLEWARE=[],
    USE_TZ=True,
    PLATFORM_NAME="Riverside on Open edX",
    LMS_ROOT_URL=ISSUER,
    LMS_BASE=f"127.0.0.1:{PORT}",
    LTI_BASE=ISSUER,
    LTI_API_BASE=ISSUER,
    FEATURES={},
    USAGE_ID_PATTERN=r"(?P<usage_id>block-v1:[^/]+)",
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models.signals import post_save  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

call_command("migrate", verbosity=0, run_syncdb=True)
# Open edX would hand scores on to its own gradebook, which is not here.
post_save.receivers = []

from lti_consumer.data import Lti1p3LaunchData  # noqa: E402
from lti_consumer.utils import get_data_from_cache  # noqa: E402
from lti_consumer.models import Lti1p3Passport, LtiAgsLineItem, LtiAgsScore, LtiConfiguration  # noqa: E402

passport = Lti1p3Passport.objects.create(lti_1p3_tool_keyset_url=f"{TOOL}/lti/jwks")
config = LtiConfiguration.objects.create(
    version=LtiConfiguration.LTI_1P3,
    config_store=LtiConfiguration.CONFIG_ON_DB,
    lti_1p3_passport=passport,
    lti_1p3_oidc_url=f"{TOOL}/lti/login",
    lti_1p3_launch_url=f"{TOOL}/lti/launch",
    lti_1p3_redirect_uris=[f"{TOOL}/lti/launch"],
    lti_advantage_ags_mode=LtiConfiguration.LTI_ADVANTAGE_AGS_PROGRAMMATIC
    if hasattr(LtiConfiguration, "LTI_ADVANTAGE_AGS_PROGRAMMATIC")
    else "programmatic",
)


PICKED = []


def consumer_of_config():
    consumer = config.get_lti_consumer()
    consumer.enable_deep_linking(f"{TOOL}/lti/launch", f"{ISSUER}/picked")
    return consumer


def start(request):
    """The address that opens the activity as a person, or what else is asked for."""
    what = request.GET.get("what", "live")
    data = Lti1p3LaunchData(
        user_id=request.GET["user"], user_role=request.GET["role"], config_id=str(config.config_id),
        resource_link_id=f"{LINK}-picked" if what == "picked" else LINK, context_id="course-v1:Riverside+ALG1+2026",
        message_type="LtiDeepLinkingRequest" if what == "pick" else "LtiResourceLinkRequest",
    )
    return JsonResponse({"login": consumer_of_config().prepare_preflight_url(data)})


@csrf_exempt
def picked(request):
    """What came back from the tool, as far as the consumer believes it."""
    PICKED[:] = consumer_of_config().check_and_decode_deep_linking_token(request.POST["JWT"])
    return JsonResponse({"items": PICKED})


def auth(request):
    """What the platform posts to the tool."""
    user = request.GET["login_hint"]
    consumer = consumer_of_config()
    launched = get_data_from_cache(request.GET["lti_message_hint"])
    role = "staff" if user == "tessa" else "student"
    consumer.set_user_data(user_id=user, role=role, full_name=f"{user.title()} Edwards")
    if launched.resource_link_id.endswith("-picked"):
        consumer.set_resource_link_claim(launched.resource_link_id, title=PICKED[0]["title"])
        consumer.set_dl_content_launch_parameters(url=PICKED[0]["url"], custom=PICKED[0]["custom"])
    else:
        consumer.set_resource_link_claim(LINK, title="Live class")
    consumer.set_context_claim("course-v1:Riverside+ALG1+2026", context_title="Algebra 1")
    return JsonResponse(consumer.generate_launch_request(request.GET))


def scores(request):
    """What the gradebook was told."""
    rows = LtiAgsScore.objects.order_by("user_id")
    told = [{"user": row.user_id, "given": row.score_given, "comment": row.comment} for row in rows]
    return JsonResponse({"scores": told, "columns": LtiAgsLineItem.objects.count()})


urlpatterns = [
    path("start", start), path("auth", auth), path("scores", scores),
    path("picked", picked),
    path("", include("lti_consumer.plugin.urls")),
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", PORT, get_wsgi_application(), handler_class=Quiet)
    print(json.dumps({
        "issuer": config.get_lti_consumer().iss,
        "clientId": passport.lti_1p3_client_id,
        "deployment": config.get_lti_consumer().deployment_id,
        "keys": f"{ISSUER}/lti_consumer/v1/public_keysets/{passport.passport_id}",
        "token": f"{ISSUER}/lti_consumer/v1/token/{passport.passport_id}",
        "auth": f"{ISSUER}/auth",
    }), flush=True)
    server.serve_forever()
