"""What the operating system knows of this process, read when somebody asks (``process_*`` of every Prometheus client).

On Linux the figures come from ``/proc``; elsewhere only those that ``resource`` and ``time`` can give are exposed. Of
the original's ``go_*`` families none apply to Python; the garbage collector and the interpreter have ``python_*`` ones.
"""

from __future__ import annotations

import gc
import os
import platform
import time

from dapr_core.telemetry.metrics import Registry

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def register(registry: Registry) -> None:
    """Declare the families of this process."""
    collect = registry.collect
    collect(
        "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", "counter", time.process_time
    )
    collect("process_resident_memory_bytes", "Resident memory size in bytes.", "gauge", lambda: _statm(1))
    collect("process_virtual_memory_bytes", "Virtual memory size in bytes.", "gauge", lambda: _statm(0))
    collect("process_open_fds", "Number of open file descriptors.", "gauge", _open_descriptors)
    collect("process_max_fds", "Maximum number of open file descriptors.", "gauge", _descriptor_limit)
    started = _start_time()
    collect(
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        "gauge",
        lambda: started,
    )
    collect(
        "python_gc_objects_collected_total",
        "Objects the garbage collector has freed.",
        "counter",
        lambda: sum(generation["collected"] for generation in gc.get_stats()),
    )
    collect(
        "python_gc_collections_total",
        "Runs of the garbage collector.",
        "counter",
        lambda: sum(generation["collections"] for generation in gc.get_stats()),
    )
    version = registry.gauge("python_info", "The interpreter that runs this process.", ("implementation", "version"))
    version.labels(platform.python_implementation(), platform.python_version()).set(1)


def _statm(column: int) -> float | None:
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[column]) * _PAGE
    except (OSError, ValueError, IndexError):
        return None


def _open_descriptors() -> float | None:
    try:
        return len(os.listdir("/proc/self/fd")) - 1  # listing them opens one
    except OSError:
        return None


def _descriptor_limit() -> float | None:
    try:
        import resource
    except ImportError:
        return None
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _start_time() -> float:
    try:
        with open("/proc/self/stat", "rb") as file:
            since_boot = int(file.read().rpartition(b")")[2].split()[19]) / _TICKS
        with open("/proc/stat", "rb") as file:
            boot = next(int(line.split()[1]) for line in file if line.startswith(b"btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return time.time() - time.process_time()
    return boot + since_boot
