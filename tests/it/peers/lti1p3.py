"""The platform side of the library lti1p3platform: launches, deep linking, access tokens, gradebook and roster.

Usage: lti1p3.py PORT TOOL_ORIGIN FOLDER. Prints the platform's settings as one line of JSON once it answers.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService

PORT, TOOL = int(sys.argv[1]), sys.argv[2]
ISSUER = f"http://127.0.0.1:{PORT}"
LINEITEMS, MEMBERS = f"{ISSUER}/lineitems", f"{ISSUER}/members"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
PEOPLE = {"tessa": "Instructor", "ana": "Learner", "ben": "Learner"}

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
).decode()
ITEMS, SCORES = {}, {}
DATA = {"choice": 7, "of": "alg1"}
CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
PICKED = []


class Platform(LTI1P3PlatformConfAbstract):
    def init_platform_config(self, **kwargs):
        registration = Registration()
        registration.set_iss(ISSUER)
        registration.set_client_id("class-tool")
        registration.set_deployment_id("1")
        registration.set_oidc_login_url(f"{TOOL}/lti/login")
        registration.set_launch_url(f"{TOOL}/lti/launch")
        registration.set_deeplink_launch_url(f"{TOOL}/lti/launch")
        registration.set_tool_key_set_url(f"{TOOL}/lti/jwks")
        registration.set_platform_private_key(PRIVATE)
        registration.set_platform_public_key(PUBLIC)
        self._registration = registration

    def get_registration_by_params(self, **kwargs):
        return self._registration


class Asked(Request):
    def build_metadata(self, request):
        return request


class Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, **kwargs):
        self._lti_message_hint = kwargs["hint"]

    def get_redirect(self, url):
        return url


class Launch(LTIAdvantageMessageLaunchAbstract):
    def prepare_launch(self, preflight_response):
        user = preflight_response["login_hint"]
        self.set_user_data(user, [ROLE + PEOPLE[user]], full_name=f"{user.title()} Peer")
        what = preflight_response["lti_message_hint"]
        if what == "pick":
            self.set_dl(f"{ISSUER}/picked", extra_data=DATA)
        if what == "picked":
            self.set_resource_link_claim("picked", title=PICKED[0]["title"])
            self.set_extra_claims({CUSTOM: PICKED[0]["custom"]})
        else:
            self.set_resource_link_claim("live", title="Live class")
        self.set_launch_context_claim("alg1", context_title="Algebra 1")
        self.set_ags(LINEITEMS)
        self.set_nrps(MEMBERS)

    def render_launch_form(self, launch_data, **kwargs):
        return launch_data


class Grades(AssignmentsGradesService):
    def find_lineitems(self, page=1, limit=None, line_item_id=None, resource_link_id=None, resource_id=None, tag=None):
        asked = {"resourceLinkId": resource_link_id, "resourceId": resource_id, "tag": tag}
        fits = [one for one in ITEMS.values() if all(value is None or one.get(name) == value for name, value in asked.items())]
        return {"content": fits, "has_next": False}

    def find_lineitem(self, line_item_id):
        return ITEMS[line_item_id]

    def create_lineitem(self, creation_data):
        number = str(len(ITEMS) + 1)
        ITEMS[number] = {**creation_data, "id": f"{LINEITEMS}/{number}?of=alg1"}
        return ITEMS[number]

    def update_lineitem(self, update_data):
        raise NotImplementedError

    def delete_lineitem(self, line_item_id):
        raise NotImplementedError

    def update_score(self, line_item_id, score):
        key = (line_item_id, score["userId"])
        if key in SCORES and score["timestamp"] <= SCORES[key]["timestamp"]:
            return UpdateScoreStatus.OLD_TIMESTAMP
        SCORES[key] = score
        return UpdateScoreStatus.SUCCESS

    def get_results(self, line_item_id, page=1, limit=None, user_id=None):
        return {"content": [], "has_next": False}


class Roster(NamesRoleProvisioningService):
    def get_member_data_page(self, page=1, limit=None, role=None, since=None, rlid=None):
        members = [
            {"user_id": user, "name": f"{user.title()} Peer", "roles": [ROLE + role]} for user, role in PEOPLE.items()
        ]
        return {"content": members, "has_next": False}

    def get_context_by_id(self):
        return Context("alg1", "ALG1", "Algebra 1")

    def is_resource_link_valid(self, context_id, resource_link_id):
        return resource_link_id == "live"


platform = Platform()


class Site(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def asked(self):
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        is_form = "form-urlencoded" in self.headers.get("content-type", "")
        return Asked({
            "method": self.command, "path": url.path, "get_data": dict(parse_qsl(url.query)),
            "form_data": dict(parse_qsl(body)) if is_form else {}, "headers": self.headers,
            "content_type": self.headers.get("content-type"), "json": None if is_form or not body else json.loads(body),
        })

    def answer(self, code, body, media_type="application/json"):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def served(self, service, handle, *args):
        response = service.handle_resp(lambda: handle(*args))
        result = response.result
        if isinstance(result, dict) and "content" in result and "has_next" in result:
            result = result["content"]
        self.answer(response.code, result, getattr(response, "media_type", None) or "application/json")

    def route(self):
        asked = self.asked()
        path = asked.path.strip("/").split("/")
        grades = Grades(asked, platform, LINEITEMS)
        if path == ["start"]:
            login = Login(asked, platform)
            login.set_lti_message_hint(hint=asked.get_data.get("what", "live"))
            self.answer(200, {"login": login.initiate_login(asked.get_data["user"])})
        elif path == ["auth"]:
            self.answer(200, Launch(asked, platform).lti_launch())
        elif path == ["picked"]:
            token = asked.form_data["JWT"]
            PICKED[:] = platform.validate_deeplinking_resp({"JWT": token})
            claims = platform.tool_validate_and_decode(token)
            same = claims.get("https://purl.imsglobal.org/spec/lti-dl/claim/data") == DATA
            self.answer(200 if same else 400, {"items": PICKED})
        elif path == ["keys"]:
            self.answer(200, platform.get_jwks())
        elif path == ["token"]:
            self.answer(200, platform.get_access_token(asked.form_data))
        elif path == ["scores"]:
            told = [{"user": user, "given": one["scoreGiven"], "comment": one["comment"]} for (_, user), one in sorted(SCORES.items())]
            self.answer(200, {"scores": told, "columns": len(ITEMS)})
        elif path == ["members"]:
            roster = Roster(asked, platform, MEMBERS)
            self.served(roster, roster.handle_get_members)
        elif path == ["lineitems"]:
            self.served(grades, grades.handle_create_lineitem if self.command == "POST" else grades.handle_get_lineitems)
        elif path[0] == "lineitems" and path[2:] == ["scores"] and asked.get_data.get("of") == "alg1":
            self.served(grades, grades.handle_update_score, path[1])
        else:
            self.answer(404, {"unknown": self.path})

    do_GET = do_POST = route


server = ThreadingHTTPServer(("127.0.0.1", PORT), Site)
print(json.dumps({
    "issuer": ISSUER, "clientId": "class-tool", "deployment": "1",
    "keys": f"{ISSUER}/keys", "token": f"{ISSUER}/token", "auth": f"{ISSUER}/auth",
}), flush=True)
server.serve_forever()
