"""The one settings file. Every difference between machines comes from the environment (see `.env.example`)."""

from urllib.parse import urlsplit
from zoneinfo import available_timezones

from csp import constants as csp

from accounts import mail
from webchat import env, logs, stores

ROOT = env.ROOT

# Where we are and who may ask -----------------------------------------------------------------
DEBUG = env.flag("DEBUG", False)
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
DATA_DIR = env.data_dir()
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, 0, 65535)
PROCESSES = env.number("PROCESSES", 1, 1, 64)
PUBLIC_URL = env.url("PUBLIC_URL", f"http://{HOST}:{PORT}")
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = env.items(
    "ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", _public.hostname or ""]
)
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, 0, 10)
GRACE_SECONDS = env.number("GRACE_SECONDS", 25, 0, 3600)
METRICS_TOKEN = env.text("METRICS_TOKEN")
SECURE = _public.scheme == "https"
SECRET_KEY = env.secret_key(DATA_DIR)

# Evolink --------------------------------------------------------------------------------------
EVOLINK_API_KEY = env.text("EVOLINK_API_KEY")
DEMO = not EVOLINK_API_KEY and not env.text("EVOLINK_BASE_URL")
EVOLINK_BASE_URL = env.url("EVOLINK_BASE_URL", "https://direct.evolink.ai")
# Another server's key and prompts must not travel to Evolink when that server fails.
_fallback = "" if env.text("EVOLINK_BASE_URL") else "https://api.evolink.ai"
EVOLINK_FALLBACK_URL = env.url("EVOLINK_FALLBACK_URL", _fallback)

# Applications ---------------------------------------------------------------------------------
INSTALLED_APPS = [
    "channels",
    "webchat.apps.WebchatConfig",
    "accounts.apps.AccountsConfig",
    "chat.apps.ChatConfig",
    "accounts.apps.OurAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "ninja",
    "allauth",
    "allauth.account",
    "csp",
]
MIDDLEWARE = [
    "webchat.http.NeverCache",
    "webchat.http.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "webchat.urls"
ASGI_APPLICATION = "webchat.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]

# PostgreSQL, and Valkey for more than one process (see stores.py) ---------------------------------
DATABASE_URL = env.url("DATABASE_URL", "", ("postgres", "postgresql"))
DATABASES = stores.databases(DATABASE_URL, DATA_DIR, PROCESSES)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.url("REDIS_URL", "", ("redis", "rediss", "unix"))
CHANNEL_LAYERS = stores.channel_layers(REDIS_URL)
CACHES = stores.caches(REDIS_URL)

# How much at once, and how often -----------------------------------------------------------------
ANSWERS_PER_PERSON = env.number("ANSWERS_PER_PERSON", 100, 1, 1_000_000)
ANSWERS_PER_NODE = env.number("ANSWERS_PER_NODE", 400, 1, 1_000_000)
WRITES_PER_MINUTE = env.number("WRITES_PER_MINUTE", 600, 1, 1_000_000)

# Who signs in ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
SIGNUP = env.choice("SIGNUP", "open", ("open", "invite", "closed"))
ADMIN_EMAIL = env.text("ADMIN_EMAIL")
ADMIN_PASSWORD = env.text("ADMIN_PASSWORD")
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "change_password": "accounts.forms.NewPasswordForm",
    "reset_password_from_key": "accounts.forms.ForgottenPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
# Limits are counted in the cache, the client found by accounts.adapter through TRUSTED_PROXIES.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "confirm_email": "1/3m/key",
}

# Mail: printed, unless EMAIL_URL names a server; then addresses are verified ----------------------
EMAIL_URL = env.url("EMAIL_URL", "", ("smtp", "smtps"))
_mail = mail.mail_server(EMAIL_URL, domain=_public.hostname or "localhost")
EMAIL_BACKEND = _mail.backend
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.tls, _mail.starttls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _mail.sender
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_URL else "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/settings/profile"

# Cookies and transport: the scheme of PUBLIC_URL decides, never DEBUG ----------------------------
_HOST_PREFIX = "__Host-" if SECURE else ""
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_NAME = f"{_HOST_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_HOST_PREFIX}csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 24 * 3600
CSRF_FAILURE_VIEW = "webchat.http.csrf_failure"
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
SECURE_SSL_REDIRECT = SECURE
# Orchestrators ask these over plain http from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

# What a page may load ---------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.NONE],
        "base-uri": [csp.NONE],
        "object-src": [csp.NONE],
        "form-action": [csp.SELF],
        "frame-ancestors": [csp.NONE],
        "script-src": [csp.NONCE, csp.STRICT_DYNAMIC],
        "script-src-attr": [csp.NONE],
        "style-src": [csp.SELF],
        "img-src": [csp.SELF, "data:", "blob:"],
        "font-src": [csp.SELF],
        "connect-src": [csp.SELF],
        "manifest-src": [csp.SELF],
    }
}

# Request sizes ----------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# Static files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "webchat.vendor.VendorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}

# Language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "UTC")
if TIME_ZONE not in available_timezones():
    raise env.BadSetting(f"TIME_ZONE must be a name such as Europe/Berlin, not {TIME_ZONE!r}.")

LOGGING_CONFIG = None
logs.configure(LOG_LEVEL)
