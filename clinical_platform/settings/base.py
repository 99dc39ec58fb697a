"""Settings that hold in both ways to run; what differs is in embedded.py and services.py."""

from whitenoise.compress import Compressor

from clinical_platform.env import BASE_DIR, VAR_DIR, env, record_id_key, secret_key

SECRET_KEY = secret_key()
RECORD_ID_KEY = record_id_key()
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "apps.core.apps.CoreConfig",
    "apps.accounts.apps.AccountsConfig",
    "apps.studies.apps.StudiesConfig",
    "apps.twins.apps.TwinsConfig",
    "apps.compliance.apps.ComplianceConfig",
    "apps.narratives.apps.NarrativesConfig",
    "apps.operations.apps.OperationsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "apps.core.static_files.ShownStaticFiles",
    "auditlog",
    "axes",
    "channels",
    "csp",
    "drf_spectacular",
    "guardian",
    "oauth2_provider",
    "rest_framework",
]

MIDDLEWARE = [
    # First, so that nothing behind it has to expect what it refuses.
    "apps.core.limits.LimitsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.core.web.PrivateResponseMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    # Last, as the library asks: it replaces the answer to a password that was not looked at.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "clinical_platform.urls"
WSGI_APPLICATION = "clinical_platform.wsgi.application"
ASGI_APPLICATION = "clinical_platform.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.operations.web.navigation.navigation",
                "apps.operations.web.background.background",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    # First, so that no password is looked at while its account or address waits.
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Guardian: grants only, no anonymous user, no short cut for superusers (docs/design/access.md).
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False
GUARDIAN_MONKEY_PATCH_USER = False

# Wrong passwords and secrets are counted by account, client and real address (apps/accounts/services/lockout.py);
# django-axes asks at each sign-in and signature. Proxies are believed only where they are named.
BEHIND_PROXY: bool = env.bool("BEHIND_PROXY", default=False)
TRUSTED_PROXIES = frozenset(env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"]) if BEHIND_PROXY else [])
AXES_HANDLER = "apps.accounts.services.lockout.LockoutHandler"
AXES_CLIENT_IP_CALLABLE = "apps.accounts.services.lockout.address_of"
AXES_LOCKOUT_CALLABLE = "apps.accounts.web.locked_out"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", "ws:", "wss:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "apps.core.static_files.HashedStatic"},
}
# Sources of scripts are read by their developers alone.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
IMPORT_FILES_DIR = env.path("IMPORT_FILES_DIR", default=str(VAR_DIR / "imports"))
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
# Bodies, in bytes: what anyone may send anywhere, and what a signed-in caller may send where data come in.
BODY_BYTES = 256 * 1024
RECORDS_BYTES = 20 * 1024 * 1024
UPLOAD_BYTES = 512 * 1024 * 1024
LARGE_BODIES = (
    (r"/api/v1/studies/[^/]+/records/", RECORDS_BYTES),
    (r"/api/v1/studies/[^/]+/imports/", UPLOAD_BYTES),
    (r"/studies/[^/]+/imports/new/", UPLOAD_BYTES),
)
DATA_UPLOAD_MAX_MEMORY_SIZE = RECORDS_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 200
CSRF_FAILURE_VIEW = "apps.core.problems.csrf_failure"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first class gives a 401 its challenge; a session has none, and strangers would be told 403.
        "apps.accounts.api.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.parsing.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "apps.core.api.PageNumbers",
    "DEFAULT_SCHEMA_CLASS": "apps.core.schema.DocumentedSchema",
    "EXCEPTION_HANDLER": "apps.core.api.problem_response",
    "UNAUTHENTICATED_USER": None,
    # Answers have one form, asked for by no parameter.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Clinical platform API",
    "DESCRIPTION": "Subjects as live, versioned, evidence-linked twins; safety narratives checked against the data.",
    "VERSION": "1",
    # The first that can say which names the members of an object may have.
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    # The document names no study and holds no data.
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
}
OAUTH2_PROVIDER = {
    "SCOPES": {"portal": "The portal's API"},
    "DEFAULT_SCOPES": ["portal"],
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "ALLOWED_GRANT_TYPES": ["client_credentials"],
    "OAUTH2_VALIDATOR_CLASS": "apps.accounts.oauth.ServiceAccountValidator",
}

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

# A running job belongs to its worker for so long after the worker's last sign of life.
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", default=60.0)
# How often pages look whether a worker is alive.
WORKER_LOOK_SECONDS = 5.0
# How often a worker looks for what a lost process left behind.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=5.0)

# Whoever sends a message to the sockets waits no longer than this: the write is committed, the message only a hint.
CHANNEL_LAYER_SECONDS = env.float("CHANNEL_LAYER_SECONDS", default=1.0)
# How often an open socket proves again that its reader may still read, in seconds.
SOCKET_RECHECK_SECONDS = env.float("SOCKET_RECHECK_SECONDS", default=20.0)
LLM_TIMEOUT_SECONDS = env.float("LLM_TIMEOUT_SECONDS", default=60.0)

AUDITLOG_DISABLE_ON_RAW_SAVE = True
AUDITLOG_LOGENTRY_MODEL = "compliance.TrailEntry"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
