"""How much memory a process holds, and how much this machine has; no package is needed for it.

The limit on the engine is kept by looking, several times a second, and ending the process when it holds more. A limit
of the operating system on addresses (RLIMIT_AS) would not do: torch and CUDA reserve tens of gigabytes that they never
touch. Files mapped into memory, such as libraries and model weights, can be dropped by the system and do not count.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Optional

AUTOMATIC_SHARE = 0.75
"""Of this machine's memory, where the user set no limit."""

UNKNOWN_BYTES = 8 << 30


def held_bytes(pid: int) -> Optional[int]:
    """Return the memory that a process holds for itself; None where it is gone or cannot be asked."""
    try:
        if sys.platform == "win32":
            return _windows_bytes(pid)
        if sys.platform == "darwin":
            return _mac_bytes(pid)
        return _linux_bytes(pid)
    except (OSError, ValueError, AttributeError):
        return None


def machine_bytes() -> int:
    """Return this machine's memory."""
    try:
        if sys.platform == "win32":
            return _windows_machine()
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError, AttributeError):
        return UNKNOWN_BYTES


def limit_bytes(limit_gb: float) -> int:
    """Return the limit that the user set, in GB of 10⁹ bytes; 0 stands for a share of this machine's memory."""
    return int(limit_gb * 1e9) if limit_gb > 0 else int(machine_bytes() * AUTOMATIC_SHARE)


def _linux_bytes(pid: int) -> int:
    kilobytes = 0
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as lines:
        for line in lines:
            if line.startswith(("RssAnon:", "RssShmem:", "VmSwap:")):
                kilobytes += int(line.split()[1])
    return kilobytes * 1024


def _mac_bytes(pid: int) -> Optional[int]:
    """Return `ri_phys_footprint`, which Activity Monitor calls memory."""
    import ctypes

    usage = (ctypes.c_uint64 * 64)()  # struct rusage_info_v2 in <sys/resource.h>: 16 bytes of uuid, then 64-bit counts
    library: Any = ctypes.CDLL("/usr/lib/libproc.dylib", use_errno=True)
    if library.proc_pid_rusage(pid, 2, ctypes.byref(usage)) != 0:
        return None
    return int(usage[2 + 7])


def _windows_bytes(pid: int) -> Optional[int]:
    """Return the working set, from psapi's PROCESS_MEMORY_COUNTERS."""
    import ctypes

    windll: Any = ctypes.windll  # type: ignore[attr-defined,unused-ignore]
    query_limited, counters = 0x1000, (ctypes.c_size_t * 10)()
    windll.kernel32.OpenProcess.restype = ctypes.c_void_p
    handle = windll.kernel32.OpenProcess(query_limited, False, pid)
    if not handle:
        return None
    try:
        # two 32-bit numbers, cb and PageFaultCount, then PeakWorkingSetSize and WorkingSetSize
        size = ctypes.sizeof(counters)
        good = windll.psapi.GetProcessMemoryInfo(ctypes.c_void_p(handle), ctypes.byref(counters), 72)
        return int(counters[2]) if good and size >= 72 else None
    finally:
        windll.kernel32.CloseHandle(ctypes.c_void_p(handle))


def _windows_machine() -> int:
    import ctypes

    status = (ctypes.c_uint64 * 8)()  # MEMORYSTATUSEX: its length and the load, 32 bits each, then ullTotalPhys
    ctypes.cast(status, ctypes.POINTER(ctypes.c_uint32))[0] = 64
    windll: Any = ctypes.windll  # type: ignore[attr-defined,unused-ignore]
    windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status[1]) or UNKNOWN_BYTES
