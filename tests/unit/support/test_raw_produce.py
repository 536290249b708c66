"""The raw producer's checksum, which a broker refuses to go without."""

import pytest

from tests.support.load.raw_produce import crc32c


@pytest.mark.parametrize(
    ("data", "checksum"),  # of RFC 3720, B.4
    [
        (b"", 0),
        (b"a", 0xC1D0_4330),
        (b"123456789", 0xE306_9283),
        (bytes(32), 0x8A91_36AA),
        (b"\xff" * 32, 0x62A8_AB43),
        (bytes(range(32)), 0x46DD_794E),
    ],
)
def test_crc32c_of_known_data(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum
