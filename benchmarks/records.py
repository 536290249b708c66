"""The three kinds of records. Each carries its number, which identifies it in the output."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Shape:
    """A text with `digits` digits between two parts; no key. Reversed by code point."""

    name: str
    title: str
    count: int  # records in the preloaded topic
    digits: int
    before: str = ""
    after: str = ""
    headers: Headers = field(default_factory=list)

    def value(self, number: int) -> bytes:
        return f"{self.before}{number:0{self.digits}d}{self.after}".encode()

    def output(self, number: int) -> bytes:
        return f"{self.before}{number:0{self.digits}d}{self.after}"[::-1].encode()

    def number(self, output: bytes) -> int:
        """Of a reversed value. Raises ValueError where no number is."""
        begin = len(self.after.encode())
        return int(output[begin : begin + self.digits][::-1])

    def values(self) -> Iterator[tuple[int, bytes]]:
        for number in range(self.count):
            yield number, self.value(number)


def _http_headers() -> Headers:
    """As recorded from the http source with a partitioned output, for a POST by curl."""
    said = {
        "content-length": "61",
        "http_requestMethod": "POST",
        "host": "localhost:32125",
        "http_requestUrl": "http://localhost:32125/",
        "contentType": "text/plain;charset=UTF-8",
        "user-agent": "curl/7.88.1",
        "accept": '"*/*"',
    }
    kinds = {
        name: "java.lang.Long" if name == "content-length" else "java.lang.String" for name in said
    }
    said["scst_partition"] = "0"
    said["spring_json_header_types"] = json.dumps(kinds, separators=(",", ":"))
    return [(name, text.encode()) for name, text in said.items()]


def _order() -> str:
    """What follows the number in a JSON text of 1 KB."""
    items = [
        {"sku": f"AB-{4711 + n}", "quantity": n + 1, "price": 19.99 + n, "gift": n % 2 == 0}
        for n in range(12)
    ]
    rest = {
        "customer": {"name": "Ada Lovelace", "city": "London", "email": "ada@example.org"},
        "items": items,
    }
    text = "," + json.dumps(rest)[1:-1] + ',"note":"'
    return text + "x" * (1024 - len(text) - len('{"id":"123456789012"') - len('"}')) + '"}'


A = Shape("A", "40 bytes, ASCII, no headers", 2_000_000, 40)
B = Shape(
    "B",
    "UTF-8 text of 61 bytes with the nine headers of an http source",
    1_000_000,
    9,
    "주문 ",
    " 이 접수되었습니다, thank you so much",
    _http_headers(),
)
C = Shape("C", "1 KB of JSON, no headers", 1_000_000, 12, '{"id":"', '"' + _order())
SHAPES = (A, B, C)
