"""How thumbnails are decoded, beside everything else that Qt decodes."""

import subprocess
import sys

from PIL import Image

DECODES = """
import sys, threading
from pathlib import Path
from PySide6.QtGui import QGuiApplication, QPixmap, QPixmapCache
from photoclust.gui.thumbnails import _decoded

app = QGuiApplication([])
QPixmapCache.setCacheLimit(0)
photo, icon = Path(sys.argv[1]), sys.argv[2]
jpeg = photo.read_bytes()
sizes, done = set(), threading.Event()

def decode():
    for _ in range(300):
        sizes.add(_decoded(jpeg).size().toTuple())
    done.set()

threading.Thread(target=decode, daemon=True).start()
while not done.is_set():
    assert not QPixmap(icon).isNull()
print(sizes, _decoded(b"no picture").isNull())
"""


def test_a_picture_is_decoded_while_the_window_opens_icons(tmp_path):
    photo, icon = tmp_path / "photo.jpg", tmp_path / "icon.png"
    Image.effect_noise((64, 48), 50).save(photo)
    Image.effect_noise((16, 16), 50).save(icon)
    done = subprocess.run(
        [sys.executable, "-c", DECODES, photo, icon],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,  # it stood still for ever where reading asked Python for every piece
    )
    assert done.stdout.splitlines() == ["{(64, 48)} True"]
