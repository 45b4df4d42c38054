"""The image and the composition, as far as they can be proved where no container engine runs."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from server.settings import Environment, load_settings
from tests.ports import free_port

TREE = Path(__file__).parent.parent
DOCKER = TREE / "docker"


class Step(NamedTuple):
    word: str
    rest: str


def steps() -> list[Step]:
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [Step(*line.split(" ", 1)) for line in lines]


def last_stage() -> list[Step]:
    every = steps()
    return every[max(i for i, step in enumerate(every) if step.word == "FROM") :]


def only(word: str) -> str:
    (rest,) = (step.rest for step in last_stage() if step.word == word)
    return rest


class Machine:
    """An empty folder that stands for the root of the image, with nothing of ours in the environment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        subprocess.run([sys.executable, "-m", "venv", root / "base"], check=True)  # the base image: Python and pip
        (root / "base/bin/chown").symlink_to("/bin/true")  # no file has another owner here
        self.environment = {"PATH": f"{root}/base/bin:/usr/bin:/bin", "HOME": str(root)}
        self.folder = root

    def here(self, text: str) -> str:
        """The text with the image's own folders put under this root."""
        return re.sub(r"(?<![\w.-])/(app|venv|data)\b", rf"{self.root}/\1", text)

    def build(self) -> None:
        for step in steps():
            match step.word:
                case "WORKDIR":
                    self.folder = Path(self.here(step.rest))
                    self.folder.mkdir(exist_ok=True)
                case "RUN":
                    subprocess.run(["/bin/sh", "-euc", self.here(step.rest)], cwd=self.folder, env=self.environment, check=True)
                case "COPY":
                    self.copy(step.rest)
                case "ENV":
                    name, value = self.here(step.rest).split("=", 1)
                    self.environment[name] = value.replace("$PATH", self.environment["PATH"])

    def copy(self, rest: str) -> None:
        words = [word for word in shlex.split(rest) if not word.startswith("--")]
        if "--from=" in rest:
            assert words[0] == words[1], "one folder stands for both stages"
            assert Path(self.here(words[0])).exists(), rest
        elif (TREE / words[0]).is_dir():
            shutil.copytree(TREE / words[0], self.folder / words[1], ignore=ignored)
        else:
            shutil.copy(TREE / words[0], self.folder / words[1])

    def command(self, word: str) -> list[str]:
        text = only(word)
        command: list[str] = json.loads(text[text.index("[") :])
        # execvpe looks the program up in our PATH, an engine in the container's
        return [shutil.which(command[0], path=self.environment["PATH"]) or command[0], *command[1:]]

    def run(self, command: list[str], **more: str) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment | more, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def frozen(self) -> set[tuple[str, int]]:
        """Every file that the image holds, with its time: what a read-only file system keeps as it is."""
        return {(str(path), path.stat().st_mtime_ns) for part in ("app", "venv") for path in (self.root / part).rglob("*")}


def ignored(folder: str, names: list[str]) -> set[str]:
    """What .dockerignore keeps out."""
    leave = {"__pycache__"}
    if folder == str(TREE / "server/graphiql"):
        leave |= set(names) - {"dist"}
    return leave & set(names)


def test_the_image_builds_and_starts_and_writes_to_data_only(tmp_path: Path) -> None:
    """One test, for the image is built once: its parts follow."""
    machine = Machine(tmp_path)
    machine.build()
    check_imports(machine)
    check_contents(machine)
    if (TREE / "server/cli.py").exists():  # it starts by its command line
        check_start(machine)


def check_imports(machine: Machine) -> None:
    # given the image as the Dockerfile builds it
    python = shutil.which("python", path=machine.environment["PATH"]) or ""
    # when a library and a package of ours are imported
    output = machine.run([python, "-c", "import strawberry, gql, sys; print(strawberry.__file__, gql.__file__, sys.path[0])"])
    # then each comes from its place in the image
    strawberry, gql, first = output.split()
    assert strawberry.startswith(f"{machine.root}/venv/")
    assert gql == f"{machine.root}/app/gql/__init__.py"
    assert first == f"{machine.root}/app"


def check_contents(machine: Machine) -> None:
    installed = {path.name for path in (machine.root / "venv/lib").glob("python3*/site-packages/*")}
    assert not {"pip", "uv", "pytest", "mypy"} & installed
    assert not (machine.root / "app/tests").exists()
    sources = (machine.root / "app").rglob("*.py")
    assert [path for path in sources if not list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))] == []


@contextmanager
def started(machine: Machine, port: int, **environment: str) -> Iterator[None]:
    log = machine.root / "log"
    with log.open("w") as out:
        gateway = subprocess.Popen(
            machine.command("ENTRYPOINT") + json.loads(only("CMD")),
            cwd=machine.folder,
            env=machine.environment | environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(300):
            assert gateway.poll() is None, f"the gateway stopped:\n{log.read_text()}"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        gateway.terminate()
        gateway.wait(timeout=30)


def check_start(machine: Machine) -> None:
    # given the image, a database address in its data folder, and what it holds
    port = free_port()
    settings = {
        "PORTICO_DATABASE_URL": f"sqlite:///{machine.root}/data/portico.db",
        "PORTICO_PORT": str(port),
        "PORTICO_HOST": "127.0.0.1",
    }
    before = machine.frozen()
    # when it migrates and starts as the image says
    machine.run([*machine.command("ENTRYPOINT"), "migrate"], **settings)
    with started(machine, port, **settings):
        # then it is ready, is found healthy, and answers a query
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            assert answer.status == 200
        machine.run(machine.command("HEALTHCHECK"), **settings)
        query = urllib.request.Request(
            f"http://127.0.0.1:{port}/graphql",
            data=b'{"query": "{ __typename }"}',
            headers={"Content-Type": "application/json", "Accept": "application/graphql-response+json"},
        )
        with urllib.request.urlopen(query, timeout=5) as answer:
            assert json.load(answer)["data"] == {"__typename": "Query"}
    # and nothing of the image has changed
    assert machine.frozen() == before
    assert (machine.root / "data/portico.db").exists()


def test_the_image_runs_as_nobody_special_without_a_compiler() -> None:
    assert only("USER") == "10001:10001"
    assert only("FROM").startswith("python:3.11-slim")
    assert not [step for step in steps() if re.search(r"\b(gcc|build-essential|apt-get)\b", step.rest)]
    assert not [step for step in last_stage() if step.word == "RUN"]


def test_the_build_context_is_a_list_of_what_goes_in() -> None:
    lines = (TREE / ".dockerignore").read_text().splitlines()
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == {
        *("requirements.lock", "lifecycle", "storage", "planner", "resolvers", "gql", "server", "schema.graphql", "server/graphiql/dist")
    }
    copied = {shlex.split(step.rest)[0] for step in steps() if step.word == "COPY" and "--from=" not in step.rest}
    assert copied == {line[1:] for line in lines if line.startswith("!") and "dist" not in line}


Service = dict[str, Any]
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES: dict[str, Service] = COMPOSE["services"]


def of_profile(profile: str) -> set[str]:
    return {name for name, service in SERVICES.items() if service["profiles"] == [profile]}


def test_the_two_profiles() -> None:
    assert of_profile("embedded") == {"embedded-migrate", "embedded"}
    assert of_profile("scale") == {"postgres", "migrate", "gateway-1", "gateway-2", "proxy"}
    assert set(SERVICES) == of_profile("embedded") | of_profile("scale")


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]  # noqa: S108
    assert "privileged" not in service
    assert service["image"] == "portico" or service["user"].split(":")[0] not in {"0", "root"}


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_an_environment(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    assert [key for key in environment if re.search("PASSWORD|SECRET|TOKEN|KEY", key) and not key.endswith(("_FILE", "_DIR"))] == []
    assert [value for value in environment.values() if re.search(r"://[^/]*@", value)] == []


def test_every_secret_is_a_file_that_one_command_makes(tmp_path: Path) -> None:
    # given the folder alone
    shutil.copy(DOCKER / "new-secrets", tmp_path)
    # when the command runs twice
    subprocess.run([tmp_path / "new-secrets"], check=True)
    first = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run([tmp_path / "new-secrets"], check=True)
    # then every secret that the services mount is there, long, and kept
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == first
    assert {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()} == set(first)
    assert {Path(secret["file"]).parent.name for secret in COMPOSE["secrets"].values()} == {"secrets"}
    assert len(first["secret"]) == len(first["database_password"]) == 64
    assert first["database_url"] == f"postgresql://portico:{first['database_password']}@postgres:5432/portico"
    assert os.stat(tmp_path / "secrets").st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if service["image"] == "portico"])
def test_the_settings_of_a_gateway_are_accepted_in_production(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given the secrets and the variables that the service gets
    shutil.copy(DOCKER / "new-secrets", tmp_path)
    subprocess.run([tmp_path / "new-secrets"], check=True)
    for secret in SERVICES[name]["secrets"]:
        shutil.copy(tmp_path / "secrets" / secret["source"], tmp_path / secret["target"])
    for variable, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(
            variable, re.sub(r"\$\{\w+:-(.*)\}", r"\1", value).replace("/run/secrets", str(tmp_path)).replace("/data", str(tmp_path))
        )
    # when the gateway reads its settings
    settings = load_settings()
    # then it is in production, on the database of its profile, with the secret of the file
    assert settings.environment is Environment.PRODUCTION
    assert settings.secret_keys[0].get_secret_value() == (tmp_path / "secrets/secret").read_text()
    engine = "sqlite" if SERVICES[name]["profiles"] == ["embedded"] else "postgresql"
    assert settings.database_url.get_secret_value().startswith(f"{engine}://")


def test_gateways_start_after_the_migration_and_the_proxy_after_the_gateways() -> None:
    done = {"condition": "service_completed_successfully"}
    assert SERVICES["embedded"]["depends_on"] == {"embedded-migrate": done}
    assert SERVICES["gateway-1"]["depends_on"] == SERVICES["gateway-2"]["depends_on"] == {"migrate": done}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert set(SERVICES["proxy"]["depends_on"]) == {"gateway-1", "gateway-2"}


def test_the_proxy_passes_web_sockets_to_both_gateways() -> None:
    text = (DOCKER / "nginx.conf").read_text()
    assert re.findall(r"server (gateway-\d):8000", text) == ["gateway-1", "gateway-2"]
    assert "proxy_set_header Upgrade $http_upgrade;" in text
    assert "proxy_set_header Connection $connection_header;" in text
