"""An open page in every look: narrow and wide, light and dark. To open it anew for each would show the same."""

from collections.abc import Iterator, Sequence
from itertools import product

from playwright.sync_api import Page

SCHEMES = ("light", "dark")
NARROW, WIDE = 390, 1280


def in_looks(page: Page, *, widths: Sequence[int] = (NARROW, WIDE)) -> Iterator[tuple[int, str]]:
    """The page's looks by width in pixels and colour scheme, each for as long as the loop is at it."""
    page.wait_for_load_state("networkidle")
    for width, scheme in product(widths, SCHEMES):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour on its way to another
        yield width, scheme
