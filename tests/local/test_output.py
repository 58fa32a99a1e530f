"""Lines of several programs on one terminal."""

import os
import re
import threading

from local.output import LONGEST_LINE, Terminal, TerminalOutput


def write_all(output: TerminalOutput, text: bytes) -> threading.Thread:
    """Write the text as a program would, in a thread."""
    with output.open() as (descriptor, _):
        copy = os.dup(descriptor)

    def write() -> None:
        with open(copy, "wb") as file:
            file.write(text)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def read_all(read_end: int, write_end: int, terminal: Terminal, *outputs: TerminalOutput) -> list[str]:
    """What the terminal got, once every program has closed its output."""

    def close() -> None:
        for output in outputs:
            output._reader.join()
        terminal.close()
        os.close(write_end)

    threading.Thread(target=close).start()
    with open(read_end) as file:
        return file.read().splitlines()


def test_lines_longer_than_the_terminal_takes_at_once_stay_whole():
    read_end, write_end = os.pipe()
    terminal = Terminal(["web", "beat"], write_end)
    web, beat = (TerminalOutput(terminal, name) for name in ("web", "beat"))
    writers = [write_all(web, (b"w" * 50_000 + b"\n") * 50), write_all(beat, (b"b" * 50_000 + b"\n") * 50)]
    lines = read_all(read_end, write_end, terminal, web, beat)
    assert len(lines) == 100
    assert {re.sub(r"^\S+ ", "", line) for line in lines} == {"web  | " + "w" * 50_000, "beat | " + "b" * 50_000}
    for writer in writers:
        writer.join()


def test_a_line_without_an_end_is_broken_and_strange_bytes_are_replaced():
    read_end, write_end = os.pipe()
    terminal = Terminal(["web"], write_end)
    web = TerminalOutput(terminal, "web")
    terminal.say("The supervisor’s own.")
    writer = write_all(web, b"\n\xff\r\n" + b"x" * (LONGEST_LINE + 1))
    lines = read_all(read_end, write_end, terminal, web)
    assert "The supervisor’s own." in lines
    assert [line.split("| ")[1] for line in lines if "|" in line] == ["\ufffd", "x" * LONGEST_LINE, "x"]
    assert web.last_lines()[0] == "\ufffd"
    writer.join()
