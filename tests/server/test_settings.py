"""Settings: what they are without a word, what each mistake says, and what production refuses."""

from pathlib import Path
from typing import Final

import pytest

from server.settings import DEVELOPMENT_SECRET, Environment, Settings, SettingsError, load_settings, settings_page, variable_of

SECRET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
GOOD: Final = {"PORTICO_ENVIRONMENT": "production", "PORTICO_SECRET_KEYS": SECRET}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.upper().startswith("PORTICO_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def problems(monkeypatch: pytest.MonkeyPatch, **environ: str) -> list[str]:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def loaded(monkeypatch: pytest.MonkeyPatch, **environ: str) -> Settings:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_the_defaults() -> None:
    settings = load_settings()
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.database_url.get_secret_value() == "sqlite:///portico.sqlite3"
    assert [secret.get_secret_value() for secret in settings.secret_keys] == [DEVELOPMENT_SECRET]
    assert (settings.host, settings.port, settings.allowed_origins) == ("127.0.0.1", 8000, ())
    assert (settings.access_token_seconds, settings.refresh_token_days, settings.session_days) == (900, 14, 30)
    assert (settings.serves_graphiql, settings.offers_demo_sign_in, settings.logs_json, settings.log_level) == (True, False, False, "info")


def test_everything_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(
        monkeypatch,
        PORTICO_ENVIRONMENT=" Production\n",
        PORTICO_SECRET_KEYS=f"{SECRET}, old-{SECRET}\n",
        PORTICO_DATABASE_URL="postgresql://u:p@db/portico",
        PORTICO_PORT="0",
        PORTICO_ALLOWED_ORIGINS="https://a.example,https://b.example:8443 http://[::1]:3000",
        PORTICO_GRAPHIQL="",
        PORTICO_LOG_LEVEL="WARNING",
        PORTICO_ACCESS_TOKEN_SECONDS="60",
    )
    assert settings.environment is Environment.PRODUCTION
    assert [secret.get_secret_value() for secret in settings.secret_keys] == [SECRET, f"old-{SECRET}"]
    assert settings.allowed_origins == ("https://a.example", "https://b.example:8443", "http://[::1]:3000")
    assert (settings.serves_graphiql, settings.offers_demo_sign_in, settings.logs_json, settings.log_level) == (
        False,
        False,
        True,
        "warning",
    )
    codec = settings.token_codec()
    assert (codec.access_seconds, codec.refresh_seconds, codec.session_seconds) == (60, 14 * 86400, 30 * 86400)


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_PORT", "1")
    assert load_settings(port=2, environment=Environment.DEMO).port == 2


def test_demo_offers_one_click_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loaded(monkeypatch, PORTICO_ENVIRONMENT="demo").offers_demo_sign_in is True
    assert loaded(monkeypatch, PORTICO_DEMO_SIGN_IN="false").offers_demo_sign_in is False


def test_secrets_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Given a folder of secrets; then a file sets what the environment does not."""
    (tmp_path / "portico_secret_keys").write_text(f"{SECRET}\nold-{SECRET}\n")
    (tmp_path / "portico_port").write_text("1234\n")
    settings = loaded(monkeypatch, PORTICO_SECRETS_DIR=str(tmp_path), PORTICO_PORT="4321")
    assert [secret.get_secret_value() for secret in settings.secret_keys] == [SECRET, f"old-{SECRET}"]
    assert settings.port == 4321


def test_no_secret_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, PORTICO_SECRET_KEYS=SECRET, PORTICO_DATABASE_URL="postgresql://u:hidden@db/portico")
    assert SECRET not in repr(settings)
    assert "hidden" not in repr(settings)


MISTAKES: Final = [
    ("PORTICO_PORT", "abc", "must be a valid integer, unable to parse string as an integer"),
    ("PORTICO_PORT", "65536", "must be less than or equal to 65535"),
    ("PORTICO_PORT", "-1", "must be greater than or equal to 0"),
    (
        "PORTICO_PORT",
        "tcp://10.0.0.1:80",
        "this is the address that Kubernetes sets for a service named portico; set enableServiceLinks: false",
    ),
    ("PORTICO_ENVIRONMENT", "prod", "must be 'demo', 'development' or 'production'"),
    ("PORTICO_DATABASE_URL", "mysql://x", "Unknown kind of database 'mysql': use sqlite:///path or postgresql://user@host/name"),
    ("PORTICO_DATABASE_URL", "postgres://u:hid/den@h/d", "this URL cannot be read; percent-encode what is unusual in the password"),
    ("PORTICO_DATABASE_URL", "postgresql://u:hidden@h", "A PostgreSQL URL names its database: postgresql://user@host:5432/portico"),
    ("PORTICO_SECRET_KEYS", "hidden", "secret 1 is shorter than 32 characters"),
    ("PORTICO_SECRET_KEYS", f"{SECRET},hidden", "secret 2 is shorter than 32 characters"),
    ("PORTICO_SECRET_KEYS", f"{SECRET},{SECRET}", "a secret stands twice"),
    ("PORTICO_SECRET_KEYS", ",", "must have at least 1 item after validation, not 0"),
    ("PORTICO_GRAPHIQL", "perhaps", "must be a valid boolean, unable to interpret input"),
    ("PORTICO_DATABASE_READERS", "0", "must be greater than or equal to 1"),
    ("PORTICO_ACCESS_TOKEN_SECONDS", "3601", "must be less than or equal to 3600"),
    ("PORTICO_REFRESH_TOKEN_DAYS", "0", "must be greater than or equal to 1"),
    ("PORTICO_SESSION_DAYS", "366", "must be less than or equal to 365"),
    ("PORTICO_REQUEST_TIMEOUT_SECONDS", "0", "must be greater than 0"),
    ("PORTICO_LOG_FORMAT", "xml", "must be 'json' or 'console'"),
    ("PORTICO_LOG_LEVEL", "loud", "must be 'debug', 'info', 'warning' or 'error'"),
    ("PORTICO_OIDC_ALGORITHMS", "RS256,HS256", "must be 'RS256', 'ES256' or 'EdDSA'"),
    *(
        ("PORTICO_ALLOWED_ORIGINS", origin, "an origin is a scheme and a host, and a port where it is unusual, without a path")
        for origin in ("https://a.example/", "a.example", "ftp://a.example", "https://", "https://a:x", "null", "https://a.example/x")
    ),
]


@pytest.mark.parametrize(("name", "value", "message"), MISTAKES)
def test_a_mistake_says_where_what_and_how(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    field = Settings.model_fields[name.removeprefix("PORTICO_").lower()]
    (line,) = problems(monkeypatch, **{name: value})
    assert line == f"{name}: {message[0].lower()}{message[1:]}. {field.description} Example: {name}={(field.examples or [''])[0]}"
    assert "hidden" not in line
    assert "hid/" not in line


def test_every_mistake_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = problems(monkeypatch, PORTICO_PORT="x", PORTICO_HOTS="y", PORTICO_LOG_LEVEL="z")
    assert [line.split(":")[0] for line in lines] == ["PORTICO_HOTS", "PORTICO_PORT", "PORTICO_LOG_LEVEL"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("PORTICO_DATABSE_URL", "PORTICO_DATABSE_URL: is no setting. Did you mean PORTICO_DATABASE_URL?"),
        ("portico_prot", "PORTICO_PROT: is no setting. Did you mean PORTICO_PORT?"),
        ("PORTICO_QQQQ", "PORTICO_QQQQ: is no setting. Take it away; docs/settings.md lists them all."),
    ],
)
def test_a_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, line: str) -> None:
    assert problems(monkeypatch, **{name: "1"}) == [line]


@pytest.mark.parametrize("name", ["PORTICO_SERVICE_HOST", "PORTICO_PORT_8000_TCP", "PORTICO_TEST_POSTGRES", "PORTICO_REQUIRE_ALL"])
def test_variables_of_kubernetes_and_of_the_tests_are_passed_over(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert loaded(monkeypatch, **{name: "1"}) == load_settings()


def test_a_folder_of_secrets_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = problems(monkeypatch, PORTICO_SECRETS_DIR="/nowhere")
    assert line.startswith("PORTICO_SECRETS_DIR: is not a folder.")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PORTICO_SECRET_KEYS": ""}, ["PORTICO_SECRET_KEYS: is the default secret, which everybody knows; production needs its own"]),
        (
            {"PORTICO_SECRET_KEYS": f"{SECRET} {DEVELOPMENT_SECRET}"},
            ["PORTICO_SECRET_KEYS: is the default secret, which everybody knows; production needs its own"],
        ),
        ({"PORTICO_SECRET_KEYS": "abcdefghijk" * 3}, ["PORTICO_SECRET_KEYS: is too easy to guess: it repeats a few characters"]),
        ({"PORTICO_SECRET_KEYS": "short"}, ["PORTICO_SECRET_KEYS: secret 1 is shorter than 32 characters"]),
        (
            {"PORTICO_DEMO_SIGN_IN": "true", "PORTICO_ALLOWED_ORIGINS": "https://a.example,*"},
            [
                "PORTICO_DEMO_SIGN_IN: would let anybody in without a password; production never has it",
                "PORTICO_ALLOWED_ORIGINS: is `*`; production needs the list of the origins that may call",
            ],
        ),
    ],
)
def test_what_production_refuses(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], expected: list[str]) -> None:
    assert load_settings(**{"environment": "production", "secret_keys": SECRET}).environment is Environment.PRODUCTION
    assert [line.split(". ")[0] for line in problems(monkeypatch, **GOOD | environ)] == expected


@pytest.mark.parametrize("origin", ["*", "https://a.example"])
def test_elsewhere_any_origin_may_call(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    assert loaded(monkeypatch, PORTICO_ALLOWED_ORIGINS=origin).allowed_origins == (origin,)


PROVIDER: Final = {
    "PORTICO_OIDC_ISSUER": "https://id.example",
    "PORTICO_OIDC_AUDIENCE": "portico",
    "PORTICO_OIDC_JWKS_URL": "https://id.example/jwks",
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"PORTICO_OIDC_ISSUER": ""}, ["PORTICO_OIDC_ISSUER: is missing, while other settings of the identity provider are there"]),
        (
            {"PORTICO_OIDC_AUDIENCE": ""},
            ["PORTICO_OIDC_AUDIENCE: is missing; without it, tokens meant for other applications would be accepted"],
        ),
        ({"PORTICO_OIDC_JWKS_URL": ""}, ["PORTICO_OIDC_JWKS_URL: or PORTICO_OIDC_JWKS_FILE must be set, and only one of them"]),
        ({"PORTICO_OIDC_JWKS_URL": "http://id.example/jwks"}, ["PORTICO_OIDC_JWKS_URL: must be an https address"]),
        ({"PORTICO_OIDC_JWKS_URL": "", "PORTICO_OIDC_JWKS_FILE": "/nowhere"}, ["PORTICO_OIDC_JWKS_FILE: names no file"]),
    ],
)
def test_an_identity_provider_is_set_up_whole(monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], expected: list[str]) -> None:
    assert loaded(monkeypatch, **PROVIDER).oidc_issuer == "https://id.example"
    assert [line.split(". ")[0] for line in problems(monkeypatch, **PROVIDER | changed)] == expected


def test_the_page_of_the_docs_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text() == settings_page(), "run: python -m server.settings > docs/settings.md"
    assert all(f"`{variable_of(name)}`" in settings_page() for name in Settings.model_fields)
    assert all(field.description and field.examples for field in Settings.model_fields.values())
