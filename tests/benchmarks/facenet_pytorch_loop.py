"""The facenet-pytorch side of `compare_facenet_pytorch.py`; needs torch and facenet-pytorch only.

    python facenet_pytorch_loop.py LONGER_SIDE_OR_0 PHOTO...

It prints the seconds that each photo takes, as a JSON list. Loading the models and a first photo
are not in them.
"""

import json
import sys
import time

import torch
from facenet_pytorch import MTCNN, InceptionResnetV1
from PIL import Image


def main() -> None:
    side, paths = int(sys.argv[1]), sys.argv[2:]
    # As the README makes them, but for every face of a photo rather than the largest alone.
    mtcnn = MTCNN(keep_all=True)
    # The published weights are a download; random ones take the same time.
    resnet = InceptionResnetV1(pretrained=None).eval()
    seconds, faces = [], 0
    for path in [paths[0], *paths]:
        start = time.perf_counter()
        image = Image.open(path)
        if side:
            image.load()  # in full: nobody who follows its README knows of reduced decodes
            image.thumbnail((side, side))
        crops = mtcnn(image)
        if crops is not None:
            with torch.no_grad():
                resnet(crops)
        seconds.append(time.perf_counter() - start)
        faces += 0 if crops is None else len(crops)
    json.dump({"seconds": seconds[1:], "faces": faces}, sys.stdout)


if __name__ == "__main__":
    main()
