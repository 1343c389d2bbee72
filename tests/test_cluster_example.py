"""The Kubernetes example: fields that Dask's operator and Kubernetes read, and a command that `graft` understands."""

from __future__ import annotations

from pathlib import Path

import pytest

from graft_plugin.engine.cli import build_parser
from graft_plugin.engine.request_base import check_cluster

yaml = pytest.importorskip("yaml")
FILE = Path(__file__).resolve().parents[1] / "docs" / "cluster" / "graft.yaml"


def test_the_manifests_fit_each_other_and_the_command():
    claim, cluster, job = yaml.safe_load_all(FILE.read_text(encoding="utf-8"))
    kinds = [(part["apiVersion"], part["kind"]) for part in (claim, cluster, job)]
    assert kinds == [("v1", "PersistentVolumeClaim"), ("kubernetes.dask.org/v1", "DaskCluster"), ("batch/v1", "Job")]
    name, spec = cluster["metadata"]["name"], cluster["spec"]
    assert spec["scheduler"]["service"]["selector"] == {
        "dask.org/cluster-name": name, "dask.org/component": "scheduler",
    }  # fmt: skip
    assert isinstance(spec["worker"]["replicas"], int)
    (worker,), (scheduler,) = (spec[role]["spec"]["containers"] for role in ("worker", "scheduler"))
    (client,) = job["spec"]["template"]["spec"]["containers"]
    assert worker["image"] == scheduler["image"] == client["image"]
    assert (worker["name"], scheduler["name"]) == ("worker", "scheduler")
    assert worker["volumeMounts"] == client["volumeMounts"] and worker["env"] == client["env"]
    for pod in (spec["worker"]["spec"], job["spec"]["template"]["spec"]):
        assert [volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"]] == [
            claim["metadata"]["name"]
        ]
    ports = {port["name"]: port["containerPort"] for port in scheduler["ports"]}
    for port in spec["scheduler"]["service"]["ports"]:
        assert ports[port["targetPort"]] == port["port"]
    program, *words = client["args"]
    asked = build_parser().parse_args(words)
    check_cluster(asked.cluster)
    assert (program, asked.cluster) == ("graft", f"tcp://{name}-scheduler:{ports['tcp-comm']}")
    mount = worker["volumeMounts"][0]["mountPath"]
    assert all(str(path).startswith(f"{mount}/") for path in (asked.out, *asked.sources))


def test_a_worker_of_the_example_starts():
    pytest.importorskip("distributed")
    from click.testing import CliRunner
    from distributed.cli.dask_worker import main

    _claim, cluster, _job = yaml.safe_load_all(FILE.read_text(encoding="utf-8"))
    _dask, _worker, *options = cluster["spec"]["worker"]["spec"]["containers"][0]["args"]
    known = {name for option in main.params for name in (*option.opts, *option.secondary_opts)}
    assert {word for word in options if word.startswith("--")} <= known
    assert CliRunner().invoke(main, ["--help"]).exit_code == 0
