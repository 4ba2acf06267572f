"""A pprof profile as text that two tools can be compared by."""
import gzip


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 2:
            size, at = varint(data, at)
            yield key >> 3, data[at:at + size]
            at += size
        else:
            value, at = varint(data, at)
            yield key >> 3, value


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def numbers(values):
    for value in values:
        if isinstance(value, int):
            yield value
        else:
            at = 0
            while at < len(value):
                number, at = varint(value, at)
                yield number


def of(message, number):
    return [value for field, value in fields(message) if field == number]


class Profile:
    """`samples`: stacks as tuples of pcs, leaf first, and the values. `names`: by pc, the (function, file, line)s there."""

    def __init__(self, packed):
        data = gzip.decompress(packed)
        texts = [text.decode(errors="replace") for text in of(data, 6)]
        first = lambda message, number: (of(message, number) or [0])[0]
        functions = {first(f, 1): (texts[first(f, 2)], texts[first(f, 4)]) for f in of(data, 5)}
        locations, self.names = {}, {}
        for location in of(data, 4):
            pc = first(location, 3)
            lines = [(*functions[first(line, 1)], first(line, 2)) for line in of(location, 4)]
            locations[first(location, 1)] = pc
            self.names.setdefault(pc, set()).update(lines)
        self.types = [tuple(texts[first(t, n)] for n in (1, 2)) for t in of(data, 1)]
        self.samples = {}
        for sample in of(data, 2):
            stack = [locations[location] for location in numbers(of(sample, 1))]
            while stack and stack[-1] == 0:
                stack.pop()  # to go tool trace a place without pc is none when it compares, and one when it writes
            values = tuple(numbers(of(sample, 2)))
            known = self.samples.get(tuple(stack))
            self.samples[tuple(stack)] = values if known is None else tuple(map(sum, zip(known, values)))

    def text(self):
        lines = [" ".join("/".join(t) for t in self.types)]
        for stack, values in sorted(self.samples.items()):
            lines.append(f"{values} {' '.join(f'{pc:x}' for pc in stack)}")
        return "\n".join(lines) + "\n"
