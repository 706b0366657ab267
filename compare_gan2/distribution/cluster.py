"""The worker processes of a run on several machines, as given by `--workers` or `TF_CONFIG`."""

import dataclasses
import json

from compare_gan2.ground.errors import ConfigError

HOSTS = ("chief", "worker")  # jobs of TF_CONFIG that train; the chief, where it has a job of its own, is worker 0


@dataclasses.dataclass(frozen=True)
class Cluster:
    """All workers, and which of them this process is.

    Attributes:
        workers: addresses "host:port", the same in every process.
        index: of this process; worker 0 is the chief, the only one that writes.
        option: what named them, for messages.
    """

    workers: tuple
    index: int
    option: str

    @property
    def is_chief(self):
        return self.index == 0

    def name(self, index):
        """Text that names a worker in messages."""
        return f"worker {index} ({self.workers[index]})"

    def address(self, index):
        """(host, port) of a worker."""
        host, _, port = self.workers[index].rpartition(":")
        return host.strip("[]"), int(port)


def cluster_of(workers=None, worker_index=None, tf_config=None):
    """`Cluster` of this process; None for a run of one process.

    Args:
        workers: addresses from the flag; None or empty: those of `tf_config`.
        worker_index: from the flag, position of this process in `workers`.
        tf_config: text of the environment variable TF_CONFIG, None or empty if it is not set.

    Raises:
        ConfigError: if they contradict each other, or name no worker for this process.
    """
    if workers:
        if worker_index is None:
            raise ConfigError(f"--worker_index: expected the position of this process in --workers={','.join(workers)}")
        return _cluster(workers, worker_index, "--workers", "--worker_index")
    if worker_index is not None:
        raise ConfigError(f"--worker_index: expected --workers=HOST:PORT,HOST:PORT,... beside it, got {worker_index}")
    return _from_tf_config(tf_config) if tf_config else None


def _from_tf_config(text):
    example = '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"TF_CONFIG: expected JSON such as {example}, got {text!r} ({error})") from error
    jobs = config.get("cluster") if isinstance(config, dict) else None
    if not isinstance(jobs, dict) or not all(isinstance(jobs.get(job, []), list) for job in HOSTS):
        raise ConfigError(f"TF_CONFIG: expected a 'cluster' with a list of workers, such as {example}, got {text}")
    workers = [worker for job in HOSTS for worker in jobs.get(job, [])]
    task = config.get("task")
    if not isinstance(task, dict) or "type" not in task or "index" not in task:
        raise ConfigError(f"TF_CONFIG: expected a 'task' with 'type' and 'index', such as {example}, got {text}")
    if task["type"] not in HOSTS:
        raise ConfigError(f"TF_CONFIG: expected the task type 'chief' or 'worker', got {task['type']!r}")
    index = task["index"]
    if type(index) is int and 0 <= index < len(jobs.get(task["type"], [])) and task["type"] == "worker":
        index += len(jobs.get("chief", []))
    elif type(index) is not int or not 0 <= index < len(jobs.get(task["type"], [])):
        raise ConfigError(
            f"TF_CONFIG: expected the index of one of the {len(jobs.get(task['type'], []))} tasks of type "
            f"{task['type']!r} (0 is the first), got {index!r}"
        )
    return _cluster(workers, index, "TF_CONFIG", "TF_CONFIG")


def _cluster(workers, index, option, index_option):
    for worker in workers:
        host, colon, port = worker.rpartition(":") if isinstance(worker, str) else ("", "", "")
        if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
            raise ConfigError(f"{option}: expected workers as HOST:PORT, got {worker!r}")
    if len(set(workers)) < len(workers):
        raise ConfigError(f"{option}: expected every worker once, got {', '.join(workers)}")
    if not 0 <= index < len(workers):
        raise ConfigError(f"{index_option}: expected 0 to {len(workers) - 1} for {len(workers)} workers, got {index}")
    return Cluster(tuple(workers), index, option) if len(workers) > 1 else None
