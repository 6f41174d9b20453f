"""What the files of `deploy/` say, read as their orchestrators read them."""

from typing import Any

import yaml
from container_image import ROOT, Sandbox

_UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}
DOCKER_TMPFS = "noexec,mode=1777"


def documents(path: str) -> list[dict[str, Any]]:
    """Return the YAML documents of a file of the repository."""
    return list(yaml.safe_load_all((ROOT / path).read_text(encoding="utf-8")))


def kubernetes(kind: str, name: str = "tweet-embed") -> dict[str, Any]:
    """Return the manifest of a kind and name."""
    manifests = [
        each
        for path in sorted((ROOT / "deploy/kubernetes").iterdir())
        for each in documents(str(path))
    ]
    (found,) = [
        each for each in manifests if (each["kind"], each["metadata"]["name"]) == (kind, name)
    ]
    return found


def size(text: str) -> int:
    """Return the bytes of `512m` or `512Mi`."""
    unit = next(unit for unit in sorted(_UNITS, key=len, reverse=True) if text.endswith(unit))
    return int(text.removesuffix(unit)) * _UNITS[unit]


def compose_sandbox(path: str) -> Sandbox:
    """Return what a compose file lets the service do."""
    service = documents(path)[0]["services"]["tweet-embed"]
    assert service["cap_drop"] == ["ALL"]
    tmpfs = {
        each.partition(":")[0]: each.partition(":")[2] or DOCKER_TMPFS for each in service["tmpfs"]
    }
    return Sandbox(
        read_only=service["read_only"],
        no_new_privileges="no-new-privileges:true" in service["security_opt"],
        capabilities=(),
        tmpfs=tmpfs,
        memory_bytes=size(service["mem_limit"]),
    )


def kubernetes_sandbox() -> Sandbox:
    """Return what the StatefulSet lets the service do, with the settings of its ConfigMap."""
    pod = kubernetes("StatefulSet")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    context = container["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    mounted = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    in_memory = [each for each in pod["volumes"] if each["emptyDir"].get("medium") == "Memory"]
    return Sandbox(
        read_only=context["readOnlyRootFilesystem"],
        no_new_privileges=not context["allowPrivilegeEscalation"],
        capabilities=(),
        tmpfs={
            mounted[each["name"]]: f"mode=1777,size={size(each['emptyDir']['sizeLimit'])}"
            for each in in_memory
        },
        memory_bytes=size(container["resources"]["limits"]["memory"]),
        user=(pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]),
        environment=kubernetes("ConfigMap")["data"],
    )


def service_links() -> dict[str, str]:
    """Return the variables that Kubernetes makes of our Service, for pods that do not switch
    them off.

    https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    """
    service = kubernetes("Service")
    prefix = service["metadata"]["name"].upper().replace("-", "_")
    (port,) = service["spec"]["ports"]
    address, number = "10.0.0.11", str(port["port"])
    return {
        f"{prefix}_SERVICE_HOST": address,
        f"{prefix}_SERVICE_PORT": number,
        f"{prefix}_SERVICE_PORT_{port['name'].upper()}": number,
        f"{prefix}_PORT": f"tcp://{address}:{number}",
        f"{prefix}_PORT_{number}_TCP": f"tcp://{address}:{number}",
        f"{prefix}_PORT_{number}_TCP_PROTO": "tcp",
        f"{prefix}_PORT_{number}_TCP_PORT": number,
        f"{prefix}_PORT_{number}_TCP_ADDR": address,
    }
