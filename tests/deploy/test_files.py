"""The files of `deploy/` and the Dockerfile: valid by schema, and true to the service."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from container_image import PACKAGES, ROOT, STOPPED_WITHIN_S
from deploy_files import documents, kubernetes

from service import __version__
from service.settings import Settings

COMPOSE = ("compose.yaml", "deploy/compose.yaml")
DOCS = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
UNIT = ROOT / "deploy/systemd/tweet-embed.service"


def run(*words: str | Path) -> str:
    """Run a checker of this environment; return what it says, fail where it finds something."""
    beside = Path(sys.executable).parent / str(words[0])
    tool = beside if beside.exists() else str(words[0])
    done = subprocess.run([tool, *map(str, words[1:])], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def is_setting(name: str) -> bool:
    """Return whether the service, or the library that speaks to X, reads a variable."""
    standard = {"HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"}
    return name in {each.name for each in Settings.variables()} | standard


# --- the image ---


def test_what_the_image_copies_is_let_through_and_nothing_else() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", lines, re.MULTILINE)
    let_through = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)

    assert {each for line in copied for each in line.split()} == {*let_through}


# --- the page of the docs ---


def test_the_page_tells_of_every_file() -> None:
    told = re.findall(r"^\| `(.+?)` \|", DOCS, re.MULTILINE)
    files = [path for path in (ROOT / "deploy").rglob("*") if path.is_file()]
    listed = [path for path in files if any(ROOT / each in (path, *path.parents) for each in told)]

    assert all((ROOT / each).exists() for each in told)
    tools = {ROOT / "deploy/image/tools.in", ROOT / "deploy/image/tools.lock"}
    assert set(files) - set(listed) == tools
    assert "deploy/image/tools.lock" in DOCS


def test_what_the_checks_want_is_installed_by_ci() -> None:
    (packages,) = re.findall(r"^apt-get install (.+)$", DOCS, re.MULTILINE)
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")

    assert set(PACKAGES.values()) < set(packages.split()) < set(re.split(r"[\s;]+", script))


# --- Dockerfile ---


def test_the_dockerfile_is_clean() -> None:
    assert run("hadolint", ROOT / "Dockerfile") == ""


def test_the_image_is_labelled_with_this_version() -> None:
    assert f'org.opencontainers.image.version="{__version__}"' in (ROOT / "Dockerfile").read_text(
        encoding="utf-8"
    )


# --- compose ---


@pytest.mark.parametrize("path", COMPOSE)
def test_compose_files_follow_the_specification(path: str) -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / path)


@pytest.mark.parametrize("path", COMPOSE)
def test_compose_passes_keys_and_proxies_and_listens_to_this_machine_alone(path: str) -> None:
    service = documents(path)[0]["services"]["tweet-embed"]

    assert service["ports"] == ["127.0.0.1:8080:8080"]
    assert all(map(is_setting, service["environment"]))
    assert {"HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "TWEET_EMBED_API_KEYS"} <= {
        *service["environment"]
    }


def test_compose_on_a_server_lets_it_stop() -> None:
    service = documents("deploy/compose.yaml")[0]["services"]["tweet-embed"]

    assert int(service["stop_grace_period"].removesuffix("s")) > STOPPED_WITHIN_S
    assert (ROOT / "deploy" / service["build"]).resolve() == ROOT


# --- Kubernetes ---


@pytest.mark.parametrize("version", ["1.25", "1.37"])
@pytest.mark.parametrize(
    "path", sorted((ROOT / "deploy/kubernetes").iterdir()), ids=lambda path: path.name
)
def test_manifests_follow_the_schema_of_kubernetes(path: Path, version: str) -> None:
    said = run("kubernetes-validate", "--strict", "--kubernetes-version", version, path)

    assert f"{path.name} passed" in said
    assert "WARN" not in said


def pod() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the pod of the StatefulSet and its one container."""
    spec = kubernetes("StatefulSet")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    return spec, container


def test_the_pod_meets_the_restricted_standard() -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted"""
    spec, container = pod()

    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
    assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
    assert all("emptyDir" in volume for volume in spec["volumes"])


def test_service_links_and_tokens_are_off() -> None:
    spec, _ = pod()

    assert spec["enableServiceLinks"] is False
    assert spec["automountServiceAccountToken"] is False


def test_everything_selects_the_pods() -> None:
    replicas, budget = kubernetes("StatefulSet")["spec"], kubernetes("PodDisruptionBudget")["spec"]
    labels = replicas["template"]["metadata"]["labels"].items()

    assert replicas["selector"]["matchLabels"].items() <= labels
    assert budget["selector"]["matchLabels"].items() <= labels
    assert budget["maxUnavailable"] < replicas["replicas"]
    for name in ("tweet-embed", replicas["serviceName"]):
        service = kubernetes("Service", name)["spec"]
        assert service["selector"].items() <= labels
        assert [each["targetPort"] for each in service["ports"]] == [
            each["name"] for each in pod()[1]["ports"]
        ]


def test_what_was_taken_down_outlives_the_pod() -> None:
    _, container = pod()
    claims = {
        each["metadata"]["name"]
        for each in kubernetes("StatefulSet")["spec"]["volumeClaimTemplates"]
    }

    assert [each["name"] for each in container["volumeMounts"] if each["mountPath"] == "/data"] == [
        *claims
    ]


def test_probes_ask_what_the_service_answers() -> None:
    _, container = pod()
    documented = (
        json.loads((ROOT / "openapi.json").read_text())
        if (ROOT / "openapi.json").exists()
        else None
    )
    asked = {
        name: container[name]["httpGet"]["path"]
        for name in ("startupProbe", "readinessProbe", "livenessProbe")
    }

    assert asked == {
        "startupProbe": "/livez",
        "readinessProbe": "/readyz",
        "livenessProbe": "/livez",
    }
    assert documented is None or set(asked.values()) <= documented["paths"].keys()


def test_a_pod_has_time_to_stop() -> None:
    spec, container = pod()
    program, seconds = container["lifecycle"]["preStop"]["exec"]["command"]

    assert program == "sleep"
    assert spec["terminationGracePeriodSeconds"] > int(seconds) + STOPPED_WITHIN_S


def test_the_settings_of_the_pod_are_settings() -> None:
    Settings.from_env(kubernetes("ConfigMap")["data"])


# --- systemd ---


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="wants the Debian package systemd"
)
def test_the_unit_is_valid_and_exposes_little(tmp_path: Path) -> None:
    installed = tmp_path / UNIT.name
    installed.write_text(
        UNIT.read_text().replace("/opt/tweet-embed/bin/tweet-embed", "/bin/true")
    )  # so that it is there

    assert run("systemd-analyze", "verify", "--man=no", installed) == ""
    told = run(
        "systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", UNIT
    )
    (exposure,) = re.findall(r"exposure level .*: ([0-9.]+)", told)
    assert float(exposure) <= 2.0


def test_the_unit_names_settings_that_exist() -> None:
    assert all(
        map(is_setting, re.findall(r"^Environment=([A-Z_]+)=", UNIT.read_text(), re.MULTILINE))
    )
