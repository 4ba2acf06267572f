"""Binary traces from the text form of internal/trace/raw: `Trace Go1.22`, then `Event name=value ...` a line, frames and
`data="..."` on lines below. Numbers are written as short as they can be; sizes as the text gives them."""
import re


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def go_unquote(text):
    """The bytes of a Go string literal."""
    out = bytearray()
    escapes = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, "\\": 92, '"': 34, "'": 39}
    i = 1
    while i < len(text) - 1:
        if text[i] != "\\":
            out += text[i].encode()
            i += 1
        elif text[i + 1] == "x":
            out.append(int(text[i + 2:i + 4], 16))
            i += 4
        elif text[i + 1] in "uU":
            digits = 4 if text[i + 1] == "u" else 8
            out += chr(int(text[i + 2:i + 2 + digits], 16)).encode()
            i += 2 + digits
        elif text[i + 1] in "01234567":
            out.append(int(text[i + 1:i + 4], 8))
            i += 4
        else:
            out.append(escapes[text[i + 1]])
            i += 2
    return bytes(out)


def encode(text, types):
    """`types`: numbers of events by name."""
    lines = [line.split("#")[0] if "data=" not in line else line for line in text.splitlines()]
    lines = [line for line in lines if line.strip()]
    version = re.fullmatch(r"Trace Go1\.(\d+)\s*", lines[0])[1]
    out = bytearray(f"go 1.{version} trace\0\0\0".encode())
    for line in lines[1:]:
        if line.lstrip().startswith("data="):
            data = go_unquote(line.strip()[len("data="):])
            out += varint(len(data)) + data
            continue
        words = line.split()
        if "=" not in words[0]:
            out.append(types[words[0]])
            words = words[1:]
        for word in words:
            out += varint(int(word.split("=")[1]))
    return bytes(out)


def sections(path):
    """The files of a txtar archive by name."""
    parts = re.split(r"^-- (.+) --\n", path.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def fuzz_input(path):
    """The bytes of one `go test fuzz v1` file."""
    literal = path.read_text().splitlines()[1]
    return go_unquote(literal[len("[]byte("):-1])
