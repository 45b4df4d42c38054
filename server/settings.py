"""Settings from the environment, checked before anything starts. `python -m server.settings` prints the table of the docs."""

import difflib
import os
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from resolvers.tokens import TokenCodec
from server.documents import BadDocumentsError, Mode, read_documents
from storage.address import Address
from storage.errors import BadAddress

PREFIX: Final = "PORTICO_"
SECRETS_DIR: Final = "PORTICO_SECRETS_DIR"
MIN_SECRET_LENGTH: Final = 32
MIN_DIFFERENT: Final = 12
DEVELOPMENT_SECRET: Final = "portico-development-secret-not-for-production"  # noqa: S105 - refused in production
#: Variables of ours that are no settings: of the tests, and those Kubernetes sets for a service named portico.
_NOT_SETTINGS: Final = ("PORTICO_TEST_", "PORTICO_REQUIRE_", "PORTICO_SERVICE_", "PORTICO_PORT_", SECRETS_DIR)


class SettingsError(Exception):
    """Settings that cannot be used; one line per problem: which variable, what is wrong, what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Environment(StrEnum):
    """What the gateway is run for."""

    DEMO = "demo"
    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _listed(value: object) -> object:
    """Items of a text with commas, blanks or line ends between them."""
    if isinstance(value, str):
        return [item for item in value.replace(",", " ").split() if item]
    return value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed)]
Algorithm = Literal["RS256", "ES256", "EdDSA"]


def _setting(default: Any, description: str, example: str, **limits: Any) -> Any:
    return Field(default=default, description=description, examples=[example], **limits)


class Settings(BaseSettings):
    """Everything about a gateway that may differ between two installations."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, case_sensitive=False, frozen=True, env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    environment: Environment = _setting(
        Environment.DEVELOPMENT, "What the gateway is run for: `demo`, `development` or `production`.", "production"
    )
    database_url: SecretStr = _setting(
        SecretStr("sqlite:///portico.sqlite3"),
        "Database: `sqlite:///file` (four slashes for an absolute path) or `postgresql://user:password@host:5432/name`.",
        "postgresql://portico@db:5432/portico",
    )
    database_readers: int | None = _setting(
        None, "Reading connections per process, opened when needed; 8 on PostgreSQL and 4 on SQLite when left out.", "8", ge=1, le=200
    )
    secret_keys: Secrets = _setting(
        (SecretStr(DEVELOPMENT_SECRET),),
        "Secrets, at least 32 characters each, with commas between: the first signs, all verify. To rotate, put a new one in front "
        "and take the old one away after a day; where several processes serve, add it at the end of each first. "
        "Make one with `openssl rand -base64 32`.",
        "<output of openssl rand -base64 32>",
        min_length=1,
    )
    host: str = _setting("127.0.0.1", "Address to listen on; `0.0.0.0` for every interface.", "0.0.0.0")  # noqa: S104 - an example
    port: int = _setting(8000, "Port to listen on; 0 for any free one.", "8000", ge=0, le=65535)
    allowed_origins: Words = _setting(
        (),
        "Origins of browser applications that may call the gateway, with commas between; `*` for all, never in production.",
        "https://app.example.com",
    )
    graphiql: bool | None = _setting(None, "Whether GraphiQL is served; when left out, yes except in production.", "true")
    demo_sign_in: bool | None = _setting(
        None, "Whether anybody may sign in as the people of the demo data with one click; when left out, in `demo` only.", "false"
    )
    access_token_seconds: int = _setting(900, "Life of an access token.", "900", ge=60, le=3600)
    refresh_token_days: int = _setting(14, "Life of a refresh token that is not used.", "14", ge=1, le=90)
    session_days: int = _setting(30, "Life of a login session, however often it is refreshed.", "30", ge=1, le=365)
    token_issuer: str = _setting(
        "portico", "Issuer in the access tokens; give each installation its own.", "https://api.example.com", min_length=1
    )
    token_audience: str = _setting("portico", "Audience in the access tokens.", "portico", min_length=1)
    oidc_issuer: str | None = _setting(
        None,
        "Issuer of an external identity provider whose tokens are accepted; needs an audience and a key set.",
        "https://id.example.com",
    )
    oidc_audience: str | None = _setting(None, "Audience that the provider's tokens must name.", "portico")
    oidc_jwks_url: str | None = _setting(
        None, "Address of the provider's key set, by https.", "https://id.example.com/.well-known/jwks.json"
    )
    oidc_jwks_file: Path | None = _setting(None, "File with the provider's key set, instead of an address.", "/etc/portico/jwks.json")
    oidc_algorithms: Annotated[tuple[Algorithm, ...], NoDecode, BeforeValidator(_listed)] = _setting(
        ("RS256", "ES256", "EdDSA"), "Signature algorithms accepted from the provider.", "RS256,ES256", min_length=1
    )
    request_timeout_seconds: float = _setting(10.0, "Longest time a request may take.", "10", gt=0, le=300)
    max_cost: int = _setting(500_000, "Most that one operation may cost: one for each object that it may answer.", "500000", ge=100)
    cost_per_minute: int = _setting(
        5_000_000, "Cost that one caller may spend in a minute, and a workspace ten times as much; 0 for no limit.", "5000000", ge=0
    )
    valkey_url: SecretStr | None = _setting(
        None,
        "Valkey or Redis in which several processes count together what callers spend; without it each counts for itself.",
        "redis://cache:6379/0",
    )
    documents: Mode = _setting(
        Mode.ALLOW,
        "Documents that are run: `allow` all, also those registered by their hash (APQ) or named by `documentId`; `off` those that are"
        " sent, and none by name; `only` the trusted ones.",
        "only",
    )
    documents_file: Path | None = _setting(
        None,
        "Trusted documents: the `persisted-documents.json` of `@graphql-codegen/client-preset`, read and validated at the start.",
        "/etc/portico/persisted-documents.json",
    )
    trusted_proxies: Words = _setting(
        (), "Addresses or networks of the proxies whose `X-Forwarded-For` is believed, with commas between.", "10.0.0.0/8"
    )
    clock: bool = _setting(
        True,
        "Whether this process also does what is due by the clock, beside the requests; `portico work` does it apart. Any number may.",
        "true",
    )
    log_format: Literal["json", "console"] | None = _setting(
        None, "Form of the logs: `json` or `console`; when left out, json in production.", "json"
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting("info", "Least important level that is logged.", "info")

    @field_validator("*", mode="before")
    @classmethod
    def _trimmed(cls, value: object) -> object:
        """Without the blanks and line ends that editors leave in files of secrets."""
        return value.strip() if isinstance(value, str) else value

    @field_validator("documents", "environment", "log_format", "log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) and not isinstance(value, StrEnum) else value

    @field_validator("port", mode="before")
    @classmethod
    def _no_service_link(cls, value: object) -> object:
        if isinstance(value, str) and value.startswith("tcp://"):
            raise ValueError("this is the address that Kubernetes sets for a service named portico; set enableServiceLinks: false")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_engine(cls, value: SecretStr) -> SecretStr:
        try:
            Address.parse(value.get_secret_value())
        except BadAddress as error:
            # What urlsplit says of a URL may quote a piece of the password.
            unreadable = str(error).startswith("This PostgreSQL URL cannot be read")
            raise ValueError(
                "this URL cannot be read; percent-encode what is unusual in the password" if unreadable else str(error)
            ) from None
        return value

    @field_validator("secret_keys")
    @classmethod
    def _long_enough(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, secret in enumerate(value, 1):
            if len(secret.get_secret_value()) < MIN_SECRET_LENGTH:
                raise ValueError(f"secret {number} is shorter than {MIN_SECRET_LENGTH} characters")
        if len({secret.get_secret_value() for secret in value}) < len(value):
            raise ValueError("a secret stands twice")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not _is_origin(origin):
                raise ValueError("an origin is a scheme and a host, and a port where it is unusual, without a path")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                ip_network(text, strict=False)
            except ValueError:
                raise ValueError("a proxy is an IP address or a network, such as 10.0.0.0/8") from None
        return value

    @field_validator("valkey_url")
    @classmethod
    def _known_store(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and urlsplit(value.get_secret_value()).scheme not in {"redis", "rediss", "valkey", "valkeys", "unix"}:
            raise ValueError("the address begins with `redis://`, `rediss://`, `valkey://` or `unix://`")
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        found = [*self._identity_provider_problems(), *self._documents_problems(), *self._production_problems()]
        if found:
            raise PydanticCustomError("settings", "settings do not fit together", {"found": found})
        return self

    def _identity_provider_problems(self) -> Iterator[tuple[str, str]]:
        if self.oidc_issuer is None:
            if self.oidc_audience or self.oidc_jwks_url or self.oidc_jwks_file:
                yield "oidc_issuer", "is missing, while other settings of the identity provider are there"
            return
        if not self.oidc_audience:
            yield "oidc_audience", "is missing; without it, tokens meant for other applications would be accepted"
        if (self.oidc_jwks_url is None) == (self.oidc_jwks_file is None):
            yield "oidc_jwks_url", "or PORTICO_OIDC_JWKS_FILE must be set, and only one of them"
        if self.oidc_jwks_url is not None and not _is_safe_address(self.oidc_jwks_url):
            yield "oidc_jwks_url", "must be an https address"
        if self.oidc_jwks_file is not None and not self.oidc_jwks_file.is_file():
            yield "oidc_jwks_file", "names no file"

    def _documents_problems(self) -> Iterator[tuple[str, str]]:
        if self.documents_file is not None:
            try:
                read_documents(self.documents_file)
            except BadDocumentsError as error:
                yield "documents_file", f"cannot be used: {error}"
        elif self.documents is Mode.ONLY:
            yield "documents_file", "is missing; with `only`, nothing could be run"

    def _production_problems(self) -> Iterator[tuple[str, str]]:
        if self.environment is not Environment.PRODUCTION:
            return
        secrets = [secret.get_secret_value() for secret in self.secret_keys]
        if DEVELOPMENT_SECRET in secrets:
            yield "secret_keys", "is the default secret, which everybody knows; production needs its own"
        elif any(len(set(secret)) < MIN_DIFFERENT for secret in secrets):
            yield "secret_keys", "is too easy to guess: it repeats a few characters"
        if self.demo_sign_in:
            yield "demo_sign_in", "would let anybody in without a password; production never has it"
        if "*" in self.allowed_origins:
            yield "allowed_origins", "is `*`; production needs the list of the origins that may call"

    @property
    def serves_graphiql(self) -> bool:
        return self.graphiql if self.graphiql is not None else self.environment is not Environment.PRODUCTION

    @property
    def offers_demo_sign_in(self) -> bool:
        return self.demo_sign_in if self.demo_sign_in is not None else self.environment is Environment.DEMO

    @property
    def logs_json(self) -> bool:
        return (self.log_format or ("json" if self.environment is Environment.PRODUCTION else "console")) == "json"

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """Secrets as keys, the newest first."""
        return tuple(secret.get_secret_value().encode() for secret in self.secret_keys)

    def token_codec(self) -> TokenCodec:
        return TokenCodec(
            [secret.get_secret_value() for secret in self.secret_keys],
            issuer=self.token_issuer,
            audience=self.token_audience,
            access_seconds=self.access_token_seconds,
            refresh_seconds=self.refresh_token_days * 86400,
            session_seconds=self.session_days * 86400,
        )


def load_settings(**given: Any) -> Settings:
    """Settings: what is given, then the environment, then the files of `PORTICO_SECRETS_DIR`, then the defaults. Raises SettingsError."""
    problems = _unknown_names(os.environ)
    secrets_dir = os.environ.get(SECRETS_DIR) or None
    if secrets_dir and not Path(secrets_dir).is_dir():
        problems.append(
            f"{SECRETS_DIR}: is not a folder. Set it to the folder whose files are named after settings, such as portico_secret_keys."
        )
        raise SettingsError(problems)
    try:
        build: Any = Settings  # type checkers do not see the underscored arguments of BaseSettings
        settings: Settings = build(_secrets_dir=secrets_dir, **given)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            problems += _explain(dict(detail))
        raise SettingsError(problems) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _unknown_names(names: Iterable[str]) -> list[str]:
    """A misspelt variable would leave its default in force without a word."""
    known = [variable_of(name) for name in Settings.model_fields]
    problems = []
    for name in sorted(name.upper() for name in names):
        if name.startswith(PREFIX) and name not in known and not name.startswith(_NOT_SETTINGS):
            close = difflib.get_close_matches(name.removeprefix(PREFIX), [known_name.removeprefix(PREFIX) for known_name in known], 1)
            problems.append(
                f"{name}: is no setting. "
                + (f"Did you mean {PREFIX}{close[0]}?" if close else "Take it away; docs/settings.md lists them all.")
            )
    return problems


def _explain(detail: dict[str, Any]) -> list[str]:
    found = (detail.get("ctx") or {}).get("found")
    if found is None:
        message = str(detail["msg"]).removeprefix("Value error, ").rstrip(".")
        message = message.replace("Input should be", "must be").replace("Tuple should have", "must have")
        found = [(str(detail["loc"][0]), message[:1].lower() + message[1:])]
    return [_line(name, message, Settings.model_fields[name]) for name, message in found]


def _line(name: str, message: str, field: FieldInfo) -> str:
    return f"{variable_of(name)}: {message}. {field.description} Example: {variable_of(name)}={_example(field)}"


def _example(field: FieldInfo) -> str:
    return str((field.examples or [""])[0])


def variable_of(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and text == f"{parts.scheme}://{parts.netloc}" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_safe_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False


def settings_page() -> str:
    """The page `docs/settings.md`."""
    rows = [
        f"| `{variable_of(name)}` | {field.description} | {_default(name, field)} | `{_example(field)}` |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Written by `python -m server.settings > docs/settings.md`; a test compares the two.",
            "",
            "Every setting is an environment variable. With `PORTICO_SECRETS_DIR` naming a folder, each may instead stand in a file of",
            "that folder, named after the variable in lower case (`portico_secret_keys`); the environment goes before the files. An empty",
            "variable is the same as none. A variable that begins with `PORTICO_` and is no setting is refused, as is everything else that",
            "cannot be right, with one line per problem; in production also the default secret, easy secrets, one-click sign-in, and",
            "origins `*`.",
            "",
            "| variable | what it sets | default | example |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _default(name: str, field: FieldInfo) -> str:
    if name == "secret_keys":
        return "a secret everybody knows, refused in production"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value is None or value == ():
        return ""
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"`{text}`"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
