#!/usr/bin/env python3
"""screen.py FRAUDTOP: what starting the dashboard and leaving it alone costs, in a pseudo-terminal.

First frame: from exec to the end of the first synchronised update (the program brackets its frames
with ESC[?2026h and ESC[?2026l). Bytes: what reaches the terminal each second after a warm-up, when
nothing changes but ages. The services are four on a loopback port where nobody listens. Prints the
lines that bench.h describes; ends with status 1 if the program shows no frame or does not quit."""
import fcntl
import os
import pty
import select
import signal
import socket
import statistics
import struct
import sys
import tempfile
import termios
import time

SIZE = (200, 50)
STARTS = 15
WARM_UP, SECONDS = 3, 5
FRAME_LIMIT_MS = 15  # DESIGN.md, section 7
BYTES_LIMIT = 3000  # UX.md: a frame at 200x50, at 1 Hz
CLOSED_PORT = 9
FRAME_END = b"\x1b[?2026l"


def fail(reason):
    sys.exit(f"screen: {reason}")


def write_configs(folder):
    """The empty configuration and one of services that refuse; their paths."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", CLOSED_PORT)) == 0:
            fail(f"something listens on 127.0.0.1:{CLOSED_PORT}; no service can be unreachable there")
    services = "".join(
        f'  - {{name: fraud-{name}, url: "http://127.0.0.1:{CLOSED_PORT}"}}\n' for name in ("eu", "us", "ap", "uk")
    )
    paths = []
    for name, text in (("empty", ""), ("four", "services:\n" + services)):
        paths.append(os.path.join(folder, name + ".yaml"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.write("version: 1\n" + text)
    return paths


def environment(folder):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "XDG_STATE_HOME": folder,
        "XDG_CONFIG_HOME": folder,
        "XDG_RUNTIME_DIR": folder,
    }


def start(command, env):
    """Runs a command in a terminal of its own. The clock starts in the child, right before exec."""
    ours, theirs = os.pipe()
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        os.write(theirs, struct.pack("dd", time.monotonic(), time.process_time()))
        try:
            os.execve(command[0], command, env)
        finally:
            os._exit(127)
    os.close(theirs)
    started, spent = struct.unpack("dd", os.read(ours, 16))
    os.close(ours)
    return pid, fd, started, spent


def processor_seconds(pid):
    """Of all threads, or None where the kernel does not say."""
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    except OSError:
        return None
    return total / 1e9


def read_until(fd, end):
    """What arrives before the moment `end`, in pieces: (when, bytes)."""
    while (now := time.monotonic()) < end:
        if not select.select([fd], [], [], end - now)[0]:
            return
        try:
            data = os.read(fd, 65536)
        except OSError:
            return
        if not data:
            return
        yield time.monotonic(), data


def stop(pid, fd):
    """Quits by the key, as a person would, and reaps."""
    os.write(fd, b"q")
    for _ in read_until(fd, time.monotonic() + 3):
        pass
    os.close(fd)
    for _ in range(100):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            if os.waitstatus_to_exitcode(status) != 0:
                fail(f"the program ended with {os.waitstatus_to_exitcode(status)} after q")
            return
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    fail("the program does not quit on q")


def first_frame(command, env):
    """Milliseconds to the first frame by the clock, and of processor time (None: unknown)."""
    pid, fd, started, spent = start(command, env)
    seen, ended = b"", None
    for when, data in read_until(fd, started + 5):
        seen += data
        if FRAME_END in seen:
            ended, busy = when, processor_seconds(pid)
            break
    frame = seen.split(FRAME_END)[0]
    if ended is None or b"fraudtop" not in frame:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        fail(f"no first frame with the program's name within 5 s: {seen[:200]!r}")
    stop(pid, fd)
    return (ended - started) * 1000, busy and (busy - spent) * 1000


def first_byte_ms(command, env):
    pid, fd, started, _ = start(command, env)
    when = next((when for when, _ in read_until(fd, started + 5)), None)
    os.close(fd)
    os.waitpid(pid, 0)
    if when is None:
        fail(f"{command[0]} printed nothing")
    return (when - started) * 1000


def quiet_bytes(command, env):
    """Bytes in each second after the warm-up."""
    pid, fd, started, _ = start(command, env)
    counts = [0] * SECONDS
    for when, data in read_until(fd, started + WARM_UP + SECONDS):
        second = int(when - started - WARM_UP)
        if when - started >= WARM_UP and second < SECONDS:
            counts[second] += len(data)
    stop(pid, fd)
    return counts


def line(what, values, unit, peer, limit, spread=True):
    value = statistics.median(values)
    range_ = f"{50 * (max(values) - min(values)) / value:.1f} %" if spread and value > 0 else ""
    print(f"{what}\t{value:.4g}\t{unit}\t{range_}\t{peer}\t{limit:.4g}\t{value / limit:.3g}", flush=True)


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        env = environment(folder)
        empty, four = ([program, "-c", path] for path in write_configs(folder))
        # What starting any program costs, and what loading the libraries does.
        floors = {("/bin/echo", "fraudtop"): [], (program, "--version"): []}
        starts = {"empty configuration": [], "4 services refusing": []}
        for _ in range(STARTS):
            for command, times in floors.items():
                times.append(first_byte_ms(list(command), env))
            for name, command in zip(starts, (empty, four)):
                starts[name].append(first_frame(command, env))
        limit = "limit of DESIGN.md"
        for name, pairs in starts.items():
            line(f"first frame, {name}", [clock for clock, _ in pairs], "ms", limit, FRAME_LIMIT_MS)
            if all(busy is not None for _, busy in pairs):
                line("  of it processor time", [busy for _, busy in pairs], "ms", limit, FRAME_LIMIT_MS)
        for command, times in floors.items():
            name = " ".join((os.path.basename(command[0]), *command[1:]))
            line(f"  first byte of `{name}`", times, "ms", limit, FRAME_LIMIT_MS)
        budget = "budget of UX.md"
        line("quiet screen 200x50, empty", quiet_bytes(empty, env), "bytes/s", budget, BYTES_LIMIT, False)
        line("quiet screen 200x50, 4 refusing", quiet_bytes(four, env), "bytes/s", budget, BYTES_LIMIT, False)


main()
