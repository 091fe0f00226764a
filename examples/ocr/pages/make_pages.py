#!/usr/bin/python3
"""make_pages.py TEXTS OUT: each TEXTS/name.txt becomes OUT/name.png, 600 by 400 pixels, 8-bit grey,
with the same text beside it as OUT/name.txt for whoever wants to compare."""

import pathlib
import shutil
import sys

from PIL import Image, ImageDraw, ImageFont

SIZE = (600, 400)
MARGIN = 24
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
FONT_PIXELS = 15
LINE_PIXELS = 22


def wrap(text, font, width):
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            yield line
            longer = word
        line = longer
    yield line


def draw(text):
    font = ImageFont.truetype(FONT, FONT_PIXELS)
    page = Image.new("L", SIZE, color=255)
    pen = ImageDraw.Draw(page)
    y = MARGIN
    for line in wrap(text, font, SIZE[0] - 2 * MARGIN):
        pen.text((MARGIN, y), line, font=font, fill=0)
        y += LINE_PIXELS
    if y > SIZE[1] - MARGIN // 2:
        sys.exit(f"the text is too long for the page: {text[:40]}...")
    return page


def main(texts, out):
    out.mkdir(parents=True, exist_ok=True)
    sources = sorted(texts.glob("*.txt"))
    for source in sources:
        draw(source.read_text()).save(out / f"{source.stem}.png", dpi=(96, 96))
        shutil.copyfile(source, out / source.name)
    (out / "made").write_text(f"{len(sources)} pages\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
